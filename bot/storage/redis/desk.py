"""Cases, notes, the audit trail and the list of people on Redis: what desks and operators read and write beside the messages.

Rule 1: a case lies with its person's shard; `{c:CODE}` says which, and keeps a code from being used twice.
Rule 2: a note is changed by one script, so that a version holds.
"""

import asyncio
import struct
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from bot.ports import Audit, CaseIndex, CaseRecord, CaseState, Note, Person, Stale, ThreadEntry
from bot.storage.redis.cells import SHARDS, CaseRow, base_of, case_from, index_from, shard_of, tag_of
from bot.storage.redis.scripts import NOTE
from bot.storage.redis.wire import Wire

URGENCIES = ("normal", "high", "now")
OPEN = frozenset({"waiting", "claimed"})
"""States of cases that somebody must still do something about: their indexes lie apart, so that closed ones cost nobody time."""
_note_head = struct.Struct(">Id")
_PAGE = 200


class Entry(Struct, frozen=True, array_like=True):
    """One entry of a thread as kept."""

    at: float
    sealed: bytes


entry_from = msgspec.msgpack.Decoder(Entry).decode
audit_from = msgspec.msgpack.Decoder(Audit).decode


class Desk:
    """Reads cases, notes and audit; writes notes."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    # ── cases ──
    async def shard_of_case(self, code: str) -> int | None:
        """Give the shard a case lies in, None if there is no such case."""
        held = await self._wire.command(f"c:{code}", "GET", f"{{c:{code}}}")
        return int(held) if held is not None else None

    async def reserve(self, code: str, shard: int) -> bool:
        """Have a code for a new case of this shard; False if it is used in another."""
        held = await self._wire.command(f"c:{code}", "SET", f"{{c:{code}}}", shard, "NX", "GET")
        return held is None or int(held) == shard

    async def row(self, shard: int, code: str) -> tuple[int, CaseRow] | None:
        """Give version and row of a case."""
        data = await self._wire.command(tag_of(shard), "HGET", f"{base_of(shard)}:c", code)
        return case_from(data) if data is not None else None

    async def case(self, code: str) -> CaseRecord | None:
        """Give one case, or None."""
        shard = await self.shard_of_case(code)
        found = await self.row(shard, code) if shard is not None else None
        if found is None:
            return None
        version, row = found
        return CaseRecord(row.index, row.person, version, row.wraps, row.sealed, row.topic, row.closed_at)

    async def all_rows(self, shards: Sequence[int]) -> list[tuple[int, str, int, CaseRow]]:
        """Give every case of these shards: shard, code, version, row."""
        flat = await asyncio.gather(*(self._wire.command(tag_of(n), "HGETALL", f"{base_of(n)}:c") for n in shards))
        found = []
        for shard, held in zip(shards, flat, strict=True):
            for code, data in zip(held[::2], held[1::2], strict=True):
                found.append((shard, code.decode(), *case_from(data)))
        return found

    async def cases(self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float, limit: int) -> list[CaseIndex]:
        """Give case indexes: most urgent first, then longest waiting."""
        if OPEN.issuperset(states):
            found = await self.open_indexes()
        else:
            found = [row.index for _, _, _, row in await self.all_rows(range(SHARDS))]
        asked = [index for index in found if index.state in states and (teams is None or index.team in teams) and index.since >= since]
        return sorted(asked, key=lambda index: (-URGENCIES.index(index.urgency), index.since, index.code))[:limit]

    async def open_indexes(self) -> list[CaseIndex]:
        """Give the index of every open case."""
        flat = await asyncio.gather(*(self._wire.command(tag_of(n), "HVALS", f"{base_of(n)}:co") for n in range(SHARDS)))
        return [index_from(data) for held in flat for data in held]

    async def thread(self, code: str, after: int, limit: int) -> list[ThreadEntry]:
        """Give a case's entries after this number."""
        shard = await self.shard_of_case(code)
        if shard is None:
            return []
        rows = await self._wire.command(tag_of(shard), "LRANGE", f"{base_of(shard)}:th:{code}", after, after + limit - 1)
        return [ThreadEntry(n, entry.at, entry.sealed) for n, entry in enumerate(map(entry_from, rows), start=after + 1)]

    async def forget_code(self, code: str) -> None:
        """Let a code be used again."""
        await self._wire.command(f"c:{code}", "DEL", f"{{c:{code}}}")

    async def people(self, after: Person, limit: int) -> list[Person]:
        """Give pseudonyms in order."""
        found: list[Person] = []
        for first in range(after[0] if after else 0, 256):  # a shard holds those of four first bytes: all are read four times in a walk
            if len(found) >= limit:
                break
            shard = shard_of(bytes([first]))
            keys: list[bytes] = await self._wire.command(tag_of(shard), "HKEYS", base_of(shard))
            found += sorted(key for key in keys if len(key) == 16 and key[0] == first and key > after)
        return found[:limit]

    # ── audit ──
    async def audit(self, after: int, limit: int) -> list[tuple[int, Audit]]:
        """Give the trail in order of time. A number is made of the millisecond, the shard, and the place among those."""
        first = f"{after >> 16}"
        asked = [self._wire.command(tag_of(n), "XRANGE", f"{base_of(n)}:au", first, "+", "COUNT", limit + 1024) for n in range(SHARDS)]
        found = []
        for shard, rows in enumerate(await asyncio.gather(*asked)):
            for id_, fields in rows:
                ms, _, place = id_.partition(b"-")
                found.append(((int(ms) << 16) + (shard << 10) + min(int(place), 1023), audit_from(fields[1])))
        return sorted((one for one in found if one[0] > after), key=lambda one: one[0])[:limit]

    # ── notes ──
    async def note(self, space: str, key: str, now: float) -> Note | None:
        """Give a note that has not expired."""
        return _note(key, await self._wire.command(_tag(space), "HGET", _key(space), key), now)

    async def notes(self, space: str, *, prefix: str, after: str, limit: int, now: float) -> list[Note]:
        """Give notes by prefix, in order of key."""
        given: list[Note] = []
        low = f"({after}" if after >= prefix and after else f"[{prefix}" if prefix else "-"
        high = b"(" + prefix.encode() + b"\xff" if prefix else "+"
        while len(given) < limit:
            keys = await self._wire.command(_tag(space), "ZRANGEBYLEX", f"{_key(space)}:o", low, high, "LIMIT", 0, _PAGE)
            if not keys:
                break
            values = await self._wire.command(_tag(space), "HMGET", _key(space), *keys)
            given += [note for key, data in zip(keys, values, strict=True) if (note := _note(key.decode(), data, now)) is not None]
            low = f"({keys[-1].decode()}"
        return given[:limit]

    async def put_note(self, space: str, key: str, value: bytes | None, *, version: int | None, expires: float | None, now: float) -> int:
        """Write or delete a note; raises `Stale`."""
        drop, body = ("1", b"") if value is None else ("0", value)
        args: list[Any] = [key, repr(now), -1 if version is None else version, repr(expires or 0), drop, body]
        given = int(await self._wire.script(NOTE, _tag(space), *args))
        if given < 0:
            raise Stale
        await self._wire.command("n", "SADD", "{n}:spaces", space)
        return given

    async def sweep_notes(self, now: float) -> int:
        """Delete notes that are over."""
        gone = 0
        for space in await self._wire.command("n", "SMEMBERS", "{n}:spaces"):
            name = space.decode()
            cursor = b"0"
            while True:
                cursor, flat = await self._wire.command(_tag(name), "HSCAN", _key(name), cursor, "COUNT", 500)
                for key, data in zip(flat[::2], flat[1::2], strict=True):
                    version, expires = _note_head.unpack_from(data)
                    if expires and expires <= now:
                        args = (key, repr(expires - 1), version, "0", "1", b"")
                        gone += int(await self._wire.script(NOTE, _tag(name), *args)) == 0
                if cursor == b"0":
                    break
        return gone


def _note(key: str, data: bytes | None, now: float) -> Note | None:
    if data is None:
        return None
    version, expires = _note_head.unpack_from(data)
    if expires and expires <= now:
        return None
    return Note(key, data[_note_head.size :], version, expires or None)


def _tag(space: str) -> str:
    return f"n:{space}"


def _key(space: str) -> str:
    return f"{{n:{space}}}"
