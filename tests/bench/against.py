"""Amana beside the rivals: one conversation, one machine, one run; CPU, capacity, delay, memory, what is asked of Redis, what is lost.

    python -m tests.bench.against [NAME …] [--rounds 3] [--seconds 8] [--rate 50]

Rule 1: each has a Redis of its own that appends every write to disk (appendfsync always), and one core; driver, double and Redis have another.
Rule 2: every reply is judged; whoever answers wrongly is told apart in the table.
"""

import argparse
import asyncio
import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from tests.bench import install
from tests.bench.fakeapi import Double, serve
from tests.bench.load import SECRET, Load
from tests.bench.process import BESIDE, MEASURED, Redis, Service, busy, free_port
from tests.bench.workload import HERE as WORKLOAD
from tests.redis_rig import Server

PEOPLE = 200
IDLE = 600
"""People who stop before the last answer, for the bytes of a conversation."""
_PYTHON, _RIVALS, _NODE = str(install.PYTHON), install.RIVALS, install.NODE
AMANA = (sys.executable, "-m", "tests.bench.contestant")
CONTESTANTS: dict[str, tuple[tuple[str, ...], Path, dict[str, str]]] = {
    "amana": (AMANA, install.ROOT, {}),
    "amana-file": (AMANA, install.ROOT, {"BENCH_STORE": "file"}),
    "grammy": (("node", "grammy_bot.mjs"), _NODE, {}),
    "telegraf": (("node", "telegraf_bot.mjs"), _NODE, {}),
    "aiogram": ((_PYTHON, "aiogram_bot.py"), _RIVALS, {}),
    "ptb": ((_PYTHON, "ptb_bot.py"), _RIVALS, {}),
    "floor": ((_PYTHON, "floor.py"), _RIVALS, {}),
}
"""Name → command, folder, and more of its environment."""


@dataclass
class Mark:
    """What was counted at one moment."""

    at: float
    cpu: float
    answered: int
    commands: int
    scripts: int
    core: float


@dataclass
class Figures:
    """What one run of one contestant gave."""

    name: str
    problems: str = ""
    lost: int = 0
    values: dict[str, float] = field(default_factory=dict)


def between(begin: Mark, end: Mark, prefix: str) -> dict[str, float]:
    """What an update cost between two moments."""
    updates = max(1, end.answered - begin.answered)
    seconds, cpu = end.at - begin.at, end.cpu - begin.cpu
    return {
        f"{prefix}.rate": updates / seconds, f"{prefix}.cpu": cpu / updates * 1000,
        f"{prefix}.commands": (end.commands - begin.commands) / updates, f"{prefix}.scripts": (end.scripts - begin.scripts) / updates,
        f"{prefix}.others": max(0.0, (end.core - begin.core - cpu) / seconds),
    }  # fmt: skip


class Run:
    """One contestant on a Redis of its own."""

    def __init__(self, name: str, folder: Path, *, seconds: float, rate: float) -> None:
        self.name = name
        self.folder = folder
        self.seconds = seconds
        self.rate = rate

    async def figures(self) -> Figures:
        port = free_port()
        load = Load([port], first=perf_counter().__hash__() % 10**6 * 10**6 + 1)
        redis_port = free_port()
        server = Server.start("--port", str(redis_port), "--bind", "127.0.0.1")
        double, api = await serve(load.sent)
        began = perf_counter()
        service = self._start(port, api, redis_port)
        redis = Redis(redis_port)
        try:
            await service.listens(port)
            figures = Figures(self.name, values={"start": perf_counter() - began})
            await asyncio.sleep(1.0)
            figures.values["idle"] = service.memory()
            await self._phases(load, service, redis, figures, double)
            figures.problems, figures.lost = load.problems, load.lost
            return figures
        finally:
            redis.close()
            await load.hooks.close()
            await service.stop()
            await double.close()
            server.end()

    def _start(self, port: int, api: int, redis_port: int) -> Service:
        command, cwd, more = CONTESTANTS[self.name]
        env = {
            "PORT": str(port), "API_BASE": f"http://127.0.0.1:{api}", "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0", "BOT_TOKEN": "1:BENCH",
            "WEBHOOK_SECRET": SECRET, "WEBHOOK_URL": f"http://127.0.0.1:{port}/webhook", "WORKLOAD_DIR": str(WORKLOAD), **more,
        }  # fmt: skip
        return Service(command, env, self.folder / f"{self.name}.log", cwd)

    async def _phases(self, load: Load, service: Service, redis: Redis, figures: Figures, double: Double) -> None:
        mark = marker(load, [service], redis)
        before = double.calls.total()
        figures.values |= between(*await load.saturate(self.seconds, PEOPLE, mark), "full")
        figures.values["calls"] = (double.calls.total() - before) / max(1, load.answered)
        await asyncio.sleep(1.0)
        figures.values |= between(*await load.paced(self.rate, self.seconds, mark), "paced")
        cuts = statistics.quantiles(load.delays, n=100) if len(load.delays) > 1 else [math.nan] * 99
        figures.values |= {f"p{n}": cuts[n - 1] * 1000 for n in (50, 95, 99)}
        figures.values["after"] = service.memory()
        held = redis.bytes()
        await load.stop_before_the_end(IDLE)
        await asyncio.sleep(1.0)
        figures.values["bytes"] = (redis.bytes() - held) / IDLE


