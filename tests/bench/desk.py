"""Measures the desk: the page of a queue of thousands of cases, and with `--live` how soon words are where they should be.

    python -m tests.bench.desk [--cases 5000] [--store sqlite|redis] [--page FILE]
    python -m tests.bench.desk --live [--seconds 20] [--rate 50]

Rule 1: the application measured is the one that is served, wired as it is started, on the flows that are shipped; only the network is left out.
Rule 2: each page is asked for by somebody who is signed in, and counted with all that it brings along.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import perf_counter, process_time

import httpx
from starlette.applications import Starlette

from bot import config
from bot.bootstrap.build import build_house
from bot.bootstrap.house import House, put_in_force
from bot.web.app import build
from tests.bench.desk_cases import opened
from tests.bench.live import live, said
from tests.redis_rig import Server
from tests.signing import sign_in

ROOT = Path(__file__).parents[2]
CASES = 5000
PAGES = 200
STORES = ("sqlite", "redis")
ENOUGH, LIGHT = 0.150, 60_000


@asynccontextmanager
async def desk_of(kind: str, cases: int) -> AsyncIterator[tuple[House, Starlette]]:
    """A house on an empty store with so many open cases, and its application."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server.start() if kind == "redis" else None
        store = f"unix://{server.socket}" if server else f"sqlite:///{folder}/data/amana.db"
        house = build_house(config.read({"AMANA_STORE": store, "AMANA_KEYS": f"{folder}/keys", "AMANA_FLOWS": str(ROOT)}))
        await house.store.open()
        try:
            await put_in_force(house)
            await opened(house, cases)
            yield house, build(house.web_parts())
        finally:
            await house.store.close()
            if server is not None:
                server.end()


@asynccontextmanager
async def signed_in(house: House, app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the session of one of the caseworkers."""
    token = await house.door.link(await house.staff.add("amina", language="fr"), "enter")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://desk.test", timeout=60) as client:
        await sign_in(client, token)
        yield client


async def pages(kind: str, cases: int, path: str = "/desk", count: int = PAGES) -> dict[str, float]:
    """Give what a page of the queue takes: seconds of the first and of the others, bytes, and what it takes to keep the queue."""
    async with desk_of(kind, cases) as (house, app), signed_in(house, app) as desk:
        begin = perf_counter()
        await house.view.ready()
        looked = perf_counter() - begin
        keeping = asyncio.create_task(house.view.run())
        while house.view._blank:
            await asyncio.sleep(0.05)
        faces = perf_counter() - begin - looked
        taken, used, size = [], [], 0
        for n in range(count):
            begin, cpu = perf_counter(), process_time()
            page = await desk.get(path)
            taken.append(perf_counter() - begin)
            used.append(process_time() - cpu)
            assert page.status_code == 200, page.status_code
            size = max(size, len(page.content))
            if n % 10 == 9:  # the promises grow older, and a case changes
                house.bells.changes.tell(house.view.rows((await house.staff.list())[0])[n % cases].index.code)
                await asyncio.sleep(0.11)
        house.view.stop()
        with suppress(asyncio.CancelledError):
            await keeping
    cuts = statistics.quantiles(taken[1:], n=100)
    cpu = statistics.median(used)
    return {"first": taken[0], "p50": cuts[49], "p95": cuts[94], "cpu": cpu, "bytes": size, "look": looked, "faces": faces}


def main() -> None:
    import uvloop

    asked = argparse.ArgumentParser()
    asked.add_argument("--cases", type=int, default=CASES)
    asked.add_argument("--store", choices=STORES)
    asked.add_argument("--path", default="/desk")
    asked.add_argument("--live", action="store_true")
    asked.add_argument("--seconds", type=float, default=20.0)
    asked.add_argument("--rate", type=float, default=50.0)
    given = asked.parse_args()
    if given.live:
        print(
            f"{given.cases} open cases, {given.rate:.0f} updates/s beside: {said(uvloop.run(live(seconds=given.seconds, rate=given.rate, cases=given.cases)))}"
        )
        return
    for kind in (given.store,) if given.store else STORES:
        found = uvloop.run(pages(kind, given.cases, given.path))
        print(
            f"{kind:<7}{given.cases} cases: page p50 / p95 {found['p50'] * 1000:.0f} / {found['p95'] * 1000:.0f} ms, the first {found['first'] * 1000:.0f} ms"
            f" ({found['cpu'] * 1000:.0f} ms of CPU; goal p95 {ENOUGH * 1000:.0f}), {found['bytes'] / 1000:.1f} kB (goal {LIGHT / 1000:.0f}); a look at all {found['look'] * 1000:.0f} ms,"
            f" opening what rows show {found['faces']:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
