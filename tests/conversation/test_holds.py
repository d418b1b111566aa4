"""Only one process does what only one may do, whatever their clocks say, and another does it soon after the first is gone."""

import pytest

from bot.conversation.running.holds import BELIEVED, LASTS, RENEW, Hold
from bot.ports import StoreUnavailable
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock


@pytest.fixture
async def store(tmp_path):
    store = SqliteStore(tmp_path / "a.db", clock=FakeClock())
    await store.open()
    yield store
    await store.close()


def hold(store, clock: FakeClock, owner: str) -> Hold:
    return Hold(store=store, clock=clock, name="poll", owner=owner)


async def test_the_second_waits_while_the_first_renews(store) -> None:
    clock = FakeClock()
    first, second = hold(store, clock, "first"), hold(store, clock, "second")
    assert await first.renew()
    for _ in range(20):
        assert not await second.renew()
        clock.pass_by(RENEW)
        assert await first.renew()

    assert first.ours
    assert not second.ours


async def test_a_hold_left_alone_is_taken_after_its_time_and_no_sooner(store) -> None:
    clock = FakeClock()
    first, second = hold(store, clock, "first"), hold(store, clock, "second")
    await first.renew()
    taken = []
    for _ in range(int(LASTS) + 1):
        taken.append(await second.renew())
        clock.pass_by(RENEW)

    assert taken == [False] * int(LASTS) + [True]
    assert not first.ours


async def test_the_first_believes_itself_for_less_time_than_the_second_waits() -> None:
    assert BELIEVED + RENEW / 4 < LASTS


async def test_clocks_that_go_apart_by_a_day_change_nothing(store) -> None:
    ours, theirs = FakeClock(), FakeClock()
    theirs.jump(86_400.0)
    first, second = hold(store, ours, "first"), hold(store, theirs, "second")
    await first.renew()
    for _ in range(5):
        theirs.pass_by(RENEW)
        ours.pass_by(RENEW)
        assert await first.renew()
        assert not await second.renew()


async def test_what_was_dropped_is_taken_at_once_and_a_new_hold_is_not_mistaken_for_an_old_one(store) -> None:
    clock = FakeClock()
    first, second, third = (hold(store, clock, name) for name in ("first", "second", "third"))
    await first.renew()
    assert not await third.renew()
    clock.pass_by(LASTS)
    await first.renew()
    await first.drop()
    assert await second.renew()
    assert not await third.renew()  # it saw the same version of another's hold long ago


async def test_a_store_that_is_down_gives_it_to_nobody(store, monkeypatch) -> None:
    clock = FakeClock()
    first = hold(store, clock, "first")
    assert await first.renew()

    async def down(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(store, "note", down)
    assert not await first.renew()
