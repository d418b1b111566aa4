"""What an enemy, a bad network or a clumsy colleague does to the service, and what must hold all the same."""

import asyncio

import msgspec
import pytest

from bot.conversation.cases.casework import CaseEdit
from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.told import summary
from bot.conversation.group.wording import WORDING
from bot.conversation.keeping.intake import Incoming
from bot.conversation.keeping.vault import Tampered
from bot.engine.effects import AddToCase, OpenCase
from bot.engine.events import Left, Said, WordPressed
from bot.i18n.staff import StaffTexts
from bot.i18n.values import Text, Words
from bot.ports import Commit, SendFailed
from tests.conversation.test_service import owned, to_case, to_menu
from tests.world import build_world


@pytest.fixture
async def world():
    return await build_world()


def person_of(world, who="7"):
    return world.vault.person("telegram", who)


# ── gone means gone, and does not mean mute ──
async def test_who_erases_and_then_blocks_the_bot_leaves_nothing_behind(world):
    await to_menu(world)
    await world.word("erase")
    await world.do(Left(at=world.clock.now()))

    assert await world.store.people() == []


async def test_a_farewell_that_finds_nobody_leaves_nothing_behind(world):
    await to_menu(world)
    world.person.failing.append(SendFailed("person-left"))
    await world.word("erase")
    await world.settle()

    assert await world.store.people() == []


async def test_who_comes_back_after_a_farewell_that_found_nobody_is_answered(world):
    await to_menu(world)
    world.person.failing.append(SendFailed("person-left"))
    await world.word("erase")
    await world.settle()
    before = len(world.heard())
    await world.start()

    assert world.ids()[before:]


async def test_who_blocks_the_bot_after_the_conversation_ended_is_forgotten_in_time(world):
    await to_menu(world)
    world.clock.pass_by(25 * 3600)
    await world.store.sweep(world.clock.now())
    await world.do(Left(at=world.clock.now()))
    world.clock.pass_by(8 * 86400)
    await world.store.sweep(world.clock.now())

    assert await world.store.people() == []


async def test_erasing_takes_the_topics_of_closed_cases_too(world):
    code = await to_case(world)
    amina = await world.member()
    await world.act(world.desk.close(code, amina, "answered", "a1"))
    topic = next(n for n, (_, m) in enumerate(world.group.sent, 1) if m.kind == "topic")
    await world.word("erase")

    assert (str(topic), "remove") in [(route, message.kind) for route, message in world.group.sent]


async def test_a_message_under_way_while_everything_is_erased_is_deleted_from_the_phone_too(world, monkeypatch):
    await to_menu(world)
    real = world.person.send

    async def erased_meanwhile(route, message):
        monkeypatch.setattr(world.person, "send", real)
        receipt = await real(route, message)
        erase = WordPressed(at=world.clock.now(), word="erase")
        await world.intake.accept([Incoming(channel="telegram", identity="7", route="7", event_id="tg:e", event=erase, message="9001")])
        await world.worker.idle()
        return receipt

    monkeypatch.setattr(world.person, "send", erased_meanwhile)
    await world.say("menu")
    under_way = next(n for n, (_, m) in enumerate(world.person.sent, 1) if m.kind == "farewell") - 1
    [removed] = [message for message in world.heard() if message.kind == "remove"]

    assert str(under_way) in removed.remove_ids
    assert {"9001", "1", "2"} <= set(removed.remove_ids)


# ── staff are told the truth ──
async def test_a_note_on_a_closed_case_is_refused_and_not_dropped_in_silence(world):
    code = await to_case(world)
    amina = await world.member()
    await world.act(world.desk.close(code, amina, "answered", "a1"))

    assert await world.act(world.desk.note(code, amina, "see the doctor on Monday", "a2")) == "closed"


async def test_a_repeated_act_gets_the_outcome_of_the_first(world):
    code = await to_case(world)
    await world.act(world.desk.claim(code, await world.member("amina"), "a1"))
    other = await world.member("karim")

    assert await world.act(world.desk.answer(code, other, "Bonjour", "k1")) == "taken"
    assert await world.act(world.desk.answer(code, other, "Bonjour", "k1")) == "taken"


