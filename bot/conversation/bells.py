"""Bells: they wake whoever waits in this process. A bell may be lost; everyone also looks again each second.

Rule 1: nothing depends on a bell for being right, only for being quick.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress


class Bell:
    """One bell with any number of sleepers."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake the sleeper, or the next one to lie down."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Sleep until the bell rings, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class Changes:
    """Tells any number of listeners which cases changed. A slow listener loses the oldest news, never blocks others."""

    def __init__(self, *, room: int = 256) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self._room = room

    def tell(self, code: str) -> None:
        """Say that the case of this code changed."""
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(code)

    async def listen(self, every: float = 1.0) -> AsyncIterator[str]:
        """Give codes as they change; an empty one at least every so many seconds, so that the listener looks for itself."""
        queue: asyncio.Queue[str] = asyncio.Queue(self._room)
        self._listeners.add(queue)
        try:
            while True:
                try:
                    async with asyncio.timeout(every):
                        code = await queue.get()
                except TimeoutError:
                    code = ""
                yield code
        finally:
            self._listeners.discard(queue)


class Results:
    """Lets a caller of this process wait for what became of an event it had accepted."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[str]] = {}

    def expect(self, event: str) -> asyncio.Future[str]:
        """Give a future for the outcome of this event id."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[event] = future
        future.add_done_callback(lambda _done: self._waiting.pop(event, None))
        return future

    def settle(self, event: str, outcome: str) -> None:
        """Say what became of the event, if anyone waits for it."""
        future = self._waiting.get(event)
        if future is not None and not future.done():
            future.set_result(outcome)
