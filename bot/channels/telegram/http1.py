"""A plain HTTP/1.1 client for one server: connections that stay open, requests prepared as bytes, answers read as bytes.

Made because a send is what costs most of a turn: measured beside general clients, it takes a third of the fastest one's time
(docs/performance.md). It follows no redirect, knows no proxy and no compression: the Bot API needs none.

Rule 1: what surely never left raises `NotSent`; what may have been carried out raises `NetworkError` or `TimedOut`.
Rule 2: no address, header or body ever enters an error.
"""

import asyncio
import ssl
from collections import deque
from typing import Final
from urllib.parse import SplitResult

import httptools
from telegram.error import NetworkError, TimedOut
from typing_extensions import override

from bot.conversation.running.dialing import Host, tear

LARGEST: Final = 8 << 20
"""Bytes of an answer; a hundred updates of 64 KiB fit."""
CONNECT: Final = 5.0
LOOK: Final = 0.1
"""Seconds between two looks for requests whose time is over."""
IDLE: Final = 25.0
"""Seconds after which an unused connection is not used again: servers close theirs after a minute or so."""


class NotSent(NetworkError):
    """The request never left: nobody was reached."""


class _Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._transport: asyncio.Transport | None = None
        self.open = False
        self.idle_since = 0.0

    def ask(self, request: bytes, answer: "asyncio.Future[tuple[int, bytes]]") -> None:
        """Write a request; `answer` gets status and body."""
        self._answer = answer
        assert self._transport is not None  # noqa: S101 a line is used once it is connected
        self._transport.write(request)

    def drop(self) -> None:
        """Use this connection no more."""
        self.open = False
        if self._transport is not None:
            tear(self._transport)  # a message that arrives late would stand behind those that were sent after it

    # ── asyncio's side ──
    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport, as asked for
        self.open = True

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._fail("connection lost")

    @override
    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("no HTTP")
            self.drop()

    # ── the parser's side ──
    def on_message_begin(self) -> None:
        """An answer begins."""
        self._parts, self._size = [], 0

    def on_body(self, body: bytes) -> None:
        """A part of it."""
        self._size += len(body)
        if self._size > LARGEST:
            self._fail("answer too large")
            self.drop()
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        answer, self._answer = self._answer, None
        if not self._parser.should_keep_alive():
            self.drop()
        if answer is not None and not answer.done():
            parts = self._parts
            answer.set_result((self._parser.get_status_code(), parts[0] if len(parts) == 1 else b"".join(parts)))

    def _fail(self, why: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(NetworkError(why))


class Http1:
    """A pool of connections to one server. `most`: how many at once; more requests wait for one, within their own time."""

    def __init__(self, origin: SplitResult, *, most: int = 64, context: ssl.SSLContext | None = None) -> None:
        self._host = Host(origin.hostname or "", origin.port or (443 if origin.scheme == "https" else 80))
        self._context = (context or ssl.create_default_context()) if origin.scheme == "https" else None
        head = f" HTTP/1.1\r\nHost: {origin.netloc.rpartition('@')[2]}\r\nContent-Type: application/json\r\nContent-Length: "
        self._head = head.encode("ascii")
        self._free: list[_Line] = []
        self._busy = 0
        self._most = most
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ends: dict[asyncio.Future[tuple[int, bytes]], float] = {}  # under way → when its time is over
        self._watch: asyncio.TimerHandle | None = None

    async def post(self, path: bytes, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Give status and body; raises `NotSent`, `TimedOut`, `NetworkError`."""
        loop = self._loop
        if loop is None:  # asked for once: in Python 3.11 each time is a call of the system
            loop = self._loop = asyncio.get_running_loop()
        line = self._reused(loop.time()) if self._busy < self._most else None
        if line is None:
            line = await self._line(seconds)
        else:
            self._busy += 1
        answer: asyncio.Future[tuple[int, bytes]] = loop.create_future()
        now = loop.time()
        self._ends[answer] = now + seconds
        if self._watch is None:
            self._watch = loop.call_later(LOOK, self._look)
        try:
            line.ask(b"".join((b"POST ", path, self._head, b"%d\r\n\r\n" % len(body), body)), answer)
            return await answer
        except BaseException as error:
            line.drop()  # an answer that comes late must not be taken for the next one's
            if isinstance(error, TimedOut):
                self._doubt()
            raise
        finally:
            del self._ends[answer]
            self._back(line, now)

    def _look(self) -> None:
        """End the requests whose time is over. One timer for all costs less than one for each, and ends them at most so much late."""
        self._watch = None
        if self._loop is None or not self._ends:
            return
        now = self._loop.time()
        for answer, ends in list(self._ends.items()):
            if ends <= now and not answer.done():
                answer.set_exception(TimedOut())
        self._watch = self._loop.call_later(LOOK, self._look)

    def _reused(self, now: float) -> _Line | None:
        while self._free:
            line = self._free.pop()
            if line.open and now - line.idle_since < IDLE:
                return line
            line.drop()
        return None

    async def _line(self, seconds: float) -> _Line:
        try:
            async with asyncio.timeout(min(seconds, CONNECT) if self._busy < self._most else seconds):
                while self._busy >= self._most:
                    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting.append(turn)
                    try:
                        await turn
                    except BaseException:
                        if turn.done() and not turn.cancelled():
                            self._next()  # it was our turn just when we stopped waiting: it is another's
                        raise
                self._busy += 1
                try:
                    return self._reused(asyncio.get_running_loop().time()) or await self._host.connected(_Line, self._context)
                except BaseException:
                    self._leave()
                    raise
        except (OSError, TimeoutError):
            raise NotSent("not reached") from None

    def _doubt(self) -> None:
        """Use no connection again that is as old as one which fell silent: over a new one it is known whether anybody is there."""
        while self._free:
            self._free.pop().drop()

    def _back(self, line: _Line, now: float) -> None:
        if line.open:
            line.idle_since = now
            self._free.append(line)
        self._leave()

    def _leave(self) -> None:
        self._busy -= 1
        self._next()

    def _next(self) -> None:
        """Let the one who waits for longest try."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._doubt()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
