"""The keys of people and cases as they are kept, page by page; and putting new wraps in the place of old ones.

Rule 1: new wraps take the place of exactly those that were read, whatever happened to the row meanwhile; else nothing is done.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final, Literal

from bot.privacy.keys import Wrapped, Wraps
from bot.storage.sqlite.people import pack_wraps, wraps_from

Kind = Literal["person", "case", "farewell"]
KINDS: Final[tuple[Kind, ...]] = ("person", "case", "farewell")
_PAGE: Final[dict[Kind, str]] = {
    "person": "SELECT rowid, hex(person), wraps FROM people WHERE rowid > ? ORDER BY rowid LIMIT ?",
    "case": "SELECT rowid, code, wraps FROM cases WHERE rowid > ? AND wraps <> x'90' ORDER BY rowid LIMIT ?",
    "farewell": "SELECT seq, seq, wraps FROM outbox WHERE seq > ? AND wraps IS NOT NULL ORDER BY seq LIMIT ?",
}


def page(con: sqlite3.Connection, kind: Kind, after: int, limit: int) -> tuple[list[Wrapped], int]:
    """Give the keys of rows after this one, and the last row; 0 if there are no more."""
    rows = con.execute(_PAGE[kind], (after, limit)).fetchall()
    found = [Wrapped(kind, str(row).lower() if kind == "person" else str(row), wraps_from(wraps)) for _, row, wraps in rows]
    return found, rows[-1][0] if rows else 0


def put(con: sqlite3.Connection, changes: Iterable[tuple[Wrapped, Wraps]]) -> int:
    """Put wraps in the place of others; gives how many were."""
    done = 0
    for old, new in changes:
        table, name, row = ("people", "person", bytes.fromhex(old.row)) if old.kind == "person" else ("cases", "code", old.row)
        sql = f"UPDATE {table} SET wraps = ? WHERE {name} = ? AND wraps = ?"  # noqa: S608 only constants of this file
        done += con.execute(sql, (pack_wraps(new), row, pack_wraps(old.wraps))).rowcount
    return done
