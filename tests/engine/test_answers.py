"""What a message answers to the question that waits."""

import pytest

from bot.flow.answers import CountryOf, DateOf, Free, Hours, Language, Number, Place
from tests.engine.build import END, YES_NO, ask, call, choices, consent, flow, handoff, is_, pages, program, say, set_
from tests.engine.talk import Talk


def talk(*steps, **session):
    made = Talk(program(flow("start", *steps, say("after"), ask("last"))), **session)
    made.starts()
    return made


@pytest.mark.parametrize("words", ["1", "١", "۱", "Yes", "  YES!! ", "yep", "oui", "yes please", "yep svp"])
def test_a_choice_is_answered_by_number_label_key_or_spelling(words):
    one = talk(ask("first"))

    assert one.says(words) == ["start.after", "start.last"]
    assert one.kept() == {"start.first": "yes"}


def test_a_label_of_another_language_is_understood():
    one = talk(ask("first"), language="ar")

    assert one.says("Oui") == ["start.after", "start.last"]


@pytest.mark.parametrize("words", ["3", "0", "xqzt", "", "🙂", "99999999999999999999"])
def test_what_is_no_answer_is_met_kindly_and_asked_again(words):
    one = talk(ask("first"))

    assert one.says(words) == ["bot.again", "start.first"]
    assert one.kept() == {}


def test_few_words_with_one_spelling_answer_loosely_and_many_words_do_not():
    one = talk(ask("first"))

    assert one.says("oui je veux bien merci a vous tous") == ["bot.again", "start.first"]
    assert one.says("ah oui bon") == ["start.after", "start.last"]


def test_two_spellings_in_one_message_are_no_answer():
    one = talk(ask("first"))

    assert one.says("yes and no") == ["bot.again", "start.first"]


def test_a_consent_is_never_given_loosely_but_may_be_refused_so():
    one = talk(consent("share", "protection"))

    assert one.says("ah oui bon") == ["bot.again", "start.share"]
    assert one.says("ah non merci") == []
    two = talk(consent("share", "protection"))
    assert two.says("oui svp") == ["start.after", "start.last"]


def test_several_are_pressed_one_by_one_in_any_order_and_kept_in_the_order_of_the_flow():
    one = talk(ask("need", choices("bed", "law", "talk", many=True)))

    assert one.presses("talk") == []
    assert one.presses("bed") == []
    assert one.presses("bed") == []
    assert one.presses("done") == ["start.after", "start.last"]
    assert one.kept() == {"start.need": ("bed", "talk")}


def test_several_are_typed_as_numbers():
    one = talk(ask("need", choices("bed", "law", "talk", many=True)))

    assert one.says("3 1") == ["start.after", "start.last"]
    assert one.kept() == {"start.need": ("bed", "talk")}


def test_none_chosen_is_skipped_where_allowed_and_else_asked_again():
    one = talk(ask("need", choices("bed", "law", many=True), skip=True))
    two = talk(ask("need", choices("bed", "law", many=True)))

    assert one.presses("done") == ["start.after", "start.last"]
    assert one.kept() == {"start.need": "skipped"}
    assert two.presses("done") == ["start.need"]
    assert two.presses("done") == ["start.need"]


def test_skip_is_kept_as_skipped_and_may_lead_elsewhere():
    one = talk(ask("first", YES_NO, skip=True, go={"skip": END}), ask("second"))

    assert one.presses("skip") == []
    assert one.now.frames == ()


@pytest.mark.parametrize(("words", "kept"), [("16", 16), ("١٦", 16), ("j'ai 16 ans", 16)])
def test_a_number_is_read_in_digits_of_any_script(words, kept):
    one = talk(ask("age", Number(1, 120)))

    one.says(words)
    assert one.kept() == {"start.age": kept}


