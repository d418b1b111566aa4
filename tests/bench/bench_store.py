"""How fast the embedded store and the seals are here. Run: `python -m tests.bench.bench_store [FOLDER]`; plain lines, one figure each."""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.ports import Arrival, Commit, Due, OutRow, Sent, Taken
from bot.privacy.keys import DayKeys, Ring, pseudonym
from bot.privacy.seal import Bound, seal, unseal
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock

BODY = random.Random(1).randbytes(400)
WRAPS = (("server", BODY[:60]),)
MESSAGES, TOGETHER, PEOPLE = 6000, 128, 1000


class Cycle:
    """One message through the store: accept, take, load, commit, due, settle."""

    def __init__(self, store: SqliteStore, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.people = [n.to_bytes(16, "big") for n in range(PEOPLE)]

    async def accept(self, n: int) -> None:
        await self.store.accept([Arrival(self.people[n % PEOPLE], f"e{n}", BODY, self.clock.now())])

    async def work(self, taken: Taken) -> None:
        record = await self.store.load(taken.person)
        row = OutRow(f"{taken.event}/0", BODY, self.clock.now())
        await self.store.commit(
            Commit(
                person=taken.person,
                version=record.version,
                event=taken.event,
                taken=taken.row,
                wraps=WRAPS,
                session=BODY,
                route=BODY[:80],
                outbox=(row,),
                expires=self.clock.now() + 86400,
            )
        )

    async def send(self, due: Due) -> None:
        await self.store.settle([Sent(due.person, due.row.id, self.clock.now(), receipt=BODY[:70])])

    async def alone(self, n: int) -> float:
        begun = time.perf_counter()
        await self.accept(n)
        [taken] = await self.store.take(1)
        await self.work(taken)
        [due] = await self.store.due(self.clock.now(), 1)
        await self.send(due)
        return time.perf_counter() - begun

    async def together(self, count: int) -> None:
        for start in range(0, count, TOGETHER):
            await asyncio.gather(*(self.accept(n) for n in range(start, min(count, start + TOGETHER))))
        while taken := await self.store.take(TOGETHER):
            await asyncio.gather(*(self.work(one) for one in taken))
        while due := await self.store.due(self.clock.now(), TOGETHER):
            await asyncio.gather(*(self.send(one) for one in due))


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - wall, time.process_time() - cpu


async def store_figures(folder: Path) -> None:
    clock = FakeClock()
    store = SqliteStore(folder / "bench.db", clock=clock)
    await store.open()
    cycle = Cycle(store, clock)
    wall, cpu = await timed(lambda: cycle.together(MESSAGES))
    print(f"store.cycle.together  {MESSAGES / wall:9.0f} messages/s  {cpu / MESSAGES * 1e6:7.0f} us cpu each")
    wall, cpu = await timed(lambda: commits_together(store, 4000))
    print(f"store.commit.together {4000 / wall:9.0f} commits/s   {cpu / 4000 * 1e6:7.0f} us cpu each")
    alone = [await one_commit(store, n) for n in range(10**6, 10**6 + 500)]
    print(
        f"store.commit.alone    {1 / statistics.mean(alone):9.0f} commits/s   p50 {q(alone, 50):.2f} ms  p95 {q(alone, 95):.2f} ms  p99 {q(alone, 99):.2f} ms"
    )
    cycles = [await cycle.alone(MESSAGES + n) for n in range(500)]
    print(
        f"store.cycle.alone     {1 / statistics.mean(cycles):9.0f} messages/s  p50 {q(cycles, 50):.2f} ms  p95 {q(cycles, 95):.2f} ms  p99 {q(cycles, 99):.2f} ms"
    )
    await store.close()


async def one_commit(store: SqliteStore, n: int) -> float:
    begun = time.perf_counter()
    await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, wraps=WRAPS, session=BODY))
    return time.perf_counter() - begun


async def commits_together(store: SqliteStore, count: int) -> None:
    for start in range(0, count, TOGETHER):
        await asyncio.gather(*(one_commit(store, 10**9 + n) for n in range(start, min(count, start + TOGETHER))))


def q(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1] * 1000


def seal_figures() -> None:
    bound, nonce, keys = Bound("life0001", "session", "ab" * 16, 7), bytes(12), [os.urandom(32) for _ in range(500)]
    sealed = [seal(key, BODY, bound, nonce) for key in keys]
    print(f"seal.seal    {each(lambda n: seal(keys[n % 500], BODY, bound, nonce)):7.2f} us for {len(BODY)} bytes, keys at hand")
    print(f"seal.unseal  {each(lambda n: unseal(keys[n % 500], sealed[n % 500], bound)):7.2f} us")
    print(f"seal.first   {each(lambda n: seal(n.to_bytes(32, 'big'), BODY, bound, nonce)):7.2f} us with a key not seen lately")
    ring, days = Ring(bytes(32), (("m", bytes(32)),)), DayKeys(1, {1: bytes(32), 0: bytes(32)})
    print(f"keys.person  {each(lambda n: pseudonym(ring, 'telegram', str(n))):7.2f} us")
    print(f"keys.inbox   {each(lambda n: days.inbox_key(n.to_bytes(16, 'big'))):7.2f} us")


def each(work: Callable[[int], object], times: int = 20_000) -> float:
    begun = time.perf_counter()
    for n in range(times):
        work(n)
    return (time.perf_counter() - begun) / times * 1e6


def main() -> None:
    seal_figures()
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        asyncio.run(store_figures(Path(folder)))


if __name__ == "__main__":
    main()
