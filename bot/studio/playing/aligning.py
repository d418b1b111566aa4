"""What a test wrote of one turn against what comes now: the lines that stand, that are written anew, that go, and that are put in.

Rule 1: what still fits is not touched; what is written anew stands where the old stood.
Rule 2: what `< ...` lets pass needs no line, but for what stands at the end where a line stood there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

from bot.checks.chat import Run
from bot.checks.chatfile import BadChat, Line
from bot.checks.player import Message, buttons

_SENTENCE: Final = re.compile(r"(?<=[.?!؟])\s+|\n+")
_LIKE: Final = 0.5
"""How alike a sentence must be to one that is said no more, to stand for it."""
_COST: Final = {"put": 1, "buttons": 1, "words": 2, "stands": 2, "other": 3, "gone": 3, "said": 4, "silence": 4}


class Op(NamedTuple):
    """One line of a test otherwise. `number`: of the line as it is; 0: a new one. `below`: the line it stands below.

    `was`, `now`: the line without its comment; empty: none. `cost`: how much of what the test watches is given up for it.
    """

    number: int
    below: int
    was: str
    now: str
    cost: int


def written(line: Line) -> str:
    """A line as it is written."""
    return f"{line.kind} {line.words}" if line.kind in "<>" else f"{line.kind}: {line.words}"


def is_message(line: Line) -> bool:
    """Whether the line names a message."""
    return line.kind == "<" and line.words != "..."


def id_of(line: Line) -> str:
    """The message that a line names."""
    return line.words.split()[0] if line.words else ""


def fits(items: Sequence[Line], came: Sequence[Message]) -> bool:
    """Whether a turn ends where the test thought: at the same question, or where it does not say."""
    messages = [line for line in items if line.kind == "<"]
    if not messages:
        return not came
    return not is_message(messages[-1]) or (bool(came) and came[-1].id == id_of(messages[-1]))


def pairs_of(items: Sequence[Line], came: Sequence[Message]) -> list[tuple[int, int]]:
    """The lines that name what came, by place, and what they name: as many as can be, in order."""
    named = [place for place, line in enumerate(items) if is_message(line)]
    best: list[list[int]] = [[0] * (len(came) + 1) for _ in range(len(named) + 1)]
    for row in reversed(range(len(named))):
        for column in reversed(range(len(came))):
            same = id_of(items[named[row]]) == came[column].id
            best[row][column] = 1 + best[row + 1][column + 1] if same else max(best[row + 1][column], best[row][column + 1])
    pairs, row, column = [], 0, 0
    while row < len(named) and column < len(came):
        if id_of(items[named[row]]) == came[column].id:
            pairs.append((named[row], column))
            row, column = row + 1, column + 1
        elif best[row + 1][column] >= best[row][column + 1]:
            row += 1
        else:
            column += 1
    return pairs


class Turn(NamedTuple):
    """One turn of a test. `below`: the line it begins below. `listed`: whether new lines name their buttons.

    `homes`: number of a `has:` line → the message in which its words were said before.
    """

    items: Sequence[Line]
    below: int
    listed: bool
    homes: Mapping[int, str]

    def ops(self, run: Run, came: Sequence[Message]) -> list[Op]:
        """Give what of it is written otherwise, so that it goes as it does now; raises `BadChat` on a line that says nothing."""
        found = [*self._messages(came), *self._checks(run)]
        return sorted(found, key=lambda op: op.number or op.below + 0.5)

    # ── messages ──
    def _messages(self, came: Sequence[Message]) -> Iterator[Op]:
        pairs = pairs_of(self.items, came)
        bounds = [(-1, -1), *pairs, (len(self.items), len(came))]
        for (line, message), (next_line, next_message) in pairwise(bounds):
            if line >= 0:
                yield from self._buttons(self.items[line], came[message])
            yield from self._between(line, next_line, came[message + 1 : next_message])

    def _buttons(self, line: Line, message: Message) -> Iterator[Op]:
        wanted = tuple(word.strip("[]") for word in line.words.split()[1:])
        if wanted and wanted != message.keys:
            yield Op(line.number, 0, written(line), f"< {message.id} {buttons(message.keys)}".rstrip(), _COST["buttons"])

    def _between(self, start: int, end: int, new: Sequence[Message]) -> Iterator[Op]:
        """Lines and messages between two that fit."""
        there = range(start + 1, end)
        old = [self.items[place] for place in there if is_message(self.items[place])]
        if any(self.items[place].kind == "<" and not is_message(self.items[place]) for place in there):
            new = new[-1:] if old and end == len(self.items) else ()
        for line, message in zip(reversed(old), reversed(new), strict=False):
            yield Op(line.number, 0, written(line), self._line(message), _COST["other"])
        for line in old[: max(0, len(old) - len(new))]:
            yield Op(line.number, 0, written(line), "", _COST["gone"])
        below = self._anchor(start, end)
        for message in new[: max(0, len(new) - len(old))]:
            yield Op(0, below, "", self._line(message), _COST["put"])

    def _anchor(self, start: int, end: int) -> int:
        """The line that what is new between two places stands below: the last before it, with what must be said in it."""
        if start < 0:
            return self.below
        place = start
        while place + 1 < end and self.items[place + 1].kind.split()[0] in ("has", "not"):
            place += 1
        return self.items[place].number

    def _line(self, message: Message) -> str:
        return f"< {message.id} {buttons(message.keys) if self.listed else ''}".rstrip()

    # ── what must hold ──
    def _checks(self, run: Run) -> Iterator[Op]:
        for line in self.items:
            if line.kind == "<":
                continue
            try:
                run.check(line)
            except BadChat as fault:
                yield self._check(run, line, fault)

    def _check(self, run: Run, line: Line, fault: BadChat) -> Op:
        name, _, language = line.kind.partition(" ")
        match name:
            case "has":
                spoken = run.spoken(language)
                home = [text for id_, text in spoken if id_ == self.homes.get(line.number)]
                now = nearest(line.words, home, least=0.0) if home else nearest(line.words, [text for _, text in spoken])
                return Op(line.number, 0, written(line), f"{line.kind}: {now}" if now else "", _COST["words" if now else "said"])
            case "not":
                return Op(line.number, 0, written(line), "", _COST["silence"])
            case "state" | "language" | "case" | "kept":
                return Op(line.number, 0, written(line), fault.said, _COST["stands"])
            case _:
                raise fault


def nearest(words: str, texts: Sequence[str], least: float = _LIKE) -> str:
    """The sentence of these texts that says most nearly what these words did; nothing if none is like them, or if they are a number."""
    if not any(letter.isalpha() for letter in words):
        return ""
    sentences = [" ".join(part.split(" #")[0].split()) for text in texts for part in _SENTENCE.split(text) if part.strip()]
    rated = [(_alike(words, sentence), sentence) for sentence in sentences]
    best = max(rated, default=(0.0, ""), key=lambda one: one[0])
    return best[1].rstrip(".") if best[0] >= least else ""


def _alike(words: str, sentence: str) -> float:
    one, other = words.casefold().split(), sentence.casefold().split()
    found = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return max(SequenceMatcher(None, words.casefold(), sentence.casefold(), autojunk=False).ratio(), found / max(len(one), 1))
