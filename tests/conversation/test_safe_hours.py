"""Safe hours hold wherever a caseworker writes: at the desk, in a topic, and when an answer is corrected."""

import pytest

from bot.conversation.cases.refusals import THERE
from tests.conversation.test_case_life import HOUR, do, humans, index, page, said, to_safe_case, wait
from tests.world import build_world


@pytest.fixture
async def world():
    return await build_world()


async def to_the_hour(world, code):
    await wait(world, (await page(world, code)).next_safe - world.clock.now())


@pytest.mark.parametrize("from_topic", [False, True])
async def test_an_answer_outside_the_hours_waits_wherever_it_was_written_and_goes_once(world, from_topic):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    opens = (await page(world, code)).next_safe

    assert await do(world, "answer", code, "Oui.", from_topic=from_topic, source="tg:5" if from_topic else "") == "put-off"
    assert (humans(world), index(world, code).asked) == ([], 0.0)
    [later] = (await page(world, code)).later
    assert (later.at, later.text) == (opens, "Oui.")
    assert await world.desk.waits_until(code, await world.member(), later.id) == (opens, "DZ")
    await to_the_hour(world, code)
    assert humans(world) == ["Oui."]
    await wait(world, 24 * HOUR)
    assert len(humans(world)) == 1
    group = "\n".join(sent.text for sent in (message for _, message in world.group.sent))
    assert ("The answer that waited for its hour was sent." in group) is from_topic
    assert ("answered at the desk" in group) is not from_topic


async def test_who_wrote_within_the_half_hour_is_answered_at_once(world):
    code = await to_safe_case(world, "night")
    await world.say("vous etes la ?")
    world.clock.pass_by(THERE - 1)
    assert await do(world, "answer", code, "Oui.") == "done"
    world.clock.pass_by(2)
    assert await do(world, "answer", code, "Encore.") == "put-off"
    assert humans(world) == ["Oui."]


async def test_a_correction_waits_as_its_answer_would_and_still_says_what_it_is(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    await to_the_hour(world, code)
    assert await do(world, "answer", code, "Demain à 14 h.", from_topic=True, source="tg:5") == "done"
    await wait(world, 12 * HOUR)
    [answer] = [one for one in (await page(world, code)).entries if one.kind == "staff"]

    assert await do(world, "correct", code, "Demain à 15 h.", n=answer.n) == "put-off"
    assert await do(world, "correct", code, "À 16 h.", source="tg:5", from_topic=True) == "put-off"
    assert humans(world) == ["Demain à 14 h."]
    await to_the_hour(world, code)
    _, *fixed = humans(world)
    assert [one.splitlines()[-1] for one in fixed] == ["Demain à 15 h.", "À 16 h."]
    assert all(len(one.splitlines()) == 2 for one in fixed)
    assert [one.edits for one in (await page(world, code)).entries if one.kind == "staff"] == [0, answer.n, answer.n]


async def test_an_edit_of_words_that_still_wait_takes_their_place_and_is_no_correction(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    await do(world, "answer", code, "Demian.", from_topic=True, source="tg:5")
    assert await do(world, "correct", code, "Demain.", source="tg:5", from_topic=True) == "put-off"
    [later] = (await page(world, code)).later
    assert (later.text, "withdrawn") == ("Demain.", (await said(world, code))[-1][0])
    await to_the_hour(world, code)
    assert humans(world) == ["Demain."]

    await wait(world, 12 * HOUR)
    await do(world, "answer", code, "Jeudi.", from_topic=True, source="tg:6")
    await world.say("oui ?")
    assert await do(world, "correct", code, "Vendredi.", source="tg:6", from_topic=True) == "done"
    assert humans(world)[1:] == ["Vendredi."]
    await wait(world, 24 * HOUR)
    assert len(humans(world)) == 2


async def test_a_colleague_s_edit_of_words_that_wait_changes_nothing(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    await do(world, "answer", code, "Oui.", from_topic=True, source="tg:5")
    assert await do(world, "correct", code, "Non.", source="tg:5", from_topic=True, who="karim") == "taken"
    assert [one.text for one in (await page(world, code)).later] == ["Oui."]


async def test_another_team_does_not_learn_when_the_person_last_wrote(world):
    code = await to_safe_case(world, "night")
    await world.say("vous etes la ?")
    await do(world, "claim", code)
    await do(world, "transfer", code, team="return-desk")

    assert (await page(world, code)).wrote_at == 0.0
    assert await do(world, "answer", code, "Bonjour.") == "put-off"
