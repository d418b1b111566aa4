"""What an author's test expects now that it did not before, line by line, in sentences for whoever approves.

Rule 1: a line by which protection is lost is said as that.
Rule 2: comments and empty lines are no expectation; very many lines are told by the file alone.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

from bot.studio.comparing.changes import Value, Words
from bot.studio.comparing.chatlines import line_said
from bot.studio.comparing.guards import Guards, message_of, new_messages
from bot.studio.comparing.naming import Names

MOST: Final = 12
"""Lines that are said one by one."""
_COMMENT: Final = re.compile(r"(^|\s)#.*$")


def lines_changed(before: Names, after: Names, old: str, new: str, test: Value) -> list[Words]:
    """Give the sentences of one test that was `old` and is `new`; none if there are none, or too many."""
    was, now = _lines(old), _lines(new)
    pairs = list(_pairs(was, now))
    if len(pairs) > MOST:
        return []
    work = _Work(before, after, new_messages(pairs), test)
    return [work.said(one, other, _question(was, now, one, other)) for one, other in pairs]


def _lines(text: str) -> list[str]:
    """What lines say, as they are written after the first letter."""
    bare = (_COMMENT.sub("", line).strip() for line in text.splitlines())
    return [f"{line[0]} {' '.join(line[1:].split())}" if line[0] in "<>" else " ".join(line.split()) for line in bare if line]


def _pairs(was: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lines that went and came, those in one place side by side if they are of one kind."""
    for kind, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for one, other in zip_longest(was[a:b], now[c:d], fillvalue=""):
            if one and other and one.split()[0] != other.split()[0]:
                yield one, ""
                yield "", other
            else:
                yield one, other


def _question(was: Sequence[str], now: Sequence[str], one: str, other: str) -> str:
    """The question that a pressed answer is to: the message that is named last before it."""
    lines, line = (now, other) if other else (was, one)
    return next((named for each in reversed(lines[: lines.index(line)]) if (named := message_of(each))), "")


class _Work:
    def __init__(self, before: Names, after: Names, added: frozenset[str], test: Value) -> None:
        self._before, self._after, self._added, self._test = before, after, added, test
        self._guards = Guards(before, after)

    def said(self, was: str, now: str, question: str) -> Words:
        values: dict[str, Value] = {"test": self._test}
        if was:
            values["was"] = line_said(was, self._before, question)
        lost = self._guards.lost(was, now, self._added) if was else ""
        if lost:
            return Words(f"difference.test-lost.{lost}", values)
        if now:
            values["now"] = line_said(now, self._after, question)
        does = (now or was).startswith(">")
        return Words(f"difference.test-{'does' if does else 'line'}-{'other' if was and now else 'more' if now else 'less'}", values)
