"""A case's whole life at the desk: claimed, answered, passed on, handed back, put off, corrected, tagged, closed, come back to."""

import asyncio

import msgspec
import pytest
from msgspec import structs

from bot.conversation.keeping.casefile import file_of
from bot.conversation.keeping.envelope import CaseFile, RouteCard, ThreadItem
from bot.conversation.staffing.attendance import Attendance
from bot.conversation.staffing.rights import ROLES
from bot.engine.events import Corrected, Left
from bot.ports import Audit, SendFailed
from bot.storage.sqlite.store import SqliteStore
from tests.conversation.test_service import owned, to_case, to_menu
from tests.fakes import FakeClock
from tests.world import build_world

HOUR = 3600.0
WORDS = "derriere la mosquee bleue"


@pytest.fixture
async def world():
    return await build_world()


def index(world, code):
    return world.store.cases_[code].record.index


def file(world, code):
    return file_of(world.vault, world.store.cases_[code].record)


async def page(world, code, who="amina", **more):
    found = await world.desk.open(code, await world.member(who), **more)
    assert found is not None
    return found


async def said(world, code, kind="state"):
    return [
        (entry.text, entry.about) if kind == "state" else entry.text for entry in (await page(world, code)).entries if entry.kind == kind
    ]


async def do(world, deed, *args, who="amina", **more):
    member = await world.member(who)
    world.events += 1
    return await world.act(getattr(world.desk, deed)(args[0], member, *args[1:], f"do{world.events}", **more))


async def wait(world, seconds):
    world.clock.pass_by(seconds)
    await world.keeper.wake()
    await world.settle()


async def to_safe_case(world, *hours, who="7"):
    """A case whose person called these parts of the day safe."""
    await to_menu(world, who=who)
    await world.word("human", who)
    for key in ("worry", "DZ", "yes", *hours, "done"):
        await world.press(key, who)
    return owned(world, who)[-1]


def humans(world, who="7"):
    return [message.text for message in world.heard(who) if message.kind == "human"]


# ── who waits ──
async def test_the_index_says_since_when_the_person_waits_and_what_is_unread(world):
    code = await to_case(world)
    opened = index(world, code)
    assert (opened.state, opened.asked, opened.since, opened.unread, opened.answered) == (
        "waiting",
        world.clock.now(),
        world.clock.now(),
        0,
        False,
    )

    world.clock.pass_by(60)
    await world.say("bonjour")
    await world.say("vous etes la")
    assert (index(world, code).asked, index(world, code).unread) == (opened.asked, 2)
    await do(world, "claim", code)
    assert (index(world, code).state, index(world, code).unread, index(world, code).asked) == ("claimed", 0, opened.asked)
    await do(world, "answer", code, "Bonjour.")
    assert (index(world, code).asked, index(world, code).answered) == (0.0, True)
    answered = world.clock.now()

    world.clock.pass_by(60)
    await world.say("merci")
    await world.say("et demain ?")
    assert (index(world, code).asked, index(world, code).unread) == (world.clock.now(), 2)
    await do(world, "note", code, "rien")
    assert index(world, code).unread == 2
    await world.word("stop")
    assert index(world, code).asked == 0.0
    await do(world, "close", code, "answered")
    assert (index(world, code).state, index(world, code).asked, index(world, code).unread) == ("closed", 0.0, 0)
    await do(world, "answer", code, "Encore.")
    assert index(world, code).first == answered


async def test_a_case_knows_where_it_comes_from(world):
    code = await to_case(world)
    found = await page(world, code)

    assert (found.need, found.country, found.channel) == ("Écrire à une personne", "DZ", "telegram")
    assert found.withheld >= 0
    assert index(world, code).face == 1


# ── passed on ──
async def test_a_colleague_gets_the_case_and_its_person_hears_nothing(world):
    code = await to_case(world)
    await do(world, "claim", code)
    karim = await world.member("karim")
    before = len(world.heard())

    assert await do(world, "transfer", code, to=karim.name, note="Parle arabe.") == "done"
    assert index(world, code).claimant == karim.name
    assert len(world.heard()) == before
    assert await said(world, code, "note") == ["Parle arabe."]
    assert ("assigned", karim.name) in await said(world, code)
    assert await do(world, "answer", code, "Bonjour") == "taken"
    assert await do(world, "answer", code, "Bonjour", who="karim") == "done"


