"""A file of YAML as authors write it: text, lists and mappings, each with its place.

Rule 1: every scalar is text; nothing is a number, a yes or a date until the schema of its key says so.
Rule 2: a place is the line and column where the thing begins, both from 1; a span says the same in characters of the text, from 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, assert_never

from bot.flow.problem import Place

Path: TypeAlias = Sequence[str | int]
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"


Style: TypeAlias = Literal["plain", "single", "double", "literal", "folded", "block", "flow"]
"""How a thing is written: bare, in quotes of one sort or the other, under `|`, under `>`, line by line, or in brackets."""


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where a thing stands in its text (without BOM, lines ended by one LF), and how it is written."""

    start: int
    end: int
    style: Style


NOWHERE: Final = Span(0, 0, "plain")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `commented`: a comment stands on its line, so that YAML may have cut it."""

    text: str
    place: Place
    commented: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: "tuple[Node, ...]"
    place: Place
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping: its key and its value."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the file, without a key twice."""

    entries: "dict[str, Entry]"
    place: Place
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    def get(self, key: str) -> "Node | None":
        """The value of the key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value


Node: TypeAlias = Scalar | Items | Table


def plain(node: Node) -> Plain:
    """The node without its places."""
    match node:
        case Scalar(text):
            return text
        case Items(items):
            return [plain(item) for item in items]
        case Table(entries):
            return {key: plain(entry.value) for key, entry in entries.items()}
        case _:
            assert_never(node)


def find(node: Node, path: Path) -> Node | None:
    """The node at the path of keys and numbers, or None."""
    at: Node | None = node
    for part in path:
        match at:
            case Table():
                at = at.get(str(part))
            case Items(items) if isinstance(part, int) and part < len(items):
                at = items[part]
            case _:
                return None
    return at


def place_at(node: Node, path: Path) -> Place:
    """The place of the value at the path, or of the last thing on the way that there is."""
    place = node.place
    for length in range(1, len(path) + 1):
        at = find(node, path[:length])
        if at is None:
            return place
        place = at.place
    return place


def place_of_key(node: Node, path: Path) -> Place:
    """The place of the key that the path ends with, or of the last thing on the way that there is."""
    holder = find(node, path[:-1]) if path else None
    if isinstance(holder, Table) and str(path[-1]) in holder.entries:
        return holder.entries[str(path[-1])].key.place
    return place_at(node, path)


def text_at(node: Node | None, *path: str | int) -> str | None:
    """The text at the path, or None if there is none or it is no text."""
    at = None if node is None else find(node, path)
    return at.text if isinstance(at, Scalar) else None
