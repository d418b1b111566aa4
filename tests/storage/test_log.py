"""The log of the embedded store is moved beside the writer, begins anew when it is long, and is cut when something was deleted."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports import Commit
from bot.storage.sqlite import log
from bot.storage.sqlite.disk import connect
from bot.storage.sqlite.log import Mover
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "amana.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(file, clock=FakeClock())
    await made.open()
    yield made
    await made.close()


async def write(store: SqliteStore, *persons: int) -> None:
    for n in persons:
        await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, session=bytes(2000)))


async def test_no_write_waits_for_the_log_to_be_moved(store: SqliteStore, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mover, "move", lambda _: None)
    before = file.stat().st_size
    await write(store, *range(1200))

    assert file.stat().st_size == before
    assert file.with_name("amana.db-wal").stat().st_size > 1200 * 4096


async def test_a_log_that_was_written_long_is_moved_without_being_asked(
    store: SqliteStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOVE_AFTER", 20)
    n, before = 0, file.stat().st_size
    while file.stat().st_size == before:
        await write(store, n)
        n += 1
        assert n < 5000


async def test_a_long_log_begins_anew_though_writes_never_pause(store: SqliteStore, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "BEGIN_ANEW", 100)
    monkeypatch.setattr(log, "MOVE_AFTER", 10**9)
    beside = connect(file, moves=False)
    for start in range(0, 800, 100):
        await write(store, *range(start, start + 50))
        beside.execute("BEGIN")
        beside.execute("SELECT count(*) FROM people").fetchone()
        await write(store, *range(start + 50, start + 100))  # as if this came while the log is moved: it stays behind
        store._log.move()
        beside.execute("COMMIT")
    beside.close()

    assert file.with_name("amana.db-wal").stat().st_size < 8_000_000  # one that never begins anew has 20 million bytes here


async def test_what_was_only_in_the_log_is_there_after_it_was_moved_and_cut(store: SqliteStore, file: Path) -> None:
    await write(store, *range(50))
    store._log.move()
    assert await store._writer.ask(store._log.cut, alone=True)

    assert file.with_name("amana.db-wal").stat().st_size == 0
    assert (await store.counts()).people == 50


def test_a_mover_whose_disk_failed_moves_again_later(file: Path) -> None:
    file.touch()
    tries = 0

    def opened() -> sqlite3.Connection:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise sqlite3.OperationalError("disk I/O error")
        return connect(file, moves=False)

    con = connect(file, moves=False)
    con.execute("CREATE TABLE t (x)")
    before = file.stat().st_size
    mover = Mover(opened)
    mover.move()
    assert file.stat().st_size == before
    mover.move()

    assert file.stat().st_size > before
    mover.stop()
    con.close()
