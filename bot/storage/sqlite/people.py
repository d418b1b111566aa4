"""What one commit does to a person: the event is marked, the record replaced, rows and timers put out; or everything is taken away.

Rule 1: every function runs inside a savepoint of the writing clerk and touches nothing but the connection.
Rule 2: an erasure leaves the seen ids, the index of the cases as `erased`, and the farewell under its own key.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from bot.ports import AlreadySeen, Arrival, Commit, OutRow, Person, Record, Sent, Stale
from bot.privacy.keys import Wraps
from bot.storage.sqlite import cases, traces

pack_wraps = msgspec.msgpack.Encoder().encode
wraps_from = msgspec.msgpack.Decoder(Wraps).decode
_pack_parts = msgspec.msgpack.Encoder().encode
_parts_from = msgspec.msgpack.Decoder(tuple[bytes, ...]).decode


@dataclass(frozen=True, slots=True)
class Landed:
    """What a commit did beside the record: inbox rows that left, outbox rows that left (number, lane), and the version after it."""

    version: int
    inbox: tuple[int, ...]
    outbox: tuple[tuple[int, str], ...] = ()
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one outbox row: its number and lane if it was still there, and its new time if it stays."""

    person: Person
    id: str
    seq: int | None = None
    lane: str = ""
    again: float | None = None


# ── in ──
def accept(con: sqlite3.Connection, arrivals: Iterable[Arrival], now: float) -> list[bool]:
    """Keep what was not seen; True = new."""
    return [_accept(con, arrival, now) for arrival in arrivals]


def _accept(con: sqlite3.Connection, arrival: Arrival, now: float) -> bool:
    fresh = con.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, 0)", (arrival.person, arrival.event, now)).rowcount == 1
    if fresh:
        row = (arrival.person, arrival.event, arrival.sealed, arrival.at)
        con.execute("INSERT INTO inbox (person, event, sealed, at) VALUES (?, ?, ?, ?)", row)
    return fresh


def ring(con: sqlite3.Connection, now: float, limit: int, stamp: float) -> list[Arrival]:
    """Move timers whose time has come into inboxes; gives those that were not seen before."""
    due = con.execute("SELECT person, name, sealed FROM timers WHERE due <= ? ORDER BY due, name, person LIMIT ?", (now, limit)).fetchall()
    con.executemany("DELETE FROM timers WHERE person = ? AND name = ?", [(person, name) for person, name, _ in due])
    arrivals = [Arrival(person, name, sealed, now) for person, name, sealed in due]
    return [arrival for arrival, fresh in zip(arrivals, accept(con, arrivals, stamp), strict=True) if fresh]


# ── one event ──
def commit(con: sqlite3.Connection, wanted: Commit, now: float) -> Landed:
    """Do all of it, or raise `AlreadySeen` or `Stale` (the savepoint undoes the rest)."""
    _mark(con, wanted, now)
    if wanted.erase:
        return _erase(con, wanted, now)
    _replace(con, wanted, now)
    if wanted.drop_timers:
        con.execute("DELETE FROM timers WHERE person = ?", (wanted.person,))
    for timer in wanted.timers:
        con.execute(
            "INSERT OR REPLACE INTO timers (person, name, due, sealed) VALUES (?, ?, ?, ?)",
            (wanted.person, timer.name, timer.due, timer.sealed),
        )
    if wanted.case is not None:
        cases.write(con, wanted.person, wanted.case, now)
    _put_out(con, wanted.person, wanted.outbox, None, now)
    _note(con, wanted)
    return Landed(wanted.version + 1, () if wanted.taken is None else (wanted.taken,))


def _mark(con: sqlite3.Connection, wanted: Commit, now: float) -> None:
    taken = wanted.taken
    if taken is not None and not con.execute("DELETE FROM inbox WHERE seq = ? AND person = ?", (taken, wanted.person)).rowcount:
        raise AlreadySeen
    mark = "INSERT INTO seen VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET done = 1 WHERE done = 0"
    if not con.execute(mark, (wanted.person, wanted.event, now)).rowcount:
        raise AlreadySeen


def _replace(con: sqlite3.Connection, wanted: Commit, now: float) -> None:
    record = (wanted.version + 1, pack_wraps(wanted.wraps), wanted.session, wanted.route, wanted.expires)
    if wanted.version == 0:
        sql = "INSERT OR IGNORE INTO people (version, wraps, session, route, ends, receipts, shown, person) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        done = con.execute(sql, (*record, _folded(wanted, ()), now, wanted.person))
    else:
        held = con.execute("SELECT receipts FROM people WHERE person = ? AND version = ?", (wanted.person, wanted.version)).fetchone()
        if held is None:
            raise Stale
        sql = (
            "UPDATE people SET version = ?, wraps = iif(wraps = x'90', ?, wraps), session = ?, route = ?, ends = ?, receipts = ?, shown = ?"
            " WHERE person = ?"
        )
        done = con.execute(sql, (*record, _folded(wanted, _parts(held[0])), now, wanted.person))
    if not done.rowcount:
        raise Stale


def _folded(wanted: Commit, held: tuple[bytes, ...]) -> bytes | None:
    """The list of message ids of this commit, with the parts that came since it was begun."""
    parts = held[wanted.folds :]
    if wanted.receipts is not None:
        parts = (wanted.receipts, *parts)
    return _pack_parts(parts) if parts else None


