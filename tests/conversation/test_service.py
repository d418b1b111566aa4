"""The service as a whole, on the real flows: what a person does reaches a caseworker, and back, and is gone when erased."""

import msgspec
import pytest

from bot.conversation.keeping.envelope import Envelope, envelope_bytes
from bot.conversation.keeping.intake import Incoming
from bot.engine.events import MediaSent, Pressed, Said, Started
from bot.ports import Arrival, SendFailed
from tests.world import build_world

SECRET = "derriere la mosquee bleue"
CASE = ("worry", "DZ", "yes", "skip")
"""What is pressed from the human word to an open case."""


@pytest.fixture
async def world():
    return await build_world()


async def to_menu(world, language="fr", who="7"):
    await world.start(language, who)
    await world.press(language, who)
    await world.press("yes", who)


async def to_case(world, who="7"):
    """Ask for a person and agree; gives the case's code."""
    await to_menu(world, who=who)
    await world.word("human", who)
    for key in CASE:
        await world.press(key, who)
    return owned(world, who)[-1]


def owned(world, who):
    person = world.vault.person("telegram", who)
    return [code for code, kept in world.store.cases_.items() if kept.record.person == person]


async def test_a_person_is_handed_to_a_caseworker_and_hears_the_answer(world):
    code = await to_case(world)
    amina = await world.member()

    assert await world.act(world.desk.answer(code, amina, "Bonjour, je vous lis.", "a1")) == "done"
    assert world.heard()[-1].kind == "human"
    assert world.heard()[-1].text == "Bonjour, je vous lis."
    assert "bot.human-here" in world.ids()


async def test_the_bot_is_silent_while_a_human_has_the_conversation(world):
    code = await to_case(world)
    await world.act(world.desk.claim(code, await world.member(), "a1"))
    before = len(world.heard())

    await world.say("menu")
    await world.say("je veux rentrer")
    page = await world.desk.open(code, await world.member())

    assert len(world.heard()) == before
    assert [entry.text for entry in page.entries if entry.kind == "person"][-2:] == ["menu", "je veux rentrer"]


async def test_after_the_case_closes_the_machine_says_so_and_answers_again(world):
    code = await to_case(world)
    amina = await world.member()
    await world.act(world.desk.claim(code, amina, "a1"))

    assert await world.act(world.desk.close(code, amina, "answered", "a2")) == "done"
    assert "bot.machine-again" in world.ids()
    await world.word("menu")
    assert "menu.topic" in world.ids()[-2:]


async def test_the_first_of_two_caseworkers_has_the_case(world):
    code = await to_case(world)

    assert await world.act(world.desk.claim(code, await world.member("amina"), "a1")) == "done"
    assert await world.act(world.desk.claim(code, await world.member("karim"), "b1")) == "taken"
    assert await world.act(world.desk.answer(code, await world.member("karim"), "Bonjour", "b2")) == "taken"


async def test_the_same_act_twice_is_one_act(world):
    code = await to_case(world)
    amina = await world.member()
    await world.act(world.desk.answer(code, amina, "Bonjour", "same"))
    await world.act(world.desk.answer(code, amina, "Bonjour", "same"))

    assert [m.text for m in world.heard() if m.kind == "human"] == ["Bonjour"]


async def test_stop_locks_the_answer_box_until_the_person_writes(world):
    code = await to_case(world)
    amina = await world.member()
    await world.act(world.desk.claim(code, amina, "a1"))
    await world.word("stop")

    assert await world.act(world.desk.answer(code, amina, "Vous êtes là ?", "a2")) == "unwritten"
    await world.say("oui je suis là")
    assert await world.act(world.desk.answer(code, amina, "Merci", "a3")) == "done"


async def test_erase_takes_everything_and_says_so(world):
    code = await to_case(world)
    await world.say(SECRET)
    await world.word("erase")
    person = world.vault.person("telegram", "7")

    assert world.heard()[-2].id == "bot.erased"
    assert world.heard()[-1].kind == "remove"
    record = await world.store.load(person)
    assert (record.session, record.route, record.wraps) == (None, None, ())
    assert (await world.desk.open(code, await world.member())).erased
    assert await world.act(world.desk.answer(code, await world.member(), "Bonjour", "a9")) == "erased"


async def test_erase_asks_the_phone_to_remove_what_it_can(world):
    await to_menu(world)
    await world.word("erase")

    removed = world.heard()[-1].remove_ids
    assert "5001" in removed  # the person's own first message
    assert "1" in removed  # the first message of the bot


