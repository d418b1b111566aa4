"""What is said about a server before anything is trusted to it, and how its address is read."""

import pytest

from bot.ports import StoreUnavailable
from bot.storage.redis.durability import Durability, refusals
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import BadAddress, address, wire_for
from bot.storage.redis.wire import Address
from tests.fakes import FakeClock
from tests.redis_rig import Server

SAFE = Durability("Redis 7.0.15", (7, 0, 15), "noeviction", "always", 0, 0, 0)


def test_a_safe_server_is_not_refused() -> None:
    assert refusals(SAFE, unsafe=False) == []


@pytest.mark.parametrize(
    ("change", "said"), [({"policy": "allkeys-lru"}, "throws data away"), ({"fsync": ""}, "forgets"), ({"version": (6, 2)}, "too old")]
)
def test_a_server_that_loses_is_refused_in_words(change: dict, said: str) -> None:
    fields = {name: getattr(SAFE, name) for name in SAFE.__slots__} | change
    found = Durability(**fields)

    assert said in " ".join(refusals(found, unsafe=False))
    assert bool(refusals(found, unsafe=True)) == ("version" in change)


async def test_a_server_without_a_file_is_not_started_on_unless_it_is_meant() -> None:
    server = Server.start("--appendonly", "no")
    try:
        refused = RedisStore(wire_for(f"unix://{server.socket}"), clock=FakeClock())
        with pytest.raises(StoreUnavailable, match="appendonly yes"):
            await refused.open()
        meant = RedisStore(wire_for(f"unix://{server.socket}"), clock=FakeClock(), unsafe=True)
        await meant.open()
        assert meant.durability is not None
        assert "even at a killed process" in meant.durability.loses
        await meant.close()
    finally:
        server.end()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("redis://cache", Address("cache", 6379)),
        ("redis://me:p%40ss@cache:7000/2", Address("cache", 7000, db=2, user="me", password="p@ss")),
        ("rediss://cache:7000", Address("cache", 7000, tls=True)),
        ("unix:///run/redis.sock?db=3", Address(path="/run/redis.sock", db=3)),
    ],
)
def test_an_address_is_read(url: str, found: Address) -> None:
    assert address(url) == found


@pytest.mark.parametrize("url", ["redis://", "redis://cache/x", "redis://cache:port", "unix://run/redis.sock", "http://cache"])
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadAddress):
        address(url)
    assert "secret" not in repr(Address(password="secret"))
