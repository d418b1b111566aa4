"""The tables, and how an older file becomes a newer one.

Rule 1: a migration that was ever shipped is never edited; a new one is added at the end.
Rule 2: a file written by a newer version is not touched.
"""

import sqlite3
from typing import Final

from bot.ports import StoreUnavailable

APPLICATION: Final = 0x416D616E
"""`Aman` in the header of the file."""

_FIRST: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE people (
    seq INTEGER PRIMARY KEY, person BLOB NOT NULL UNIQUE, version INTEGER NOT NULL, wraps BLOB NOT NULL, session BLOB, route BLOB, ends REAL
);
CREATE INDEX people_talking ON people (ends) WHERE session IS NOT NULL;
CREATE INDEX people_silent ON people (ends) WHERE session IS NULL;
CREATE TABLE seen (person BLOB, event TEXT, at REAL NOT NULL, done INTEGER NOT NULL, PRIMARY KEY (person, event)) WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at);
CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, person BLOB NOT NULL, event TEXT NOT NULL, sealed BLOB NOT NULL, at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX inbox_person ON inbox (person);
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, person BLOB NOT NULL, id TEXT NOT NULL, lane TEXT NOT NULL, sealed BLOB NOT NULL,
    due REAL NOT NULL, next REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, about TEXT, wraps BLOB, born REAL NOT NULL,
    UNIQUE (person, id)
);
CREATE INDEX outbox_farewells ON outbox (born) WHERE wraps IS NOT NULL;
CREATE TABLE timers (
    seq INTEGER PRIMARY KEY, person BLOB NOT NULL, name TEXT NOT NULL, due REAL NOT NULL, sealed BLOB NOT NULL, UNIQUE (person, name)
);
CREATE INDEX timers_due ON timers (due);
CREATE TABLE cases (
    code TEXT PRIMARY KEY, person BLOB NOT NULL, version INTEGER NOT NULL, team TEXT NOT NULL, rank INTEGER NOT NULL, state TEXT NOT NULL,
    since REAL NOT NULL, language TEXT NOT NULL, claimant TEXT, unread INTEGER NOT NULL, unwritten INTEGER NOT NULL, wraps BLOB NOT NULL,
    sealed BLOB NOT NULL, topic BLOB, closed_at REAL, keep_until REAL, entries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX cases_queue ON cases (state, rank DESC, since);
CREATE INDEX cases_person ON cases (person);
CREATE TABLE thread (
    seq INTEGER PRIMARY KEY, code TEXT NOT NULL, n INTEGER NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL, UNIQUE (code, n)
);
CREATE TABLE receipts (seq INTEGER PRIMARY KEY, person BLOB NOT NULL, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX receipts_person ON receipts (person);
CREATE INDEX receipts_at ON receipts (at);
CREATE TABLE aside (seq INTEGER PRIMARY KEY, at REAL NOT NULL, sealed BLOB NOT NULL);
CREATE TABLE notes (
    seq INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, version INTEGER NOT NULL, expires REAL,
    UNIQUE (space, key)
);
CREATE INDEX notes_expire ON notes (expires) WHERE expires IS NOT NULL;
CREATE TABLE audit (n INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, actor TEXT NOT NULL, verb TEXT NOT NULL, about TEXT NOT NULL);
INSERT INTO meta VALUES ('clean', 1);
"""

# The ids of messages move into the record; those of the last 48 hours are lost at the upgrade, and an erasure does not delete them.
_SECOND: Final = """
DROP TABLE receipts;
ALTER TABLE people ADD COLUMN receipts BLOB;
ALTER TABLE people ADD COLUMN shown REAL;
CREATE INDEX people_shown ON people (shown) WHERE receipts IS NOT NULL;
ALTER TABLE outbox ADD COLUMN rank INTEGER NOT NULL DEFAULT 1;
"""

_THIRD: Final = """
ALTER TABLE cases ADD COLUMN asked REAL NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN face INTEGER NOT NULL DEFAULT 0;
UPDATE cases SET asked = since WHERE state = 'waiting' AND NOT unwritten;
"""

# Answered cases of before are in no table of first answers.
_FOURTH: Final = "ALTER TABLE cases ADD COLUMN first REAL NOT NULL DEFAULT 0;"

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""Scripts in order; the file's `user_version` counts how many it has had."""


def bring_up(con: sqlite3.Connection, migrations: tuple[str, ...] = MIGRATIONS) -> None:
    """Give the file the newest tables; each step whole or not at all. Raises `StoreUnavailable` for a newer or a foreign file."""
    version = _number(con, "user_version")
    mark = _number(con, "application_id")
    if mark != APPLICATION and (mark != 0 or version != 0 or con.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()):
        raise StoreUnavailable("This file is not a store of Amana.")
    if version > len(migrations):
        raise StoreUnavailable("This store was written by a newer version of Amana. Start that version, or restore a backup of this one.")
    for n, script in enumerate(migrations[version:], start=version + 1):
        marks = f"PRAGMA application_id={APPLICATION}; PRAGMA user_version={n};"
        con.executescript(f"BEGIN IMMEDIATE; {script} {marks} COMMIT;")


def _number(con: sqlite3.Connection, pragma: str) -> int:
    return int(con.execute(f"PRAGMA {pragma}").fetchone()[0])
