"""What a worker remembers of the shards it holds: cells, rows, timers, all sealed, all written there before.

Rule 1: it is dropped whole when a hold is lost or an answer was: then the store is read again.
Rule 2: what is in hand or in flight stays known over that, so that nothing is begun twice.
"""

import heapq
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from bot.ports import Person
from bot.storage.queues import Inboxes, Lanes
from bot.storage.redis.cells import SHARDS, InRow, Known, Out, shard_of

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of the cells kept, with what Python adds to each."""
_ADDED: Final = 700
"""Bytes that Python adds to a cell: a pseudonym, two structs, five byte strings with their tuples, a place in an ordered dict."""


class Cells:
    """The cells last used. `NOBODY`: it is known that there is none. Each shard has a list of its own, so that it is dropped at once."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._of: list[OrderedDict[Person, Known]] = [OrderedDict() for _ in range(SHARDS)]
        self._sizes = [0] * SHARDS
        self._largest = largest
        self.bytes = 0
        self.hits = self.misses = 0

    def get(self, person: Person) -> Known | None:
        """Give the cell; None if that is not known."""
        cells = self._of[shard_of(person)]
        cell = cells.get(person)
        if cell is None:
            self.misses += 1
        else:
            self.hits += 1
            cells.move_to_end(person)
        return cell

    def peek(self, person: Person) -> Known | None:
        """The same, without counting it as a use."""
        return self._of[shard_of(person)].get(person)

    def put(self, person: Person, cell: Known) -> None:
        """Know this cell; what was not used for longest leaves, of its own shard first: people are spread evenly."""
        shard = shard_of(person)
        cells = self._of[shard]
        old = cells.get(person)
        cells[person] = cell
        if old is None:
            self._grow(shard, cell.size + _ADDED)
        else:
            self._grow(shard, cell.size - old.size)
            cells.move_to_end(person)
        while self.bytes > self._largest:
            fullest = shard if len(cells) > 1 else max(range(SHARDS), key=self._sizes.__getitem__)
            _, gone = self._of[fullest].popitem(last=False)
            self._grow(fullest, -gone.size - _ADDED)

    def cool(self, person: Person) -> None:
        """Let it be the first to leave: it was needed once."""
        cells = self._of[shard_of(person)]
        if person in cells:
            cells.move_to_end(person, last=False)

    def forget(self, person: Person) -> None:
        """Know nothing of this person any more."""
        shard = shard_of(person)
        old = self._of[shard].pop(person, None)
        if old is not None:
            self._grow(shard, -old.size - _ADDED)

    def drop(self, shard: int) -> None:
        """Forget a shard."""
        self._of[shard] = OrderedDict()
        self._grow(shard, -self._sizes[shard])

    def _grow(self, shard: int, by: int) -> None:
        self._sizes[shard] += by
        self.bytes += by


@dataclass(slots=True)
class Hold:
    """A shard held. `until`: steady time after which it may be another's. `home`: the server that gave it, in its life.

    `timers`: those whose time is near."""

    shard: int
    fence: int
    until: float
    next_out: int = 1
    timers: dict[bytes, float] = field(default_factory=dict)
    home: str = ""


class Memory:
    """All shards held, with one order of work over them. Rows are numbered `number × 64 + shard`."""

    def __init__(self) -> None:
        self.cells = Cells()
        self.holds: dict[int, Hold] = {}
        self.inboxes = Inboxes()
        self.lanes = Lanes()
        self.rows: dict[int, tuple[bytes, InRow]] = {}  # inbox row → its name, and what it holds
        self.outs: dict[int, Out] = {}
        self.out_rows: dict[tuple[Person, str], int] = {}
        self.hand: dict[int, Person] = {}
        self.flying: dict[tuple[Person, str], int] = {}
        self.tries: dict[int, int] = {}
        self.doubtful: set[int] = set()
        self.suspect: int | None = None
        self.ringing: list[tuple[float, int, bytes]] = []
        self.horizon = 0.0  # the store's time until which timers are known

    # ── inbox ──
    def arrive(self, shard: int, rows: list[tuple[int, bytes, InRow]]) -> None:
        """Know these inbox rows (number, name, row); those known already stay as they are."""
        fresh = []
        for number, name, row in sorted(rows, key=lambda one: one[0]):
            seq = number * SHARDS + shard
            if seq not in self.rows:
                self.rows[seq] = (name, row)
                fresh.append((seq, name[:16]))
        self.inboxes.arrived(fresh)

    def leave(self, seq: int, person: Person) -> None:
        """An inbox row is gone."""
        self.rows.pop(seq, None)
        self.hand.pop(seq, None)
        self.tries.pop(seq, None)
        self.clear(seq)
        self.inboxes.gone(seq, person)

    def clear(self, seq: int) -> None:
        """A row is under no suspicion any more."""
        self.doubtful.discard(seq)
        if seq == self.suspect:
            self.suspect = None

    # ── outbox ──
    def put_out(self, hold: Hold, rows: list[tuple[int, Out]]) -> None:
        """Know these outbox rows."""
        fresh = []
        for number, out in rows:
            seq = number * SHARDS + hold.shard
            hold.next_out = max(hold.next_out, number + 1)
            if seq not in self.outs:
                self.outs[seq] = out
                self.out_rows[out.person, out.id] = seq
                fresh.append((seq, out.person, out.lane, out.next, out.rank, out.tries))
        self.lanes.arrived(fresh)

    def take_out(self, seq: int) -> None:
        """An outbox row is gone."""
        out = self.outs.pop(seq, None)
        if out is not None:
            self.out_rows.pop((out.person, out.id), None)
            self.lanes.gone(seq, (out.person, out.lane))

    def land(self, person: Person, id_: str) -> None:
        """A row is in flight no more."""
        self.flying.pop((person, id_), None)
        self.lanes.lands(person, id_)

    # ── timers ──
    def set_timer(self, hold: Hold, member: bytes, due: float) -> None:
        """Know a timer, if its time is near."""
        if hold.timers.get(member) == due:
            return
        if due > self.horizon:
            hold.timers.pop(member, None)  # set for later: it does not ring at the time it had
            return
        hold.timers[member] = due
        heapq.heappush(self.ringing, (due, hold.shard, member))

    def timers_until(self, now: float, limit: int) -> list[tuple[Hold, bytes]]:
        """Give timers whose time has come, and forget them."""
        given: list[tuple[Hold, bytes]] = []
        while self.ringing and self.ringing[0][0] <= now and len(given) < limit:
            due, shard, member = heapq.heappop(self.ringing)
            hold = self.holds.get(shard)
            if hold is not None and hold.timers.get(member) == due:
                del hold.timers[member]
                given.append((hold, member))
        return given

    # ── holds ──
    def busy(self, shard: int) -> bool:
        """Whether something of a shard is in hand or in flight."""
        return any(seq % SHARDS == shard for seq in self.hand) or any(seq % SHARDS == shard for seq in self.flying.values())

    def drop(self, shard: int) -> None:
        """Forget a shard, but for what is in hand and in flight."""
        self.holds.pop(shard, None)
        self.cells.drop(shard)
        for seq in [one for one in self.rows if one % SHARDS == shard and one not in self.hand]:
            self.leave(seq, self.rows[seq][0][:16])
        flying = set(self.flying.values())
        for seq in [one for one in self.outs if one % SHARDS == shard and one not in flying]:
            self.take_out(seq)
