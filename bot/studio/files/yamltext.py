"""One small change to a YAML text: a value written anew, a key or an item put in, taken away, renamed.

Rule 1: what the change is not about keeps its bytes: comments, order, quotes, empty lines.
Rule 2: a comment directly above a thing is the thing's and goes with it; a heading of a group stays.
Rule 3: texts here are as they are read (one LF a line); `bot.studio.files.yamlfile` gives a file its own line breaks back.
"""

import re
from collections.abc import Sequence
from typing import TypeVar

from bot.flow.outline import Outline, Spot, outline
from bot.flow.tree import Items, Plain, Scalar, Table
from bot.studio.files.habits import habits_of
from bot.studio.files.hand import STEP_IN, Manner, Quotes, literal, needs_quotes, quoted, wrapped, written
from bot.studio.files.layout import Place, below, is_sentence, order_of, pattern
from bot.studio.files.writing import Writer, written_key

_Kind = TypeVar("_Kind")
_HEADING = re.compile(r"[ ]*#.*[^.?!:]\s*$")


class Page:
    """One file while it is changed; `path` names things as in `bot.flow.outline`."""

    __slots__ = ("_file", "_seen", "_writer")

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._seen: Outline = outline(text)
        self._writer = Writer(habits_of(file, text))

    def with_text(self, path: Sequence[str], text: str) -> str:
        """A text written anew, in the style that it has."""
        spot = self._at(path)
        return self._with_value(spot, self._restyled(spot, _is(Scalar, spot.node), text, pattern(self._file, path)))

    def with_value(self, path: Sequence[str], value: Plain) -> str:
        """A value of another shape in place of what stands there."""
        spot, place = self._at(path), pattern(self._file, path)
        if self._inside(path) or self._writer.is_inline(value, place):
            column = self._seen.column(spot.start)
            new = self._writer.inline(value, place, column, inside=self._inside(path))
            return self._without_lines(spot, new) if spot.node.span.style == "block" else self._with_value(spot, new)
        return self._with_lines(spot, value, place)

    def with_key(self, path: Sequence[str], key: str, value: Plain, number: int | None = None) -> str:
        """A key put into the mapping at the path: as item `number`, or where the language's order wants it."""
        table = _is(Table, self._at(path).node)
        place = below(pattern(self._file, path), key)
        if not table.entries:
            return self.with_value(path, {key: value})
        spots = self._seen.children(table)
        at = _rank(key, list(table.entries), order_of(pattern(self._file, path))) if number is None else number
        if table.span.style == "flow":
            pair = self._writer.inline({key: value}, pattern(self._file, path), 0, inside=True)[1:-1]
            return self._put_in_brackets(spots, at, pair)
        lines = self._writer.entry(key, value, place, self._seen.column(spots[0].start))
        return self._put_lines(spots, at, lines)

    def with_item(self, path: Sequence[str], value: Plain, number: int, *, apart: bool = False) -> str:
        """An item put into the list at the path. `apart`: with an empty line between it and what it is put below, or above."""
        items = _is(Items, self._at(path).node)
        place = (*pattern(self._file, path), "*")
        if not items.items:
            return self.with_value(path, [value])
        spots = self._seen.children(items)
        if items.span.style == "flow":
            return self._put_in_brackets(spots, number, self._writer.inline(value, place, self._seen.column(items.span.start), inside=True))
        lines = self._writer.item(value, place, self._seen.column(spots[0].start))
        return self._put_lines(spots, number, [*([""] if apart and number else []), *lines, *([""] if apart and not number else [])])

    def with_order(self, path: Sequence[str], keys: Sequence[str]) -> str:
        """The mapping at the path with its keys in this order; empty lines and commas stay between them."""
        table, seen = _is(Table, self._at(path).node), self._seen
        if list(table.entries) == list(keys) or set(table.entries) != set(keys):
            return seen.text
        spots = {spot.key.text: spot for spot in seen.children(table) if spot.key is not None}
        in_brackets = table.span.style == "flow"
        places = {key: (spot.start, spot.end) if in_brackets else self._whole_lines(spot) for key, spot in spots.items()}
        text, slots = seen.text, list(places.values())
        for (start, end), key in reversed(list(zip(slots, keys, strict=True))):
            text = text[:start] + seen.text[slice(*places[key])] + text[end:]
        return text

    def _whole_lines(self, spot: Spot) -> tuple[int, int]:
        """The lines of a thing with the comments that are its own, without the last line break."""
        start, end = self.chunk(spot)
        return start, end - 1 if self._seen.text.endswith("\n", start, end) else end

    def without(self, path: Sequence[str]) -> str:
        """A key or an item taken away, not the only one of what holds it."""
        spot = self._at(path)
        if spot.holder is None:
            return self._seen.text
        spots = self._seen.children(spot.holder)
        if spot.holder.span.style == "flow":
            return self._out_of_brackets(spots, spot)
        if spot.key is not None and self._seen.text[self._seen.line_start(spot.start) : spot.start].strip():
            return self._off_the_dash(spots, spot)
        start, end = self.chunk(spot)
        return self._cut(start, end)

    def with_name(self, path: Sequence[str], key: str) -> str:
        """A key under another name."""
        was = _is(Scalar, self._at(path).key)
        span = was.span
        if span.style != "plain" and not needs_quotes(was.text, inline=False, sentence=False):
            return self._put(span.start, span.end, quoted(key, "single" if span.style == "single" else "double"))
        return self._put(span.start, span.end, written_key(key, inline=self._inside(path)))

    def chunk(self, spot: Spot, *, headings: bool = False) -> tuple[int, int]:
        """The lines of a thing with the comments that are its own, up to where the next line begins. `headings`: those go too."""
        seen = self._seen
        column, text = seen.column(spot.start), seen.text
        start = at = seen.line_start(spot.start)
        above = seen.comments_above(spot.start)
        while at > above and _depth(text, before := seen.line_start(at - 1)) <= column:
            start = at = before
        if not headings and self._is_heading(spot, start):
            start = seen.line_start(spot.start)
        end = seen.line_end(spot.end)
        while end < len(text) and _is_comment(text, end + 1) and _depth(text, end + 1) > column:
            end = seen.line_end(end + 1)
        return start, min(end + 1, len(text))

    def _is_heading(self, spot: Spot, start: int) -> bool:
        """Whether the only comment above is the name of a group: after an empty line, no sentence, with more below it."""
        seen, line = self._seen, self._seen.line_start(spot.start)
        if start == line or seen.line_end(start) + 1 != line or seen.gap_above(start) == start:
            return False
        after = seen.line_end(spot.end) + 1
        return bool(_HEADING.match(seen.text[start : line - 1])) and bool(seen.text[after : seen.line_end(after)].strip())

    def _at(self, path: Sequence[str]) -> Spot:
        spot = self._seen.spot(path)
        if spot is None:
            raise KeyError(path)
        return spot

    def _inside(self, path: Sequence[str]) -> bool:
        """Whether it stands in brackets."""
        holders = (self._seen.node(path[:length]) for length in range(len(path)))
        return any(node is not None and not isinstance(node, Scalar) and node.span.style == "flow" for node in holders)

    def _put(self, start: int, end: int, new: str) -> str:
        return self._seen.text[:start] + new + self._seen.text[end:]

    def _cut(self, start: int, end: int) -> str:
        """The text without these lines; at the end of a file without a last line break, without the break before them."""
        text = self._seen.text
        if end == len(text) and not text.endswith("\n") and start > 0:
            start -= 1
        return text[:start] + text[end:]

    def _restyled(self, spot: Spot, node: Scalar, text: str, place: Place) -> str:
        """The text in the style that stands there, as far as it can be."""
        seen = self._seen
        span, was = node.span, node.text.strip("\n ")
        raw, column = seen.text[span.start : span.end], seen.column(spot.start)
        inline = spot.holder is not None and self._stands_inside(spot)
        if span.style == "literal" and ("\n" in text or "\n" not in was):
            return literal(text, _content_column(raw, column), re.sub("[0-9]", "", raw.split("\n", 1)[0].split("#")[0].strip()))
        if span.style == "folded" and "\n" not in text:
            at = _content_column(raw, column)
            return raw.split("\n", 1)[0].rstrip() + "\n" + " " * at + wrapped(text, at, at, _widest(raw))
        quotes = self._quotes(span.style, was, place, inline=inline)
        new = written(text, Manner(column, inline, is_sentence(place), quotes))
        if "\n" in raw and "\n" not in text and span.style in ("plain", "single", "double"):
            return wrapped(new, seen.column(span.start), _content_column(raw, column), max(_widest(raw), seen.column(span.start)))
        return new

    def _quotes(self, style: str, was: str, place: Place, *, inline: bool) -> Quotes:
        """The quotes to keep: those in use though they were not needed, and the sort of those that were."""
        if style not in ("single", "double"):
            return "plain"
        if needs_quotes(was, inline=inline, sentence=is_sentence(place)) or "\n" in was:
            return "plain"
        return "single" if style == "single" else "double"

    def _stands_inside(self, spot: Spot) -> bool:
        return spot.holder is not None and spot.holder.span.style == "flow"

    def _with_value(self, spot: Spot, new: str) -> str:
        """The value in place of the old one; a comment on its line stays in its column, or goes above a text of several lines."""
        seen, span = self._seen, spot.node.span
        start, end = span.start, span.end
        if not isinstance(spot.node, Scalar) or span.end > span.start:
            lead = ""
        else:
            start = end = _after_sign(seen, spot)
            lead = " "
        tail = seen.text[end : seen.line_end(end)]
        if not tail.lstrip(" ").startswith("#") or "\n" in seen.text[start:end]:
            return self._put(start, end, lead + new)
        if "\n" in new and new[0] in "|>":
            line, column = seen.line_start(spot.start), seen.column(spot.start)
            note = " " * column + tail.strip() + "\n"
            return seen.text[:line] + note + seen.text[line:start] + lead + new + seen.text[seen.line_end(end) :]
        gap = len(tail) - len(tail.lstrip(" "))
        room = gap if gap == 1 else max(1, gap - (len(new) - (end - start)))
        return self._put(start, end + gap, lead + new + " " * room)

    def _without_lines(self, spot: Spot, new: str) -> str:
        """A value on one line in place of one of several."""
        seen, span = self._seen, spot.node.span
        if spot.key is None:
            return self._put(span.start, span.end, new)
        head = _after_sign(seen, spot)
        return seen.text[:head] + " " + new + seen.text[head : seen.line_end(head)] + seen.text[span.end :]

    def _with_lines(self, spot: Spot, value: Plain, place: Place) -> str:
        """A value of several lines in place of what stands there."""
        seen, span = self._seen, spot.node.span
        column = seen.column(spot.start) + STEP_IN if spot.holder is not None else 0
        if span.style == "block":
            lines = self._writer.lines(value, place, seen.column(span.start))
            return self._put(span.start, span.end, "\n".join(lines).lstrip(" "))
        lines = self._writer.lines(value, place, column)
        if spot.key is None:
            return self._put(span.start, span.end, "\n".join(lines).lstrip(" "))
        head = _after_sign(seen, spot)
        tail = seen.text[span.end : seen.line_end(span.end)].rstrip()
        return seen.text[:head] + tail + "\n" + "\n".join(lines) + seen.text[seen.line_end(span.end) :]

    def _put_lines(self, spots: Sequence[Spot], number: int, lines: list[str]) -> str:
        """Lines put between things that stand line by line."""
        seen = self._seen
        if number > 0:
            end = self.chunk(spots[number - 1])[1]
            end = end - 1 if seen.text.endswith("\n", 0, end) and end > 0 else end
            return self._put(end, end, "\n" + "\n".join(lines))
        first = spots[0]
        if first.key is not None and seen.text[seen.line_start(first.start) : first.start].strip():
            column = seen.column(first.start)
            return self._put(first.start, first.start, "\n".join(lines).lstrip(" ") + "\n" + " " * column)
        start = self.chunk(first)[0]
        return self._put(start, start, "\n".join(lines) + "\n")

    def _put_in_brackets(self, spots: Sequence[Spot], number: int, new: str) -> str:
        if number < len(spots):
            return self._put(spots[number].start, spots[number].start, f"{new}, ")
        last = spots[-1].end
        longer = self._seen.column(last) + len(new) + len(", ]")
        further = [spot for spot in spots if self._seen.line_start(spot.start) != self._seen.line_start(spots[0].start)]
        if further and longer > habits_of(self._file, self._seen.text).width:
            column = self._seen.line_start(further[0].start)
            return self._put(last, last, ",\n" + " " * _depth(self._seen.text, column) + new)
        return self._put(last, last, f", {new}")

    def _out_of_brackets(self, spots: Sequence[Spot], spot: Spot) -> str:
        seen, number = self._seen, spot.number
        if number == len(spots) - 1:
            return self._put(spots[number - 1].end, spot.end, "")
        after = spots[number + 1]
        same_line = seen.line_start(after.start) == seen.line_start(spot.start)
        alone = not seen.text[seen.line_start(spot.start) : spot.start].strip()
        if same_line or number == 0 or alone:
            if alone and not same_line:
                return self._put(seen.line_start(spot.start), seen.line_start(after.start), "")
            return self._put(spot.start, after.start, "")
        return self._put(spots[number - 1].end, spot.end, "")

    def _off_the_dash(self, spots: Sequence[Spot], spot: Spot) -> str:
        """The first key of an item taken away: the next one comes onto its dash, comments between them go above it."""
        seen, after = self._seen, spots[spot.number + 1]
        line = seen.line_start(spot.start)
        between = seen.text[seen.line_end(spot.end) + 1 : seen.line_start(after.start)]
        depth = _depth(seen.text, line)
        notes = "".join(" " * depth + note.strip() + "\n" for note in between.split("\n") if note.strip())
        return seen.text[:line] + notes + seen.text[line : spot.start] + seen.text[after.start :]


