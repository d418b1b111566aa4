"""A test written anew as it goes now, by the real engine: turn by turn, with as much of what it watches kept as can be.

Rule 1: where another question waits than the test thought, every way on is tried, and the one that keeps most of the rest is taken:
        to answer the new question first, to leave an answer out whose question is gone, or to go on as it is.
Rule 2: which answer a new question gets is a person's choice; until they chose, it is the one that keeps most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.checks.chat import Run
from bot.checks.chatfile import BadChat, ChatFile, Line
from bot.checks.player import GLOBAL, Message
from bot.flow import program as p
from bot.flow.answers import Choices, DateOf, Hours, Number
from bot.studio.playing.aligning import Op, Turn, fits, is_message, pairs_of, written

_DEED, _OTHER_DEED, _LEFT_OUT = 1, 3, 1
_CANNOT: Final = 1_000_000
"""What a way costs that cannot be gone on."""
_PUT_IN: Final = 12
"""So many turns are put into one test at most: a question that comes again and again is no new one."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A question that the test did not answer, and each answer to it: what is done (`[yes]`), and what the rest then costs."""

    question: str
    answers: tuple[tuple[str, int], ...]
    chosen: str


@dataclass(slots=True)
class Way:
    """The rest of a test: what is written otherwise, what somebody may choose, and what it costs."""

    ops: list[Op] = field(default_factory=list)
    picks: list[Pick] = field(default_factory=list)
    cost: int = 0

    def with_ops(self, ops: Sequence[Op]) -> None:
        """Add lines."""
        self.ops += ops
        self.cost += sum(op.cost for op in ops)


@dataclass(slots=True)
class _Place:
    """Where a walk is: a conversation, a turn, and what of the turn is not yet looked at. `below`: the line that new ones stand below."""

    run: Run
    turn: int
    items: list[Line]
    came: Sequence[Message]
    below: int

    def fork(self) -> "_Place":
        return _Place(self.run.fork(), self.turn, list(self.items), self.came, self.below)


def retaken(run: Run, chat: ChatFile, chosen: Mapping[str, str], homes: Mapping[int, str]) -> Way:
    """Give the way through a test as it goes now. Raises `BadChat`.

    `run`: at its beginning; `chosen`: question → what is done; `homes`: as of `homes_of`, by the flows of before.
    """
    return _Walk(chat, chosen, homes).whole(run)


def homes_of(run: Run, chat: ChatFile) -> dict[int, str]:
    """Give the message in which the words of each `has:` line are said, by the number of the line, as far as the test goes as written."""
    homes: dict[int, str] = {}
    try:
        for line in chat.lines:
            if line.kind == ">":
                run.does(line)
            elif line.kind.split()[0] == "has":
                homes[line.number] = run.said_in(line)
            elif line.kind == "at":
                run.check(line)
    except BadChat:
        pass
    return homes


