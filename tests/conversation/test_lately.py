"""What is left open of a conversation is believed for its own bytes only, and does not stay."""

import pytest

from bot.conversation.keeping.lately import LASTS, NOTHING, Lately, LeftOpen
from tests.conversation.test_service import to_menu
from tests.world import build_world

PERSON = b"p" * 16


@pytest.fixture
async def world():
    return await build_world()


def left(life="a"):
    return LeftOpen(life, 1, b"sealed", None, b"route", None, {})


async def test_who_was_answered_just_now_is_answered_without_opening_anything(world, monkeypatch):
    await to_menu(world)
    opened = []
    real = world.vault.open
    monkeypatch.setattr(world.vault, "open", lambda *given, **named: opened.append(named["kind"]) or real(*given, **named))
    await world.say("menu")
    await world.say("menu")
    assert set(opened) <= {"outbox"}

    world.worker._turns.lately.clear()
    await world.say("menu")
    assert {"session", "route", "shown"} <= set(opened)


async def test_bytes_that_another_put_there_are_opened_and_judged(world):
    await to_menu(world)
    person = world.vault.person("telegram", "7")
    record = await world.store.load(person)
    world.worker._turns.lately.put(person, left(world.vault.person_keys(person.hex(), record.wraps).life))
    before = len(world.heard())
    await world.say("menu")

    assert world.ids()[before:]
    assert world.told.poison == []


def test_it_is_of_one_life_only_and_leaves_when_it_is_old():
    lately = Lately()
    lately.age(0.0)
    lately.put(PERSON, left())
    assert lately.of(PERSON, "a").sealed == b"sealed"
    assert lately.of(PERSON, "b") is NOTHING

    lately.age(LASTS)
    assert lately.of(PERSON, "a").sealed == b"sealed"
    lately.age(LASTS * 2)
    assert lately.of(PERSON, "a") is NOTHING


async def test_nothing_of_it_outlives_an_erasure(world):
    await to_menu(world)
    life = next(iter(world.worker._turns.lately._young.values())).life
    await world.word("erase")

    assert world.worker._turns.lately.of(world.vault.person("telegram", "7"), life) is NOTHING
