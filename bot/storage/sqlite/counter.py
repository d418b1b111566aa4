"""The counter where rows are handed out: heads of inboxes to work, heads of lanes to send. Lives in the writer's thread.

Rule 1: a row that may have been handed out before a crash counts one try more, and that is on disk before it is handed out again;
such rows are handed out one at a time, so that the one that kills the process is found and takes no other with it.
Rule 2: rows are found by number above the last one heard of, so that rows another process accepted are seen too.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from bot.ports import Due, OutRow, Person, Taken
from bot.storage.queues import Inboxes, Lanes
from bot.storage.sqlite.people import Settled, wraps_from
from bot.storage.vitals import Vitals

_ROW = "SELECT event, sealed, at, tries FROM inbox WHERE seq = ?"
_OUT = (
    "SELECT o.id, o.sealed, o.due, o.about, o.rank, o.tries, coalesce(o.wraps, p.wraps, x'90')"
    " FROM outbox o LEFT JOIN people p ON p.person = o.person WHERE o.seq = ?"
)


class Counter:
    """Hands out rows and remembers which are out."""

    def __init__(self) -> None:
        self._inboxes = Inboxes()
        self._lanes = Lanes()
        self._handed: dict[int, int] = {}  # row → how often it was handed out by now
        self._suspect: int | None = None  # the one of the doubtful that is in hand
        self._doubtful: set[int] = set()  # heads that a process which did not end well may have had in hand

    # ── begin and end ──
    def begin(self, con: sqlite3.Connection) -> None:
        """Take over the queues."""
        if con.execute("SELECT value FROM meta WHERE name = 'clean'").fetchone()[0]:
            con.execute("UPDATE meta SET value = 0 WHERE name = 'clean'")
            return
        self._doubtful = {seq for (seq,) in con.execute("SELECT min(seq) FROM inbox GROUP BY person")}

    def end(self, con: sqlite3.Connection) -> None:
        """Write down all tries, and that this process ended well."""
        con.executemany("UPDATE inbox SET tries = ? WHERE seq = ?", [(tries, seq) for seq, tries in self._handed.items()])
        con.executemany("UPDATE inbox SET tries = tries + 1 WHERE seq = ?", [(seq,) for seq in self._doubtful])
        con.execute("UPDATE meta SET value = 1 WHERE name = 'clean'")

    # ── inbox ──
    def take(self, con: sqlite3.Connection, limit: int) -> list[Taken]:
        """Give heads of inboxes nobody has in hand, oldest first."""
        new = con.execute("SELECT seq, person FROM inbox WHERE seq > ? ORDER BY seq", (self._inboxes.known,)).fetchall()
        self._inboxes.arrived(new)
        out: list[int] = []
        later: list[int] = []
        given: list[Taken] = []
        try:
            while len(given) < limit and len(later) < limit and (head := self._inboxes.give()) is not None:
                out.append(head[0])
                if not self._may_go(head[0]):
                    later.append(head[0])
                    continue
                row = con.execute(_ROW, (head[0],)).fetchone()
                if row is None:
                    self.left(head[1], (head[0],))
                else:
                    given.append(self._taken(*head, row))
            self._write_tries(con, given)
        except sqlite3.Error:
            self.back(out)
            raise
        self.back(later)
        return given

    def _may_go(self, seq: int) -> bool:
        if seq not in self._doubtful:
            return True
        if self._suspect is None:
            self._suspect = seq
        return self._suspect == seq

    def _taken(self, seq: int, person: Person, row: tuple[str, bytes, float, int]) -> Taken:
        event, sealed, at, written = row
        doubt = 1 if seq in self._doubtful else 0
        return Taken(seq, person, event, sealed, at, self._handed.get(seq, written + doubt))

    def _write_tries(self, con: sqlite3.Connection, given: Sequence[Taken]) -> None:
        again = [(one.tries, one.row) for one in given if one.tries]
        if again:
            con.execute("BEGIN IMMEDIATE")
            con.executemany("UPDATE inbox SET tries = ? WHERE seq = ?", again)
            con.execute("COMMIT")
        for one in given:
            self._handed[one.row] = one.tries + 1
            self._doubtful.discard(one.row)

    def back(self, rows: Iterable[int]) -> None:
        """Rows in hand are heads again."""
        for seq in rows:
            self._cleared(seq)
            self._inboxes.back(seq)

    def released(self, rows: Iterable[int]) -> None:
        """Rows in hand are heads again, and nothing died of them: that is no try."""
        for seq in rows:
            if self._handed.get(seq):
                self._handed[seq] -= 1
            self.back((seq,))

    def _cleared(self, seq: int) -> None:
        if seq == self._suspect:
            self._suspect = None

    def left(self, person: Person | None, rows: Iterable[int]) -> None:
        """Rows have left this person's inbox; with None they were gone already."""
        for seq in rows:
            self._handed.pop(seq, None)
            self._doubtful.discard(seq)
            self._cleared(seq)
            if person is None:
                self._inboxes.back(seq)
            else:
                self._inboxes.gone(seq, person)

    # ── outbox ──
    def due(self, con: sqlite3.Connection, now: float, limit: int, lanes: Mapping[str, int] | None = None) -> list[Due]:
        """Give heads of lanes whose time has come and that are not in flight; of `lanes` only so many of each name."""
        most = dict(lanes) if lanes is not None else None
        sql = "SELECT seq, person, lane, next, rank, tries FROM outbox WHERE seq > ? ORDER BY seq"
        self._lanes.arrived(con.execute(sql, (self._lanes.known,)).fetchall())
        given: list[Due] = []
        try:
            while len(given) < limit and (head := self._lanes.give(now, most)) is not None:
                seq, lane = head
                try:
                    row = con.execute(_OUT, (seq,)).fetchone()
                except sqlite3.Error:
                    self._lanes.stays(lane)
                    raise
                if row is None:
                    self._lanes.gone(seq, lane)
                    continue
                id_, sealed, due, about, rank, tries, wraps = row
                self._lanes.flies(lane, id_)
                given.append(Due(lane[0], OutRow(id_, sealed, due, lane[1], about, rank), tries, wraps_from(wraps)))
        except sqlite3.Error:
            self.landed(given)
            raise
        return given

    def later(self, rows: Iterable[tuple[Person, str, float]]) -> None:
        """Rows in flight stay for a later time, untried."""
        for person, id_, when in rows:
            self._lanes.later(person, id_, when)

    def landed(self, given: Iterable[Due]) -> None:
        """Rows that nobody received are heads again."""
        for one in given:
            self._lanes.lands(one.person, one.row.id)

    def settled(self, results: Iterable[Settled]) -> None:
        """Rows in flight have ended, or wait for another time."""
        for one in results:
            if one.seq is not None and one.again is not None:
                self._lanes.again(one.seq, (one.person, one.lane), one.again)
            elif one.seq is not None:
                self._lanes.gone(one.seq, (one.person, one.lane))
            self._lanes.lands(one.person, one.id)

    def vitals(self, now: float) -> Vitals:
        """Give what is out, and what waits."""
        waiting, hand = self._inboxes.sizes()
        return Vitals(lanes=self._lanes.sizes(now), waiting=waiting, hand=hand)

    def unsent(self, rows: Iterable[tuple[Person, int, str]]) -> None:
        """Rows have left their lanes unsent."""
        for person, seq, lane in rows:
            self._lanes.gone(seq, (person, lane))