@pytest.mark.parametrize("words", ["0", "121", "12 13", "many", "999999999999"])
def test_a_number_outside_the_range_is_a_wrong_answer(words):
    one = talk(ask("age", Number(1, 120)))

    assert one.says(words) == ["bot.again", "start.age"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("24/11/2026", "2026-11-24"),
        ("24-11-26", "2026-11-24"),
        ("2026-11-24", "2026-11-24"),
        ("24 novembre", "2026-11-24"),
        ("24 novembre 2026", "2026-11-24"),
        ("demain", "2026-11-24"),
        ("اليوم", "2026-11-23"),
        ("3 فيفري", "2027-02-03"),
    ],
)
def test_a_day_is_read_as_people_write_it(words, kept):
    one = talk(ask("day", DateOf("today", "2027-12-31")))

    one.says(words)
    assert one.kept() == {"start.day": kept}


@pytest.mark.parametrize("words", ["22/11/2026", "31/02/2027", "hier", "40 novembre", "1/1/2030"])
def test_a_day_that_is_not_one_or_not_allowed_is_a_wrong_answer(words):
    one = talk(ask("day", DateOf("2026-11-25", "2027-12-31")))

    assert one.says(words) == ["bot.again", "start.day"]


def test_a_country_is_pressed_or_named_in_any_language():
    here = talk(ask("country", CountryOf(here=True)))
    elsewhere = talk(ask("origin", CountryOf(here=False)))

    assert here.says("الجزائر") == ["start.after", "start.last"]
    assert here.kept() == {"country": "DZ"}
    elsewhere.says("Côte d'Ivoire")
    assert elsewhere.kept() == {"start.origin": "CI"}


def test_a_country_not_served_is_no_answer_where_only_served_ones_are_asked():
    one = talk(ask("country", CountryOf(here=True)))

    assert one.says("Mali") == ["bot.again", "start.country"]


def test_places_are_those_of_the_country_and_are_passed_over_without_one():
    one = talk(ask("place", Place()), shared={"country": "DZ"})
    two = talk(ask("place", Place()))

    assert [button.key for button in one.effects[0].buttons] == ["oran", "annaba"]
    assert one.says("Annaba") == ["start.after", "start.last"]
    assert two.kept() == {"place": "skipped"}


def test_hours_are_always_several():
    one = talk(ask("safe-hours", Hours()))

    one.presses("evening")
    one.presses("morning")
    one.presses("done")
    assert one.kept() == {"safe-hours": ("morning", "evening")}


@pytest.mark.parametrize("words", ["français", "francais", "FR", "French", "الفرنسية", "2"])
def test_a_language_is_named_in_any_language_and_spoken_at_once(words):
    one = talk(ask("tongue", Language()))

    one.says(words)
    assert one.now.language == "fr"
    assert one.now.spoken


def test_words_in_the_persons_own_are_kept_only_where_a_consent_shows_them():
    shown = talk(consent("share", "protection", "words"), ask("words", Free(10)))
    hidden = talk(ask("words", Free(10)))

    shown.presses("yes")
    assert shown.says("  red\nbird ") == ["start.after", "start.last"]
    assert shown.kept() == {"start.share": "yes", "start.words": "red bird"}
    hidden.says("red bird")
    assert hidden.kept() == {}


def test_words_too_long_are_asked_again_with_the_help_of_the_question():
    one = talk(ask("words", Free(10), help="start.words:help"))

    assert one.says("a very long bird") == ["start.words:help", "start.words"]
    assert one.says("a very long bird") == ["bot.again", "start.words"]


def test_danger_is_seen_even_in_words_of_the_persons_own():
    one = talk(consent("share", "protection", "words"), ask("words", Free(80)))
    one.presses("yes")

    assert one.says("i want to die") == ["life.near"]


def test_wrong_twice_is_met_kindly_and_the_third_time_a_person_is_offered():
    one = talk(ask("first"))

    assert one.says("xqzt") == ["bot.again", "start.first"]
    assert one.says("xqzt") == ["bot.again", "start.first"]
    assert one.says("xqzt") == ["bot.offer-human", "start.first"]
    assert [button.key for button in one.effects[0].buttons] == ["human"]
    assert one.says("xqzt") == ["bot.again", "start.first"]


