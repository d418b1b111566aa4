"""Bells between processes, over Redis' own messages. They may be lost: whoever listens also looks for itself each second.

Rule 1: a word names no person, and is no more than a reason to look.
Rule 2: ringing never waits and never fails; listening never ends, whatever a line meets: a process without bells looks for itself.
Rule 3: it is listened where it is rung: when another server is in charge, the line to the one before is left within a second.
Rule 4: a line over which nothing is heard is asked for a sign of life each second: packets that are lost close no connection, and whoever
only listens would not hear of it for a quarter of an hour.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from typing_extensions import override

from bot.ports import StoreUnavailable
from bot.storage.redis.keeping import Dialer
from bot.storage.redis.wire import Address, Wire, unheard

CHANNEL = "amana:bell"
TAG = "meta"
"""Whose server is rung through and listened to: on a cluster every node hears what any is told, so that one that is alive will do."""
AGAIN = 1.0
"""Seconds until a lost line is made anew, and between two questions for a sign of life."""
SILENT = 3.0
"""Seconds without any after which a line is as good as lost."""


class Signals:
    """Rings through the wire, listens on a line of its own. `name`: this process, which does not hear itself."""

    def __init__(self, wire: Wire, *, name: str) -> None:
        self._wire = wire
        self._name = name
        self._words: dict[str, None] = {}
        self._dialer = Dialer()

    def ring(self, word: str) -> None:
        """Tell every other process: `inbox`, `holds`, `case CODE KIND`, `mail ROUTE`, `done EVENT OUTCOME` …

        (`House` hears them all)."""
        if not self._words:
            asyncio.get_running_loop().call_soon(self._flush)
        self._words[word] = None

    async def tell(self, word: str) -> None:
        """Ring before this returns, for who is about to close."""
        with suppress(StoreUnavailable):
            await self._wire.command("meta", "PUBLISH", CHANNEL, f"{self._name} {word}")

    def _flush(self) -> None:
        words, self._words = self._words, {}
        for word in words:
            self._wire.command(TAG, "PUBLISH", CHANNEL, f"{self._name} {word}").add_done_callback(unheard)

    async def listen(self, heard: Callable[[str], None]) -> None:
        """Give what others ring, until cancelled; `again` whenever a line is new, because what was rung before it was not heard."""
        while True:
            at = self._wire.where(TAG)
            if at is None:
                await asyncio.sleep(AGAIN)
                continue
            try:
                await self._listen(at, heard)
            except Exception:  # noqa: BLE001 a line that dies while it is made is told by the loop in words of its own, as RuntimeError
                await asyncio.sleep(AGAIN)

    async def _listen(self, at: Address, heard: Callable[[str], None]) -> None:
        pool = ConnectionPool(connection_class=_Line, at=at, dialer=self._dialer)
        try:
            async with Redis(connection_pool=pool).pubsub() as bells:
                await bells.subscribe(CHANNEL)
                await self._hear(bells, at, heard)
        finally:
            with suppress(Exception):
                await pool.aclose()

    async def _hear(self, bells: PubSub, at: Address, heard: Callable[[str], None]) -> None:
        now = asyncio.get_running_loop().time
        alive = now()
        while self._wire.where(TAG) == at and now() - alive < SILENT:
            message = await bells.get_message(timeout=AGAIN)
            if message is None:
                await bells.ping()
                continue
            alive = now()
            if message["type"] == "subscribe":
                heard("again")
            elif message["type"] == "message":
                name, _, word = message["data"].decode("utf-8", "replace").partition(" ")
                if name != self._name:
                    heard(word)


class _Line(AbstractConnection):
    """A line of the client library over what our dialer reached: it asks for no name twice at a time, and tries every address."""

    def __init__(self, *, at: Address, dialer: Dialer, **_: Any) -> None:
        super().__init__(
            username=at.user or None, password=at.password or None, protocol=2, driver_info=None,
            socket_connect_timeout=SILENT, socket_timeout=SILENT, retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
        self._at = at
        self._dialer = dialer

    @override
    async def _connect(self) -> None:
        reader = asyncio.StreamReader()
        stream = await self._dialer.reached(self._at, partial(_Stream, reader))
        self._reader = reader
        self._writer = asyncio.StreamWriter(stream.transport, stream, reader, asyncio.get_running_loop())
        await self.on_connect()

    @override
    def repr_pieces(self) -> list[tuple[str, str]]:
        return []

    @override
    def _host_error(self) -> str:
        return "the server of bells"


class _Stream(asyncio.StreamReaderProtocol):
    """A stream's protocol that gives its transport."""

    transport: asyncio.WriteTransport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport = transport  # type: ignore[assignment]  # a stream's transport, as asked for
