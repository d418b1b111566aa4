"""What is wrong with a file while it is being written, before it is kept: what a page shows at a key stroke.

Rule 1: the problems are those of the whole bundle with this text in it, so a page and `amana check` cannot differ.
Rule 2: nothing is kept here; a text that cannot be read at all still gets its line.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.flow.problem import Problem
from bot.studio.bundle.compiled import findings

MOST: Final = 200
_ELSEWHERE: Final = 12


class Look(Struct, frozen=True):
    """Problems of the file, by line; and problems of other files that this text would bring. `more`: how many are not listed."""

    here: tuple[Problem, ...]
    elsewhere: tuple[Problem, ...] = ()
    more: int = 0


def look(bundle: Bundle, file: str, text: str, on: date) -> Look:
    """What is wrong with a file of the bundle if it held this text; contacts as of that day."""
    after = findings(bundle.with_file(file, text), on)
    here = [problem for problem in after if problem.file == file]
    before = {_known(problem) for problem in findings(bundle, on)} if bundle.get(file) != text else {_known(problem) for problem in after}
    brought = [problem for problem in after if problem.file != file and _known(problem) not in before]
    more = max(0, len(here) - MOST) + max(0, len(brought) - _ELSEWHERE)
    return Look(tuple(here[:MOST]), tuple(brought[:_ELSEWHERE]), more)


def unreadable(file: str, body: bytes) -> tuple[str, Problem | None]:
    """The text of an uploaded file, and what is wrong with its bytes, with the line; what is no UTF-8 is shown with marks in its place."""
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        column = len(body[body.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        return text, Problem("yaml", file, line, column, "this file is not written in UTF-8: from here on it cannot be read")
    return text, None


def counted(problems: Iterable[Problem]) -> tuple[int, int]:
    """How many of them stop a publish, and how many are warnings."""
    warnings = [problem.warning for problem in problems]
    return len(warnings) - sum(warnings), sum(warnings)


def _known(problem: Problem) -> tuple[str, str, str]:
    """What makes a problem the same one though lines have moved."""
    return problem.rule, problem.file, problem.sentence