def _is(kind: type[_Kind], node: object) -> _Kind:
    if not isinstance(node, kind):
        raise TypeError(f"{kind.__name__} stands here, no {type(node).__name__}")
    return node


def _rank(key: str, keys: list[str], order: Sequence[str]) -> int:
    """Where a key goes among those that stand there: behind the last of those that the language writes before it."""
    if key not in order:
        return len(keys)
    before = set(order[: order.index(key)])
    return max((number + 1 for number, other in enumerate(keys) if other in before), default=0)


def _after_sign(seen: Outline, spot: Spot) -> int:
    """Behind the colon of a key, or behind the dash of an item."""
    if spot.key is None:
        return spot.start + 1
    return seen.text.index(":", spot.key.span.end) + 1


def _depth(text: str, line: int) -> int:
    at = line
    while text.startswith(" ", at):
        at += 1
    return at - line


def _is_comment(text: str, line: int) -> bool:
    return text.startswith("#", line + _depth(text, line))


def _content_column(raw: str, column: int) -> int:
    """The indentation of the further lines of a text; two more than its key where it has none."""
    further = [line for line in raw.split("\n")[1:] if line.strip()]
    return _depth(further[0], 0) if further else column + STEP_IN


def _widest(raw: str) -> int:
    return max((len(line) for line in raw.split("\n")[1:]), default=0)
