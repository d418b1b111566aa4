"""Alarms: who is told when nobody comes, once, in order, also after a restart; and the second way when one is broken."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from bot.conversation.alerting.alarms import MAIL_DOUBT, Alarms
from bot.conversation.alerting.letters import MAIL_KEY, Letters
from bot.conversation.group.groupstate import GROUP_KEY, STANDING
from bot.conversation.group.wording import WORDING
from bot.conversation.running.holds import Hold
from bot.conversation.staffing.attendance import AtDesk
from bot.i18n.staff import StaffTexts
from bot.ports import SendFailed
from tests.conversation.test_service import to_case
from tests.fakes import Counted, FakeClock
from tests.world import FakeChannel, build_world

WORDS = StaffTexts.of(WORDING, {})


def moment(text, zone="Africa/Algiers"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


class Died(BaseException):
    """The process ends here."""


class Told:
    def __init__(self):
        self.lines, self.late, self.results, self.failures = [], [], [], []

    def failed(self, error):
        self.failures.append(type(error).__name__)

    def alarmed(self, to, members):
        self.lines.append((to, members))

    def past_promise(self, cases):
        self.late.append(dict(cases))

    def letters_waiting(self, count):
        self.waiting = count

    def letter(self, result):
        self.results.append(result)

    def mail(self, why):
        self.results.append(f"mail {why}")


class House:
    """A world with its alarms."""

    def __init__(self, world):
        self.world, self.told, self.post = world, Told(), FakeChannel("mail")
        self.at_desk = AtDesk(world.clock)
        self.said: list[str] = []
        self.again()

    def again(self, hold=None):
        """The alarms after a restart: nothing is remembered but what is in the store."""
        world = self.world
        letters = Letters(
            store=world.store, vault=world.vault, staff=world.staff, clock=world.clock, chance=Counted(), words=WORDS, desk="https://d/desk",
            told=self.told, mail=self.post,
        )  # fmt: skip
        self.alarms = Alarms(
            store=world.store, library=world.library, staff=world.staff, desk=world.desk, view=world.view, letters=letters, clock=world.clock,
            words=WORDS, language="en", told=self.told, at_desk=self.at_desk.names, hold=hold,
        )  # fmt: skip
        return self.alarms

    async def member(self, id_, **more):
        return await self.world.staff.add(id_, **{"mail": f"{id_}@x.org", "language": "en", **more})

    async def look(self, minutes=0.0):
        """Let time pass, in steps of half a minute, with a look after each."""
        steps = max(1, int(minutes * 2))
        for _ in range(steps):
            self.world.clock.pass_by(minutes * 60 / steps)
            await self.world.view.catch_up()
            await self.world.act(self.alarms.once())
            await self.alarms.sent()

    def mailed(self):
        return [to.partition("@")[0] for to, _ in self.post.sent]

    async def step(self, code):
        return (await self.world.store.case(code)).index.step

    def posts(self):
        return [message.text for _, message in self.world.group.sent if message.kind == "post"]


@pytest.fixture
async def house():
    """Monday morning in Algeria; the protection team promises 30 minutes, and alarms after 5 (second line) and 15 (on call)."""
    return House(await build_world(clock=FakeClock(moment("2026-11-23 09:00"))))


async def lines(house):
    await house.member("amina", teams=("protection",))
    await house.member("second", teams=("return-desk",), lines=("second-line",))
    await house.member("oncall", teams=("return-desk",), lines=("on-call",))


# ── when nobody claims ──
async def test_those_of_the_team_are_written_to_first_then_the_second_line_then_who_is_on_call(house):
    await lines(house)
    code = await to_case(house.world)
    await house.look()
    assert house.mailed() == []  # seen at the desk for a moment first
    await house.look(1)
    assert house.mailed() == ["amina"]
    await house.look(3.5)
    assert (house.mailed(), await house.step(code)) == (["amina"], 0)
    await house.look(1)
    assert (house.mailed(), await house.step(code)) == (["amina", "second"], 1)
    await house.look(20)

    assert (house.mailed(), await house.step(code)) == (["amina", "second", "oncall"], 2)
    assert house.told.lines == [("first-line", 1), ("second-line", 1), ("on-call", 1)]
    assert [text for text in house.posts() if "Nobody has" in text] == [
        "Nobody has this case yet. The second line was told.", "Nobody has this case yet. Who is on call was told.",
    ]  # fmt: skip
    page = await house.world.desk.open(code, await house.world.staff.member("amina"))
    assert [entry.about for entry in page.entries if entry.text == "alerted"] == ["second-line", "on-call"]


async def test_a_case_that_is_claimed_alarms_nobody(house):
    await lines(house)
    code = await to_case(house.world)
    await house.world.act(house.world.desk.claim(code, await house.world.staff.member("amina"), "c"))
    await house.look(20)

    assert (house.mailed(), house.told.lines) == ([], [])


async def test_a_letter_that_waits_its_turn_is_not_sent_once_somebody_has_the_case(house):
    await lines(house)
    first = await to_case(house.world)
    await house.look(1)
    second = await to_case(house.world, who="8")
    await house.look(1)
    amina = await house.world.staff.member("amina")
    for code in (first, second):
        await house.world.act(house.world.desk.claim(code, amina, f"c{code}"))
    await house.look(10)

    assert house.mailed() == ["amina"]
    assert house.told.waiting == 0


async def test_who_has_the_desk_open_is_not_written_to_as_first_line(house):
    await lines(house)
    await house.member("brahim", teams=("protection",))
    await to_case(house.world)
    amina = await house.world.staff.member("amina")
    house.world.clock.pass_by(25)
    house.at_desk.seen(amina.name)
    await house.look()

    assert house.mailed() == ["brahim"]


async def test_who_is_away_is_on_no_line(house):
    await lines(house)
    for id_ in ("amina", "second"):
        member = await house.world.staff.member(id_)
        await house.world.staff.change(member, away_until=house.world.clock.now() + 86400)
    code = await to_case(house.world)
    await house.look(6)

    assert house.mailed() == []
    assert house.told.lines == [("first-line", 0), ("second-line", 0)]
    assert await house.step(code) == 1  # shown all the same: nobody hides an empty line


# ── once, in order, also after being down ──
async def test_a_restart_tells_nothing_twice(house):
    await lines(house)
    code = await to_case(house.world)
    for _ in range(12):
        await house.look(2)
        house.again()

    assert house.mailed() == ["amina", "second", "oncall"]
    assert await house.step(code) == 2


async def test_what_was_missed_while_down_is_told_in_order_and_once(house):
    await lines(house)
    code = await to_case(house.world)
    house.world.clock.pass_by(3 * 3600)
    await house.look()
    await house.look(30)

    assert sorted(house.mailed()) == ["amina", "oncall", "second"]
    assert house.told.lines == [("first-line", 1), ("second-line", 1), ("on-call", 1)]
    page = await house.world.desk.open(code, await house.world.staff.member("amina"))
    assert [entry.about for entry in page.entries if entry.text == "alerted"] == ["second-line", "on-call"]


@pytest.mark.parametrize("where", ["alarms.before_mark", "alarms.before_step"])
async def test_a_crash_in_the_middle_of_a_step_loses_and_doubles_nothing(house, monkeypatch, where):
    await lines(house)
    code = await to_case(house.world)
    await house.look(4)

    def crash(place):
        if place == where:
            raise Died

    monkeypatch.setattr("bot.conversation.alerting.alarms.crashpoint", crash)
    with pytest.raises(Died):
        await house.look(2)
    monkeypatch.undo()
    house.again()
    await house.look(1)
    await house.look(3)

    assert house.mailed() == ["amina", "second"]
    assert await house.step(code) == 1


async def test_of_several_processes_one_looks(house):
    await lines(house)
    await to_case(house.world)
    holds = [Hold(store=house.world.store, clock=house.world.clock, name="alarms", owner=owner, lasts=12.0) for owner in "ab"]
    one, other = house.again(holds[0]), house.again(holds[1])
    for _ in range(40):
        house.world.clock.pass_by(3)
        await house.world.view.catch_up()
        await house.world.act(one.once())
        await house.world.act(other.once())
    assert house.told.lines == [("first-line", 1)]

    for _ in range(200):  # the one that looked is gone
        house.world.clock.pass_by(3)
        await house.world.view.catch_up()
        await house.world.act(other.once())
    assert house.told.lines == [("first-line", 1), ("second-line", 1)]


async def test_a_case_that_waits_again_is_told_of_again(house):
    await lines(house)
    code = await to_case(house.world)
    await house.look(6)
    amina = await house.world.staff.member("amina")
    await house.world.act(house.world.desk.claim(code, amina, "c"))
    assert await house.step(code) == 0
    house.world.clock.pass_by(60)
    await house.world.act(house.world.desk.transfer(code, amina, "t", team="protection"))
    await house.look(12)

    assert house.mailed().count("second") == 2
    assert await house.step(code) >= 1


# ── which minutes count ──
async def test_at_night_an_ordinary_case_is_told_to_who_is_on_call_only_by_the_clock():
    house = House(await build_world(clock=FakeClock(moment("2026-11-20 23:10"))))  # Friday night: closed until Sunday
    await lines(house)
    code = await to_case(house.world)
    await house.look(14)
    assert house.mailed() == []
    await house.look(2)

    assert sorted(house.mailed()) == ["oncall", "second"]  # a later step brings the earlier ones along
    assert await house.step(code) == 2


async def test_danger_counts_by_the_clock_whatever_the_hours():
    house = House(await build_world(clock=FakeClock(moment("2026-11-20 23:10"))))
    await lines(house)
    await house.world.start("fr")
    await house.world.press("fr")
    await house.world.press("yes")
    await house.world.say("il me frappe")
    for key in ("yes", "DZ", "team"):
        try:
            await house.world.press(key)
        except AssertionError:
            continue
    [seen] = [kept.record.index for kept in house.world.store.cases_.values()]
    assert seen.urgency == "now"
    await house.look(1)
    assert house.mailed() == ["amina"]
    await house.look(5)
    assert house.mailed() == ["amina", "second"]


async def test_a_case_whose_team_is_gone_is_told_of_to_whoever_sees_all_teams(house):
    await lines(house)
    await house.member("all")
    code = await to_case(house.world)
    kept = house.world.store.cases_[code]
    kept.record = structs.replace(kept.record, index=structs.replace(kept.record.index, team="gone"))
    await house.look(1)

    assert house.mailed() == ["all"]
    await house.look(60)
    assert house.told.late[-1] == {("waiting", "high"): 1}


async def test_a_person_who_stopped_alarms_nobody(house):
    await lines(house)
    await to_case(house.world)
    await house.world.word("stop")
    await house.look(30)

    assert house.told.lines == []


# ── claimed, and left alone ──
async def test_a_claimant_is_reminded_after_the_promise_and_a_supervisor_told_after_twice_as_long(house):
    await lines(house)
    await house.member("boss", teams=("protection",), roles=("supervisor",), mailed=True)
    code = await to_case(house.world)
    amina = await house.world.staff.member("amina")
    await house.world.act(house.world.desk.claim(code, amina, "c"))
    await house.world.act(house.world.desk.answer(code, amina, "Bonjour.", "a"))
    await house.look(40)
    assert house.mailed() == []  # nobody waits
    await house.world.say("vous etes la ?")
    await house.look(29)
    assert house.mailed() == []
    await house.look(2)
    assert house.mailed() == ["amina"]
    await house.look(28)
    assert house.mailed() == ["amina"]
    await house.look(3)

    assert house.mailed() == ["amina", "boss"]
    assert house.told.lines == [("claimant", 1), ("supervisor", 1)]
    assert house.told.late[-1] == {("claimed", "high"): 1}


async def test_an_answer_ends_it(house):
    await lines(house)
    code = await to_case(house.world)
    amina = await house.world.staff.member("amina")
    await house.world.act(house.world.desk.answer(code, amina, "Bonjour.", "a"))
    await house.world.say("oui")
    await house.look(20)
    await house.world.act(house.world.desk.answer(code, amina, "Je vous lis.", "b"))
    await house.look(60)

    assert house.mailed() == []


async def test_a_case_of_a_caseworker_who_went_away_is_shown_to_the_supervisor_and_waits_again_after_the_promise(house):
    await lines(house)
    await house.member("boss", teams=("protection",), roles=("supervisor",))
    code = await to_case(house.world)
    amina = await house.world.staff.member("amina")
    await house.world.act(house.world.desk.answer(code, amina, "Bonjour.", "a"))
    await house.world.staff.change(amina, away_until=house.world.clock.now() + 86400)
    await house.look(5)
    assert house.mailed() == []  # nobody waits
    await house.world.say("vous etes la ?")
    await house.look(1)
    assert house.mailed() == ["boss"]
    assert (await house.world.store.case(code)).index.claimant == amina.name
    await house.look(30)

    index = (await house.world.store.case(code)).index
    assert (index.state, index.claimant) == ("waiting", None)
    assert house.world.ids()[-1] == "bot.passed-same"
    assert (await house.world.act(house.world.desk.claim(code, await house.world.staff.member("boss"), "c"))) == "done"


async def test_in_an_hour_that_is_not_safe_the_person_is_not_written_to_when_their_case_waits_again(house):
    world = house.world
    await lines(house)
    await house.member("boss", teams=("protection",), roles=("supervisor",))
    await world.start("fr")
    await world.press("fr")
    await world.press("yes")
    await world.word("human")
    for key in ("worry", "DZ", "yes", "evening", "done"):
        await world.press(key)
    [code] = world.store.cases_
    amina = await world.staff.member("amina")
    await world.act(world.desk.claim(code, amina, "c"))
    await world.staff.change(amina, away_until=world.clock.now() + 86400)
    said = len(world.heard())
    await house.look(40)

    assert (await world.store.case(code)).index.state == "waiting"
    assert len(world.heard()) == said


async def test_who_comes_back_or_a_colleague_who_took_over_keeps_the_case(house):
    await lines(house)
    brahim = await house.member("brahim", teams=("protection",), roles=("supervisor",))
    code = await to_case(house.world)
    amina = await house.world.staff.member("amina")
    await house.world.act(house.world.desk.claim(code, amina, "c"))
    await house.world.act(house.world.desk.transfer(code, brahim, "t", to=brahim.name))

    assert await house.world.act(house.world.desk.released(code, "protection", amina.name, "late")) == "taken"
    assert (await house.world.store.case(code)).index.claimant == brahim.name


# ── the two ways ──
async def test_a_group_out_of_reach_is_told_by_letter_once(house):
    await house.member("boss", roles=("supervisor",))
    await house.member("op", roles=("operator",))
    await lines(house)
    await house.world.store.put_note(STANDING, GROUP_KEY, f"no-group {house.world.clock.now():.0f}".encode())
    await house.look()
    assert sorted(house.mailed()) == ["boss", "op"]
    house.again()
    await house.look(10)

    assert sorted(house.mailed()) == ["boss", "op"]
    assert {letter.text.splitlines()[0] for _, letter in house.post.sent} == {"The group cannot be reached"}


async def test_letters_that_are_stuck_are_told_in_the_group_once_and_until_it_was_said(house):
    fails = [True]

    async def say(text):
        if not fails:
            house.said.append(text)
            return True
        fails.pop()
        return False

    house.alarms.say = say
    await house.world.store.put_note(STANDING, MAIL_KEY, f"network {house.world.clock.now():.0f}".encode())
    await house.look(MAIL_DOUBT / 60 - 0.5)
    assert house.said == []
    await house.look(2)
    assert house.said == ["E-mail to staff does not go out. Please look at this group and at the desk more often."]
    house.again().say = say
    await house.look(5)
    assert len(house.said) == 1


# ── what is broken stops nothing else ──
async def test_one_case_that_cannot_be_worked_hinders_no_other(house, monkeypatch):
    await lines(house)
    first = await to_case(house.world)
    await to_case(house.world, who="8")
    real = house.world.desk.alerted

    async def broken(code, *given, **named):
        if code == first:
            raise ZeroDivisionError("words")
        return await real(code, *given, **named)

    monkeypatch.setattr(house.world.desk, "alerted", broken)
    await house.look(6)

    assert set(house.told.failures) == {"ZeroDivisionError"}
    assert sorted(kept.record.index.step for kept in house.world.store.cases_.values()) == [0, 1]


async def test_a_mail_server_that_hangs_holds_up_no_alarm(house, monkeypatch):
    await lines(house)
    code = await to_case(house.world)
    hangs = asyncio.Event()

    async def hanging(_route, _message):
        await hangs.wait()
        raise SendFailed("network", unknown=True)

    monkeypatch.setattr(house.post, "send", hanging)
    for _ in range(16):
        house.world.clock.pass_by(60)
        await house.world.view.catch_up()
        await house.world.act(house.alarms.once())
    assert await house.step(code) == 2

    hangs.set()
    await house.alarms.sent()
    monkeypatch.undo()
    await house.look(10)
    assert sorted(house.mailed()) == ["amina", "oncall", "second"]


async def test_a_look_that_fails_is_counted_and_looking_goes_on(house, monkeypatch):
    looks = []

    async def broken():
        looks.append(1)
        if len(looks) > 2:
            house.alarms.stop()
        raise KeyError

    monkeypatch.setattr("bot.conversation.alerting.alarms.EVERY", 0.001)
    monkeypatch.setattr(house.alarms, "look", broken)
    await house.alarms.run()

    assert house.told.failures == ["KeyError"] * len(looks)
    assert len(looks) >= 3
