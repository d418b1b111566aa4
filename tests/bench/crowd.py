"""What those who do not write cost those who do: the same load with a thousand conversations stored, and with a million.

    python -m tests.bench.crowd [--counts 1000 1000000] [--rounds 3] [--seconds 8]

Rule 1: those who lie still are real cells of this service, written again under other persons: same bytes, same keys, nobody can open them.
Rule 2: bytes are of the whole server, all keys and what it adds to them, divided by the conversations.
"""

import argparse
import asyncio
import math
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from time import perf_counter

from bot import config
from bot.storage.redis.cells import SHARDS, base_of, cell_bytes, known_from
from tests.bench.against import PEOPLE, between, marker, printed
from tests.bench.contestant import put_in_force
from tests.bench.fakeapi import serve
from tests.bench.load import Load
from tests.bench.process import BESIDE, Redis, Service, free_port
from tests.bench.workers import ROOT, settings_for
from tests.bench.workload import HERE as WORKLOAD
from tests.redis_rig import Server

REAL = 200
"""Conversations that are truly led as far as the last question."""
AT_ONCE = 250
"""Persons in one command."""


@dataclass
class World:
    """A server with so many conversations, and what was measured on it."""

    count: int
    server: Server
    redis_port: int
    folder: Path
    bytes: float = 0.0
    runs: list[dict[str, float]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lost: int = 0
    chats: int = 1

    @classmethod
    async def made(cls, count: int) -> "World":
        """Lead some conversations, then multiply them."""
        port = free_port()
        server = Server.start("--port", str(port), "--bind", "127.0.0.1", "--appendonly", "no")
        world = cls(count, server, port, Path(tempfile.mkdtemp(prefix="amana-crowd-")))
        await put_in_force(config.read(settings_for(free_port(), free_port(), port, world.folder)), WORKLOAD)
        await world.run(0.0)
        redis = Redis(port)
        before = int(redis.info("memory")["used_memory"])
        added = fill(redis, count)
        world.bytes = (int(redis.info("memory")["used_memory"]) - before) / added if added else math.nan
        redis.close()
        return world

    async def run(self, seconds: float) -> None:
        """Start the service on this store, and load it; with no seconds, lead conversations that are left."""
        load = Load([port := free_port()], first=self.chats)
        self.chats += 10**6
        double, api = await serve(load.sent)
        began = perf_counter()
        service = Service(
            (sys.executable, "-m", "bot", "run"), settings_for(port, api, self.redis_port, self.folder), self.folder / "log", ROOT
        )
        redis = Redis(self.redis_port)
        try:
            await service.ready(port)
            values = {"start": perf_counter() - began}
            await asyncio.sleep(1.0)
            if not seconds:
                await load.stop_before_the_end(REAL)
                await asyncio.sleep(1.0)
                return
            values |= between(*await load.saturate(seconds, PEOPLE, marker(load, [service], redis)), "full")
            self.runs.append({**values, "memory": service.memory()})
            self.problems += [load.problems] if load.problems else []
            self.lost += load.lost
        finally:
            redis.close()
            await load.hooks.close()
            await service.stop()
            await double.close()

    def row(self, first: float) -> list[str]:
        """Its line of the table; `first`: the CPU of the smallest crowd."""
        middle = {key: statistics.median(run[key] for run in self.runs) for key in self.runs[0]}
        cpu = middle["full.cpu"]
        numbers = [f"{cpu:.3f}", f"{cpu / first:.2f}", f"{middle['full.rate']:,.0f}", f"{middle['start']:.2f}", f"{middle['memory']:.0f}"]
        return [f"{self.count:,}", *numbers, f"{self.bytes:,.0f}", f"{middle['full.others']:.2f}", str(self.lost), "; ".join(self.problems)]


def fill(redis: Redis, count: int) -> int:
    """Write as many conversations as are missing to this number; gives how many were written."""
    real = [(shard, cell) for shard in range(SHARDS) for cell in _cells(redis, shard)]
    chance, cells = Random(5), cycle(_again(cell) for _, cell in real)
    missing = max(0, count - len(real))
    for shard in range(SHARDS):
        share = missing // SHARDS + (shard < missing % SHARDS)
        for done in range(0, share, AT_ONCE):
            redis.ask("HSET", base_of(shard), *_pairs(chance, cells, shard, min(AT_ONCE, share - done)))
    return missing


def _cells(redis: Redis, shard: int) -> list[bytes]:
    flat = redis.ask("HGETALL", base_of(shard))
    return [
        cell for person, cell in zip(flat[::2], flat[1::2], strict=True) if len(person) == 16 and known_from(cell).cell.session is not None
    ]


def _again(cell: bytes) -> bytes:
    """The same cell, through the packing of the store."""
    known = known_from(cell)
    return cell_bytes(known.version, known.marks, known.cell)


def _pairs(chance: Random, cells: "cycle[bytes]", shard: int, count: int) -> list[bytes]:
    pairs = []
    for _ in range(count):
        first = shard + SHARDS * chance.randrange(256 // SHARDS)
        pairs += [bytes([first]) + chance.randbytes(15), next(cells)]
    return pairs


async def measure(counts: list[int], rounds: int, seconds: float) -> list[list[str]]:
    """Every crowd in turn, as often as there are rounds."""
    worlds = [await World.made(count) for count in sorted(counts)]
    for n in range(rounds):
        for world in worlds if n % 2 == 0 else worlds[::-1]:
            await world.run(seconds)
    first = statistics.median(run["full.cpu"] for run in worlds[0].runs)
    rows = [["conversations", "CPU ms", "× fewest", "reached/s", "start s", "RSS MB", "bytes each", "others", "lost", ""]]
    rows += [world.row(first) for world in worlds]
    for world in worlds:
        world.server.end()
    return rows


def main() -> None:
    import uvloop

    given = argparse.ArgumentParser(description="What those who do not write cost.")
    given.add_argument("--counts", type=int, nargs="+", default=[1_000, 1_000_000])
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--seconds", type=float, default=8.0)
    asked = given.parse_args()
    os.sched_setaffinity(0, BESIDE)
    print(printed(uvloop.run(measure(asked.counts, asked.rounds, asked.seconds))))


if __name__ == "__main__":
    main()
