"""The outline of a YAML text: where each thing stands, what it is written like, and which comments stand above it.

Rule 1: a place is named by keys, by `@name` and by `#0` (as in `("steps", "@fear", "text")`), never by a line.
Rule 2: offsets count in the text as it is read: without BOM, each line ended by one LF.
Rule 3: nothing raises; a text that cannot be read has no root, and its problems say why.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.flow.language import UNNAMED, WORDS
from bot.flow.problem import Problem
from bot.flow.source import as_read, read_yaml
from bot.flow.tree import Items, Node, Scalar, Table

_NAMING: Final = (*(word for word in WORDS if word not in UNNAMED), "page")
STEPS: Final = "steps"
_COMMENT: Final = re.compile(r"[ ]*#")


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing and what holds it. `number`: its place there, from 0. `start`: of its key or of its dash; `end`: of its value."""

    node: Node
    holder: Items | Table | None
    number: int
    start: int
    key: Scalar | None = None

    @property
    def end(self) -> int:
        """Where its value ends: before a comment on its line, and before the end of the line."""
        return max(self.node.span.end, self.start)


@dataclass(frozen=True, slots=True)
class Outline:
    """A text with its tree, whose nodes know their spans. `root`: None when it cannot be read; `problems` then say why."""

    text: str
    root: Node | None
    problems: tuple[Problem, ...] = ()

    def spot(self, path: Sequence[str]) -> Spot | None:
        """What stands at the path, or None."""
        if self.root is None:
            return None
        at = Spot(self.root, None, 0, self.root.span.start)
        for above, part in zip(("", *path), path, strict=False):
            found = self._below(at.node, part, steps=above == STEPS)
            if found is None:
                return None
            at = found
        return at

    def node(self, path: Sequence[str]) -> Node | None:
        """The node at the path, or None."""
        found = self.spot(path)
        return None if found is None else found.node

    def children(self, node: Node) -> tuple[Spot, ...]:
        """What stands directly in a list or a mapping, in its order."""
        match node:
            case Table(entries):
                return tuple(
                    Spot(entry.value, node, number, entry.key.span.start, entry.key) for number, entry in enumerate(entries.values())
                )
            case Items(items):
                return tuple(Spot(item, node, number, self._start_of_item(node, item)) for number, item in enumerate(items))
            case _:
                return ()

    def line_start(self, offset: int) -> int:
        """Where the line of this offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of this offset ends, before its line break."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def column(self, offset: int) -> int:
        """How many characters stand before this offset on its line."""
        return offset - self.line_start(offset)

    def comments_above(self, start: int) -> int:
        """Where the comments begin that stand directly above the line of `start`, with no line between; else that line's beginning."""
        at = self.line_start(start)
        while at > 0 and _COMMENT.match(self.text, above := self.line_start(at - 1), at):
            at = above
        return at

    def gap_above(self, start: int) -> int:
        """Where the empty lines begin that stand directly above the line of `start`; else that line's beginning."""
        at = self.line_start(start)
        while at > 0 and not self.text[(above := self.line_start(at - 1)) : at].strip():
            at = above
        return at

    def _below(self, node: Node, part: str, *, steps: bool) -> Spot | None:
        spots = self.children(node)
        match node:
            case Table():
                return next((spot for spot in spots if spot.key is not None and spot.key.text == part), None)
            case Items(items):
                number = number_of(items, part, steps=steps)
                return None if number is None else spots[number]
            case _:
                return None

    def _start_of_item(self, holder: Items, item: Node) -> int:
        """The dash of an item; its own beginning in brackets."""
        if holder.span.style == "flow":
            return item.span.start
        column = self.column(holder.span.start)
        at = self.line_start(item.span.start)
        while not self.text.startswith("-", at + column) and at > holder.span.start:
            at = self.line_start(at - 1)
        return at + column


def number_of(items: Sequence[Node], part: str, *, steps: bool = False) -> int | None:
    """Which item a part of a path names, `@name` or `#0`; None when it names none. `steps`: they are the steps of a flow."""
    if part.startswith("@"):
        return next((number for number, item in enumerate(items) if name_of(item, steps=steps) == part[1:]), None)
    digits = part.removeprefix("#")
    if part.startswith("#") and digits.isascii() and digits.isdecimal() and len(digits) < len("10000") and int(digits) < len(items):
        return int(digits)
    return None


def name_of(item: Node, *, steps: bool = False) -> str | None:
    """What an item of a list is called: a step (if it has a name) or a page by its name, a row by its first value, a text by itself."""
    match item:
        case Scalar(text):
            return None if steps else text
        case Table(entries):
            named = [entries[word].value for word in _NAMING if word in entries]
            if not named and not steps:
                named = [entry.value for entry in entries.values()]
            return named[0].text if named and isinstance(named[0], Scalar) else None
        case _:
            return None


@lru_cache(maxsize=64)
def outline(text: str) -> Outline:
    """The outline of a YAML text. The last texts are remembered."""
    root, problems = read_yaml("", text)
    return Outline(as_read(text), None if problems else root, problems)