async def test_only_who_has_the_case_or_a_supervisor_gives_it_away(world):
    code = await to_case(world)
    await do(world, "claim", code)
    karim, chief = await world.member("karim"), await world.member("chief", roles=("supervisor",))

    assert await do(world, "transfer", code, to=karim.name, who="karim") == "taken"
    assert await world.act(world.desk.transfer(code, chief, "c1", to=karim.name)) == "done"
    assert index(world, code).claimant == karim.name
    assert await world.act(world.desk.transfer(code, chief, "c2", to="Baobab")) == "unknown"


async def test_a_waiting_case_given_to_a_colleague_is_claimed_for_them(world):
    code = await to_case(world)
    karim, chief = await world.member("karim"), await world.member("chief", roles=("supervisor",))

    assert await world.act(world.desk.transfer(code, chief, "c1", to=karim.name)) == "done"
    assert (index(world, code).state, index(world, code).claimant) == ("claimed", karim.name)
    assert "bot.human-here" in world.ids()


async def test_another_team_gets_the_note_and_nothing_of_before_unless_the_person_agreed(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await world.say(WORDS)
    await do(world, "tag", code, ["logement"])
    await do(world, "note", code, "une note d'avant")

    assert await do(world, "transfer", code, team="return-desk", note="Demande un retour.") == "done"
    found = await page(world, code)
    assert (found.index.team, found.index.state, found.index.claimant, found.index.answered) == ("return-desk", "waiting", None, False)
    assert found.index.first == 0.0
    assert found.index.asked > 0
    assert [entry.text for entry in found.notes] == ["Demande un retour."]
    assert (found.fields, found.tags, found.index.tags, found.need, found.phrase) == ((), (), (), "", "")
    assert found.country == "DZ"
    assert all(WORDS not in entry.text for entry in found.entries)
    assert found.entries[0].n == found.first
    assert "bot.passed-team" in world.ids()
    before = await page(world, code, before=found.first)
    assert before.entries == ()


async def test_when_it_is_safe_to_write_goes_along_to_whatever_team(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    await do(world, "transfer", code, team="return-desk", note="Voir demain.")

    found = await page(world, code, "boss")

    assert found.safe_hours == ("night",)
    assert found.fields == ()


async def test_the_queue_of_another_team_shows_nothing_of_before_either(world):
    code = await to_safe_case(world, "morning")
    await do(world, "tag", code, ["logement"])
    await world.view.catch_up()
    assert (world.view.seen(code).need, world.view.seen(code).hours) == ("person", ("morning",))

    await do(world, "transfer", code, team="return-desk", note="Demande un retour.")
    await world.view.catch_up()
    shown = world.view.seen(code)
    assert (shown.index.team, shown.need, shown.hours, shown.country) == ("return-desk", "", ("morning",), "DZ")
    assert world.view.find("logement", await world.member()) == []


async def test_who_is_not_of_the_team_any_more_when_their_act_is_worked_does_nothing(world):
    code = await to_case(world)
    await do(world, "claim", code)
    amina, karim = await world.member(), await world.member("karim", teams=("protection",))
    chief = await world.member("chief", roles=("supervisor",))
    acts = [
        world.desk.transfer(code, amina, "t", team="return-desk"),
        world.desk.claim(code, karim, "c"),
        world.desk.answer(code, karim, "Bonjour", "a"),
        world.desk.note(code, karim, "rien", "n"),
        world.desk.transfer(code, chief, "g", to=karim.name),
        world.desk.released(code, "protection", amina.name, "r"),
    ]
    waiting = [asyncio.ensure_future(one) for one in acts]
    await asyncio.sleep(0.01)
    await world.settle()

    assert [await one for one in waiting] == ["done", "erased", "erased", "erased", "erased", "erased"]
    assert (index(world, code).team, index(world, code).claimant) == ("return-desk", None)
    assert humans(world) == []
    assert ("agreed", "protection") not in await said(world, code)


async def test_no_case_is_given_to_who_may_not_answer(world):
    code = await to_case(world)
    chief = await world.member("chief", roles=("supervisor",))
    for role in ("reporter", "operator", "publisher"):
        one = await world.member(role, roles=(role,))
        assert await world.act(world.desk.transfer(code, chief, role, to=one.name)) == "unknown"
    assert index(world, code).claimant is None


async def test_with_the_persons_yes_the_whole_thread_goes_along_and_the_yes_is_kept(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await world.say(WORDS)

    assert await do(world, "transfer", code, team="return-desk", agreed=True) == "done"
    found = await page(world, code)
    assert WORDS in [entry.text for entry in found.entries]
    assert found.fields
    assert ("agreed", "return-desk") in await said(world, code)
    trail = [audit for _, audit in await world.store.audit()]
    assert any(isinstance(one, Audit) and one.verb == "case.passed-agreed" and one.about == code for one in trail)


async def test_back_to_the_queue_anyone_of_the_team_may_claim(world):
    code = await to_case(world)
    await do(world, "claim", code)

    assert await do(world, "transfer", code, team="protection") == "done"
    assert await do(world, "claim", code, who="karim") == "done"
    assert await do(world, "transfer", code, team="nobody") == "unknown"


# ── given back and closed ──
async def test_the_conversation_is_handed_to_a_flow_of_the_list(world):
    code = await to_case(world)
    await do(world, "claim", code)

    assert await do(world, "hand_back", code, flow="danger") == "unknown"
    assert await do(world, "hand_back", code, flow="menu") == "done"
    assert world.ids()[-2:] == ["bot.machine-again", "menu.topic"]
    assert (index(world, code).state, (await page(world, code)).outcome) == ("closed", "back")
    assert ("closed", "back") in await said(world, code)
    assert dict(world.desk.flows("fr"))["menu"]


async def test_a_case_ends_in_one_of_the_ways_there_are(world):
    code = await to_case(world)
    await do(world, "claim", code)

    for outcome in ("", "later", "back"):
        assert await do(world, "close", code, outcome) == "outcome"
    assert await do(world, "close", code, "partner", partner="nobody") == "unknown"
    partner = next(iter(world.library.current().directory.contacts))
    assert await do(world, "close", code, "partner", partner=partner) == "done"
    assert ((await page(world, code)).outcome, (await page(world, code)).partner) == ("partner", partner)


# ── coming back ──
async def test_who_comes_back_to_the_team_goes_on_in_the_same_case(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await world.say(WORDS)
    await do(world, "close", code, "answered")
    assert world.store.cases_[code].keep_until is not None
    world.clock.pass_by(2 * HOUR)
    await world.word("human")
    await _again(world)

    assert owned(world, "7") == [code]
    found = await page(world, code)
    assert (found.index.state, found.index.claimant, found.outcome, found.index.asked) == ("waiting", None, "", world.clock.now())
    assert world.store.cases_[code].keep_until is None
    assert WORDS in [entry.text for entry in found.entries]
    assert ("reopened", "") in await said(world, code)
    assert await do(world, "claim", code, who="karim") == "done"
    assert await do(world, "answer", code, "Bonjour", who="karim") == "done"


async def test_who_comes_back_is_not_welcomed_as_if_they_were_new(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "close", code, "answered")
    heard = len(world.heard())
    await world.word("human")
    await _again(world)

    ids = [one.id for one in world.heard()[heard:]]
    assert "start.language" not in ids
    assert "menu.topic" in ids


async def _again(world):
    """Press on until a case is open again."""
    for _ in range(8):
        buttons = [b.data.rpartition(".")[2] for b in world.heard()[-1].buttons]
        for key in ("yes", "worry", "DZ", "skip"):
            if key in buttons:
                await world.press(key)
                break
        else:
            return


async def test_a_case_that_was_swept_away_does_not_come_back(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "close", code, "answered")
    del world.store.cases_[code]
    await world.word("human")
    await _again(world)

    [other] = owned(world, "7")
    assert other != code


# ── answers put off ──
async def test_an_answer_that_was_put_off_goes_when_its_hour_comes(world):
    code = await to_case(world)
    await do(world, "claim", code)
    due = world.clock.now() + 3 * HOUR

    assert await do(world, "answer", code, "Je vous écris ce soir.", at=due) == "done"
    assert humans(world) == []
    assert index(world, code).asked == 0.0
    [later] = (await page(world, code)).later
    assert (later.at, later.text) == (due, "Je vous écris ce soir.")
    await wait(world, 2 * HOUR)
    assert humans(world) == []
    await wait(world, HOUR)
    assert humans(world) == ["Je vous écris ce soir."]
    assert (await page(world, code)).later == ()
    await wait(world, HOUR)
    assert len(humans(world)) == 1


async def test_an_answer_that_was_withdrawn_does_not_go_and_its_person_waits_again(world):
    code = await to_case(world)
    await do(world, "claim", code)
    asked = index(world, code).asked
    await do(world, "answer", code, "Trop tôt.", at=world.clock.now() + HOUR)
    [later] = (await page(world, code)).later

    assert await do(world, "withdraw", code, later.id) == "done"
    assert await do(world, "withdraw", code, later.id) == "unknown"
    assert index(world, code).asked == asked
    await wait(world, 2 * HOUR)
    assert humans(world) == []
    assert ("withdrawn", later.id) in await said(world, code)


async def test_after_stop_or_a_new_claimant_what_was_put_off_is_not_sent_and_staff_read_so(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "answer", code, "Plus tard.", at=world.clock.now() + HOUR)
    await world.word("stop")
    await wait(world, 2 * HOUR)

    assert humans(world) == []
    assert "later-not-sent" in [text for text, _ in await said(world, code)]
    assert (await page(world, code)).later == ()


async def test_what_was_put_off_goes_in_the_name_of_who_has_the_case_now(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "answer", code, "Plus tard.", at=world.clock.now() + HOUR)
    karim = await world.member("karim")
    await do(world, "transfer", code, to=karim.name)
    await wait(world, 2 * HOUR)

    assert humans(world) == ["Plus tard."]
    assert index(world, code).claimant == karim.name


async def test_what_was_put_off_dies_with_a_close_an_erasure_and_another_team(world):
    for end in ("close", "erase", "team"):
        here = await build_world()
        code = await to_case(here)
        await do(here, "claim", code)
        await do(here, "answer", code, "Plus tard.", at=here.clock.now() + HOUR)
        match end:
            case "close":
                await do(here, "close", code, "answered")
            case "erase":
                await here.word("erase")
            case _:
                await do(here, "transfer", code, team="return-desk", agreed=True)
        await wait(here, 2 * HOUR)
        assert humans(here) == [], end


async def test_what_a_colleague_put_off_is_not_sent_once_they_work_here_no_more(world):
    attendance = Attendance(staff=world.staff, library=world.library, clock=world.clock, grouped=lambda _: True)
    world.worker._turns._attendance = attendance
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    due = (await page(world, code)).next_safe
    assert await do(world, "answer", code, "À plus tard.", at=due) == "done"
    for member in await world.staff.list():
        await world.staff.remove(member.id)
    await attendance.look()
    await wait(world, due - world.clock.now())

    assert humans(world) == []
    assert "later-not-sent" in [text for text, _ in await said(world, code)]


async def test_an_answer_can_be_put_off_to_a_safe_hour_only(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    found = await page(world, code)
    now = world.clock.now()

    assert found.safe_hours == ("night",)
    assert found.next_safe > now
    assert await do(world, "answer", code, "Non.", at=now + 60) == "hours"
    assert await do(world, "answer", code, "Non.", at=now + 8 * 24 * HOUR) == "hours"
    assert await do(world, "answer", code, "Oui.", at=found.next_safe) == "done"
    await wait(world, found.next_safe - now)
    assert humans(world) == ["Oui."]


async def test_words_that_wait_to_be_sent_do_not_go_after_a_stop_and_staff_read_so(world):
    code = await to_case(world)
    await do(world, "claim", code)
    world.person.failing += [SendFailed("network")]
    await do(world, "answer", code, "Je suis là.")
    assert humans(world) == []
    await world.word("stop")
    await wait(world, HOUR)

    assert humans(world) == []
    assert world.ids()[-1] == "bot.stopped"
    assert ("not-sent", "") in await said(world, code)


async def test_in_an_hour_that_is_not_safe_nothing_says_that_a_case_was_claimed_or_passed_on(world):
    code = await to_safe_case(world, "night")
    await wait(world, HOUR)
    heard = len(world.heard())
    await do(world, "claim", code)
    await do(world, "transfer", code, team="protection")
    await do(world, "claim", code)
    await do(world, "transfer", code, team="return-desk", agreed=True)
    assert len(world.heard()) == heard

    await world.say("vous êtes là ?")
    heard = len(world.heard())
    await do(world, "claim", code)
    assert [one.id for one in world.heard()[heard:]] == ["bot.human-here"]

    await wait(world, HOUR)
    await do(world, "close", code, "answered")
    assert len(world.heard()) == heard + 1
    assert index(world, code).state == "closed"
    await world.say("bonjour")
    assert world.heard()[-1].kind == "bot"


@pytest.mark.parametrize("who_first", ["person", "caseworker"])
async def test_who_was_claimed_in_silence_hears_who_is_here_before_anything_else_and_once(world, who_first):
    code = await to_safe_case(world, "night")
    await wait(world, HOUR)
    await do(world, "claim", code)
    heard = len(world.heard())
    if who_first == "person":
        await world.say("vous êtes là ?")
    else:
        world.clock.pass_by((await page(world, code)).next_safe - world.clock.now())
    await do(world, "answer", code, "Bonjour.")
    await world.say("oui")
    await do(world, "answer", code, "Je vous lis.")

    assert [one.id for one in world.heard()[heard:]] == ["bot.human-here", "human", "human"]


async def test_an_answer_whose_hour_went_by_waits_for_the_next_safe_one(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    opens = (await page(world, code)).next_safe
    assert await do(world, "answer", code, "Oui.", at=opens) == "done"
    await wait(world, opens - world.clock.now() + 12 * HOUR)  # nobody worked all night

    assert humans(world) == []
    [later] = (await page(world, code)).later
    assert later.at > world.clock.now()
    await wait(world, later.at - world.clock.now())
    assert humans(world) == ["Oui."]
    assert (await page(world, code)).later == ()


async def test_an_answer_from_a_page_that_is_older_than_its_safe_hour_is_not_sent_at_another(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    opens = (await page(world, code)).next_safe
    world.clock.pass_by(opens - world.clock.now() + HOUR)
    assert await do(world, "answer", code, "Oui.", at=opens) == "done"
    world.clock.pass_by(11 * HOUR)
    assert await do(world, "answer", code, "Non.", at=opens) == "hours"
    assert humans(world) == ["Oui."]


async def test_an_answer_put_off_outlives_the_end_of_reminders(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "answer", code, "Plus tard.", at=world.clock.now() + 2 * HOUR)
    person = world.vault.person("telegram", "7")
    record = await world.store.load(person)
    opened = world.worker._turns.open(person, record)
    assert opened.session is not None
    await world.do(Left(at=world.clock.now()))  # ends reminders, the case stays
    await world.say("je suis là")
    await wait(world, 3 * HOUR)

    assert humans(world) == ["Plus tard."]


# ── words ──
async def test_a_correction_says_what_it_is_and_names_the_answer_it_takes_the_place_of(world):
    code = await to_case(world)
    await do(world, "answer", code, "Demain à 5 h.")
    [first] = [entry for entry in (await page(world, code)).entries if entry.kind == "staff"]

    assert await do(world, "correct", code, "Demain à 15 h.", n=first.n) == "done"
    assert humans(world)[-1] == "Correction\u00a0:\nDemain à 15 h."
    last = (await page(world, code)).entries[-1]
    assert (last.text, last.edits) == ("Demain à 15 h.", first.n)
    assert await do(world, "correct", code, "?", n=1) == "unknown"


async def test_an_answer_is_found_again_by_what_its_channel_calls_it(world):
    code = await to_case(world)
    await do(world, "answer", code, "Un", source="group:77", from_topic=True)
    [first] = [entry for entry in (await page(world, code)).entries if entry.kind == "staff"]

    assert await do(world, "correct", code, "Deux", source="group:77", from_topic=True) == "done"
    assert (await page(world, code)).entries[-1].edits == first.n
    assert await do(world, "correct", code, "Trois", source="group:78", from_topic=True) == "unknown"


async def test_a_persons_changed_words_name_those_they_take_the_place_of(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await world.say("à cinq heures")
    changed = str(5000 + world.events)
    [first] = [entry for entry in (await page(world, code)).entries if entry.text == "à cinq heures"]
    world.events = int(changed) - 5000 - 1  # the same message of the channel, in another update
    await world.do(Corrected(at=world.clock.now(), text="à six heures"), event_id="tg:edit")

    last = (await page(world, code)).entries[-1]
    assert (last.kind, last.text, last.edits) == ("person", "à six heures", first.n)
    assert index(world, code).unread == 2


async def test_words_that_answered_the_machine_do_not_join_the_case_by_an_edit(world):
    code = await to_case(world)
    before = (await page(world, code)).total
    await world.do(Corrected(at=world.clock.now(), text="autre chose"))

    assert (await page(world, code)).total == before


async def test_nothing_a_person_writes_is_a_state(world):
    code = await to_case(world)
    await do(world, "claim", code)
    for words in ("claimed", "closed", "Arganier: closed", "\u202eclosed"):
        await world.say(words)

    assert [text for text, _ in await said(world, code)] == ["claimed"]


async def test_a_canned_reply_goes_in_the_persons_language_and_staff_read_it_in_theirs(world):
    texts = world.library.current().texts
    id_ = next(key for key in texts._said["en"] if key.startswith("replies.") and ":" not in key)
    code = await to_case(world)

    assert await do(world, "answer", code, "", reply="no-such-reply") == "unknown"
    assert await do(world, "answer", code, "", reply=id_.removeprefix("replies.")) == "done"
    assert humans(world) == [texts.say(id_, "fr")]
    last = [entry for entry in (await page(world, code)).entries if entry.kind == "staff"][-1]
    assert (last.text, last.reply) == (texts.say(id_, "fr"), id_.removeprefix("replies."))


@pytest.mark.parametrize("verb", ["answer", "note"])
@pytest.mark.parametrize("words", ["", " \n", "\u200b\u200f", "\u202e \x07"], ids=["empty", "blank", "unseen", "control"])
async def test_words_that_nobody_would_see_are_not_sent(world, verb, words):
    code = await to_case(world)

    assert await do(world, verb, code, words) == "empty"
    assert humans(world) == []


# ── tags, alerts, rights ──
async def test_tags_are_clear_in_the_file_and_blind_in_the_index(world):
    code = await to_case(world)

    assert await do(world, "tag", code, ["  Logement ", "logement", "Mineur"]) == "done"
    assert (await page(world, code)).tags == ("logement", "mineur")
    assert index(world, code).tags == (world.vault.tag("logement"), world.vault.tag("mineur"))
    assert all(len(tag) == 16 for tag in index(world, code).tags)
    assert await do(world, "tag", code, ["x" * 31]) == "empty"
    assert await do(world, "tag", code, []) == "done"
    assert index(world, code).tags == ()


async def test_alerts_are_counted_while_nobody_claims(world):
    code = await to_case(world)

    assert await world.act(world.desk.alerted(code, 1, "a1", to="second-line")) == "done"
    assert await world.act(world.desk.alerted(code, 1, "a2")) == "done"
    assert await world.act(world.desk.alerted(code, 2, "a3", to="on-call")) == "done"
    assert index(world, code).step == 2
    assert [about for text, about in await said(world, code) if text == "alerted"] == ["second-line", "on-call"]
    await do(world, "claim", code)
    assert index(world, code).step == 0
    assert await world.act(world.desk.alerted(code, 3, "a4")) == "taken"


async def test_who_has_no_such_role_does_nothing(world):
    code = await to_case(world)
    reporter = await world.member("rita", roles=tuple(role for role in ROLES if role not in {"caseworker", "supervisor"}))

    assert await world.desk.open(code, reporter) is None
    assert await world.desk.queue(reporter) == []
    assert await world.act(world.desk.answer(code, reporter, "Bonjour", "r1")) == "forbidden"
    assert await world.act(world.desk.tag(code, reporter, ["x"], "r2")) == "forbidden"


# ── reading ──
async def test_a_long_thread_is_read_in_pieces(world):
    code = await to_case(world)
    await do(world, "claim", code)
    for n in range(30):
        await world.say(f"mot {n}")
    last = await page(world, code, limit=10)

    assert [entry.text for entry in last.entries] == [f"mot {n}" for n in range(20, 30)]
    assert last.total == last.entries[-1].n
    earlier = await page(world, code, before=last.entries[0].n, limit=10)
    assert [entry.text for entry in earlier.entries] == [f"mot {n}" for n in range(10, 20)]
    newer = await page(world, code, after=earlier.entries[-1].n, limit=3)
    assert [entry.text for entry in newer.entries] == ["mot 20", "mot 21", "mot 22"]
    assert (await page(world, code, after=last.total)).entries == ()


# ── what was kept before ──
def test_rows_of_earlier_versions_open():
    pack, old = msgspec.msgpack.encode, msgspec.msgpack.Decoder

    assert old(CaseFile).decode(pack([[], ["night"], 1.0, 3, "", False, "", 0, 2.0])).safe_hours == ("night",)
    assert old(RouteCard).decode(pack(["web", "r", "fr", None, True])).past_case == ""
    assert old(ThreadItem).decode(pack(["person", "words", None, "", None, None])).edits == 0


# ── a damaged case ──
def damage(world, code, **more):
    kept = world.store.cases_[code]
    kept.record = structs.replace(kept.record, sealed=kept.record.sealed[:-1] + bytes([kept.record.sealed[-1] ^ 1]), **more)


async def test_whose_case_is_damaged_is_still_answered_and_the_operator_is_told(world):
    code = await to_case(world)
    damage(world, code)
    before = len(world.heard())

    assert await do(world, "answer", code, "Bonjour") == "failed"
    await world.word("menu")
    assert world.ids()[before:] == ["menu.topic"]
    assert ("case-damaged", code) in world.told.alerts
    assert world.told.poison == []
    assert index(world, code).state == "closed"
    assert await said(world, code) == [("damaged", "")]
    assert await do(world, "answer", code, "Bonjour") == "closed"
    await world.word("human")
    await _again(world)
    assert len(owned(world, "7")) == 2
    await world.word("erase")
    assert "bot.erased" in world.ids()
    assert owned(world, "7") == []


async def test_a_closed_case_that_was_damaged_does_not_come_back(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "close", code, "answered")
    damage(world, code)
    await world.word("human")
    await _again(world)

    assert len(owned(world, "7")) == 2
    assert world.told.poison == []


async def test_one_damaged_entry_hides_no_other(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await world.say("un")
    await world.say("deux")
    thread = world.store.cases_[code].thread
    thread[-2] = structs.replace(thread[-2], sealed=b"nothing of ours")

    assert [(entry.kind, entry.text) for entry in (await page(world, code)).entries][-2:] == [("state", "damaged"), ("person", "deux")]


# ── who writes first ──
async def test_a_case_of_who_writes_first_is_locked_until_they_do(world):
    await to_menu(world)
    for key in ("worry", "no", "no", "skip", "person"):
        await world.press(key)
    await _press_to(world, "work.share")
    for key in ("yes", "done", "i-write", "skip"):
        await world.press(key)
    [code] = owned(world, "7")

    assert (index(world, code).unwritten, index(world, code).asked) == (True, 0.0)
    assert await do(world, "answer", code, "Bonjour") == "unwritten"
    assert [text for text, _ in await said(world, code)] == ["only-after"]
    await world.say("je suis seule")
    assert (index(world, code).unwritten, index(world, code).asked) == (False, world.clock.now())
    assert await do(world, "answer", code, "Bonjour") == "done"


# ── the agreed phrase ──
async def test_the_agreed_phrase_is_recognised_as_it_is_spoken(world):
    await to_menu(world)
    for key in ("worry", "no", "no", "skip", "person"):
        await world.press(key)
    await _press_to(world, "work.share")
    for key in ("yes", "done", "here", "done"):
        await world.press(key)
    await world.say("Le pain est chaud")
    [code] = owned(world, "7")
    await do(world, "claim", code)
    found = await page(world, code)
    assert (found.phrase, found.way) == ("Le pain est chaud", "Dans ce chat")

    await world.say("bonjour, le PAIN est chaud!")
    assert [text for text, _ in await said(world, code)][-1] == "phrase"
    await world.say("le pain est chaudement")
    assert [text for text, _ in await said(world, code)].count("phrase") == 1
    await do(world, "transfer", code, team="return-desk")
    assert (await page(world, code)).phrase == ""


async def _press_to(world, message):
    """Choose the country until this message is there."""
    while world.ids()[-1] != message:
        await world.press("DZ")


# ── how it went ──
async def test_a_day_after_the_close_one_question_is_asked_by_day(world):
    code = await to_case(world)
    await do(world, "claim", code)
    assert await do(world, "close", code, "answered", follow_up=True) == "done"
    before = len(world.heard())
    await wait(world, 23 * HOUR)
    assert len(world.heard()) == before
    for _ in range(24):
        await wait(world, HOUR)

    first = next(message.id for message in world.heard()[before:])
    assert first.startswith("follow-up.")
    asked = len(world.heard())
    await wait(world, 24 * HOUR)
    assert len(world.heard()) == asked


async def test_a_question_that_nobody_could_ask_in_time_waits_for_the_next_safe_hour(world):
    code = await to_safe_case(world, "night")
    await do(world, "claim", code)
    opens = (await page(world, code)).next_safe
    assert await do(world, "close", code, "answered", follow_up=True) == "done"
    before = len(world.heard())
    await wait(world, opens - world.clock.now() + (24 + 12) * HOUR)  # nobody worked, and it is noon
    assert len(world.heard()) == before

    await wait(world, 12 * HOUR)
    assert world.heard()[before].id.startswith("follow-up.")


async def test_who_stopped_or_erased_is_not_asked(world):
    for word in ("stop", "erase"):
        here = await build_world()
        code = await to_case(here)
        await do(here, "claim", code)
        await do(here, "close", code, "answered", follow_up=True)
        await here.word(word)
        before = len(here.heard())
        for _ in range(3):
            await wait(here, 24 * HOUR)
        assert len(here.heard()) == before, word


async def test_a_case_closed_long_ago_does_not_come_back(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await do(world, "close", code, "answered")
    kept = world.store.cases_[code]
    kept.record = structs.replace(kept.record, closed_at=world.clock.now() - 8 * 24 * HOUR)
    await world.word("human")
    await _again(world)

    assert len(owned(world, "7")) == 2


# ── the group ──
async def test_what_another_team_may_not_see_goes_with_its_topic(world):
    code = await to_case(world)
    await do(world, "claim", code)
    await world.say(WORDS)
    place = next(route for route, message in world.group.sent if message.spoiler == WORDS)
    before = len(world.group.sent)
    await do(world, "transfer", code, team="return-desk", agreed=True)
    assert "remove" not in [message.kind for _, message in world.group.sent]
    await do(world, "claim", code)
    await do(world, "transfer", code, team="protection")

    kinds = [(route, message.kind) for route, message in world.group.sent[before:]]
    assert (place, "remove") in kinds
    after = world.group.sent[before + kinds.index((place, "remove")) + 1 :]
    assert all(WORDS not in message.spoiler for _, message in after)


# ── a restart ──
async def test_an_answer_that_was_put_off_outlives_a_restart(tmp_path):
    clock = FakeClock()
    store = SqliteStore(tmp_path / "a.db", clock=clock)
    await store.open()
    world = await build_world(store=store, clock=clock, grouped=False)
    await to_menu(world)
    await world.word("human")
    await _again(world)
    [code] = [one.code for one in await store.cases(states=["waiting"], teams=None)]
    await do(world, "claim", code)
    assert await do(world, "answer", code, "Ce soir.", at=clock.now() + HOUR) == "done"
    await store.close()

    store = SqliteStore(tmp_path / "a.db", clock=clock)
    await store.open()
    try:
        again = await build_world(store=store, clock=clock, grouped=False)
        await wait(again, HOUR)
        assert humans(again) == ["Ce soir."]
    finally:
        await store.close()


async def test_a_topic_that_could_not_be_made_in_time_goes_too_with_what_another_team_may_not_see(world):
    world.group.failing += [SendFailed("no-group", retry_after=30.0)] * 5
    code = await to_case(world)
    await world.say(WORDS)
    await do(world, "claim", code)
    await do(world, "transfer", code, team="return-desk", note="Demande un retour.")
    for _ in range(12):
        await wait(world, 40)

    removed = [route for route, message in world.group.sent if message.kind == "remove"]
    told = [(route, message.text + message.spoiler) for route, message in world.group.sent if message.kind == "post"]
    assert len(removed) == 1
    assert {route for route, text in told if WORDS in text or "Algérie" in text} <= set(removed)
    after = world.group.sent[[message.kind for _, message in world.group.sent].index("remove") :]
    assert any("Demande un retour." in message.text + message.spoiler for _, message in after)
    assert not any(WORDS in message.text + message.spoiler for _, message in after)
