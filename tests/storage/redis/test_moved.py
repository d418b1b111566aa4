"""Another server takes over and does not know the last of what the one before was told: nobody writes there on the word of the old one."""

import asyncio
from collections.abc import Iterator

import pytest

from bot.ports import Arrival, Commit, StoreUnavailable
from bot.storage.redis.cells import SHARDS, base_of, shard_of, tag_of
from bot.storage.redis.keeping import Dialer, Kept, Place
from bot.storage.redis.scripts import ALL, COMMIT, HOLD, SALTS
from bot.storage.redis.sentinel import SingleWire
from bot.storage.redis.store import RedisStore
from bot.storage.redis.wire import Address
from tests.fakes import NOON, FakeClock
from tests.redis_groups import ask, free_ports, info, served, until
from tests.redis_rig import Server

AMAL = b"A" * 16
WRAPS = (("server", b"k"),)


class Pair:
    """A master, and a replica that can be cut off and put in charge as it is. `now`: who is in charge."""

    def __init__(self) -> None:
        self.ports = free_ports(2)
        self.first = served(self.ports[0])
        self.second = served(self.ports[1], "--replicaof", f"127.0.0.1 {self.ports[0]}")
        self.now = 0
        until(self.same, 15, "the replica does not come")

    def same(self) -> bool:
        """Whether the replica has everything."""
        told = info(self.ports[0])
        return f"offset={told['master_repl_offset']}," in told.get("slave0", "")

    def cut_off(self) -> None:
        """The second gets nothing more."""
        until(self.same, 5, "the replica does not follow")
        assert ask(self.ports[1], "REPLICAOF", "NO", "ONE") == "OK"

    def wire(self) -> SingleWire:
        """A wire to whoever is in charge."""

        async def find() -> Place:
            return Place(Address(port=self.ports[self.now]), str(self.now))

        return SingleWire(Address(), find=find)

    def at(self, n: int) -> SingleWire:
        return SingleWire(Address(port=self.ports[n]))

    def end(self) -> None:
        self.first.end()
        self.second.end()


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.end()


async def hold(wire: SingleWire, owner: str, shard: int, floor: int = 0) -> int:
    [answer] = await wire.script(HOLD, tag_of(shard), owner, 4000, "0", 1, base_of(shard), 0, floor)
    return answer[0]


async def write(wire: SingleWire, fence: int, shard: int) -> bytes:
    """A commit under this number, of somebody who is not known yet."""
    fields = [base_of(shard), fence, AMAL, 0, b"", b"\0\0\0\x01\0\0cell", b"", 0, "0"]
    [answer] = await wire.script(COMMIT, tag_of(shard), 1, *fields)
    return answer


async def test_two_workers_never_have_one_number_on_two_servers_that_do_not_know_of_each_other(pair: Pair) -> None:
    pair.cut_off()
    old, new = pair.at(0), pair.at(1)
    await old.open(ALL)
    await new.open(ALL)
    same_second = 0
    for shard in range(SHARDS):
        mine, other = await asyncio.gather(hold(old, "mine", shard), hold(new, "other", shard))
        same_second += mine // SALTS == other // SALTS
        assert mine != other
        assert await write(new, mine, shard) == b"moved"
        assert await write(new, other, shard) == b"ok"
    assert same_second > SHARDS // 2
    await old.close()
    await new.close()


async def test_one_worker_never_has_one_number_twice(pair: Pair) -> None:
    pair.cut_off()
    old, new = pair.at(0), pair.at(1)
    await old.open(ALL)
    await new.open(ALL)
    for shard in range(SHARDS):
        had = await hold(old, "me", shard)
        assert await hold(new, "me", shard, floor=had) > had
    await old.close()
    await new.close()


async def knows(store: RedisStore, session: bytes) -> bool:
    """Whether a worker that has all shards knows this of Amal."""
    try:
        return (await store.load(AMAL)).session == session and len(store._memory.holds) == SHARDS
    except StoreUnavailable:
        return False


async def test_a_worker_drops_what_it_knew_when_another_server_takes_over_and_goes_on_with_what_that_one_has(pair: Pair) -> None:
    store = RedisStore(pair.wire(), clock=FakeClock(), name="worker")
    await store.open()
    assert await store.commit(Commit(person=AMAL, version=0, event="e1", taken=None, wraps=WRAPS, session=b"first")) == 1
    pair.cut_off()
    assert await store.commit(Commit(person=AMAL, version=1, event="e2", taken=None, wraps=WRAPS, session=b"lost with its server")) == 2
    assert await store.accept([Arrival(AMAL, "e3", b"x", NOON)])
    before = {shard: one.fence for shard, one in store._memory.holds.items()}

    pair.now = 1
    async with asyncio.timeout(10):
        while not await knows(store, b"first"):
            await asyncio.sleep(0.02)

    assert all(one.fence > before[shard] for shard, one in store._memory.holds.items())
    assert await store.take(10) == []
    assert await store.commit(Commit(person=AMAL, version=1, event="e2", taken=None, wraps=WRAPS, session=b"second")) == 2
    assert ask(pair.ports[1], "HEXISTS", base_of(shard_of(AMAL)), AMAL.decode()) == 1
    await store.close()


async def test_what_was_asked_before_a_server_took_over_never_reaches_it(pair: Pair) -> None:
    wire = pair.wire()
    await wire.open(ALL)
    fence = await hold(wire, "me", 3)
    until(pair.same, 5, "the replica does not follow")  # it knows the hold, so that only the wire stands between
    assert ask(pair.ports[1], "REPLICAOF", "NO", "ONE") == "OK"
    told = asyncio.Event()
    late: list[asyncio.Future[object]] = []

    def moved() -> None:
        told.set()
        late.append(asyncio.ensure_future(write(wire, fence, 3)))  # as what waits for the end of this turn

    wire.moved = moved
    pair.now = 1
    async with asyncio.timeout(10):
        await told.wait()
    answers = await asyncio.gather(*late, return_exceptions=True)
    assert [type(one).__name__ for one in answers] == ["StoreUnavailable"]
    assert ask(pair.ports[1], "HEXISTS", base_of(3), AMAL.decode()) == 0
    assert wire.home("") != ""
    await wire.close()


async def test_a_server_that_is_started_again_is_another_one(pair: Pair) -> None:
    wire = pair.at(0)
    await wire.open(ALL)
    before, told = wire.home(""), asyncio.Event()
    wire.moved = told.set
    pair.first.kill()
    pair.first.start_again()
    async with asyncio.timeout(10):
        await told.wait()
    assert wire.home("") != before
    await wire.close()


async def test_whatever_one_try_to_connect_met_there_is_a_next(server: Server) -> None:
    errors: list[Exception] = [StoreUnavailable("down"), RuntimeError("the handler is closed"), ValueError("no port")]

    async def find() -> Place:
        if errors:
            raise errors.pop()
        return Place(Address(path=server.socket))

    kept = Kept(Dialer(), find, changed=lambda: None)
    kept.keep(())
    async with asyncio.timeout(5):
        while kept.line is None:
            await asyncio.sleep(0.01)
    await kept.close()
