"""The embedded store: `bot.ports.Store` on one SQLite file, owned by one server process.

Rule 1: one clerk writes, one reads; what is in hand and in flight is known to the writer alone, in memory, by row numbers.
Rule 2: a row is handed out a second time only after its count of tries is on disk.
Rule 3: other processes (commands of the operator) open it as guests: they read, accept, write notes; SQLite orders the writes, the
server sees new rows at its next `take` or `due`. What belongs to the owner of the queues, a guest is refused.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from bot.conversation.running.crashpoint import crashpoint
from bot.ports import (
    Arrival,
    Audit,
    CaseIndex,
    CaseRecord,
    CaseState,
    Clock,
    Commit,
    Due,
    Note,
    OutRow,
    Person,
    Record,
    Sent,
    StoreCounts,
    StoreUnavailable,
    Taken,
    ThreadEntry,
)
from bot.privacy.keys import Wrapped, Wraps
from bot.privacy.retention import Lifetimes
from bot.storage.sqlite import cases, notes, people, wrapping
from bot.storage.sqlite.backups import backup
from bot.storage.sqlite.clerk import Clerk
from bot.storage.sqlite.counter import Counter
from bot.storage.sqlite.counts import Counts
from bot.storage.sqlite.disk import Lock, connect, make_ready, stands
from bot.storage.sqlite.ends import KINDS, Ended, end
from bot.storage.sqlite.log import Mover
from bot.storage.sqlite.proof import Proof
from bot.storage.sqlite.schema import bring_up
from bot.storage.sqlite.traces import Traces, there_are
from bot.storage.vitals import Health, Vitals

T = TypeVar("T")
PAGE = 500
"""Keys that are read at once."""


class SqliteStore:
    """A Store in one file. `guest`: beside a running server, or only to read; without the lock. `lifetimes` may be set anew at any time."""

    def __init__(self, path: Path, *, clock: Clock, lifetimes: Lifetimes | None = None, guest: bool = False) -> None:
        self.path = path
        self._clock = clock
        self.lifetimes = lifetimes or Lifetimes()
        self._guest = guest
        self._lock = Lock(path)
        self._log = Mover(lambda: connect(path, moves=False))
        self._traces = Traces(self._log)
        self._writer = Clerk("store-writer", lambda: connect(path, moves=guest), traces=self._traces, log=None if guest else self._log)
        self._reader = Clerk("store-reader", lambda: connect(path))
        self._proof = Proof(lambda: connect(path), self._refuse)
        self._counter = Counter()
        self._counts = Counts()

    # ── open and close ──
    async def open(self) -> None:
        """Open or create the file; raises `StoreTaken`, `StoreUnavailable`."""
        try:
            await asyncio.to_thread(self._prepare)
        except (OSError, sqlite3.Error) as error:
            self._lock.drop()
            raise StoreUnavailable(f"{error}.") from error
        except StoreUnavailable:
            self._lock.drop()
            raise
        self._log.start()
        self._writer.start()
        self._reader.start()
        self._proof.go_on()

    def _prepare(self) -> None:
        self._counter, self._counts = Counter(), Counts()
        make_ready(self.path)
        if not self._guest:
            self._lock.take()
        con = connect(self.path)
        try:
            bring_up(con)
            if not self._guest:
                self._proof.begin(con)
                self._counter.begin(con)
                if there_are(con):
                    self._traces.erased()
        finally:
            con.close()

    async def close(self) -> None:
        """Finish what was asked, note down what is in hand, close and give up the lock."""
        if not self._guest:
            with suppress(StoreUnavailable):
                await self._writer.ask(self._counter.end)
        await asyncio.to_thread(self._proof.stop)
        await self._reader.stop()
        await self._writer.stop()
        await asyncio.to_thread(self._log.stop)
        self._lock.drop()

    def _refuse(self, why: str) -> None:
        self._writer.refuse(why)
        self._reader.refuse(why)

    # ── inbox ──
    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Keep these in order; True = new, False = seen in the last 48 h."""
        now = self._clock.now()
        crashpoint("storage.before_accept")
        fresh = await self._writer.ask(lambda con: people.accept(con, arrivals, now))
        crashpoint("storage.after_accept")
        return fresh

    async def take(self, limit: int) -> Sequence[Taken]:
        """Give heads of inboxes of persons who have nothing in hand, oldest first, and mark them in hand."""
        self._owner_only()
        work = self._counter.take
        taken = await self._writer.ask(lambda con: work(con, limit), alone=True, orphaned=self._untaken)
        if taken:
            crashpoint("storage.after_take")
        return taken

    def _untaken(self, given: Sequence[Taken]) -> None:
        _unheard(self._writer.ask(lambda _: self._counter.back([one.row for one in given]), alone=True))

    async def release(self, rows: Sequence[int]) -> None:
        """Put taken rows back unworked."""
        await self._writer.ask(lambda _: self._counter.released(rows), alone=True)

    async def quarantine(self, row: int, sealed: bytes | None, at: float) -> None:
        """Put an inbox row aside, sealed, for 24 h; with None only drop it."""
        self._owner_only()

        def landed(person: Person | None) -> None:
            self._counter.left(person, (row,))

        crashpoint("storage.before_aside")
        await self._writer.ask(lambda con: notes.quarantine(con, row, sealed, at), landed=landed)
        crashpoint("storage.after_aside")

    async def put_aside(self, sealed: bytes, at: float) -> None:
        """Keep for 24 h, sealed, something that could not even be tied to a person."""
        await self._writer.ask(lambda con: notes.put_aside(con, sealed, at))

    # ── people ──
    async def load(self, person: Person) -> Record:
        """Give what is kept of this person; version 0 if nothing."""
        return await self._read(lambda con: people.load(con, person))

    async def commit(self, commit: Commit) -> int:
        """Land all of it or nothing; gives the new version (0 after an erasure). Raises `Stale`, `AlreadySeen`."""
        self._owner_only()
        now = self._clock.now()

        def landed(done: people.Landed) -> None:
            self._counter.left(commit.person, done.inbox)
            self._counter.unsent((commit.person, seq, lane) for seq, lane in done.outbox)
            if done.erased or (commit.case is not None and (commit.case.erase or commit.case.index.state == "erased")):
                self._traces.erased()

        return (await self._writer.ask(lambda con: people.commit(con, commit, now), landed=landed)).version

    async def people(self, after: Person = b"", limit: int = 1000) -> Sequence[Person]:
        """Give pseudonyms in order."""
        return await self._read(lambda con: people.pseudonyms(con, after, limit))

    # ── keys ──
    async def wrapped(self, *, ours: bool = False) -> AsyncIterator[Sequence[Wrapped]]:
        """Give the keys of people, cases and farewells as they are kept, page by page; `ours`: only if this process owns the store."""
        if ours:
            self._owner_only()
        for kind in wrapping.KINDS:
            after = 0
            while True:
                page, after = await self._read(lambda con, kind=kind, after=after: wrapping.page(con, kind, after, PAGE))  # type: ignore[misc]
                if not page:
                    break
                yield page

    async def rewrap(self, changes: Sequence[tuple[Wrapped, Wraps]]) -> int:
        """Put wraps in the place of those that were read; gives how many were still there. Raises `StoreUnavailable`."""
        self._owner_only()
        crashpoint("storage.before_rewrap")
        done = await self._writer.ask(lambda con: wrapping.put(con, changes))
        crashpoint("storage.after_rewrap")
        return done

    # ── outbox and timers ──
    async def due(self, now: float, limit: int, lanes: Mapping[str, int] | None = None) -> Sequence[Due]:
        """Give heads of lanes whose time has come and that are not in flight, and mark them in flight; of `lanes` only so many of each."""
        self._owner_only()
        work = self._counter.due
        return await self._writer.ask(lambda con: work(con, now, limit, lanes), alone=True, orphaned=self._undue)

    async def postpone(self, rows: Sequence[tuple[Person, str, float]]) -> None:
        """Put rows in flight back untried, not to be given before a time."""
        await self._writer.ask(lambda _: self._counter.later(rows), alone=True)

    async def behind(self, person: Person, id_: str, limit: int) -> Sequence[OutRow]:
        """Give the rows that stand in the lane behind one in flight, in order."""
        return await self._read(lambda con: people.behind(con, person, id_, limit))

    async def held(self, lane: str) -> tuple[float, int]:
        """Give the part of all people that this process works for, which is all, and how many rows wait in lanes of this name."""
        return 1.0, await self._read(lambda con: people.waiting(con, lane))

    def _undue(self, given: Sequence[Due]) -> None:
        _unheard(self._writer.ask(lambda _: self._counter.landed(given), alone=True))

    async def settle(self, results: Sequence[Sent]) -> None:
        """Record what became of rows in flight; a failed row leaves the lane, a retried one stays its head."""
        self._owner_only()
        crashpoint("storage.before_settle")
        await self._writer.ask(lambda con: people.settle(con, results), landed=self._counter.settled)
        crashpoint("storage.after_settle")

    async def timers_due(self, now: float, limit: int) -> Sequence[Arrival]:
        """Move timers whose time has come into inboxes and give them."""
        self._owner_only()
        stamp = self._clock.now()
        rung = await self._writer.ask(lambda con: people.ring(con, now, limit, stamp))
        if rung:
            crashpoint("storage.after_ring")
        return rung

    # ── cases ──
    async def cases(
        self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float = 0.0, limit: int = 200
    ) -> Sequence[CaseIndex]:
        """Give case indexes: most urgent first, then longest waiting."""
        return await self._read(lambda con: cases.indexes(con, states=states, teams=teams, since=since, limit=limit))

    async def case(self, code: str) -> CaseRecord | None:
        """Give one case, or None if there is none of this code."""
        return await self._read(lambda con: cases.case(con, code))

    async def cases_of(self, person: Person) -> Sequence[str]:
        """Give the codes of all cases kept of this person, closed ones too, oldest first."""
        return await self._read(lambda con: cases.codes_of(con, person))

    async def thread(self, code: str, after: int = 0, limit: int = 200) -> Sequence[ThreadEntry]:
        """Give a case's entries with `n` > `after`, in order."""
        return await self._read(lambda con: cases.thread(con, code, after, limit))

    # ── notes and audit ──
    async def note(self, space: str, key: str) -> Note | None:
        """Give a note that has not expired."""
        now = self._clock.now()
        return await self._read(lambda con: notes.note(con, space, key, now))

    async def notes(self, space: str, prefix: str = "", after: str = "", limit: int = 500) -> Sequence[Note]:
        """Give notes of a space by key prefix, keys greater than `after`, in order of key."""
        now = self._clock.now()
        return await self._read(lambda con: notes.notes(con, (space, prefix, after, limit), now))

    async def put_note(self, space: str, key: str, value: bytes | None, *, version: int | None = None, expires: float | None = None) -> int:
        """Write (or with None delete) a note; raises `Stale` if it has not the given version. Gives its version, 0 when deleted."""
        now = self._clock.now()
        if value is None:
            return await self._writer.ask(lambda con: notes.drop(con, space, key, expected=version, now=now))
        wanted = Note(key, value, 0, expires)
        return await self._writer.ask(lambda con: notes.put(con, space, wanted, expected=version, now=now))

    async def audit(self, after: int = 0, limit: int = 500) -> Sequence[tuple[int, Audit]]:
        """Give the audit trail in order."""
        return await self._read(lambda con: notes.audit(con, after, limit))

    # ── ends ──
    async def sweep(self, now: float) -> int:
        """Remove what has outlived its time, and cut the log so that nothing of it stays in a file; gives how many rows."""
        self._owner_only()
        rows = 0
        for kind in KINDS:
            rows += (await self._writer.ask(self._ending(kind, now), landed=self._ended)).rows
        if rows:
            await asyncio.to_thread(self._log.move)
            await self._writer.ask(self._log.cut, alone=True)
        return rows

    def _ending(self, kind: str, now: float) -> Callable[[sqlite3.Connection], Ended]:
        return lambda con: end(con, kind, now, self.lifetimes)

    def _ended(self, ended: Ended) -> None:
        self._counter.unsent(ended.outbox)
        if ended.rows:
            self._traces.ended()

    async def backup(self, path: Path) -> None:
        """Copy the store as it is at this moment into a new file, while it is used; raises `FileExistsError`, `StoreUnavailable`."""
        try:
            await asyncio.to_thread(backup, self.path, path)
        except sqlite3.Error as error:
            raise StoreUnavailable(str(error)) from error

    async def counts(self) -> StoreCounts:
        """Give sizes for metrics and `doctor`."""
        return await self._read(self._counts.take)

    async def vitals(self, now: float) -> Vitals:
        """Give what this process has in hand."""
        return await self._writer.ask(lambda _: self._counter.vitals(now), alone=True)

    async def health(self) -> Health:
        """Give how the file and its disk stand."""
        return await asyncio.to_thread(stands, self.path)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        return self._reader.ask(work, alone=True)

    def _owner_only(self) -> None:
        if self._guest:
            raise RuntimeError("only the server that owns the store may do this")


def _unheard(future: asyncio.Future[T]) -> None:
    # Nobody waits for it; a store that is down by now has forgotten what was in hand anyway.
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
