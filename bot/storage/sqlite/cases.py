"""Cases, their threads, and the questions a desk asks of their index.

Rule 1: a case belongs to one person; a write from another person's commit is refused as stale.
Rule 2: an erased case keeps its code, team and times, and no key, seal, topic or person.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from bot.flow.program import Urgency
from bot.ports import CaseIndex, CaseRecord, CaseState, CaseWrite, Person, Stale, ThreadEntry
from bot.privacy.keys import Wraps
from bot.storage.sqlite import traces

_RANKS: Final[dict[Urgency, int]] = {"normal": 0, "high": 1, "now": 2}
_URGENCIES: Final[tuple[Urgency, ...]] = ("normal", "high", "now")
_INDEX: Final = "code, team, rank, state, since, language, claimant, unread, unwritten, asked, answered, step, tags, face, first"
_pack_wraps = msgspec.msgpack.Encoder().encode
_wraps_from = msgspec.msgpack.Decoder(Wraps).decode
_NO_WRAPS: Final = _pack_wraps(())


def write(con: sqlite3.Connection, person: Person, wanted: CaseWrite, now: float) -> None:
    """Write a case as it should be; raises `Stale` if it is not as it was loaded."""
    if wanted.version == 0:
        _insert(con, person, wanted)
    _update(con, person, wanted, now)
    if wanted.erase or wanted.index.state == "erased":
        _erase(con, wanted.index.code, now, wanted.keep_until)
    elif wanted.add:
        _add(con, wanted.index.code, wanted.add, now)


def _insert(con: sqlite3.Connection, person: Person, wanted: CaseWrite) -> None:
    sql = (
        "INSERT INTO cases (code, person, version, team, rank, state, since, language, unread, unwritten, wraps, sealed)"
        " VALUES (?, ?, 0, '', 0, '', 0, '', 0, 0, x'90', x'') ON CONFLICT DO NOTHING"
    )
    if not con.execute(sql, (wanted.index.code, person)).rowcount:
        raise Stale


def _update(con: sqlite3.Connection, person: Person, wanted: CaseWrite, now: float) -> None:
    index = wanted.index
    closed = now if index.state == "closed" else None
    row = (
        *(index.team, _RANKS[index.urgency], index.state, index.since, index.language, index.claimant, index.unread, index.unwritten),
        *(index.asked, index.answered, index.step, " ".join(index.tags), index.face, index.first),
        *(_pack_wraps(wanted.wraps), wanted.sealed, wanted.topic, closed, closed, wanted.keep_until),
        *(index.code, person, wanted.version),
    )
    # A topic is bound once, and only an erasure takes it away; the first closing counts until the case is open again.
    sql = (
        "UPDATE cases SET version = version + 1, team = ?, rank = ?, state = ?, since = ?, language = ?, claimant = ?, unread = ?,"
        " unwritten = ?, asked = ?, answered = ?, step = ?, tags = ?, face = ?, first = ?,"
        " wraps = iif(wraps = x'90', ?, wraps), sealed = ?,"
        " topic = coalesce(?, topic), closed_at = CASE WHEN ? IS NULL THEN NULL ELSE coalesce(closed_at, ?) END, keep_until = ?"
        " WHERE code = ? AND person = ? AND version = ?"
    )
    if not con.execute(sql, row).rowcount:
        raise Stale


def _add(con: sqlite3.Connection, code: str, entries: Sequence[bytes], now: float) -> None:
    held = con.execute("UPDATE cases SET entries = entries + ? WHERE code = ? RETURNING entries", (len(entries), code)).fetchall()
    first = held[0][0] - len(entries) + 1
    con.executemany(
        "INSERT INTO thread (code, n, at, sealed) VALUES (?, ?, ?, ?)",
        [(code, n, now, sealed) for n, sealed in enumerate(entries, start=first)],
    )


def erase_all(con: sqlite3.Connection, person: Person, now: float) -> None:
    """Erase every case of a person."""
    for (code,) in con.execute("SELECT code FROM cases WHERE person = ?", (person,)).fetchall():
        con.execute("UPDATE cases SET version = version + 1 WHERE code = ?", (code,))
        _erase(con, code, now, None)


def _erase(con: sqlite3.Connection, code: str, now: float, keep_until: float | None) -> None:
    traces.left(con)
    con.execute("DELETE FROM thread WHERE code = ?", (code,))
    bare = "claimant = NULL, unread = 0, asked = 0, answered = 0, step = 0, first = 0, tags = '', person = x''"
    sql = f"UPDATE cases SET state = 'erased', {bare}, wraps = ?, sealed = x'', topic = NULL, closed_at = ?, keep_until = ? WHERE code = ?"  # noqa: S608 only constants of this file
    con.execute(sql, (_NO_WRAPS, now, keep_until, code))


def bind_topic(con: sqlite3.Connection, person: Person, code: str, place: bytes) -> None:
    """Bind the topic of a case that is still this person's."""
    con.execute("UPDATE cases SET topic = ? WHERE code = ? AND person = ?", (place, code, person))


