"""What a second worker costs: the same load on one `amana run`, and on two beside each other on one Redis.

    python -m tests.bench.workers [--rounds 3] [--seconds 8]

Rule 1: each update goes to whichever process is next in turn, not to the one that holds its person: that is how a load balancer sends.
Rule 2: both processes share one core, as the one does alone: what is compared is CPU for an update, not what two cores carry.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from pathlib import Path

from bot import config
from tests.bench.against import PEOPLE, between, marker, printed
from tests.bench.contestant import environment, put_in_force
from tests.bench.fakeapi import serve
from tests.bench.load import SECRET, Load
from tests.bench.process import BESIDE, Redis, Service, free_port
from tests.bench.workload import HERE as WORKLOAD
from tests.redis_rig import Server

ROOT = Path(__file__).parents[2]
SHARED = 7.0
"""Seconds after which a worker that came has its share of the people (five, and a look)."""


def settings_for(port: int, api: int, redis_port: int, folder: Path) -> dict[str, str]:
    """The settings of one process."""
    given = {
        "PORT": str(port), "API_BASE": f"http://127.0.0.1:{api}", "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0", "BOT_TOKEN": "1:BENCH",
        "WEBHOOK_SECRET": SECRET,
    }  # fmt: skip
    return environment(given, folder)


async def run(workers: int, seconds: float) -> tuple[dict[str, float], str, int]:
    """Figures, problems and losses of so many processes."""
    folder, redis_port = Path(tempfile.mkdtemp(prefix="amana-workers-")), free_port()
    server = Server.start("--port", str(redis_port), "--bind", "127.0.0.1")
    ports = [free_port() for _ in range(workers)]
    load = Load(ports, first=workers * 10**9)
    double, api = await serve(load.sent)
    settings = [settings_for(port, api, redis_port, folder) for port in ports]
    await put_in_force(config.read(settings[0]), WORKLOAD)
    services = [Service((sys.executable, "-m", "bot", "run"), each, folder / f"{n}.log", ROOT) for n, each in enumerate(settings)]
    redis = Redis(redis_port)
    try:
        for service, port in zip(services, ports, strict=True):
            await service.ready(port)
        await asyncio.sleep(SHARED)
        figures = between(*await load.saturate(seconds, PEOPLE, marker(load, services, redis)), "full")
        return figures, load.problems, load.lost
    finally:
        redis.close()
        await load.hooks.close()
        for service in services:
            await service.stop()
        await double.close()
        server.end()


async def measure(rounds: int, seconds: float) -> list[list[str]]:
    """One, two, one, two …"""
    runs: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    wrong: dict[int, list[str]] = {1: [], 2: []}
    lost = {1: 0, 2: 0}
    for _ in range(rounds):
        for workers, done in runs.items():
            figures, problems, gone = await run(workers, seconds)
            done.append(figures)
            lost[workers] += gone
            wrong[workers] += [problems] if problems else []
    middle = {workers: {key: statistics.median(one[key] for one in done) for key in done[0]} for workers, done in runs.items()}
    rows = [["workers", "CPU ms", "× one", "reached/s", "scripts", "others", "lost", ""]]
    for workers, values in middle.items():
        ratio = values["full.cpu"] / middle[1]["full.cpu"]
        numbers = [f"{values['full.cpu']:.3f}", f"{ratio:.2f}", f"{values['full.rate']:,.0f}", f"{values['full.scripts']:.2f}"]
        rows.append([str(workers), *numbers, f"{values['full.others']:.2f}", str(lost[workers]), "; ".join(wrong[workers])])
    return rows


def main() -> None:
    import uvloop

    given = argparse.ArgumentParser(description="What a second worker costs.")
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--seconds", type=float, default=8.0)
    asked = given.parse_args()
    os.sched_setaffinity(0, BESIDE)
    print(printed(uvloop.run(measure(asked.rounds, asked.seconds))))


if __name__ == "__main__":
    main()
