"""A service that is measured: a process tree with its CPU and memory; and the Redis server beside it.

Rule 1: CPU is what the kernel counted for every thread of the tree, to the nanosecond, not samples of a clock.
Rule 2: only what was started here is ended here.
"""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
MEASURED = {CORES[-1]}
"""The core of what is measured; driver, double and Redis have the first one."""
BESIDE = {CORES[0]}


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Service:
    """One service."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **env}, stdout=out, stderr=out, start_new_session=True, preexec_fn=_on_its_core
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def listens(self, port: int, seconds: float = 60.0) -> None:
        """Wait until it takes connections; raises `RuntimeError` with its last words if it ends instead."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    _, out = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    if self._process.poll() is not None:
                        raise RuntimeError(self._log.read_text(errors="replace")[-2000:]) from None
                    await asyncio.sleep(0.01)
                else:
                    out.close()
                    return

    async def ready(self, port: int, seconds: float = 60.0) -> None:
        """Wait until it says that it is ready."""
        await self.listens(port, seconds)
        async with asyncio.timeout(seconds):
            while True:
                come, out = await asyncio.open_connection("127.0.0.1", port)
                out.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = await come.read()
                out.close()
                if answer.startswith(b"HTTP/1.1 200"):
                    return
                await asyncio.sleep(0.01)

    def cpu(self) -> float:
        """CPU seconds used so far."""
        return sum(int(_read(f"/proc/{pid}/task/{thread}/schedstat").split()[0] or 0) for pid, thread in self._threads()) / 1e9

    def memory(self) -> float:
        """Resident memory in MB."""
        lines = (line for pid in self._tree() for line in _read(f"/proc/{pid}/status").splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def _tree(self) -> list[int]:
        found = [self.pid]
        for pid in found:
            for task in _listed(f"/proc/{pid}/task"):
                found += [int(child) for child in _read(f"/proc/{pid}/task/{task}/children").split() if child.isdigit()]
        return found

    def _threads(self) -> list[tuple[int, str]]:
        return [(pid, thread) for pid in self._tree() for thread in _listed(f"/proc/{pid}/task")]

    async def stop(self) -> None:
        """End it, with all that it started."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGTERM)
            for _ in range(600):
                if self._process.poll() is not None:
                    break
                await asyncio.sleep(0.02)
            else:
                os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def _on_its_core() -> None:
    os.sched_setaffinity(0, MEASURED)


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return "0 "


def _listed(path: str) -> list[str]:
    try:
        return [each.name for each in Path(path).iterdir()]
    except OSError:
        return []


def busy(core: int) -> float:
    """Seconds that the core was busy since the machine started, whoever had it."""
    for line in _read("/proc/stat").splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}":
            ticks = [int(field) for field in fields[:8]]
            return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    return 0.0


class Redis:
    """A plain blocking connection to a Redis server, for what is asked beside the load."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port))
        self._in = self._line.makefile("rb")

    def ask(self, *words: str | bytes | int) -> Any:
        return self.many([words])[0]

    def many(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        """Ask all of these at once."""
        self._line.sendall(b"".join(_command(words) for words in commands))
        return [self._answer() for _ in commands]

    def _answer(self) -> Any:
        line = self._in.readline()[:-2]
        kind, rest = line[:1], line[1:]
        match kind:
            case b"$":
                return None if rest == b"-1" else self._in.read(int(rest) + 2)[:-2]
            case b"*":
                return None if rest == b"-1" else [self._answer() for _ in range(int(rest))]
            case b":":
                return int(rest)
            case b"-":
                raise RuntimeError(rest.decode())
            case _:
                return rest.decode()

    def info(self, section: str) -> dict[str, str]:
        """What the server says of itself."""
        lines = (line.partition(":") for line in self.ask("INFO", section).decode().splitlines() if ":" in line)
        return {name: value for name, _, value in lines}

    def calls(self) -> tuple[int, int]:
        """Commands done so far, those of scripts too; and scripts called."""
        counts = {
            name.removeprefix("cmdstat_"): int(said.partition("calls=")[2].partition(",")[0])
            for name, said in self.info("commandstats").items()
        }
        scripts = sum(counts.get(name, 0) for name in ("evalsha", "eval", "fcall"))
        ours = {"info", "ping", "flushall", "client", "config", "memory|usage", "scan", "hello", "dbsize"}
        return sum(times for name, times in counts.items() if name.partition("|")[0] not in ours and name not in ours), scripts

    def bytes(self) -> int:
        """Memory of all keys."""
        cursor, total = b"0", 0
        while True:
            cursor, keys = self.ask("SCAN", cursor, "COUNT", 1000)
            total += sum(size or 0 for size in self.many([("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys]))
            if cursor == b"0":
                return total

    def close(self) -> None:
        self._in.close()
        self._line.close()


def _command(words: Sequence[str | bytes | int]) -> bytes:
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        said = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(said), said))
    return b"".join(parts)