class _Walk:
    def __init__(self, chat: ChatFile, chosen: Mapping[str, str], homes: Mapping[int, str]) -> None:
        self.chosen, self.homes = dict(chosen), homes
        self.turns: list[tuple[Line, list[Line]]] = []
        for line in chat.lines:
            if line.kind == ">":
                self.turns.append((line, []))
            elif self.turns:
                self.turns[-1][1].append(line)
            else:
                raise BadChat(line.number, "> words", written(line))
        ends = [items[-1] for _, items in self.turns if items and is_message(items[-1])]
        self.listed = 2 * sum("[" in line.words for line in ends) > len(ends)
        self.new = 10_000  # numbers of deeds that are put in, so that what is random differs

    def whole(self, run: Run) -> Way:
        way, place = Way(), _Place(run, -1, [], (), 0)
        self._on(place, way, deep=True)
        return way

    # ── going on ──
    def _on(self, place: _Place, way: Way, *, deep: bool) -> None:
        """Go on to the end of the test."""
        while True:
            if place.turn >= 0 and not fits(place.items, place.came) and self._turned(place, way, deep=deep):
                continue
            way.with_ops(self._turn(place).ops(place.run, place.came))
            if place.turn + 1 == len(self.turns):
                return
            place.turn += 1
            line, items = self.turns[place.turn]
            self._deed(place, way, line, deep=deep)
            place.items = list(items)

    def _turn(self, place: _Place) -> Turn:
        return Turn(place.items, place.below, self.listed, self.homes)

    def _deed(self, place: _Place, way: Way, line: Line, *, deep: bool) -> None:
        """Do what the test does; where it cannot be done, what can be in its place, or nothing."""
        before = place.run.fork()
        try:
            place.came, place.below = self._does(place.run, line, way), line.number
        except BadChat:
            place.run = before
        else:
            return
        answers = list(self._answers(before)) if line.words.startswith("[") else []
        question = self._question(before)
        rated = {answer: self._cost_of_other(place, answer, deep=deep) for answer in answers}
        tried = {answer: cost for answer, cost in rated.items() if cost < _CANNOT}
        if not tried:
            way.with_ops([Op(line.number, 0, written(line), "", _OTHER_DEED)])
            place.came, place.below = (), line.number
            return
        answer = self._picked(way, question, tried, deep=deep)
        way.with_ops([Op(line.number, 0, written(line), f"> {answer}", _OTHER_DEED)])
        place.came, place.below = self._does(place.run, Line(line.number, ">", answer), way), line.number

    def _does(self, run: Run, line: Line, way: Way) -> Sequence[Message]:
        """Do it, and take words out of `never:` that are said now."""
        came = run.does(line)
        while True:
            try:
                run.silences(line)
            except BadChat as fault:
                way.with_ops([_unsilenced(run, fault)])
            else:
                return tuple(came)

    # ── another question than the test thought ──
    def _turned(self, place: _Place, way: Way, *, deep: bool) -> bool:
        """Take a better way than to go on as it is, if there is one."""
        answers = list(self._answers(place.run)) if place.came and place.came[-1].keys else list(self._typed(place))
        question = self._question(place.run) if place.came and place.came[-1].keys else place.came[-1].id if place.came else ""
        if not deep:
            return self._turned_at_sight(place, way, question, answers)
        if sum(op.now.startswith(">") and not op.number for op in way.ops) >= _PUT_IN:
            return False
        rated = {answer: self._cost_of_new(place, answer) for answer in answers}
        costs = {answer: cost for answer, cost in rated.items() if cost < _CANNOT}
        as_is, without = self._cost_as_is(place), self._cost_without(place)
        best = min(costs.values(), default=_CANNOT)
        if min(as_is, without) < best:
            return as_is > without and self._left_out(place, way)
        if not costs or (as_is == best and question not in self.chosen):
            return False
        self._put(place, way, self._picked(way, question, costs, deep=True))
        return True

    def _turned_at_sight(self, place: _Place, way: Way, question: str, answers: Sequence[str]) -> bool:
        """As far as one turn shows."""
        for answer in (self.chosen[question],) if question in self.chosen else answers:
            other, some = place.fork(), Way()
            self._put(other, some, answer)
            if fits(other.items, other.came):
                self._put(place, way, answer)
                return True
        if place.turn + 1 < len(self.turns) and fits([*place.items, *self.turns[place.turn + 1][1]], place.came):
            return self._left_out(place, way)
        return False

    def _put(self, place: _Place, way: Way, answer: str) -> None:
        """Put a turn in: the new question is answered, and what the test expected is looked for after it."""
        pairs = pairs_of(place.items, place.came)
        end = pairs[-1][0] + 1 if pairs else 0
        while end < len(place.items) and not is_message(place.items[end]) and (pairs or place.items[end].kind == "<"):
            end += 1
        head, place.items = place.items[:end], place.items[end:]
        way.with_ops(Turn(head, place.below, self.listed, self.homes).ops(place.run, place.came))
        place.below = head[-1].number if head else place.below
        many = self._is_many(place.run)
        for words in (answer, "[done]") if many and answer != "[skip]" else (answer,):
            self.new += 1
            way.with_ops([Op(0, place.below, "", f"> {words}", _DEED)])
            try:
                place.came = self._does(place.run, Line(self.new, ">", words), way)
            except BadChat:
                way.cost += _CANNOT
                return

    def _left_out(self, place: _Place, way: Way) -> bool:
        """Leave the next answer out, since its question is gone: what follows it follows now."""
        if place.turn + 1 == len(self.turns):
            return False
        place.turn += 1
        line, items = self.turns[place.turn]
        for old in [line for line in place.items if line.kind in ("state", "case", "kept", "language")]:
            try:
                place.run.check(old)
            except BadChat:  # it told of a moment that is no more
                way.with_ops([Op(old.number, 0, written(old), "", _LEFT_OUT)])
                place.items.remove(old)
        way.with_ops([Op(line.number, 0, written(line), "", _LEFT_OUT)])
        place.items += items
        return True

    # ── what a way costs ──
    def _rest(self, place: _Place, way: Way) -> int:
        try:
            self._on(place, way, deep=False)
        except BadChat:
            return way.cost + _CANNOT
        return way.cost

    def _cost_of_new(self, place: _Place, answer: str) -> int:
        other, way = place.fork(), Way()
        self._put(other, way, answer)
        return way.cost if way.cost >= _CANNOT else self._rest(other, way)

    def _cost_without(self, place: _Place) -> int:
        other, way = place.fork(), Way()
        return self._rest(other, way) if self._left_out(other, way) else _CANNOT

    def _cost_as_is(self, place: _Place) -> int:
        other, way = place.fork(), Way()
        way.with_ops(self._turn(other).ops(other.run, other.came))
        other.items, other.came = [], ()
        return self._rest(other, way)

    def _cost_of_other(self, place: _Place, answer: str, *, deep: bool) -> int:
        other, way = place.fork(), Way()
        line, items = self.turns[place.turn]
        try:
            other.came, other.items = self._does(other.run, Line(line.number, ">", answer), way), list(items)
        except BadChat:
            return _CANNOT
        return self._rest(other, way) if deep else 0 if fits(other.items, other.came) else 1

    def _picked(self, way: Way, question: str, costs: Mapping[str, int], *, deep: bool) -> str:
        best = min(costs, key=lambda answer: costs[answer])
        chosen = self.chosen.get(question, best)
        chosen = chosen if chosen in costs else best
        if deep and all(pick.question != question for pick in way.picks):
            way.picks.append(Pick(question, tuple(costs.items()), chosen))
            self.chosen[question] = chosen
        return chosen

    # ── what can be answered ──
    def _question(self, run: Run) -> str:
        """The question whose buttons are shown."""
        turn, _ = run.player.shown
        return next((id_ for id_, asked in reversed(run.player.asked.items()) if asked == turn), "")

    def _step(self, run: Run, id_: str) -> p.Step | None:
        flow, _, key = id_.partition(".")
        there = run.program.flows.get(flow)
        return there.steps[there.at[key]] if there is not None and key in there.at else None

    def _is_many(self, run: Run) -> bool:
        step = self._step(run, self._question(run))
        return isinstance(step, p.Ask) and (isinstance(step.type, Hours) or (isinstance(step.type, Choices) and step.type.many))

    def _answers(self, run: Run) -> Iterator[str]:
        """Every answer to the question that waits."""
        many = self._is_many(run)
        for key in run.player.shown[1]:
            if key not in GLOBAL and not (many and key == "done"):
                yield f"[{key}]"
        step = self._step(run, self._question(run))
        if isinstance(step, p.Ask):
            yield from _typed(step)

    def _typed(self, place: _Place) -> Iterator[str]:
        """Answers in words to a question without buttons."""
        step = self._step(place.run, place.came[-1].id) if place.came else None
        if isinstance(step, p.Ask):
            yield from _typed(step)


def _typed(step: p.Ask) -> Iterator[str]:
    match step.type:
        case Number(low, _):
            yield str(low)
        case DateOf(low, _):
            yield low or "today"
        case _:
            return


def _unsilenced(run: Run, fault: BadChat) -> Op:
    """The line of the head without words that are said now."""
    gone = fault.expected.removeprefix("never: ")
    place = next(number for number, (_, value, _line) in enumerate(run.never) if gone in _words(value))
    key, value, line = run.never[place]
    left = ", ".join(word for word in _words(value) if word != gone)
    run.never = [*run.never[:place], *([(key, left, line)] if left else []), *run.never[place + 1 :]]
    return Op(line, 0, f"{key}: {value}", f"{key}: {left}" if left else "", 4)


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]
