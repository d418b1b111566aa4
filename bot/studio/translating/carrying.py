"""Texts as files for translators who work elsewhere: what is sent to them, from a draft as it is.

Rule 1: what is sent is up to date with the sources of the draft, whether or not its catalogs are.
"""

from typing import Literal

from bot.flow.bundle import Bundle
from bot.i18n.catalog import Catalog, write_catalog
from bot.i18n.merge import Source, empty_catalog, unit_sources, update
from bot.i18n.sheet import export_csv, export_sheet
from bot.studio.bundle.compiled import compiled
from bot.studio.translating.texts import whole


def catalogs_of(bundle: Bundle) -> tuple[Catalog, ...]:
    """The catalogs of every language but the source's, with exactly the texts of the bundle."""
    done, languages = compiled(bundle), whole(bundle).languages
    texts = [Source(text.id, text.text, place=(text.file, 0), note=text.note) for text in done.draft.texts]
    sources = [*texts, *unit_sources(languages[0])]
    return tuple(update(done.catalogs.get(each, empty_catalog(each)), sources).catalog for each in languages[1:])


def sheet_of(bundle: Bundle, kind: Literal["xlsx", "csv"]) -> bytes:
    """The spreadsheet with every text in every language; raises `SheetError` on a text too long for a cell."""
    catalogs = catalogs_of(bundle)
    return export_csv(catalogs) if kind == "csv" else export_sheet(catalogs)


def po_of(bundle: Bundle, language: str) -> str | None:
    """The PO file of a language; None if there is none of it."""
    return next((write_catalog(catalog) for catalog in catalogs_of(bundle) if catalog.language == language), None)
