"""Global words, interrupts, back, silence, first contact, old buttons."""

import pytest
from msgspec import structs

from bot.engine.effects import CancelReminders, Erase, Keyboard, MarkCase, RemoveMessage, Send
from bot.engine.events import Left, Recalled, Said, Started
from bot.engine.session import Question, Session
from bot.engine.step import step
from bot.flow.answers import CountryOf
from tests.engine.build import END, ask, call, choices, consent, flow, forget, go, handoff, program, say, set_
from tests.engine.talk import MONDAY, Talk

TWO = flow("start", ask("first"), ask("second"), ask("third"), ask("last"))


def talk(*flows, **session):
    made = Talk(program(*flows), **session)
    made.starts()
    return made


# ── first contact ──
def new(text, **changed):
    done = step(program(**changed), None, Said(at=MONDAY, nonce="lifelifelifelife", text=text))
    return done.session, [effect.id for effect in done.effects if isinstance(effect, Send)]


def test_the_first_words_of_somebody_new_begin_the_first_flow_in_the_first_language():
    session, ids = new("hello there")

    assert ids == ["start.safe"]
    assert (session.language, session.spoken, session.life) == ("ar", False, "lifelifelifelife")


def test_danger_in_the_first_words_speaks_the_language_that_fitted():
    assert new("je veux mourir")[0].language == "fr"
    assert new("bghit nmout")[0].language == "ar"
    assert new("i want to die")[0].language == "en"
    assert new("i want to die")[1] == ["life.near"]


def test_a_global_word_at_first_contact_acts_but_for_back_and_repeat():
    assert new("ya qqn")[1] == ["person.about"]
    assert new("ya qqn")[0].language == "fr"
    assert new("repeat")[1] == ["start.safe"]
    assert new("effacer")[0] is None


def test_first_words_are_heard_and_answer_the_list_later_and_are_not_kept_themselves():
    session, ids = new("bonjour je veux rentrer a la maison chez ma mere")
    done = step(program(), session, Said(at=MONDAY + 5, text="yes"))

    assert ids == ["start.safe"]
    assert session.heard == "home"
    assert "maison" not in str(session)
    assert [effect.id for effect in done.effects] == ["start.who", "menu.topic"]
    assert done.session.heard == ""
    assert done.session.frames[-1].own == {"topic": "home"}


def test_danger_at_first_contact_then_the_flow_then_the_conversation_begins():
    one = Talk(program())
    one.session = None

    assert one.says("je veux mourir") == ["life.near"]
    assert one.word("back") == ["bot.nothing-before", "life.near"]
    assert one.presses("yes") == ["start.safe"]


def test_the_channel_may_suggest_the_language_of_somebody_new_who_said_nothing():
    done = step(program(), None, Started(at=MONDAY, nonce="n", language="fr"))

    assert done.session.language == "fr"
    assert not done.session.spoken


# ── words ──
@pytest.mark.parametrize("words", ["stop", "STOP!", "please stop", "توقف"])
def test_stop_ends_it_takes_the_keyboard_and_keeps_nothing(words):
    one = talk(TWO)
    one.presses("yes")

    assert one.says(words) == ["bot.stopped"]
    assert one.ordered(Keyboard) == [Keyboard(show=False)]
    assert one.kept() == {}
    assert one.now.frames == ()
    assert one.now.undo == ()


def test_erase_leaves_no_session_and_orders_the_erasure():
    one = talk(TWO)

    assert one.says("effacer") == []
    assert one.session is None
    assert [effect.farewell.id for effect in one.ordered(Erase)] == ["bot.erased"]


def test_forget_everything_is_the_same():
    one = talk(TWO)
    one.word("privacy")

    one.presses("gone")
    assert one.session is None
    assert one.ordered(Erase)


def test_help_says_the_words_and_the_question_again():
    one = talk(TWO)

    assert one.says("help") == ["bot.help", "start.first"]


