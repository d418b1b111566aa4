"""Where two trees of a file differ, at the finest place that has a name.

Rule 1: two trees that are not the same give at least one difference; the same trees, keys in the same order, give none.
Rule 2: a list of words is one place; an item of a list of tables is a place of its own (`#0`, `#1` …).
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from msgspec import Struct

from bot.flow.tree import Plain
from bot.studio.editing.edits import Path


class Diff(Struct, frozen=True):
    """One place that differs; None: nothing stood or stands there. `order`: the same keys, in another order."""

    path: Path
    before: "Plain | None"
    after: "Plain | None"
    kind: Literal["value", "order"] = "value"


def diffs(before: "Plain | None", after: "Plain | None", path: Path = ()) -> Iterator[Diff]:
    """Every place that differs, in the order of the file as it is now; what is gone comes first among its neighbours."""
    match before, after:
        case dict(), dict():
            yield from _tables(before, after, path)
        case list(), list() if not _words(before) or not _words(after):
            yield from _lists(before, after, path)
        case _ if before != after:
            yield Diff(path, before, after)
        case _:
            return


def same(before: "Plain | None", after: "Plain | None") -> bool:
    """Whether both are the same, their keys in the same order."""
    return before == after and repr(before) == repr(after)


def _tables(before: dict[str, Plain], after: dict[str, Plain], path: Path) -> Iterator[Diff]:
    for key in (*(key for key in before if key not in after), *after):
        yield from diffs(before.get(key), after.get(key), (*path, key))
    was, is_ = [key for key in before if key in after], [key for key in after if key in before]
    if was != is_:
        yield Diff(path, list(was), list(is_), "order")


def _lists(before: Sequence[Plain], after: Sequence[Plain], path: Path) -> Iterator[Diff]:
    was, is_ = [repr(item) for item in before], [repr(item) for item in after]
    for tag, i, j, k, m in SequenceMatcher(None, was, is_, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for off in range(max(j - i, m - k)):
            old = before[i + off] if i + off < j else None
            new = after[k + off] if k + off < m else None
            yield from diffs(old, new, (*path, f"#{k + off if new is not None else i + off}"))


def _words(items: Sequence[Plain]) -> bool:
    return all(isinstance(item, str) for item in items)


def words_changed(before: "Plain | None", after: "Plain | None") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of two lists of words (one word counts as a list): which are gone, and which are new."""
    was, is_ = _as_words(before), _as_words(after)
    return tuple(word for word in was if word not in is_), tuple(word for word in is_ if word not in was)


def _as_words(value: "Plain | None") -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
