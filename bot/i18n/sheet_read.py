"""Reading a spreadsheet that somebody sent: it may be anything.

Rule 1: what is no such spreadsheet raises `SheetError`, whatever it is; a small file cannot unpack into a large one.
Rule 2: a cell is text; a formula or a date in it is refused with its row.
Rule 3: the library is loaded when a spreadsheet comes, not when the service starts: it is large, and most never need it.
"""

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any, Final, TypeAlias
from xml.etree.ElementTree import ParseError

Cells: TypeAlias = Mapping[str, str]
"""Column → text, of one row."""

GUARDED: Final = ("=", "+", "-", "@", "\t")
"""What a spreadsheet takes for a formula at the beginning of a cell of a .csv file; there an apostrophe stands before it."""
_LARGEST = 5_000_000
_LARGEST_UNPACKED = 60_000_000
_MOST_ROWS = 20_000
_MOST_COLUMNS = 60
_NO_TEXT: Final = frozenset("fbe")
"""Types of cells, as the format calls them: a formula, a yes or no, an error."""


class SheetError(ValueError):
    """A file that is no spreadsheet of texts; the message says why. `reason`: `large`, `bomb`, `broken`, `line`, `columns`,
    `columns-twice`, `rows`, `cell`; `row` (from 1) and `column`: where.
    """

    def __init__(self, sentence: str, reason: str = "broken", row: int = 0, column: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.row = row
        self.column = column


def read_rows(content: bytes, needed: Sequence[str], languages: Sequence[str]) -> Iterator[tuple[int, Cells]]:
    """Each row of an .xlsx file that is not empty, with its number (from 1). The first row names the columns: all of `needed`, one of
    `languages`.
    """
    return _rows(_grid(content), needed, languages)


def read_csv_rows(content: bytes, needed: Sequence[str], languages: Sequence[str]) -> Iterator[tuple[int, Cells]]:
    """As `read_rows`, of a .csv file: UTF-8 or UTF-16, with commas, semicolons or tabs."""
    return _rows(_lines(content), needed, languages)


def _rows(rows: Iterator[Sequence[str | None]], needed: Sequence[str], languages: Sequence[str]) -> Iterator[tuple[int, Cells]]:
    columns = _columns(next(rows, ()), needed, languages)
    for number, row in enumerate(rows, start=2):
        if number > _MOST_ROWS:
            raise SheetError(f"more than {_MOST_ROWS} rows", "rows", number)
        cells = {column: _only_text(text, number, column) for column, text in zip(columns, row, strict=False) if column}
        if any(text.strip() for text in cells.values()):
            yield number, cells


def _columns(names: Sequence[str | None], needed: Sequence[str], languages: Sequence[str]) -> list[str]:
    columns = [(name or "").strip().lower() for name in names]
    missing = [column for column in needed if column not in columns]
    if missing or not any(language in columns for language in languages):
        raise SheetError(f"the first row must name the columns {', '.join(needed)} and {' or '.join(languages)}", "columns", 1)
    if len(set(filter(None, columns))) != len(list(filter(None, columns))):
        raise SheetError("two columns have one name", "columns-twice", 1)
    return columns


def _only_text(text: str | None, number: int, column: str) -> str:
    if text is None:
        raise SheetError(f"row {number}, {column}: this is no text; put an apostrophe before it", "cell", number, column)
    return text


def _grid(content: bytes) -> Iterator[Sequence[str | None]]:
    """The texts of the first sheet; None where a cell holds none."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _refuse_large(content)
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, rich_text=False)
        for row in book.worksheets[0].iter_rows(max_col=_MOST_COLUMNS):
            yield [_text(cell) for cell in row]
    except (zipfile.BadZipFile, InvalidFileException, ParseError) as error:
        raise SheetError("this is no .xlsx file") from error
    except SheetError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SheetError("this .xlsx file is broken") from error


def _refuse_large(content: bytes) -> None:
    if len(content) > _LARGEST:
        raise SheetError("the file is larger than 5 MB", "large")
    with zipfile.ZipFile(BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > _LARGEST_UNPACKED:
            raise SheetError("the file unpacks to more than 60 MB", "bomb")


def _text(cell: Any) -> str | None:
    if cell.value is None:
        return ""
    if cell.data_type in _NO_TEXT or not isinstance(cell.value, str | int | float):
        return None
    return str(cell.value).replace("\r\n", "\n").replace("\r", "\n")


def _lines(content: bytes) -> Iterator[Sequence[str | None]]:
    """The texts of a .csv file; None where a formula stands."""
    if len(content) > _LARGEST:
        raise SheetError("the file is larger than 5 MB", "large")
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SheetError(f"line {line}: this is not UTF-8", "line", line) from error
    head = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        for row in reader:
            yield [_unguarded(cell) for cell in row[:_MOST_COLUMNS]]
    except csv.Error as error:
        raise SheetError(f"line {reader.line_num}: {error}", "line", reader.line_num) from error


def _unguarded(cell: str) -> str | None:
    if cell.startswith("="):
        return None
    text = cell[1:] if cell.startswith("'") and cell[1:].startswith(GUARDED) else cell
    return text.replace("\r\n", "\n").replace("\r", "\n")
