"""The catalogs that come with Amana."""

import re
from pathlib import Path

import pytest

from bot.i18n.catalog import read_catalog, write_catalog
from bot.i18n.merge import faults
from bot.i18n.texts import Texts
from bot.i18n.units import BUILT_IN
from bot.i18n.values import Count

LOCALES = Path(__file__).parents[2] / "locales"
FILES = sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))
ISOLATED = re.compile("[\u2066\u2068][^\u2066-\u2069]*\u2069|\\{[^}]*\\}")


def language_of(path: Path) -> str:
    return path.parts[-3]


def named(path: Path) -> str:
    return "/".join(path.relative_to(LOCALES).parts)


def test_french_and_arabic_have_both_catalogs():
    assert [named(path) for path in FILES] == [
        f"{language}/LC_MESSAGES/{kind}.po" for language in ("ar", "fr") for kind in ("flows", "staff")
    ]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_catalog_is_written_as_amana_writes_it(path: Path):
    text = path.read_text("utf-8")
    assert write_catalog(read_catalog(text, language_of(path))) == text


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_catalog_is_whole_and_its_places_are_those_of_the_source(path: Path):
    catalog = read_catalog(path.read_text("utf-8"), language_of(path))

    assert [context for context, entry in catalog.entries.items() if not entry.is_done] == []
    assert dict(faults(catalog)) == {}


@pytest.mark.parametrize("path", [path for path in FILES if language_of(path) == "ar"], ids=named)
def test_no_english_stands_in_arabic_but_in_isolates(path: Path):
    catalog = read_catalog(path.read_text("utf-8"), "ar")
    leaks = {
        context: form
        for context, entry in catalog.entries.items()
        for form in entry.forms
        if re.search("[\u0621-\u064a]", form) and re.search("[A-Za-z0-9]", ISOLATED.sub("", form))
    }
    assert leaks == {}


@pytest.mark.parametrize("path", [path for path in FILES if language_of(path) == "ar"], ids=named)
def test_an_arabic_text_without_arabic_is_a_name_or_a_value(path: Path):
    catalog = read_catalog(path.read_text("utf-8"), "ar")
    bare = {form for entry in catalog.entries.values() for form in entry.forms if not re.search("[\u0621-\u064a]", form)}
    assert {form for form in bare if " " in ISOLATED.sub("", form).strip()} == set()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_counted_words_in_the_catalogs_are_the_built_in_ones(language: str):
    catalog = read_catalog((LOCALES / language / "LC_MESSAGES/flows.po").read_text("utf-8"), language)
    assert dict(catalog.units()) == BUILT_IN[language]

    texts = Texts.of({}, {language: catalog.said()}, "en", {language: catalog.units()})
    assert texts.value(Count(100, "day"), language) == {"fr": "100 jours", "ar": "\u2066100\u2069 يوم"}[language]
