"""A publish strands nobody: who is in the middle stays where they are, facts and safety are new at once, and a recall says so."""

import re

import pytest

from tests.conversation.test_service import to_case
from tests.world import build_world, real_bundle


def reworded(path: str, old: str, new: str):
    bundle = real_bundle()
    text = bundle[path]
    assert old in text, old
    return bundle.with_file(path, text.replace(old, new, 1))


@pytest.fixture
async def world():
    return await build_world()


async def to_return(world):
    await world.start("en")
    for key in ("en", "yes", "home"):
        await world.press(key)


async def test_a_conversation_under_way_keeps_the_question_it_was_asked(world):
    await to_return(world)
    first = world.library.current().revision
    changed = real_bundle()["flows/return.yaml"].replace("ask: fear\n", "ask: afraid\n").replace("ask: asylum\n", "ask: protection-card\n")
    await world.library.publish(real_bundle().with_file("flows/return.yaml", changed), by="test", why="renamed two steps")
    await world.press("no")
    person = world.vault.person("telegram", "7")
    session = world.worker._turns.open(person, await world.store.load(person)).session

    assert world.ids()[-1] == "return.asylum"
    assert session.revision == first


async def test_a_new_person_gets_what_is_in_force(world):
    await world.library.publish(reworded("flows/menu.yaml", "flow: menu", "# published again\nflow: menu"), by="test", why="again")
    new = world.library.current().revision
    await to_return(world)
    person = world.vault.person("telegram", "7")
    keys = world.vault.person_keys(person.hex(), (await world.store.load(person)).wraps)

    record = await world.store.load(person)
    session = world.worker._turns.open(person, record).session
    assert keys.life
    assert session.revision == new


async def test_a_conversation_moves_when_nothing_it_stands_on_changed(world):
    await to_return(world)
    await world.library.publish(reworded("flows/wages.yaml", "flow: wages", "# published again\nflow: wages"), by="test", why="again")
    await world.press("no")
    person = world.vault.person("telegram", "7")
    session = world.worker._turns.open(person, await world.store.load(person)).session

    assert session.revision == world.library.current().revision
    assert world.ids()[-1] == "return.asylum"


async def test_a_recall_moves_to_a_safe_question_and_says_so(world):
    await to_return(world)
    first = world.library.current().revision
    gone = real_bundle()["flows/return.yaml"].replace("ask: fear\n", "ask: afraid\n")
    await world.library.publish(real_bundle().with_file("flows/return.yaml", gone), by="test", why="renamed")
    await world.library.recall(first, by="test", why="harmful")
    await world.say("1")

    assert "bot.recalled" in world.ids()


async def test_a_rollback_puts_the_old_one_in_force(world):
    first = world.library.current().revision
    await world.library.publish(reworded("flows/menu.yaml", "flow: menu", "# again\nflow: menu"), by="test", why="again")
    await world.library.rollback(first, by="test", why="back")

    assert world.library.current().revision == first
    assert [deed.kind for deed in world.library.head.deeds] == ["publish", "publish", "rollback"]


async def test_what_is_in_force_cannot_be_recalled(world):
    with pytest.raises(KeyError):
        await world.library.recall(world.library.current().revision, by="test", why="no")


async def test_the_words_of_a_contact_are_new_at_once_for_everyone(world):
    await to_return(world)
    directory = real_bundle()["flows/directory.yaml"]
    number = next(line for line in directory.splitlines() if "661 69 68 41" in line)
    changed = real_bundle().with_file("flows/directory.yaml", directory.replace(number, number.replace("661 69 68 41", "661 00 00 00")))
    await world.library.publish(changed, by="test", why="new number")
    for key in ("yes", "DZ"):
        await world.press(key)

    said = " ".join(message.text for message in world.heard())
    assert "661 00 00 00" in said
    assert "661 69 68 41" not in said


async def test_who_waits_for_a_team_that_was_renamed_is_still_answered(world):
    code = await to_case(world)
    team = world.store.cases_[code].record.index.team
    bundle = real_bundle()
    for path in list(bundle):
        if path.startswith("flows/") and path.endswith(".yaml") and path != "flows/bot.yaml":
            text = re.sub(rf"(to: |team\.){team}\b(?!-)", r"\g<1>renamed", bundle[path])
            bundle = bundle.with_file(path, re.sub(rf"(?m)^  {team}:", "  renamed:", text) if path == "flows/teams.yaml" else text)
    await world.library.publish(bundle, by="test", why="another name")
    before = len(world.ids())
    for _ in range(9):
        await world.word("repeat")
        await world.word("menu")
    world.clock.pass_by(3600)
    await world.say("?")
    await world.press("yes")
    await world.word("human")
    await world.word("stop")
    await world.word("repeat")

    assert world.told.poison == []
    assert len(world.ids()) > before


async def test_what_does_not_compile_is_never_put_in_force(world):
    before = world.library.current().revision
    with pytest.raises(AssertionError):
        await world.library.publish(real_bundle().with_file("flows/menu.yaml", "flow: menu\nsteps: 4\n"), by="test", why="broken")
    await world.library.refresh()

    assert world.library.head.revision == before
