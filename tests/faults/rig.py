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
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.botapi import TOKEN, BotApiServer, serving
from tests.faults.oracle import Verdict, heard, judge, replies

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
BURST = 200


@dataclass
class Child:
    """One service. `ended`: its exit code, negative for a signal."""

    pid: int
    ended: "asyncio.Future[int]"

    def send(self, sig: signal.Signals) -> None:
        if not self.ended.done():
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
    written: dict[int, list[str]] = field(default_factory=lambda: {chat: [] for chat in CHATS})
    kills: list[int] = field(default_factory=list)  # how long the ledger was when all that a kill left under way had arrived
    died: int = 0  # how many of the kills were at their named place
    _tokens: count = field(default_factory=lambda: count(10_000))

    # ── the service ──
    def env(self, *, webhook: bool = False) -> dict[str, str]:
        env = {
            "AMANA_STORE": f"sqlite:///{self.folder}/data/amana.db", "AMANA_KEYS": f"{self.folder}/keys", "AMANA_FLOWS": str(ROOT),
            "AMANA_LISTEN": f"127.0.0.1:{self.port}", "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": self.double.url,
            "TELEGRAM_DESK_GROUP": str(GROUP),
        }  # fmt: skip
        if webhook:
            env |= {"TELEGRAM_WEBHOOK_SECRET": SECRET, "AMANA_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        return env

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    async def publish(self, files: dict[str, str] | None = None, *, crash: str = "") -> int:
        child = await self.nursery.start(do="publish", env=self.env(), crash=crash, log=str(self.log), files=files or {})
        return await child.ended

    async def start(self, *, webhook: bool = False, crash: str = "") -> Child:
        return await self.nursery.start(do="serve", env=self.env(webhook=webhook), crash=crash, log=str(self.log))

    async def ready(self, child: Child, seconds: float = 20.0) -> None:
        """Wait until Telegram was told how to reach this service."""
        begun = len(self.double.of("setMyCommands"))
        await self.until(lambda: child.ended.done() or len(self.double.of("setMyCommands")) > begun, seconds)

    async def kill(self, child: Child, after: float) -> None:
        """Let it live so long, or until it dies by itself, and see that it is dead."""
        self.died += bool((await asyncio.wait([child.ended], timeout=after))[0])
        code = await child.end(signal.SIGKILL)
        assert code == -signal.SIGKILL, f"the service ended by itself with {code}: {self.log.read_text()[-2000:]}"
        await asyncio.sleep(0.02)
        self.kills.append(len(self.double.calls))

    # ── the persons ──
    def say(self, chat: int, words: str) -> None:
        self.written[chat].append(words)
        self.double.push(self.double.text(chat, words))

    def burst(self, size: int = BURST) -> None:
        """So many messages of eight persons, mixed."""
        for _ in range(size):
            self.say(self.chance.choice(CHATS), str(next(self._tokens)))

    @property
    def waiting(self) -> int:
        """How many replies are still to come, at least."""
        expected = sum(len(replies(words)) for words in self.written.values())
        return expected - sum(len(marks) for marks in heard(self.double.calls, CHATS).values())

    async def until(self, holds, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)

    async def drain(self, child: Child, seconds: float = 60.0) -> Verdict:
        """Wait until everything is answered, or nothing came for five seconds; give the verdict."""
        quiet, last = 0.0, -1
        while quiet < 5.0 and not child.ended.done():
            await asyncio.sleep(0.1)
            now = len(self.double.calls)
            quiet = 0.0 if now != last else quiet + 0.1
            last = now
            verdict = judge(self.written, self.double.calls, self.kills)
            if not verdict.lost and not self.double.updates and quiet > 0.3:
                break
        assert not child.ended.done(), self.log.read_text()[-2000:]
        return judge(self.written, self.double.calls, self.kills)


@asynccontextmanager
async def rigged(folder: Path, seed: int) -> AsyncIterator[Rig]:
    """A rig with the flows in force and everybody greeted."""
    async with serving() as double:
        nursery = await Nursery.open()
        try:
            rig = Rig(folder, double, nursery, random.Random(seed), free_port())
            assert await rig.publish() == 0, rig.log.read_text()
            for chat in CHATS:
                rig.say(chat, "/start")
            yield rig
        finally:
            await nursery.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