async def test_a_new_life_after_erasing_has_new_keys(world):
    await to_menu(world)
    person = world.vault.person("telegram", "7")
    old = world.vault.person_keys(person.hex(), (await world.store.load(person)).wraps)
    await world.word("erase")
    await world.start()
    new = world.vault.person_keys(person.hex(), (await world.store.load(person)).wraps)

    assert (old.life, old.key) != (new.life, new.key)


async def test_nothing_a_person_writes_is_kept_in_the_open(world):
    await to_case(world)
    await world.say(SECRET)

    assert SECRET.encode() not in msgspec.msgpack.encode(
        [
            [kept.record for kept in world.store.people_.values()],
            [kept.record for kept in world.store.cases_.values()],
            [entry for kept in world.store.cases_.values() for entry in kept.thread],
            list(world.store.notes_.values()),
            [audit for _, audit in world.store.audit_],
        ]
    )


async def test_the_group_gets_a_topic_then_the_case_and_words_only_under_a_spoiler(world):
    code = await to_case(world)
    await world.say(SECRET)
    kinds = [(message.kind, message.case) for _, message in world.group.sent]

    assert kinds[:2] == [("topic", code), ("post", code)]
    assert all(SECRET not in message.text for _, message in world.group.sent)
    assert SECRET in [message.spoiler for _, message in world.group.sent]


async def test_a_topic_and_its_case_name_each_other(world):
    code = await to_case(world)
    place = next(route for route, message in world.group.sent if message.kind == "post")

    assert await world.desk.by_topic(place) == code
    assert await world.desk.by_topic("999") is None


async def test_a_caseworker_of_another_team_sees_no_case(world):
    code = await to_case(world)
    stranger = await world.member("far", teams=("return-desk",))

    assert await world.desk.open(code, stranger) is None
    assert await world.desk.queue(stranger) == []
    assert await world.act(world.desk.answer(code, stranger, "Bonjour", "x")) == "erased"


async def test_what_staff_may_see_is_what_was_agreed_and_what_came_after(world):
    await to_menu(world)
    await world.say("avant la demande")
    await world.word("human")
    code = await to_case_from_human(world)
    page = await world.desk.open(code, await world.member())

    assert all("avant la demande" not in entry.text for entry in page.entries)
    assert len(page.fields) == 3


async def to_case_from_human(world):
    for key in CASE:
        await world.press(key)
    return owned(world, "7")[-1]


async def test_an_update_that_comes_again_changes_nothing(world):
    await to_menu(world)
    await world.do(Said(at=world.clock.now(), text="1"), event_id="tg:again")
    before = len(world.heard())
    await world.do(Said(at=world.clock.now(), text="1"), event_id="tg:again")

    assert len(world.heard()) == before


async def test_a_poisoned_event_is_put_aside_and_stops_nobody(world):
    person = world.vault.person("telegram", "7")
    await world.store.accept([Arrival(person=person, event="tg:poison", sealed=b"not sealed by us", at=world.clock.now())])
    await to_menu(world)
    await to_menu(world, who="8")

    assert world.told.poison == ["Tampered"]
    assert world.ids("7")[-1] == world.ids("8")[-1] == "menu.topic"


async def test_a_turn_that_crashes_hurts_one_event_only(world, monkeypatch):
    def broken(_program, _session, event, _away, past=None):
        raise ZeroDivisionError("words of a person")

    await to_menu(world)
    monkeypatch.setattr("bot.conversation.turning.deeds.step", broken)
    await world.say("crash")
    monkeypatch.undo()
    await world.say("1")

    assert world.told.poison == ["ZeroDivisionError"]
    assert world.ids()[-1].startswith("return.")


async def test_an_arrival_of_another_person_does_not_open(world):
    mine, other = world.vault.person("telegram", "7"), world.vault.person("telegram", "8")
    sealed = world.vault.seal_arrival(mine, "tg:1", envelope_bytes(Envelope(event=Said(at=1.0, text="x"))), world.clock.now())
    await world.store.accept([Arrival(person=other, event="tg:1", sealed=sealed, at=world.clock.now())])
    await world.settle()

    assert world.told.poison == ["Tampered"]


async def test_a_person_who_blocked_the_channel_is_not_tried_again(world):
    code = await to_case(world)
    world.person.failing.append(SendFailed("person-left"))
    await world.act(world.desk.answer(code, await world.member(), "Bonjour", "a1"))
    page = await world.desk.open(code, await world.member())

    assert page.left
    assert page.index.unwritten


async def test_a_refusal_for_a_while_is_waited_out_in_order(world):
    world.person.failing.append(SendFailed("slow-down", retry_after=30.0))
    await world.start()
    assert world.heard() == []

    world.clock.pass_by(31.0)
    await world.settle()
    assert world.ids()[0] == "start.language"


