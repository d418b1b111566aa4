"""A difference tells everything that changed, in words, with the names that people read."""

import random

import pytest
from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.studio.comparing.changes import Change, Words
from bot.studio.comparing.difference import difference
from tests.checks.bundles import CLEAN, clean

FRENCH = "locales/fr/LC_MESSAGES/flows.po"
PO = """msgid ""
msgstr ""
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

#. for staff
#: flows/try.yaml:2
msgctxt "try:title"
msgid "Try"
msgstr "Essai"

# said at once
msgctxt "try.how"
msgid "How is it?"
msgstr "Comment ça va ?"

msgctxt "try.how.well"
msgid "Well"
msgstr "Bien"
"""
TRY = """flow: try
title: Try
steps:
  # first
  - ask: how
    text: How is it?
    choices: {well: Well, bad: Bad, unsure: Not sure}
    go: {bad: sorry}
  - say: fine
    text: That is fine.
  - decide: path
    rows:
      - {if: how is well, go: fine, source: GUIDE}
      - {go: sorry, source: GUIDE}
  - say: sorry
    text: That is bad.
  - if: how is bad
    call: danger
  - end
"""
BEFORE = clean(**{"try": TRY}).with_file(FRENCH, PO)


def changed(path: str, old: str, new: str) -> tuple[Change, ...]:
    """The difference that one replacement makes."""
    assert old in BEFORE[path]
    return difference(BEFORE, BEFORE.with_file(path, BEFORE[path].replace(old, new, 1)))


def told(changes: tuple[Change, ...]) -> list[str]:
    """The ids of the sentences."""
    return [change.says.id.removeprefix("difference.") for change in changes]


def names(value: object) -> object:
    """A value with the English names only."""
    if isinstance(value, Words):
        return (value.id.removeprefix("difference."), *(names(part) for part in value.values.values()))
    return getattr(value, "said", {}).get("en") or getattr(value, "id", value)


def test_the_same_has_no_difference():
    assert difference(BEFORE, BEFORE) == ()


def test_a_choice_that_leads_elsewhere_is_said_with_both_ends():
    (change,) = changed("flows/try.yaml", "{bad: sorry}", "{bad: sorry, unsure: danger}")

    assert change.says.id == "difference.choice-leads"
    assert names(change.says.values["flow"]) == "Try"
    assert names(change.says.values["choice"]) == "Not sure"
    assert names(change.says.values["to"]) == ("to.flow", names(change.says.values["to"])[1])
    assert names(change.says.values["was"]) == ("to.next", "That is fine.")
    assert (change.flow, change.step, change.path) == ("try", "how", ("steps", "@how", "go", "unsure"))


def test_a_text_stands_beside_its_translations_and_shows_which_was_left_behind():
    (change,) = changed("flows/try.yaml", "How is it?", "How are you?")

    assert [(beside.language, beside.before, beside.after, beside.state) for beside in change.texts] == [
        ("en", "How is it?", "How are you?", "changed"),
        ("fr", "Comment ça va ?", "Comment ça va ?", "stale"),
    ]


def test_a_translation_alone_is_told_at_its_step():
    (change,) = changed(FRENCH, "Comment ça va ?", "Comment vous sentez-vous ?")

    assert (change.says.id, change.flow, change.step) == ("difference.text-of-step.changed", "try", "how")
    assert [(beside.language, beside.state) for beside in change.texts] == [("en", "same"), ("fr", "changed")]


def test_a_comment_and_a_condition_are_told_both():
    text = TRY.replace("# first", "# first of all").replace("how is well", "how is well/unsure")
    changes = difference(BEFORE, BEFORE.with_file("flows/try.yaml", text))

    assert told(changes) == ["row-if", "comments"]
    assert names(changes[0].says.values["value"]) == ("if.is", "How is it?", ("or", "Well", "Not sure"))
    assert names(changes[0].says.values["was"]) == ("if.is", "How is it?", "Well")


