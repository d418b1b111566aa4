"""The rig: a Bot API double, a nursery of whole services on one store, and eight persons who write in bursts.

Rule 1: everything outside the service survives a kill, as it does in life: the queue of updates, the ledger, the store on disk.
"""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import ClassVar

from tests.botapi import TOKEN, BotApiServer, serving
from tests.botapi.server import Asked
from tests.faults.houses import Keep, keep_for
from tests.faults.oracle import Verdict, judge, mark, replies


@dataclass(frozen=True)
class Latency:
    """Seconds that Telegram takes `before` and `after` it carries out a call, each up to `spread` times as long."""

    before: float
    after: float
    spread: float = 1.0


ROOT = Path(__file__).parents[2]
CHATS = tuple(range(101, 109))
SECRET = "a-webhook-secret"
GROUP = -1001
POINTS = (
    "door.before_take", "intake.before_accept", "intake.after_accept", "door.before_confirm", "door.after_confirm",
    "worker.before_load", "worker.before_commit", "worker.after_commit", "worker.before_result",
    "sender.before_send", "sender.after_send", "sender.before_settle", "sender.after_settle",
    "storage.before_accept", "storage.after_accept", "storage.after_take", "storage.before_commit", "storage.after_commit",
    "storage.before_settle", "storage.after_settle",
)  # fmt: skip
"""Where a serving process can be made to die while people write. What passes other places has tests of its own."""
HOLDING = ("storage.before_hold", "storage.after_hold")
"""Places that only a store of many workers passes."""
RARE = tuple(point for point in POINTS if point.startswith(("door.", "intake.", "storage.before_accept", "storage.after_accept")))
"""Places that a poll passes once for a whole batch."""
BURST = 80
"""Messages of one burst."""
SOON = 0.5
"""Seconds in which a person is answered by a service that has nothing to catch up with."""
QUICK = Latency(0.002, 0.002)
"""Telegram as it never is: as fast as this machine allows, so that much happens between two deaths."""


@dataclass
class Child:
    """One service. `ended`: its exit code, negative for a signal."""

    pid: int
    ended: "asyncio.Future[int]"

    def send(self, sig: signal.Signals) -> None:
        if not self.ended.done():
            with suppress(ProcessLookupError):  # it died this moment, and the news is under way
                os.kill(self.pid, sig)

    async def end(self, sig: signal.Signals, seconds: float = 15.0) -> int:
        """Send a signal and give the exit code."""
        self.send(sig)
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self.ended)


class Nursery:
    """Starts services (tests/faults/nursery.py). One process of it serves all tests of this one, one after the other."""

    _process: ClassVar["subprocess.Popen[bytes] | None"] = None
    _shared: ClassVar["Nursery | None"] = None

    def __init__(self) -> None:
        self._users = 0
        self._children: dict[int, asyncio.Future[int]] = {}
        self._born: dict[int, asyncio.Future[int]] = {}
        self._names = count()
        self._cleared = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls) -> "Nursery":
        """Give the nursery, made ready if nobody used it."""
        if cls._process is None:
            pipe = subprocess.PIPE
            cls._process = subprocess.Popen([sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, stdin=pipe, stdout=pipe)
            assert cls._process.stdout is not None
            assert json.loads(cls._process.stdout.readline()) == {"ready": True}  # once for all tests, and before anyone else asks
        if cls._shared is None:
            cls._shared = cls()
            cls._shared._listening = asyncio.create_task(cls._shared._listen())
        cls._shared._users += 1
        return cls._shared

    async def close(self) -> None:
        """Use it no more; the last one leaves it empty."""
        self._users -= 1
        if self._users == 0:
            Nursery._shared = None
            self._order(do="clear")
            await self._cleared.wait()
            assert self._listening is not None
            await self._listening

    async def start(self, **order: object) -> Child:
        """Have one born."""
        name = next(self._names)
        born = self._born[name] = asyncio.get_running_loop().create_future()
        self._order(**order, name=name)
        pid = await born
        return Child(pid, self._children[pid])

    def _order(self, **order: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    async def _listen(self) -> None:
        """Hear what it reports until it is empty; its pipe stays open for the next test, which has a loop of its own."""
        assert self._process is not None
        assert self._process.stdout is not None
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(self._process.stdout.fileno()), "rb", 0)
        )
        try:
            while not self._cleared.is_set() and (line := await reader.readline()):
                self._heard(json.loads(line))
        finally:
            transport.close()

    def _heard(self, report: dict[str, int]) -> None:
        if "born" in report:
            self._children[report["born"]] = asyncio.get_running_loop().create_future()
            _tell(self._born.pop(report["name"]), report["born"])
        elif "dead" in report:
            _tell(self._children[report["dead"]], report["status"])
        else:
            self._cleared.set()


