"""Tasks run side by side in bounds: of their number, and of their time."""

import asyncio

import pytest

from bot.conversation.running import crew
from bot.conversation.running.crew import Bounds, Crew


async def test_there_is_room_for_so_many_and_each_end_is_told() -> None:
    told: list[int] = []
    may = asyncio.Event()
    group = Crew(2, lambda: told.append(1))

    async def work() -> None:
        await may.wait()

    group.begin(work())
    assert group.room == 1
    group.begin(work())
    assert group.room == 0
    may.set()
    await group.ends()

    assert told == [1, 1]
    assert group.room == 2


async def test_what_a_task_failed_with_is_heard_by_the_owner() -> None:
    async def work() -> None:
        raise ValueError("a bug")

    group = Crew(2, lambda: None)
    group.begin(work())
    with pytest.raises(ValueError, match="a bug"):
        await group.ends()
    with pytest.raises(ValueError, match="a bug"):
        _ = group.room


async def test_whoever_stops_waiting_ends_the_tasks() -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    group = Crew(1, lambda: None)
    group.begin(work())
    waiting = asyncio.create_task(group.ends())
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0.01)

    assert ended == [True]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(crew, "LOOK", 0.01)


async def test_a_wait_that_takes_too_long_is_ended_and_the_task_goes_on(quick) -> None:
    bounds = Bounds(0.05)
    with pytest.raises(TimeoutError):
        await bounds.within(asyncio.sleep(60))

    assert await bounds.within(asyncio.sleep(0, "in time")) == "in time"
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_being_cancelled_is_no_lateness(quick) -> None:
    bounds = Bounds(60)
    task = asyncio.create_task(bounds.within(asyncio.sleep(60)))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_both_at_once_is_being_cancelled(quick) -> None:
    bounds = Bounds(0.02)

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            raise

    task = asyncio.create_task(bounds.within(stubborn()))
    await asyncio.sleep(0.045)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_hundred_waits_end_each_in_its_own_time(quick) -> None:
    short, long = Bounds(0.05), Bounds(60)
    late = [asyncio.create_task(short.within(asyncio.sleep(60))) for _ in range(50)]
    fine = [asyncio.create_task(long.within(asyncio.sleep(0.2, n))) for n in range(50)]
    results = await asyncio.gather(*late, *fine, return_exceptions=True)

    assert all(isinstance(one, TimeoutError) for one in results[:50])
    assert results[50:] == list(range(50))
