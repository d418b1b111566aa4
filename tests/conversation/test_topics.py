"""A topic that is gone is made anew and tells what must not be missed; one whose case is over goes with it."""

import pytest

from bot.conversation.group.groupstate import GroupState, Outage, outage
from bot.conversation.group.topicends import BEFORE, TopicEnds
from bot.conversation.group.topics import TOPICS
from bot.ports import Receipt, SendFailed
from tests.conversation.test_service import to_case
from tests.world import build_world

DAY = 86_400.0
FAKE = "Karim a pris cette demande.\n/close answered\u202e @karim"


@pytest.fixture
async def world():
    return await build_world()


def lose_topics(world):
    """All topics there are now are gone."""
    gone, real = {message.case for _, message in world.group.sent}, world.group.send
    dead = {route for route, _ in world.group.sent if route}

    async def send(route, message):
        if route in dead:
            raise SendFailed("no-topic")
        return await real(route, message)

    world.group.send = send
    return gone


def posts(world):
    return [message for _, message in world.group.sent if message.kind == "post"]


def hidden(message):
    coded = message.text.encode("utf-16-le")
    return [coded[o * 2 : (o + n) * 2].decode("utf-16-le") for o, n in message.hidden] + ([message.spoiler] if message.spoiler else [])


# ── made anew ──
async def test_a_topic_made_anew_has_a_pointer_the_summary_and_what_nobody_answered_once(world):
    code = await to_case(world)
    amina = await world.member()
    await world.say("avant la réponse")
    await world.act(world.desk.answer(code, amina, "Je vous lis", "a1"))
    await world.say("premier mot")
    await world.say("deuxième mot")
    lose_topics(world)
    before = len(posts(world))
    await world.say("troisième mot")

    told = [words for message in posts(world)[before:] for words in hidden(message)]
    assert [words for words in told if "mot" in words] == ["premier mot", "deuxième mot", "troisième mot"]
    assert "avant la réponse" not in "".join(told)
    assert "is gone" in posts(world)[before].text
    assert any("Algérie" in words for words in told)
    assert posts(world)[before].actions
    assert await world.desk.by_topic([m for _, m in world.group.sent if m.kind == "topic"][-1].text) is None
    assert (await world.store.counts()).outbox == 0


async def test_a_new_topic_is_bound_and_the_old_one_takes_no_answer_any_more(world):
    code = await to_case(world)
    old = next(route for route, _ in world.group.sent if route)
    lose_topics(world)
    await world.say("un mot de plus")
    new = world.group.sent[-1][0]

    assert new != old
    assert (await world.desk.by_topic(new), await world.desk.by_topic(old)) == (code, None)


async def test_a_line_that_fails_in_the_middle_tells_everything_again_and_makes_no_second_topic(world):
    code = await to_case(world)
    await world.say("un mot")
    lose_topics(world)
    real, calls = world.group.send, []

    async def breaks(route, message):
        if message.kind == "post" and route and not calls:
            if not any(message.kind == "topic" for _, message in world.group.sent[-1:]):
                return await real(route, message)
            calls.append(route)
            raise SendFailed("network")
        return await real(route, message)

    world.group.send = breaks
    made = sum(message.kind == "topic" for _, message in world.group.sent)
    await world.say("un autre mot")
    world.clock.pass_by(5.0)
    await world.settle()

    assert calls
    assert sum(message.kind == "topic" for _, message in world.group.sent) == made + 1
    told = [words for message in posts(world)[-2:] for words in hidden(message)]
    assert [words for words in told if "mot" in words] == ["un mot", "un autre mot"]
    assert await world.desk.by_topic(world.group.sent[-1][0]) == code


async def test_a_long_time_of_words_is_told_again_in_as_many_messages_as_it_needs(world):
    await to_case(world)
    for n in range(6):
        await world.say(f"mot {n} " + "x" * 1500)
    lose_topics(world)
    before = len(posts(world))
    await world.say("fin")

    told = [words.split(" x")[0] for message in posts(world)[before:] for words in hidden(message) if "mot" in words]
    assert told == [f"mot {n}" for n in range(6)]
    assert all(len(message.text) <= 4000 for message in posts(world))


# ── what is shown ──
async def test_a_person_s_words_never_leave_their_spoiler_cannot_be_pressed_and_turn_nothing_round(world):
    await to_case(world)
    await world.say(FAKE)
    shown = posts(world)[-1]

    assert "Karim" not in shown.text
    assert "\u202e" not in shown.spoiler
    assert "/close" not in shown.spoiler
    assert "@karim" not in shown.spoiler
    assert shown.spoiler.replace("\u2060", "") == "Karim a pris cette demande.\n/close answered @karim"


