"""Inboxes on Redis: what arrives is kept by one script, and handed out from memory.

Rule 1: memory learns of a row where its answer is heard, whether or not the caller still waits.
Rule 2: rows that other processes accepted for a shard held here come first where they were first.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.ports import Arrival, Clock, NotOurs, StoreUnavailable, Taken
from bot.storage.redis.batch import Batches
from bot.storage.redis.cells import DAMAGED, SHARDS, InRow, base_of, event_name, known_from, mark_of, pack, second_of, shard_of, tag_of
from bot.storage.redis.leases import Leases
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.scripts import ACCEPT, ASIDE, TRIED
from bot.storage.redis.wire import Wire


class Inbox:
    """Keeps and hands out what arrives."""

    def __init__(self, *, wire: Wire, batches: Batches, memory: Memory, leases: Leases, clock: Clock, works: bool) -> None:
        self._wire = wire
        self._batches = batches
        self._memory = memory
        self._leases = leases
        self._clock = clock
        self._works = works
        self._looks: dict[asyncio.Task[None], int] = {}  # under way → shard

    def accept(self, arrival: Arrival) -> "asyncio.Future[Any]":
        """Have one event kept; the answer's first part is its number, 0 if it was seen."""
        shard, name = shard_of(arrival.person), event_name(arrival.person, arrival.event)
        hold = self._hold(shard)
        row = InRow(arrival.event, arrival.sealed, arrival.at)
        want = hold is not None and self._memory.cells.get(arrival.person) is None

        def heard(answer: Any, error: BaseException | None) -> None:
            if error is not None:
                self._leases.unknown(hold)
            elif hold is not None and self._memory.holds.get(shard) is hold:
                self._accepted(hold, name, row, answer, want=want)

        fields = (base_of(shard), hold.fence if hold else 0, name, second_of(self._clock.now()), "1" if want else "0", pack(row))
        return self._batches.ask(ACCEPT, shard, *fields, heard=heard)

    def _accepted(self, hold: Hold, name: bytes, row: InRow, answer: Any, *, want: bool) -> None:
        number, mine, behind, cell = answer
        if not mine:
            self._leases.lose(hold.shard)
            return
        if want and self._memory.cells.peek(name[:16]) is None:
            with suppress(*DAMAGED):  # that turn will find it, and be put aside
                self._memory.cells.put(name[:16], known_from(cell))
        if number:
            self._memory.arrive(hold.shard, [(number, name, row)])
        if behind:
            self._look(hold.shard)

    def _look(self, shard: int) -> None:
        task = asyncio.get_running_loop().create_task(self._leases.look([shard]))
        self._looks[task] = shard
        task.add_done_callback(self._looked)

    def _looked(self, task: "asyncio.Task[None]") -> None:
        self._looks.pop(task, None)
        if not task.cancelled():
            task.exception()  # the next round looks again

    async def take(self, limit: int) -> Sequence[Taken]:
        """Give heads of inboxes of persons who have nothing in hand, oldest first, and mark them in hand."""
        if self._looks:  # rows of others come first where they were first
            await asyncio.gather(*self._looks, return_exceptions=True)
        given, later = self._heads(limit)
        for seq in later:
            self._memory.inboxes.back(seq)
        again = [one for one in given if one.tries]
        if again:
            try:
                await asyncio.gather(*(self._tried(one) for one in again))
            except BaseException:
                self.release([one.row for one in given])
                raise
        return given

    def _heads(self, limit: int) -> tuple[list[Taken], list[int]]:
        memory = self._memory
        given: list[Taken] = []
        later: list[int] = []
        looked_at = set(self._looks.values())  # since it was waited for others: what is first there is not known yet
        while len(given) < limit and len(later) < limit and (head := memory.inboxes.give()) is not None:
            seq, person = head
            if seq not in memory.rows or self._hold(seq % SHARDS) is None:
                memory.leave(seq, person)
                continue
            if seq % SHARDS in looked_at:
                later.append(seq)
                continue
            doubt = seq in memory.doubtful
            if doubt and memory.suspect not in (None, seq):
                later.append(seq)
                continue
            if doubt:
                memory.suspect = seq
                memory.doubtful.discard(seq)
            tries = memory.tries.get(seq, 0) + doubt
            memory.tries[seq] = tries + 1
            memory.hand[seq] = person
            row = memory.rows[seq][1]
            given.append(Taken(seq, person, row.event, row.sealed, row.at, tries))
        return given, later

    async def _tried(self, taken: Taken) -> None:
        hold, row = self._hold(taken.row % SHARDS), self._memory.rows.get(taken.row)
        if hold is not None and row is not None:
            await self._wire.script(TRIED, tag_of(hold.shard), base_of(hold.shard), hold.fence, row[0], taken.tries)

    def release(self, rows: Sequence[int]) -> None:
        """Put taken rows back unworked, without a try: nothing died of them."""
        for seq in rows:
            if seq == self._memory.suspect:
                self._memory.suspect = None
            self._memory.hand.pop(seq, None)
            if self._memory.tries.get(seq):
                self._memory.tries[seq] -= 1  # nothing died of it
            self._memory.inboxes.back(seq)

    async def quarantine(self, row: int, sealed: bytes | None, at: float) -> None:
        """Put an inbox row aside, sealed, for 24 h; with None only drop it. Raises `NotOurs`."""
        known, hold = self._memory.rows.get(row), self._hold(row % SHARDS)
        if known is None:
            self._memory.hand.pop(row, None)
            return
        name, kept = known
        if hold is None:
            wrong = self._leases.wrong(row % SHARDS)
            if isinstance(wrong, NotOurs):
                self._memory.leave(row, name[:16])
            raise wrong
        fields = (base_of(hold.shard), hold.fence, name, repr(at), sealed or b"", mark_of(name, kept.at))
        try:
            answer = await self._wire.script(ASIDE, tag_of(hold.shard), *fields)
        except StoreUnavailable:
            self._leases.unknown(hold)
            raise
        self._memory.leave(row, name[:16])
        if answer == b"moved":
            self._leases.lose(hold.shard)
            raise NotOurs

    def _hold(self, shard: int) -> Hold | None:
        return self._leases.hold(shard) if self._works else None
