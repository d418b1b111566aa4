"""One case as a queue shows it: its index, what is shown of its sealed file, and how far its team's promise is used up. Pure.

Rule 1: the order is danger, then the part of the team's promise that is used up, then time; everyone has the same.
"""

from collections.abc import Sequence

from msgspec import Struct

from bot.conversation.cases.feed import Kind
from bot.conversation.staffing.staff import StaffMember
from bot.ports import CaseIndex, CaseState

OPEN: tuple[CaseState, ...] = ("waiting", "claimed")
ENDED: tuple[CaseState, ...] = ("closed", "erased")


class Face(Struct, frozen=True):
    """What a row shows of the sealed file: the flow it came from, the country's code, the parts of the day that are safe."""

    need: str = ""
    country: str = ""
    hours: tuple[str, ...] = ()


class Seen(Struct, frozen=True):
    """One case in the queue. `used`: the part of the promise that is used up (1.0: all), 0 when nobody waits.

    `asleep`: its team is not at work now. `hours`: parts of the day in which it is safe to write.
    """

    index: CaseIndex
    need: str = ""
    country: str = ""
    hours: tuple[str, ...] = ()
    used: float = 0.0
    asleep: bool = False

    @property
    def waits(self) -> float:
        """Since when the person waits for an answer; 0 when nobody waits."""
        return waits(self.index)

    @property
    def danger(self) -> bool:
        """Whether somebody may be in danger."""
        return self.index.urgency == "now"

    @property
    def late(self) -> bool:
        """Whether the team's promise is broken."""
        return self.used > 1.0


def waits(index: CaseIndex) -> float:
    """Since when the person of an open case waits for an answer; 0 when nobody waits, or they asked not to be written to."""
    opened = index.since if index.state == "waiting" and not index.unwritten else 0.0  # kept by a version that did not know `asked`
    return index.asked or opened


def sees(staff: StaffMember, index: CaseIndex) -> bool:
    """Whether this caseworker may see the case in a queue."""
    return not staff.teams or index.team in staff.teams


def place(seen: Seen) -> tuple[bool, float, float, str]:
    """Give what a queue is in the order of."""
    return not seen.danger, -seen.used, seen.index.since, seen.index.code


def kinds_between(old: CaseIndex | None, new: CaseIndex | None, told: Sequence[Kind]) -> Sequence[Kind]:
    """Give what to call the change between two looks: what was told, put right by what is seen; or what is seen alone."""
    if new is None or new.state == "erased":
        return ("erased",)
    if old is None and new.state in OPEN and "new" not in told:
        return ("new",)
    if not told:
        grew = old is not None and new.unread > old.unread
        return ("words",) if grew else ("state",)
    # Words that joined no thread (an answer to the flow, a stop) changed the case in another way.
    return tuple(dict.fromkeys("state" if kind == "words" and not new.unread else kind for kind in told))
