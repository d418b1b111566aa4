"""Consent, handoff, waiting, a human, and the way back to the machine."""

import re

import pytest

from bot.engine.effects import AddToCase, Alert, CancelReminders, Erase, MarkCase, OpenCase, RaiseUrgency, Relay, Remind, Send
from bot.engine.events import ReminderDue
from bot.engine.handoff import case_code
from bot.engine.render import render
from bot.flow.answers import CountryOf, Hours
from bot.i18n.values import Ref, Several, Text
from tests.engine.build import END, ask, choices, consent, flow, handoff, program, remind, say
from tests.engine.talk import Talk

DESK = flow(
    "start",
    ask("country", CountryOf(here=True)),
    consent("share", "protection", "country", "need", "way", no="no-share"),
    ask("need", choices("bed", "law", many=True), skip=True),
    ask("way", choices("here", "later"), skip=True),
    handoff("desk", "protection", agreed="share", urgency="high", after="back"),
    ask("meanwhile", choices("more", "bye"), go={"bye": END}),
    consent("other", "return-desk", "country", no="no-share"),
    handoff("moved", "return-desk", agreed="other"),
    ask("last"),
    say("no-share"),
    ask("rest"),
    say("back"),
    ask("after"),
)


def waiting():
    one = Talk(program(DESK))
    one.starts()
    for key in ("DZ", "yes", "law", "done"):
        one.presses(key)
    one.presses("skip")
    return one


def test_a_consent_is_one_message_of_all_its_parts_and_two_buttons_in_order():
    one = Talk(program(DESK))
    one.starts()
    one.presses("DZ")
    (sent,) = one.ordered(Send)

    assert [part.id for part in sent.parts] == ["start.share", "bot.shows", "bot.limit"]
    assert [(button.key, button.label.id) for button in sent.buttons] == [("yes", "bot.agree"), ("no", "bot.refuse")]
    said = re.sub("[\u2066-\u2069]", "", render(one.program.texts, sent, "en").text)
    assert "team protection" in said
    assert "label of country, label of need and label of way" in said
    assert "30 days" in said


def test_the_case_holds_exactly_what_was_agreed_and_answered():
    one = waiting()
    (order,) = one.ordered(OpenCase)

    assert (order.team, order.urgency, order.new, order.names) == ("protection", "high", True, ("country", "need", "way"))
    assert order.fields == (
        (Text("start.country:label"), Ref("countries.DZ")),
        (Text("start.need:label"), Several((Ref("answers.law"),))),
        (Text("start.way:label"), Ref("bot.skip")),
    )
    assert order.code == one.now.case.code
    assert one.now.who == "waiting"


def test_the_person_is_told_when_an_answer_may_come_and_the_flow_goes_on():
    one = waiting()

    assert [effect.id for effect in one.ordered(Send)] == ["start.desk", "start.meanwhile"]
    assert one.ordered(Send)[0].parts[0].id == "bot.waiting-open"


def test_outside_hours_the_next_opening_is_told():
    one = Talk(program(DESK))
    one.at += 3 * 24 * 3600 + 11 * 3600  # Thursday night: Algeria opens on Sunday
    one.starts()
    for key in ("DZ", "yes", "done", "skip"):
        one.presses(key)
    said = render(one.program.texts, one.ordered(Send)[0], "en").text

    assert "Sunday" in said
    assert "29/11" in said
    assert "08:30" in said


def test_no_consent_means_no_case_at_run_time_too_and_the_operator_is_told():
    one = Talk(
        program(flow("start", consent("share", "protection", no="desk"), handoff("desk", "protection", agreed="share"), ask("last")))
    )
    one.starts()

    assert one.presses("no") == ["start.last"]
    assert one.ordered(Alert) == [Alert("handoff-without-consent", "start.desk")]
    assert one.now.case is None


def test_a_team_without_consent_sees_no_answer():
    one = Talk(program(flow("start", ask("first"), handoff("alert", "protection", urgency="now"), ask("last"))))
    one.starts()
    one.presses("yes")
    (order,) = one.ordered(OpenCase)

    assert (order.fields, order.names, order.urgency) == ((), (), "now")


def test_again_to_the_same_team_adds_and_raises_and_says_nothing():
    made = flow(
        "start",
        handoff("a", "protection"),
        ask("first"),
        handoff("b", "protection", urgency="now"),
        handoff("c", "protection", urgency="high"),
        ask("last"),
    )
    one = Talk(program(made))
    one.starts()

    assert one.presses("yes") == ["start.last"]
    assert one.ordered(RaiseUrgency) == [RaiseUrgency(one.now.case.code, "now")]
    assert one.now.case.urgency == "now"


def test_to_another_team_the_case_moves_with_only_what_was_agreed_for_it():
    one = waiting()
    code = one.now.case.code
    one.presses("more")
    one.presses("yes")
    (order,) = one.ordered(OpenCase)

    assert (order.code, order.team, order.moved, order.new, order.names, order.urgency) == (
        code,
        "return-desk",
        True,
        False,
        ("country",),
        "high",
    )


def test_while_waiting_answers_and_words_act_and_the_rest_joins_the_case():
    one = waiting()

    assert one.says("my street is dark") == ["bot.passed-on"]
    assert one.ordered(AddToCase) == [AddToCase(one.now.case.code, "my street is dark")]
    assert "dark" not in str(one.now)
    assert one.says("i want to die") == ["life.near"]
    assert one.presses("yes") == ["bot.we-were-here", "start.meanwhile"]
    assert one.says("1") == ["start.other"]


def test_a_claim_silences_the_bot_and_drops_open_flows():
    one = waiting()

    assert one.claim() == ["bot.human-here"]
    assert (one.now.who, one.now.frames) == ("human", ())
    assert one.claim() == []