async def durable_script(times: int = 400) -> str:
    """Milliseconds of a script that writes one cell, on disk before it answers: the least that a durable update takes."""
    port = free_port()
    server = Server.start("--port", str(port), "--bind", "127.0.0.1")
    redis, took = Redis(port), []
    sha = redis.ask("SCRIPT", "LOAD", "return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])")
    for n in range(times):
        began = perf_counter()
        redis.ask("EVALSHA", sha, 1, "cells", n, bytes(600))
        took.append((perf_counter() - began) * 1000)
        await asyncio.sleep(0.01)
    redis.close()
    server.end()
    cuts = statistics.quantiles(took, n=100)
    return "/".join(f"{cuts[n - 1]:.2f}" for n in (50, 95, 99))


def marker(load: Load, services: Sequence[Service], redis: Redis) -> Callable[[], Mark]:
    """Counts when asked."""

    def mark() -> Mark:
        return Mark(perf_counter(), sum(service.cpu() for service in services), load.answered, *redis.calls(), busy(next(iter(MEASURED))))

    return mark


COLUMNS: tuple[tuple[str, Callable[[dict[str, float]], str]], ...] = (
    ("CPU ms", lambda v: f"{v['full.cpu']:.3f}"),
    ("capacity/s", lambda v: f"{1000 / v['full.cpu']:,.0f}"),
    ("reached/s", lambda v: f"{v['full.rate']:,.0f}"),
    ("CPU ms at 50/s", lambda v: f"{v['paced.cpu']:.2f}"),
    ("p50/p95/p99 ms", lambda v: f"{v['p50']:.1f}/{v['p95']:.1f}/{v['p99']:.1f}"),
    ("RSS MB", lambda v: f"{v['idle']:.0f}→{v['after']:.0f}"),
    ("Redis cmds", lambda v: f"{v['full.commands']:.1f}"),
    ("scripts", lambda v: f"{v['full.scripts']:.2f}"),
    ("at 50/s", lambda v: f"{v['paced.scripts']:.2f}"),
    ("API calls", lambda v: f"{v['calls']:.2f}"),
    ("bytes", lambda v: f"{v['bytes']:,.0f}" if v["bytes"] > 1 else "-"),
    ("start s", lambda v: f"{v['start']:.1f}"),
    ("others", lambda v: f"{v['full.others']:.2f}"),
)
"""Heading, and how the middle of the rounds is written."""


def table(runs: dict[str, list[Figures]]) -> list[list[str]]:
    """The rows, headings first."""
    middle = {name: _middle(each) for name, each in runs.items() if any(one.values.get("full.cpu") for one in each)}
    rows = [["", *(heading for heading, _ in COLUMNS), "lost", "× grammY", "× floor", ""]]
    for name, values in middle.items():
        ratios = [f"{values['full.cpu'] / middle[other]['full.cpu']:.2f}" if other in middle else "-" for other in ("grammy", "floor")]
        wrong = "; ".join(dict.fromkeys(one.problems for one in runs[name] if one.problems))
        rows.append([name, *(write(values) for _, write in COLUMNS), str(sum(one.lost for one in runs[name])), *ratios, wrong])
    return rows


def _middle(runs: list[Figures]) -> dict[str, float]:
    """The median of each figure over the calmer half of the rounds: those in which others had least of the core."""
    done = sorted((run.values for run in runs if "full.others" in run.values), key=lambda values: values["full.others"])
    calm = done[: len(done) // 2 + 1]
    return {key: statistics.median(values[key] for values in calm) for key in calm[0]}


def printed(rows: list[list[str]]) -> str:
    """The table, aligned."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if n in (0, len(row) - 1) else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines)


async def measure(names: list[str], rounds: int, seconds: float, rate: float) -> dict[str, list[Figures]]:
    """Run each so often, in turn, forwards and backwards."""
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    folder = Path(tempfile.mkdtemp(prefix="amana-against-"))
    for n in range(rounds):
        for name in names if n % 2 == 0 else names[::-1]:
            try:
                figures = await Run(name, folder, seconds=seconds, rate=rate).figures()
            except (RuntimeError, TimeoutError, OSError) as error:
                figures = Figures(name, problems=f"did not come to its end ({type(error).__name__}; {folder}/{name}.log)")
            runs[name].append(figures)
            print(f"  round {n + 1}: {name} {figures.values.get('full.cpu', 0):.3f} ms {figures.problems}", file=sys.stderr, flush=True)
    return runs


def main() -> None:
    import os

    import uvloop

    given = argparse.ArgumentParser(description="Amana beside the rivals.")
    given.add_argument("names", nargs="*", default=[])
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--seconds", type=float, default=8.0)
    given.add_argument("--rate", type=float, default=50.0)
    asked = given.parse_args()
    if not asked.names or set(asked.names) - {"amana", "amana-file"}:
        install.install()
    names = asked.names or [name for name, (_, folder, _) in CONTESTANTS.items() if folder.exists()]
    os.sched_setaffinity(0, BESIDE)
    print(printed(table(uvloop.run(measure(names, asked.rounds, asked.seconds, asked.rate)))))
    print(f"\nOne script that writes one cell, on disk before it answers, p50/p95/p99: {uvloop.run(durable_script())} ms.")
    print(
        f"An update's CPU when full, {PEOPLE} people who answer at once; delays at {asked.rate:.0f} a second; bytes of one conversation before its last answer."
    )


if __name__ == "__main__":
    main()
