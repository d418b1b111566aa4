"""After a crash, the message that may have caused it is looked for one by one: it takes no innocent message with it."""

from pathlib import Path

from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock
from tests.storage.test_sqlite import AMAL, BILAL, arrival, crash


async def reopened(file: Path) -> SqliteStore:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    return store


async def test_rows_inherited_from_a_crash_are_handed_out_one_at_a_time(tmp_path):
    store = await reopened(tmp_path / "amana.db")
    await store.accept([arrival(AMAL, "e1"), arrival(BILAL, "e2")])
    assert len(await store.take(10)) == 2
    await crash(store)

    store = await reopened(tmp_path / "amana.db")
    (first,) = await store.take(10)
    assert (first.event, first.tries) == ("e1", 1)
    assert await store.take(10) == []
    await store.quarantine(first.row, None, 0.0)
    (second,) = await store.take(10)
    assert (second.event, second.tries) == ("e2", 1)
    await store.close()


async def test_only_the_row_in_hand_at_each_crash_comes_nearer_to_being_put_aside(tmp_path):
    store = await reopened(tmp_path / "amana.db")
    await store.accept([arrival(AMAL, "kills"), arrival(BILAL, "harmless")])
    await store.take(10)
    for _ in range(2):
        await crash(store)
        store = await reopened(tmp_path / "amana.db")
        assert [one.event for one in await store.take(10)] == ["kills"]
    await crash(store)

    store = await reopened(tmp_path / "amana.db")
    (poison,) = await store.take(10)
    await store.quarantine(poison.row, b"aside", 0.0)
    (harmless,) = await store.take(10)
    assert (poison.tries, harmless.event, harmless.tries) == (3, "harmless", 1)
    await store.close()


async def test_what_is_new_does_not_wait_for_the_rows_of_the_crash(tmp_path):
    store = await reopened(tmp_path / "amana.db")
    await store.accept([arrival(AMAL, "e1"), arrival(BILAL, "e2")])
    await store.take(10)
    await crash(store)

    store = await reopened(tmp_path / "amana.db")
    await store.accept([arrival(b"c" * 16, "e3")])
    assert [one.event for one in await store.take(10)] == ["e1", "e3"]
    await store.close()
