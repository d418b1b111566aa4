"""How rows are packed: the cell of a person, rows of inbox and outbox, cases. Small, because millions lie still.

Rule 1: a cell begins with its version (4 bytes) and the marks of what was seen (2 bytes length, 8 bytes each), which scripts read; the
rest is ours alone.
"""

import hashlib
import struct
from typing import Final

import msgspec
from msgspec import Struct

from bot.ports import CaseIndex, OutRow, Person
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


class Cell(Struct, frozen=True, array_like=True):
    """What is kept of a person. `ends`: when the session ends (0: not by itself); `shown`: the hour of the newest message id;
    `timers`: names of those that may still be set."""

    wraps: Wraps
    session: bytes | None
    route: bytes | None
    receipts: tuple[bytes, ...] = ()
    ends: int = 0
    shown: int = 0
    cases: tuple[str, ...] = ()
    timers: tuple[str, ...] = ()


class Known(Struct, frozen=True):
    """A cell that was read: its version, the marks of what was seen, what is kept (its rows still sealed), and its bytes as stored."""

    version: int
    marks: bytes
    cell: Cell
    size: int = 0


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

    @property
    def row(self) -> OutRow:
        """Give it as whoever sends it knows it."""
        return OutRow(self.id, self.sealed, self.due, self.lane, self.case, self.rank)


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


DAMAGED: Final = (msgspec.DecodeError, struct.error, ValueError)
"""What reading raises where bytes were changed in the store."""
pack = msgspec.msgpack.Encoder().encode
_cell_from = msgspec.msgpack.Decoder(Cell).decode
in_from = msgspec.msgpack.Decoder(InRow).decode
out_from = msgspec.msgpack.Decoder(Out).decode
_case_from = msgspec.msgpack.Decoder(CaseRow).decode
_index_from = msgspec.msgpack.Decoder(CaseIndex).decode
_ASKED: Final = pack("asked")
_OURS, _OURS_SHORT = SERVER, ""
NOBODY: Final = Known(0, b"", Cell((), None, None))
"""Nothing is kept of this person."""


def arrived_from(row: bytes) -> tuple[int, InRow]:
    """Give the number and the row of an inbox entry; one that cannot be read is what no key opens, so that its turn puts it aside."""
    number, _, body = row.partition(b" ")
    try:
        return int(number), in_from(body)
    except DAMAGED:
        return int(number) if number.isdigit() else 0, InRow("damaged", row, 0.0)


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
    at = marks.find(wanted)
    while at >= 0 and at % _MARK:  # found over two marks
        at = marks.find(wanted, at + 1)
    return at >= 0


def fresh_marks(marks: bytes, now: float, lasts: float) -> bytes:
    """Give the marks that are not over."""
    if not marks or not _over(marks[:_MARK], now, lasts):  # the oldest comes first; one that a clock set back put after it ends with it
        return marks
    return b"".join(one for at in range(0, len(marks), _MARK) if not _over(one := marks[at : at + _MARK], now, lasts))


def _over(mark: bytes, now: float, lasts: float) -> bool:
    return lasts <= (int(now) - int.from_bytes(mark[5:], "big")) % _ROUND < _FUTURE


def cell_bytes(version: int, marks: bytes, cell: Cell) -> bytes:
    """Give a cell as it is stored."""
    wraps = tuple([(_OURS_SHORT if holder == _OURS else holder, key) for holder, key in cell.wraps])
    row = (wraps, cell.session, cell.route, cell.receipts, cell.ends, cell.shown, cell.cases, cell.timers)
    return b"".join((_head.pack(version, len(marks)), marks, pack(row)))


def known_from(data: bytes) -> Known:
    """Give what is in a cell as stored; `NOBODY` for none."""
    if not data:
        return NOBODY
    version, length = _head.unpack_from(data)
    body = 6 + length
    cell = _cell_from(data[body:])
    cell = msgspec.structs.replace(cell, wraps=tuple((holder or _OURS, key) for holder, key in cell.wraps))
    return Known(version, data[6:body], cell, len(data))


def case_bytes(version: int, row: CaseRow) -> bytes:
    """Give a case as it is stored."""
    return version.to_bytes(4, "big") + pack(row)


def case_from(data: bytes) -> tuple[int, CaseRow]:
    """Give version and case."""
    row = _case_from(data[4:])
    row.index = _grown(row.index, data)
    return int.from_bytes(data[:4], "big"), row


def index_from(data: bytes) -> CaseIndex:
    """Give an index as stored."""
    return _grown(_index_from(data), data)


def _grown(index: CaseIndex, data: bytes) -> CaseIndex:
    """An index as kept before 2026.12 does not say since when its person waits: since it was opened."""
    if _ASKED in data or index.state != "waiting" or index.unwritten:
        return index
    return msgspec.structs.replace(index, asked=index.since)
