"""Texts that a language lacks."""

from types import MappingProxyType

from bot.checks.translations import translations
from bot.checks.wording import texts_said, wording
from bot.flow.draft import Draft, SourceText
from bot.flow.model_service import BotModel
from bot.i18n.catalog import Catalog, Entry

PATH = "locales/fr/LC_MESSAGES/flows.po"
TEXT = SourceText("a.b", "Dear {to}.", "flows/a.yaml", 7, "", 11)
TITLE = SourceText("a:title", "A flow!", "flows/a.yaml", 2, "", 8, "title")


def bot(*languages: str) -> BotModel:
    return BotModel.model_construct(
        source="en",
        languages=languages,
        limits=BotModel.model_fields["limits"].annotation.model_construct(sentences=3, words=12, choices=5, preview=60, say_in_a_row=3),
        wording=BotModel.model_fields["wording"].annotation.model_construct(promise=(), not_first=()),
    )


def draft(*languages: str) -> Draft:
    return Draft(bot=bot("en", *languages), texts=(TEXT, TITLE))


def french(*entries: Entry) -> Catalog:
    title = Entry(context="a:title", source="A flow!", forms=("Un flux",))
    return Catalog("fr", MappingProxyType({entry.context: entry for entry in (title, *entries)}))


def entry(translation: str, *, source: str = "Dear {to}.", fuzzy: bool = False) -> Entry:
    return Entry(context="a.b", source=source, forms=(translation,), fuzzy=fuzzy, line=12)


def found(catalog: Catalog) -> list[str]:
    return [str(problem) for problem in translations(draft("fr"), {"fr": catalog}, {"fr": PATH})]


def test_a_whole_catalog_has_no_problem():
    assert found(french(entry("Cher {to}."))) == []


def test_a_missing_text_is_told_where_the_text_stands():
    sentence = "flows/a.yaml:7:11: missing-translation: a.b is not translated into fr"
    assert found(french()) == [sentence]
    assert found(french(entry(""))) == [sentence]


def test_a_stale_text_is_told_in_the_catalog_with_the_way_out():
    sentence = f"{PATH}:12:1: stale-translation: a.b: its source has changed; translate it anew, or run: amana messages keep a.b"
    assert found(french(entry("Cher {to}.", fuzzy=True))) == [sentence]
    assert found(french(entry("Cher {to}.", source="Hello {to}."))) == [sentence]


def test_places_that_differ_are_told():
    assert found(french(entry("Cher {nom}."))) == [f"{PATH}:12:1: places: a.b: {{nom}} is not in the source; {{to}} is"]


def test_a_unit_that_a_catalog_begins_it_finishes():
    unit = Entry(context="unit.day", source="{n} day", plural="{n} days", forms=("{n} jour", ""), line=4)
    assert found(french(entry("Cher {to}."), unit)) == [f"{PATH}:4:1: missing-translation: unit.day: a form is missing or stale"]


def test_a_language_without_a_catalog_is_told_once():
    problems = translations(draft("fr"), {}, {})
    assert [str(problem) for problem in problems] == ["flows/bot.yaml:1:1: missing-translation: there is no catalog for fr"]


def test_nothing_is_said_of_a_bundle_whose_languages_are_not_known():
    assert translations(Draft(texts=(TEXT,)), {}, {}) == ()


def test_translations_are_judged_where_they_stand_and_titles_and_stale_ones_are_not():
    loud, stale = french(entry("Cher {to}!")), french(entry("Cher {to}!", fuzzy=True))

    assert [str(problem) for problem in wording(draft("fr"), {"fr": loud}, {"fr": PATH})] == [
        f"{PATH}:12:1: french-signs: a.b: a no-break space (U+00A0) stands before ‹!›",
        f"{PATH}:12:1: loud: a.b: no exclamation marks: they sound like an order",
    ]
    assert wording(draft("fr"), {"fr": stale}, {"fr": PATH}) == ()
    assert [said.language for said in texts_said(draft("fr"), {"fr": stale}, {"fr": PATH})] == ["en"]
