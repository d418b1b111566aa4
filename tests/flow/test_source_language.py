"""Flows written in French or in Arabic: the whole way from the file to what a person reads."""

from datetime import date

import pytest

from bot.checks.check import check
from bot.checks.wording import Limits, english_of, problems_of, texts_said
from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.i18n.bidi import with_isolates, without_isolates
from bot.i18n.catalog import Catalog, Entry
from bot.i18n.merge import unit_sources
from bot.i18n.values import Count, Text
from tests.checks.bundles import CLEAN

LRI, PDI = "\u2066", "\u2069"
FLOW = "flow: try\ntitle: {title}\nsteps:\n  - say: hello\n    text: {text}\n  - end\n"


def written_in(language: str, title: str, text: str, *, named: str = "") -> Bundle:
    bot = CLEAN["flows/bot.yaml"].replace("source: en", f"source: {language}").replace("languages: [en]", f"languages: [{language}, en]")
    bot = bot.replace("silence: {", f"{named}silence: {{")
    return Bundle({**CLEAN, "flows/bot.yaml": bot, "flows/try.yaml": FLOW.format(title=title, text=text)})


def test_an_arabic_source_gets_its_isolates_where_nobody_could_type_them():
    compiled = compile_bundle(written_in("ar", "تجربة", "قبل سن 18 سنة، الحديث مع Terre des hommes ممكن. {bot.name}"))
    said = {text.id: text.text for text in compiled.draft.texts}
    assert said["try.hello"] == f"قبل سن {LRI}18{PDI} سنة، الحديث مع {LRI}Terre des hommes{PDI} ممكن. {{bot.name}}"
    assert compiled.program is not None
    assert compiled.program.texts.say("try.hello", "ar") == said["try.hello"]
    assert not [problem for problem in check(written_in("ar", "تجربة", "قبل سن 18 سنة."), date(2026, 11, 23)) if problem.rule == "isolates"]


@pytest.mark.parametrize(
    "text", ["Bonjour 18.", "Hello.", "", "{name}", f"قبل {LRI}18{PDI} سنة", "دون شيء", f"{LRI}@amana-trial{PDI} هنا +213 555 12 34"]
)
def test_isolates_are_put_once_and_taken_off_again(text: str):
    for language in ("ar", "fr"):
        whole = with_isolates(text, language)
        assert with_isolates(whole, language) == whole
        assert with_isolates(without_isolates(whole, language), language) == whole


def test_an_isolate_that_would_not_come_back_the_same_is_kept():
    odd = f"من {LRI}18{PDI} {LRI}20{PDI} سنة"
    assert without_isolates(odd, "ar") == odd
    assert without_isolates(f"من {LRI}18{PDI} سنة", "ar") == "من 18 سنة"


def test_a_part_of_the_day_is_called_by_its_key_or_by_the_name_it_has():
    named = "parts-of-day: {morning: Le matin, afternoon: L’après-midi, evening: Le soir, night: La nuit}\n"
    said = {text.id: text for text in compile_bundle(written_in("fr", "Essai", "Bonjour.", named=named)).draft.texts}
    assert (said["hours.morning"].text, said["hours.morning"].kind) == ("Le matin", "name")
    found = [str(problem) for problem in check(written_in("fr", "Essai", "Bonjour."), date(2026, 11, 23)) if "hours." in problem.sentence]
    assert len(found) == 4
    assert "hours.morning has no name in fr; write one under parts-of-day" in found[0]
    assert not [one for one in check(written_in("fr", "Essai", "Bonjour.", named=named), date(2026, 11, 23)) if "hours." in one.sentence]
    assert not [one for one in check(Bundle(CLEAN), date(2026, 11, 23)) if "hours." in one.sentence]


def test_a_name_for_no_part_of_the_day_is_a_mistake():
    problems = compile_bundle(written_in("fr", "Essai", "Bonjour.", named="parts-of-day: {mornin: Le matin}\n")).problems
    assert any(problem.rule == "no-such-value" and problem.suggestion == "morning" for problem in problems)


def test_terms_are_told_by_the_english_translation_of_a_french_source():
    compiled = compile_bundle(written_in("fr", "Essai", "Parler à un agent."))
    english = Catalog("en", {"try.hello": Entry(context="try.hello", source="Parler à un agent.", forms=("Talk to a caseworker.",))})
    said = next(one for one in texts_said(compiled.draft, {"en": english}, {"en": "en.po"}) if one.source.id == "try.hello")
    assert said.english == "Talk to a caseworker."
    assert english_of(said.source, "fr", {}) == ""
    assert [problem.rule for problem in problems_of(said, Limits())] == ["glossary"]


@pytest.mark.parametrize(
    ("language", "one", "several"), [("en", "{n} day", "{n} days"), ("fr", "{n} jour", "{n} jours"), ("ar", "يوم واحد", "{n} يوم")]
)
def test_counted_words_have_their_source_in_the_language_of_the_flows(language: str, one: str, several: str):
    day = unit_sources(language)[0]
    assert (day.context, day.text, day.plural) == ("unit.day", one, several)


def test_what_counts_is_said_in_the_source_language_too():
    program = compile_bundle(written_in("fr", "Essai", "Bonjour.")).program
    assert program is not None
    assert program.texts.render(Text("try.hello"), "fr") == "Bonjour."
    assert program.texts.value(Count(2, "day"), "fr") == "2 jours"
