"""A notice reaches everybody who may be told, once, changes nothing of what they talk about, and obeys whoever ordered it."""

import pytest
from msgspec import structs

from bot.conversation.notices.notice import Order, Tally, event_name, progress
from bot.conversation.notices.notices import Notices
from bot.conversation.pacing.traffic import NOTICE
from bot.conversation.running.holds import Hold
from bot.engine.events import Left
from bot.engine.session import decode
from bot.ports import Pace, SendFailed
from tests.world import build_world

TEXTS = {"fr": "Demain le bureau est fermé.", "ar": "المكتب مغلق غداً.", "en": "The office is closed tomorrow."}
ORDER = Order(id="n1", texts=TEXTS, at=1.0)


@pytest.fixture
async def world():
    return await build_world()


async def met(world, *people, language="fr"):
    """People who have chosen a language."""
    for who in people:
        await world.start(language, who)
        await world.press(language, who)


async def told(world, order=ORDER, rounds=4):
    """Order it, and let it be done."""
    await world.notices.book.order(order)
    await rounds_of(world, rounds)
    return await world.notices.book.progress(order)


async def rounds_of(world, rounds=4):
    for _ in range(rounds):
        await world.notices.once()
        await world.settle()
        world.clock.pass_by(1.0)


def heard(world, who):
    return [message.text for message in world.heard(who) if message.id == "notice"]


async def test_everybody_hears_it_once_in_their_language(world):
    await met(world, "7", "8")
    await met(world, "9", language="ar")
    standing = await told(world)

    assert (heard(world, "7"), heard(world, "8"), heard(world, "9")) == ([TEXTS["fr"]], [TEXTS["fr"]], [TEXTS["ar"]])
    assert (standing.people, standing.sent, standing.to_come, standing.waiting, standing.ended) == (3, 3, 0, 0, True)
    await rounds_of(world, 3)
    assert len(heard(world, "7")) == 1


async def test_who_said_stop_hears_nothing_until_they_write_again(world):
    await met(world, "7")
    await world.word("stop")
    standing = await told(world)
    assert heard(world, "7") == []
    assert (standing.left_out, standing.sent) == (1, 0)

    await world.start()
    await told(world, structs.replace(ORDER, id="n2"))
    assert len(heard(world, "7")) == 1


async def test_who_left_is_not_tried_again(world):
    await met(world, "7", "8")
    world.person.failing.append(SendFailed("person-left"))
    first = await told(world)
    second = await told(world, structs.replace(ORDER, id="n2"))

    assert (first.left, first.sent) == (1, 1)
    assert (second.left, second.left_out, second.sent) == (0, 1, 1)


async def test_who_left_after_their_conversation_ended_is_not_told(world):
    await met(world, "7")
    world.clock.pass_by(25 * 3600)
    await world.store.sweep(world.clock.now())
    await world.do(Left(at=world.clock.now()))

    assert (await told(world)).left_out == 1


async def test_who_has_a_case_is_told_only_when_ordered(world):
    await met(world, "7")
    await world.press("yes")
    await world.word("human")
    for key in ("worry", "DZ", "yes", "skip"):
        await world.press(key)
    assert (await told(world)).left_out == 1
    assert heard(world, "7") == []

    await told(world, structs.replace(ORDER, id="n2", cases=True))
    assert len(heard(world, "7")) == 1


async def test_only_people_known_to_be_in_the_country_are_told_when_ordered(world):
    await met(world, "7", "8")
    await world.press("yes")
    await world.word("human")
    for key in ("worry", "DZ", "yes", "skip"):
        await world.press(key)
    standing = await told(world, structs.replace(ORDER, country="DZ", cases=True))

    assert (len(heard(world, "7")), len(heard(world, "8")), standing.left_out) == (1, 0, 1)


async def test_a_language_without_a_text_is_left_out(world):
    await met(world, "7")
    await met(world, "9", language="ar")
    await told(world, structs.replace(ORDER, texts={"ar": TEXTS["ar"]}))

    assert (heard(world, "7"), len(heard(world, "9"))) == ([], 1)


async def test_a_notice_changes_nothing_of_a_conversation_and_lengthens_nothing(world):
    await met(world, "7")
    person = world.vault.person("telegram", "7")
    before = await world.store.load(person)
    session = world.sender._vault  # the same vault opens both
    old = session.open(
        session.person_keys(person.hex(), before.wraps), before.session, kind="session", row=person.hex(), version=before.version
    )
    world.clock.pass_by(3600)
    await told(world)
    after = await world.store.load(person)
    new = session.open(
        session.person_keys(person.hex(), after.wraps), after.session, kind="session", row=person.hex(), version=after.version
    )

    assert decode(new) == decode(old)
    assert (after.ends, after.route) == (before.ends, before.route)
    await world.press("yes")  # the question that waited is still answered
    assert world.told.poison == []


async def test_a_route_that_is_left_of_a_conversation_ends_when_it_would_have(world):
    await met(world, "7")
    person = world.vault.person("telegram", "7")
    world.clock.pass_by(25 * 3600)
    await world.store.sweep(world.clock.now())
    ends = (await world.store.load(person)).ends
    await told(world)

    assert len(heard(world, "7")) == 1
    assert (await world.store.load(person)).ends == ends


async def test_an_erasure_deletes_the_notice_from_the_phone_too(world):
    await met(world, "7")
    await told(world)
    number = next(str(n) for n, (_, message) in enumerate(world.person.sent, 1) if message.id == "notice")
    await world.word("erase")

    assert number in world.heard()[-1].remove_ids


