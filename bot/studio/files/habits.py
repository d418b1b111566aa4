"""What a file's own hand is like: how it writes things of each kind, so that what is added looks as if it had always been there.

Rule 1: the file's example wins; where it has none, the house's layout does.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from bot.flow.outline import Outline, outline
from bot.flow.tree import Items, Node, Scalar, Style, Table
from bot.studio.files.hand import WIDTH, Quotes, needs_quotes
from bot.studio.files.layout import Place, below, is_line_by_line, is_sentence, pattern


@dataclass(frozen=True, slots=True)
class Habits:
    """The styles of collections and the quotes of texts by kind of place. `folded`: how long one-line texts go over lines, if they do."""

    collections: dict[Place, Style]
    quotes: dict[Place, Quotes]
    several_lines: frozenset[Place]
    folded: tuple[Style, int] | None
    width: int

    def is_block(self, place: Place) -> bool:
        """Whether a list or mapping of this kind is written line by line."""
        style = self.collections.get(place)
        return is_line_by_line(place) if style is None else style == "block"


@lru_cache(maxsize=32)
def habits_of(file: str, text: str) -> Habits:
    """The habits of a file that can be read."""
    seen = outline(text)
    collections: dict[Place, Counter[Style]] = {}
    quotes: dict[Place, Counter[Style]] = {}
    several: set[Place] = set()
    folded: tuple[Style, int] | None = None
    for place, node, inline in _walk(file, seen):
        span = node.span
        if not isinstance(node, Scalar):
            _count(collections, place, span.style)
            if span.style == "flow" and "\n" in seen.text[span.start : span.end]:
                several.add(place)
        elif span.style in ("literal", "folded") or "\n" in seen.text[span.start : span.end]:
            if span.style != "literal" and not inline and folded is None:
                folded = span.style, max(len(line) for line in seen.text[seen.line_start(span.start) : span.end].split("\n"))
        elif span.style == "plain" or not needs_quotes(node.text, inline=inline, sentence=is_sentence(place)):
            _count(quotes, place, span.style)
    width = max((len(line) for line in seen.text.split("\n")), default=0)
    return Habits(
        {place: count.most_common(1)[0][0] for place, count in collections.items()},
        {place: cast("Quotes", count.most_common(1)[0][0]) for place, count in quotes.items()},
        frozenset(several),
        folded,
        max(width, WIDTH) if several else WIDTH,
    )


def _count(table: dict[Place, Counter[Style]], place: Place, style: Style) -> None:
    table.setdefault(place, Counter())[style] += 1


def _walk(file: str, seen: Outline) -> Iterator[tuple[Place, Node, bool]]:
    if seen.root is None:
        return
    todo: list[tuple[Place, Node, bool]] = [(pattern(file, ()), seen.root, False)]
    while todo:
        place, node, inline = todo.pop()
        yield place, node, inline
        within = inline or (not isinstance(node, Scalar) and node.span.style == "flow")
        match node:
            case Table(entries):
                todo += [(below(place, key), entry.value, within) for key, entry in entries.items()]
            case Items(items):
                todo += [(below(place, "#0"), item, within) for item in items]
            case Scalar():
                pass
