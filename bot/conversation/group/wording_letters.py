"""What staff read when nobody comes, in letters and in their group: ids and their English.

French and Arabic stand in the staff catalogs under the same ids.

Rule 1: a letter says that something waits, and nothing of whom or what: it is read on a phone that others see.
"""

LETTER_WORDING: dict[str, str] = {
    "letter.waits.subject": "A case waits",
    "letter.waits": "A case waits for an answer.",
    "letter.yours.subject": "A case waits for you",
    "letter.yours": "A case that you have taken waits for an answer.",
    "letter.left.subject": "A case waits",
    "letter.left": "A case that a colleague has taken waits for an answer.",
    "letter.group.subject": "The group cannot be reached",
    "letter.group": "The caseworkers’ group cannot be reached. Cases are at the desk.",
    "letter.test.subject": "A test",
    "letter.test": "This is a test. E-mail arrives.",
    # in the group
    "topic.alerted.team": "Nobody has this case yet. {team} was told.",
    "topic.alerted.second-line": "Nobody has this case yet. The second line was told.",
    "topic.alerted.on-call": "Nobody has this case yet. Who is on call was told.",
    "topic.letters-stuck": "E-mail to staff does not go out. Please look at this group and at the desk more often.",
    # below every letter
    "letter.foot": "A machine wrote this. Nobody reads what you answer here.",
}
