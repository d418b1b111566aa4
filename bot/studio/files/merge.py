"""Two people's changes to one text, brought together by lines.

Rule 1: where only one of them changed a line, that change stands; where both changed it otherwise, nothing is guessed.
Rule 2: changes of neighbouring lines do not hinder each other; what is put in at one and the same place does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_MOST: Final = 4_000_000
"""Pairs of lines that are compared at most; a text that differs so widely is no edit of the other."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start` to `end` of the base that became others."""

    start: int
    end: int
    lines: tuple[str, ...]


def merged(base: str, mine: str, theirs: str) -> str | None:
    """The base with the changes of both; None when both changed the same lines."""
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    lines = base.splitlines(keepends=True)
    ours, others = hunks(lines, mine.splitlines(keepends=True)), hunks(lines, theirs.splitlines(keepends=True))
    if ours is None or others is None or any(_meet(one, other) for one in ours for other in others if one != other):
        return None
    for hunk in sorted({*ours, *others}, key=lambda hunk: (hunk.start, hunk.end), reverse=True):
        lines[hunk.start : hunk.end] = hunk.lines
    return "".join(lines)


def hunks(base: Sequence[str], now: Sequence[str]) -> tuple[Hunk, ...] | None:
    """What became of the base, from the top; None when they have too little in common to be compared."""
    first = 0
    while first < min(len(base), len(now)) and base[first] == now[first]:
        first += 1
    last = 0
    while last < min(len(base), len(now)) - first and base[-1 - last] == now[-1 - last]:
        last += 1
    was, new = base[first : len(base) - last], now[first : len(now) - last]
    if len(was) * len(new) > _MOST:
        return None
    codes = SequenceMatcher(None, was, new, autojunk=False).get_opcodes()
    return tuple(Hunk(first + i, first + j, tuple(new[k:m])) for tag, i, j, k, m in codes if tag != "equal")


def _meet(one: Hunk, other: Hunk) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
