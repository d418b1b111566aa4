"""Sentences with their values, as each reader gets them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.texts import Texts
from bot.i18n.units import BUILT_IN
from bot.i18n.values import Code, Count, Day, Moment, Ref, Several, Text, Value, Words

LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
SUNDAY = datetime(2026, 11, 22, 8, 30)


def texts() -> Texts:
    return Texts.of(
        {"a.b": "See: {it}.", "a.yes": "Yes", "a.none": "Only English"},
        {"fr": {"a.b": "Voir\u00a0: {it}.", "a.yes": "Oui"}, "ar": {"a.b": "هنا: {it}.", "a.yes": "نعم", "a.none": ""}},
        "en",
    )


def said(value: Value, language: str) -> str:
    return texts().value(value, language)


def test_a_text_without_values_is_said_in_the_language_of_the_reader():
    assert [texts().say("a.yes", language) for language in ("en", "fr", "ar")] == ["Yes", "Oui", "نعم"]


def test_a_missing_or_empty_translation_falls_back_to_the_source():
    assert texts().say("a.none", "fr") == "Only English"
    assert texts().say("a.none", "ar") == "Only English"
    assert texts().say("a.yes", "es") == "Yes"


def test_an_unknown_id_is_a_bug_and_raises():
    with pytest.raises(KeyError):
        texts().say("a.unknown", "fr")
    with pytest.raises(KeyError):
        texts().render(Text("a.b"), "fr")


def test_languages_come_with_the_source_first():
    assert texts().languages == ("en", "fr", "ar")
    assert texts().has("a.b")
    assert not texts().has("a.c")
    assert texts().source("a.b") == "See: {it}."


def test_a_sentence_is_rendered_whole_with_its_value_isolated_in_arabic():
    text = Text("a.b", (("it", Code("+213 661 69 68 41")),))

    assert texts().render(text, "en") == "See: +213 661 69 68 41."
    assert texts().render(text, "fr") == "Voir\u00a0: +213 661 69 68 41."
    assert texts().render(text, "ar") == f"هنا: {LRI}+213 661 69 68 41{PDI}."


def test_arabic_words_are_isolated_inside_latin_sentences_and_latin_ones_are_not():
    assert said(Words("أحمد"), "fr") == f"{FSI}أحمد{PDI}"
    assert said(Words("Awa"), "fr") == "Awa"
    assert said(Words("Awa"), "ar") == f"{FSI}Awa{PDI}"
    assert said(Words(""), "ar") == ""


def test_a_label_is_said_in_the_language_of_the_reader_and_isolated_in_arabic():
    assert said(Ref("a.yes"), "fr") == "Oui"
    assert said(Ref("a.yes"), "ar") == f"{FSI}نعم{PDI}"


def test_braces_and_format_tricks_in_a_value_stay_as_they_are():
    text = Text("a.b", (("it", Words("{it} {0.__class__} %s")),))
    assert texts().render(text, "en") == "See: {it} {0.__class__} %s."


def test_a_person_cannot_turn_a_sentence_round_with_direction_characters():
    assert said(Words("a\u202eb\u2069c\u200f"), "en") == "abc"


@given(st.text())
def test_isolates_are_balanced_whatever_a_person_wrote(words: str):
    for language in ("en", "fr", "ar"):
        rendered = texts().render(Text("a.b", (("it", Words(words)),)), language)
        assert rendered.count(PDI) == rendered.count(LRI) + rendered.count(FSI)


ARABIC_DAYS = {
    0: "أقل من يوم",
    1: "يوم واحد",
    2: "يومين",
    3: f"{LRI}3{PDI} أيام",
    10: f"{LRI}10{PDI} أيام",
    11: f"{LRI}11{PDI} يوماً",
    99: f"{LRI}99{PDI} يوماً",
    100: f"{LRI}100{PDI} يوم",
    101: f"{LRI}101{PDI} يوم",
    102: f"{LRI}102{PDI} يوم",
    103: f"{LRI}103{PDI} أيام",
    111: f"{LRI}111{PDI} يوماً",
}


@pytest.mark.parametrize("n", ARABIC_DAYS)
def test_arabic_counts_in_six_forms(n: int):
    assert said(Count(n, "day"), "ar") == ARABIC_DAYS[n]


def test_french_counts_zero_and_one_alike_and_english_does_not():
    assert [said(Count(n, "hour"), "fr") for n in (0, 1, 2)] == ["0 heure", "1 heure", "2 heures"]
    assert [said(Count(n, "hour"), "en") for n in (0, 1, 2)] == ["0 hours", "1 hour", "2 hours"]


def test_a_catalog_may_count_in_its_own_words():
    own = Texts.of({"a": "a"}, {"es": {}}, "en", {"es": {**BUILT_IN["en"], "day": ("{n} día", "{n} días")}})
    assert own.value(Count(2, "day"), "es") == "2 días"


def test_a_language_without_counted_words_counts_in_the_source_language():
    assert Texts.of({"a": "a"}, {"de": {}}, "fr").value(Count(0, "day"), "de") == "0 jour"


def test_days_are_written_day_month_year_in_all_languages():
    assert said(Day(date(2026, 1, 5)), "fr") == "05/01/2026"
    assert said(Day(date(2026, 1, 5)), "ar") == f"{LRI}05/01/2026{PDI}"


def test_a_moment_is_said_as_each_language_says_it():
    assert said(Moment(SUNDAY, "DZ"), "en") == "Sunday 22/11 at 08:30"
    assert said(Moment(SUNDAY, "DZ"), "fr") == "dimanche 22/11 à 8\u00a0h\u00a030"
    assert said(Moment(SUNDAY, "DZ"), "ar") == f"{FSI}الأحد {LRI}22/11{PDI}، الساعة {LRI}08:30{PDI}{PDI}"


def test_a_full_hour_in_french_has_no_minutes():
    assert said(Moment(datetime(2026, 11, 23, 9, 0), "MA"), "fr") == "lundi 23/11 à 9\u00a0h"


def test_lists_are_joined_as_each_language_joins():
    three = Several((Words("a"), Words("b"), Words("c")))

    assert said(three, "en") == "a, b and c"
    assert said(three, "fr") == "a, b et c"
    assert said(three, "ar") == f"{FSI}a{PDI}، {FSI}b{PDI} و{FSI}c{PDI}"
    assert said(Several(()), "en") == ""
    assert said(Several((Code("7"),)), "fr") == "7"


def test_texts_of_another_revision_can_be_taken_over_by_id():
    newer = Texts.of({"a.yes": "Yes indeed"}, {"fr": {"a.yes": "Oui bien"}}, "en")

    both = texts().taking(["a.yes", "gone"], newer)

    assert [both.say("a.yes", language) for language in ("en", "fr")] == ["Yes indeed", "Oui bien"]
    assert both.say("a.none", "en") == "Only English"
    assert texts().say("a.yes", "en") == "Yes"


def test_every_country_of_the_world_has_a_name_that_no_author_need_write():
    own = Texts.of({"countries.DZ": "Algeria!"}, {"ar": {}}, "en")

    assert own.has("countries.ML")
    assert own.say("countries.DZ", "en") == "Algeria!"
    assert own.value(Ref("countries.ML"), "ar") == f"{FSI}مالي{PDI}"
    assert not own.has("countries.XX")
    assert not own.has("countries.DZ.oran")
    with pytest.raises(KeyError):
        own.say("countries.EU", "en")