async def test_what_was_shared_stands_under_a_spoiler_too(world):
    await to_case(world)
    (opened,) = [message for message in posts(world) if message.id == "topic.opened"]

    assert "Algérie" in opened.spoiler
    assert "Algérie" not in opened.text


# ── the end ──
def ends_of(world, *, trusted=True):
    return TopicEnds(
        store=world.store, vault=world.vault, library=world.library, clock=world.clock, group=world.group, trusted=lambda: trusted
    )


def removed(world):
    return [route for route, message in world.group.sent if message.kind == "remove"]


async def closed_case(world, who="7"):
    code = await to_case(world, who)
    amina = await world.member()
    await world.act(world.desk.claim(code, amina, f"a{who}"))
    await world.act(world.desk.close(code, amina, "answered", f"b{who}"))
    return code, world.group.sent[-1][0]


async def test_the_topic_of_a_closed_case_is_deleted_before_the_case_is(world):
    code, place = await closed_case(world)
    kept = world.library.current().service.keep.case * 60.0
    world.clock.pass_by(kept - BEFORE - 1)
    assert await ends_of(world).look() == 0
    world.clock.pass_by(2)

    assert await ends_of(world).look() == 1
    assert removed(world) == [place]
    assert await world.store.notes(TOPICS) == []
    assert (await world.store.case(code)) is not None


async def test_a_damaged_note_of_a_topic_keeps_no_other_from_its_end(world):
    _, place = await closed_case(world)
    await world.store.put_note(TOPICS, "0", b"damaged")
    world.clock.pass_by(400 * DAY)
    await world.store.sweep(world.clock.now())

    assert await ends_of(world).look() == 1
    assert removed(world) == [place]


async def test_what_was_missed_is_deleted_afterwards(world):
    _, place = await closed_case(world)
    world.clock.pass_by(400 * DAY)
    await world.store.sweep(world.clock.now())
    assert await ends_of(world).look() == 1

    assert removed(world) == [place]


async def test_the_topic_of_an_open_case_stays(world):
    await to_case(world)
    world.clock.pass_by(400 * DAY)

    assert await ends_of(world).look() == 0


async def test_a_topic_that_cannot_be_deleted_now_is_deleted_later_and_one_that_is_gone_is_forgotten(world):
    await closed_case(world)
    world.clock.pass_by(400 * DAY)
    world.group.failing += [SendFailed("no-rights", retry_after=30.0)]
    assert await ends_of(world).look() == 0
    assert len(await world.store.notes(TOPICS)) == 1
    world.group.failing += [SendFailed("no-topic")]

    assert await ends_of(world).look() == 1
    assert await world.store.notes(TOPICS) == []


# ── out of reach ──
async def test_an_outage_is_one_for_all_processes_and_ends_with_the_first_message_of_any(world):
    first, second = (GroupState(store=world.store, clock=world.clock, told=world.told) for _ in range(2))
    await second.worked()
    await first.failed("no-group")
    since = (await outage(world.store)).since
    world.clock.pass_by(40.0)
    await second.failed("no-rights")
    assert await outage(world.store) == Outage("no-rights", since)

    await first.worked()
    assert await outage(world.store) is None
    world.clock.pass_by(40.0)
    await second.failed("no-rights")  # which knew no end of it
    assert (await outage(world.store)).since > since


async def test_who_finds_the_group_well_ends_an_outage_that_a_process_which_is_gone_wrote_down(world):
    gone, here = (GroupState(store=world.store, clock=world.clock, told=world.told) for _ in range(2))
    await here.worked()
    await gone.failed("no-group")
    world.clock.pass_by(6.0)
    await here.worked()

    assert await outage(world.store) is None


async def test_a_topic_that_may_not_be_deleted_is_no_outage_of_the_group(world):
    await to_case(world)
    real, tried = world.group.send, []

    async def keeps(route, message):
        if message.kind == "remove":
            tried.append(route)
            raise SendFailed("no-rights", retry_after=30.0)
        return await real(route, message)

    world.group.send = keeps
    await world.word("erase")
    await world.press("yes")
    await world.settle()

    assert tried == ["1"]
    assert await outage(world.store) is None


async def test_a_receipt_of_a_topic_that_already_is_makes_no_second(world):
    code = await to_case(world)

    async def way(place, message):
        raise AssertionError(place)

    made = next(message for _, message in world.group.sent if message.kind == "topic")
    assert await world.sender._topics.send(way, made, [made]) == Receipt()
    assert (await world.store.case(code)).topic is not None
