"""The keeper: wakes timers and lets everything end when its time has come.

Rule 1: if the clock jumps over an hour against steady time, nothing ends and no timer rings until it has held for ten minutes.
"""

import asyncio
from contextlib import suppress

from bot.conversation.bells import Bell
from bot.ports import Clock, Store, StoreUnavailable

JUMP = 3600.0
HOLD = 600.0
TIMERS_EVERY = 1.0
SWEEP_EVERY = 30.0


class Keeper:
    """Rings timers each second and sweeps each half minute."""

    def __init__(self, *, store: Store, clock: Clock, inbox: Bell) -> None:
        self._store = store
        self._clock = clock
        self._inbox = inbox
        self._stop = Bell()
        self._stopping = False
        self._apart = clock.now() - clock.steady()
        self._held_since = 0.0

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._stop.ring()

    async def run(self) -> None:
        """Keep until stopped."""
        swept = 0.0
        while not self._stopping:
            if self.trusted():
                with suppress(StoreUnavailable):
                    await self.wake()
                    if self._clock.steady() - swept >= SWEEP_EVERY:
                        await self._store.sweep(self._clock.now())
                        swept = self._clock.steady()
            await self._stop.wait(TIMERS_EVERY)

    async def wake(self) -> int:
        """Ring the timers whose time has come; gives how many."""
        woken = await self._store.timers_due(self._clock.now(), 500)
        if woken:
            self._inbox.ring()
        return len(woken)

    def trusted(self) -> bool:
        """Whether the wall clock can be believed now."""
        apart = self._clock.now() - self._clock.steady()
        if abs(apart - self._apart) > JUMP:
            self._apart = apart
            self._held_since = self._clock.steady() + HOLD
        return self._clock.steady() >= self._held_since


async def every(seconds: float, stop: asyncio.Event) -> bool:
    """Wait so long; gives False when it is time to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return not stop.is_set()
