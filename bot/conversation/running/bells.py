"""Bells: they wake whoever waits in this process. A bell may be lost; everyone also looks again each second.

Rule 1: nothing depends on a bell for being right, only for being quick.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable

_UNASKED = ("tg:", "web:", "remind:", "lost:", "notice:")
"""Beginnings of the names of events that nobody waits for."""


class Bell:
    """One bell with one sleeper at a time."""

    __slots__ = ("_rung", "_sleeper")

    def __init__(self) -> None:
        self._rung = False
        self._sleeper: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the sleeper, or the next one to lie down."""
        self._rung = True
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Sleep until the bell rings, or so long."""
        if not self._rung:
            loop = asyncio.get_running_loop()
            self._sleeper = loop.create_future()
            late = loop.call_later(seconds, self.ring)
            try:
                await self._sleeper
            finally:
                late.cancel()
                self._sleeper = None
        self._rung = False


class Changes:
    """Tells any number of listeners which cases changed. A slow listener loses the oldest news, never blocks others.

    `also`: told at once of each, with the kind of the change (`bot.conversation.cases.feed.Kind`).
    """

    def __init__(self, *, room: int = 256, elsewhere: Callable[[str], None] | None = None) -> None:
        self.also: Callable[[str, str], None] | None = None
        self._listeners: set[asyncio.Queue[str]] = set()
        self._room = room
        self._elsewhere = elsewhere

    def tell(self, code: str, kind: str = "state") -> None:
        """Say that the case of this code changed, here and to other processes."""
        if self._elsewhere is not None:
            self._elsewhere(f"case {code} {kind}")
        self.heard(code, kind)

    def heard(self, code: str, kind: str = "state") -> None:
        """Say it here only: another process said so."""
        if self.also is not None:
            self.also(code, kind)
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
    """Lets callers of this process wait for what became of an event; who asks again about a late one hears what the first heard."""

    def __init__(self, *, room: int = 1024, elsewhere: Callable[[str], None] | None = None) -> None:
        self._elsewhere = elsewhere
        self._waiting: dict[str, set[asyncio.Future[str]]] = {}
        self._asked: OrderedDict[str, str] = OrderedDict()  # event → its outcome, empty until it has one
        self._room = room

    def expect(self, event: str) -> asyncio.Future[str]:
        """Give a future for the outcome of this event id."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        past = self._asked.setdefault(event, "")
        while len(self._asked) > self._room:
            self._asked.popitem(last=False)
        if past:
            future.set_result(past)
            return future
        self._waiting.setdefault(event, set()).add(future)
        future.add_done_callback(lambda done: self._heard(event, done))
        return future

    def settle(self, event: str, outcome: str) -> None:
        """Say what became of the event to all who wait for it, and to who asks later; if nobody asked here, to other processes."""
        if self._elsewhere is not None and event not in self._asked and not event.startswith(_UNASKED):
            self._elsewhere(f"done {event} {outcome}")
        self.heard(event, outcome)

    def heard(self, event: str, outcome: str) -> None:
        """Say it here only."""
        if event in self._asked:
            self._asked[event] = outcome
        for future in tuple(self._waiting.get(event, ())):
            if not future.done():
                future.set_result(outcome)

    def _heard(self, event: str, future: asyncio.Future[str]) -> None:
        waiting = self._waiting.get(event, set())
        waiting.discard(future)
        if not waiting:
            self._waiting.pop(event, None)
