"""The order of inboxes and outbox lanes, kept in memory by numbers only: what is head, what is in hand, what is in flight.

Rule 1: only one thread uses these, and only with rows that are on disk; losing them loses nothing.
Rule 2: of one person, and of one lane, only the oldest row is ever given, and the next one only when it has left.
"""

import heapq
from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

from bot.ports import Person

Lane: TypeAlias = tuple[Person, str]


class Inboxes:
    """Who has what waiting. `known`: the highest row number heard of."""

    def __init__(self) -> None:
        self.known = 0
        self._lines: dict[Person, deque[int]] = {}
        self._ready: list[tuple[int, Person]] = []
        self._hand: dict[int, Person] = {}

    def arrived(self, rows: Iterable[tuple[int, Person]]) -> None:
        """New rows, in order of their numbers."""
        for seq, person in rows:
            self.known = seq
            line = self._lines.get(person)
            if line is None:
                self._lines[person] = deque((seq,))
                heapq.heappush(self._ready, (seq, person))
            elif line[-1] < seq:
                line.append(seq)
            else:
                self._late(line, seq, person)

    def _late(self, line: deque[int], seq: int, person: Person) -> None:
        """A row heard of after later ones stands where it belongs, but never before one that is in hand."""
        first = 1 if line[0] in self._hand else 0
        place = next((n for n in range(first, len(line)) if line[n] > seq), len(line))
        line.insert(place, seq)
        if place == 0:
            heapq.heappush(self._ready, (seq, person))

    def give(self) -> tuple[int, Person] | None:
        """Give the oldest head that is not in hand and take it in hand, or None."""
        while self._ready:
            seq, person = heapq.heappop(self._ready)
            line = self._lines.get(person)
            if line is not None and line[0] == seq and seq not in self._hand:
                self._hand[seq] = person
                return seq, person
        return None

    def back(self, seq: int) -> None:
        """A row in hand is a head again."""
        person = self._hand.pop(seq, None)
        if person is not None:
            self._stand(person)

    def gone(self, seq: int, person: Person) -> None:
        """A row has left its inbox."""
        self._hand.pop(seq, None)
        line = self._lines.get(person)
        if line is not None and line[0] == seq:
            line.popleft()
            self._stand(person)
        elif line is not None and seq in line:
            line.remove(seq)

    def waits(self, person: Person) -> bool:
        """Whether something of this person waits or is in hand."""
        return person in self._lines

    def in_hand(self) -> tuple[int, ...]:
        """Give the rows in hand."""
        return tuple(self._hand)

    def _stand(self, person: Person) -> None:
        line = self._lines.get(person)
        if line:
            heapq.heappush(self._ready, (line[0], person))
        else:
            self._lines.pop(person, None)


class Lanes:
    """What waits to be sent. `known`: the highest row number heard of."""

    def __init__(self) -> None:
        self.known = 0
        self._lines: dict[Lane, deque[tuple[int, float, int]]] = {}  # (row, when, rank)
        self._later: list[tuple[float, int, Lane]] = []
        self._ready: list[tuple[int, float, int, Lane]] = []  # those whose time has come: rank first, then time
        self._flights: dict[tuple[Person, str], Lane] = {}
        self._flying: set[Lane] = set()

    def arrived(self, rows: Iterable[tuple[int, Person, str, float, int]]) -> None:
        """New rows (number, person, lane, when, rank), in order of their numbers."""
        for seq, person, name, when, rank in rows:
            self.known = seq
            line = self._lines.get((person, name))
            if line is None:
                self._lines[person, name] = deque(((seq, when, rank),))
                heapq.heappush(self._later, (when, seq, (person, name)))
            else:
                line.append((seq, when, rank))

    def give(self, now: float) -> tuple[int, Lane] | None:
        """Give the head of the first rank whose time came first and that is not in flight, or None. The caller says `flies`, or `gone`."""
        while self._later and self._later[0][0] <= now:
            when, seq, lane = heapq.heappop(self._later)
            line = self._lines.get(lane)
            if line is not None and line[0][:2] == (seq, when):
                heapq.heappush(self._ready, (line[0][2], when, seq, lane))
        while self._ready:
            _, when, seq, lane = heapq.heappop(self._ready)
            line = self._lines.get(lane)
            if line is not None and line[0][:2] == (seq, when) and lane not in self._flying:
                return seq, lane
        return None

    def flies(self, lane: Lane, id_: str) -> None:
        """The head of a lane is in flight."""
        self._flying.add(lane)
        self._flights[lane[0], id_] = lane

    def stays(self, lane: Lane) -> None:
        """The head that was given is not in flight after all."""
        self._stand(lane)

    def lands(self, person: Person, id_: str) -> None:
        """A row is in flight no more, whatever became of it; say `gone` or `again` before this."""
        lane = self._flights.pop((person, id_), None)
        if lane is not None:
            self._flying.discard(lane)
            self._stand(lane)

    def again(self, seq: int, lane: Lane, when: float) -> None:
        """A row stays where it is, for a later time."""
        line = self._lines.get(lane)
        if line is not None and line[0][0] == seq:
            line[0] = (seq, when, line[0][2])
            self._stand(lane)

    def gone(self, seq: int, lane: Lane) -> None:
        """A row has left its lane."""
        line = self._lines.get(lane)
        if line is None:
            return
        if line[0][0] == seq:
            line.popleft()
            self._stand(lane)
        else:
            self._lines[lane] = deque(one for one in line if one[0] != seq)

    def _stand(self, lane: Lane) -> None:
        line = self._lines.get(lane)
        if not line:
            self._lines.pop(lane, None)
        elif lane not in self._flying:
            seq, when, _ = line[0]
            heapq.heappush(self._later, (when, seq, lane))
