"""The log of writes, moved into the file by a thread and a connection of its own, so that no writer waits for it.

Rule 1: moving goes on beside the writer. Only when writes never pause, the writer itself moves what came meanwhile: a log that is not
moved whole cannot begin anew, and would grow for ever.
Rule 2: the log is cut by the writer, never while it is being moved: after a cut that said so, nothing that was deleted is in it.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bot.storage.sqlite.disk import truncate_log

MOVE_AFTER: Final = 500
"""Writes after which the log is moved: some one to two thousand pages."""
ROUNDS: Final = 3
"""How often what came meanwhile is moved as well: when all of it is, the next write begins the log anew, over the old pages."""
BEGIN_ANEW: Final = 4000
"""Pages in a log that was never moved whole after which the writer moves the rest itself."""


class Mover:
    """Moves the log. `connect` opens the connection it moves with, and opens it again after a failure."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._con: sqlite3.Connection | None = None
        self._moving = threading.Lock()
        self._wanted = threading.Event()
        self._open = False
        self._thread: threading.Thread | None = None
        self._writes = 0
        self._long = False

    # ── for whoever opens and closes the store ──
    def start(self) -> None:
        """Begin to move when asked."""
        self._open = True
        self._wanted.clear()
        self._thread = threading.Thread(target=self._run, name="store-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and close the connection."""
        self._open = False
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
        with self._moving:
            self._part()

    def move(self) -> None:
        """Move now, in the thread of the caller, whatever no reader needs."""
        with self._moving:
            try:
                if self._con is None:
                    self._con = self._connect()
                self._long = _left_long(self._con)
            except sqlite3.Error:
                self._part()  # nothing is lost: what is in the log counts as written

    # ── for the writing clerk ──
    def wrote(self, count: int) -> None:
        """So many writes are in the log since it was last asked for."""
        self._writes += count
        if self._writes >= MOVE_AFTER:
            self.hurry()

    def hurry(self) -> None:
        """Have it moved soon."""
        self._writes = 0
        self._wanted.set()

    def finish(self, con: sqlite3.Connection) -> None:
        """If the log is long, move the little that came while it was moved: then the next write begins it anew. Raises `sqlite3.Error`."""
        if self._long and self._moving.acquire(blocking=False):
            try:
                self._long = False
                _moved(con)
            finally:
                self._moving.release()

    def cut(self, con: sqlite3.Connection) -> bool:
        """Cut the log to nothing; False if a reader stands in the way. Raises `sqlite3.Error`."""
        with self._moving:
            return truncate_log(con)

    # ── the thread ──
    def _run(self) -> None:
        while self._wanted.wait() and self._open:
            self._wanted.clear()
            self.move()

    def _part(self) -> None:
        con, self._con = self._con, None
        if con is not None:
            with suppress(sqlite3.Error):
                con.close()


def _left_long(con: sqlite3.Connection) -> bool:
    """Move as much as can be; whether a long log is left that could not be moved whole."""
    for _ in range(ROUNDS):
        pages, moved = _moved(con)
        if moved >= pages or pages >= BEGIN_ANEW:
            return moved < pages
    return False


def _moved(con: sqlite3.Connection) -> tuple[int, int]:
    """Move without waiting for anyone; gives how many pages the log has, and how many of them are in the file."""
    _, pages, moved = con.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return pages, moved