async def worked_only(world):
    """Somebody says hello, and the answer is committed and not yet sent."""
    event = Started(at=world.clock.now(), language="fr")
    await world.intake.accept([Incoming(channel="telegram", identity="7", route="7", event_id="tg:0", event=event)])
    await world.worker.idle()


@pytest.mark.parametrize("ahead", [60.0, 3700.0, 30 * 86_400.0])
async def test_an_answer_waits_for_no_clock_that_was_ahead_when_it_was_made(world, ahead):
    world.clock.jump(ahead)
    await worked_only(world)
    world.clock.jump(-ahead)
    await world.sender.idle()

    assert world.ids() == ["start.language"]


@pytest.mark.parametrize("ahead", [60.0, 3700.0, 30 * 86_400.0])
async def test_an_answer_that_was_refused_while_the_clock_was_ahead_goes_out_after_its_pause(world, ahead):
    world.clock.jump(ahead)
    world.person.failing.append(SendFailed("server"))
    await world.start()
    world.clock.jump(-ahead)
    await world.sender.idle()
    assert world.heard() == []

    world.clock.pass_by(2.0)
    await world.sender.idle()
    assert world.ids() == ["start.language"]


async def test_a_jump_of_the_clock_gives_nothing_up(world):
    await worked_only(world)
    world.clock.jump(30 * 86_400.0)
    world.person.failing.append(SendFailed("server"))
    await world.sender.idle()
    world.clock.pass_by(2.0)
    await world.sender.idle()

    assert world.ids() == ["start.language"]


async def test_where_nobody_was_reached_it_is_tried_again_soon_however_long_that_lasts(world):
    """What never left cannot arrive twice."""
    await world.start()
    world.person.failing += [SendFailed("network")] * 20
    await world.say("human")
    for _ in range(19):
        world.clock.pass_by(5.0)
        await world.sender.idle()
    assert world.person.failing == []
    before = len(world.heard())
    world.clock.pass_by(5.0)
    await world.sender.idle()
    assert len(world.heard()) > before


async def test_what_may_have_gone_out_is_sent_again_at_most_twice(world):
    for _ in range(3):
        world.person.failing.append(SendFailed("network", unknown=True))
    await world.start()
    for _ in range(6):
        world.clock.pass_by(400.0)
        await world.settle()

    assert world.told.results[:4] == ["telegram network"] * 3 + ["given up network"]
    assert "start.language" not in world.ids()


async def test_the_message_of_a_pressed_button_loses_its_buttons(world):
    await world.start()
    await world.press("fr")

    pressed = 5000 + world.events
    assert world.heard()[1].replaces == str(pressed)


async def test_the_next_page_is_put_in_the_place_of_the_last(world):
    await to_menu(world)
    assert not any(message.edit for message in world.heard())
    for key in ("home", "no", "no", "no", "DZ", "none", "steps"):
        await world.press(key)
    first = world.ids()[-1]
    await world.press("next")

    assert world.ids()[-1] != first
    assert world.heard()[-1].edit
    assert world.heard()[-1].replaces == str(5000 + world.events)


async def test_a_photo_is_removed_from_the_phone_where_it_can_be(world):
    await to_menu(world)
    await world.do(MediaSent(at=world.clock.now(), kind="photo", file="handle"))

    assert "bot.photo" in world.ids()
    removed = [message.remove_ids for message in world.heard() if message.kind == "remove"]
    assert removed == [(str(5000 + world.events),)]


async def test_a_press_of_another_life_is_answered_with_the_present_question(world):
    await to_menu(world)
    await world.do(Pressed(at=world.clock.now(), life="another", turn=1, key="yes"))

    assert world.ids()[-1] == "menu.topic"


async def test_after_a_day_of_silence_answers_are_gone(world):
    await to_menu(world)
    world.clock.pass_by(25 * 3600)
    await world.store.sweep(world.clock.now())
    record = await world.store.load(world.vault.person("telegram", "7"))

    assert record.session is None
    assert record.route is not None


async def test_a_person_is_told_when_a_message_of_the_bot_was_given_up(world):
    await to_menu(world)
    world.person.failing.append(SendFailed("refused"))
    await world.say("1")
    await world.settle()

    assert "bot.not-delivered" in world.ids()


async def test_nobody_is_told_for_ever_that_nothing_arrives(world):
    await to_menu(world)
    before = len(world.heard())
    world.person.failing += [SendFailed("refused") for _ in range(40)]
    await world.say("1")
    for _ in range(10):
        await world.settle()

    assert len(world.heard()) == before
    assert len(world.person.failing) > 20