async def test_a_notice_that_is_given_up_is_counted_and_not_told_to_the_person(world):
    await met(world, "7")
    world.person.failing.append(SendFailed("refused"))
    standing = await told(world)

    assert (standing.failed, standing.sent) == (1, 0)
    assert "bot.not-delivered" not in world.ids()


async def test_a_notice_that_another_process_has_just_given_waits_until_it_is_known_here(world):
    """Else every person of a second worker would be told nothing, and counted as failed."""
    await met(world, "7", "8")
    await world.notices.once()  # this process knows the orders, and this one is not among them
    await world.notices.book.order(ORDER)
    known = dict(world.notices._states)
    await world.notices.once()
    await world.worker.idle()
    world.notices._states = known
    assert world.notices.fate("n1/7") == "unknown"
    assert await world.sender._due() == []
    assert (await world.store.held(NOTICE))[1] == 2

    world.clock.pass_by(2.0)
    await world.notices.once()
    await world.settle()
    assert len([message for _, message in world.person.sent if message.id == "notice"]) == 2


async def test_a_paused_notice_goes_no_further_and_a_stopped_one_ends(world):
    await met(world, *(str(n) for n in range(20, 30)))
    world.notices._channels = {"telegram": _paced(4)}
    await world.notices.book.order(ORDER)
    await world.notices.once()
    await world.worker.idle()  # laid out, not sent
    assert await world.notices.book.change("n1", "paused", "amina")
    await world.notices.once()
    laid = (await world.store.held(NOTICE))[1]
    assert await world.sender._due() == []
    assert (await world.store.held(NOTICE))[1] == laid == 10

    world.clock.pass_by(2.0)
    assert await world.notices.book.change("n1", "stopped", "amina")
    await world.notices.once()
    await world.settle()
    assert (await world.store.held(NOTICE))[1] == 0
    assert [message for _, message in world.person.sent if message.id == "notice"] == []
    assert not await world.notices.book.change("n1", "running", "amina")


def _paced(a_second):
    class Paced:
        name, pace = "telegram", Pace(most=a_second, seconds=1.0)

    return Paced()


async def test_no_more_is_given_than_a_few_seconds_ahead(world):
    await met(world, *(str(n) for n in range(20, 40)))
    world.notices._channels = {"telegram": _paced(4)}
    await world.notices.book.order(ORDER)
    for _ in range(5):
        await world.notices.once()
        await world.worker.idle()

    assert (await world.store.held(NOTICE))[1] == 10
    assert (await world.notices.book.course("n1")).given == 10


async def test_a_process_that_dies_between_giving_and_noting_gives_nothing_twice(world, monkeypatch):
    await met(world, "7", "8")

    async def dies(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(world.notices.book, "advance", dies)
    await world.notices.book.order(ORDER)
    with pytest.raises(ZeroDivisionError):
        await world.notices.once()
    monkeypatch.undo()
    again = Notices(store=world.store, vault=world.vault, intake=world.intake, clock=world.clock, channels={}, told=world.told, name="two")
    world.worker.notices = world.sender.notices = world.notices = again
    await rounds_of(world)

    assert (len(heard(world, "7")), len(heard(world, "8"))) == (1, 1)


async def test_one_notice_waits_for_the_one_before_it(world):
    await met(world, "7")
    await world.notices.book.order(structs.replace(ORDER, state="paused"))
    second = structs.replace(ORDER, id="n2", at=2.0)
    await told(world, second)
    assert heard(world, "7") == []

    await world.notices.book.change("n1", "stopped", "amina")
    await rounds_of(world)
    assert len(heard(world, "7")) == 1


async def test_the_counters_of_the_operator_hear_how_it_goes(world):
    await met(world, "7", "8")
    await told(world)

    assert world.told.standing[-1] == []
    assert max(one.sent for standing in world.told.standing for one in standing) == 2


def test_a_process_that_counts_no_more_has_nothing_waiting():
    tallies = [Tally(waiting=5, at=100.0), Tally(waiting=7, at=90.0, left=2)]
    standing = progress(ORDER, structs.replace(_course(), given=20, people=30), tallies, 101.0)

    assert (standing.waiting, standing.left, standing.sent, standing.to_come) == (5, 2, 13, 10)


def _course():
    from bot.conversation.notices.notice import Course

    return Course()


def test_a_row_is_led_back_to_its_notice():
    from bot.conversation.notices.notice import notice_of

    assert notice_of(f"{event_name('n1')}/n00") == "n1"
    assert notice_of("tg:5/p00") == ""


async def test_of_several_processes_one_gives_and_another_goes_on_when_it_is_gone(world):
    await met(world, *(str(n) for n in range(20, 40)))
    both = [
        Notices(
            store=world.store, vault=world.vault, intake=world.intake, clock=world.clock, channels={"telegram": _paced(4)}, told=world.told,
            name=name, hold=Hold(store=world.store, clock=world.clock, name="notices", owner=name),
        )
        for name in ("one", "two")
    ]  # fmt: skip
    world.worker.notices = world.sender.notices = both[0]
    await both[0].book.order(ORDER)
    for one in (*both, *both):
        await one.once()
        await world.worker.idle()
    assert (await both[0].book.course("n1")).given == 10

    for _ in range(30):  # the first is gone; the second sees that nobody renews
        world.clock.pass_by(1.0)
        await world.settle()
        await both[1].once()
    assert all(len(heard(world, str(n))) == 1 for n in range(20, 40))
