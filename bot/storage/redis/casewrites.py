"""What a commit does to cases, made ready for its script.

Rule 1: reading comes first and may wait; making the operation does not, so that nothing comes between.
"""

from dataclasses import dataclass

from msgspec import structs

from bot.ports import CaseIndex, CaseWrite, Person, Stale
from bot.storage.redis.cells import CaseRow, case_bytes, pack
from bot.storage.redis.desk import OPEN, Desk, Entry
from bot.storage.redis.wire import Word

Found = tuple[int, CaseRow]


@dataclass(frozen=True, slots=True)
class CasePlan:
    """Cases a commit touches, as they are: the one it writes, and all those an erasure takes."""

    write: CaseWrite | None
    held: Found | None
    others: tuple[tuple[str, Found], ...] = ()


async def planned(desk: Desk, shard: int, person: Person, write: CaseWrite | None, erased: tuple[str, ...]) -> CasePlan:
    """Read what a commit will touch; raises `Stale` if the code belongs to somebody else."""
    held = None
    if write is not None:
        code = write.index.code
        if write.version == 0 and not await desk.reserve(code, shard):
            raise Stale
        held = await desk.row(shard, code)
        if (held[0] if held else 0) != write.version or (held is not None and held[1].person != person):
            raise Stale
    others = []
    for code in erased:
        found = await desk.row(shard, code)
        if found is not None and found[1].person == person and (write is None or write.index.code != code):
            others.append((code, found))
    return CasePlan(write, held, tuple(others))


def case_fields(plan: CasePlan, person: Person, *, now: float, lasts: float) -> list[Word]:
    """Give the fields of the commit script for these cases, their count first."""
    count = len(plan.others)
    fields: list[Word] = []
    if plan.write is not None:
        count += 1
        fields += _written(plan.write, plan.held, person, now=now, lasts=lasts)
    for code, (version, row) in plan.others:
        fields += _erased(code, version, row.index, now, now + lasts)
    return [count, *fields]


def _written(write: CaseWrite, held: Found | None, person: Person, *, now: float, lasts: float) -> list[Word]:
    code, index = write.index.code, write.index
    if write.erase or index.state == "erased":
        return _erased(code, write.version, index, now, write.keep_until if write.keep_until is not None else now + lasts)
    old = held[1] if held is not None else None
    closed = ((old.closed_at if old else None) or now) if index.state == "closed" else None
    topic = write.topic or (old.topic if old else None)
    wraps = (old.wraps if old else ()) or write.wraps
    row = CaseRow(index, person, wraps, write.sealed, topic, closed, write.keep_until, (old.entries if old else 0) + len(write.add))
    shown = pack(index) if index.state in OPEN else b""
    return [
        code,
        write.version,
        case_bytes(write.version + 1, row),
        shown,
        "0",
        len(write.add),
        *(pack(Entry(now, one)) for one in write.add),
    ]


def _erased(code: str, version: int, index: CaseIndex, now: float, keep_until: float) -> list[Word]:
    bare = structs.replace(index, state="erased", claimant=None, unread=0, asked=0.0, answered=False, step=0, tags=(), first=0.0)
    row = CaseRow(bare, b"", (), b"", None, now, keep_until, 0)
    return [code, version, case_bytes(version + 1, row), b"", "1", 0]
