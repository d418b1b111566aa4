"""Traces of what was deleted, and when they are removed: first from the log, then from the gaps that SQLite leaves inside pages.

Rule 1: secure_delete overwrites a deleted row, but not the copies that stay in the unused middle of a page when rows move between pages
(measured); only writing the file anew removes those. So an erasure is followed by both, many erasures by one of each.
Rule 2: that there are traces is on disk before anyone hears of the erasure; a crash delays their removal, it does not cancel it.
"""

import sqlite3
import time
from typing import Final

from bot.storage.sqlite.log import Mover

CUT_AFTER: Final = 0.5
"""Seconds from an erasure until the log is cut."""
REWRITE_AFTER: Final = 20.0
"""Seconds from an erasure until the file is written anew."""
REWRITE_LATE: Final = 3600.0
"""The same for what only came to its end."""
RETRY: Final = 30.0
_IN_MEMORY: Final = 32 * 1024 * 1024


def left(con: sqlite3.Connection) -> None:
    """Note, in the transaction that deletes, that there will be traces."""
    con.execute("INSERT OR REPLACE INTO meta VALUES ('traces', 1)")


def there_are(con: sqlite3.Connection) -> bool:
    """Whether an earlier process left traces."""
    row = con.execute("SELECT value FROM meta WHERE name = 'traces'").fetchone()
    return row is not None and bool(row[0])


class Traces:
    """When to remove traces. Used by the writing clerk alone, between transactions."""

    def __init__(self, log: Mover) -> None:
        self._log = log
        self._cut_at: float | None = None
        self._rewrite_at: float | None = None
        self._erased = False

    def erased(self) -> None:
        """Somebody was erased: remove the traces within the minute, and before this process ends."""
        self._plan(REWRITE_AFTER)
        self._erased = True

    def ended(self) -> None:
        """Something came to its end: cut the log, and write the file anew within the hour or two."""
        self._plan(REWRITE_LATE)

    def wait(self) -> float | None:
        """Give the seconds until something is to do, None if nothing is."""
        times = [at for at in (self._cut_at, self._rewrite_at) if at is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def remove(self, con: sqlite3.Connection, *, ending: bool) -> None:
        """Do what is due; raises `sqlite3.Error` (and tries again later)."""
        now = time.monotonic()
        if self._rewrite_at is not None and (now >= self._rewrite_at or (ending and self._erased)):
            self._rewrite_at = now + RETRY
            _rewrite(con)
            self._rewrite_at, self._erased = None, False
            self._cut_soon(now)
        if self._cut_at is not None and (now >= self._cut_at or ending):
            self._cut_at = now + CUT_AFTER
            if self._log.cut(con):
                self._cut_at = None

    def _plan(self, rewrite_after: float) -> None:
        now = time.monotonic()
        self._cut_soon(now)
        self._rewrite_at = min(self._rewrite_at or now + rewrite_after, now + rewrite_after)

    def _cut_soon(self, now: float) -> None:
        self._log.hurry()  # most of it is moved by then, beside the writer
        self._cut_at = min(self._cut_at or now + CUT_AFTER, now + CUT_AFTER)


def _rewrite(con: sqlite3.Connection) -> None:
    size = con.execute("PRAGMA page_count").fetchone()[0] * con.execute("PRAGMA page_size").fetchone()[0]
    # A large file is rewritten by way of a file without a name, which holds only what lives.
    con.execute(f"PRAGMA temp_store={'MEMORY' if size <= _IN_MEMORY else 'FILE'}")
    try:
        con.execute("VACUUM")
    finally:
        con.execute("PRAGMA temp_store=MEMORY")
    con.execute("UPDATE meta SET value = 0 WHERE name = 'traces'")
