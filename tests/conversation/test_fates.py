"""What becomes of an answer, as the desk shows it: never more than the channel has told."""

import pytest

from bot.conversation.keeping.envelope import Envelope, Fetched
from bot.ports import SendFailed
from tests.conversation.test_case_life import do, file, page
from tests.conversation.test_service import to_case
from tests.world import build_world


@pytest.fixture
async def world():
    return await build_world()


async def fates(world, code):
    return [(one.text, one.fate) for one in (await page(world, code)).entries if one.kind == "staff"]


def refuses(world, reason, times):
    """The person's channel refuses so many messages, for this reason."""
    send, left = world.person.send, [times]

    async def refused(route, message):
        if left[0]:
            left[0] -= 1
            raise SendFailed(reason)
        return await send(route, message)

    world.person.send = refused


async def test_an_answer_waits_until_the_channel_has_taken_it(world):
    code = await to_case(world)
    refuses(world, "network", 1)
    await do(world, "answer", code, "Bonjour.")
    assert await fates(world, code) == [("Bonjour.", "out")]

    world.clock.pass_by(5)
    await world.settle()
    [one] = [one for one in (await page(world, code)).entries if one.kind == "staff"]
    assert (one.fate, one.fate_at) == ("given", world.clock.now())


@pytest.mark.parametrize(("reason", "fate"), [("refused", "failed"), ("person-left", "blocked")])
async def test_an_answer_that_does_not_arrive_is_never_shown_as_given(world, reason, fate):
    code = await to_case(world)
    await do(world, "answer", code, "Une.")
    refuses(world, reason, 1)
    await do(world, "answer", code, "Deux.")
    await world.settle()
    assert await fates(world, code) == [("Une.", "given"), ("Deux.", fate)]


async def test_a_long_answer_is_given_with_its_last_part_and_the_latest_are_remembered(world):
    code = await to_case(world)
    await do(world, "answer", code, "\U0001f642" * 3999)
    parts = [message for message in world.heard() if message.kind == "human"]
    assert len(parts) > 1
    assert [fate for _, fate in await fates(world, code)] == ["given"]
    for n in range(40):
        await do(world, "answer", code, f"{n}")
    assert len(file(world, code).fates) == 32
    assert (await fates(world, code))[0][1] == ""  # not remembered any more: nothing is claimed


async def test_what_the_page_fetched_is_what_was_put_out_by_then(world):
    code = await to_case(world)
    await do(world, "answer", code, "Une.")
    at = world.clock.now()
    world.clock.pass_by(10)
    await do(world, "answer", code, "Deux.")
    person = world.vault.person("telegram", "7")
    for _ in range(2):
        await world.intake.tell(person, "fetched:1", Envelope(event=Fetched(at=world.clock.now(), upto=at)))
        await world.settle()
    assert await fates(world, code) == [("Une.", "fetched"), ("Deux.", "given")]

    await do(world, "close", code, "answered")
    await world.intake.tell(person, "fetched:2", Envelope(event=Fetched(at=world.clock.now(), upto=world.clock.now())))
    await world.settle()
    assert await fates(world, code) == [("Une.", "fetched"), ("Deux.", "given")]


async def test_of_a_closed_case_it_is_not_said_that_its_last_words_still_wait(world):
    code = await to_case(world)
    await do(world, "claim", code)
    refuses(world, "network", 1)
    await do(world, "answer", code, "Au revoir.")
    await do(world, "close", code, "answered")
    assert await fates(world, code) == [("Au revoir.", "")]