def test_a_long_story_in_a_sensitive_flow_is_thanked_for_and_not_kept():
    made = Talk(program(flow("start", ask("first"), sensitive=True)))
    made.starts()

    assert made.says("word " * 20) == ["bot.story", "start.first"]
    assert "word" not in str(made.now)


def test_otherwise_takes_any_words_at_once_and_after_three_rounds_offers_a_person():
    one = talk(ask("first", otherwise="first"))

    assert one.says("xqzt") == ["start.first"]
    assert one.says("rentrer") == ["start.first"]
    assert one.says("xqzt") == ["start.first"]
    assert one.says("xqzt") == ["bot.offer-human", "start.first"]


def test_otherwise_has_no_end_in_a_flow_of_danger():
    one = Talk(program())
    one.starts()
    one.says("je veux mourir")

    assert all(one.says("xqzt") == ["life.near"] for _ in range(10))


def test_once_is_not_asked_again_and_leads_where_the_answer_leads():
    made = Talk(
        program(flow("start", ask("country", CountryOf(here=True), once=True, go={"DZ": END}), ask("last"))), shared={"country": "DZ"}
    )
    other = Talk(program(flow("start", ask("country", CountryOf(here=True), once=True), ask("last"))), shared={"country": "skipped"})

    assert made.starts() == []
    assert other.starts() == ["start.last"]


def test_a_step_whose_condition_does_not_hold_is_passed_over():
    one = talk(ask("first"), say("only-yes", is_("first", "yes")), say("only-no", is_("first", "no")))

    assert one.presses("no") == ["start.only-no", "start.after", "start.last"]


def test_set_gives_an_answer_a_value():
    one = talk(set_("first", "yes"), say("only-yes", is_("first", "yes")))

    assert one.kept() == {"start.first": "yes"}


def test_a_called_flow_hands_back_shared_answers_only_and_starts_empty_twice():
    where = flow("where", ask("country", CountryOf(here=True)), ask("inner"))
    one = Talk(program(where, flow("start", call("where"), ask("mid"), call("where"))))
    one.starts()
    one.presses("DZ")
    one.presses("yes")

    assert one.kept() == {"country": "DZ"}
    one.presses("yes")
    assert one.kept() == {"country": "DZ", "start.mid": "yes"}
    assert one.now.frames[-1].flow == "where"


def test_a_choice_may_call_a_flow_and_come_back_to_the_next_step():
    one = Talk(program(flow("start", ask("first", call={"yes": "inner"}), ask("last")), flow("inner", ask("q"))))
    one.starts()

    assert one.presses("yes") == ["inner.q"]
    assert one.presses("no") == ["start.last"]
    assert one.kept() == {"start.first": "yes"}


def test_pages_are_turned_jumped_left_and_looked_back_at():
    one = talk(pages("steps", "a", "b", "c", "d"))

    assert one.presses("next") == ["start.steps.b"]
    assert one.says("٤") == ["start.steps.d"]
    assert one.says("9") == ["bot.again", "start.steps.d"]
    assert one.word("back") == ["start.steps.b"]
    assert one.word("repeat") == ["start.steps.b"]
    assert one.presses("enough") == ["start.after", "start.last"]
    assert one.word("back") == ["start.steps.b"]


def test_next_on_the_last_page_goes_on():
    one = talk(pages("steps", "a"))

    assert one.presses("next") == ["start.after", "start.last"]


def test_free_words_are_gone_when_the_consent_is_refused_or_undone():
    one = talk(
        consent("share", "protection", "words", no="share2"),
        ask("words", Free(20)),
        consent("share2", "protection", "words", no="last"),
        handoff("desk", "protection", agreed="share2"),
    )
    one.presses("yes")
    one.says("secret bird")
    one.presses("no")

    assert "secret" not in str(one.now)
    one.word("back")
    assert "secret" not in str(one.now)
