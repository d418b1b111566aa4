"""The buttons under a post in the caseworkers' group: what each asks for, and of which case.

Rule 1: a button names its case; whoever takes a press looks whether the topic it came from is that case's.
Rule 2: what a button may ask for is a closed list; what is not in it is no press of ours.
"""

from typing import Final, Literal, TypeAlias, cast, get_args

from msgspec import Struct

from bot.conversation.group.groupwords import GroupWords, standing
from bot.ports import CaseIndex, OutButton

Verb: TypeAlias = Literal["claim", "transfer", "note", "close", "back", "to", "team", "only", "with", "end", "flow", "look", "undo"]
"""`claim` … `back`: under a post. Then chosen: `to` a colleague, a `team` (`only` the code, or `with` what was shared), an `end`, a `flow`.
`look`: the buttons again. `undo`: take back an answer that waits for its hour."""
LONGEST: Final = 64
"""Bytes of a button's data (Bot API)."""
_VERBS: Final[frozenset[str]] = frozenset(get_args(Verb))


class Press(Struct, frozen=True):
    """What a press asks for. `what`: whom, which team, which outcome, which flow."""

    verb: Verb
    code: str
    what: str = ""


def data_of(press: Press) -> str:
    """Give the data of a button; empty if it would be too long."""
    data = f"{press.verb}.{press.code}.{press.what}" if press.what else f"{press.verb}.{press.code}"
    return data if len(data.encode()) <= LONGEST else ""


def press_of(data: str) -> Press | None:
    """Give what a press asks for; None if it is none of ours."""
    verb, _, rest = data.partition(".")
    code, _, what = rest.partition(".")
    return Press(cast("Verb", verb), code, what) if verb in _VERBS and code else None


def actions(words: GroupWords, index: CaseIndex) -> tuple[OutButton, ...]:
    """Give the buttons for a case as it stands."""
    verbs: tuple[Verb, ...]
    match standing(index):
        case "closed":
            verbs = ()
        case "waiting":
            verbs = ("claim", "transfer", "note", "close")
        case _:
            verbs = ("transfer", "note", "close", "back") if index.claimant else ("claim", "transfer", "note", "close")
    return tuple(OutButton(words.say(f"topic.button.{verb}"), data_of(Press(verb, index.code))) for verb in verbs)
