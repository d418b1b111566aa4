"""How many rows of each kind there are, asked each second whatever the store holds.

Rule 1: to count a table reads all of it; so what grows with the number of conversations is counted anew once a minute when it is large.
"""

import sqlite3
import time
from typing import Final

from bot.ports import StoreCounts

MANY: Final = 10_000
"""From so many rows on a count may be a minute old."""
EVERY: Final = 60.0
_EXACT: Final = (
    "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM outbox), (SELECT count(*) FROM cases WHERE state = 'waiting'),"
    " (SELECT count(*) FROM cases WHERE state = 'claimed'), (SELECT count(*) FROM aside), (SELECT at FROM inbox ORDER BY seq LIMIT 1)"
)


class Counts:
    """Counts for one connection."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[float, int]] = {}

    def take(self, con: sqlite3.Connection) -> StoreCounts:
        """Give how many rows of each kind there are."""
        inbox, outbox, waiting, claimed, aside, oldest = con.execute(_EXACT).fetchone()
        return StoreCounts(
            people=self._of(con, "people"), inbox=inbox, outbox=outbox, timers=self._of(con, "timers"), cases_waiting=waiting,
            cases_claimed=claimed, quarantine=aside, oldest_inbox=oldest,
        )  # fmt: skip

    def _of(self, con: sqlite3.Connection, table: str) -> int:
        now = time.monotonic()
        at, count = self._counted.get(table, (now, 0))
        if count < MANY or now - at >= EVERY:
            count = int(con.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 only constants of this file
            self._counted[table] = now, count
        return count
