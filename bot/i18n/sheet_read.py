"""Reading a spreadsheet that somebody sent: it may be anything.

Rule 1: what is no such spreadsheet raises `SheetError`, whatever it is; a small file cannot unpack into a large one.
Rule 2: a cell is text; a formula or a date in it is refused with its row.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, TypeAlias
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import TYPE_BOOL, TYPE_ERROR, TYPE_FORMULA
from openpyxl.utils.exceptions import InvalidFileException

Cells: TypeAlias = Mapping[str, str]
"""Column → text, of one row."""

_LARGEST = 5_000_000
_LARGEST_UNPACKED = 60_000_000
_MOST_ROWS = 20_000


class SheetError(ValueError):
    """A file that is no spreadsheet of texts; the message says why."""


def read_rows(content: bytes, needed: Sequence[str], languages: Sequence[str]) -> Iterator[tuple[int, Cells]]:
    """Each row that is not empty, with its number (from 1). The first row names the columns: all of `needed`, one of `languages`."""
    rows = _grid(content)
    header = next(rows, ())
    columns = [str(cell.value or "").strip().lower() for cell in header]
    missing = [column for column in needed if column not in columns]
    if missing or not any(language in columns for language in languages):
        raise SheetError(f"the first row must name the columns {', '.join(needed)} and {' or '.join(languages)}")
    if len(set(filter(None, columns))) != len(list(filter(None, columns))):
        raise SheetError("two columns have one name")
    for number, row in enumerate(rows, start=2):
        cells = {column: _text(cell, number, column) for column, cell in zip(columns, row, strict=False) if column}
        if any(text.strip() for text in cells.values()):
            yield number, cells


def _grid(content: bytes) -> Iterator[tuple[Any, ...]]:
    try:
        _refuse_large(content)
        book = openpyxl.load_workbook(BytesIO(content), rich_text=False)
        sheet = book.worksheets[0]
    except (zipfile.BadZipFile, InvalidFileException, ParseError) as error:
        raise SheetError("this is no .xlsx file") from error
    except SheetError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SheetError("this .xlsx file is broken") from error
    if sheet.max_row > _MOST_ROWS:
        raise SheetError(f"more than {_MOST_ROWS} rows")
    return iter(sheet.iter_rows())


def _refuse_large(content: bytes) -> None:
    if len(content) > _LARGEST:
        raise SheetError("the file is larger than 5 MB")
    with zipfile.ZipFile(BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > _LARGEST_UNPACKED:
            raise SheetError("the file unpacks to more than 60 MB")


def _text(cell: Any, number: int, column: str) -> str:
    if cell.value is None:
        return ""
    if cell.data_type in {TYPE_FORMULA, TYPE_BOOL, TYPE_ERROR} or not isinstance(cell.value, str | int | float):
        raise SheetError(f"row {number}, {column}: this is no text; put an apostrophe before it")
    return str(cell.value).replace("\r\n", "\n").replace("\r", "\n")
