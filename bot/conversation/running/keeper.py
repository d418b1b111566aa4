"""The keeper: wakes timers and lets everything end when its time has come, what is left open in memory too.

Rule 1: if the clock jumps over an hour against steady time, nothing ends and no timer rings until it has held for ten minutes.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bot.conversation.running.bells import Bell
from bot.ports import Clock, Store, StoreUnavailable

JUMP = 3600.0
HOLD = 600.0
TIMERS_EVERY = 1.0
SWEEP_EVERY = 30.0


class Trust:
    """Whether the wall clock is to be believed: not from a jump on until it has held for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._apart = clock.now() - clock.steady()
        self._held_since = 0.0

    def even(self) -> float:
        """Give the time that it would be if the clock had gone evenly since this was made."""
        return self._began + self._clock.steady()

    @property
    def paused(self) -> bool:
        """Whether it has jumped, as far as was seen."""
        return self._clock.steady() < self._held_since

    def holds(self) -> bool:
        """Look at the clock; gives whether it can be believed now."""
        apart = self._clock.now() - self._clock.steady()
        if abs(apart - self._apart) > JUMP:
            self._apart = apart
            self._held_since = self._clock.steady() + HOLD
        return not self.paused


class Keeper:
    """Rings timers each second and sweeps each half minute. `age`: told the steady time each second, for what memory lets go."""

    def __init__(self, *, store: Store, clock: Clock, inbox: Bell, age: Callable[[float], None] | None = None) -> None:
        self._age = age
        self._store = store
        self._clock = clock
        self._inbox = inbox
        self._stop = Bell()
        self._stopping = False
        self._trust = Trust(clock)

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._stop.ring()

    async def run(self) -> None:
        """Keep until stopped."""
        swept = 0.0
        while not self._stopping:
            if self._age is not None:
                self._age(self._clock.steady())
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

    @property
    def paused(self) -> bool:
        """Whether nothing ends and no timer rings, because the clock has jumped."""
        return self._trust.paused

    def trusted(self) -> bool:
        """Whether the wall clock can be believed now."""
        return self._trust.holds()


async def every(seconds: float, stop: asyncio.Event) -> bool:
    """Wait so long; gives False when it is time to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return not stop.is_set()
