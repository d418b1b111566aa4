"""A cluster: each question goes to the node that has its slot, and a node that takes over is found (F5)."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from time import monotonic

import pytest
from redis import Redis

from bot.ports import Arrival, Commit, StoreUnavailable
from bot.storage.redis.cells import SHARDS, base_of, shard_of, tag_of
from bot.storage.redis.cluster import ClusterWire
from bot.storage.redis.scripts import ALL
from bot.storage.redis.signals import Signals
from bot.storage.redis.slots import SLOTS, slot_of
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from tests.fakes import NOON, FakeClock
from tests.redis_groups import Cluster, ask

SOAK = os.environ.get("AMANA_SOAK") == "1"
FAILOVERS = 30 if SOAK else 1
BACK = 5.0
PEOPLE = [bytes([n]) * 16 for n in range(SHARDS)]
WRAPS = (("server", b"k"),)

pytestmark = [pytest.mark.kill, pytest.mark.timeout(1800 if SOAK else 120)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster.start(replicas=1)
    yield cluster
    cluster.end()


@pytest.fixture
async def store(cluster: Cluster) -> AsyncIterator[RedisStore]:
    cluster.empty()
    store = store_on(cluster, "worker")
    await store.open()
    yield store
    await store.close()


def store_on(cluster: Cluster, name: str, *, works: bool = True) -> RedisStore:
    return RedisStore(wire_for(cluster.url, replicas=1), clock=FakeClock(), name=name, works=works)


def everybody(event: str) -> list[Arrival]:
    return [Arrival(person, event, b"words", NOON) for person in PEOPLE]


def master_of(cluster: Cluster, tag: str) -> int:
    """The port of the node that has this tag."""
    for first, last, (_, port, *_), *_ in ask(cluster.masters[0], "CLUSTER", "SLOTS"):
        if first <= slot_of(tag) <= last:
            return port
    raise AssertionError(tag)


async def until(holds, seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.05)


async def accept_sometime(store: RedisStore, event: str) -> None:
    """Ask until it is confirmed, as Telegram does."""

    async def confirmed() -> bool:
        try:
            await store.accept(everybody(event))
        except StoreUnavailable:
            return False
        return True

    await until(confirmed)


async def answer_all(store: RedisStore, event: str) -> None:
    """Commit an answer to everybody who wrote."""
    left = set(PEOPLE)

    async def answered() -> bool:
        for one in await store.take(SHARDS):
            try:
                version = (await store.load(one.person)).version
                await store.commit(Commit(person=one.person, version=version, event=one.event, taken=one.row, wraps=WRAPS, session=b"s"))
                left.discard(one.person)
            except StoreUnavailable:
                store._inbox.release([one.row])
        return not left

    await until(answered)


async def test_shards_lie_on_all_nodes_and_each_is_asked_for_its_own(cluster: Cluster, store: RedisStore) -> None:
    assert list(await store.accept(everybody("e1"))) == [True] * SHARDS
    await answer_all(store, "e1")

    held = {port: sum(bool(ask(port, "HEXISTS", base_of(n), "m") == 1) for n in range(SHARDS)) for port in cluster.masters}
    assert sum(held.values()) == SHARDS
    assert min(held.values()) > SHARDS // 6
    assert store.durability is not None
    assert len(store.durability.all) == 6


async def test_nothing_confirmed_is_lost_when_a_node_is_replaced_and_the_others_go_on(cluster: Cluster, store: RedisStore) -> None:
    """F5."""
    longest = 0.0
    for n in range(FAILOVERS):
        await accept_sometime(store, f"before{n}")
        await answer_all(store, f"before{n}")
        versions = {person: (await store.load(person)).version for person in PEOPLE}
        old = master_of(cluster, tag_of(5))
        gone = {shard for shard in range(SHARDS) if master_of(cluster, tag_of(shard)) == old}
        cluster.servers[old].freeze()
        elsewhere = next(person for person in PEOPLE if shard_of(person) not in gone)
        assert await store.accept([Arrival(elsewhere, f"meanwhile{n}", b"words", NOON)])
        await until(lambda: asyncio.to_thread(lambda: old not in cluster.owners(but=old)))  # noqa: B023 waited for at once
        with pytest.raises(StoreUnavailable):  # who took over has no replica yet that could confirm
            await store.accept([Arrival(PEOPLE[5], f"after{n}", b"words", NOON)])
        cluster.servers[old].thaw()
        await until(lambda: asyncio.to_thread(lambda: cluster.follows(old)))  # noqa: B023
        up = monotonic()
        await accept_sometime(store, f"after{n}")
        longest = max(longest, monotonic() - up)
        await answer_all(store, f"after{n}")
        assert all([(await store.load(person)).version > versions[person] for person in PEOPLE])
        assert list(await store.accept(everybody(f"before{n}"))) == [False] * SHARDS
    print(f"\n{FAILOVERS} failovers, longest until all were confirmed {longest:.2f} s")
    assert longest < BACK


async def test_a_slot_that_moves_refuses_whole_and_is_found_where_it_went(cluster: Cluster, store: RedisStore) -> None:
    """What is between two nodes is written by neither; when it has arrived, its shard is taken anew and goes on."""
    shard = 9
    person = PEOPLE[shard]
    assert shard_of(person) == shard
    await accept_sometime(store, "e1")
    await answer_all(store, "e1")
    slot, source = slot_of(tag_of(shard)), master_of(cluster, tag_of(shard))
    target = next(port for port in cluster.masters if port != source)
    ids = {port: ask(port, "CLUSTER", "MYID") for port in (source, target)}
    assert ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source]) == "OK"
    assert ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target]) == "OK"

    last = ask(source, "HGET", base_of(shard), "s")
    assert int(last) > 0
    with pytest.raises(StoreUnavailable):
        await store.accept([Arrival(person, "e2", b"words", NOON)])
    assert ask(source, "HGET", base_of(shard), "s") == last  # a script that broke off in the middle would have written this first

    keys = ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 100)
    assert ask(source, "MIGRATE", "127.0.0.1", target, "", 0, 5000, "KEYS", *keys) == "OK"
    for port in (target, source):
        assert ask(port, "CLUSTER", "SETSLOT", slot, "NODE", ids[target]) == "OK"

    async def went_on() -> bool:
        try:
            return bool(await store.accept([Arrival(person, "e2", b"words", NOON)]))
        except StoreUnavailable:
            return False

    await until(went_on)
    assert (await store.load(person)).version == 1
    assert store._wire.where(tag_of(shard)).port == target
    await until(lambda: _all_held(store))


async def _all_held(store: RedisStore) -> bool:
    return len(store._memory.holds) == SHARDS


async def test_a_node_that_hangs_and_is_not_replaced_stops_its_own_shards_only() -> None:
    """No replica, and no slot is needed that is not there: the people of the other nodes notice nothing."""
    cluster = Cluster.start(0, "--cluster-require-full-coverage", "no")
    store = RedisStore(wire_for(cluster.url), clock=FakeClock(), name="worker")
    try:
        await store.open()
        hung = master_of(cluster, "w")  # the one that counts the workers, too
        gone = {shard for shard in range(SHARDS) if master_of(cluster, tag_of(shard)) == hung}
        well = [person for person in PEOPLE if shard_of(person) not in gone]
        cluster.servers[hung].freeze()
        ends, n = monotonic() + 5.0, 0
        while monotonic() < ends:
            n += 1
            begun = monotonic()
            assert all(await store.accept([Arrival(person, f"e{n}", b"words", NOON) for person in well]))
            taken = [one for one in await store.take(SHARDS) if one.person in well]
            assert len(taken) == len(well)
            for one in taken:
                version = (await store.load(one.person)).version
                await store.commit(Commit(person=one.person, version=version, event=one.event, taken=one.row, wraps=WRAPS, session=b"s"))
            assert monotonic() - begun < 1.0
            await asyncio.sleep(0.05)
        cluster.servers[hung].thaw()
        await accept_sometime(store, "all")
        await until(lambda: _all_held(store))
    finally:
        await store.close()
        cluster.end()


async def test_one_node_that_is_alive_is_enough_to_find_the_others(cluster: Cluster) -> None:
    port = cluster.masters[0]
    wire = wire_for(f"redis+cluster://127.0.0.1:1,127.0.0.1:{port}")
    await wire.open(ALL)
    assert {wire.where(tag_of(n)).port for n in range(SHARDS)} == set(cluster.masters)
    await wire.close()


async def test_a_password_opens_every_node_and_a_wrong_one_is_said_without_it(cluster: Cluster) -> None:
    masters = cluster.masters
    for port in cluster.servers:
        assert ask(port, "CONFIG", "SET", "requirepass", "a-secret-word") == "OK"
    try:
        host = f"127.0.0.1:{masters[0]}"
        wire = wire_for(f"redis+cluster://:a-secret-word@{host}")
        await wire.open(ALL)
        assert {wire.where(tag_of(n)).port for n in range(SHARDS)} == set(masters)
        heard: list[str] = []
        listening = asyncio.create_task(Signals(wire, name="one").listen(heard.append))
        ringer = Signals(wire, name="two")

        async def rang() -> bool:
            ringer.ring("inbox")
            return "inbox" in heard

        await until(rang)
        listening.cancel()
        await wire.close()
        for wrong, said in ((":another-word@", "WRONGPASS"), ("", "NOAUTH")):
            with pytest.raises(StoreUnavailable, match=said) as refused:
                await wire_for(f"redis+cluster://{wrong}{host}").open(ALL)
            assert "word" not in str(refused.value)
    finally:
        for port in cluster.servers:
            with Redis(port=port, password="a-secret-word") as line:
                line.config_set("requirepass", "")


async def test_a_server_that_is_no_cluster_or_is_not_there_is_said() -> None:
    from tests.redis_groups import free_ports, served

    [port] = free_ports(1)
    alone = served(port)
    try:
        with pytest.raises(StoreUnavailable, match="is no node of a cluster"):
            await wire_for(f"redis+cluster://127.0.0.1:{port}").open(ALL)
    finally:
        alone.end()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await wire_for(f"redis+cluster://127.0.0.1:{port}").open(ALL)


def test_every_slot_is_nobodys_before_the_map_is_read() -> None:
    wire = ClusterWire([])
    assert (wire.home("a:00"), wire.where("a:00"), len(wire._slots)) == ("", None, SLOTS)


async def test_whatever_one_look_at_the_map_met_there_is_a_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.redis.cluster.EVERY", 0.001)
    monkeypatch.setattr("bot.storage.redis.cluster.SOON", 0.001)
    wire, looks = ClusterWire([]), asyncio.Queue[None]()

    async def read() -> None:
        looks.put_nowait(None)
        raise ValueError("no map that we can read")

    monkeypatch.setattr(wire, "_read", read)
    looking = asyncio.create_task(wire._map())
    async with asyncio.timeout(5):
        await looks.get()
        await looks.get()
    looking.cancel()
