"""What is rare but must hold: odd places, other types in a case, decisions, flows after a case, values of every type."""

from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from bot.engine.effects import CancelReminders, MarkCase, OpenCase, Send
from bot.engine.events import Left, Pressed, ReminderDue, Said
from bot.engine.plan import KEPT, plan_of
from bot.engine.session import Frame, Undo
from bot.engine.tongues import name_in, own_name
from bot.flow.answers import CountryOf, DateOf, Free, Hours, Language, Number, Place
from bot.flow.program import ToFlow
from bot.i18n.values import Code, Day, Ref, Several, Text, Words
from tests.engine.build import (
    END,
    LEAVE,
    ROW,
    SHARED,
    ask,
    choices,
    consent,
    contacts,
    decide,
    flow,
    forget,
    go,
    handoff,
    is_,
    leave,
    pages,
    program,
    remind,
    say,
)
from tests.engine.talk import Talk


def talk(*flows, **session):
    made = Talk(program(*flows), **session)
    made.starts()
    return made


def test_every_type_of_answer_is_shown_to_staff_as_what_it_is():
    made = flow(
        "start",
        consent("share", "protection", "age", "day", "origin", "country", "place", "safe-hours", "tongue", "words", "need"),
        ask("age", Number(1, 99)), ask("day", DateOf()), ask("origin", CountryOf(here=False)), ask("country", CountryOf(here=True)), ask("place", Place()),
        ask("safe-hours", Hours()), ask("tongue", Language()), ask("words", Free(30)), ask("need", choices("bed", "law", many=True)),
        handoff("desk", "protection", agreed="share"), ask("last"),
    )  # fmt: skip
    one = talk(made)
    for words in ("yes", "16", "24/11/2026", "Mali", "Algeria", "oran", "evening", "english", "blue bird", "1 2"):
        one.says(words)
    (order,) = one.ordered(OpenCase)

    assert [value for _, value in order.fields] == [
        Code("16"), Day(date(2026, 11, 24)), Ref("countries.ML"), Ref("countries.DZ"), Ref("countries.DZ.oran"),
        Several((Ref("hours.evening"),)), Words("English"), Words("blue bird"), Several((Ref("answers.bed"), Ref("answers.law"))),
    ]  # fmt: skip
    assert order.safe_hours == ("evening",)


def test_a_shared_answer_of_unknown_type_is_shown_as_it_is():
    one = talk(
        flow("start", consent("share", "protection", "odd"), handoff("desk", "protection", agreed="share"), ask("last")),
        shared={"odd": "x"},
    )
    one.program = replace(one.program, shared={**SHARED, "odd": None})
    one.presses("yes")

    assert one.ordered(OpenCase)[0].fields == ((Text("start.odd:label"), Code("x")),)


def test_a_decision_takes_the_first_row_that_holds():
    one = talk(
        flow("start", ask("first"), decide("path", (is_("first", "yes"), "a"), (None, "b")), say("a"), leave(), say("b"), ask("last"))
    )
    two = talk(
        flow("start", ask("first"), decide("path", (is_("first", "yes"), "a"), (None, "b")), say("a"), leave(), say("b"), ask("last"))
    )

    assert one.presses("yes") == ["start.a"]
    assert two.presses("no") == ["start.b", "start.last"]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (ToFlow("menu"), ["bot.machine-again", "menu.topic"]),
        (END, ["bot.machine-again"]),
        (LEAVE, ["bot.machine-again"]),
        (ToFlow("gone"), ["bot.machine-again"]),
    ],
)
def test_after_a_case_the_machine_goes_where_the_handoff_said(after, said):
    one = talk(flow("start", handoff("desk", "protection", after=after), ask("last")))
    one.claim()

    assert one.closes() == said


def test_a_team_may_have_no_next_opening():
    made = program(flow("start", handoff("desk", "protection"), ask("last")))
    team = replace(made.teams.teams["protection"], hours={"DZ": ()})
    one = Talk(replace(made, teams=replace(made.teams, teams={"protection": team})))

    assert one.starts() == ["start.desk", "start.last"]
    assert one.ordered(Send)[0].parts[0].id == "bot.waiting-nobody"


