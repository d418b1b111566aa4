"""A `.chat` file in lines: a head of `key: value`, then what happens, what must come and what must hold.

Rule 1: every line is understood or refused with its number.
"""

import re
from dataclasses import dataclass

_COMMENT = re.compile(r"(^|\s)#.*$")
_KEY = re.compile(r"([a-z]+(?: [a-z]{2,3})?):\s*(.*)$")
HEAD = frozenset({"flow", "language", "languages", "at", "country", "verified", "never", "away"})
_UNITS = {"minute": 1, "hour": 60, "day": 24 * 60}


class BadChat(Exception):
    """A conversation did not go as written, or a line cannot be read."""

    def __init__(self, line: int, expected: str, said: str) -> None:
        super().__init__(f"{line}: expected {expected}; said {said}")
        self.line = line
        self.expected = expected
        self.said = said


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `kind` is `>`, `<`, or the key of a check (with a language: `has fr`)."""

    number: int
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class ChatFile:
    """The head as (key, value, line), and the lines."""

    head: tuple[tuple[str, str, int], ...]
    lines: tuple[Line, ...]


def read_chat(text: str) -> ChatFile:
    """Read a file; raises `BadChat` on a line that cannot be read."""
    head: list[tuple[str, str, int]] = []
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        if line[0] in "<>":
            lines.append(Line(number, line[0], line[1:].strip()))
            continue
        found = _KEY.match(line)
        if found is None:
            raise BadChat(number, "> words, < id or key: value", line)
        if lines:
            lines.append(Line(number, found[1], found[2]))
        elif found[1].split()[0] in HEAD:
            head.append((found[1], found[2], number))
        else:
            raise BadChat(number, f"one of {', '.join(sorted(HEAD))}", found[1])
    if not lines:
        raise BadChat(1, "at least one line with >", "none")
    return ChatFile(tuple(head), tuple(lines))


def minutes_of(line: Line, words: str) -> int:
    """The length of time in words such as `45 minutes`, in minutes; raises `BadChat`."""
    count, _, unit = words.strip().partition(" ")
    minutes = _UNITS.get(unit.rstrip("s"))
    if minutes is None or not count.isdigit():
        raise BadChat(line.number, "a time as 45 minutes", words)
    return int(count) * minutes