def indexes(
    con: sqlite3.Connection, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float, limit: int
) -> list[CaseIndex]:
    """Give case indexes: most urgent first, then longest waiting."""
    sql = (
        f"SELECT {_INDEX} FROM cases WHERE state IN (SELECT value FROM json_each(?)) AND since >= ?"  # noqa: S608 only constants of this file
        " AND (? IS NULL OR team IN (SELECT value FROM json_each(?))) ORDER BY rank DESC, since, code LIMIT ?"
    )
    asked = None if teams is None else json.dumps(list(teams))
    return [_index(row) for row in con.execute(sql, (json.dumps(list(states)), since, asked, asked, limit))]


def case(con: sqlite3.Connection, code: str) -> CaseRecord | None:
    """Give one case, or None."""
    sql = f"SELECT {_INDEX}, person, version, wraps, sealed, topic, closed_at FROM cases WHERE code = ?"  # noqa: S608 only constants of this file
    row = con.execute(sql, (code,)).fetchone()
    if row is None:
        return None
    person, version, wraps, sealed, topic, closed_at = row[15:]
    return CaseRecord(_index(row), person, version, _wraps_from(wraps), sealed, topic, closed_at)


def codes_of(con: sqlite3.Connection, person: Person) -> list[str]:
    """Give the codes of a person's cases, oldest first."""
    return [code for (code,) in con.execute("SELECT code FROM cases WHERE person = ? ORDER BY since, code", (person,))]


def thread(con: sqlite3.Connection, code: str, after: int, limit: int) -> list[ThreadEntry]:
    """Give entries after this number, in order."""
    sql = "SELECT n, at, sealed FROM thread WHERE code = ? AND n > ? ORDER BY n LIMIT ?"
    return [ThreadEntry(*row) for row in con.execute(sql, (code, after, limit))]


def sweep(con: sqlite3.Connection, now: float, kept: float) -> int:
    """Delete cases closed or erased whose time is over; those whose end nobody set live `kept` seconds more. Gives how many."""
    sql = "DELETE FROM cases WHERE state IN ('closed', 'erased') AND coalesce(keep_until, coalesce(closed_at, 0) + ?) <= ? RETURNING code"
    gone = con.execute(sql, (kept, now)).fetchall()
    con.executemany("DELETE FROM thread WHERE code = ?", gone)
    return len(gone)


def _index(row: Sequence[Any]) -> CaseIndex:
    code, team, rank, state, since, language, claimant, unread, unwritten, asked, answered, step, tags, face, first = row[:15]
    return CaseIndex(
        code=code, team=team, urgency=_URGENCIES[rank], state=state, since=since, language=language, claimant=claimant,
        unread=unread, unwritten=bool(unwritten), asked=asked, answered=bool(answered), step=step, tags=tuple(tags.split()), face=face,
        first=first,
    )  # fmt: skip
