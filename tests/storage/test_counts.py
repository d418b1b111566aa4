"""Counting costs the same whatever the store holds."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.storage.sqlite import counts
from bot.storage.sqlite.counts import Counts
from bot.storage.sqlite.disk import connect
from bot.storage.sqlite.schema import bring_up


@pytest.fixture
def con(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    (tmp_path / "amana.db").touch()
    opened = connect(tmp_path / "amana.db")
    bring_up(opened)
    yield opened
    opened.close()


def come(con: sqlite3.Connection, *persons: int) -> None:
    con.executemany("INSERT INTO people (person, version, wraps) VALUES (?, 1, x'90')", [(n.to_bytes(16, "big"),) for n in persons])


def test_few_are_counted_each_time(con: sqlite3.Connection) -> None:
    counted = Counts()
    for n in range(3):
        come(con, n)
        assert counted.take(con).people == n + 1


def test_many_are_counted_again_after_a_minute(con: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MANY", 5)
    now = 100.0
    monkeypatch.setattr(counts.time, "monotonic", lambda: now)
    counted = Counts()
    come(con, *range(5))
    assert counted.take(con).people == 5
    come(con, 5)
    now = 159.0
    assert counted.take(con).people == 5
    now = 160.0
    assert counted.take(con).people == 6
