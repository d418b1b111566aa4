"""Two workers on one store: each has its share, and what one leaves or loses the other works."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bot.ports import Arrival, Commit, NotOurs, StoreUnavailable
from bot.storage.redis.cells import SHARDS, base_of
from bot.storage.redis.scripts import SALTS
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from tests.fakes import NOON, FakeClock
from tests.redis_groups import ask
from tests.redis_rig import Server

PEOPLE = [bytes([n]) * 16 for n in range(SHARDS)]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server.start()
    yield server
    server.end()


def worker(server: Server, name: str, *, works: bool = True) -> RedisStore:
    return RedisStore(wire_for(f"unix://{server.socket}"), clock=FakeClock(), name=name, works=works)


async def held(store: RedisStore) -> int:
    return (await store.counts()).held


async def until(what, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.05)


async def accept_all(store: RedisStore, event: str) -> None:
    assert all(await store.accept([Arrival(person, event, b"x", NOON) for person in PEOPLE]))


async def test_a_worker_that_comes_gets_its_share_and_every_message_is_worked_once(server: Server) -> None:
    first, second = worker(server, "first"), worker(server, "second")
    await first.open()
    assert await held(first) == SHARDS
    await second.open()

    async def shared() -> bool:
        return await held(first) == await held(second) == SHARDS // 2

    await until(shared)
    await accept_all(first, "e1")

    taken: dict[str, list[bytes]] = {"first": [], "second": []}

    async def all_taken() -> bool:
        for name, store in (("first", first), ("second", second)):
            taken[name] += [one.person for one in await store.take(100)]
        return sum(map(len, taken.values())) >= SHARDS

    await until(all_taken)
    assert sorted(taken["first"] + taken["second"]) == sorted(PEOPLE)
    await first.close()
    await second.close()


async def test_a_worker_that_ends_well_leaves_everything_at_once_and_nothing_is_doubted(server: Server) -> None:
    first = worker(server, "first")
    await first.open()
    await accept_all(first, "e1")
    await first.close()

    second = worker(server, "second")
    await second.open()
    assert await held(second) == SHARDS
    assert {one.tries for one in await second.take(100)} == {0}
    await second.close()


async def test_what_a_hung_worker_held_is_taken_over_and_its_late_writes_change_nothing(server: Server) -> None:
    hung = worker(server, "hung")
    await hung.open()
    await accept_all(hung, "e1")
    [taken] = await hung.take(1)
    assert hung._running is not None
    hung._running.cancel()  # it renews no more, and does not know it

    second = worker(server, "second")
    await second.open()

    async def all_held() -> bool:
        return await held(second) == SHARDS

    await until(all_held, 5.0)  # four seconds of a hold, and a moment
    with pytest.raises((NotOurs, StoreUnavailable)):
        await hung.commit(Commit(person=taken.person, version=0, event=taken.event, taken=taken.row, session=b"late"))
    assert (await second.load(taken.person)).version == 0
    await second.close()


async def test_whoever_is_no_worker_accepts_and_reads(server: Server) -> None:
    guest, first = worker(server, "guest", works=False), worker(server, "first")
    rung: list[str] = []
    guest.bell = rung.append
    await first.open()
    await guest.open()
    await accept_all(guest, "e1")
    assert rung == ["inbox"]
    await first.look()
    assert len(await first.take(100)) == SHARDS
    assert await guest.take(100) == []
    assert (await guest.counts()).inbox == SHARDS
    await guest.close()
    await first.close()


async def test_a_store_that_was_emptied_is_held_anew(server: Server) -> None:
    store = worker(server, "first")
    await store.open()
    await accept_all(store, "e1")
    server.empty()

    async def anew() -> bool:
        return await held(store) == SHARDS and list(await store.accept([Arrival(PEOPLE[3], "e1", b"x", NOON)])) == [True]

    await until(anew)
    await store.close()


async def test_what_a_dead_worker_held_is_free_though_the_servers_clock_was_put_back(server: Server) -> None:
    """By that clock its holds last for another hour, and it was heard of in an hour: it is another machine's clock after a failover, too."""
    server.empty()
    ahead = round((time.time() + 3600) * 1000)
    for shard in range(SHARDS):
        ask(server.socket, "HSET", base_of(shard), "m", f"{SALTS * 7} {ahead} dead")
    ask(server.socket, "ZADD", "{w}", ahead, "dead")
    alive = worker(server, "alive")
    await alive.open()

    async def all_held() -> bool:
        return await held(alive) == SHARDS

    await until(all_held)
    await alive.close()
