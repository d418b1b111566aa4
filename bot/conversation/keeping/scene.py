"""What is at hand when one event is worked: the row, the envelope, and what was kept of the person, opened.

Rule 1: these are plain values; nothing here reads or writes.
"""

from msgspec import Struct

from bot.conversation.keeping.envelope import Envelope, RouteCard, Shown
from bot.conversation.keeping.vault import Keys
from bot.engine.session import Session
from bot.flow.program import Program
from bot.ports import CaseRecord, Record, Taken


class Opened(Struct, frozen=True):
    """What was kept of the person: keys, conversation, route; each None if there is none; messages on their phone.

    `broken`: why a conversation cannot be read.
    """

    keys: Keys | None
    session: Session | None
    card: RouteCard | None
    broken: str = ""
    shown: Shown = ()


class AtHand(Struct, frozen=True):
    """One taken event with all that its turn needs. `others`: cases that an erasure takes too. `past`: a closed case that may go on."""

    taken: Taken
    envelope: Envelope
    record: Record
    opened: Opened
    case: CaseRecord | None
    others: tuple[CaseRecord, ...] = ()
    past: CaseRecord | None = None


class Scene(Struct, frozen=True):
    """The event at hand, with the keys, the way back and the program its turn runs on."""

    hand: AtHand
    keys: Keys
    card: RouteCard
    program: Program