def test_a_word_that_opens_a_flow_comes_back_to_the_question_and_never_goes_past_it():
    one = talk(TWO)

    assert one.says("human") == ["person.about"]
    assert one.says("human") == ["person.about"]
    assert one.presses("yes") == ["bot.we-were-here", "start.first"]
    assert one.presses("yes") == ["start.second"]


def test_menu_drops_all_open_flows_and_keeps_shared_answers():
    one = talk(flow("start", ask("country", CountryOf(here=True)), ask("first"), ask("second")))
    one.presses("DZ")
    one.presses("yes")

    assert one.says("menu") == ["menu.topic"]
    assert one.kept() == {"country": "DZ"}
    assert one.says("repeat") == ["menu.topic"]
    assert one.word("back") == ["bot.nothing-before", "menu.topic"]


def test_a_word_that_is_exactly_an_answer_is_an_answer_but_not_stop_erase_or_human():
    one = talk(flow("start", ask("first", choices("home", "other")), ask("second")))

    assert one.says("retour") == ["start.second"]
    assert one.says("retour") == ["start.first"]


def test_language_asks_and_asks_the_question_again_in_it_and_keeps_everything():
    one = talk(TWO)
    one.presses("yes")

    assert one.says("langue") == ["bot.which-language"]
    assert one.says("2") == ["start.second"]
    assert one.now.language == "fr"
    assert one.ordered(Keyboard) == [Keyboard(show=True)]
    assert one.kept() == {"start.first": "yes"}
    assert one.word("back") == ["start.first"]


# ── back ──
def test_back_undoes_the_last_answers_one_by_one_and_then_says_so():
    one = talk(TWO)
    for _ in range(3):
        one.presses("yes")

    assert one.says("back") == ["start.third"]
    assert one.kept() == {"start.first": "yes", "start.second": "yes"}
    assert one.says("retour") == ["start.second"]
    assert one.word("back") == ["start.first"]
    assert one.kept() == {}
    assert one.word("back") == ["bot.nothing-before", "start.first"]


def test_back_goes_from_a_called_flow_into_its_caller_and_through_go():
    inner = flow("inner", ask("country", CountryOf(here=True)), ask("q"), go("other"))
    one = talk(flow("start", ask("first"), call("inner"), ask("last")), inner, flow("other", ask("z")))
    one.presses("yes")
    before = one.now
    one.presses("MA")
    one.presses("no")

    assert one.now.frames[-1].flow == "other"
    assert one.word("back") == ["inner.q"]
    assert one.word("back") == ["inner.country"]
    assert (one.now.frames, one.now.shared) == (before.frames, before.shared)
    assert one.word("back") == ["start.first"]


def test_back_from_the_first_question_of_an_interrupt_asks_the_interrupted_one():
    one = talk(TWO)
    one.presses("yes")
    one.says("i want to die")

    assert one.says("retour") == ["start.second"]
    assert one.kept() == {"start.first": "yes"}


def test_back_restores_a_shared_answer_that_was_changed():
    one = talk(flow("start", ask("country", CountryOf(here=True)), ask("first")), shared={"country": "MA"})
    one.presses("DZ")

    one.word("back")
    assert one.kept() == {"country": "MA"}


def test_back_reaches_twenty_answers_and_no_further():
    one = talk(flow("start", ask("again", choices("more", "end"), go={"more": "again", "end": END})))
    for _ in range(30):
        one.presses("more")

    assert [one.word("back") for _ in range(21)].count(["start.again"]) == 20


@pytest.mark.parametrize("cut", [forget("answers"), handoff("desk", "protection")])
def test_back_does_not_cross_what_was_forgotten_or_handed_over(cut):
    one = talk(flow("start", ask("first"), cut, ask("second")))
    one.presses("yes")

    assert one.word("back") == ["bot.nothing-before", "start.second"]


