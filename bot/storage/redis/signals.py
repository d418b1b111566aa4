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
from typing import Any

import hiredis
from typing_extensions import override

from bot.conversation.running.dialing import tear
from bot.ports import StoreUnavailable
from bot.storage.redis.keeping import Dialer
from bot.storage.redis.wire import Address, Wire, Word, unheard

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
        def rung(said: str) -> None:
            name, _, word = said.partition(" ")
            if name != self._name:
                heard(word)

        ear = await self._dialer.reached(at, lambda: _Ear(rung, heard))
        try:
            if at.password:
                ear.say("AUTH", *((at.user,) if at.user else ()), at.password)
            ear.say("SUBSCRIBE", CHANNEL)
            while self._wire.where(TAG) == at and ear.lives():
                with suppress(TimeoutError):
                    async with asyncio.timeout(AGAIN):
                        await ear.lost.wait()
                ear.say("PING")
        finally:
            ear.drop()


class _Ear(asyncio.Protocol):
    """A line that hears bells. `rung`: told each; `heard`: told `again` when it begins to hear."""

    def __init__(self, rung: Callable[[str], None], heard: Callable[[str], None]) -> None:
        self._rung = rung
        self._heard = heard
        self._reader = hiredis.Reader(encoding="utf-8", errors="replace")
        self._transport: asyncio.Transport | None = None
        self._now = asyncio.get_running_loop().time
        self._alive = self._now()
        self.lost = asyncio.Event()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport, as asked for

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    @override
    def data_received(self, data: bytes) -> None:
        self._alive = self._now()
        self._reader.feed(data)
        try:
            while (said := self._reader.gets()) is not False:
                self._hear(said)
        except Exception:  # noqa: BLE001 whatever was said or could not be heard: a new line begins anew
            self.drop()

    def _hear(self, said: Any) -> None:
        if isinstance(said, hiredis.ReplyError):
            raise said
        if isinstance(said, list) and said[0] == "message":
            self._rung(said[2])
        elif isinstance(said, list) and said[0] == "subscribe":
            self._heard("again")

    def lives(self) -> bool:
        """Whether it was not lost, and something was heard of late."""
        return not self.lost.is_set() and self._now() - self._alive < SILENT

    def say(self, *words: Word) -> None:
        """Write one command, if there is somebody to hear it."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(hiredis.pack_command(words))  # type: ignore[arg-type]  # its stubs name one type for all words

    def drop(self) -> None:
        """Give the connection up."""
        self.lost.set()
        if self._transport is not None:
            tear(self._transport)
