"""What ends by itself on Redis, a part of each shard at a time; and how much there is of everything.

Rule 1: nothing ends before its time, and a person whose message waits is never ended.
Rule 2: one sweep looks at a bounded part of each shard, so that no number of people makes it long; a round is many sweeps.
"""

import asyncio
from typing import Final

from msgspec import structs

from bot.ports import Person, StoreCounts, StoreUnavailable
from bot.privacy.retention import Lifetimes
from bot.storage.redis.batch import Batches
from bot.storage.redis.cells import DAMAGED, NOBODY, SHARDS, Known, base_of, cell_bytes, fresh_marks, in_from, known_from, tag_of
from bot.storage.redis.desk import Desk
from bot.storage.redis.health import OLDEST
from bot.storage.redis.leases import Leases
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.scripts import COMMIT, SETTLE
from bot.storage.redis.traces import Traces
from bot.storage.redis.wire import Wire
from bot.storage.redis.writes import SettlePlan, cell_fields

LOOKED_AT: Final = 500
"""Cells of a shard that one sweep looks at (about)."""


class Sweeper:
    """Ends what has outlived its time in the shards held."""

    def __init__(self, *, wire: Wire, batches: Batches, memory: Memory, leases: Leases, desk: Desk) -> None:
        self._wire = wire
        self._batches = batches
        self._memory = memory
        self._leases = leases
        self._desk = desk
        self._traces = Traces(wire=wire, memory=memory)
        self._cursors: dict[int, bytes] = {}
        self._erased: dict[int, bytes] = {}

    async def sweep(self, now: float, life: Lifetimes) -> int:
        """Give how many rows ended."""
        rows = 0
        for shard in list(self._memory.holds):
            hold = self._leases.hold(shard)
            if hold is not None:
                rows += await self._shard(hold, now, life)
        if 0 in self._memory.holds:
            rows += await self._desk.sweep_notes(now)
        await self._traces.sweep()
        return rows

    async def _shard(self, hold: Hold, now: float, life: Lifetimes) -> int:
        base, tag = base_of(hold.shard), tag_of(hold.shard)
        cursor = self._cursors.get(hold.shard, b"0")
        cursor, flat = await self._wire.command(tag, "HSCAN", base, cursor, "COUNT", LOOKED_AT)
        self._cursors[hold.shard] = cursor
        rows = 0
        await self._leases.look([hold.shard])  # a message that another process has just accepted keeps its person
        people = [(person, data) for person, data in zip(flat[::2], flat[1::2], strict=True) if len(person) == 16]
        # Most have nothing that ended: a task for each of half a thousand cost more than looking at them.
        ended = [(person, *found) for person, data in people if (found := self._ended(person, data, now, life)) is not None]
        await asyncio.gather(*(self._write(hold, person, old, new, marks) for person, old, new, marks, _ in ended))
        rows += sum(one[-1] for one in ended)
        rows += await self._farewells(hold, now - life.farewell)
        rows += await self._cases(hold, now, life.case)
        rows += int(await self._wire.command(tag, "ZREMRANGEBYSCORE", f"{base}:q", "-inf", repr(now - life.quarantine)))
        return rows + await self._marks(hold, now, life.seen)

    def _ended(self, person: Person, scanned: bytes, now: float, life: Lifetimes) -> "tuple[Known, Known | None, bytes, int] | None":
        """Give what is kept, what shall be (None: the person ends whole, and leaves these marks), and how many rows end; or nothing."""
        try:
            known = self._memory.cells.peek(person) or known_from(scanned)
        except DAMAGED:
            return None  # whoever writes to it will find it
        if known is NOBODY:
            return None
        marks, cell = known.marks, known.cell
        over = cell.ends and cell.ends <= now
        if over and cell.ends + life.route <= now and not self._memory.inboxes.waits(person):
            return known, None, fresh_marks(marks, now, life.seen), 1
        rows = 0
        if over and cell.session is not None:
            cell, rows = structs.replace(cell, session=None), 1
        if cell.receipts and cell.shown <= now - life.receipts:
            cell, rows = structs.replace(cell, receipts=()), rows + 1
        kept = fresh_marks(marks, now, life.seen)
        rows += (len(marks) - len(kept)) // 8
        return (known, Known(known.version, kept, cell), b"", rows) if rows else None

    async def _write(self, hold: Hold, person: Person, old: Known, new: Known | None, marks: bytes) -> None:
        """Put a cell in the place of this one of the same version, or end the person whole."""
        gone: list[int] = []
        dropped: list[bytes] = []
        data = cell_bytes(new.version, new.marks, new.cell) if new is not None else b""
        if new is None:
            gone = [seq for (who, _), seq in self._memory.out_rows.items() if who == person and self._memory.outs[seq].wraps is None]
            dropped = [person + name.encode() for name in old.cell.timers]
        self._memory.cells.put(person, structs.replace(new, size=len(data)) if new is not None else NOBODY)
        fields = cell_fields(hold, person, old.version, data, marks, dropped=dropped, gone=gone)
        try:
            answer = await self._batches.ask(COMMIT, hold.shard, *fields)
        except StoreUnavailable:
            self._leases.lose(hold.shard)
            raise
        if answer != b"ok":
            self._leases.lose(hold.shard)
            return
        for seq in gone:
            self._memory.take_out(seq)
        for member in dropped:
            hold.timers.pop(member, None)

    async def _farewells(self, hold: Hold, born_before: float) -> int:
        over = [
            seq
            for seq, out in self._memory.outs.items()
            if seq % SHARDS == hold.shard and out.wraps is not None and out.born <= born_before
        ]
        for seq in over:
            await self._batches.ask(SETTLE, hold.shard, *SettlePlan(None, b"").fields(hold, seq, b""))
            self._memory.take_out(seq)
        return len(over)

    async def _cases(self, hold: Hold, now: float, kept: float) -> int:
        rows = 0
        for _, code, _, row in await self._desk.all_rows([hold.shard]):
            if row.index.state not in ("closed", "erased"):
                continue
            ends = row.keep_until if row.keep_until is not None else (row.closed_at or 0.0) + kept
            if ends <= now:
                tag, base = tag_of(hold.shard), base_of(hold.shard)
                await asyncio.gather(
                    self._wire.command(tag, "HDEL", f"{base}:c", code), self._wire.command(tag, "DEL", f"{base}:th:{code}")
                )
                await self._desk.forget_code(code)
                rows += 1
        return rows

    async def _marks(self, hold: Hold, now: float, lasts: float) -> int:
        """What erased persons had seen."""
        tag, key = tag_of(hold.shard), f"{base_of(hold.shard)}:sx"
        cursor = self._erased.get(hold.shard, b"0")
        self._erased[hold.shard], flat = await self._wire.command(tag, "HSCAN", key, cursor, "COUNT", LOOKED_AT)
        over = [person for person, marks in zip(flat[::2], flat[1::2], strict=True) if not fresh_marks(marks, now, lasts)]
        if over:
            await self._wire.command(tag, "HDEL", key, *over)
        return len(over)


