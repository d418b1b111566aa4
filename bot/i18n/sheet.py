"""The spreadsheet that goes to a translator and comes back.

Rule 1: one row is one text; what is written in a cell is text, never a formula, a link or a number.
Rule 2: coming back it is all or nothing: one fault, and every catalog stays as it was.
Rule 3: a cell that the translator did not touch changes nothing, though the catalog has moved on since; a text that is gone is passed over.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from types import MappingProxyType

from bot.i18n.bidi import is_right_to_left
from bot.i18n.catalog import Catalog, Entry
from bot.i18n.merge import form_fault
from bot.i18n.sheet_read import GUARDED, Cells, SheetError, read_rows

__all__ = ["Change", "Fault", "Imported", "SheetError", "digest", "export_csv", "export_sheet", "import_sheet"]

_ID, _PLACE, _SOURCE, _STATUS, _AS_EXPORTED = "id", "place", "source", "status", "as exported"
_WIDTHS = {_ID: 28, _PLACE: 24, _SOURCE: 48, _STATUS: 24, _AS_EXPORTED: 4}
_NEVER = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_LONGEST = 32_000


@dataclass(frozen=True, slots=True)
class Change:
    """A translation that came back different, or a stale one that was confirmed."""

    context: str
    language: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the sheet that cannot be taken; `row` counts from 1, as the spreadsheet does."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came back. With faults, `catalogs` are those given. `emptied`: cells that were cleared; their translations are kept."""

    catalogs: tuple[Catalog, ...]
    changes: tuple[Change, ...]
    emptied: tuple[Change, ...]
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class _Reading:
    """One language while it is read: forms that changed, and the old source of those made from one."""

    catalog: Catalog
    forms: dict[str, dict[int, str]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)


def export_sheet(catalogs: Sequence[Catalog]) -> bytes:
    """An .xlsx with every text of the catalogs, one at least, all updated with the same sources; raises `SheetError` on a text too long."""
    import xlsxwriter  # type: ignore[import-untyped]  # large, and hardly ever needed by a service

    columns = [_ID, _PLACE, _SOURCE, *(catalog.language for catalog in catalogs), _STATUS, _AS_EXPORTED]
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": _NEVER})
        sheet = book.add_worksheet("texts")
        fixed = {"text_wrap": True, "valign": "top"}
        formats = {column: book.add_format({**fixed, **_style(column)}) for column in columns}
        for number, column in enumerate(columns):
            shut = {"hidden": True} if column == _AS_EXPORTED else {}
            sheet.set_column(number, number, _WIDTHS.get(column, 48), formats[column], shut)
            sheet.write_string(0, number, column, book.add_format({"bold": True}))
        rows = list(_rows(catalogs))
        for row, cells in enumerate(rows, start=1):
            for number, column in enumerate(columns):
                sheet.write_string(row, number, _short_enough(cells[_ID], cells[column]), formats[column])
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    return target.getvalue()


def export_csv(catalogs: Sequence[Catalog]) -> bytes:
    """The same rows as a .csv file, in UTF-8 with the mark by which spreadsheets know it; formulas cannot begin in it."""
    columns = [_ID, _PLACE, _SOURCE, *(catalog.language for catalog in catalogs), _STATUS, _AS_EXPORTED]
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(columns)
    for cells in _rows(catalogs):
        writer.writerow([f"'{cells[column]}" if cells[column].startswith(GUARDED) else cells[column] for column in columns])
    return target.getvalue().encode("utf-8-sig")


def import_sheet(content: bytes, catalogs: Sequence[Catalog]) -> Imported:
    """The catalogs with what a translator changed; raises `SheetError` when the file is no such spreadsheet."""
    readings = [_Reading(catalog) for catalog in catalogs]
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, cells in read_rows(content, (_ID, _SOURCE), [catalog.language for catalog in catalogs]):
        row = cells.get(_ID, "").strip()
        if row in seen:
            faults.append(Fault(number, _ID, f"{row} stands twice"))
        elif all(_find(reading.catalog, row) is None for reading in readings):
            if not _is_gone(row, catalogs):
                faults.append(Fault(number, _ID, f"no text is called {row or 'nothing'}; ids must stay as they are"))
        else:
            faults += _read_row(readings, number, row, cells)
        seen.add(row)
    changes = tuple(Change(context, reading.catalog.language) for reading in readings for context in (*reading.forms, *reading.kept))
    emptied = tuple(Change(context, reading.catalog.language) for reading in readings for context in reading.emptied)
    if faults:
        return Imported(tuple(catalogs), (), (), tuple(faults))
    return Imported(tuple(_written(reading) for reading in readings), changes, emptied, ())


