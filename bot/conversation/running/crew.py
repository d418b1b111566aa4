"""A crew: tasks of one kind that run side by side, a bounded number of them, each with an end to its time if it needs one.

Made beside the library's TaskGroup and timeout, because a turn and a send each need one: together they took a twentieth of an update.

Rule 1: what fails here has failed to catch its own: the crew's owner hears of it, and all of it ends.
Rule 2: one timer looks after all ends; something ends at most a look late.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")
LOOK: Final = 0.5
"""Seconds between two looks for what took too long."""


class Crew:
    """Runs tasks. `done`: told after each; `room`: how many more may be begun."""

    def __init__(self, most: int, done: Callable[[], None]) -> None:
        self._most = most
        self._done = done
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: BaseException | None = None

    @property
    def room(self) -> int:
        """Give how many more may be begun now; raises what one of them failed with."""
        if self._failed is not None:
            raise self._failed
        return self._most - len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin one more."""
        if self._loop is None:  # asked for once: in Python 3.11 each time is a call of the system
            self._loop = asyncio.get_running_loop()
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failed = task.exception()
        self._done()

    async def ends(self) -> None:
        """Wait until all have ended; raises what one of them failed with. When the waiting is cancelled, they are."""
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        except asyncio.CancelledError:
            self.cancel()
            raise
        if self._failed is not None:
            raise self._failed

    def cancel(self) -> None:
        """End all now."""
        for task in self._tasks:
            task.cancel()


class Bounds:
    """Ends waits that take too long. `seconds`: of each."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ends: dict[asyncio.Task[Any], float] = {}
        self._over: set[asyncio.Task[Any]] = set()
        self._watch: asyncio.TimerHandle | None = None

    async def within(self, work: Awaitable[T]) -> T:
        """Give what comes of the work; raises `TimeoutError`. A task waits for one thing at a time."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 only a task can wait
        self._ends[task] = loop.time() + self._seconds
        if self._watch is None:
            self._watch = loop.call_later(LOOK, self._look)
        try:
            return await work
        except asyncio.CancelledError:
            if task in self._over and task.uncancel() == 0:
                raise TimeoutError from None
            raise
        finally:
            del self._ends[task]
            self._over.discard(task)

    def _look(self) -> None:
        self._watch = None
        if self._loop is None or not self._ends:
            return
        now = self._loop.time()
        for task, ends in self._ends.items():
            if ends <= now and task not in self._over:
                self._over.add(task)
                task.cancel()
        self._watch = self._loop.call_later(LOOK, self._look)
