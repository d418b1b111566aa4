"""The watchdog: a turn that runs away is ended, and hurts one person only.

Rule 1: it counts the processor's time, not the wall's: a machine that slept, or was stopped, is no runaway.
Rule 2: it strikes only between `begin` and `end` of one turn, in the thread that makes the turn; never anything else.
"""

import signal
from types import FrameType

EVERY = 1.0
"""Seconds of processor time between two looks."""
LOOKS = 3
"""So many looks at the same turn, and it is ended: 2 to 3 seconds, when a turn takes a ten-thousandth of one."""


class Runaway(BaseException):
    """This turn does not end. Not an `Exception`: what a turn calls must not catch it."""


class Watchdog:
    """Watches the turns of one worker. `begin` and `end` cost nothing; without `start` nothing is watched."""

    def __init__(self) -> None:
        self._turn = 0
        self._busy = False
        self._looked = (0, 0)  # at which turn, how often

    def begin(self) -> None:
        """A turn begins."""
        self._turn += 1
        self._busy = True

    def end(self) -> None:
        """It has ended, well or not."""
        self._busy = False

    def start(self) -> None:
        """Watch from now on; only in the main thread of a process, where the turns are made."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def stop(self) -> None:
        """Watch no more."""
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)  # one may still be on its way, and would end the process

    def _look(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._busy:
            return
        turn, times = self._looked
        times = times + 1 if turn == self._turn else 1
        self._looked = (self._turn, times)
        if times >= LOOKS:
            self._busy = False
            raise Runaway
