"""Whether the file is damaged, asked at the first start after a process that did not end well.

Rule 1: a store that can be proved in a moment is proved before it opens; a larger one opens, and is proved beside the work.
Rule 2: a damaged file is worked with no longer than until it is found to be; what was not proved to the end is proved at the next start.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bot.ports import StoreUnavailable

AT_ONCE: Final = 0.25
"""Seconds that a start may take for it."""
DAMAGED: Final = "The file of the store is damaged. Restore the last backup."


class Proof:
    """Proves one file. `connect` opens a connection for the rest of it; `refuse` hears that the file is damaged, from another thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], refuse: Callable[[str], None]) -> None:
        self._connect = connect
        self._refuse = refuse
        self._con: sqlite3.Connection | None = None
        self._thread: threading.Thread | None = None
        self._unfinished = False

    def begin(self, con: sqlite3.Connection) -> None:
        """Prove it if it is to be proved, before anyone notes that a process has begun; raises `StoreUnavailable` if it is damaged."""
        if _value(con, "clean") and not _value(con, "unproved"):
            return
        con.execute("INSERT OR REPLACE INTO meta VALUES ('unproved', 1)")
        late = threading.Timer(AT_ONCE, con.interrupt)
        late.start()
        try:
            whole = _whole(con)
        except sqlite3.OperationalError:  # interrupted, or the disk fails: then the rest will say so
            self._unfinished = True
            return
        finally:
            late.cancel()
            late.join()
        if not whole:
            raise StoreUnavailable(DAMAGED)
        _proved(con)

    def go_on(self) -> None:
        """Prove the rest, if there is any, beside the work."""
        if self._unfinished:
            self._unfinished = False
            self._thread = threading.Thread(target=self._rest, name="store-proof", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Leave the rest to the next start."""
        if self._thread is not None:
            while self._thread.is_alive():
                with suppress(sqlite3.Error, AttributeError):
                    self._con.interrupt()  # type: ignore[union-attr]  # it may be closing at this moment
                self._thread.join(0.01)
            self._thread = None

    def wait(self) -> None:
        """Wait until it is known."""
        if self._thread is not None:
            self._thread.join()

    def _rest(self) -> None:
        try:
            self._con = self._connect()
            if _whole(self._con):
                _proved(self._con)
            else:
                self._refuse(DAMAGED)
        except sqlite3.OperationalError:
            pass  # stopped, or the disk fails, which every write finds out
        except sqlite3.DatabaseError:
            self._refuse(DAMAGED)
        finally:
            if self._con is not None:
                self._con.close()


def _whole(con: sqlite3.Connection) -> bool:
    return bool(con.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")


def _proved(con: sqlite3.Connection) -> None:
    con.execute("UPDATE meta SET value = 0 WHERE name = 'unproved'")


def _value(con: sqlite3.Connection, name: str) -> bool:
    row = con.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return row is not None and bool(row[0])
