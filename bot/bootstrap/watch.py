"""Looking at the store now and then, so that whoever asks how things stand is answered at once.

Rule 1: looking never hinders work: it pauses a hundred times as long as it took, up to a minute.
Rule 2: a store that does not answer is a fact, not a failure.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from bot.conversation.running.keeper import every
from bot.ports import CaseIndex, CaseState, Clock, Note, StoreCounts, StoreUnavailable
from bot.storage.vitals import Health, Vitals

EVERY, SELDOM = 5.0, 60.0
SHARE: Final = 100.0
"""So many times as long as a look took is paused after it: a large store is looked at less often."""
SLOW: Final = 3
"""Looks from one look at cases, server and backup to the next."""
ASKING: Final = 12
"""Looks from one question to Telegram to the next: one a minute."""
MOST_CASES: Final = 5000
OPERATOR, BACKUP = "operator", "backup"
"""Space and key of the note that says when the store was last copied."""


class Kept(Protocol):
    """What is looked at."""

    async def counts(self) -> StoreCounts:
        """Give how many rows of each kind there are."""

    async def vitals(self, now: float) -> Vitals:
        """Give what this process has in hand."""

    async def health(self) -> Health:
        """Give what the store stands on."""

    async def cases(
        self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float = 0.0, limit: int = 200
    ) -> Sequence[CaseIndex]:
        """Give case indexes."""

    async def note(self, space: str, key: str) -> Note | None:
        """Give a note."""


@dataclass(slots=True)
class Facts:
    """What was seen last. `up`: the store answered; `lag`: the age of the oldest event that waits; `late`: how late the loop came."""

    up: bool = False
    lag: float = 0.0
    late: float = 0.0
    counts: StoreCounts | None = None
    vitals: Vitals | None = None
    health: Health | None = None
    cases: Sequence[CaseIndex] = ()
    copied: float | None = None
    pending: int | None = None


@dataclass(eq=False)
class Watch:
    """Looks until stopped. `opened`: gives what a note of this space and key holds. `pending`: asks Telegram how much waits there."""

    store: Kept
    clock: Clock
    opened: Callable[[str, str, bytes], bytes]
    pending: Callable[[], Awaitable[int | None]] | None = None
    facts: Facts = field(default_factory=Facts)

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until it is time to stop."""
        number, going = 0, True
        while going:
            took = await self.look(number)
            number += 1
            going = await every(pause(took, up=self.facts.up), stopping)

    async def look(self, number: int = 0) -> float:
        """Look once, at some things only every so many looks; gives how many seconds the store took."""
        facts, began = self.facts, self.clock.steady()
        try:
            facts.vitals = await self.store.vitals(self.clock.now())
            facts.counts = counts = await self.store.counts()
            facts.lag = max(0.0, self.clock.now() - counts.oldest_inbox) if counts.oldest_inbox is not None else 0.0
            if number % SLOW == 0:
                await self._slowly()
        except StoreUnavailable:
            facts.up = False
        else:
            facts.up = True
        took = self.clock.steady() - began
        if self.pending is not None and number % ASKING == ASKING - 1:
            facts.pending = await self.pending()
        return took

    async def _slowly(self) -> None:
        facts = self.facts
        facts.health = await self.store.health()
        facts.cases = await self.store.cases(states=("waiting", "claimed"), teams=None, limit=MOST_CASES)
        note = await self.store.note(OPERATOR, BACKUP)
        facts.copied = float(self.opened(OPERATOR, BACKUP, note.value)) if note is not None else None

    def came_late(self, seconds: float) -> None:
        """The loop came so much later than it was asked to."""
        self.facts.late = max(seconds, self.facts.late)


def pause(took: float, *, up: bool) -> float:
    """Give the seconds until the next look; a store that is gone is looked for soon again."""
    return min(SELDOM, max(EVERY, SHARE * took)) if up else EVERY
