"""The rig: a Bot API double, a nursery of whole services on one store, and eight persons who write in bursts.

Rule 1: everything outside the service survives a kill, as it does in life: the queue of updates, the ledger, the store on disk.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot import config
from tests.botapi import TOKEN, BotApiServer, serving
from tests.botapi.server import Asked
from tests.faults.houses import Keep, keep_for
from tests.faults.oracle import Verdict, judge, replies

ROOT = Path(__file__).parents[2]
CHATS = tuple(range(101, 109))
SECRET = "a-webhook-secret"
GROUP = -1001
POINTS = (
    "door.before_take", "intake.before_accept", "intake.after_accept", "door.before_confirm", "door.after_confirm",
    "worker.before_load", "worker.before_commit", "worker.after_commit", "worker.before_result",
    "sender.before_send", "sender.after_send", "sender.before_settle", "sender.after_settle",
    "storage.before_commit", "storage.after_commit",
)  # fmt: skip
"""Where a serving process can be made to die."""
RARE = tuple(point for point in POINTS if point.startswith(("door.", "intake.")))
"""Places that a poll passes once for a whole batch."""
BURST = 80
"""Messages of one burst: what eight persons may be answered at once, before the pace of one person's messages counts."""
LATENCY = (0.002, 0.002)
"""Seconds that Telegram takes, before and after it carries out a call."""


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
    """Starts services (tests/faults/nursery.py)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._children: dict[int, asyncio.Future[int]] = {}
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls) -> "Nursery":
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.nursery", cwd=ROOT, stdin=pipe, stdout=pipe)
        assert process.stdout is not None
        assert json.loads(await process.stdout.readline()) == {"ready": True}
        return cls(process)

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._listening

    async def start(self, **order: object) -> Child:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        pid = await self._born.get()
        return Child(pid, self._children[pid])

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            report = json.loads(line)
            if "born" in report:
                self._children[report["born"]] = asyncio.get_running_loop().create_future()
                self._born.put_nowait(report["born"])
            else:
                self._children[report["dead"]].set_result(report["status"])


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
    died: int = 0  # how many of the kills were at their named place
    expected: int = 0
    answered: int = 0
    _tokens: count = field(default_factory=lambda: count(10_000))

    def __post_init__(self) -> None:
        self.double.on_call = self._count

    def _count(self, call: Asked) -> None:
        self.answered += call.method == "sendMessage" and int(call.parameters["chat_id"]) in self.written

    # ── the service ──
    def env(self, *, webhook: bool = False, port: int = 0) -> dict[str, str]:
        env = {
            "AMANA_STORE": self.store.url, "AMANA_KEYS": f"{self.folder}/keys", "AMANA_FLOWS": str(ROOT),
            "AMANA_LISTEN": f"127.0.0.1:{port or self.port}", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": self.double.url,
            "TELEGRAM_DESK_GROUP": str(GROUP),
        }  # fmt: skip
        if "TELEGRAM_SENDS_PER_SECOND" in config.NAMES:
            env["TELEGRAM_SENDS_PER_SECOND"] = "100000"  # a test shall not wait for Telegram's pace over all
        if webhook:
            env |= {"TELEGRAM_WEBHOOK_SECRET": SECRET, "AMANA_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        return env

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    async def publish(self, files: dict[str, str] | None = None, *, crash: str = "") -> int:
        child = await self.nursery.start(do="publish", env=self.env(), crash=crash, log=str(self.log), files=files or {})
        return await child.ended

    async def start(self, *, webhook: bool = False, crash: str = "", port: int = 0, endless: str = "") -> Child:
        more = {"endless": endless} if endless else {}
        return await self.nursery.start(do="serve", env=self.env(webhook=webhook, port=port), crash=crash, log=str(self.log), **more)

    async def ready(self, child: Child, seconds: float = 20.0) -> None:
        """Wait until Telegram was told how to reach this service."""
        begun = len(self.double.of("setMyCommands"))
        await self.until(lambda: child.ended.done() or len(self.double.of("setMyCommands")) > begun, seconds)

    async def kill(self, child: Child, after: float, *, idle: bool = False) -> None:
        """Let it live so long, or until it dies by itself or has nothing to do (unless it may be `idle`), and see that it is dead."""
        ends = asyncio.get_running_loop().time() + after
        while not child.ended.done() and asyncio.get_running_loop().time() < ends and (idle or self.busy):
            await asyncio.sleep(0.01)
        self.died += child.ended.done()
        code = await child.end(signal.SIGKILL)
        assert code == -signal.SIGKILL, f"the service ended by itself with {code}: {self.log.read_text()[-2000:]}"
        await asyncio.sleep(0.02)
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

    def burst(self, size: int = BURST) -> None:
        """So many messages of eight persons, mixed."""
        for _ in range(size):
            self.say(self.chance.choice(CHATS), str(next(self._tokens)))

    @property
    def waiting(self) -> int:
        """How many replies are still to come, at least."""
        return self.expected - self.answered

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self.waiting > 0 or len(self.double.waiting) > 0

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
async def rigged(folder: Path, seed: int, kind: str = "file", *, keep: Keep | None = None) -> AsyncIterator[Rig]:
    """A rig with the flows in force and everybody greeted. `kind`: of store, unless one is given."""
    folder.mkdir(exist_ok=True)
    async with serving(BotApiServer(latency=LATENCY)) as double:
        nursery = await Nursery.open()
        store = keep or keep_for(kind, folder)
        try:
            await store.start()
            rig = Rig(folder, double, nursery, random.Random(seed), free_port(), store)
            assert await rig.publish() == 0, rig.log.read_text()
            for chat in CHATS:
                rig.say(chat, "/start")
            yield rig
        finally:
            await nursery.close()
            await store.stop()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
