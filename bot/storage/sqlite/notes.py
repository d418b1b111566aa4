"""Notes, the audit trail, and what was put aside.

Rule 1: a note whose time is over is not there, whether it was swept or not.
"""

import sqlite3

from bot.ports import Audit, Note, Stale


def note(con: sqlite3.Connection, space: str, key: str, now: float) -> Note | None:
    """Give a note that has not expired."""
    sql = "SELECT key, value, version, expires FROM notes WHERE space = ? AND key = ? AND (expires IS NULL OR expires > ?)"
    row = con.execute(sql, (space, key, now)).fetchone()
    return Note(*row) if row else None


def notes(con: sqlite3.Connection, asked: tuple[str, str, str, int], now: float) -> list[Note]:
    """Give notes of (space, prefix, after, limit) in order of key."""
    space, prefix, after, limit = asked
    sql = (
        "SELECT key, value, version, expires FROM notes WHERE space = ? AND key >= ? AND key > ? AND substr(key, 1, ?) = ?"
        " AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?"
    )
    return [Note(*row) for row in con.execute(sql, (space, prefix, after, len(prefix), prefix, now, limit))]


def put(con: sqlite3.Connection, space: str, wanted: Note, *, expected: int | None, now: float) -> int:
    """Write a note if it still has the expected version (None: whatever it has); gives the new one. Raises `Stale`."""
    held = _held(con, space, wanted.key, expected, now)
    sql = (
        "INSERT INTO notes (space, key, value, version, expires) VALUES (?, ?, ?, ?, ?) ON CONFLICT (space, key)"
        " DO UPDATE SET value = excluded.value, version = excluded.version, expires = excluded.expires"
    )
    con.execute(sql, (space, wanted.key, wanted.value, held + 1, wanted.expires))
    return held + 1


def drop(con: sqlite3.Connection, space: str, key: str, *, expected: int | None, now: float) -> int:
    """Delete a note if it still has the expected version; gives 0. Raises `Stale`."""
    _held(con, space, key, expected, now)
    con.execute("DELETE FROM notes WHERE space = ? AND key = ?", (space, key))
    return 0


def _held(con: sqlite3.Connection, space: str, key: str, expected: int | None, now: float) -> int:
    sql = "SELECT version FROM notes WHERE space = ? AND key = ? AND (expires IS NULL OR expires > ?)"
    row = con.execute(sql, (space, key, now)).fetchone()
    held = int(row[0]) if row else 0
    if expected is not None and expected != held:
        raise Stale
    return held


def audit(con: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, Audit]]:
    """Give the audit trail after this number, in order."""
    sql = "SELECT n, at, actor, verb, about FROM audit WHERE n > ? ORDER BY n LIMIT ?"
    return [(row[0], Audit(*row[1:])) for row in con.execute(sql, (after, limit))]


def put_aside(con: sqlite3.Connection, sealed: bytes, at: float) -> None:
    """Keep something sealed that could not be worked."""
    con.execute("INSERT INTO aside (at, sealed) VALUES (?, ?)", (at, sealed))


def quarantine(con: sqlite3.Connection, row: int, sealed: bytes | None, at: float) -> bytes | None:
    """Take an inbox row away, keeping `sealed` aside; gives the person whose row it was, or None if it was gone."""
    gone = con.execute("DELETE FROM inbox WHERE seq = ? RETURNING person", (row,)).fetchall()
    if gone and sealed is not None:
        put_aside(con, sealed, at)
    return gone[0][0] if gone else None
