"""What the page of texts asks for: a part of the table, one text with its help, a wording that is being tried.

Rule 1: each is a function of a module with plain values in and out, so that it is done on the bench.
Rule 2: trying writes nothing; what is tried is judged as it would be once it stands there.
"""

from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from bot.checks.glossary import GLOSSARY
from bot.checks.phrases import found_phrases
from bot.checks.wording import Limits
from bot.flow.bundle import Bundle
from bot.i18n.merge import form_fault
from bot.i18n.placeholders import cut
from bot.i18n.plurals import form_count, plural_of
from bot.i18n.units import form_for
from bot.studio.bundle.compiled import compiled
from bot.studio.bundle.judging import Finding
from bot.studio.files.reading import source_of
from bot.studio.files.signs import mended_signs
from bot.studio.files.worddiff import Mark, word_marks
from bot.studio.translating import table as tables
from bot.studio.translating.scene import Scene, scenes
from bot.studio.translating.table import Asked, Cell, Count, Row, Table, Window

CATEGORIES = {
    6: ("zero", "one", "two", "few", "many", "other"),
    5: ("one", "two", "few", "many", "other"),
    4: ("one", "two", "few", "other"),
    3: ("one", "few", "other"),
    2: ("one", "other"),
    1: ("other",),
}
"""Count of forms → their names by CLDR."""


class Term(Struct, frozen=True):
    """A term of the source, its right words in a language, and words that are wrong for it."""

    english: str
    better: str
    wrong: tuple[str, ...]


class Form(Struct, frozen=True):
    """One plural form. `numbers`: which numbers take it, as `3–10`. `example`: one of them. `sentence`: a text of the service with it."""

    name: str
    numbers: str
    example: int
    text: str
    sentence: str


class Help(Struct, frozen=True):
    """What helps to write one cell. `changed`: the old source of a stale one and the new, in pieces. `places`: `{…}` it must hold."""

    language: str
    terms: tuple[Term, ...] = ()
    changed: tuple[tuple[Mark, str], ...] = ()
    places: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()


class Look(Struct, frozen=True):
    """One text with everything that helps: its row, judged; help and screen by language."""

    row: Row
    helps: tuple[Help, ...]
    scenes: tuple[Scene, ...]


class Shown(Struct, frozen=True):
    """A window of the table. `helps`: id of a row → language → help, for rows that need it to be read."""

    window: Window
    helps: dict[str, dict[str, Help]]


class Tried(Struct, frozen=True):
    """A wording that is being written. `mended`: the same with the signs of its language set."""

    findings: tuple[Finding, ...]
    length: int
    most: int
    mended: str


@lru_cache(maxsize=4)
def whole(bundle: Bundle) -> Table:
    """The table of a bundle."""
    return tables.table(compiled(bundle), bundle.catalog_paths())


@lru_cache(maxsize=2)
def _judged(bundle: Bundle) -> Table:
    return tables.judge_all(whole(bundle))


def windowed(bundle: Bundle, asked: Asked) -> Shown:
    """The part of the table that is asked for, with help where a cell cannot be read without it: stale ones and plurals."""
    table = _judged(bundle) if asked.show == "wrong" else whole(bundle)
    window = tables.window(table, asked)
    needing = [row for row in window.rows if row.kind == "count" or any(cell.previous for cell in row.cells)]
    return Shown(window, {row.id: {cell.language: _help(table, row, cell) for cell in row.cells} for row in needing})


def coverage(bundle: Bundle) -> tuple[Count, ...]:
    """How much of each language is done."""
    return tables.counts(whole(bundle))


def looked_at(bundle: Bundle, id_: str) -> Look | None:
    """One text with what helps to write it; None if there is none of this id."""
    table = whole(bundle)
    row = tables.row_of(table, id_)
    if row is None:
        return None
    return Look(row, tuple(_help(table, row, cell) for cell in row.cells), scenes(compiled(bundle), table, id_))


def tried(bundle: Bundle, id_: str, language: str, text: str) -> Tried | None:
    """What is wrong with a wording, before it is written; None if there is no such text or language."""
    table = whole(bundle)
    row = next((row for row in table.rows if row.id == id_), None)
    cell = None if row is None else row.cell(language)
    if row is None or cell is None:
        return None
    mended = signed(bundle, language, text)
    judged = try_(row, replace(cell, text=mended_signs(text, language).strip(), forms=()), table.limits)
    return Tried(judged.findings, judged.length, judged.most, mended)


def signed(bundle: Bundle, language: str, text: str) -> str:
    """A wording with the signs of its language; in the source those of direction are put in by themselves."""
    return mended_signs(text, language, isolates=language != source_of(bundle)).strip()


def try_(row: Row, cell: Cell, limits: Limits) -> Cell:
    """This cell as it would be judged in its row."""
    if row.kind == "count":
        fault = form_fault(row.source, row.plural, cell.text) if cell.text else None
        return replace(cell, findings=(Finding("places", fault),) if fault else ())
    cells = tuple(cell if each.language == cell.language else each for each in row.cells)
    found = tables.judge(replace(row, cells=cells), limits).cell(cell.language)
    return found if found is not None else cell


def _help(table: Table, row: Row, cell: Cell) -> Help:
    english = row.cell("en")
    source = english.text if english is not None else row.source
    places = tuple(dict.fromkeys(cut(row.source)[1::2])) if cell is not row.cells[0] else ()
    changed = word_marks(cell.previous, row.source) if cell.previous else ()
    return Help(cell.language, terms_of(source, cell.language), changed, places, _forms(table, row, cell))


def terms_of(english: str, language: str) -> tuple[Term, ...]:
    """Terms that the English text has, with their words in the language."""
    found = []
    for term in GLOSSARY:
        phrases = found_phrases(english, term.english)
        if phrases and language in term.better:
            found.append(Term(phrases[0], term.better[language], term.wrong.get(language, ())))
    return tuple(found)


def _forms(table: Table, row: Row, cell: Cell) -> tuple[Form, ...]:
    if row.kind != "count":
        return ()
    count, plural = form_count(cell.language), plural_of(cell.language)
    numbers: dict[int, list[int]] = {}
    for n in range(201):
        numbers.setdefault(plural(n), []).append(n)
    names = CATEGORIES.get(count, tuple(str(form) for form in range(count)))
    sentence = next((each.cell(cell.language) for each in table.rows if each.id == "bot.waiting-open"), None)
    forms = []
    for form in range(count):
        mine = numbers.get(form, [0])
        example = next((n for n in mine if n > 1), mine[-1])
        text = cell.forms[form] if form < len(cell.forms) else ""
        said = form_for((text,), 0, cell.language).replace("{n}", str(example))
        filled = sentence.text.replace("{first-answer}", said or "…") if sentence is not None else said
        forms.append(Form(names[form], _span(mine), example, text, filled))
    return tuple(forms)


def _span(numbers: list[int]) -> str:
    """The first runs of numbers: `0`, `3–10`, `0, 2+`; what goes on without end has a `+`."""
    runs: list[str] = []
    while numbers and len(runs) < 2 and (not runs or numbers[0] <= 2):
        last = numbers[0]
        while last + 1 in numbers:
            last += 1
        runs.append(f"{numbers[0]}+" if last >= 200 else str(last) if last == numbers[0] else f"{numbers[0]}–{last}")
        numbers = [number for number in numbers if number > last]
    return ", ".join(runs)