def test_back_does_not_cross_a_publish():
    one = talk(TWO)
    one.presses("yes")
    one.program = program(TWO, revision="r2")

    assert one.presses("yes") == ["start.third"]
    assert one.now.revision == "r2"
    assert one.word("back") == ["bot.nothing-before", "start.third"]


def test_set_and_heard_on_the_way_are_undone_with_the_answer():
    one = talk(flow("start", ask("first"), set_("second", "no"), ask("third")))
    one.presses("yes")

    one.word("back")
    assert one.kept() == {}


def test_what_moved_without_an_answer_joins_the_answer_before_it():
    one = talk(flow("start", ask("first"), ask("second", otherwise="other")), flow("other", ask("far")))
    one.presses("yes")

    assert one.says("xqzt") == ["other.far"]
    assert one.word("back") == ["start.first"]
    assert one.kept() == {}


# ── old buttons ──
def test_the_same_press_twice_is_one_press():
    one = talk(TWO)
    turn = one.now.turn
    one.presses("yes")
    after = one.now

    assert one.presses("yes", turn=turn) == []
    assert structs.replace(one.now, seen_at=0) == structs.replace(after, seen_at=0)


def test_an_old_button_asks_whether_to_change_that_answer():
    one = talk(TWO)
    turn = one.now.turn
    one.presses("yes")
    one.presses("yes")

    assert one.presses("no", turn=turn) == ["bot.change-answer"]
    assert one.presses("yes") == ["start.first"]
    assert one.kept() == {}


def test_no_to_changing_says_the_waiting_question_and_other_words_are_read_for_it():
    one = talk(TWO)
    turn = one.now.turn
    one.presses("yes")
    one.presses("no", turn=turn)

    assert one.says("non") == ["start.second"]
    one.presses("no", turn=turn)
    assert one.presses("yes", turn=one.now.turn - 1) == ["bot.change-answer"]


def test_a_button_of_another_life_says_the_present_question():
    one = talk(TWO)

    assert one.presses("yes", life="other") == ["start.first"]
    assert one.presses("nonsense") == ["start.first"]


# ── silence ──
def test_after_half_an_hour_it_is_first_asked_whether_writing_is_safe():
    one = talk(TWO)
    one.presses("yes")
    one.wait(31)

    assert one.says("yes") == ["bot.still-safe"]
    assert one.kept() == {"start.first": "yes"}
    assert one.says("xqzt") == ["bot.still-safe"]
    assert one.word("repeat") == ["bot.still-safe"]
    assert one.says("oui") == ["start.second"]


def test_no_to_still_safe_is_stop():
    one = talk(TWO)
    one.wait(31)
    one.presses("yes", turn=one.now.turn)

    assert one.presses("no") == ["bot.stopped"]
    assert one.kept() == {}


def test_after_silence_danger_and_global_words_act():
    one = talk(TWO)
    one.wait(31)

    assert one.says("i want to die") == ["life.near"]
    one.wait(31)
    assert one.says("stop") == ["bot.stopped"]


def test_after_a_day_the_conversation_is_over_and_begins_again():
    one = talk(TWO)
    one.presses("yes")
    one.wait(1441)

    assert one.says("hello") == ["start.first"]
    assert one.kept() == {}


def test_nobody_is_asked_whether_it_is_safe_when_nothing_is_open():
    one = talk(TWO)
    one.says("stop")
    one.wait(60)

    assert one.says("hello") == ["start.first"]


# ── interrupts ──
def test_danger_words_inside_a_message_interrupt_and_the_question_is_asked_again():
    one = talk(TWO)

    assert one.says("je suis fatigue et je veux mourir ce soir") == ["life.near"]
    assert one.says("je veux mourir") == ["life.near"]
    assert len(one.now.frames) == 2
    assert one.presses("no") == ["bot.we-were-here", "start.first"]


