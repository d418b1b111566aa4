"""Everything that can happen to a conversation: a closed list, in the past tense.

Rule 1: time and chance come with the event (`at`, `nonce`); the engine has none of its own.
Rule 2: no event carries a name, a username, a telephone number or a file.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

GlobalWord: TypeAlias = Literal["stop", "erase", "help", "human", "menu", "back", "repeat", "language", "privacy"]
MediaKind: TypeAlias = Literal["photo", "voice", "file", "location"]


class Event(Struct, frozen=True, kw_only=True, tag=True):
    """What all events have. `at`: UTC seconds. `nonce`: 16 random letters, used where a new life or case needs a name."""

    at: float
    nonce: str = ""


class Started(Event, frozen=True, kw_only=True):
    """The person opened the conversation (a start button or link), and said nothing. `language`: what the channel suggests."""

    language: str | None = None


class Said(Event, frozen=True, kw_only=True):
    """The person wrote words."""

    text: str


class Corrected(Event, frozen=True, kw_only=True):
    """The person changed words they had written before; these are the new ones. Nothing unless a case is open."""

    text: str


class Pressed(Event, frozen=True, kw_only=True):
    """The person pressed a button that this conversation showed: life, turn and choice are what the button carried."""

    life: str
    turn: int
    key: str


class WordPressed(Event, frozen=True, kw_only=True):
    """The person pressed a global button or gave a command."""

    word: GlobalWord


class MediaSent(Event, frozen=True, kw_only=True):
    """The person sent something that is not text. `file`: the channel's handle, kept only while a case is open."""

    kind: MediaKind
    file: str | None = None


class Claimed(Event, frozen=True, kw_only=True):
    """A caseworker took the case. `case`: its code; void if another case is open."""

    case: str


class StaffWrote(Event, frozen=True, kw_only=True):
    """A caseworker answered; claims the case if nobody had. `case` must be the open case or nothing is sent.

    `reply`: id of a canned reply, said in the person's language instead of `text`. `corrects`: it takes the place of earlier words.
    """

    case: str
    text: str
    reply: str = ""
    corrects: bool = False


class CasePassed(Event, frozen=True, kw_only=True):
    """The case was passed into the queue of a team. `agreed`: the person agreed that what they shared goes along.

    `of`: who has the case is not there, and somebody waits; it is passed on for them, and void if another has it by now.
    """

    case: str
    team: str
    agreed: bool = False
    of: str = ""


class CaseClosed(Event, frozen=True, kw_only=True):
    """A caseworker closed the case: the bot takes over, in `flow` if one is given. `follow_up`: ask once, later, how it went."""

    case: str
    flow: str = ""
    follow_up: bool = False


class ReminderDue(Event, frozen=True, kw_only=True):
    """The time of a reminder came. Void unless life and name still match."""

    life: str
    name: str


class Recalled(Event, frozen=True, kw_only=True):
    """A revision was recalled: move to the first safe question, saying so, at the next turn."""

    revision: str


class Left(Event, frozen=True, kw_only=True):
    """The person blocked the channel: nothing can be sent any more."""


AnyEvent: TypeAlias = (
    Started
    | Said
    | Corrected
    | Pressed
    | WordPressed
    | MediaSent
    | Claimed
    | StaffWrote
    | CasePassed
    | CaseClosed
    | ReminderDue
    | Recalled
    | Left
)
