"""A master that sentinels watch: found, left when it is replaced, and nothing confirmed is lost when that happens (F5)."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from time import monotonic

import pytest

from bot.ports import AlreadySeen, Arrival, Commit, NotOurs, Stale, StoreUnavailable
from bot.storage.redis.cells import SHARDS, base_of, tag_of
from bot.storage.redis.scripts import ALL, COMMIT
from bot.storage.redis.sentinel import SingleWire
from bot.storage.redis.signals import Signals
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from bot.storage.redis.wire import Address
from tests.fakes import NOON, FakeClock
from tests.redis_groups import Watched, ask

SOAK = os.environ.get("AMANA_SOAK") == "1"
FAULTS = ("frozen", "told to", "killed") * (10 if SOAK else 1)
BACK = 5.0
"""Seconds from a new master with a replica to the first confirmed message."""
STREETS = [bytes([n]) for n in range(24)]
WRAPS = (("server", b"k"),)

pytestmark = [pytest.mark.kill, pytest.mark.timeout(1800 if SOAK else 120)]


@pytest.fixture(scope="module")
def group() -> Iterator[Watched]:
    group = Watched.start()
    yield group
    group.end()


def store_on(group: Watched, name: str, *, works: bool = True, replicas: int = 1) -> RedisStore:
    return RedisStore(wire_for(group.url, replicas=replicas), clock=FakeClock(), name=name, works=works)


class Town:
    """People who write without end, a worker that answers, and what was confirmed to each of them."""

    def __init__(self, door: RedisStore, worker: RedisStore) -> None:
        self.door = door
        self.worker = worker
        self.accepted: list[tuple[bytes, str]] = []
        self.answered: dict[bytes, int] = {}
        self.confirmed_at = 0.0
        self.refused = 0

    async def write(self, street: bytes) -> None:
        for n in range(1_000_000):
            # What one person wrote is remembered 512 events long: another moves in before that, so that everything can be asked for.
            person, event = street + (n // 400).to_bytes(15, "big"), f"e{n}"
            while True:
                try:
                    await self.door.accept([Arrival(person, event, b"words", NOON)])
                    break
                except StoreUnavailable:
                    self.refused += 1
                    await asyncio.sleep(0.05)
            self.accepted.append((person, event))
            self.confirmed_at = monotonic()
            await asyncio.sleep(0.03)

    async def work(self) -> None:
        while True:
            with suppress(StoreUnavailable):
                await self.worker.look()
            try:
                taken = await self.worker.take(100)
            except StoreUnavailable:
                taken = []
            await asyncio.gather(*(self._answer(one.row, one.person, one.event) for one in taken))
            await asyncio.sleep(0.01)

    async def _answer(self, row: int, person: bytes, event: str) -> None:
        try:
            record = await self.worker.load(person)
            version = await self.worker.commit(
                Commit(person=person, version=record.version, event=event, taken=row, wraps=WRAPS, session=event.encode())
            )
        except (StoreUnavailable, NotOurs):
            self.worker._inbox.release([row])
        except (AlreadySeen, Stale):  # another attempt of ours landed, or the server that took over had not that version yet
            self.worker._inbox.release([row])
        else:
            self.answered[person] = max(version, self.answered.get(person, 0))

    async def lost(self, reader: RedisStore) -> list[object]:
        """What was confirmed and is not there."""
        confirmed = list(self.accepted)
        gone: list[object] = []
        for first in range(0, len(confirmed), 500):
            some = confirmed[first : first + 500]
            new = await reader.accept([Arrival(person, event, b"words", NOON) for person, event in some])
            gone += [one for one, is_new in zip(some, new, strict=True) if is_new]
        for person, version in self.answered.items():
            if (await reader.load(person)).version < version:
                gone.append((person, version))
        return gone


@pytest.fixture
async def town(group: Watched) -> AsyncIterator[Town]:
    await group.whole()
    door, worker = store_on(group, "door", works=False), store_on(group, "worker")
    await worker.open()
    await door.open()
    town = Town(door, worker)
    tasks = [asyncio.create_task(town.write(street)) for street in STREETS] + [asyncio.create_task(town.work())]
    yield town
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await door.close()
    await worker.close()


async def strike(group: Watched, master: int, how: str) -> None:
    """Have the master replaced."""
    match how:
        case "frozen":
            group.servers[master].freeze()
        case "killed":
            group.servers[master].kill()
        case _:  # the sentinels replace a master that is well, takes writes, and has a replica that confirms them
            await asyncio.sleep(2.1)  # they refuse to do it again at once
            assert ask(group.sentinels[0].port, "SENTINEL", "FAILOVER", "amana") == "OK"


async def late_writes(old: int, new: int, fences: dict[int, int]) -> int:
    """Write under the numbers of before, to the old master and to the new one; give how many were confirmed."""
    confirmed = 0
    for port, replicas in ((old, 1), (new, 0)):
        wire = SingleWire(Address(port=port), replicas=replicas)
        try:
            await wire.open(ALL)
        except StoreUnavailable:  # it is a replica already
            continue
        for shard in range(0, SHARDS, 16):
            person = bytes([shard]) + b"late" + bytes(11)
            fields = [base_of(shard), fences[shard], person, 0, b"", b"\0\0\0\x01\0\0x", b"", 0, 0, 0, 0, 0, 0, 0]
            with suppress(StoreUnavailable):
                confirmed += await wire.script(COMMIT, tag_of(shard), 1, *fields) != [b"moved"]
        await wire.close()
    return confirmed


async def test_nothing_confirmed_is_lost_and_no_late_write_is_confirmed_when_the_master_is_replaced(group: Watched, town: Town) -> None:
    """F5."""
    longest, late, counted = 0.0, 0, 0
    for how in FAULTS:
        await group.whole()
        old, before = group.master, len(town.accepted)
        async with asyncio.timeout(15):
            while len(town.accepted) < before + 50 or len(town.worker._memory.holds) < SHARDS:
                await asyncio.sleep(0.02)
        fences = {shard: hold.fence for shard, hold in town.worker._memory.holds.items()}
        await strike(group, old, how)
        await group.elected(instead=old)
        up = monotonic()
        back = await group.able_for(lambda: town.confirmed_at >= up and len(town.worker._memory.holds) == SHARDS)  # noqa: B023 waited for at once
        longest = max(longest, back)
        counted += len(town.accepted)
        if how == "killed":
            group.servers[old].start_again()
        group.servers[old].thaw()
        late += await late_writes(old, group.master, fences)
        group.follow(old)
    print(
        f"\n{len(FAULTS)} failovers, {len(town.accepted)} confirmed, {town.refused} refused, longest until one was confirmed {longest:.2f} s"
    )
    reader = store_on(group, "reader", works=False)
    await group.whole()
    await reader.open()
    lost = await town.lost(reader)
    await reader.close()
    assert (lost, late) == ([], 0)
    assert longest < BACK


async def test_bells_are_heard_again_after_the_master_was_replaced(group: Watched) -> None:
    await group.whole()
    wires = [wire_for(group.url), wire_for(group.url)]
    heard: list[str] = []
    for wire in wires:
        await wire.open(ALL)
    ringer, listener = (Signals(wire, name=str(n)) for n, wire in enumerate(wires))
    listening = asyncio.create_task(listener.listen(heard.append))

    async def rings(word: str) -> None:
        async with asyncio.timeout(10):
            while word not in heard:
                ringer.ring(word)
                await asyncio.sleep(0.05)

    await rings("before")
    old = group.master
    await strike(group, old, "frozen")
    await group.elected(instead=old)
    await rings("after")
    listening.cancel()
    group.servers[old].thaw()
    group.follow(old)
    for wire in wires:
        await wire.close()


async def test_a_master_that_the_sentinels_do_not_know_is_said(group: Watched) -> None:
    with pytest.raises(StoreUnavailable, match="no master called other"):
        await wire_for(group.url.replace("/amana", "/other")).open(ALL)
    with pytest.raises(StoreUnavailable, match="No sentinel answers"):
        await wire_for("redis+sentinel://127.0.0.1:1/amana").open(ALL)