def test_a_group_that_leaves_drops_everything_and_back_shows_nothing_of_it():
    one = talk(flow("start", ask("country", CountryOf(here=True)), ask("first"), ask("second")))
    one.presses("DZ")
    one.presses("yes")

    assert one.says("who are you") == ["watched.ok"]
    assert one.kept() == {}
    assert one.word("back") == ["bot.nothing-before", "watched.ok"]
    assert one.presses("yes") == []


def test_words_about_something_else_are_kept_while_a_person_is_still_welcomed():
    one = talk(TWO)

    assert one.says("je voudrais plutot rentrer chez ma mere un jour") == ["start.first"]
    assert one.now.heard == "home"


def test_words_about_something_else_are_asked_about():
    one = talk(flow("start", call("story")), flow("story", ask("first"), ask("second")))

    assert one.says("je voudrais plutot rentrer chez ma mere un jour") == ["bot.other-subject"]
    assert one.says("non") == ["story.first"]
    one.says("je voudrais plutot rentrer chez ma mere un jour")
    assert one.presses("yes") == ["menu.topic"]
    assert one.now.frames[-1].own == {"topic": "home"}


def test_at_most_eight_flows_are_open():
    flows = [flow(f"f{n}", call(f"f{n + 1}"), ask("q")) for n in range(12)]
    one = talk(flow("start", call("f0")), *flows, flow("f12", ask("deep")))

    assert len(one.now.frames) == 8
    assert one.presses("yes") == ["f11.q"]


def test_a_circle_that_never_waits_ends_and_is_told():
    one = Talk(program(flow("start", say("round"), go("round"))))

    assert one.starts()[-1] == "bot.offer-human"
    assert [effect.reason for effect in one.effects if hasattr(effect, "reason")] == ["too-many-steps"]


# ── media, recall, leaving ──
@pytest.mark.parametrize(("kind", "removed"), [("photo", True), ("file", True), ("voice", False), ("location", False)])
def test_what_is_not_opened_is_said_and_the_question_stays(kind, removed):
    one = talk(TWO)

    assert one.sends(kind) == [f"bot.{kind}", "start.first"]
    assert bool(one.ordered(RemoveMessage)) is removed


def test_a_photo_from_somebody_new_is_explained_and_the_conversation_begins():
    one = Talk(program())
    one.session = None

    assert one.sends("photo") == ["bot.photo", "start.safe"]


def test_a_recalled_revision_leads_to_the_first_question_at_the_next_turn():
    one = talk(TWO)
    one.presses("yes")

    assert one.event(Recalled(at=one.at, revision="r1")) == []
    assert one.says("yes") == ["bot.recalled", "start.first"]
    assert one.kept() == {}


def test_a_place_that_is_gone_is_treated_as_recalled():
    one = talk(TWO)
    one.presses("yes")
    one.program = program(flow("start", ask("new")), revision="r2")

    assert one.presses("yes") == ["bot.recalled", "start.new"]


def test_somebody_who_left_is_marked_and_nothing_is_open():
    one = talk(TWO)

    assert one.event(Left(at=one.at)) == []
    assert one.now.frames == ()
    assert one.ordered(CancelReminders)


def test_an_event_of_staff_for_somebody_unknown_does_nothing():
    assert step(program(), None, Left(at=MONDAY)).session is None


def test_a_start_button_in_the_middle_says_the_question_again():
    one = talk(TWO)

    assert one.starts() == ["start.first"]


def test_a_session_of_any_shape_is_answered():
    odd = Session(life="x", revision="r1", language="en", question=Question("still-safe"))
    done = step(program(), odd, Said(at=MONDAY, text="oui"))

    assert [effect.id for effect in done.effects] == ["start.safe"]


def test_leaving_a_flow_that_nothing_called_ends_the_conversation_and_its_answers():
    one = talk(flow("start", ask("country", CountryOf(here=True)), consent("share", "protection")))
    one.presses("DZ")
    one.presses("no")

    assert one.kept() == {}
    assert not one.ordered(MarkCase)