def test_while_waiting_with_nothing_open_words_join_the_case_and_a_button_begins_again():
    one = talk(flow("start", handoff("desk", "protection"), leave()))

    assert one.says("my street") == ["bot.passed-on"]
    assert one.sends("voice") == ["bot.voice"]
    assert one.says("help") == ["bot.help"]
    assert one.says("langue") == ["bot.which-language"]
    assert one.presses("fr") == ["bot.waiting-open"]
    assert one.now.language == "fr"


def test_a_claim_or_a_leaving_while_nobody_may_write_says_nothing():
    one = talk(flow("start", handoff("desk", "protection"), ask("last")))
    one.says("stop")
    assert one.claim() == []
    two = talk(flow("start", handoff("desk", "protection"), ask("last")))
    assert two.event(Left(at=two.at)) == []
    assert two.ordered(MarkCase)[0].state == "left"
    assert two.says("hello") == ["bot.passed-on"]
    assert two.ordered(MarkCase)[0].state == "may-write"


def test_a_photo_or_a_start_after_silence_asks_whether_it_is_safe():
    one = talk(flow("start", ask("first")))
    one.wait(31)
    assert one.sends("photo") == ["bot.still-safe"]
    one.wait(31)
    assert one.starts() == ["bot.still-safe"]
    assert one.presses("nonsense") == ["bot.still-safe"]
    assert one.says("je veux mourir") == ["life.near"]


def test_danger_answers_the_question_whether_it_is_safe():
    one = talk(flow("start", ask("first")))
    one.wait(31)
    one.says("hello")

    assert one.says("je veux mourir") == ["life.near"]
    assert one.presses("yes") == ["bot.we-were-here", "start.first"]


def test_other_words_to_a_question_of_the_engine_are_read_for_the_one_that_waits():
    one = talk(flow("start", ask("first", choices("home", "far")), ask("last")))
    one.says("langue")

    assert one.says("far") == ["start.last"]
    assert one.now.question is None
    one.says("langue")
    assert one.says("9") == ["bot.again", "start.last"]


def test_the_engines_question_is_answered_by_number_or_label():
    one = talk(flow("start", ask("first"), ask("second")))
    turn = one.now.turn
    one.presses("yes")
    one.presses("no", turn=turn)

    assert one.says("2") == ["start.second"]
    one.presses("no", turn=turn)
    assert one.says("Yes") == ["start.first"]


def test_human_again_while_a_question_of_the_engine_waits_asks_what_is_open():
    one = talk(flow("start", ask("first")))
    one.says("ya qqn")
    one.says("langue")

    assert one.says("ya qqn") == ["person.about"]
    assert len(one.now.frames) == 2


def test_back_to_a_place_that_is_gone_says_there_is_nothing_before():
    one = talk(flow("start", ask("first"), ask("second")))
    one.presses("yes")
    gone = Undo(1, "", frames=(Frame("start", "gone"),))
    one.session = structs.replace(one.now, undo=(gone,))

    assert one.word("back") == ["bot.nothing-before", "start.second"]
    assert one.now.undo == ()


def test_forgetting_reminders_orders_it():
    one = talk(flow("start", ask("first"), forget("reminders"), ask("last")))

    one.presses("yes")
    assert one.ordered(CancelReminders)


def test_a_reminder_in_no_part_of_the_day_is_never_sent():
    made = flow("start", ask("safe-hours", Hours()), consent("me-too", "me"), remind("note", 60, "me-too"), ask("last"))
    one = talk(made, shared={"country": "DZ"})
    one.presses("morning")
    one.presses("done")
    one.presses("yes")
    assert one.now.reminders
    one.program = replace(one.program, service=replace(one.program.service, hours=()))

    assert one.event(ReminderDue(at=one.now.reminders[0].at, life="life0", name="start.note")) == []
    assert one.now.reminders == ()


def test_a_number_that_means_a_button_of_several_answers_at_once():
    one = talk(
        flow(
            "start", ask("need", choices("bed", "law", many=True), skip=True), ask("second", choices("bed", "law", many=True)), ask("last")
        )
    )

    assert one.says("4") == ["start.second"]
    assert one.says("3") == ["bot.again", "start.second"]
    assert one.says("1 9") == ["bot.again", "start.second"]
    assert one.says("law") == ["start.last"]


