"""The way to one Redis server: everything asked in one turn of the loop goes out in one write.

Rule 1: nothing is asked twice here: whoever asks knows what may be repeated.
Rule 2: a reply belongs to the question it answers, even if nobody waits for it any more.
Rule 3: a server that is silent for too long is as good as gone: all who wait hear `StoreUnavailable`.
"""

import asyncio
import hashlib
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import hiredis
from typing_extensions import override

from bot.ports import StoreUnavailable

Word: TypeAlias = bytes | str | int
SILENT: Final = 3.0
"""Seconds without any reply to what was asked."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
CONNECT: Final = 2.0
_DOWN: Final = frozenset(
    (
        "OOM", "READONLY", "LOADING", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "MISCONF", "NOREPLICAS", "BUSY", "NOAUTH",
        "WRONGPASS", "NOPERM", "UNBLOCKED",
    )
)  # fmt: skip
"""First words of errors that are the server's state, not our mistake."""


class ScriptFailed(Exception):
    """The server refused a command as wrong: a mistake of ours."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script that the server runs whole. `sha` names it there."""

    name: str
    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        # SHA-1 is the name that Redis gives a script; nothing is kept secret by it.
        object.__setattr__(self, "sha", hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is. `path`: a socket file, else host and port."""

    host: str = "127.0.0.1"
    port: int = 6379
    path: str = ""
    db: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False


class Wire(Protocol):
    """What the store asks through. `single`: one server has all shards, so that one script may touch many."""

    single: bool

    async def open(self, scripts: Sequence[Script]) -> None:
        """Connect and load the scripts; raises `StoreUnavailable`."""

    async def close(self) -> None:
        """Close the connections; who still waits hears `StoreUnavailable`."""

    def script(self, script: Script, tag: str, *args: Word) -> "asyncio.Future[Any]":
        """Run a script where the keys of this tag are; its only key is `{tag}`."""

    def command(self, tag: str, *words: Word) -> "asyncio.Future[Any]":
        """Run one command where the keys of this tag are."""


@dataclass(slots=True)
class _Asked:
    future: "asyncio.Future[Any]"
    script: tuple[Script, tuple[Word, ...]] | None = None


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._asked: deque[_Asked] = deque()
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._heard = self._loop.time()
        self.lost = asyncio.Event()

    # ── asyncio's side ──
    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")  # noqa: S101 uvloop has its own
        self._transport = transport  # type: ignore[assignment]

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.drop()

    @override
    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self._give(self._asked.popleft(), reply)
        except (hiredis.ProtocolError, IndexError):
            self.drop()

    def _give(self, asked: _Asked, reply: Any) -> None:
        if not isinstance(reply, hiredis.ReplyError):
            if not asked.future.done():
                asked.future.set_result(reply)
            return
        words = str(reply)
        if words.startswith("NOSCRIPT") and asked.script is not None:
            script, args = asked.script
            self.send(_Asked(asked.future), ("EVAL", script.text, *args))
        elif not asked.future.done():
            down = words.partition(" ")[0] in _DOWN
            # A script's error names a line of ours, and may quote an argument: only its first word is given on.
            asked.future.set_exception(StoreUnavailable(words.partition(" ")[0]) if down else ScriptFailed(_bare(words)))

    # ── our side ──
    def send(self, asked: _Asked, words: tuple[Word, ...]) -> None:
        """Put a question into the next write."""
        if self.lost.is_set():
            _refuse(asked.future)
            return
        if not self._asked:
            self._heard = self._loop.time()
        self._asked.append(asked)
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(hiredis.pack_command(words))  # type: ignore[arg-type]  # its stubs name one type for all words

    def ask(self, *words: Word) -> "asyncio.Future[Any]":
        """Ask one thing."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self.send(_Asked(future), words)
        return future

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None and not self.lost.is_set():
            self._transport.write(b"".join(out))

    def silent(self) -> bool:
        """Whether something was asked and nothing came for too long."""
        return bool(self._asked) and self._loop.time() - self._heard > SILENT

    def drop(self) -> None:
        """Give the connection up."""
        if self.lost.is_set():
            return
        self.lost.set()
        if self._transport is not None:
            self._transport.abort()
        for asked in self._asked:
            _refuse(asked.future)
        self._asked.clear()


class SingleWire:
    """A wire to one server."""

    single = True

    def __init__(self, address: Address, *, context: ssl.SSLContext | None = None) -> None:
        self._address = address
        self._context = context or (ssl.create_default_context() if address.tls else None)
        self._line: _Line | None = None
        self._scripts: Sequence[Script] = ()
        self._keeping: asyncio.Task[None] | None = None

    async def open(self, scripts: Sequence[Script]) -> None:
        """Connect and load the scripts; raises `StoreUnavailable`."""
        self._scripts = scripts
        self._line = await self._connected()
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Close the connection."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None
        if self._line is not None:
            self._line.drop()
            self._line = None

    def script(self, script: Script, tag: str, *args: Word) -> "asyncio.Future[Any]":
        """Run a script; its only key is `{tag}`."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._line is None:
            _refuse(future)
        else:
            tail = (1, f"{{{tag}}}", *args)
            self._line.send(_Asked(future, (script, tail)), ("EVALSHA", script.sha, *tail))
        return future

    def command(self, tag: str, *words: Word) -> "asyncio.Future[Any]":  # noqa: ARG002 one server has every tag
        """Run one command."""
        if self._line is not None:
            return self._line.ask(*words)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        _refuse(future)
        return future

    async def _connected(self) -> _Line:
        loop, at = asyncio.get_running_loop(), self._address
        try:
            async with asyncio.timeout(CONNECT):
                if at.path:
                    _, line = await loop.create_unix_connection(_Line, at.path)
                else:
                    _, line = await loop.create_connection(_Line, at.host, at.port, ssl=self._context)
                await self._greet(line)
        except (OSError, TimeoutError) as error:
            raise StoreUnavailable(f"Redis does not answer: {type(error).__name__}") from None
        return line

    async def _greet(self, line: _Line) -> None:
        at = self._address
        if at.password:
            await line.ask("AUTH", *((at.user,) if at.user else ()), at.password)
        if at.db:
            await line.ask("SELECT", at.db)
        for script in self._scripts:
            await line.ask("SCRIPT", "LOAD", script.text)

    async def _keep(self) -> None:
        """Watch the connection, and make it anew when it is lost."""
        pause = FIRST_PAUSE
        while True:
            line = self._line
            if line is not None and not line.lost.is_set():
                pause = FIRST_PAUSE
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await line.lost.wait()
                if line.silent():
                    line.drop()
                continue
            try:
                self._line = await self._connected()
            except (StoreUnavailable, ScriptFailed):
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


def _refuse(future: "asyncio.Future[Any]") -> None:
    if not future.done():
        future.set_exception(StoreUnavailable("Redis is not reached."))
        future.exception()  # whoever dropped the question shall not be told that nobody heard the answer


def _bare(words: str) -> str:
    return words[:120] if "user_script" in words or words.startswith("ERR") else words.partition(" ")[0]
