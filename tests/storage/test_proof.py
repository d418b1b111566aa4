"""A file that may be damaged is proved: at once if that is quick, else beside the work, and then at the latest its use ends."""

import sqlite3
from pathlib import Path

import pytest

from bot.ports import Arrival, Commit, OutRow, StoreUnavailable
from bot.storage.sqlite import proof
from bot.storage.sqlite.disk import connect
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import NOON, FakeClock


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A store that a process left without ending well."""
    made = tmp_path / "amana.db"
    store = SqliteStore(made, clock=FakeClock())
    await store.open()
    for n in range(200):
        row = OutRow("o", bytes(500), NOON)
        await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, session=bytes(900), outbox=(row,)))
    await store.close()
    con = connect(made)
    con.execute("UPDATE meta SET value = 0 WHERE name = 'clean'")
    con.close()
    return made


class Asked:
    """Stands before the real question; of a file too large for a moment the first asking is cut short."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, cut_short: int) -> None:
        self.count = 0
        self._left = cut_short
        self._real = proof._whole
        monkeypatch.setattr(proof, "_whole", self)

    def __call__(self, con: sqlite3.Connection) -> bool:
        self.count += 1
        if self.count <= self._left:
            raise sqlite3.OperationalError("interrupted")
        return self._real(con)


async def test_a_file_is_proved_once_after_a_process_that_did_not_end_well(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, cut_short=0)
    for _ in range(2):
        store = SqliteStore(file, clock=FakeClock())
        await store.open()
        await store.close()

    assert asked.count == 1


async def test_a_large_file_is_proved_beside_the_work(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, cut_short=1)
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    assert list(await store.accept([Arrival(b"A" * 16, "e", b"", NOON)])) == [True]
    store._proof.wait()
    await store.close()
    await store.open()
    await store.close()

    assert asked.count == 2


async def test_what_was_not_proved_to_the_end_is_proved_at_the_next_start(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, cut_short=2)
    for _ in range(3):
        store = SqliteStore(file, clock=FakeClock())
        await store.open()
        store._proof.wait()
        await store.close()

    assert asked.count == 3


async def test_a_damage_found_beside_the_work_ends_it_with_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with file.open("r+b") as raw:
        raw.seek(4096 * 20)
        raw.write(b"\xff" * 4096 * 10)
    Asked(monkeypatch, cut_short=1)
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    store._proof.wait()

    with pytest.raises(StoreUnavailable, match="damaged"):
        await store.accept([Arrival(b"A" * 16, "e", b"", NOON)])
    with pytest.raises(StoreUnavailable, match="damaged"):
        await store.counts()
    await store.close()


async def test_a_proof_under_way_does_not_keep_a_store_from_closing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(con: sqlite3.Connection) -> bool:
        con.execute("WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n").fetchone()
        return True

    monkeypatch.setattr(proof, "_whole", endless)
    monkeypatch.setattr(proof, "AT_ONCE", 0.05)
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    assert list(await store.accept([Arrival(b"A" * 16, "e", b"", NOON)])) == [True]
    await store.close()
