"""The order of inboxes and outbox lanes, kept in memory by numbers only: what is head, what is in hand, what is in flight.

Rule 1: only one thread uses these, and only with rows that are on disk; losing them loses nothing.
Rule 2: of one person, and of one lane, only the oldest row is ever given, and the next one only when it has left.
Rule 3: a row that was never put back waits for no clock: the one that dated it may have been wrong, or another machine's (ADR 16).
"""

import heapq
from collections import deque
from collections.abc import Iterable
from typing import TypeAlias

from bot.ports import Person

Lane: TypeAlias = tuple[Person, str]
LONGEST_REST = 3600.0
"""Seconds that a row rests at most: a time farther off was told by another clock, and has come."""


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

    def sizes(self) -> tuple[int, int]:
        """Give how many persons have something waiting or in hand, and how many rows are in hand."""
        return len(self._lines), len(self._hand)

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
        self._rests: dict[int, float] = {}  # rows that were put back → until when
        self._put_back: list[tuple[float, int, Lane]] = []  # heads that rest, not yet compared with the present
        self._later: list[tuple[float, int, Lane, float]] = []  # heads that rest, by the time when each is looked at; and until when
        self._ready: dict[str, list[tuple[int, float, int, Lane]]] = {}  # by name, those whose time has come: rank first, then time
        self._flights: dict[tuple[Person, str], tuple[int, Lane]] = {}
        self._flying: set[Lane] = set()

    def arrived(self, rows: Iterable[tuple[int, Person, str, float, int, int]]) -> None:
        """New rows (number, person, lane, when, rank, tries), in order of their numbers; one that was tried rests until `when`."""
        for seq, person, name, when, rank, tries in rows:
            self.known = seq
            if tries:
                self._rests[seq] = when
            line = self._lines.get((person, name))
            if line is None:
                self._lines[person, name] = deque(((seq, when, rank),))
                self._stand((person, name))
            else:
                line.append((seq, when, rank))

    def give(self, now: float, most: dict[str, int] | None = None) -> tuple[int, Lane] | None:
        """Give the head of the first rank whose time came first and that is not in flight, or None. The caller says `flies`, or `gone`.

        `now`: of a clock that never goes back. `most`: only lanes of these names, so many of each; it is counted down.
        """
        while self._put_back:
            until, seq, lane = self._put_back.pop()
            heapq.heappush(self._later, (until if until <= now + LONGEST_REST else now, seq, lane, until))
        while self._later and self._later[0][0] <= now:
            _, seq, lane, until = heapq.heappop(self._later)
            line = self._lines.get(lane)
            if line is not None and line[0][0] == seq and self._rests.get(seq) == until:
                del self._rests[seq]
                self._stand(lane)
        best: list[tuple[int, float, int, Lane]] | None = None
        for name, heap in self._ready.items():
            if (most is None or most.get(name, 0) > 0) and self._stands(heap) and (best is None or heap[0] < best[0]):
                best = heap
        if best is None:
            return None
        _, _, seq, lane = heapq.heappop(best)
        if most is not None:
            most[lane[1]] -= 1
        return seq, lane

    def _stands(self, heap: list[tuple[int, float, int, Lane]]) -> bool:
        """Whether a head stands here that may go; what does not is taken away."""
        while heap:
            _, when, seq, lane = heap[0]
            line = self._lines.get(lane)
            if line is not None and line[0][:2] == (seq, when) and lane not in self._flying:
                return True
            heapq.heappop(heap)
        return False

    def flies(self, lane: Lane, id_: str) -> None:
        """The head of a lane is in flight."""
        self._flying.add(lane)
        self._flights[lane[0], id_] = self._lines[lane][0][0], lane

    def stays(self, lane: Lane) -> None:
        """The head that was given is not in flight after all."""
        self._stand(lane)

    def lands(self, person: Person, id_: str) -> None:
        """A row is in flight no more, whatever became of it; say `gone` or `again` before this."""
        flight = self._flights.pop((person, id_), None)
        if flight is not None:
            self._flying.discard(flight[1])
            self._stand(flight[1])

    def behind(self, person: Person, id_: str) -> list[int]:
        """Give the rows that stand in the lane behind one in flight, in order."""
        flight = self._flights.get((person, id_))
        line = self._lines.get(flight[1]) if flight is not None else None
        return [seq for seq, _, _ in line if seq > flight[0]] if flight is not None and line is not None else []

    def later(self, person: Person, id_: str, when: float) -> None:
        """A row in flight stays where it is, for a later time; nothing was tried."""
        flight = self._flights.get((person, id_))
        if flight is not None:
            self.again(*flight, when)
            self.lands(person, id_)

    def again(self, seq: int, lane: Lane, when: float) -> None:
        """A row stays where it is, for a later time."""
        line = self._lines.get(lane)
        if line is not None and line[0][0] == seq:
            line[0] = (seq, when, line[0][2])
            self._rests[seq] = when
            self._stand(lane)

    def gone(self, seq: int, lane: Lane) -> None:
        """A row has left its lane."""
        self._rests.pop(seq, None)
        line = self._lines.get(lane)
        if line is None:
            return
        if line[0][0] == seq:
            line.popleft()
            self._stand(lane)
        else:
            self._lines[lane] = deque(one for one in line if one[0] != seq)

    def sizes(self, now: float) -> dict[str, tuple[int, int, int]]:
        """Give by name how many lanes are ready, in flight, and resting until their time comes."""
        counts: dict[str, list[int]] = {}
        for lane, line in self._lines.items():
            place = 1 if lane in self._flying else 2 if self._rests.get(line[0][0], now) > now else 0
            counts.setdefault(lane[1], [0, 0, 0])[place] += 1
        return {name: (ready, flying, resting) for name, (ready, flying, resting) in counts.items()}

    def _stand(self, lane: Lane) -> None:
        line = self._lines.get(lane)
        if not line:
            self._lines.pop(lane, None)
        elif lane not in self._flying:
            seq, when, rank = line[0]
            if seq in self._rests:
                self._put_back.append((self._rests[seq], seq, lane))
            else:
                heapq.heappush(self._ready.setdefault(lane[1], []), (rank, when, seq, lane))
