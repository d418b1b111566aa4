"""One connection to one server: everything asked in one turn of the loop goes out in one write.

Rule 1: a reply belongs to the question it answers, even if nobody waits for it any more.
Rule 2: a server that is silent for too long is as good as gone: all who wait hear `StoreUnavailable`.
Rule 3: where replicas must have a write, its answer is given when they have it: one confirmation a write to the line. Until that is heard
nothing more goes out, so that replicas that are away make one question wait, not a queue of them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import hiredis
from msgspec import Struct
from typing_extensions import override

from bot.conversation.running.dialing import tear
from bot.ports import StoreUnavailable
from bot.storage.redis.wire import WRITES, Script, ScriptFailed, Word, refuse

SILENT: Final = 3.0
"""Seconds without any reply to what was asked."""
PATIENCE: Final = 800
"""Milliseconds that replicas have to confirm a write."""
SUPERSEDED: Final = "Another server may be in charge."
_DOWN: Final = frozenset(
    (
        "OOM", "READONLY", "LOADING", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "MISCONF", "NOREPLICAS", "BUSY", "NOAUTH",
        "WRONGPASS", "NOPERM", "UNBLOCKED",
    )
)  # fmt: skip
"""First words of errors that are the server's state, not our mistake."""
ELSEWHERE: Final = frozenset(("READONLY", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "UNBLOCKED"))
"""Those that say: this is not, or not now, the server to ask."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """How many replicas must have a write. `disk`: on disk, here and there."""

    replicas: int
    disk: bool

    @property
    def questions(self) -> tuple[tuple[Word, ...], ...]:
        """Give what to ask; the answer to the last counts.

        A replica that is asked for its disk tells the state before what it is just reading, and again after a second only. Asked for
        its memory first, it has written by the time that it is asked for its disk.
        """
        memory: tuple[Word, ...] = ("WAIT", self.replicas, PATIENCE)
        return (memory, ("WAITAOF", 1, self.replicas, PATIENCE)) if self.disk else (memory,)

    def lacks(self, reply: Any) -> str:
        """Say why this reply is not enough; empty if it is."""
        if isinstance(reply, hiredis.ReplyError):
            return str(reply).partition(" ")[0]
        here, there = reply if self.disk else (1, reply)
        if here >= 1 and there >= self.replicas:
            return ""
        return f"Only {there} of {self.replicas} replicas have the write." if here else "The write is not on disk yet."


class _Asked(Struct, eq=False):
    future: "asyncio.Future[Any] | None"
    script: tuple[Script, tuple[Word, ...]] | None = None
    writes: bool = False


_CONFIRMATION: Final = _Asked(None)


class Line(asyncio.Protocol):
    """One connection. `life`: which server this is, in which life; `info`: what it said of itself when it was greeted.

    `refused`: told the first word when the server says that it is not the one to ask. `agreed`: asked after each confirmation whether
    this server is in charge still, for replicas confirm to whichever they follow.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._asked: deque[_Asked] = deque()
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._heard = self._loop.time()
        self._writes = False
        self._confirming = False
        self._unsure: list[tuple[_Asked, Any]] = []
        self.confirm: Confirm | None = None
        self.life = ""
        self.info: dict[str, str] = {}
        self.refused: Callable[[str], None] | None = None
        self.agreed: Callable[[], Awaitable[bool]] | None = None
        self._asking: asyncio.Task[None] | None = None
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
        if asked is _CONFIRMATION:
            self._confirmed(reply)
        elif asked.script is not None and isinstance(reply, hiredis.ReplyError) and str(reply).startswith("NOSCRIPT"):
            script, args = asked.script
            self._send(_Asked(asked.future, writes=True), ("EVAL", script.text, *args))
        elif asked.writes and self.confirm is not None:
            self._unsure.append((asked, reply))
        else:
            self._answer(asked, reply)

    def _answer(self, asked: _Asked, reply: Any) -> None:
        future = asked.future
        if not isinstance(reply, hiredis.ReplyError):
            if future is not None and not future.done():
                future.set_result(reply)
            return
        words = str(reply)
        first = words.partition(" ")[0]
        if future is not None and not future.done():
            # A script's error names a line of ours, and may quote an argument: only its first word is given on.
            future.set_exception(StoreUnavailable(first) if first in _DOWN else ScriptFailed(_bare(words)))
        if first in ELSEWHERE and self.refused is not None:
            self.refused(first)

    def _confirmed(self, reply: Any) -> None:
        assert self.confirm is not None  # noqa: S101 it was asked for
        lacks = self.confirm.lacks(reply)
        if lacks or self.agreed is None:
            self._give_unsure(lacks)
        else:
            self._asking = self._loop.create_task(self._ask_others(self.agreed))

    async def _ask_others(self, agreed: Callable[[], Awaitable[bool]]) -> None:
        self._give_unsure("" if await agreed() else SUPERSEDED)

    def _give_unsure(self, lacks: str) -> None:
        unsure, self._unsure = self._unsure, []
        self._confirming = False
        for asked, answer in unsure:
            if lacks and not isinstance(answer, hiredis.ReplyError) and asked.future is not None:
                refuse(asked.future, lacks)
            else:
                self._answer(asked, answer)
        if lacks in ELSEWHERE and self.refused is not None:
            self.refused(lacks)
        self._flush()

    # ── our side ──
    def run(self, script: Script, future: "asyncio.Future[Any]", args: tuple[Word, ...]) -> None:
        """Put a script into the next write; `args` begin with the count of keys."""
        self._send(_Asked(future, (script, args), writes=True), ("EVALSHA", script.sha, *args))

    def ask(self, *words: Word) -> "asyncio.Future[Any]":
        """Ask one thing."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._send(_Asked(future, writes=words[0] in WRITES), words)
        return future

    def _send(self, asked: _Asked, words: tuple[Word, ...]) -> None:
        if self.lost.is_set():
            if asked.future is not None:
                refuse(asked.future)
            return
        if not self._asked:
            self._heard = self._loop.time()
        self._asked.append(asked)
        self._writes |= asked.writes
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(hiredis.pack_command(words))  # type: ignore[arg-type]  # its stubs name one type for all words

    def _flush(self) -> None:
        if self._confirming or not self._out or self.lost.is_set() or self._transport is None or self._transport.is_closing():
            return  # a line that is closing says so in a moment: all who wait hear it then
        out, self._out = self._out, []
        if self._writes and self.confirm is not None:
            self._confirming = True
            questions = self.confirm.questions
            self._asked.extend([*(_Asked(None) for _ in questions[1:]), _CONFIRMATION])
            out += [hiredis.pack_command(words) for words in questions]  # type: ignore[arg-type]
        self._writes = False
        self._transport.write(b"".join(out))

    def silent(self, seconds: float = SILENT) -> bool:
        """Whether something was asked and nothing came for so long."""
        return bool(self._asked) and self._loop.time() - self._heard > seconds

    def drop(self) -> None:
        """Give the connection up."""
        if self.lost.is_set():
            return
        self.lost.set()
        if self._asking is not None:
            self._asking.cancel()
        if self._transport is not None:
            tear(self._transport)
        left = [*(asked for asked, _ in self._unsure), *self._asked]
        self._unsure.clear()
        self._asked.clear()
        for asked in left:
            if asked.future is not None:
                refuse(asked.future)


def _bare(words: str) -> str:
    return words[:120] if "user_script" in words or words.startswith("ERR") else words.partition(" ")[0]
