"""Search: which cases somebody means who says a code, a tag, or how a case stands, in any language of the desk.

Rule 1: only cases of the caseworker's teams are found, open ones and those that ended lately, and nothing that a person wrote is looked at.
Rule 2: a code is found as it is said, a tag as it was given, a state by any of its words; what fits twice stands once.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bot.conversation.cases.view import QueueView, Seen
from bot.conversation.staffing.staff import StaffMember
from bot.i18n.fold import fold
from bot.web.pages import LANGUAGES
from bot.web.parts import Wording

STATES: Final = ("danger", "late", "waiting", "claimed", "mine", "closed", "erased")
LONGEST: Final = 60
"""Letters of a search."""


def found(text: str, staff: StaffMember, view: QueueView, words: Wording) -> Sequence[Seen]:
    """Give the cases meant, danger first; the view must know those that ended (`ready(ended=True)`)."""
    if not text.strip():
        return ()
    state = meant(text, words)
    standing: Iterable[Seen] = ()
    if state in ("danger", "late"):
        standing = (seen for seen in view.rows(staff) if (seen.danger if state == "danger" else seen.late))
    elif state == "mine":
        standing = view.rows(staff, show="mine")
    elif state:
        standing = view.find(state, staff)
    cases: Mapping[str, Seen] = {seen.index.code: seen for seen in (*standing, *view.find(text, staff))}
    return tuple(cases.values())


def meant(text: str, words: Wording) -> str:
    """Give the state of which this is a word, in whatever language; empty if of none."""
    asked = fold(text)
    for state in STATES:
        lists = (words.say(f"desk.find.state.{state}", language) for language in LANGUAGES)
        if any(asked == fold(word) for listed in lists for word in re.split("[,،]", listed)):
            return state
    return ""
