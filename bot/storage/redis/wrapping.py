"""The keys of people and cases as they are kept on Redis, page by page; and putting new wraps in the place of old ones.

Rule 1: only who holds a shard changes it; what it remembers of a person changes with it, so that no later commit puts old wraps back.
Rule 2: new wraps take the place of exactly those that were read, else nothing is done.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

from msgspec import structs

from bot.conversation.running.crashpoint import crashpoint
from bot.ports import Person, StoreUnavailable
from bot.privacy.keys import Wrapped, Wraps
from bot.storage.redis.batch import Batches
from bot.storage.redis.cells import (
    DAMAGED,
    SHARDS,
    Known,
    base_of,
    case_bytes,
    case_from,
    cell_bytes,
    known_from,
    out_from,
    shard_of,
    tag_of,
)
from bot.storage.redis.desk import Desk
from bot.storage.redis.leases import Leases
from bot.storage.redis.memory import Memory
from bot.storage.redis.scripts import COMMIT, REWRAP
from bot.storage.redis.wire import Wire
from bot.storage.redis.writes import cell_fields

PAGE = 500
"""Rows that are read at once (about)."""


class Wrapping:
    """Reads and changes wraps. `cell`: gives what is kept of a person, and remembers it if its shard is held."""

    def __init__(
        self, *, wire: Wire, batches: Batches, memory: Memory, leases: Leases, desk: Desk, cell: Callable[[Person], Awaitable[Known]]
    ) -> None:  # fmt: skip
        self._wire = wire
        self._batches = batches
        self._memory = memory
        self._leases = leases
        self._desk = desk
        self._cell = cell

    async def all(self, *, ours: bool = False) -> AsyncIterator[Sequence[Wrapped]]:
        """Give the keys of people, cases and farewells as they are kept, page by page; `ours`: of the shards held here only."""
        for shard in range(SHARDS):
            if not ours or self._leases.hold(shard) is not None:
                async for page in self._shard(shard):
                    yield page

    async def _shard(self, shard: int) -> AsyncIterator[Sequence[Wrapped]]:
        tag, base = tag_of(shard), base_of(shard)
        for key, read in ((base, _of_people), (f"{base}:c", _of_cases), (f"{base}:out", _of_farewells)):
            known: set[str] = set()  # a table that grows while it is read gives some rows twice
            cursor = b"0"
            while True:
                cursor, flat = await self._wire.command(tag, "HSCAN", key, cursor, "COUNT", PAGE)
                page = [one for one in read(list(zip(flat[::2], flat[1::2], strict=True))) if one.row not in known]
                known.update(one.row for one in page)
                if page:
                    yield page
                if cursor == b"0":
                    break

    async def put(self, changes: Sequence[tuple[Wrapped, Wraps]]) -> int:
        """Put wraps in the place of others; gives how many were. Raises `StoreUnavailable`."""
        crashpoint("storage.before_rewrap")
        done = await asyncio.gather(*(self._person(*one) if one[0].kind == "person" else self._case(*one) for one in changes))
        crashpoint("storage.after_rewrap")
        return sum(done)

    async def _person(self, old: Wrapped, new: Wraps) -> bool:
        person = bytes.fromhex(old.row)
        shard, met = shard_of(person), self._memory.cells.peek(person) is not None
        if self._leases.hold(shard) is None:
            return False
        await self._cell(person)
        hold, known = self._leases.hold(shard), self._memory.cells.peek(person)
        if hold is None or known is None or known.cell.wraps != old.wraps:
            return False
        cell = structs.replace(known.cell, wraps=new)
        data = cell_bytes(known.version, known.marks, cell)
        self._memory.cells.put(person, Known(known.version, known.marks, cell, len(data)))
        if not met:
            self._memory.cells.cool(person)
        try:
            answer = await self._batches.ask(COMMIT, shard, *cell_fields(hold, person, known.version, data))
        except StoreUnavailable:
            self._leases.unknown(hold)
            raise
        if answer != b"ok":
            self._leases.unknown(hold)
        return bool(answer == b"ok")

    async def _case(self, old: Wrapped, new: Wraps) -> bool:
        shard = await self._desk.shard_of_case(old.row)
        hold = self._leases.hold(shard) if shard is not None else None
        if shard is None or hold is None:
            return False
        data: bytes | None = await self._wire.command(tag_of(shard), "HGET", f"{base_of(shard)}:c", old.row)
        if data is None:
            return False
        version, row = case_from(data)
        if row.wraps != old.wraps:
            return False
        row.wraps = new
        answer = await self._batches.ask(REWRAP, shard, base_of(shard), hold.fence, old.row, data, case_bytes(version, row))
        return bool(answer == b"ok")


Rows = list[tuple[bytes, bytes]]


def _of_people(rows: Rows) -> Iterator[Wrapped]:
    for person, data in rows:
        if len(person) == 16:
            try:
                yield Wrapped("person", person.hex(), known_from(data).cell.wraps)
            except DAMAGED:
                continue  # nobody can open it, under whichever key


def _of_cases(rows: Rows) -> Iterator[Wrapped]:
    for code, data in rows:
        try:
            _, row = case_from(data)
        except DAMAGED:
            continue
        if row.wraps:
            yield Wrapped("case", code.decode(), row.wraps)


def _of_farewells(rows: Rows) -> Iterator[Wrapped]:
    for number, data in rows:
        try:
            out = out_from(data)
        except DAMAGED:
            continue
        if out.wraps is not None:
            yield Wrapped("farewell", number.decode(), out.wraps)
