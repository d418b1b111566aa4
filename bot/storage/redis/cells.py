"""How rows are packed: the cell of a person, rows of inbox and outbox, cases. Small, because millions lie still.

Rule 1: a cell begins with its version (4 bytes) and the marks of what was seen (2 bytes length, 8 bytes each), which scripts read; the
rest is ours alone.
"""

import hashlib
import struct
from typing import Final

import msgspec
from msgspec import Struct

from bot.ports import CaseIndex, Person
from bot.privacy.keys import SERVER, Wraps

SHARDS: Final = 64
NAME: Final = 10
"""Bytes of an event's name in the inbox."""
_MARK: Final = 8
_MOST_MARKS: Final = 512
_head = struct.Struct(">IH")
_ROUND: Final = 1 << 24
"""Seconds after which the times of marks come round: 194 days."""
_FUTURE: Final = _ROUND - 800_000
"""An age above this is a time to come: a clock was set back."""


class Cell(Struct, array_like=True):
    """What is kept of a person. `ends`: when the session ends (0: not by itself); `shown`: the hour of the newest message id."""

    wraps: Wraps
    session: bytes | None
    route: bytes | None
    receipts: tuple[bytes, ...] = ()
    ends: int = 0
    shown: int = 0
    cases: tuple[str, ...] = ()


class InRow(Struct, frozen=True, array_like=True):
    """An accepted event."""

    event: str
    sealed: bytes
    at: float


class Out(Struct, array_like=True):
    """An outbox row. `wraps`: of a farewell, its own."""

    person: Person
    id: str
    sealed: bytes
    due: float
    next: float
    lane: str
    case: str | None
    rank: int
    tries: int
    born: float
    wraps: Wraps | None = None


class CaseRow(Struct, array_like=True):
    """A case as kept, without its version, which stands before it. `entries`: so many lie in its thread."""

    index: CaseIndex
    person: Person
    wraps: Wraps
    sealed: bytes
    topic: bytes | None
    closed_at: float | None
    keep_until: float | None
    entries: int


pack = msgspec.msgpack.Encoder().encode
_cell_from = msgspec.msgpack.Decoder(Cell).decode
in_from = msgspec.msgpack.Decoder(InRow).decode
out_from = msgspec.msgpack.Decoder(Out).decode
_case_from = msgspec.msgpack.Decoder(CaseRow).decode
_OURS, _OURS_SHORT = SERVER, ""


def shard_of(person: Person) -> int:
    """Give the shard of a person."""
    return person[0] % SHARDS


def tag_of(shard: int) -> str:
    """Give the tag of a shard's keys."""
    return f"a:{shard:02d}"


def base_of(shard: int) -> str:
    """Give the first key of a shard."""
    return f"{{a:{shard:02d}}}"


def event_name(person: Person, event: str) -> bytes:
    """Give the name of an event in its person's inbox."""
    return person + hashlib.blake2b(event.encode(), digest_size=NAME).digest()


def second_of(now: float) -> int:
    """Give the second that marks are stamped with."""
    return int(now) % _ROUND


def mark_of(name: bytes, at: float) -> bytes:
    """Give the mark of an event that came at this time."""
    return name[16:21] + second_of(at).to_bytes(3, "big")


def marked(marks: bytes, added: bytes, now: float, lasts: float) -> bytes:
    """Give the marks with more, and without those that are over; of very many the newest."""
    return (fresh_marks(marks, now, lasts) + added)[-_MARK * _MOST_MARKS :]


def has_mark(marks: bytes, name: bytes) -> bool:
    """Whether this event is among the marks."""
    wanted = name[16:21]
    return any(marks[at : at + 5] == wanted for at in range(0, len(marks), _MARK))


def fresh_marks(marks: bytes, now: float, lasts: float) -> bytes:
    """Give the marks that are not over."""
    each = [marks[at : at + _MARK] for at in range(0, len(marks), _MARK)]
    return b"".join(one for one in each if not lasts <= (int(now) - int.from_bytes(one[5:], "big")) % _ROUND < _FUTURE)


def cell_bytes(version: int, marks: bytes, cell: Cell) -> bytes:
    """Give a cell as it is stored."""
    wraps = cell.wraps
    if any(holder == _OURS for holder, _ in wraps):
        cell = msgspec.structs.replace(cell, wraps=tuple((_OURS_SHORT if holder == _OURS else holder, key) for holder, key in wraps))
    return b"".join((_head.pack(version, len(marks)), marks, pack(cell)))


def cell_from(data: bytes) -> tuple[int, bytes, Cell]:
    """Give version, marks and cell."""
    version, length = _head.unpack_from(data)
    body = 6 + length
    cell = _cell_from(data[body:])
    cell.wraps = tuple((holder or _OURS, key) for holder, key in cell.wraps)
    return version, data[6:body], cell


def case_bytes(version: int, row: CaseRow) -> bytes:
    """Give a case as it is stored."""
    return version.to_bytes(4, "big") + pack(row)


def case_from(data: bytes) -> tuple[int, CaseRow]:
    """Give version and case."""
    return int.from_bytes(data[:4], "big"), _case_from(data[4:])
