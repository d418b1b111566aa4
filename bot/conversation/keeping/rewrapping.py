"""Rewrapping: what is under an older master comes under the newest one, while people write and are answered.

Rule 1: nothing is kept of how far it came: a row says by itself which master it is under, so a kill at any moment costs one look more.
Rule 2: it pauses three times as long as it worked, and works a few rows at a time: a turn waits behind one such handful at most.
Rule 3: each worker does what it holds; farewells are left alone, they end within the hour.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.running.keeper import every
from bot.ports import Clock, NotOurs, StoreUnavailable
from bot.privacy.keys import Wrapped, Wraps

AT_ONCE: Final = 100
"""Rows that are wrapped again in one write."""
SHARE: Final = 3.0
"""So many times as long as a write took is paused after it."""
BETWEEN: Final = 0.005
"""Seconds between two pages of rows."""
LOOK: Final = 1.0
"""Seconds between two looks whether there is more than one master."""
AGAIN: Final = 5.0
"""Seconds from a look at all rows to the next, as long as there are older masters: what was under way then is found by it."""
SLOWLY: Final = 50.0
"""The same, so many times as long as the look took: a large store is looked at less often."""


class KeyRows(Protocol):
    """Where keys are kept (`bot.storage`)."""

    def wrapped(self, *, ours: bool = False) -> AsyncIterator[Sequence[Wrapped]]:
        """Give keys as they are kept, page by page; `ours`: those that this process may write."""

    async def rewrap(self, changes: Sequence[tuple[Wrapped, Wraps]]) -> int:
        """Put wraps in the place of those that were read; gives how many were still there."""


class Rewrapping:
    """Wraps again, until stopped. `told`: hears how many rows a look wrapped again, if any."""

    def __init__(self, *, store: KeyRows, vault: Vault, clock: Clock, told: Callable[[int], None]) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._told = told

    async def run(self, stopping: asyncio.Event) -> None:
        """Look whenever there are older masters, until it is time to stop."""
        pause = LOOK
        while await every(pause, stopping):
            pause = LOOK
            if len(self._vault.masters) > 1:
                began = self._clock.steady()
                with suppress(StoreUnavailable, NotOurs):
                    done = await self.look(stopping)
                    if done:
                        self._told(done)
                pause = max(AGAIN, SLOWLY * (self._clock.steady() - began)) if not stopping.is_set() else LOOK

    async def look(self, stopping: asyncio.Event) -> int:
        """Go through all rows once; gives how many were wrapped again. Raises `StoreUnavailable`."""
        done = 0
        async for page in self._store.wrapped(ours=True):
            behind = [one for one in page if one.kind != "farewell" and self._vault.under(one.wraps) not in ("", self._vault.masters[0])]
            for first in range(0, len(behind), AT_ONCE):
                began = self._clock.steady()
                done += await self._store.rewrap(self._again(behind[first : first + AT_ONCE]))
                if not await every(SHARE * (self._clock.steady() - began), stopping):
                    return done
            await asyncio.sleep(BETWEEN)
        return done

    def _again(self, rows: Sequence[Wrapped]) -> list[tuple[Wrapped, Wraps]]:
        changes = []
        for one in rows:
            with suppress(Tampered):  # damaged: whoever writes to it will find it
                changes.append((one, self._vault.rewrapped(one)))
        return changes