async def held_counts(wire: Wire, desk: Desk, *, held: int) -> StoreCounts:
    """Give sizes over all shards."""

    def each(*words: str) -> list["asyncio.Future[int]"]:
        return [wire.command(tag_of(n), words[0], base_of(n) + words[1], *words[2:]) for n in range(SHARDS)]

    async def total(*words: str) -> int:
        return sum(await asyncio.gather(*each(*words)))

    people, marks, numbers, inbox, outbox, timers, aside = await asyncio.gather(
        total("HLEN", ""), total("HEXISTS", "", "m"), total("HEXISTS", "", "s"), total("HLEN", ":in"), total("HLEN", ":out"),
        total("ZCARD", ":t"), total("ZCARD", ":q"),
    )  # fmt: skip
    states = [index.state for index in await desk.open_indexes()]
    heads = await asyncio.gather(*(wire.script(OLDEST, tag_of(n)) for n in range(SHARDS))) if inbox else ()
    oldest = min((in_from(row.partition(b" ")[2]).at for row in heads if row), default=None)
    return StoreCounts(
        people=people - marks - numbers, inbox=inbox, outbox=outbox, timers=timers, cases_waiting=states.count("waiting"),
        cases_claimed=states.count("claimed"), quarantine=aside, oldest_inbox=oldest, shards=SHARDS, held=held,
    )  # fmt: skip