def _rows(catalogs: Sequence[Catalog]) -> Iterator[Mapping[str, str]]:
    entries: dict[str, Entry] = {}
    for catalog in catalogs:
        entries = {**catalog.entries, **entries}
    for context, entry in entries.items():
        translated = {catalog.language: catalog.entries.get(context) for catalog in catalogs}
        count = max(len(each.forms) for each in translated.values() if each is not None)
        for place in range(count):
            forms = {language: _form(each, place) for language, each in translated.items()}
            source = entry.source if place == 0 or entry.plural is None else entry.plural
            yield {
                _ID: context if entry.plural is None else f"{context}[{place}]",
                _PLACE: " ".join(f"{file}:{line}" if line else file for file, line in entry.places),
                _SOURCE: source,
                **forms,
                _STATUS: "\n".join(_status(language, each) for language, each in translated.items() if each and not each.is_done),
                _AS_EXPORTED: " ".join(f"{column}={digest(text)}" for column, text in {_SOURCE: source, **forms}.items()),
            }


def _status(language: str, entry: Entry) -> str:
    if not all(entry.forms):
        return f"{language}: missing"
    return f"{language}: stale" + (f", was ‹{entry.previous}›" if entry.previous else "")


def _style(column: str) -> Mapping[str, object]:
    if column in _WIDTHS:
        return {"font_color": "#666666"}
    return {"reading_order": 2, "align": "right"} if is_right_to_left(column) else {}


def _short_enough(row: str, text: str) -> str:
    if len(text) > _LONGEST:
        raise SheetError(f"{row} is longer than a cell can hold")
    return text


def _read_row(readings: Iterable[_Reading], number: int, row: str, cells: Cells) -> Iterator[Fault]:
    was = dict(part.split("=", 1) for part in cells.get(_AS_EXPORTED, "").split() if "=" in part)
    source = cells.get(_SOURCE, "")
    if _SOURCE in was and was[_SOURCE] != digest(source):
        yield Fault(number, _SOURCE, f"the source of {row} is not changed here but in its file")
        return
    confirms = cells.get(_STATUS, "").strip().lower() == "ok"
    for reading in readings:
        found = _find(reading.catalog, row)
        if found is not None:
            entry, place = found
            if confirms and entry.fuzzy and all(entry.forms):
                reading.kept.add(entry.context)
            given = cells.get(reading.catalog.language, entry.forms[place])
            sentence = _take(reading, entry, place, _Cell(given, source, was.get(reading.catalog.language)))
            if sentence is not None:
                yield Fault(number, reading.catalog.language, sentence)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A translation in the sheet, the source beside it, and the digest that it was exported with."""

    text: str
    source: str
    was: str | None


def _take(reading: _Reading, entry: Entry, place: int, cell: _Cell) -> str | None:
    """Notes what a cell changes; a sentence when it cannot be taken."""
    now = entry.forms[place]
    if cell.text == now or cell.was == digest(cell.text):
        return None
    text = cell.text.strip()
    if not text:
        reading.emptied.append(entry.context)
        return None
    if cell.was is not None and now and cell.was != digest(now):
        return "this was changed elsewhere too since the export; compare, and change one of them"
    current = entry.source if place == 0 or entry.plural is None else entry.plural
    fault = form_fault(cell.source, None if entry.plural is None else cell.source, text)
    if fault is None:
        reading.forms.setdefault(entry.context, {})[place] = text
        if cell.source != current:
            reading.moved[entry.context] = cell.source
    return fault


def _written(reading: _Reading) -> Catalog:
    entries = dict(reading.catalog.entries)
    for context in reading.kept:
        entries[context] = replace(entries[context], fuzzy=False, previous=None)
    for context, changed in reading.forms.items():
        entry = entries[context]
        forms = tuple(changed.get(place, form) for place, form in enumerate(entry.forms))
        previous = reading.moved.get(context)
        entries[context] = replace(entry, forms=forms, fuzzy=previous is not None, previous=previous)
    return replace(reading.catalog, entries=MappingProxyType(entries))


def _find(catalog: Catalog, row: str) -> tuple[Entry, int] | None:
    """The entry and the form that a row of the sheet is about."""
    entry = catalog.entries.get(row)
    if entry is not None and entry.plural is None:
        return entry, 0
    context, _, place = row.removesuffix("]").rpartition("[")
    entry = catalog.entries.get(context)
    if entry is None or entry.plural is None or not place.isascii() or not place.isdecimal() or int(place) >= len(entry.forms):
        return None
    return entry, int(place)


def _is_gone(row: str, catalogs: Sequence[Catalog]) -> bool:
    """Whether the text was there when the sheet was made, and its author has taken it out since."""
    context = row.rpartition("[")[0] if row.endswith("]") else row
    return any(entry.context == context for catalog in catalogs for entry in catalog.obsolete)


def _form(entry: Entry | None, place: int) -> str:
    return entry.forms[place] if entry is not None and place < len(entry.forms) else ""


def digest(text: str) -> str:
    """How the column of what was exported tells whether a cell was touched."""
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "-"
