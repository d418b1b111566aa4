"""What ends by itself: one small write for each kind, so that nobody waits long behind a sweep.

Rule 1: nothing ends before its time, and a person whose message waits is never ended.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from bot.ports import Person
from bot.privacy.retention import Lifetimes
from bot.storage.sqlite import cases
from bot.storage.sqlite.people import forget

KINDS: Final = ("sessions", "people", "cases", "farewells", "receipts", "seen", "aside", "notes")


@dataclass(frozen=True, slots=True)
class Ended:
    """How many rows ended, and which outbox rows left with them (person, number, lane)."""

    rows: int
    outbox: tuple[tuple[Person, int, str], ...] = ()


def end(con: sqlite3.Connection, kind: str, now: float, life: Lifetimes) -> Ended:
    """End what of this kind has outlived its time."""
    match kind:
        case "sessions":
            sql = "UPDATE people SET session = NULL WHERE session IS NOT NULL AND ends <= ?"
            return Ended(con.execute(sql, (now,)).rowcount)
        case "people":
            return _people(con, now - life.route)
        case "cases":
            return Ended(cases.sweep(con, now, life.case))
        case "farewells":
            sql = "DELETE FROM outbox WHERE wraps IS NOT NULL AND born <= ? RETURNING person, seq, lane"
            gone = con.execute(sql, (now - life.farewell,)).fetchall()
            return Ended(len(gone), tuple(gone))
        case "notes":
            return Ended(con.execute("DELETE FROM notes WHERE expires IS NOT NULL AND expires <= ?", (now,)).rowcount)
        case _:
            sql, lasts = {
                "receipts": ("UPDATE people SET receipts = NULL WHERE receipts IS NOT NULL AND shown <= ?", life.receipts),
                "seen": ("DELETE FROM seen WHERE at <= ?", life.seen),
                "aside": ("DELETE FROM aside WHERE at <= ?", life.quarantine),
            }[kind]
            return Ended(con.execute(sql, (now - lasts,)).rowcount)


def _people(con: sqlite3.Connection, ended_before: float) -> Ended:
    sql = (
        "SELECT person FROM people WHERE session IS NULL AND ends <= ?"
        " AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.person = people.person)"
    )
    gone = con.execute(sql, (ended_before,)).fetchall()
    outbox = [(person, seq, lane) for (person,) in gone for seq, lane in forget(con, person)]
    return Ended(len(gone), tuple(outbox))
