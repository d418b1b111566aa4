"""What the SQLite store promises beyond the port: its file, its owner, its thread, its traces, its copies."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.ports import Arrival, CaseIndex, CaseWrite, Commit, OutRow, Sent, Stale, StoreTaken, StoreUnavailable, Timer
from bot.storage.sqlite import traces
from bot.storage.sqlite.backups import restore
from bot.storage.sqlite.clerk import Clerk
from bot.storage.sqlite.disk import Lock, connect
from bot.storage.sqlite.schema import MIGRATIONS, bring_up
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import NOON, FakeClock

AMAL, BILAL = b"A" * 16, b"B" * 16


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "amana.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(file, clock=FakeClock())
    await made.open()
    yield made
    await made.close()


def arrival(person: bytes = AMAL, event: str = "e") -> Arrival:
    return Arrival(person, event, b"words", NOON)


async def crash(store: SqliteStore) -> None:
    """Leave as a killed process does: nothing noted down, the lock dropped by the system."""
    await store._writer.stop()
    await store._reader.stop()
    store._lock.drop()


# ── the file ──
async def test_files_are_for_their_owner_only_whatever_the_mask(file: Path) -> None:
    old = os.umask(0)
    try:
        store = SqliteStore(file, clock=FakeClock())
        await store.open()
        await store.accept([arrival()])
        modes = {found.name: found.stat().st_mode & 0o777 for found in file.parent.iterdir()}
        folder = file.parent.stat().st_mode & 0o777
        await store.close()
    finally:
        os.umask(old)

    assert modes == dict.fromkeys(("amana.db", "amana.db-wal", "amana.db-shm", "amana.db-lock"), 0o600)
    assert folder == 0o700


async def test_an_open_file_is_closed_to_others(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.close()
    file.chmod(0o644)
    await store.open()
    await store.close()

    assert file.stat().st_mode & 0o777 == 0o600


async def test_settings_keep_what_was_promised(store: SqliteStore) -> None:
    def read(con: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store", "trusted_schema")
        return [con.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await store._writer.ask(read, alone=True) == ["wal", 2, 1, 1, 2, 0]


async def test_a_file_of_something_else_is_refused(file: Path) -> None:
    file.parent.mkdir()
    con = sqlite3.connect(file)
    con.execute("CREATE TABLE other (x)")
    con.commit()
    con.close()

    with pytest.raises(StoreUnavailable, match="not a store"):
        await SqliteStore(file, clock=FakeClock()).open()


async def test_what_is_no_database_is_refused(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"not a database at all" * 500)

    with pytest.raises(StoreUnavailable):
        await SqliteStore(file, clock=FakeClock()).open()


async def test_a_file_of_a_newer_version_is_refused_untouched(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.close()
    con = connect(file)
    con.execute("PRAGMA user_version=99")
    con.close()

    with pytest.raises(StoreUnavailable, match="newer version"):
        await store.open()


def test_migrations_run_once_in_order_and_whole(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    con = connect(file)
    bring_up(con)
    more = (*MIGRATIONS, "CREATE TABLE extra (x);")
    bring_up(con, more)
    bring_up(con, more)
    assert con.execute("PRAGMA user_version").fetchone() == (len(more),)

    with pytest.raises(sqlite3.Error):
        bring_up(con, (*more, "CREATE TABLE half (x); CREATE TABLE extra (x);"))
    con.rollback()
    assert con.execute("PRAGMA user_version").fetchone() == (len(more),)
    assert con.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchone() is None
    con.close()


# ── the owner ──
async def test_a_second_server_is_refused_and_the_first_goes_on(store: SqliteStore, file: Path) -> None:
    with pytest.raises(StoreTaken, match="Another Amana server"):
        await SqliteStore(file, clock=FakeClock()).open()

    assert list(await store.accept([arrival()])) == [True]


async def test_after_a_server_has_closed_another_may_open(file: Path) -> None:
    for _ in range(2):
        store = SqliteStore(file, clock=FakeClock())
        await store.open()
        await store.close()


async def test_a_guest_reads_and_accepts_beside_the_server(store: SqliteStore, file: Path) -> None:
    await store.accept([arrival(AMAL, "first")])
    assert [one.event for one in await store.take(10)] == ["first"]
    guest = SqliteStore(file, clock=FakeClock(), guest=True)
    await guest.open()
    await guest.accept([arrival(BILAL, "from-guest")])
    await guest.put_note("s", "k", b"v")
    assert (await guest.counts()).inbox == 2
    await guest.close()

    assert [one.event for one in await store.take(10)] == ["from-guest"]
    note = await store.note("s", "k")
    assert note is not None
    assert note.value == b"v"


async def test_a_guest_is_refused_what_belongs_to_the_owner_of_the_queues(store: SqliteStore, file: Path) -> None:
    guest = SqliteStore(file, clock=FakeClock(), guest=True)
    await guest.open()
    refused: list[Callable[[], object]] = [
        lambda: guest.take(1),
        lambda: guest.due(NOON, 1),
        lambda: guest.timers_due(NOON, 1),
        lambda: guest.settle([]),
        lambda: guest.sweep(NOON),
        lambda: guest.quarantine(1, None, NOON),
        lambda: guest.commit(Commit(person=AMAL, version=0, event="e", taken=None)),
    ]
    for ask in refused:
        with pytest.raises(RuntimeError, match="only the server"):
            await ask()  # type: ignore[misc]
    await guest.close()


async def test_a_closed_store_says_so(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await store.load(AMAL)


# ── tries, and who waits no more ──
async def test_tries_are_exact_over_a_clean_restart(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.accept([arrival(AMAL), arrival(BILAL)])
    await store.take(1)
    await store.close()
    await store.open()

    assert [(one.person, one.tries) for one in await store.take(10)] == [(AMAL, 1), (BILAL, 0)]
    await store.close()


async def test_after_a_crash_a_head_may_have_been_in_hand_and_those_behind_it_not(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.accept([arrival(AMAL, "e1"), arrival(AMAL, "e2")])
    await crash(store)
    await store.open()
    [head] = await store.take(10)
    await store.quarantine(head.row, None, NOON)
    [second] = await store.take(10)

    assert (head.event, head.tries, second.event, second.tries) == ("e1", 1, "e2", 0)
    await store.close()


async def test_rows_in_flight_at_a_crash_are_due_again(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.commit(Commit(person=AMAL, version=0, event="e", taken=None, outbox=(OutRow("a", b"", NOON), OutRow("b", b"", NOON))))
    assert len(await store.due(NOON, 10)) == 1
    await crash(store)
    await store.open()

    assert [one.row.id for one in await store.due(NOON, 10)] == ["a"]
    await store.close()


async def test_what_a_cancelled_take_or_due_was_given_is_given_again(store: SqliteStore) -> None:
    await store.commit(Commit(person=AMAL, version=0, event="e0", taken=None, outbox=(OutRow("a", b"", NOON),)))
    await store.accept([arrival()])
    for ask in (store.take(10), store.due(NOON, 10)):
        task = asyncio.ensure_future(ask)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    given: set[str] = set()
    async with asyncio.timeout(5):
        while given != {"e", "a"}:
            given |= {one.event for one in await store.take(10)}
            given |= {one.row.id for one in await store.due(NOON, 10)}


# ── the thread ──
@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[Clerk, list[str]]]:
    path, said = tmp_path / "clerk.db", list[str]()
    path.touch()

    def opened() -> sqlite3.Connection:
        con = connect(path)
        con.execute("CREATE TABLE IF NOT EXISTS t (x INTEGER UNIQUE)")
        con.set_trace_callback(said.append)
        return con

    clerk = Clerk("test", opened)
    clerk.start()
    yield clerk, said
    asyncio.run(clerk.stop())


def put(x: int) -> Callable[[sqlite3.Connection], int]:
    return lambda con: con.execute("INSERT INTO t VALUES (?)", (x,)).rowcount


async def test_writes_that_wait_together_share_one_commit(counted: tuple[Clerk, list[str]]) -> None:
    clerk, said = counted
    await asyncio.gather(*(clerk.ask(put(n)) for n in range(200)))

    assert said.count("COMMIT") <= 5


async def test_a_bug_in_one_write_fails_that_one_alone(counted: tuple[Clerk, list[str]]) -> None:
    clerk, _ = counted
    done = await asyncio.gather(*(clerk.ask(put(x)) for x in (1, 2, 1, 3)), return_exceptions=True)

    assert [isinstance(one, sqlite3.IntegrityError) for one in done] == [False, False, True, False]
    assert await clerk.ask(lambda con: con.execute("SELECT count(*) FROM t").fetchone()[0]) == 3


async def test_a_failed_shared_commit_fails_all_and_the_next_works(counted: tuple[Clerk, list[str]]) -> None:
    clerk, _ = counted

    def breaks(con: sqlite3.Connection) -> None:
        con.execute("PRAGMA max_page_count=2")
        con.execute("CREATE TABLE big (x)")

    done = await asyncio.gather(clerk.ask(put(1)), clerk.ask(breaks), clerk.ask(put(2)), return_exceptions=True)
    assert [type(one) for one in done].count(StoreUnavailable) >= 1
    landed = {x for x, one in ((1, done[0]), (2, done[2])) if one == 1}

    assert await clerk.ask(put(3)) == 1
    assert await clerk.ask(lambda con: {x for (x,) in con.execute("SELECT x FROM t")}) == landed | {3}


async def test_a_write_nobody_waits_for_any_more_still_lands(counted: tuple[Clerk, list[str]]) -> None:
    clerk, _ = counted
    clerk.ask(put(7)).cancel()

    assert await clerk.ask(lambda con: con.execute("SELECT x FROM t").fetchall()) == [(7,)]


# ── traces ──
NEEDLE = b"needle-needle-needle-"


async def planted(store: SqliteStore, person: bytes) -> None:
    """A person with the needle in everything a store keeps of them; three lives of rows, so that pages split and merge."""
    needle = NEEDLE + person
    wraps = (("server", needle),)
    for version in range(3):
        index = CaseIndex(person.hex(), "t", "normal", "waiting", NOON, "ar")
        size = 1 + (person[0] + version * 7) % 20
        await store.accept([Arrival(person, f"a{version}", needle, NOON)])
        await store.commit(
            Commit(
                person=person,
                version=version,
                event=f"e{version}",
                taken=None,
                wraps=wraps,
                session=needle * size,
                route=needle,
                outbox=(OutRow(f"o{version}", needle * size, NOON), OutRow(f"g{version}", needle, NOON + 9, "group")),
                timers=(Timer(f"t{version}", NOON + 9, needle),),
                case=CaseWrite(index, wraps, needle * size, version, add=(needle * 3,), topic=needle),
                receipts=needle,
            )
        )


def found(folder: Path, persons: list[bytes]) -> int:
    return sum(body.count(NEEDLE + person) for body in (file.read_bytes() for file in folder.iterdir()) for person in persons)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "CUT_AFTER", 0.01)
    monkeypatch.setattr(traces, "REWRITE_AFTER", 0.05)


@pytest.mark.usefixtures("quickly")
async def test_nothing_of_an_erased_person_is_in_any_file_while_the_store_is_used(store: SqliteStore, file: Path) -> None:
    people = [bytes([n]) * 16 for n in range(60)]
    await asyncio.gather(*(planted(store, person) for person in people))
    gone = people[::3]
    await asyncio.gather(*(store.commit(Commit(person=one, version=3, event="bye", taken=None, erase=True)) for one in gone))
    async with asyncio.timeout(10):
        while found(file.parent, gone):
            await store.counts()
            await asyncio.sleep(0.02)

    assert found(file.parent, people[1:2]) > 0
    assert (await store.load(people[1])).version == 3


async def test_what_was_erased_just_before_the_end_is_gone_after_it(file: Path) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    people = [bytes([n]) * 16 for n in range(40)]
    await asyncio.gather(*(planted(store, person) for person in people))
    await asyncio.gather(*(store.commit(Commit(person=one, version=3, event="bye", taken=None, erase=True)) for one in people[::2]))
    await store.close()

    assert found(file.parent, people[::2]) == 0
    assert found(file.parent, people[1:2]) > 0


async def test_what_was_erased_just_before_a_crash_is_gone_after_the_next_start(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await planted(store, AMAL)
    await store.commit(Commit(person=AMAL, version=3, event="bye", taken=None, erase=True))
    with monkeypatch.context() as patched:
        patched.setattr(traces.Traces, "remove", lambda *_, **__: None)
        await crash(store)
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    await store.close()

    assert found(file.parent, [AMAL]) == 0


async def test_after_a_sweep_what_ended_is_not_in_the_log(store: SqliteStore, file: Path) -> None:
    await store.commit(Commit(person=AMAL, version=0, event="e", taken=None, session=NEEDLE + AMAL, expires=NOON))
    assert await store.sweep(NOON + 8 * 86400) > 0

    assert found(file.parent, [AMAL]) == 0
    assert file.with_name("amana.db-wal").stat().st_size == 0


# ── copies ──
async def test_a_copy_made_while_the_store_is_used_is_whole_and_private(store: SqliteStore, file: Path, tmp_path: Path) -> None:
    async def busy() -> None:
        for n in range(100):
            await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, outbox=(OutRow("o", b"", NOON),)))

    copy = tmp_path / "copy.db"
    writing = asyncio.ensure_future(busy())
    await asyncio.sleep(0)
    await store.backup(copy)
    await writing
    again = tmp_path / "again" / "amana.db"
    restore(copy, again)
    restored = SqliteStore(again, clock=FakeClock())
    await restored.open()
    counts = await restored.counts()
    await restored.close()

    assert counts.people == counts.outbox
    assert copy.stat().st_mode & 0o777 == again.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in again.parent.iterdir()) == ["amana.db", "amana.db-lock"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["again", "copy.db", "data"]


async def test_a_restored_store_goes_on_where_the_copy_was_made(store: SqliteStore, tmp_path: Path) -> None:
    await store.accept([arrival()])
    await store.commit(Commit(person=BILAL, version=0, event="e", taken=None, session=b"s"))
    await store.backup(tmp_path / "copy.db")
    restore(tmp_path / "copy.db", tmp_path / "new.db")
    restored = SqliteStore(tmp_path / "new.db", clock=FakeClock())
    await restored.open()

    [taken] = await restored.take(10)
    assert taken.event == "e"
    assert list(await restored.accept([arrival()])) == [False]
    with pytest.raises(Stale):
        await restored.commit(Commit(person=BILAL, version=0, event="e2", taken=None))
    await restored.settle([Sent(AMAL, "x", NOON)])
    await restored.close()


async def test_a_copy_never_overwrites(store: SqliteStore, file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    await store.backup(copy)
    with pytest.raises(FileExistsError):
        await store.backup(copy)
    with pytest.raises(StoreTaken):
        restore(copy, file)
    (tmp_path / "other.db").touch()
    with pytest.raises(FileExistsError):
        restore(copy, tmp_path / "other.db")
    (tmp_path / "third.db-wal").touch()
    with pytest.raises(FileExistsError):
        restore(copy, tmp_path / "third.db")


@pytest.mark.parametrize("harm", ["cut", "changed", "other"])
async def test_a_bad_copy_is_refused_and_leaves_nothing(store: SqliteStore, tmp_path: Path, harm: str) -> None:
    for n in range(50):
        await store.commit(Commit(person=n.to_bytes(16, "big"), version=0, event="e", taken=None, session=bytes(2000)))
    copy = tmp_path / "copy.db"
    await store.backup(copy)
    body = copy.read_bytes()
    harmed = {"cut": body[: len(body) // 2], "changed": body[:20000] + b"\xff" * 9000 + body[29000:], "other": b"text" * 4000}[harm]
    copy.write_bytes(harmed)

    with pytest.raises(StoreUnavailable):
        restore(copy, tmp_path / "new" / "amana.db")
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["amana.db-lock"]


def test_a_lock_is_dropped_with_its_holder(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "x"), Lock(tmp_path / "x")
    first.take()
    with pytest.raises(StoreTaken):
        second.take()
    first.drop()
    first.drop()
    second.take()
    second.drop()


async def test_a_file_of_the_second_version_opens_and_its_cases_know_since_when_they_wait(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    con = connect(file)
    bring_up(con, MIGRATIONS[:2])
    sql = (
        "INSERT INTO cases (code, person, version, team, rank, state, since, language, unread, unwritten, wraps, sealed)"
        " VALUES (?, x'01', 1, 't', 0, ?, 1000.5, 'fr', 2, ?, x'90', x'')"
    )
    con.executemany(sql, [("W", "waiting", 0), ("S", "waiting", 1), ("C", "claimed", 0)])
    con.commit()
    con.close()
    store = SqliteStore(file, clock=FakeClock())
    await store.open()
    try:
        found = {index.code: index for index in await store.cases(states=["waiting", "claimed"], teams=None)}
        assert {code: index.asked for code, index in found.items()} == {"W": 1000.5, "S": 0.0, "C": 0.0}
        assert (found["W"].answered, found["W"].step, found["W"].tags, found["W"].face) == (False, 0, (), 0)
    finally:
        await store.close()
