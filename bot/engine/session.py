"""What is remembered of one conversation between two events: frozen, small, and saved as bytes that any later version can read.

Rule 1: nothing a person typed is here, but for `free` answers that a consent of their flow shows, until that flow ends.
Rule 2: `decode(encode(s)) == s`, always; the engine cannot tell a loaded session from one kept in memory.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from bot.flow.answers import Answer
from bot.flow.program import Urgency

FORMAT = 1


class Frame(Struct, frozen=True, array_like=True):
    """One open flow: its name, the key of the step it waits at or called from, its own answers.

    `over`: it interrupted what lies under it, which asks again when this ends. `page`: the page shown, in a `pages` step.
    """

    flow: str
    step: str
    own: dict[str, Answer] = {}
    over: bool = False
    page: int = 0


class CaseView(Struct, frozen=True, array_like=True):
    """What the engine must know of the person's open case."""

    code: str
    team: str
    urgency: Urgency
    names: tuple[str, ...]
    flow: str
    after: str  # target in words: `step:<key>`, `flow:<name>`, `end`, `leave`
    consented: bool
    unwritten: bool = False  # the person stopped: staff may not write
    hours: tuple[str, ...] = ()  # parts of the day that the person called safe
    country: str = ""
    they_first: bool = False  # the person wants that nobody writes before they do
    unsaid: bool = False  # a caseworker has it, and the person was not told so yet, because that hour was not safe


class Past(Struct, frozen=True, array_like=True):
    """The last case of this person that was closed and is still kept."""

    code: str
    team: str


class Question(Struct, frozen=True, array_like=True):
    """A question of the engine itself that waits on top of the flow's (still safe? change that answer? speak of this instead?).

    `recalled` is said, not asked: the information changed, and the next turn begins again.
    """

    kind: Literal["still-safe", "change-answer", "other-subject", "which-language", "offer-human", "recalled"]
    about: str = ""


class Undo(Struct, frozen=True, array_like=True):
    """How to get back to before one answer, as the difference to what came after it.

    `keep`: open flows from the bottom that did not change. `step`, `page`: where the next one waited; empty if `frames` holds all.
    `own`: its answers that changed, None for one that was absent; no `own` at all = only the answer of `step`, which was absent.
    """

    turn: int
    step: str
    keep: int = 0
    page: int = 0
    own: dict[str, Answer | None] | None = None
    shared: dict[str, Answer | None] | None = None
    frames: tuple[Frame, ...] | None = None


class Reminder(Struct, frozen=True, array_like=True):
    """A message to be sent later: its id, the parts of the day when it may be, and when it is due. What rings before was set earlier."""

    name: str
    hours: tuple[str, ...]
    country: str
    at: float = 0.0


Who: TypeAlias = Literal["bot", "waiting", "human"]


class Session(Struct, frozen=True, array_like=True, kw_only=True):
    """One conversation. `life`: random name, new after each erasure. `turn`: grows with each question asked."""

    format: int = FORMAT
    life: str
    turn: int = 0
    revision: str
    language: str
    frames: tuple[Frame, ...] = ()
    shared: dict[str, Answer] = {}
    who: Who = "bot"
    case: CaseView | None = None
    question: Question | None = None
    wrong: int = 0
    picked: tuple[str, ...] = ()
    heard: str = ""
    undo: tuple[Undo, ...] = ()
    seen_at: float = 0.0
    last_press: tuple[int, str] | None = None
    spoken: bool = False  # the person has chosen or confirmed a language
    reminders: tuple[Reminder, ...] = ()
    met: bool = False  # they went through the flow for who is new: who answers and what is kept was said


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Session)


def encode(session: Session) -> bytes:
    """Give the session as bytes."""
    return _encoder.encode(session)


def decode(data: bytes) -> Session:
    """Give the session that `encode` wrote; raises `msgspec.DecodeError` on anything else."""
    return _decoder.decode(data)