@pytest.mark.parametrize(
    ("path", "old", "new", "ids"),
    [
        ("flows/try.yaml", "  - say: fine\n    text: That is fine.\n", "", ["step-removed"]),
        ("flows/try.yaml", "  - end\n", "  - say: bye\n    text: Bye.\n  - end\n", ["step-added"]),
        ("flows/try.yaml", "say: fine\n", "say: good\n", ["step-renamed"]),
        ("flows/try.yaml", "bad: Bad, ", "", ["choice-removed"]),
        ("flows/try.yaml", "bad: Bad, ", "bad: Bad, so-so: So so, ", ["choice-added"]),
        ("flows/try.yaml", "well: Well, bad: Bad", "bad: Bad, well: Well", ["choices-order"]),
        ("flows/try.yaml", "  - if: how is bad\n    call", "  - call", ["if-removed"]),
        ("flows/try.yaml", "if: how is bad", "if: how is well", ["if-changed"]),
        ("flows/try.yaml", "call: danger", "call: where", ["way.call"]),
        ("flows/try.yaml", "go: sorry, source: GUIDE", "go: end, source: GUIDE", ["row-leads"]),
        ("flows/try.yaml", "{go: sorry, source: GUIDE}", "{go: sorry, source: [GUIDE, LAW]}", ["step-field"]),
        ("flows/try.yaml", "title: Try", "title: Tried", ["title"]),
        ("flows/try.yaml", "title: Try", "title: Try\nsensitive: yes", ["flow-field"]),
        ("flows/try.yaml", "steps:\n", "steps: [\n", ["file-broken"]),
        ("flows/try.yaml", "title: Try\n", "title: Try \n", ["other-lines"]),
        ("flows/directory.yaml", '["15"]', '["16"]', ["contact.phone.changed"]),
        ("flows/directory.yaml", "expires: 2027-01-31", "expires: 2027-02-28", ["contact.expires.changed"]),
        ("flows/directory.yaml", "    verified-by: amina\n", "", ["contact.verified-by.removed"]),
        ("flows/directory.yaml", "hours: always", "hours: [{days: sun-thu, open: 08:30-16:30}]", ["contacts-field"]),
        ("flows/directory.yaml", "name: The helpers", "name: Helpers", ["text.changed"]),
        ("flows/words.yaml", "stop w0, ", "", ["list-gone"]),
        ("flows/words.yaml", "stop w0, ", "stop w0, halt, ", ["list-new"]),
        ("flows/words.yaml", "[kill ... me]", "[kill ... us]", ["list-both"]),
        ("flows/words.yaml", "flow: danger", "flow: where", ["danger-field"]),
        ("flows/words.yaml", "filler: [please]", "filler: [please, pls]", ["list-new"]),
        ("flows/bot.yaml", "stage: trial", "stage: live", ["setting"]),
        ("flows/bot.yaml", "case: 30 days", "case: 20 days", ["setting"]),
        ("flows/tests/hello.chat", "< where.country", "< where.place", ["test-line-other"]),
        (FRENCH, "# said at once\n", "", ["other-lines"]),
        (FRENCH, 'msgctxt "try.how"', '#, fuzzy\nmsgctxt "try.how"', ["text-of-step.confirmed"]),
    ],
)  # fmt: skip
def test_what_changed_is_said(path, old, new, ids):
    assert told(changed(path, old, new)) == ids


def test_files_come_and_go():
    text = "flow: new\ntitle: New\nsteps:\n  - say: hello-there\n    text: Hello.\n  - end\n"
    added = difference(BEFORE, BEFORE.with_file("flows/new.yaml", text))
    removed = difference(BEFORE.with_file("flows/new.yaml", text), BEFORE)

    assert (told(added), told(removed)) == (["flow-added"], ["flow-removed"])
    assert [beside.after for beside in added[0].texts] == ["New", "Hello."]
    assert told(difference(BEFORE, BEFORE.without_file("flows/tests/hello.chat"))) == ["test-removed"]


def test_a_moved_step_is_moved_and_nothing_else():
    lines = ("  - say: fine\n    text: That is fine.\n", "  - say: sorry\n    text: That is bad.\n")
    text = TRY.replace(lines[0], "").replace(lines[1], lines[1] + lines[0])
    (change,) = difference(BEFORE, BEFORE.with_file("flows/try.yaml", text))

    assert change.says.id == "difference.step-moved"
    assert names(change.says.values["place"]) == ("place.below", "That is bad.")


@pytest.mark.parametrize("seed", range(40))
def test_no_byte_changes_unseen(seed):
    """Any change of any file gives a change that names the file, or a text of it; nothing raises, however broken the file then is."""
    chance = random.Random(seed)
    path = chance.choice([path for path in BEFORE if BEFORE[path]])
    text = BEFORE[path]
    for _ in range(3):
        at = chance.randrange(len(text) + 1)
        kind = chance.choice("ird")
        put = "" if kind == "d" else chance.choice("abz019 \n:#-{}[]'\"|/é")
        after = text[:at] + put + text[at + (kind != "i") :]
        if after == text:
            continue
        changes = difference(BEFORE, BEFORE.with_file(path, after))
        assert changes
        assert any(change.file == path or path.startswith("locales/") for change in changes)


def test_a_difference_can_be_sent_to_another_process():
    import pickle

    changes = changed("flows/try.yaml", "How is it?", "How are you?")

    assert all(isinstance(change, Struct) for change in changes)
    assert pickle.loads(pickle.dumps(changes)) == changes


def test_whole_bundles_differ_from_nothing():
    assert difference(Bundle({}), Bundle(CLEAN))
    assert difference(Bundle(CLEAN), Bundle({}))
