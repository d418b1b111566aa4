"""Measures the whole: `amana run` on SQLite, webhooks in, replies out to a Bot API double; rate, delay, memory, start.

Rule 1: the process measured is the one an operator starts, on the flows that are shipped; nothing of it is replaced.
Rule 2: driver and double share one process, the service has its own; both are on this machine, so the rates are for two cores.
Rule 3: a rate counts until the last reply has arrived, and no load begins before: what an earlier load left to be sent would be taken
for a slow answer to the next.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections import deque
from contextlib import suppress
from pathlib import Path
from time import monotonic, perf_counter

import msgspec

from tests.bench.fakeapi import serve
from tests.faults.rig import free_port

ROOT = Path(__file__).parents[2]
SECRET = "bench"
PERSONS = 200
STORE = os.environ.get("BENCH_STORE", "")
"""Address of an empty Redis server; else a file."""
APART = os.environ.get("BENCH_APART", "") == "1"
"""Driver and double on the first core, the service on the second alone."""
CONNECTIONS = 40
"""Telegram's own default for a webhook."""
STEPS = ("/start", "fr", "yes", "1", "no", "yes", "no", "no")
"""What a person does again and again: begins, chooses a language, agrees, and walks into the flow about going home."""
_encode = msgspec.json.Encoder().encode


class Person:
    """One person of the load: writes when the reply to what was written before has come."""

    def __init__(self, chat: int) -> None:
        self.chat = chat
        self.step = 0
        self.began = 0.0


class Load:
    """Walks persons through a conversation over the webhook, and times each from the post to the last reply's arrival."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.updates = 0
        self.replies = 0
        self.heard = 0.0
        self.delays: list[float] = []
        self.persons = {chat: Person(chat) for chat in range(1000, 1000 + PERSONS)}
        self.free: asyncio.Queue[Person] = asyncio.Queue()
        self._streams: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    def sent(self, chat: int, _parameters: dict, _number: int) -> None:
        """A message arrived at the double: the first after an update counts as its reply."""
        self.replies += 1
        self.heard = perf_counter()
        person = self.persons.get(chat)
        if person is not None and person.began:
            self.delays.append(perf_counter() - person.began)
            person.began = 0.0
            self.free.put_nowait(person)

    async def post(self, person: Person) -> None:
        """Send this person's next update, and wait for the 200."""
        words = STEPS[person.step % len(STEPS)]
        person.step += 1
        self.updates += 1
        message = {"message_id": person.step, "date": 1, "chat": {"id": person.chat, "type": "private"}, "text": words}
        body = _encode({"update_id": self.updates, "message": {**message, "from": {"id": person.chat, "is_bot": False, "first_name": "N"}}})
        reader, writer = await self._stream()
        person.began = perf_counter()
        writer.write(
            b"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (SECRET.encode(), len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(length)
        self._streams.append((reader, writer))

    async def _stream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return self._streams.popleft() if self._streams else await asyncio.open_connection("127.0.0.1", self.port)

    async def close(self) -> None:
        """End every connection."""
        while self._streams:
            _, writer = self._streams.pop()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def saturate(self, seconds: float) -> float:
        """Keep every connection busy so long; gives updates answered a second, with all their replies."""
        ends = monotonic() + seconds
        for person in self.persons.values():
            if not person.began:
                self.free.put_nowait(person)

        async def worker() -> None:
            while monotonic() < ends:
                await self.post(await self.free.get())

        begin, before = perf_counter(), self.updates
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(worker())
        await self.settle()
        return (self.updates - before) / (self.heard - begin)

    async def paced(self, rate: float, seconds: float) -> None:
        """Send so many updates a second, whatever comes back."""
        self.delays.clear()
        begin = perf_counter()
        async with asyncio.TaskGroup() as group:
            for n in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, begin + n / rate - perf_counter()))
                group.create_task(self.post(await self.free.get()))
        await self.settle()

    async def settle(self) -> None:
        """Wait until everything that was posted is answered, and no reply has come for half a second."""
        async with asyncio.timeout(60):
            while any(person.began for person in self.persons.values()) or perf_counter() - self.heard < 0.5:
                await asyncio.sleep(0.01)
        self.free = asyncio.Queue()
        for person in self.persons.values():
            self.free.put_nowait(person)


