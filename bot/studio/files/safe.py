"""What may be written at all: sizes, unseen characters, shapes. Everything else about a text is the checks'.

Rule 1: a fault is said as `file:line:column: rule: sentence`, so that a page can show the line.
Rule 2: the isolates that keep a number in its order may stand in catalogs; nothing else that turns direction may stand anywhere.
"""

import re
from typing import Any, Final, TypeGuard

from bot.flow.bundle import belongs
from bot.flow.problem import Place, Problem
from bot.flow.source import unclean
from bot.flow.tree import Plain
from bot.i18n.catalog import CatalogError, read_catalog
from bot.studio.files.hand import tidied

MAX_TEXT: Final = 10_000
"""Characters of one text; more than any channel takes."""
MAX_CATALOG: Final = 2_000_000
MAX_PARTS: Final = 5_000
MAX_DEEP: Final = 8
_ISOLATES: Final = re.compile("[\u2066-\u2069]")


def fault_of_text(text: str, *, isolates: bool = False) -> str:
    """Why a text cannot stand in a file; empty when it can."""
    if len(text) > MAX_TEXT:
        return _said("", Place(1, MAX_TEXT), f"a text holds at most {MAX_TEXT} characters")
    problems = unclean("", _ISOLATES.sub("", text) if isolates else text)
    return str(problems[0]).removeprefix(":") if problems else ""


def fault_of_value(value: Plain) -> str:
    """Why a value cannot stand in a file; empty when it can."""
    match value:
        case str():
            return fault_of_text(value)
        case list():
            return next(filter(None, map(fault_of_value, value)), "")
        case _:
            return next(filter(None, (fault_of_text(key) or fault_of_value(item) for key, item in value.items())), "")


def fault_of_file(file: str, text: str) -> str:
    """Why a whole file cannot be taken; empty when it can. YAML that is not finished is taken: the checks tell its line."""
    if not belongs(file):
        return _said(file, Place(1, 1), "no such file belongs to flows")
    if not file.endswith(".po"):
        problems = unclean(file, text)
        return str(problems[0]) if problems else ""
    if len(text) > MAX_CATALOG:
        return _said(file, Place(1, 1), f"a catalog holds at most {MAX_CATALOG} characters")
    return next(filter(None, (_fault_of_line(file, *line) for line in enumerate(text.split("\n"), 1))), "") or _fault_of_catalog(file, text)


def is_value(given: Any, *, deep: int = MAX_DEEP) -> TypeGuard[Plain]:
    """Whether it is texts, lists and mappings of them, and not too many."""
    return _count(given, deep) <= MAX_PARTS


def tidy_value(given: Any) -> "Plain | None":
    """The value, tidy; None when it is none."""
    return tidied(given) if is_value(given) else None


def _count(given: Any, deep: int) -> int:
    match given:
        case str():
            return 1
        case list() if deep:
            return 1 + sum(_count(item, deep - 1) for item in given[: MAX_PARTS + 1])
        case dict() if deep and all(isinstance(key, str) and key.strip() for key in given):
            return 1 + sum(_count(item, deep - 1) for item in given.values())
        case _:
            return MAX_PARTS + 1


def _fault_of_line(file: str, number: int, line: str) -> str:
    bare = _ISOLATES.sub("", line.rstrip("\r").removeprefix("\ufeff" if number == 1 else ""))
    problems = unclean(file, bare) if not (bare.isascii() and bare.isprintable()) else ()
    return _said(file, Place(number, problems[0].column), problems[0].sentence) if problems else ""


def _fault_of_catalog(file: str, text: str) -> str:
    try:
        read_catalog(text, file.split("/")[1])
    except CatalogError as error:
        return _said(file, Place(error.line, 1), f"this catalog cannot be read: {error.sentence}")
    return ""


def _said(file: str, place: Place, sentence: str) -> str:
    return str(Problem("yaml", file, place.line, place.column, sentence)).removeprefix(":")