async def test_two_presses_at_once_are_one_answer_and_both_hear_of_it(world):
    code = await to_case(world)
    amina = await world.member()

    async def both():
        return await asyncio.gather(*(world.desk.answer(code, amina, "Bonjour", "a1") for _ in range(2)))

    assert await world.act(both()) == ["done", "done"]
    assert [message.text for message in world.heard() if message.kind == "human"] == ["Bonjour"]


async def test_a_caseworker_is_told_when_an_answer_was_given_up(world):
    code = await to_case(world)
    amina = await world.member()
    await world.act(world.desk.claim(code, amina, "a1"))
    world.person.failing.append(SendFailed("refused"))
    await world.act(world.desk.answer(code, amina, "Bonjour", "a2"))
    await world.settle()
    page = await world.desk.open(code, amina)

    assert page.entries[-1].text == "not-sent"
    assert page.entries[-1].kind == "state"


async def test_an_act_that_was_put_aside_is_not_said_to_be_on_its_way(world, monkeypatch):
    code = await to_case(world)

    def broken(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr("bot.conversation.turning.deeds.step", broken)
    said = await world.act(world.desk.answer(code, await world.member(), "Bonjour", "a1"))

    assert said == "failed"


async def test_who_left_and_writes_again_can_be_answered_at_the_desk(world):
    code = await to_case(world)
    await world.do(Left(at=world.clock.now()))
    await world.say("je suis de retour")
    page = await world.desk.open(code, await world.member())

    assert not page.left
    assert not page.index.unwritten


async def test_two_colleagues_never_get_the_same_tree(world):
    members = [await world.staff.add(f"a{n}") for n in range(27)]
    await world.staff.remove("a24")
    members = [*members[:24], *members[25:], await world.staff.add("late")]

    assert len({member.name for member in members}) == len(members)


async def test_a_new_link_ends_the_sessions_that_were_open(world):
    member = await world.member("amina")
    stolen = (await world.door.redeem(await world.door.link(member, "enter"))).secret
    assert await world.door.who(stolen)
    await world.door.end_all(member)

    assert await world.door.who(stolen) is None


async def test_a_case_whose_caseworker_went_away_can_be_taken_over_and_no_sooner(world):
    code = await to_case(world)
    await world.act(world.desk.claim(code, await world.member("amina"), "a1"))
    karim = await world.member("karim")
    world.clock.pass_by(11 * 3600)
    assert await world.act(world.desk.claim(code, karim, "k1")) == "taken"

    world.clock.pass_by(3600)
    assert await world.act(world.desk.claim(code, karim, "k2")) == "done"
    assert (await world.desk.open(code, karim)).index.claimant == karim.name
    assert await world.act(world.desk.answer(code, karim, "Bonjour", "k3")) == "done"


# ── the caseworkers' group ──
async def test_a_topic_that_was_deleted_is_made_anew_and_answers_there_reach_the_person(world):
    code = await to_case(world)
    world.group.failing.append(SendFailed("no-topic"))
    await world.say("il y a quelqu'un devant la porte bleue")
    topics = [n for n, (_, m) in enumerate(world.group.sent, 1) if m.kind == "topic"]

    assert len(topics) == 2
    assert world.group.sent[-1][0] == str(topics[-1])
    assert "porte bleue" in world.group.sent[-1][1].spoiler
    assert await world.desk.by_topic(str(topics[-1])) == code


async def test_a_case_whose_topic_could_not_be_made_gets_one_later(world):
    await to_menu(world)
    world.group.failing += [SendFailed("refused"), SendFailed("network")]
    await world.word("human")
    for key in ("worry", "DZ", "yes", "skip"):
        await world.press(key)
    world.clock.pass_by(10.0)
    await world.settle()

    assert [m.kind for _, m in world.group.sent][:2] == ["topic", "post"]
    assert await world.desk.by_topic("1") == owned(world, "7")[-1]


async def test_an_answer_of_several_lines_is_one_line_of_what_was_shared(world):
    texts = world.library.current().texts
    fields = ((Text("bot.stop"), Words("rue 4\r\nArrêter: non\u2028\u0085/start\x07")),)
    [line] = summary(texts, fields, "fr").splitlines()
    assert line.startswith("Arrêter: ")
    assert "rue 4 · Arrêter: non" in line


async def test_a_case_that_moves_does_not_show_the_new_team_what_was_said_to_another(world):
    code = await to_case(world)
    await world.say("la porte bleue est pour la première équipe")
    await world.act(world.desk.tag(code, await world.member(), ["logement"], "t"))
    kept = world.store.cases_[code].record
    edit = CaseEdit(
        vault=world.vault, words=GroupWords(on=False, language="fr", staff=StaffTexts.of(WORDING, {})),
        texts=world.library.current().texts, language="fr", record=kept, at=world.clock.now(),
    )  # fmt: skip
    edit.open(OpenCase(code=code, team="return-desk", urgency="high", fields=(), names=(), new=False, moved=True))
    edit.add(AddToCase(code, "pour la seconde"))
    record = await world.store.load(person_of(world))
    await world.store.commit(
        Commit(
            person=person_of(world), version=record.version, event="moves", taken=None, wraps=record.wraps, session=record.session,
            route=record.route, case=edit.write(),
        )
    )  # fmt: skip
    page = await world.desk.open(code, await world.member())

    assert [entry.text for entry in page.entries] == ["moved", "pour la seconde"]
    assert page.index.unread == 1
    assert page.fields == ()
    assert page.safe_hours == ()
    assert (page.index.tags, page.index.face) == ((), kept.index.face + 1)


# ── the network ──
async def test_being_slowed_down_does_not_use_up_the_tries_of_a_message(world):
    world.person.failing += [SendFailed("slow-down", retry_after=5.0)] * 4 + [SendFailed("network", unknown=True)]
    await world.start()
    for _ in range(8):
        world.clock.pass_by(400.0)
        await world.settle()

    assert world.ids()[0] == "start.language"


# ── chance ──
async def test_a_case_code_that_is_taken_is_not_taken_again(world, monkeypatch):
    from bot.engine import handoff

    first = await to_case(world, who="8")
    real, met = handoff.case_code, set()

    def colliding(nonce):
        met.add(nonce) if not met else None
        return first if nonce in met else real(nonce)

    monkeypatch.setattr(handoff, "case_code", colliding)
    second = await to_case(world, who="7")

    assert second != first
    assert world.told.poison == []


async def test_an_erase_button_erases_even_if_the_event_before_it_was_poison(world, monkeypatch):
    await to_menu(world)
    from bot.conversation.turning import deeds

    real = deeds.step

    def broken(program, session, event, *beside):
        if isinstance(event, Said):
            raise RuntimeError
        return real(program, session, event, *beside)

    monkeypatch.setattr("bot.conversation.turning.deeds.step", broken)
    await world.say("mon secret")
    await world.do(WordPressed(at=world.clock.now(), word="erase"))

    assert "bot.erased" in world.ids()
    assert await world.store.people() == []


async def test_what_was_put_aside_cannot_be_opened_after_erasing(world, monkeypatch):
    await to_menu(world)
    real = world.worker._turns.make
    monkeypatch.setattr(world.worker._turns, "make", lambda _hand: 1 / 0)
    await world.say("la mosquée bleue")
    monkeypatch.setattr(world.worker._turns, "make", real)
    wraps = (await world.store.load(person_of(world))).wraps
    [aside] = world.store.aside
    keys = world.vault.person_keys(person_of(world).hex(), wraps)
    inner = world.vault.open(keys, aside[1], kind="aside", row=person_of(world).hex(), version=0)
    await world.word("erase")

    assert inner
    assert (await world.store.load(person_of(world))).wraps == ()
    with pytest.raises(Tampered):
        world.vault.person_keys(person_of(world).hex(), ())


async def test_a_conversation_that_cannot_be_read_any_more_begins_anew_and_can_be_erased(world, monkeypatch):
    await to_menu(world)
    monkeypatch.setattr("bot.conversation.turning.turn.decode", lambda _body: msgspec.msgpack.decode(b"\xc1"))
    world.worker._turns.lately.clear()  # it was left open a moment ago
    await world.start()
    assert world.ids()[-1].startswith("start.")
    assert world.told.poison == ["DecodeError"]

    await world.word("erase")
    assert "bot.erased" in world.ids()
    assert await world.store.people() == []
