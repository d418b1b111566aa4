"""What was acknowledged is there after a kill, a cut log and a full disk; what was not is there whole or not at all."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bot.ports import Arrival, Audit, Commit, OutRow, StoreUnavailable
from bot.storage.sqlite.disk import connect
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import NOON, FakeClock

ROOT = Path(__file__).parent.parent.parent
PERSONS = 12


def start(*words: object) -> subprocess.Popen[bytes]:
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, *map(str, words)], stdout=subprocess.PIPE, env=path, cwd=ROOT)


def lines(child: subprocess.Popen[bytes]) -> Iterator[list[str]]:
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            if line.endswith(b"\n"):
                yield line.decode().split()
    child.wait()


def last_of(said: list[str]) -> dict[int, int]:
    last: dict[int, int] = defaultdict(int)
    for event in said:
        n, k = event.split(".")
        last[int(n)] = max(last[int(n)], int(k))
    return last


@pytest.mark.kill
def test_after_any_kill_every_acknowledged_commit_is_there_and_none_by_half(tmp_path: Path) -> None:
    file, chance = tmp_path / "amana.db", random.Random(7)
    heard: dict[str, list[str]] = {"accepted": [], "committed": [], "sent": []}
    for seed in range(8):
        child = start(ROOT / "tests/storage/kill_me.py", file, seed, PERSONS)
        left = chance.randrange(20, 600)
        for word, *what in lines(child):
            if what:
                heard[word] += what
            left -= 1
            if left == 0:
                child.send_signal(signal.SIGKILL)
        check_whole(file, heard)
    assert len(heard["committed"]) > 200


def check_whole(file: Path, heard: dict[str, list[str]]) -> None:
    con = connect(file)
    assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    acked = last_of(heard["committed"])
    seen = {event for (event,) in con.execute("SELECT event FROM seen")}
    audit = [about for (about,) in con.execute("SELECT about FROM audit ORDER BY n")]
    timers = {name for (name,) in con.execute("SELECT name FROM timers")}
    waiting = {id_ for (id_,) in con.execute("SELECT id FROM outbox")}
    kept = con.execute("SELECT receipts FROM people WHERE receipts IS NOT NULL")
    receipts = {part.decode() for (packed,) in kept for part in msgspec.msgpack.decode(packed)}
    for person, version, session in con.execute("SELECT person, version, session FROM people").fetchall():
        n = int.from_bytes(person, "big")
        made = [f"{n}.{k}" for k in range(1, version + 1)]
        assert version >= acked[n]
        assert session.decode() == made[-1]
        assert [about for about in audit if about.startswith(f"{n}.")] == made
        assert {f"{event}c" for event in made} <= seen
        assert {name for name in timers if name.startswith(f"{n}.")} == set(made)
        assert {one for one in waiting | receipts if one.startswith(f"{n}.")} == set(made)
        assert not waiting & receipts
    assert set(heard["accepted"]) <= seen
    assert not set(heard["sent"]) & waiting
    con.close()


@pytest.mark.kill
async def test_rows_in_hand_at_a_kill_count_a_try_and_others_do_not(tmp_path: Path) -> None:
    file, clock = tmp_path / "amana.db", FakeClock()
    script = textwrap.dedent(
        """
        import asyncio, os, signal, sys
        from pathlib import Path
        from bot.storage.sqlite.store import SqliteStore
        from tests.fakes import FakeClock

        async def main():
            store = SqliteStore(Path(sys.argv[1]), clock=FakeClock())
            await store.open()
            print(*(f"{one.event}={one.tries}" for one in await store.take(10)), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
        """
    )
    store = SqliteStore(file, clock=clock)
    await store.open()
    await store.accept([Arrival(b"a" * 16, "head", b"", NOON), Arrival(b"a" * 16, "second", b"", NOON)])
    await store.close()
    for tries in range(4):
        child = start("-c", script, file)
        assert [" ".join(line) for line in lines(child)] == [f"head={tries}"]

    await store.open()
    [head] = await store.take(10)
    await store.quarantine(head.row, None, NOON)
    [second] = await store.take(10)
    assert (head.tries, second.event, second.tries) == (4, "second", 0)
    await store.close()


async def test_a_log_cut_anywhere_opens_with_every_commit_before_the_cut(tmp_path: Path) -> None:
    clock, whole = FakeClock(), tmp_path / "whole" / "amana.db"
    log = whole.with_name("amana.db-wal")
    store = SqliteStore(whole, clock=clock)
    await store.open()
    sizes = []
    for k in range(40):
        person = bytes([k]) * 16
        await store.commit(
            Commit(person=person, version=0, event="e", taken=None, session=bytes(900), audit=(Audit(NOON, "bot", "t", str(k)),))
        )
        sizes.append(log.stat().st_size)
    body = log.read_bytes()
    cuts = [*range(0, len(body), 2048), len(body)]
    copy = tmp_path / "amana.db"
    for cut in cuts:
        shutil.copyfile(whole, copy)
        copy.with_name("amana.db-wal").write_bytes(body[:cut])
        con = connect(copy)
        assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {int(about) for (about,) in con.execute("SELECT about FROM audit")} if "audit" in tables(con) else set()
        assert kept == set(range(len(kept)))
        assert kept >= {k for k, size in enumerate(sizes) if size <= cut}
        assert len(kept) == (con.execute("SELECT count(*) FROM people").fetchone()[0] if kept else 0)
        con.close()
        for file in tmp_path.glob("amana.db*"):
            file.unlink()
    assert len(cuts) > 100
    await store.close()


def tables(con: sqlite3.Connection) -> set[str]:
    return {name for (name,) in con.execute("SELECT name FROM sqlite_master")}


FULL_DISK = textwrap.dedent(
    """
    import asyncio, resource, sys
    from pathlib import Path
    from bot.ports import Commit, StoreUnavailable
    from bot.storage.sqlite.store import SqliteStore
    from tests.fakes import FakeClock

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    async def one(store, n):
        await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, session=bytes(3000)))
        return n

    async def main():
        store = SqliteStore(Path(sys.argv[1]), clock=FakeClock())
        await store.open()
        limit(300_000)
        done, refused = set(), 0
        for start in range(0, 2000, 20):
            for said in await asyncio.gather(*(one(store, n) for n in range(start, start + 20)), return_exceptions=True):
                if isinstance(said, StoreUnavailable):
                    refused += 1
                elif isinstance(said, int):
                    done.add(said)
                else:
                    raise said
            if refused >= 60:
                break
        assert refused >= 60, refused
        first = min(done)
        assert (await store.load(first.to_bytes(16, "big"))).version == 1
        limit(resource.RLIM_INFINITY)
        for n in range(5000, 5050):
            done.add(await one(store, n))
        there = {int.from_bytes(person, "big") for person in await store.people(limit=10**6)}
        assert done == there, (len(done), len(there))
        await store.close()
        print("recovered", len(done), flush=True)

    asyncio.run(main())
    """
)


def test_a_full_disk_refuses_and_recovers_without_a_restart(tmp_path: Path) -> None:
    child = start("-c", FULL_DISK, tmp_path / "amana.db")
    said = list(lines(child))

    assert child.wait() == 0
    assert said[0][0] == "recovered"
    con = connect(tmp_path / "amana.db")
    assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    con.close()


async def test_a_disk_that_turns_read_only_refuses_and_recovers(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "amana.db", clock=FakeClock())
    await store.open()

    def lock(con: sqlite3.Connection) -> None:
        con.execute("PRAGMA query_only=ON")

    await store._writer.ask(lock, alone=True)
    with pytest.raises(StoreUnavailable):
        await store.accept([Arrival(b"a" * 16, "e", b"", NOON)])
    assert list(await store.accept([Arrival(b"a" * 16, "e", b"", NOON)])) == [True]
    await store.close()


async def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "amana.db"
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    for n in range(200):
        row = OutRow("o", bytes(500), NOON)
        await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, session=bytes(900), outbox=(row,)))
    await store.close()
    con = connect(file)
    con.execute("UPDATE meta SET value = 0 WHERE name = 'clean'")
    con.close()
    with file.open("r+b") as raw:
        raw.seek(4096 * 20)
        raw.write(b"\xff" * 4096 * 10)

    with pytest.raises(StoreUnavailable, match=r"damaged|malformed"):
        await store.open()
