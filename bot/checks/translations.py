"""Whether everybody is spoken to in their language: no text untranslated, stale, or with other places than its source.

Rule 1: a translation of an older source is stale, whether or not its catalog was brought up to date.
Rule 2: a language that bot.yaml names has a catalog; what is missing is told where the text stands, what is stale where it is mended.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.flow.draft import Draft, SourceText
from bot.flow.model_service import BotModel
from bot.flow.problem import Problem, place_of
from bot.i18n.catalog import Catalog, Entry
from bot.i18n.merge import Source, form_fault, state, unit_sources

RULES: Final = ("missing-translation", "stale-translation", "places")
"""The rules that this file finds."""


def translations(draft: Draft, catalogs: Mapping[str, Catalog], paths: Mapping[str, str]) -> tuple[Problem, ...]:
    """Every text of every language that is missing or stale, or whose places differ (catalogs by language; `paths`: where each stands)."""
    if draft.bot is None:
        return ()
    found: list[Problem] = list(_unnamed(draft, draft.bot))
    for language in draft.bot.languages:
        if language == draft.bot.source:
            continue
        catalog, path = catalogs.get(language), paths.get(language)
        if path is None:
            place = draft.at("flows/bot.yaml", "languages")
            found.append(Problem("missing-translation", "flows/bot.yaml", place.line, place.column, f"there is no catalog for {language}"))
        elif catalog is not None:
            found += _of_language(draft, catalog, path)
    return tuple(sorted(found, key=place_of))


def _unnamed(draft: Draft, bot: BotModel) -> Iterator[Problem]:
    """A part of the day without a name is called by its key, which is English."""
    for part in bot.hours if bot.source != "en" else ():
        if part not in bot.parts_of_day:
            place = draft.at("flows/bot.yaml", "hours", part)
            sentence = f"hours.{part} has no name in {bot.source}; write one under parts-of-day"
            yield Problem("missing-translation", "flows/bot.yaml", place.line, place.column, sentence)


def _of_language(draft: Draft, catalog: Catalog, path: str) -> Iterator[Problem]:
    for text in draft.texts:
        yield from _of_text(text, catalog, path)
    for unit in unit_sources(draft.bot.source if draft.bot else "en"):
        entry = catalog.entries.get(unit.context)
        if entry is not None and state(catalog, unit) != "done":
            yield Problem("missing-translation", path, entry.line or 1, 1, f"{unit.context}: a form is missing or stale")
    for context, entry in catalog.entries.items():
        fault = _fault(entry)
        if fault is not None:
            yield Problem("places", path, entry.line or 1, 1, f"{context}: {fault}")


def _of_text(text: SourceText, catalog: Catalog, path: str) -> Iterator[Problem]:
    entry = catalog.entries.get(text.id)
    match state(catalog, Source(text.id, text.text)):
        case "missing":
            yield Problem("missing-translation", text.file, text.line, text.column, f"{text.id} is not translated into {catalog.language}")
        case "stale":
            line = entry.line if entry is not None and entry.line else 1
            sentence = f"{text.id}: its source has changed; translate it anew, or run: amana messages keep {text.id}"
            yield Problem("stale-translation", path, line, 1, sentence)
        case "done":
            return


def _fault(entry: Entry) -> str | None:
    if entry.fuzzy:
        return None
    return next((fault for form in entry.forms if form and (fault := form_fault(entry.source, entry.plural, form))), None)
