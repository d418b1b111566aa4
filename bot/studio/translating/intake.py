"""A file that comes back from a translator: what it would change, before it changes anything.

Rule 1: reading never raises: a file that cannot be taken is a refusal that says why, and where in it.
Rule 2: nothing in it is passed over in silence: each line changes something, is as it stands here, or is left out with its reason.
Rule 3: what was made from an older source, or was changed here meanwhile, is taken only if somebody says so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.i18n.catalog import CatalogError, Entry, read_catalog, write_catalog
from bot.i18n.merge import form_fault
from bot.i18n.sheet import digest
from bot.i18n.sheet_read import Cells, SheetError, read_csv_rows, read_rows
from bot.studio.editing.edits import Confirm, Edit, SetText, WriteFile
from bot.studio.translating.carrying import catalogs_of
from bot.studio.translating.table import Cell, Row, Table, row_of
from bot.studio.translating.texts import whole

Kind: TypeAlias = Literal["new", "changed", "confirmed", "moved", "elsewhere"]
AT_ONCE: Final = ("new", "changed", "confirmed")
"""Kinds that are taken unless somebody says no; the others only if somebody says yes."""
FEW: Final = 40
"""Texts of one language that are written one by one."""
LARGEST: Final = 2 * 1024 * 1024
_UNCLEAN: Final = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\ufeff\ufffe\uffff\ud800-\udfff]"
)
_PO_LANGUAGE: Final = re.compile(r'^"Language: *([A-Za-z]{2,3})\b', re.MULTILINE)


class Planned(Struct, frozen=True, kw_only=True):
    """One text that would be written. `row`: where in the file. `form`: which plural form, -1 if it does not count. `now`: the source."""

    kind: Kind
    row: int
    id: str
    language: str
    was: str
    text: str
    form: int = -1
    source: str = ""
    now: str = ""


class LeftOut(Struct, frozen=True):
    """A line that cannot be taken. `reason`: `unknown`, `twice`, `source`, `places`, `emptied`, `unclean`."""

    row: int
    column: str
    reason: str
    word: str = ""


class Refusal(Struct, frozen=True):
    """A file that cannot be read. `reason`: as of `SheetError`, or `none`, `kind`, `language`."""

    reason: str
    row: int = 0
    column: str = ""


class Plan(Struct, frozen=True):
    """What a file would change. `same`: texts in it that are as they stand here."""

    planned: tuple[Planned, ...] = ()
    left: tuple[LeftOut, ...] = ()
    same: int = 0
    is_po: bool = False
    refusal: Refusal | None = None


def planned(bundle: Bundle, name: str, content: bytes) -> Plan:
    """What this file would change in these texts."""
    if not content:
        return Plan(refusal=Refusal("none"))
    if len(content) > LARGEST:
        return Plan(refusal=Refusal("large"))
    table = whole(bundle)
    try:
        if content[:2] == b"PK":
            return _of_rows(table, read_rows(content, ("id", "source"), table.languages[1:]))
        if name.lower().endswith(".po") or content.lstrip(b"\xef\xbb\xbf").startswith((b"msgid", b"#")):
            return _of_po(table, content)
        if name.lower().endswith((".csv", ".tsv", ".txt")):
            return _of_rows(table, read_csv_rows(content, ("id", "source"), table.languages[1:]))
    except SheetError as error:
        return Plan(refusal=Refusal(error.reason, error.row, error.column))
    return Plan(refusal=Refusal("kind"))


def edits_of(bundle: Bundle, taken: tuple[Planned, ...]) -> tuple[Edit, ...]:
    """The edits that write what was taken: one a text or, where a language has many, its catalog as a whole."""
    edits: list[Edit] = []
    for language in dict.fromkeys(one.language for one in taken):
        mine = [one for one in taken if one.language == language]
        if len(mine) <= FEW:
            edits += _one_by_one(bundle, mine)
        else:
            edits.append(_whole_catalog(bundle, language, mine))
    return tuple(edits)


def _one_by_one(bundle: Bundle, taken: Sequence[Planned]) -> Iterator[Edit]:
    forms: dict[str, dict[int, str]] = {}
    for one in taken:
        if one.form >= 0:
            forms.setdefault(one.id, {})[one.form] = one.text
        elif one.kind == "confirmed":
            yield Confirm(one.id, one.language, one.now)
        else:
            yield SetText(one.id, one.language, one.text, one.was)
    for id_, changed in forms.items():
        row = row_of(whole(bundle), id_)
        cell = None if row is None else row.cell(taken[0].language)
        if cell is not None:
            whole_ = tuple(changed.get(place, form) for place, form in enumerate(cell.forms))
            yield SetText(id_, cell.language, whole_[0], cell.text, whole_)


def _whole_catalog(bundle: Bundle, language: str, taken: Sequence[Planned]) -> WriteFile:
    path = bundle.catalog_paths().get(language, f"locales/{language}/LC_MESSAGES/flows.po")
    catalog = next(each for each in catalogs_of(bundle) if each.language == language)
    entries = dict(catalog.entries)
    for one in taken:
        entry = entries.get(one.id)
        if entry is not None:
            forms = tuple(one.text if place == max(one.form, 0) else form for place, form in enumerate(entry.forms))
            entries[one.id] = replace(entry, forms=forms, fuzzy=False, previous=None)
    return WriteFile(path, write_catalog(replace(catalog, entries=MappingProxyType(entries))), bundle.get(path))


@dataclass(slots=True)
class _Reading:
    """A file while it is read."""

    table: Table
    planned: list[Planned]
    left: list[LeftOut]
    same: int = 0

    def add(self, kind: Kind, row: Row, given: "_Given", was: str, text: str) -> None:
        source = given.made_from if kind == "moved" else ""
        one = Planned(
            kind=kind, row=given.row, id=row.id, language=given.language, was=was, text=text, form=given.form, source=source, now=row.source
        )
        self.planned.append(one)

    def plan(self, *, is_po: bool = False) -> Plan:
        return Plan(tuple(self.planned), tuple(self.left), self.same, is_po)

    def leave(self, row: int, column: str, reason: str, word: str = "") -> None:
        self.left.append(LeftOut(row, column, reason, word[:80]))


@dataclass(frozen=True, slots=True)
class _Given:
    """A translation in the file. `made_from`: the source beside it there. `was`: the digest that it was sent with, if that is known."""

    row: int
    column: str
    language: str
    text: str
    made_from: str
    was: str | None = None
    form: int = -1
    confirms: bool = False


# ── spreadsheets ──
def _of_rows(table: Table, rows: Iterator[tuple[int, Cells]]) -> Plan:
    reading = _Reading(table, [], [])
    known = {row.id: row for row in table.rows}
    seen: set[str] = set()
    for number, cells in rows:
        name = cells.get("id", "").strip()
        row, form = _named(known, name)
        if row is None:
            reading.leave(number, "id", "unknown", name)
        elif name in seen:
            reading.leave(number, "id", "twice", name)
        else:
            _take_row(reading, number, row, form, cells)
        seen.add(name)
    return reading.plan()


def _named(known: Mapping[str, Row], name: str) -> tuple[Row | None, int]:
    """The row of an id, and the form that `id[2]` is about."""
    row = known.get(name)
    if row is not None:
        return (row, -1) if row.kind != "count" else (None, -1)
    id_, _, place = name.removesuffix("]").rpartition("[")
    row = known.get(id_)
    if row is None or row.kind != "count" or not place.isascii() or not place.isdecimal() or len(place) > 1:
        return None, -1
    return row, int(place)


def _take_row(reading: _Reading, number: int, row: Row, form: int, cells: Cells) -> None:
    was = dict(part.split("=", 1) for part in cells.get("as exported", "").split() if "=" in part)
    source = cells.get("source", "")
    if "source" in was and was["source"] != digest(source):
        reading.leave(number, "source", "source")
        return
    confirms = cells.get("status", "").strip().lower() == "ok"
    for language in reading.table.languages[1:]:
        cell = row.cell(language)
        if language in cells and cell is not None and (form < 0 or form < len(cell.forms)):
            given = _Given(number, language, language, cells[language], source, was.get(language), form, confirms)
            _take(reading, row, cell, given)


def _take(reading: _Reading, row: Row, cell: Cell, given: _Given) -> None:
    now = cell.text if given.form < 0 else cell.forms[given.form]
    text = given.text.strip()
    if text == now.strip() or (given.was is not None and given.was == digest(given.text)):
        if given.confirms and cell.state == "stale" and text == now.strip():
            reading.add("confirmed", row, given, now, now)
        else:
            reading.same += 1
        return
    if not text:
        reading.leave(given.row, given.column, "emptied")
    elif _UNCLEAN.search(text):
        reading.leave(given.row, given.column, "unclean")
    elif form_fault(row.source, row.plural or None, text) is not None:
        reading.leave(given.row, given.column, "places")
    else:
        reading.add(_kind(row, now, given), row, given, now, text)


def _kind(row: Row, now: str, given: _Given) -> Kind:
    if given.was is not None and now and given.was != digest(now):
        return "elsewhere"
    current = (row.source, row.plural) if row.kind == "count" else (row.source,)
    if given.made_from.strip() not in {each.strip() for each in current} and row.kind != "count":
        return "moved"
    return "changed" if now else "new"


# ── PO files ──
def _of_po(table: Table, content: bytes) -> Plan:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Plan(refusal=Refusal("line", content.count(b"\n", 0, error.start) + 1))
    named = _PO_LANGUAGE.search(text)
    language = named.group(1).lower() if named else ""
    if language not in table.languages[1:]:
        return Plan(refusal=Refusal("language", column=language or "?"))
    try:
        catalog = read_catalog(text, language)
    except CatalogError as error:
        return Plan(refusal=Refusal("line", error.line))
    reading = _Reading(table, [], [])
    known = {row.id: row for row in table.rows}
    for entry in catalog.entries.values():
        row = known.get(entry.context)
        cell = None if row is None else row.cell(language)
        if row is None or cell is None or (row.kind == "count") != (entry.plural is not None):
            reading.leave(entry.line, "", "unknown", entry.context)
        else:
            _take_entry(reading, row, cell, entry)
    return reading.plan(is_po=True)


def _take_entry(reading: _Reading, row: Row, cell: Cell, entry: Entry) -> None:
    """A fuzzy entry says by itself that nobody vouches for it: it is as it was sent."""
    if entry.fuzzy or not any(entry.forms):
        reading.same += 1
        return
    if row.kind != "count":
        confirms = cell.state == "stale" and entry.source == row.source
        _take(reading, row, cell, _Given(entry.line, "", cell.language, entry.forms[0], entry.source, None, -1, confirms))
        return
    for place, form in enumerate(entry.forms[: len(cell.forms)]):
        _take(reading, row, cell, _Given(entry.line, "", cell.language, form, entry.source, None, place))
