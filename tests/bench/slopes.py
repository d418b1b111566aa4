"""What each update costs the Redis server, and what an idle conversation lies in it with: the inputs of `tests.bench.capacity`.

    python -m tests.bench.slopes [PERSONS]

A whole house works real conversations of the shipped flows against a channel that answers at once; the server is asked before and after.
"""

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap.house import House
from bot.config import Settings
from bot.conversation.keeping.intake import Incoming
from bot.engine.events import Said, Started
from bot.ports import CaseIndex, Outgoing, Pace, Receipt
from bot.storage.redis.cells import CaseRow, base_of, case_bytes, shard_of, tag_of
from bot.storage.redis.keeping import info_of
from tests.ops.houses import ROOT, living
from tests.redis_rig import Server

WORDS = ("fr", "oui", "1", "Rabat", "2", "bonjour")
TOGETHER = 64
"""Persons whose updates come at once."""


class Phones:
    """A channel that takes everything at once."""

    name = "telegram"
    pace = Pace()
    sent = 0

    async def send(self, _route: str, _message: Outgoing) -> Receipt:
        self.sent += 1
        return Receipt(message=str(self.sent))


@dataclass(frozen=True)
class Seen:
    """What the server says of itself, and what this process has used."""

    cpu: float
    memory: int
    appended: int
    calls: int
    ours: float
    at: float

    @classmethod
    async def now(cls, house: House) -> "Seen":
        wire = house.store._wire  # type: ignore[union-attr]
        info, stats = info_of(await wire.command("meta", "INFO")), info_of(await wire.command("meta", "INFO", "commandstats"))
        said = dict(pair.split("=") for pair in stats.get("cmdstat_evalsha", "calls=0").split(","))
        keys = await wire.command("meta", "KEYS", "*")
        sizes = await asyncio.gather(*(wire.command("meta", "MEMORY", "USAGE", key, "SAMPLES", "0") for key in keys))
        return cls(
            cpu=float(info["used_cpu_user"]) + float(info["used_cpu_sys"]), memory=sum(size or 0 for size in sizes),
            appended=int(info["aof_current_size"]), calls=int(said["calls"]), ours=time.process_time(), at=time.perf_counter(),
        )  # fmt: skip


async def converse(house: House, persons: range, together: int) -> None:
    """Have these persons begin and answer, so many at a time."""
    for first in range(0, len(persons), together):
        some = persons[first : first + together]
        for n in range(1 + len(WORDS)):
            at = house.clock.now()
            event = Said(at=at, text=WORDS[n - 1]) if n else Started(at=at)
            items = [Incoming(channel="telegram", identity=str(one), route=str(one), event_id=f"tg:{n}-{one}", event=event) for one in some]
            await house.intake.accept(items)
            await house.worker.idle()
            await house.sender.idle()


async def compared(house: House, persons: range, together: int) -> None:
    phones = house.channels["telegram"] = Phones()
    before = await Seen.now(house)
    await converse(house, persons, together)
    after = await Seen.now(house)
    updates = len(persons) * (1 + len(WORDS))
    print(f"\n{together} at a time: {len(persons)} persons, {updates} updates, {updates / (after.at - before.at):.0f} a second")
    print(f"  messages:                     {phones.sent / updates:.2f} an update")
    print(f"  CPU here, without HTTP:       {(after.ours - before.ours) / updates * 1e6:.0f} µs an update")
    print(f"  CPU of the server:            {(after.cpu - before.cpu) / updates * 1e6:.0f} µs an update")
    print(f"  script calls:                 {(after.calls - before.calls) / updates:.2f} an update")
    print(f"  written to the server's file: {(after.appended - before.appended) / updates:.0f} bytes an update")
    print(f"  memory of the server:         {(after.memory - before.memory) / len(persons):.0f} bytes a conversation, all keys")


async def rest(house: House, seconds: float) -> None:
    """What it costs that nobody writes: shards are renewed, the store is looked at."""
    work = [asyncio.create_task(part) for part in house.parts()]
    await asyncio.sleep(1.0)
    before = await Seen.now(house)
    await asyncio.sleep(seconds)
    after = await Seen.now(house)
    house.stop()
    await asyncio.gather(*work)
    print("\nat rest")
    print(f"  CPU here:                     {(after.ours - before.ours) / seconds * 1e3:.1f} ms a second")
    print(f"  CPU of the server:            {(after.cpu - before.cpu) / seconds * 1e3:.1f} ms a second")
    print(f"  script calls:                 {(after.calls - before.calls) / seconds:.1f} a second")


async def desk(house: House, count: int) -> None:
    """What a look at the queue costs: it reads every case that is kept, closed ones too."""
    wire, asked = house.store._wire, []  # type: ignore[union-attr]
    for n in range(count):
        person = os.urandom(16)
        index = CaseIndex(f"C{n}", "desk", "normal", "waiting" if n % 30 == 0 else "closed", 1.0, "fr")
        row = CaseRow(index, person, (("", os.urandom(60)),), os.urandom(900), None, None, None, 3)
        shard = shard_of(person)
        asked.append(wire.command(tag_of(shard), "HSET", f"{base_of(shard)}:c", index.code, case_bytes(1, row)))
    await asyncio.gather(*asked)
    cpu = time.process_time()
    await house.store.cases(states=("waiting",), teams=None)
    print(f"\na look at the queue with {count} cases kept: {(time.process_time() - cpu) / count * 1e6:.1f} µs of CPU here for each of them")


async def measure(persons: int) -> None:
    server = Server.start("--auto-aof-rewrite-percentage", "0")
    with tempfile.TemporaryDirectory() as folder:
        known = Settings(store=f"unix://{server.socket}", keys=Path(folder) / "keys", flows=ROOT)
        async with living(known) as house:
            await compared(house, range(1, persons // 20 + 1), 1)
            await compared(house, range(persons + 1, 2 * persons + 1), TOGETHER)
            await rest(house, 10.0)
            await desk(house, 10_000)
    server.end()
    print(f"\none fsync of 4 kB on this disk: {_fsync() * 1000:.2f} ms in the middle")


def _fsync(times: int = 200) -> float:
    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir()) as file:
        took = []
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return sorted(took)[times // 2]


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