@dataclass
class Rig:
    """One store, one bot, eight persons. `written`: what each wrote, in order."""

    folder: Path
    double: BotApiServer
    nursery: Nursery
    chance: random.Random
    port: int
    store: Keep
    written: dict[int, list[str]] = field(default_factory=lambda: {chat: [] for chat in CHATS})
    kills: list[int] = field(default_factory=list)  # how long the ledger was when all that a kill left under way had arrived
    deaths: list[tuple[str, int]] = field(default_factory=list)  # of each kill: where (empty: anywhere), and the calls then under way
    died: int = 0  # how many of the kills were at their named place
    paced: bool = False  # as slow as Telegram's own servers want it
    expected: int = 0
    answered: int = 0
    heard: dict[int, str] = field(default_factory=dict)  # the last that each was sent, as a mark
    asking: dict[int, float] = field(default_factory=dict)  # since when those who talk wait for an answer
    more: dict[str, str] = field(default_factory=dict)  # settings beside the usual
    _tokens: count = field(default_factory=lambda: count(10_000))

    def __post_init__(self) -> None:
        self.double.on_call = self._count

    def _count(self, call: Asked) -> None:
        if call.method == "sendMessage" and (chat := int(call.parameters["chat_id"])) in self.written:
            self.answered += 1
            self.heard[chat] = mark(call.parameters["text"])

    # ── the service ──
    def env(self, *, webhook: bool = False, port: int = 0) -> dict[str, str]:
        env = {
            "AMANA_STORE": self.store.url, "AMANA_KEYS": f"{self.folder}/keys", "AMANA_FLOWS": str(ROOT),
            "AMANA_LISTEN": f"127.0.0.1:{port or self.port}", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": self.double.url,
            "TELEGRAM_DESK_GROUP": str(GROUP),
        }  # fmt: skip
        if not self.paced:
            env["TELEGRAM_SENDS_PER_SECOND"] = "100000"  # a server of one's own: nothing is held back
        env |= getattr(self.store, "env", {})
        if webhook:
            env |= {"TELEGRAM_WEBHOOK_SECRET": SECRET, "AMANA_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        return env | self.more

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    async def publish(self, files: dict[str, str] | None = None, *, crash: str = "") -> int:
        child = await self.nursery.start(do="publish", env=self.env(), crash=crash, log=str(self.log), files=files or {})
        return await child.ended

    async def start(
        self, *, webhook: bool = False, crash: str = "", port: int = 0, endless: str = "", clock: Path | None = None, handful: int = 0
    ) -> Child:
        more: dict[str, object] = {"endless": endless} if endless else {}
        if handful:
            more["handful"] = handful
        if clock is not None:
            more["clock"] = str(clock)
        if self.store.lease:
            more["lease"] = self.store.lease
        return await self.nursery.start(do="serve", env=self.env(webhook=webhook, port=port), crash=crash, log=str(self.log), **more)

    async def ready(self, child: Child, seconds: float = 20.0) -> None:
        """Wait until Telegram was told how to reach this service."""
        begun = len(self.double.of("setMyCommands"))
        await self.until(lambda: child.ended.done() or len(self.double.of("setMyCommands")) > begun, seconds)

    async def kill(self, child: Child, after: float, *, idle: bool = False, place: str = "") -> None:
        """Let it live so long, or until it dies at its place or has nothing to do (unless it may be `idle`), and see that it is dead."""
        ends = asyncio.get_running_loop().time() + after
        while not child.ended.done() and asyncio.get_running_loop().time() < ends and (idle or self.busy):
            await asyncio.sleep(0.01)
        self.died += child.ended.done()
        self.deaths.append((place if child.ended.done() else "", self.double.under_way))
        code = await child.end(signal.SIGKILL)
        assert code == -signal.SIGKILL, f"the service ended by itself with {code}: {self.log.read_text()[-2000:]}"
        await asyncio.sleep(0.01)  # what left it in its last moment arrives, and is carried out whether it lives or not
        await self.until(lambda: not self.double.under_way, 10.0)
        self.kills.append(len(self.double.calls))

    # ── the persons ──
    def say(self, chat: int, words: str) -> None:
        self.written[chat].append(words)
        self.expected += len(replies([words]))
        self.double.push(self.double.text(chat, words))

    def crowd(self, size: int) -> list[int]:
        """So many more persons, who say hello."""
        chats = [10_000 + len(self.written) + n for n in range(size)]
        for chat in chats:
            self.written[chat] = []
            self.say(chat, "/start")
        return chats

    def forget(self) -> None:
        """Begin a new ledger, once all is answered: everybody was greeted."""
        self.written = {chat: [] for chat in self.written}
        self.double.calls.clear()
        self.double.ledger.clear()
        self.double.hook.delivered.clear()
        self.double.methods.messages.clear()
        self.expected = self.answered = 0

    def burst(self, size: int = BURST) -> None:
        """So many messages of eight persons, mixed."""
        for _ in range(size):
            self.say(self.chance.choice(CHATS), str(next(self._tokens)))

    async def talk(self, chat: int, pause: float) -> None:
        """One person writes, is answered, reads for about so long, and writes again, until cancelled."""
        while True:
            token = str(next(self._tokens))
            self.say(chat, token)
            self.asking[chat] = self.double.now()
            while self.heard.get(chat) != token:
                await asyncio.sleep(0.01)
            while self.heard[chat] == token:  # the next question follows
                await asyncio.sleep(0.01)
            del self.asking[chat]
            await asyncio.sleep(pause * self.chance.uniform(0.5, 1.5))

    def calm(self) -> bool:
        """Whether nobody who talks has waited for long: what piled up while the service was dead is answered."""
        return all(self.double.now() - since < SOON for since in self.asking.values())

    @property
    def waiting(self) -> int:
        """How many replies are still to come, at least."""
        return self.expected - self.answered

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self.waiting > 0 or len(self.double.waiting) > 0

    async def pause(self) -> None:
        """Leave others a moment."""
        await asyncio.sleep(0.05)

    async def until(self, holds, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)

    async def drain(self, child: Child, seconds: float = 60.0) -> Verdict:
        """Wait until everything is answered, or nothing came for so long that nothing will; give the verdict."""
        quiet, last, longest = 0.0, -1, 5.0 + self.store.waits
        while quiet < longest and not child.ended.done() and seconds > 0:
            await asyncio.sleep(0.1)
            seconds -= 0.1
            now = len(self.double.calls)
            quiet = 0.0 if now != last else quiet + 0.1
            last = now
            if quiet > 0.3 and not self.busy and not self.verdict().lost:
                break
        assert not child.ended.done(), self.log.read_text()[-2000:]
        return self.verdict()

    def verdict(self) -> Verdict:
        """What the ledger says by now."""
        return judge(self.written, self.double.calls, self.kills)


@asynccontextmanager
async def rigged(
    folder: Path, seed: int, kind: str = "file", *, keep: Keep | None = None, latency: Latency = QUICK, paced: bool = False
) -> AsyncIterator[Rig]:
    """A rig with the flows in force and everybody greeted. `kind`: of store, unless one is given."""
    folder.mkdir(exist_ok=True)
    async with serving(BotApiServer(latency=(latency.before, latency.after), spread=latency.spread)) as double:
        nursery = await Nursery.open()
        store = keep or keep_for(kind, folder)
        try:
            await store.start()
            rig = Rig(folder, double, nursery, random.Random(seed), free_port(), store, paced=paced)
            assert await rig.publish() == 0, rig.log.read_text()
            for chat in CHATS:
                rig.say(chat, "/start")
            yield rig
        finally:
            await nursery.close()
            await store.stop()


def _tell(future: "asyncio.Future[int]", what: int) -> None:
    if not future.done():  # else whoever waited has been ended
        future.set_result(what)


def free_port() -> int:
    """Give a port that nobody uses, below those that the system gives to outgoing connections while a service is dead."""
    while True:
        port = _ports.randrange(12_000, 32_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


_ports = random.SystemRandom()
