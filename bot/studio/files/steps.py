"""Steps of a flow's text put in, moved and taken away, with the comments and the empty lines that are theirs.

Rule 1: comments directly above a step go with it; a comment that stands by itself between empty lines stays where it is.
Rule 2: a moved step takes the empty line above it along, so that moving it back gives the same bytes; the first step has none.
Rule 3: where a step is taken away, the parts that an empty line kept apart stay apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.flow.language import BARE_WORDS, UNNAMED, WORDS
from bot.flow.outline import STEPS, name_of, outline
from bot.flow.tree import Items, Plain, Scalar
from bot.studio.files.refit import with_value
from bot.studio.files.yamltext import Page

TOP = ""
"""In place of a step to stand below: the beginning."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a flow that stay together: a step with its comments, or a comment by itself. `gap`: the empty lines above."""

    gap: str
    body: str
    number: int | None


def number_of_step(text: str, key: str) -> int | None:
    """Which step has this key (its name, or `#3`), from 0; None when none has."""
    found = outline(text).spot((STEPS, key if key.startswith("#") else f"@{key}"))
    return None if found is None else found.number


def added(file: str, text: str, after: str, step: Plain) -> str | None:
    """The text with a step below another, or at the top; None when there is no such step or no list of steps."""
    listed = outline(text).node((STEPS,))
    number = 0 if after == TOP else _below(text, after)
    if number is None or not isinstance(listed, Items | Scalar) or (isinstance(listed, Scalar) and listed.text):
        return None
    if not isinstance(listed, Items) or not listed.items:
        return with_value(file, text, (STEPS,), [_as_written(step)])
    return Page(file, text).with_item((STEPS,), _as_written(step), number, apart=_stands_apart(file, text, number))


def moved(file: str, text: str, key: str, after: str) -> str | None:
    """The text with a step below another, or at the top; None when one of them is not there."""
    number, target = number_of_step(text, key), 0 if after == TOP else _below(text, after)
    if number is None or target is None:
        return None
    if target in (number, number + 1):
        return text
    head, pieces, tail = _cut(file, text)
    place = next(place for place, piece in enumerate(pieces) if piece.number == number)
    one, rest = pieces[place], [*pieces[:place], *pieces[place + 1 :]]
    at = 0 if target == 0 else 1 + next(place for place, piece in enumerate(rest) if piece.number == target - 1)
    if place == 0:  # the next one is the first now
        rest[0], one = replace(rest[0], gap=one.gap), replace(one, gap=rest[0].gap)
    if at == 0:
        rest[0], one = replace(rest[0], gap=one.gap), replace(one, gap=rest[0].gap)
    return _joined(text, head, [*rest[:at], one, *rest[at:]], tail)


def removed(file: str, text: str, key: str) -> str | None:
    """The text without a step; None when it is not there."""
    number = number_of_step(text, key)
    if number is None:
        return None
    head, pieces, tail = _cut(file, text)
    place = next(place for place, piece in enumerate(pieces) if piece.number == number)
    if len([piece for piece in pieces if piece.number is not None]) == 1:
        return with_value(file, text, (STEPS, f"#{number}"), None)
    rest = [*pieces[:place], *pieces[place + 1 :]]
    if place < len(rest):
        below = rest[place]
        gap = pieces[place].gap if place == 0 else max(pieces[place].gap, below.gap, key=len)
        rest[place] = replace(below, gap=gap)
    return _joined(text, head, rest, tail)


def _below(text: str, after: str) -> int | None:
    number = number_of_step(text, after)
    return None if number is None else number + 1


def _as_written(step: Plain) -> Plain:
    """`end` and `leave` stand alone."""
    if isinstance(step, dict) and len(step) == 1 and (word := next(iter(step))) in BARE_WORDS:
        return word
    return step


def _stands_apart(file: str, text: str, number: int) -> bool:
    """Whether a step put in there is kept apart by empty lines: as its neighbours are, else as most are."""
    gaps = [bool(piece.gap) for piece in _cut(file, text)[1][1:] if piece.number is not None]
    return gaps[number - 1] if 0 < number <= len(gaps) else 2 * sum(gaps) > len(gaps)


def _cut(file: str, text: str) -> tuple[str, list[Piece], str]:
    """The text before the steps, the steps and what stands between them, and the text below; each line with its break."""
    whole = text if text.endswith("\n") else text + "\n"
    seen, page = outline(whole), Page(file, whole)
    listed = seen.node((STEPS,))
    chunks = [page.chunk(spot, headings=True) for spot in (seen.children(listed) if listed is not None else ())]
    at = first = seen.gap_above(chunks[0][0])
    pieces: list[Piece] = []
    for number, (start, end) in enumerate(chunks):
        gap = seen.gap_above(start)
        if gap > at:
            pieces.append(_comment(whole[at:gap]))
        pieces.append(Piece(whole[max(gap, at) : start], whole[start:end], number))
        at = end
    return whole[:first], pieces, whole[at:]


def _comment(lines: str) -> Piece:
    body = lines.lstrip("\n ")
    indentation = len(lines) - len(body) - (lines[: len(lines) - len(body)].rfind("\n") + 1)
    start = len(lines) - len(body) - indentation
    return Piece(lines[:start], lines[start:], None)


def _joined(text: str, head: str, pieces: Sequence[Piece], tail: str) -> str:
    whole = head + "".join(piece.gap + piece.body for piece in pieces) + tail
    return whole if text.endswith("\n") else whole.removesuffix("\n")


def names_of_steps(text: str) -> frozenset[str]:
    """The names of the steps that have one."""
    listed = outline(text).node((STEPS,))
    return frozenset(name for item in listed.items if (name := name_of(item, steps=True))) if isinstance(listed, Items) else frozenset()


def name_of_step(step: Mapping[str, Plain]) -> str | None:
    """The name of a step by its value; None when it has none."""
    found = next((step[word] for word in WORDS if word in step and word not in UNNAMED), None)
    return found if isinstance(found, str) else None