def test_with_a_human_everything_goes_to_the_caseworker_but_stop_erase_and_language():
    one = waiting()
    one.claim()
    code = one.now.case.code

    assert one.says("menu") == []
    assert one.ordered(AddToCase) == [AddToCase(code, "menu")]
    assert one.word("menu") == []
    assert one.presses("more") == []
    assert one.says("language") == ["bot.which-language"]
    assert one.says("français") == []
    assert one.now.language == "fr"
    assert one.sends("photo") == []
    assert one.ordered(AddToCase) == [AddToCase(code, "", "photo", "f")]
    assert one.starts() == []
    one.wait(5000)
    assert one.says("hello") == []
    assert one.says("effacer") == []
    assert one.session is None
    assert one.ordered(Erase)[0].case == code


def test_with_a_human_danger_words_raise_the_urgency():
    one = waiting()
    one.claim()

    assert one.says("i want to die") == []
    assert one.ordered(RaiseUrgency) == [RaiseUrgency(one.now.case.code, "now")]


def test_staff_words_go_as_they_are_and_claim_the_case():
    one = waiting()

    assert one.staff("hello you") == ["bot.human-here", "staff"]
    assert one.ordered(Relay) == [Relay(one.now.case.code, "hello you")]
    assert one.ordered(MarkCase)[0].state == "claimed"


@pytest.mark.parametrize("act", ["claim", "closes"])
def test_an_order_about_another_case_does_nothing(act):
    one = waiting()
    before = one.now

    assert getattr(one, act)("XXX-XXX") == []
    assert one.staff("hello", case="XXX-XXX") == []
    assert one.effects == ()
    assert one.now == before


def test_when_it_closes_the_machine_says_so_and_runs_afresh_from_after():
    one = waiting()
    one.claim()

    assert one.closes() == ["bot.machine-again", "start.back", "start.after"]
    assert (one.now.who, one.now.case) == ("bot", None)
    assert one.kept() == {"country": "DZ"}
    assert one.word("back") == ["bot.nothing-before", "start.after"]


def test_a_case_closed_unclaimed_lets_the_flow_go_on():
    one = waiting()

    assert one.closes() == ["bot.machine-again", "start.meanwhile"]


def test_stop_keeps_the_case_and_nobody_writes_until_the_person_does():
    one = waiting()
    one.claim()
    code = one.now.case.code

    assert one.says("stop") == ["bot.stopped"]
    assert one.ordered(MarkCase) == [MarkCase(code, "do-not-write")]
    assert one.staff("are you there?") == []
    assert one.effects == ()
    assert one.says("stop") == ["bot.stopped"]
    assert one.ordered(MarkCase) == [MarkCase(code, "do-not-write")]
    assert one.says("i am here") == []
    assert one.ordered(MarkCase) == [MarkCase(code, "may-write")]
    assert one.staff("good") == ["staff"]


def test_a_case_closed_while_nobody_may_write_says_nothing():
    one = waiting()
    one.claim()
    one.says("stop")

    assert one.closes() == []
    assert one.now.who == "bot"


def test_a_waiting_case_outlives_the_night_and_safe_is_asked_first():
    one = waiting()
    one.wait(3000)

    assert one.says("hello") == ["bot.still-safe"]
    assert one.presses("yes") == ["start.meanwhile"]
    one.says("menu")
    one.presses("rest")
    one.wait(3000)
    assert one.says("hello") == ["bot.still-safe"]
    assert one.presses("yes") == ["bot.waiting-open"]


def test_case_codes_are_sayable_and_differ():
    codes = {case_code(f"nonce{n}") for n in range(2000)}

    assert len(codes) == 2000
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}", code) for code in codes)


# ── reminders ──
REMIND = flow("start", ask("safe-hours", Hours(), skip=True), consent("me-too", "me"), remind("note", 2 * 24 * 60, "me-too"), ask("last"))


def reminded(*hours):
    one = Talk(program(REMIND), shared={"country": "DZ"})
    one.starts()
    for key in hours:
        one.presses(key)
    one.presses("done")
    one.presses("yes")
    return one


def test_a_reminder_comes_only_in_safe_hours_and_only_on_consent():
    one = reminded("evening")
    (order,) = one.ordered(Remind)

    assert order.name == "start.note"
    assert (order.at + 3600) % 86400 == 18 * 3600  # 18:00 in Algeria
    assert one.event(ReminderDue(at=order.at + 40000, life="life0", name="start.note")) == []
    (later,) = one.ordered(Remind)
    assert one.event(ReminderDue(at=order.at, life="life0", name="start.note")) == []  # it was put off: the old time counts no more
    assert one.event(ReminderDue(at=later.at, life="life0", name="start.note")) == ["start.note"]
    assert one.event(ReminderDue(at=later.at, life="life0", name="start.note")) == []


def test_without_safe_hours_or_a_yes_nothing_is_remembered():
    assert not reminded().ordered(Remind)
    one = Talk(program(REMIND))
    one.starts()
    one.presses("evening")
    one.presses("done")
    one.presses("no")
    assert not one.ordered(Remind)


def test_stop_ends_reminders_and_another_life_never_gets_them():
    one = reminded("evening")

    assert one.event(ReminderDue(at=one.at, life="other", name="start.note")) == []
    one.says("stop")
    assert one.ordered(CancelReminders)
    assert one.now.reminders == ()


def test_repeat_says_how_it_stands_when_only_the_case_waits():
    one = waiting()
    one.presses("bye")

    assert one.now.who == "waiting"
    assert one.now.frames == ()
    assert one.word("repeat") == ["bot.waiting-open"]
