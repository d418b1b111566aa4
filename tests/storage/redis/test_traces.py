"""What an erased person leaves in the server's append-only file is gone when that was written anew, also over a kill."""

import asyncio
from pathlib import Path

import pytest

from bot.ports import Arrival, Commit, OutRow
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from tests.fakes import NOON, FakeClock
from tests.redis_rig import Server

AMAL = bytes([7]) * 16
SECRETS = (b"the-wrapped-key-of-amal", b"the-sealed-session-of-amal", b"the-sealed-way-back", b"a-sealed-message")


@pytest.fixture
def server():
    server = Server.start()
    yield server
    server.end()


async def opened(server: Server, name: str) -> RedisStore:
    store = RedisStore(wire_for(f"unix://{server.socket}"), clock=FakeClock(), name=name)
    await store.open()
    return store


async def erased(store: RedisStore) -> None:
    await store.accept([Arrival(AMAL, "e1", b"in", NOON)])
    [taken] = await store.take(10)
    key, session, route, out = SECRETS
    row = OutRow("r1", out, NOON)
    commit = Commit(
        person=AMAL, version=0, event="e1", taken=taken.row, wraps=(("server", key),), session=session, route=route, outbox=(row,)
    )
    await store.commit(commit)
    await store.accept([Arrival(AMAL, "e2", b"in", NOON)])
    [taken] = await store.take(10)
    await store.commit(Commit(person=AMAL, version=1, event="e2", taken=taken.row, erase=True))


def found(server: Server) -> set[bytes]:
    files = [path.read_bytes() for path in Path(server.folder).rglob("*") if path.is_file()]
    return {secret for secret in SECRETS if any(secret in body for body in files)}


async def swept_until_clean(store: RedisStore, server: Server) -> None:
    async with asyncio.timeout(20):
        while found(server):
            await store.sweep(NOON)
            await asyncio.sleep(0.1)


async def marked(store: RedisStore) -> bool:
    return bool(await store._wire.command("a:07", "EXISTS", "{a:07}:er"))


async def test_an_erasure_leaves_nothing_in_the_servers_files(server: Server) -> None:
    store = await opened(server, "one")
    await erased(store)
    assert found(server) == set(SECRETS)
    assert await marked(store)

    await swept_until_clean(store, server)
    async with asyncio.timeout(20):
        while await marked(store):
            await store.sweep(NOON)
            await asyncio.sleep(0.1)
    await store.close()


async def test_who_comes_after_a_kill_finishes_it(server: Server) -> None:
    first = await opened(server, "one")
    await erased(first)
    await first.close()
    server.kill()
    server.start_again()
    assert found(server)

    second = await opened(server, "two")
    await swept_until_clean(second, server)
    await second.close()


async def test_without_an_erasure_nothing_is_written_anew(server: Server) -> None:
    store = await opened(server, "one")
    await store.accept([Arrival(AMAL, "e1", b"in", NOON)])
    await store.sweep(NOON)
    await store.sweep(NOON)
    files = [path.name for path in Path(server.folder).rglob("*.rdb")]
    assert files == ["appendonly.aof.1.base.rdb"]
    await store.close()
