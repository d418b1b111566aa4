"""The real clock and real chance: the only place that has them.

Rule 1: everything else gets time and chance as arguments.
"""

import os
import string
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime

_LETTERS = string.ascii_letters + string.digits
_OF_BYTES = bytes(ord(_LETTERS[byte % len(_LETTERS)]) for byte in range(256))


_POOL = 4096


class _Entropy:
    """The system's random bytes, fetched many at a time: a turn needs a few, and each fetching is a call of the system."""

    def __init__(self) -> None:
        self._pool = b""
        self._at = 0
        os.register_at_fork(after_in_child=self._forget)  # two processes must never draw the same

    def __call__(self, length: int) -> bytes:
        """Give so many random bytes."""
        end = self._at + length
        if end > len(self._pool):
            self._pool, self._at, end = os.urandom(max(_POOL, length)), 0, length
        given = self._pool[self._at : end]
        self._at = end
        return given

    def _forget(self) -> None:
        self._pool, self._at = b"", 0


entropy = _Entropy()


def modest_threads(most: int) -> ThreadPoolExecutor:
    """Give threads that leave the processor to everything else: what is worked there may take its time."""
    return ThreadPoolExecutor(most, "modest", initializer=_be_modest)


def _be_modest() -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


class SystemClock:
    """The real clock."""

    def now(self) -> float:
        """Give UTC seconds."""
        return time.time()

    def steady(self) -> float:
        """Give seconds that never jump."""
        return time.monotonic()

    def today(self) -> date:
        """Give the UTC day."""
        return datetime.fromtimestamp(self.now(), UTC).date()


fine = time.perf_counter
"""Gives fine seconds that never jump, for what is measured."""


def chance(length: int) -> str:
    """Give so many random letters and digits, at least 5.6 bits each."""
    # Eight of the 62 come up five times in 256, the others four times: a little less than even, and a tenth of the time of being even.
    return entropy(length).translate(_OF_BYTES).decode("ascii")
