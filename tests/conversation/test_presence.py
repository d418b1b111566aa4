"""Who writes at this moment: told to colleagues and to the person, kept nowhere, over by itself."""

import pytest

from bot.conversation.cases.presence import LASTS, SHOWN_AGAIN
from bot.ports import SendFailed
from tests.conversation.test_service import to_case
from tests.world import World, build_world


@pytest.fixture
async def world() -> World:
    return await build_world()


@pytest.fixture
async def code(world: World) -> str:
    made = await to_case(world)
    await world.act(world.desk.claim(made, await world.member(), "a1"))
    await world.view.catch_up()
    return made


async def test_colleagues_see_who_writes_and_it_is_over_by_itself(world, code):
    before = world.view.feed.written
    world.presence.wrote(code, "Cèdre")
    world.presence.wrote(code, "Arganier")

    assert set(world.presence.writing(code)) == {"Cèdre", "Arganier"}
    assert [(one.code, one.name) for one in world.view.feed.writings(before)] == [(code, "Cèdre"), (code, "Arganier")]
    world.clock.pass_by(LASTS)
    assert world.presence.writing(code) == ()


async def test_the_person_sees_that_the_one_who_has_their_case_writes_and_not_too_often(world, code):
    amina = await world.member()
    for _ in range(3):
        await world.presence.show(code, amina.name)
    assert world.shown == ["7"]

    world.clock.pass_by(SHOWN_AGAIN)
    await world.presence.show(code, amina.name)
    assert world.shown == ["7", "7"]


async def test_the_person_sees_nothing_of_colleagues_and_nothing_after_stop(world, code):
    amina = await world.member()
    await world.presence.show(code, "Cèdre")
    await world.word("stop")
    await world.view.catch_up()
    await world.presence.show(code, amina.name)

    assert world.shown == []


async def test_a_channel_that_cannot_show_it_stops_nobody(world, code):
    async def broken(route):
        raise SendFailed("network")

    world.presence.ways["telegram"] = broken
    await world.presence.show(code, (await world.member()).name)


async def test_desks_see_that_the_person_writes_only_while_a_human_has_the_conversation(world, code):
    await world.presence.typed("telegram", "7")
    assert world.presence.person_writes(code)
    assert world.presence.writing(code) == ()

    await world.act(world.desk.close(code, await world.member(), "answered", "a2"))
    await world.view.catch_up()
    world.clock.pass_by(60)
    await world.presence.typed("telegram", "7")
    assert not world.presence.person_writes(code)


async def test_other_processes_are_told_with_no_word_but_code_and_tree(world, code):
    rung = []
    world.presence._elsewhere = rung.append
    world.presence.wrote(code, "Arganier 2")
    await world.presence.typed("telegram", "7")

    assert rung == [f"typing {code} Arganier 2", f"typing {code} "]


async def test_a_case_that_is_not_open_has_no_writers(world, code):
    world.presence.wrote("ZZZ-ZZZ", "Cèdre")

    assert world.presence.writing("ZZZ-ZZZ") == ()
    assert not world.presence._now


async def test_writing_leaves_no_trace_in_the_store(world, code):
    amina = await world.member()
    before = (world.store.notes_.copy(), len(world.store.audit_), len(world.store.outbox))
    world.presence.wrote(code, "Cèdre")
    await world.presence.show(code, amina.name)
    await world.presence.typed("telegram", "7")

    assert (world.store.notes_, len(world.store.audit_), len(world.store.outbox)) == before
