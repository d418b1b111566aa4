"""A server for the tests of one module, and an empty store on it. `store.clk`: its clock."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from tests.fakes import FakeClock
from tests.redis_rig import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server.start()
    yield server
    server.end()


@pytest.fixture
async def store(server: Server) -> AsyncIterator[RedisStore]:
    server.empty()
    clock = FakeClock()
    store = RedisStore(wire_for(f"unix://{server.socket}"), clock=clock)
    store.clk = clock  # type: ignore[attr-defined]
    await store.open()
    yield store
    await store.close()