class Service:
    """`amana run` in a process of its own, on an empty store."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, folder: Path, api: int, port: int) -> "Service":
        env = {
            "PATH": os.environ["PATH"], "AMANA_STORE": STORE or f"sqlite:///{folder}/data/amana.db", "AMANA_KEYS": f"{folder}/keys",
            "AMANA_FLOWS": str(ROOT), "AMANA_LISTEN": f"127.0.0.1:{port}", "AMANA_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TELEGRAM_TOKEN": "1:BENCH", "TELEGRAM_SENDS_PER_SECOND": "100000", "TELEGRAM_API_URL": f"http://127.0.0.1:{api}", "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        with (folder / "service.log").open("ab") as out:
            process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", cwd=ROOT, env=env, stdout=out, stderr=out)
        if APART:
            os.sched_setaffinity(process.pid, {1})
        return cls(process)

    async def ready(self, port: int) -> None:
        """Wait until it says that it is ready."""
        async with asyncio.timeout(60):
            while True:
                try:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    said = await reader.read()
                    writer.close()
                    if said.startswith(b"HTTP/1.1 200"):
                        return
                except OSError:
                    pass
                if self._process.returncode is not None:
                    raise RuntimeError("the service ended")
                await asyncio.sleep(0.01)

    def memory(self) -> float:
        """Resident memory in MB."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024

    def cpu(self) -> float:
        """CPU seconds used so far, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def stop(self) -> int:
        self._process.terminate()
        return await self._process.wait()


async def measure(seconds: float) -> list[tuple[str, str, str]]:
    """Give rows (what, measured, goal)."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        load = Load(port)
        server, api = await serve(load.sent)
        begin = perf_counter()
        service = await Service.start(Path(folder), api, port)
        try:
            await service.ready(port)
            rows.append(("start to ready, first start", f"{perf_counter() - begin:.2f} s", "< 2 s"))
            await asyncio.sleep(1.0)
            rows.append(("memory when idle", f"{service.memory():.0f} MB", "< 110 MB"))
            await load.saturate(seconds / 4)
            used = service.cpu()
            before = load.updates
            rate = await load.saturate(seconds)
            cpu = (service.cpu() - used) / (load.updates - before)
            rows.append(("updates a second, saturated", f"{rate:.0f} /s", ">= 200 /s"))
            rows.append(("CPU of the service for an update", f"{cpu * 1000:.2f} ms", ""))
            await load.paced(50.0, seconds)
            cuts = statistics.quantiles(load.delays, n=100)
            rows.append(("post to reply at 50/s: p50 / p95 / p99", " / ".join(f"{cuts[n] * 1000:.1f}" for n in (49, 94, 98)) + " ms", ""))
            rows.append(("memory after the load", f"{service.memory():.0f} MB", "< 150 MB"))
        finally:
            code = await service.stop()
            await server.close()
        begin = perf_counter()
        server, api = await serve(load.sent)
        service = await Service.start(Path(folder), api, port)
        await service.ready(port)
        rows.append(("start to ready, later starts", f"{perf_counter() - begin:.2f} s", "< 2 s"))
        await service.stop()
        await server.close()
        rows.append(("updates sent, replies, exit code", f"{load.updates}, {load.replies}, {code}", ""))
    return rows


def main() -> None:
    import uvloop

    if APART:
        os.sched_setaffinity(0, {0})
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    for what, measured, goal in uvloop.run(measure(seconds)):
        print(f"{what:<42}{measured:>24}" + (f"   goal {goal}" if goal else ""))


if __name__ == "__main__":
    main()
