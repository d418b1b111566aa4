"""The shapes of a difference: a sentence as an id with its values, so that a page says it in each language.

Rule 1: nothing here is a sentence: the words stand in the wording tables of the pages, the names are those that people read.
Rule 2: a name goes with its id, for whoever works in files; plain values only, so that a difference can be sent between processes.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from bot.studio.editing.edits import Path

Value: TypeAlias = "str | int | Called | Words"
State: TypeAlias = Literal["changed", "added", "removed", "same", "stale", "missing"]
Area: TypeAlias = Literal["flow", "contacts", "teams", "words", "settings", "sources", "replies", "tests", "texts", "other"]
AREAS: tuple[Area, ...] = ("flow", "contacts", "teams", "words", "settings", "replies", "sources", "texts", "tests", "other")
"""Every area, in the order a page shows them."""


class Called(Struct, frozen=True):
    """A thing that has a name. `said`: language → the name, or the first words of it; a language that lacks it takes another."""

    id: str
    said: dict[str, str] = {}


class Words(Struct, frozen=True):
    """A sentence, or a part of one: its id in the wording and what stands in its braces."""

    id: str
    values: "dict[str, Value]" = {}


class Beside(Struct, frozen=True):
    """A text before and after in one language. `language` empty: lines of a file. `stale`: its source has changed, it has not."""

    id: str
    language: str
    before: str
    after: str
    state: State = "changed"


class Change(Struct, frozen=True, kw_only=True):
    """One thing that is different. `flow`, `step`, `path`: where it stands in its file; `step` is as the flow is now, or was."""

    says: Words
    area: Area
    file: str
    flow: str = ""
    step: str = ""
    path: Path = ()
    texts: tuple[Beside, ...] = ()


def listed(values: "Sequence[Value]", word: str = "difference.and") -> "Value":
    """Many values as one: *a, b and c*; nothing is *nothing*."""
    if not values:
        return Words("difference.nothing")
    first, *rest = values
    told = first
    for number, value in enumerate(rest):
        told = Words(word if number == len(rest) - 1 else "difference.comma", {"first": told, "second": value})
    return told


def stripped(text: str) -> str:
    """A text as it is said: without the blank lines around it."""
    return text.strip("\n ")
