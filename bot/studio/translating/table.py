"""Every text of a bundle beside itself in every language: the table that translators work in.

Rule 1: the source language comes first; the order of the rows is that of the files, flows first, so that a flow reads as it is said.
Rule 2: the table is cheap: only the rows of a window are judged, and a row that was judged once is not judged again.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace as put

from bot.checks.wording import Limits, Said, length_of, limits_of, longest
from bot.flow.compiler import Compiled
from bot.flow.draft import Draft, SourceText
from bot.i18n.catalog import Catalog, Entry
from bot.i18n.fold import fold
from bot.i18n.merge import Source, State, form_fault, state, unit_sources
from bot.i18n.units import BUILT_IN, UNIT_CONTEXTS
from bot.studio.bundle.judging import Finding, judged

UNITS: Final = "units:"
"""The group of counted words; no file can be called so."""
SIZE: Final = 60
Show: TypeAlias = Literal["", "done", "missing", "stale", "wrong"]
"""Rows to show: all of them, or those where a language (the chosen one, else any) is so."""
SHOWS: Final[tuple[Show, ...]] = ("", "missing", "stale", "wrong", "done")


class Cell(Struct, frozen=True, kw_only=True):
    """A text in one language. `previous`: the source that a stale one was made from. `forms`: all plurals, of a text that counts."""

    language: str
    text: str
    state: State = "done"
    previous: str = ""
    forms: tuple[str, ...] = ()
    length: int = 0
    most: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """What is to be seen of it, the worst first: its state unless it is done, and the rules that its words break."""
        first = () if self.state == "done" else (self.state,)
        return (*first, *dict.fromkeys(finding.rule for finding in self.findings))


class Row(Struct, frozen=True, kw_only=True):
    """One text. `group`: its flow, or the file it stands in. `step`: its step's key. `word`: the step's word. `kind`: what the text is."""

    id: str
    group: str
    kind: str
    cells: tuple[Cell, ...]
    step: str = ""
    word: str = ""
    file: str = ""
    line: int = 0
    plural: str = ""
    sensitive: bool = False

    @property
    def source(self) -> str:
        """The text as its author wrote it."""
        return self.cells[0].text

    def cell(self, language: str) -> Cell | None:
        """The text in this language."""
        return next((cell for cell in self.cells if cell.language == language), None)


class Count(Struct, frozen=True):
    """How much of a language is done, stale and missing."""

    language: str
    done: int
    stale: int
    missing: int

    @property
    def total(self) -> int:
        """All texts."""
        return self.done + self.stale + self.missing


class Group(Struct, frozen=True):
    """A flow or a file with texts: its id, whether it is a flow, how many texts it has, and how many are stale or missing somewhere."""

    id: str
    is_flow: bool
    texts: int
    open: int


class Asked(Struct, frozen=True):
    """What of the table is asked for. `language`: whose state `show` is about; empty: any. `search`: words in a text or an id."""

    group: str = ""
    language: str = ""
    show: Show = ""
    search: str = ""
    offset: int = 0
    size: int = SIZE


class Table(Struct, frozen=True):
    """All rows. `unread`: languages whose catalog cannot be read; they are no columns, so that nothing is written there."""

    languages: tuple[str, ...]
    rows: tuple[Row, ...]
    limits: Limits
    unread: tuple[str, ...] = ()
    is_judged: bool = False


class Window(Struct, frozen=True):
    """A part of the table, judged. `total`: rows that were asked for, in this part or not. `counts`: of the whole table."""

    languages: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int
    offset: int
    counts: tuple[Count, ...]
    groups: tuple[Group, ...]
    unread: tuple[str, ...] = ()


def table(compiled: Compiled, catalog_paths: Iterable[str] = ()) -> Table:
    """Every text of what could be read; `catalog_paths`: languages that have a catalog, readable or not."""
    draft, catalogs = compiled.draft, compiled.catalogs
    source = "en" if draft.bot is None else draft.bot.source
    named = () if draft.bot is None else draft.bot.languages
    unread = tuple(language for language in catalog_paths if language not in catalogs)
    languages = tuple(dict.fromkeys(each for each in (source, *named, *catalogs) if each not in unread))
    words = {step.id: (step.key, step.word) for flow in draft.flows.values() for step in flow.steps}
    rows = [_row(text, draft, catalogs, languages, words) for text in draft.texts]
    rows.sort(key=lambda row: row.group not in draft.flows)
    return Table(languages, (*rows, *_unit_rows(catalogs, languages)), limits_of(draft), unread)


def window(whole: Table, asked: Asked) -> Window:
    """The part that is asked for, with every finding of its texts."""
    if asked.show == "wrong":
        whole = judge_all(whole)
    rows = [row for row in whole.rows if _is_asked(row, asked)]
    offset = min(max(asked.offset, 0), max(len(rows) - 1, 0))
    offset -= offset % max(asked.size, 1)
    part = tuple(row if whole.is_judged else judge(row, whole.limits) for row in rows[offset : offset + asked.size])
    return Window(whole.languages, part, len(rows), offset, counts(whole), groups(whole), whole.unread)


def counts(whole: Table) -> tuple[Count, ...]:
    """How much of each language is done, the source language first (which is whole by itself)."""
    found = []
    for place, language in enumerate(whole.languages):
        states = [row.cells[place].state for row in whole.rows]
        found.append(Count(language, states.count("done"), states.count("stale"), states.count("missing")))
    return tuple(found)


def groups(whole: Table) -> tuple[Group, ...]:
    """The flows and files that have texts, in the order of the rows."""
    found: dict[str, list[Row]] = {}
    for row in whole.rows:
        found.setdefault(row.group, []).append(row)
    return tuple(
        Group(id_, rows[0].file == f"flows/{id_}.yaml" and rows[0].word != "", len(rows), sum(_is_open(row) for row in rows))
        for id_, rows in found.items()
    )


def row_of(whole: Table, id_: str) -> Row | None:
    """One row, judged."""
    return next((judge(row, whole.limits) for row in whole.rows if row.id == id_), None)


def judge(row: Row, limits: Limits) -> Row:
    """The row with everything that is wrong with its texts."""
    return put(row, cells=tuple(_judge(row, cell, limits) for cell in row.cells))


def judge_all(whole: Table) -> Table:
    """The table with everything that is wrong in it, for who asks for that."""
    return whole if whole.is_judged else put(whole, rows=tuple(judge(row, whole.limits) for row in whole.rows), is_judged=True)


def said_of(row: Row, cell: Cell) -> Said:
    """A text of the table as the checks look at it."""
    source = SourceText(row.id, row.source, row.file, row.line, "", 1, _KINDS[row.kind])
    return Said(source, cell.language, cell.text, row.file, row.line, 1, row.sensitive)


def _judge(row: Row, cell: Cell, limits: Limits) -> Cell:
    if row.kind == "count":
        faults = [fault for form in cell.forms if form and (fault := form_fault(row.source, row.plural, form))]
        return put(cell, findings=(Finding("places", faults[0]),)) if faults else cell
    said = said_of(row, cell)
    found = judged(said, limits) if cell.text and row.kind != "title" else ()
    fault = form_fault(row.source, None, cell.text) if cell.text else None
    if fault is not None:
        found = (Finding("places", fault), *found)
    return put(cell, findings=found, length=length_of(cell.text), most=longest(said))


_KINDS: Final[Mapping[str, Literal["text", "button", "page", "label", "help", "none", "title", "engine", "contact", "name", "reply"]]] = {
    "text": "text", "button": "button", "page": "page", "label": "label", "help": "help", "none": "none", "title": "title",
    "engine": "engine", "contact": "contact", "name": "name", "reply": "reply", "count": "name",
}  # fmt: skip


def _row(
    text: SourceText, draft: Draft, catalogs: Mapping[str, Catalog], languages: Sequence[str], words: Mapping[str, tuple[str, str]]
) -> Row:
    name = text.file.removeprefix("flows/").removesuffix(".yaml")
    flow = draft.flows.get(name)
    key, word = words.get(text.id.partition(":")[0], ("", ""))
    if not key and flow is not None:
        key, word = words.get(text.id.rpartition(".")[0], ("", ""))
    cells = (Cell(language=languages[0], text=text.text), *(_cell(text.id, text.text, catalogs.get(each), each) for each in languages[1:]))
    return Row(
        id=text.id,
        group=name,
        kind=text.kind,
        cells=cells,
        step=key,
        word=word or ("flow" if flow is not None else ""),
        file=text.file,
        line=text.line,
        sensitive=flow is not None and flow.sensitive,
    )


def _cell(id_: str, source: str, catalog: Catalog | None, language: str) -> Cell:
    entry = None if catalog is None else catalog.entries.get(id_)
    if catalog is None or entry is None or not entry.forms:
        return Cell(language=language, text="", state="missing")
    state_ = state(catalog, Source(id_, source))
    previous = _made_from(entry, source) if state_ == "stale" else ""
    return Cell(language=language, text=entry.forms[0], state=state_, previous=previous)


def _made_from(entry: Entry, source: str) -> str:
    """The source that the translation was made from, if it is known to be another."""
    made_from = entry.previous if entry.previous is not None else entry.source
    return "" if made_from == source else made_from


def _unit_rows(catalogs: Mapping[str, Catalog], languages: Sequence[str]) -> Iterable[Row]:
    units = {context: unit for unit, context in UNIT_CONTEXTS.items()}
    for source in unit_sources(languages[0]):
        cells = []
        for language in languages:
            catalog = catalogs.get(language)
            entry = None if catalog is None else catalog.entries.get(source.context)
            if catalog is None or entry is None:
                forms = BUILT_IN.get(language, {}).get(units[source.context], ())
                cells.append(Cell(language=language, text=forms[0] if forms else "", forms=forms, state="done" if forms else "missing"))
            else:
                cells.append(Cell(language=language, text=entry.forms[0], forms=entry.forms, state=state(catalog, source)))
        yield Row(id=source.context, group=UNITS, kind="count", cells=tuple(cells), plural=source.plural or "")


def _is_asked(row: Row, asked: Asked) -> bool:
    if asked.group and row.group != asked.group:
        return False
    if asked.show in ("missing", "stale") and not any(cell.state == asked.show for cell in _cells(row, asked.language)):
        return False
    if asked.show == "wrong" and not any(cell.findings for cell in _cells(row, asked.language)):
        return False
    if asked.show == "done" and any(cell.state != "done" for cell in _cells(row, asked.language)):
        return False
    return not asked.search.strip() or _holds(row, asked.search)


_folded = lru_cache(maxsize=30_000)(fold)


def _holds(row: Row, search: str) -> bool:
    if search.strip().lower() in row.id:
        return True
    wanted = fold(search)
    return bool(wanted) and any(wanted in _folded(text) for cell in row.cells for text in (cell.forms or (cell.text,)))


def _cells(row: Row, language: str) -> Sequence[Cell]:
    """The cell of the language; without one, all."""
    return [cell for cell in row.cells if not language or cell.language == language]


def _is_open(row: Row) -> bool:
    return any(cell.state != "done" for cell in row.cells)
