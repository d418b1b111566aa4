"""What desks are told while they are open: which cases changed, numbered, so that who lost the line hears what was missed.

Rule 1: a change names a case by its code and says of what kind it was; never a word of anybody, and nothing is written down.
Rule 2: numbers belong to this process and this start of it (`epoch`); who comes with others, or too late, is told to look for themselves.
Rule 3: that somebody is writing is no change: it is told to who listens now, and forgotten.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Literal, TypeAlias

from msgspec import Struct

from bot.conversation.keeping.envelope import AnswerDue, AnswerPutOff, NoteWritten
from bot.conversation.running.bells import Bell
from bot.engine.events import Corrected, MediaSent, Pressed, Said, StaffWrote, Started, WordPressed
from bot.ports import CaseState

Kind: TypeAlias = Literal["words", "state", "note", "staff", "new", "erased"]
"""Words of the person, a change of the case, a private note, words of a caseworker, a new case, an erased one."""
ROOM = 4096
"""Changes kept for who comes back: at fifty a second more than a minute, on an ordinary day hours."""
WRITINGS = 256
_PLACE = re.compile(r"([A-Za-z0-9]{1,32})\.([0-9]{1,15})")


class Change(Struct, frozen=True):
    """One change. `teams`: those whose desks it concerns."""

    n: int
    code: str
    state: CaseState
    kind: Kind
    teams: tuple[str, ...]


class Writing(Struct, frozen=True):
    """Somebody writes to a case now: the caseworker of this tree, or the person (no name)."""

    n: int
    code: str
    name: str
    team: str


class Feed:
    """The changes of one process, the last of them kept."""

    def __init__(self, epoch: str, *, room: int = ROOM) -> None:
        self.epoch = epoch
        self._changes: deque[Change] = deque(maxlen=room)
        self._writings: deque[Writing] = deque(maxlen=WRITINGS)
        self._missed = 0  # everything up to this number may be incomplete
        self._ears: set[Bell] = set()
        self.n = 0
        self.written = 0

    @property
    def now(self) -> str:
        """Give the id of the latest change."""
        return f"{self.epoch}.{self.n}"

    # ── telling ──
    def changed(self, code: str, state: CaseState, kind: Kind, teams: tuple[str, ...]) -> None:
        """A case changed."""
        self.n += 1
        self._changes.append(Change(self.n, code, state, kind, teams))
        self.wake()

    def missed(self) -> None:
        """Changes may have been missed: everyone looks for themselves once."""
        self.n += 1
        self._missed = self.n
        self.wake()

    def writes(self, code: str, name: str, team: str) -> None:
        """Somebody writes to a case at this moment."""
        self.written += 1
        self._writings.append(Writing(self.written, code, name, team))
        self.wake()

    def wake(self) -> None:
        """Let everyone who listens look up."""
        for ear in self._ears:
            ear.ring()

    # ── hearing ──
    @contextmanager
    def ear(self) -> Iterator[Bell]:
        """Give a bell that rings when there is something to hear."""
        ear = Bell()
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    def place(self, last: str) -> int | None:
        """Give the number in an id that a desk heard last (`EPOCH.N`); None for one of another process, or of no sense."""
        found = _PLACE.fullmatch(last)
        if found is None or found[1] != self.epoch:
            return None
        n = int(found[2])
        return n if n <= self.n else None

    def after(self, n: int) -> Sequence[Change] | None:
        """Give the changes after this number; None if some of them are not known any more."""
        count = self.n - n
        if n < self._missed or count > len(self._changes):
            return None
        return tuple(islice(self._changes, len(self._changes) - count, None)) if count > 0 else ()

    def writings(self, n: int) -> Sequence[Writing]:
        """Give who began to write after this number."""
        return tuple(one for one in self._writings if one.n > n)


def kind_of(event: object) -> Kind:
    """Give what kind of change an event makes of a case, before the case itself is looked at."""
    match event:
        case Said() | Corrected() | Pressed() | WordPressed() | MediaSent() | Started():
            return "words"
        case StaffWrote() | AnswerPutOff() | AnswerDue():
            return "staff"
        case NoteWritten():
            return "note"
        case _:
            return "state"
