"""Which words of a text are new and which are gone, and the same for lines.

Rule 1: put together, what is kept and gone is the text before, and what is kept and new is the text after, to the last character.
Rule 2: it takes a moment for any two texts: what repeats itself a thousand times is not compared part by part.
"""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final, Literal, TypeAlias

Mark: TypeAlias = Literal["kept", "gone", "new"]

_PART: Final = re.compile(r"\s+|[\w\u0300-\u036f\u064b-\u065f\u0670\u0640’'-]+|.", re.DOTALL)
"""Spaces, a word with its marks and apostrophes (an Arabic word is never cut), or one sign."""
_ALIKE: Final = 0.3
"""If less than this is kept, both texts are shown whole: a mosaic says nothing."""
_MOST: Final = 1_000_000
"""Steps that a comparison may take at worst (some 30 ms): each part against all that are like it, for each part. Beyond, what lies between
the same beginning and the same end stands whole."""


def word_marks(before: str, after: str) -> tuple[tuple[Mark, str], ...]:
    """The pieces of both texts in reading order; what is gone stands before what is new in its place."""
    pieces = _joined(_marks(_PART.findall(before), _PART.findall(after)))
    kept = sum(len(text.strip()) for mark, text in pieces if mark == "kept")
    if before and after and kept < _ALIKE * max(len(before), len(after)):
        return ("gone", before), ("new", after)
    return pieces


def line_marks(before: str, after: str) -> tuple[tuple[Mark, str], ...]:
    """One piece a line, without its end; lines that are kept and far from any change are left out and stand as one empty piece."""
    marked = _marks(before.splitlines(), after.splitlines())
    near = {at + off for at, (mark, _) in enumerate(marked) if mark != "kept" for off in (-1, 0, 1)}
    shown: list[tuple[Mark, str]] = []
    for at, piece in enumerate(marked):
        if at in near:
            shown.append(piece)
        elif at and at - 1 in near:
            shown.append(("kept", ""))
    return tuple(shown)


def _marks(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[Mark, str], ...]:
    first, last = _ends(before, after)
    was, now = before[first : len(before) - last], after[first : len(after) - last]
    found: list[tuple[Mark, str]] = [("kept", part) for part in before[:first]]
    for tag, i, j, k, m in _steps(was, now):
        if tag == "equal":
            found += [("kept", part) for part in was[i:j]]
        else:
            found += [("gone", part) for part in was[i:j]]
            found += [("new", part) for part in now[k:m]]
    return (*found, *(("kept", part) for part in before[len(before) - last :]))


def _ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """How many parts are the same at the beginning, and how many at the end."""
    most = min(len(before), len(after))
    first = next((at for at in range(most) if before[at] != after[at]), most)
    last = next((at for at in range(most - first) if before[-1 - at] != after[-1 - at]), most - first)
    return first, last


def _steps(was: Sequence[str], now: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """What became of the parts, as `SequenceMatcher` tells it."""
    there = Counter(now)
    if sum(there[part] for part in was) * min(len(was), len(now)) > _MOST:
        return [("replace", 0, len(was), 0, len(now))]
    return SequenceMatcher(None, was, now, autojunk=False).get_opcodes()


def _joined(pieces: Sequence[tuple[Mark, str]]) -> tuple[tuple[Mark, str], ...]:
    joined: list[tuple[Mark, str]] = []
    for mark, text in pieces:
        if joined and joined[-1][0] == mark:
            joined[-1] = (mark, joined[-1][1] + text)
        else:
            joined.append((mark, text))
    return tuple(joined)