def test_two_numbers_answer_no_question_of_one_answer():
    one = talk(flow("start", ask("first"), pages("steps", "a", "b")))

    assert one.says("1 2") == ["bot.again", "start.first"]


@pytest.mark.parametrize("words", ["24 foo", "foo 24", "24 11 foo", "24", "1 2 3 4"])
def test_words_that_are_no_day_are_a_wrong_answer(words):
    one = talk(flow("start", ask("day", DateOf())))

    assert one.says(words) == ["bot.again", "start.day"]


def test_a_flow_without_an_end_ends():
    one = talk(flow("start", ask("first"), say("last")))

    assert one.presses("yes") == ["start.last"]
    assert one.now.frames == ()


def test_a_go_in_an_interrupt_keeps_its_place_over_what_it_interrupted():
    life = flow("life", ask("near"), go("other"))
    one = talk(flow("start", ask("first")), life, flow("other", ask("q")))
    one.says("je veux mourir")

    assert one.presses("yes") == ["other.q"]
    assert one.presses("yes") == ["bot.we-were-here", "start.first"]


def test_words_of_a_step_that_another_revision_removed_are_answered_by_the_long_way():
    one = talk(flow("start", ask("first")))
    one.session = structs.replace(one.now, frames=(Frame("gone", "x"), *one.now.frames))

    assert one.event(Pressed(at=one.at, life="life0", turn=one.now.turn, key="yes")) == ["bot.recalled", "start.first"]
    one.session = structs.replace(one.now, frames=(Frame("gone", "x"), *one.now.frames))
    assert one.event(Said(at=one.at, text="yes")) == ["bot.recalled", "start.first"]


def test_plans_are_kept_for_a_few_programs_only():
    programs = [program() for _ in range(KEPT + 4)]
    plans = [plan_of(each) for each in programs]

    assert plan_of(programs[-1]) is plans[-1]
    assert len({id(plan) for plan in plans}) == len(programs)


def test_languages_nobody_knows_are_named_by_their_code():
    assert own_name("zz") == "Zz"
    assert name_in("fr", "not a language") == "fr"


def test_a_second_yes_to_the_same_team_adds_what_it_shows():
    made = flow(
        "start",
        consent("share", "protection", "country"),
        handoff("desk", "protection", agreed="share"),
        ask("need", choices("bed", "law")),
        consent("more", "protection", "need"),
        handoff("again", "protection", agreed="more", urgency="high"),
        ask("last"),
    )
    one = talk(made, shared={"country": "DZ"})
    one.presses("yes")
    one.presses("bed")

    assert one.presses("yes") == ["start.last"]
    (order,) = one.ordered(OpenCase)
    assert (order.new, order.moved, order.urgency, order.names) == (False, False, "high", ("country", "need"))
    assert order.fields == ((Text("start.need:label"), Ref("answers.bed")),)


def test_a_choice_may_leave_everything():
    one = talk(flow("start", ask("first", go={"yes": LEAVE})), shared={"country": "DZ"})

    assert one.presses("yes") == []
    assert one.kept() == {}


def test_conditions_may_ask_for_the_language_the_part_of_the_day_what_was_heard_and_a_team():
    steps = [
        say("fr", is_("language", "fr")),
        say("morning", is_("now", "morning")),
        say("heard", is_("heard", "home")),
        say("open", is_("team.protection", "open")),
    ]
    one = Talk(program(flow("start", *steps, ask("last"))), language="fr", shared={"country": "DZ"})
    one.at += 12 * 3600

    assert one.starts() == ["start.fr", "start.last"]
    two = Talk(program(flow("start", *steps, ask("last"))), heard="home", shared={"country": "DZ"})
    two.at -= 3600
    assert two.starts() == ["start.morning", "start.heard", "start.open", "start.last"]


def test_a_contact_that_opens_in_no_fortnight_has_hours_not_known():
    never = replace(ROW, hours=())
    one = Talk(program(flow("start", contacts("lines", "legal"), ask("last")), rows=[never]), shared={"country": "DZ"})
    one.starts()

    assert one.ordered(Send)[0].cards[0].lines[0].id == "bot.contact-hours-unknown"


def test_a_button_of_the_engines_question_that_it_does_not_have_says_it_again():
    one = talk(flow("start", ask("first")))
    one.says("langue")

    assert one.presses("yes") == ["bot.which-language"]
