"""A service turned round: every text says the same before and after, in every language."""

from datetime import date

import pytest

from bot.checks.check import check
from bot.flow.bundle import Bundle
from bot.flow.compiler import Compiled, compile_bundle
from bot.i18n.catalog import read_catalog
from bot.i18n.values import Count
from bot.studio.editing.turning import turned
from tests.studio.test_table import bundle
from tests.world import real_bundle

ON = date(2026, 11, 28)
LANGUAGES = ("en", "fr", "ar")


def said(compiled: Compiled) -> dict[tuple[str, str], str]:
    program = compiled.program
    assert program is not None, [str(problem) for problem in compiled.problems if not problem.warning][:5]
    texts = {(text.id, language): program.texts.say(text.id, language) for text in compiled.draft.texts for language in LANGUAGES}
    for n in (0, 1, 2, 5, 11, 100):
        for unit in ("day", "hour", "minute"):
            texts |= {(f"{unit} {n}", language): program.texts.value(Count(n, unit), language) for language in LANGUAGES}  # type: ignore[arg-type]
    return texts


def turn(made: Bundle, language: str) -> Bundle:
    came = turned(made, language)
    assert came.bundle is not None, (came.why, came.ids)
    return came.bundle


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return real_bundle()


@pytest.fixture(scope="module")
def french(shipped: Bundle) -> Bundle:
    return turn(shipped, "fr")


@pytest.fixture(scope="module")
def arabic(shipped: Bundle) -> Bundle:
    return turn(shipped, "ar")


def test_every_text_says_the_same_in_every_language(shipped: Bundle, french: Bundle, arabic: Bundle):
    before = said(compile_bundle(shipped))
    assert said(compile_bundle(french)) == before
    assert said(compile_bundle(arabic)) == before


def test_what_is_turned_has_no_other_problem_than_before(shipped: Bundle, french: Bundle, arabic: Bundle):
    rules = sorted(problem.rule for problem in check(shipped, ON))
    assert sorted(problem.rule for problem in check(french, ON)) == rules
    assert sorted(problem.rule for problem in check(arabic, ON)) == rules


def test_files_stay_what_their_authors_wrote_but_for_their_texts(shipped: Bundle, french: Bundle):
    flow, turned_flow = shipped["flows/return.yaml"], french["flows/return.yaml"]
    comments = [line for line in flow.splitlines() if line.strip().startswith("#")]
    assert [line for line in turned_flow.splitlines() if line.strip().startswith("#")] == comments
    assert "    go: {yes: asylum-first, unsure: asylum-first}" in turned_flow
    assert "Si vous rentrez, avez-vous peur" in turned_flow
    assert "\nsource: fr" in french["flows/bot.yaml"]
    assert "parts-of-day:" in french["flows/bot.yaml"]
    assert french["flows/tests/" + next(path for path in shipped.test_paths()).rpartition("/")[2]]
    assert {path for path in shipped if path.startswith("flows/")} == {path for path in french if path.startswith("flows/")}


def test_an_arabic_source_holds_no_sign_that_nobody_sees(arabic: Bundle):
    assert not any("\u2066" in text for path, text in arabic.items() if path.endswith(".yaml"))


def test_the_language_that_was_written_in_is_a_catalog_and_the_other_is_none(french: Bundle):
    assert set(french.catalog_paths()) == {"en", "ar"}
    english = read_catalog(french["locales/en/LC_MESSAGES/flows.po"], "en")
    assert all(entry.is_done for entry in english.entries.values())


def test_turned_back_it_says_what_it_said(shipped: Bundle, french: Bundle):
    back = turn(french, "en")
    assert said(compile_bundle(back)) == said(compile_bundle(shipped))
    assert set(back.catalog_paths()) == {"fr", "ar"}
    assert said(compile_bundle(turn(french, "ar"))) == said(compile_bundle(shipped))


def test_what_is_not_translated_whole_is_not_turned():
    came = turned(bundle(("try.hello", "Bonjour.", "")), "fr")
    assert (came.bundle, came.why) == (None, "open")
    assert "try.sure" in came.ids
    assert "try.hello" not in came.ids


@pytest.mark.parametrize(("language", "why"), [("en", "same"), ("de", "no-catalog"), ("", "no-catalog")])
def test_what_cannot_be_turned_says_why(language: str, why: str):
    assert turned(bundle(), language).why == why
    assert turned(Bundle({"flows/bot.yaml": "{"}), "fr").why == "unread"


def test_translations_of_third_languages_keep_their_state_and_their_comments(shipped: Bundle):
    path = "locales/ar/LC_MESSAGES/flows.po"
    po = shipped[path].replace('msgctxt "return.fear"', '#, fuzzy\n# read by Amina\nmsgctxt "return.fear"', 1)
    came = turn(shipped.with_file(path, po), "fr")
    entry = read_catalog(came[path], "ar").entries["return.fear"]
    assert entry.fuzzy
    assert "read by Amina" in entry.comments
    assert entry.source.startswith("Vous n’avez pas à expliquer")