def _parts(packed: bytes | None) -> tuple[bytes, ...]:
    return _parts_from(packed) if packed is not None else ()


def _put_out(con: sqlite3.Connection, person: Person, rows: Sequence[OutRow], wraps: bytes | None, now: float) -> None:
    sql = (
        "INSERT INTO outbox (person, id, lane, sealed, due, next, about, wraps, born, rank) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (person, id) DO NOTHING"
    )
    for row in rows:
        con.execute(sql, (person, row.id, row.lane, row.sealed, row.due, row.due, row.case, wraps, now, row.rank))


def _note(con: sqlite3.Connection, wanted: Commit) -> None:
    for audit in wanted.audit:
        con.execute("INSERT INTO audit (at, actor, verb, about) VALUES (?, ?, ?, ?)", (audit.at, audit.actor, audit.verb, audit.about))


def _erase(con: sqlite3.Connection, wanted: Commit, now: float) -> Landed:
    person = wanted.person
    held = con.execute("SELECT version FROM people WHERE person = ?", (person,)).fetchone()
    if (held[0] if held else 0) != wanted.version:
        raise Stale
    inbox = con.execute("DELETE FROM inbox WHERE person = ? RETURNING seq", (person,)).fetchall()
    outbox = forget(con, person)
    if wanted.case is not None:
        cases.write(con, person, wanted.case, now)
    cases.erase_all(con, person, now)
    _put_out(con, person, wanted.outbox, pack_wraps(wanted.farewell_wraps), now)
    _note(con, wanted)
    rows = {seq for (seq,) in inbox} | ({wanted.taken} if wanted.taken is not None else set())
    return Landed(0, tuple(sorted(rows)), outbox, erased=True)


def forget(con: sqlite3.Connection, person: Person) -> tuple[tuple[int, str], ...]:
    """Delete the record with its keys, timers, receipts and what was still to send but for a farewell; gives the outbox rows that left."""
    traces.left(con)
    con.execute("DELETE FROM people WHERE person = ?", (person,))
    con.execute("DELETE FROM timers WHERE person = ?", (person,))
    gone = con.execute("DELETE FROM outbox WHERE person = ? AND wraps IS NULL RETURNING seq, lane", (person,)).fetchall()
    return tuple(sorted(gone))


# ── out ──
def settle(con: sqlite3.Connection, results: Iterable[Sent]) -> list[Settled]:
    """Record what became of rows in flight."""
    return [_settle(con, sent) for sent in results]


def _settle(con: sqlite3.Connection, sent: Sent) -> Settled:
    if sent.failed is None and sent.retry_at is not None:
        sql = "UPDATE outbox SET next = ?, tries = tries + 1 WHERE person = ? AND id = ? RETURNING seq, lane"
        kept = con.execute(sql, (sent.retry_at, sent.person, sent.id)).fetchall()
        return Settled(sent.person, sent.id, kept[0][0], kept[0][1], sent.retry_at) if kept else Settled(sent.person, sent.id)
    gone = con.execute("DELETE FROM outbox WHERE person = ? AND id = ? RETURNING seq, lane, wraps", (sent.person, sent.id)).fetchall()
    if not gone:
        return Settled(sent.person, sent.id)
    seq, lane, farewell = gone[0]
    if sent.failed is None and sent.receipt is not None and farewell is None:
        _add_part(con, sent.person, sent.receipt, sent.at)
    if sent.failed is None and sent.topic is not None:
        cases.bind_topic(con, sent.person, *sent.topic)
    return Settled(sent.person, sent.id, seq, lane)


def _add_part(con: sqlite3.Connection, person: Person, part: bytes, at: float) -> None:
    held = con.execute("SELECT receipts FROM people WHERE person = ?", (person,)).fetchone()
    if held is not None:
        packed = _pack_parts((*_parts(held[0]), part))
        con.execute("UPDATE people SET receipts = ?, shown = ? WHERE person = ?", (packed, at, person))


# ── reading ──
def load(con: sqlite3.Connection, person: Person) -> Record:
    """Give what is kept of this person; version 0 if nothing."""
    row = con.execute("SELECT version, wraps, session, route, receipts, ends FROM people WHERE person = ?", (person,)).fetchone()
    return Record(row[0], wraps_from(row[1]), row[2], row[3], _parts(row[4]), row[5]) if row else Record(version=0)


def behind(con: sqlite3.Connection, person: Person, id_: str, limit: int) -> list[OutRow]:
    """Give the rows that stand in the lane of this one behind it, in order."""
    sql = (
        "SELECT b.id, b.sealed, b.due, b.lane, b.about, b.rank FROM outbox a JOIN outbox b"
        " ON b.person = a.person AND b.lane = a.lane AND b.seq > a.seq WHERE a.person = ? AND a.id = ? ORDER BY b.seq LIMIT ?"
    )
    return [OutRow(*row) for row in con.execute(sql, (person, id_, limit))]


def waiting(con: sqlite3.Connection, lane: str) -> int:
    """Give how many rows wait in lanes of this name."""
    return int(con.execute("SELECT count(*) FROM outbox WHERE lane = ?", (lane,)).fetchone()[0])


def pseudonyms(con: sqlite3.Connection, after: Person, limit: int) -> list[Person]:
    """Give pseudonyms in order."""
    return [person for (person,) in con.execute("SELECT person FROM people WHERE person > ? ORDER BY person LIMIT ?", (after, limit))]
