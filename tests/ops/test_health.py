"""How a store stands that lies on several servers: the worst of each counts, and who holds what is known over all of them."""

import asyncio

import pytest

from bot.bootstrap.system import SystemClock
from bot.storage.redis.cells import SHARDS
from bot.storage.redis.health import stands
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from bot.storage.redis.wire import Address
from tests.redis_groups import Cluster


class Two:
    """Two servers, each with half of the shards."""

    def __init__(self, *infos: dict[str, str], ahead: tuple[float, float] = (0.0, 0.0)) -> None:
        self.infos, self.ahead, self.asked = infos, ahead, []

    def where(self, tag: str) -> Address:
        return Address(port=7000 + int(tag[-2:]) % len(self.infos))

    async def command(self, tag: str, word: str) -> object:
        which = int(tag[-2:]) % len(self.infos)
        self.asked.append((which, word))
        if word == "TIME":
            now = 1000.0 + self.ahead[which]
            return [str(int(now)).encode(), b"0"]
        return "\r\n".join(f"{name}:{value}" for name, value in self.infos[which].items()).encode()


class Noon:
    def now(self) -> float:
        return 1000.0


WELL = {"used_memory": "10", "maxmemory": "100", "aof_last_write_status": "ok", "connected_slaves": "2", "aof_rewrite_in_progress": "0"}


async def test_of_two_servers_the_fuller_the_failing_and_the_lonelier_one_counts():
    wire = Two(
        WELL, WELL | {"used_memory": "8", "maxmemory": "16", "aof_last_write_status": "err", "connected_slaves": "0"}, ahead=(-7.0, 2.0)
    )
    health = await stands(wire, Noon())

    assert (health.used, health.limit, health.appends, health.replicas, health.skew) == (8, 16, False, 0, -7.0)


async def test_each_server_is_asked_once_however_many_shards_it_has():
    wire = Two(WELL, WELL)
    await stands(wire, Noon())

    assert sorted(wire.asked) == [(0, "INFO"), (0, "TIME"), (1, "INFO"), (1, "TIME")]


async def test_a_server_without_a_limit_is_known_by_what_it_uses():
    health = await stands(Two(WELL | {"maxmemory": "0"}, WELL | {"maxmemory": "0", "used_memory": "30"}), Noon())

    assert (health.used, health.limit) == (30, 0)


@pytest.mark.kill
@pytest.mark.timeout(120)
async def test_on_a_cluster_every_shard_is_seen_with_its_holder_and_every_node_is_well():
    cluster = await asyncio.to_thread(Cluster.start, replicas=0)
    store = RedisStore(wire_for(cluster.url), clock=SystemClock(), name="one worker")
    await store.open()
    try:
        holders, health, vitals, counts = await store.holders(), await store.health(), await store.vitals(0.0), await store.counts()
    finally:
        await store.close()
        cluster.end()

    assert dict(holders) == {"one worker": SHARDS}
    assert health.appends
    assert abs(health.skew) < 1.0
    assert (vitals.held, counts.oldest_inbox) == (SHARDS, None)
