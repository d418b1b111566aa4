"""A store that is down is waited out, and what a dead process left in hand is worked first."""

import asyncio

import pytest

from bot.conversation.keeping.intake import Incoming
from bot.conversation.running import patience
from bot.engine.events import Started
from bot.ports import StoreUnavailable
from tests.world import build_world


@pytest.fixture
async def world(monkeypatch):
    monkeypatch.setattr(patience, "FIRST", 0.001)
    monkeypatch.setattr("bot.conversation.turning.worker.PAUSE", 0.001)
    return await build_world()


def down_for(world, monkeypatch, name, times):
    """Let a method of the store fail so often, then work."""
    real, left = getattr(world.store, name), [times]

    async def failing(*given, **named):
        if left[0]:
            left[0] -= 1
            raise StoreUnavailable("down")
        return await real(*given, **named)

    monkeypatch.setattr(world.store, name, failing)


async def test_what_was_sent_is_recorded_however_long_the_store_is_down_and_not_sent_again(world, monkeypatch):
    down_for(world, monkeypatch, "settle", 8)
    await world.start()

    assert len(world.heard()) == len(set(world.ids())) == 1
    assert (await world.store.counts()).outbox == 0


async def test_a_turn_that_met_a_store_that_is_down_is_made_when_it_is_up(world, monkeypatch):
    down_for(world, monkeypatch, "commit", 2)
    down_for(world, monkeypatch, "release", 3)
    await world.start()

    assert world.ids() == ["start.language"]
    assert world.told.poison == []


async def test_rows_a_dead_process_had_in_hand_are_worked_before_anything_else(world):
    await world.intake.accept([Incoming(channel="telegram", identity="7", route="7", event_id="tg:1", event=Started(at=world.clock.now()))])
    (taken,) = await world.store.take(1)
    await world.store.release([taken.row])
    await world.worker.inherit(2.0)

    assert (await world.store.counts()).inbox == 0
    assert (await world.store.counts()).outbox > 0


async def test_a_worker_with_nothing_inherited_goes_on_at_once(world):
    async with asyncio.timeout(1.0):
        await world.worker.inherit(60.0)
