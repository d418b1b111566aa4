"""The store of many workers: `bot.ports.Store` on Redis or Valkey.

Rule 1: for shards held, what was written is remembered, and nothing is read twice; for others every question goes to the server.
Rule 2: memory follows the server's answer; when there is none, the shard is dropped and read again.
Rule 3: memory is changed where the answer is heard, so that a caller who stops waiting leaves nothing half known.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.conversation.running.crashpoint import crashpoint
from bot.ports import (
    AlreadySeen,
    Arrival,
    Audit,
    CaseIndex,
    CaseRecord,
    CaseState,
    Clock,
    Commit,
    Due,
    Note,
    NotOurs,
    OutRow,
    Person,
    Record,
    Sent,
    Stale,
    StoreCounts,
    StoreUnavailable,
    Taken,
    ThreadEntry,
)  # fmt: skip
from bot.privacy.retention import Lifetimes
from bot.storage.redis.batch import Batches
from bot.storage.redis.casewrites import CasePlan, planned
from bot.storage.redis.cells import NOBODY, SHARDS, Known, Out, base_of, known_from, shard_of, tag_of
from bot.storage.redis.desk import Desk
from bot.storage.redis.durability import Durability, promised
from bot.storage.redis.health import holders, in_hand, stands
from bot.storage.redis.inbox import Inbox
from bot.storage.redis.leases import AHEAD, LASTS, LATE, Leases
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.scripts import ALL, ASIDE, COMMIT, SETTLE
from bot.storage.redis.signals import Signals
from bot.storage.redis.sweeping import Sweeper, held_counts
from bot.storage.redis.timers import Timers
from bot.storage.redis.wire import Wire
from bot.storage.redis.wrapping import Wrapping
from bot.storage.redis.writes import Plan, plan_commit, plan_settle
from bot.storage.vitals import Health, Vitals


class RedisStore:
    """A Store over a wire. `works`: it holds shards and hands out work. `name`: unique for each process.

    `bell`: rung when what was accepted is another worker's. `unsafe`: a server that may forget what it confirmed is taken too.
    `lasts`: seconds that a shard is held.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        clock: Clock,
        lifetimes: Lifetimes | None = None,
        works: bool = True,
        name: str = "one",
        unsafe: bool = False,
        lasts: float = LASTS,
    ) -> None:
        self.durability: Durability | None = None
        self.bell: Callable[[str], None] | None = None
        self.signals: Signals | None = None
        self._wire, self._clock, self._works, self._unsafe = wire, clock, works, unsafe
        self.lifetimes = lifetimes or Lifetimes()
        self._batches = Batches(wire)
        self._memory = Memory()
        self._leases = Leases(wire=wire, batches=self._batches, memory=self._memory, name=name, lasts=lasts)
        self._desk = Desk(wire)
        self._sweeper = Sweeper(wire=wire, batches=self._batches, memory=self._memory, leases=self._leases, desk=self._desk)
        self._inbox = Inbox(wire=wire, batches=self._batches, memory=self._memory, leases=self._leases, clock=clock, works=works)
        self._timers = Timers(batches=self._batches, memory=self._memory, leases=self._leases, clock=clock)
        keys = Wrapping(wire=wire, batches=self._batches, memory=self._memory, leases=self._leases, desk=self._desk, cell=self._cell)
        self.wrapped, self.rewrap = keys.all, keys.put
        self._running: asyncio.Task[None] | None = None

    # ── open and close ──
    async def open(self) -> None:
        """Connect; raises `StoreUnavailable`. A worker takes its share of shards before this returns."""
        try:
            await self._open()
        except BaseException:
            await self._wire.close()
            raise

    async def _open(self) -> None:
        await self._wire.open(ALL)
        self.durability = await promised(self._wire, unsafe=self._unsafe)
        held = await self._wire.command("meta", "SET", "{meta}:shards", SHARDS, "NX", "GET")
        if held is not None and int(held) != SHARDS:
            raise StoreUnavailable(f"This store has {int(held)} shards, this Amana knows {SHARDS}.")
        if self._works:
            self._memory.horizon = self._clock.now() + AHEAD
            await self._leases.round()
            self._running = asyncio.get_running_loop().create_task(self._leases.run())

    async def close(self) -> None:
        """Give up the shards and close; whoever comes next need not doubt what was in hand, for nothing was."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None
            async with asyncio.timeout(LATE):
                await self._leases.leave()
                if self.signals is not None:
                    await self.signals.tell("holds")
        await self._wire.close()

    # ── inbox ──
    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Keep these in order; True = new, False = seen in the last 48 h."""
        crashpoint("storage.before_accept")
        answers = [await one for one in [self._inbox.accept(arrival) for arrival in arrivals]]
        crashpoint("storage.after_accept")
        if self.bell is not None and any(number and not mine for number, mine, *_ in answers):
            self.bell("inbox")
        return [bool(answer[0]) for answer in answers]

    async def take(self, limit: int) -> Sequence[Taken]:
        """Give heads of inboxes of persons who have nothing in hand, oldest first, and mark them in hand."""
        taken = await self._inbox.take(limit)
        if taken:
            crashpoint("storage.after_take")
        return taken

    async def look(self) -> None:
        """Hear now of what other processes accepted: one of them rang."""
        await self._leases.look(list(self._memory.holds))

    def hurry(self) -> None:
        """Another worker gave its shards up: look for them now."""
        self._leases.hurry()

    async def release(self, rows: Sequence[int]) -> None:
        """Put taken rows back unworked."""
        self._inbox.release(rows)

    async def quarantine(self, row: int, sealed: bytes | None, at: float) -> None:
        """Put an inbox row aside, sealed, for 24 h; with None only drop it. Raises `NotOurs`."""
        crashpoint("storage.before_aside")
        await self._inbox.quarantine(row, sealed, at)
        crashpoint("storage.after_aside")

    async def put_aside(self, sealed: bytes, at: float) -> None:
        """Keep for 24 h, sealed, something that could not even be tied to a person."""
        await self._wire.script(ASIDE, tag_of(0), base_of(0), 0, "", repr(at), sealed, "")

    # ── people ──
    async def load(self, person: Person) -> Record:
        """Give what is kept of this person; version 0 if nothing."""
        known = self._in_memory(person) or await self._cell(person)
        cell = known.cell
        return Record(known.version, cell.wraps, cell.session, cell.route, cell.receipts, cell.ends or None)

    def _in_memory(self, person: Person) -> Known | None:
        """The cell, if its shard is held and it was met."""
        return self._memory.cells.get(person) if self._hold(shard_of(person)) is not None else None

    async def _cell(self, person: Person) -> Known:
        """The cell; from memory, if its shard is held."""
        if (held := self._in_memory(person)) is not None:
            return held
        shard = shard_of(person)
        hold = self._hold(shard)
        data = known_from(await self._wire.command(tag_of(shard), "HGET", base_of(shard), person) or b"")
        if hold is not None and self._memory.holds.get(shard) is hold:
            newer = self._memory.cells.peek(person)
            if newer is not None:
                return newer
            self._memory.cells.put(person, data)
        return data

    async def people(self, after: Person = b"", limit: int = 1000) -> Sequence[Person]:
        """Give pseudonyms in order."""
        return await self._desk.people(after, limit)

    async def commit(self, commit: Commit) -> int:
        """Land all of it or nothing; gives the new version (0 after an erasure). Raises `Stale`, `AlreadySeen`, `NotOurs`."""
        shard = shard_of(commit.person)
        hold, cases = self._ours(commit), None
        if commit.case is not None or commit.erase or self._memory.cells.get(commit.person) is None:
            cases = await self._read_for(commit, shard)
            hold = self._ours(commit)
        known = self._memory.cells.peek(commit.person) or NOBODY
        plan = plan_commit(commit, self._memory, hold, known, cases, now=self._clock.now(), life=self.lifetimes)
        self._memory.cells.put(commit.person, plan.known)

        def heard(answer: Any, error: BaseException | None) -> None:
            self._committed(hold, plan, answer, error)

        crashpoint("storage.before_commit")
        answer = await self._batches.ask(COMMIT, shard, *plan.fields, heard=heard)
        crashpoint("storage.after_commit")
        if answer == b"moved":
            raise NotOurs
        if answer == b"seen":
            raise AlreadySeen
        if answer == b"stale":
            raise Stale
        return 0 if commit.erase else commit.version + 1

    async def _read_for(self, commit: Commit, shard: int) -> CasePlan | None:
        """Read what this commit needs to know and memory does not."""
        known = await self._cell(commit.person)
        erased = known.cell.cases if commit.erase else ()
        if commit.erase:
            await self._leases.look([shard])
        return await planned(self._desk, shard, commit.person, commit.case, erased) if commit.case or erased else None

    def _ours(self, commit: Commit) -> Hold:
        hold = self._hold(shard_of(commit.person))
        if hold is None:
            wrong = self._leases.wrong(shard_of(commit.person))
            if commit.taken is not None and isinstance(wrong, NotOurs):
                self._memory.leave(commit.taken, commit.person)
            raise wrong
        return hold

    def _committed(self, hold: Hold, plan: Plan, answer: Any, error: BaseException | None) -> None:
        if error is not None:
            self._leases.unknown(hold)
        elif answer in (b"ok", b"landed"):
            plan.remember(self._memory, hold)
        else:
            if answer == b"moved" and plan.taken is not None:
                self._memory.leave(plan.taken, plan.person)
            self._leases.lose(hold.shard)

    # ── outbox and timers ──
    async def due(self, now: float, limit: int, lanes: Mapping[str, int] | None = None) -> Sequence[Due]:
        """Give heads of lanes due and not in flight, by rank, then time; `lanes`: only these, so many of each."""
        memory = self._memory
        given: list[Due] = []
        most = dict(lanes) if lanes is not None else None
        while len(given) < limit and (head := memory.lanes.give(now, most)) is not None:
            seq, lane = head
            out = memory.outs.get(seq)
            if out is None or self._hold(seq % SHARDS) is None:
                memory.take_out(seq)
                memory.lanes.gone(seq, lane)
                continue
            memory.lanes.flies(lane, out.id)
            memory.flying[out.person, out.id] = seq
            given.append(Due(out.person, out.row, out.tries, out.wraps or ()))
        try:
            return [one if one.wraps else await self._with_wraps(one) for one in given]
        except BaseException:
            for one in given:
                memory.land(one.person, one.row.id)
            raise

    async def _with_wraps(self, due: Due) -> Due:
        return Due(due.person, due.row, due.tries, (await self._cell(due.person)).cell.wraps)

    async def postpone(self, rows: Sequence[tuple[Person, str, float]]) -> None:
        """Put rows in flight back untried, not to be given before a time."""
        for person, id_, when in rows:
            self._memory.flying.pop((person, id_), None)
            self._memory.lanes.later(person, id_, when)

    async def behind(self, person: Person, id_: str, limit: int) -> Sequence[OutRow]:
        """Give the rows that stand in the lane behind one in flight, in order."""
        return [self._memory.outs[seq].row for seq in self._memory.lanes.behind(person, id_)[:limit] if seq in self._memory.outs]

    async def held(self, lane: str) -> tuple[float, int]:
        """Give the part of all people that this process works for, and how many rows wait in lanes of this name."""
        return len(self._memory.holds) / SHARDS, sum(out.lane == lane for out in self._memory.outs.values())

    async def settle(self, results: Sequence[Sent]) -> None:
        """Record what became of rows in flight; a failed row leaves the lane, a retried one stays its head. Raises `NotOurs`."""
        left = list(results)
        moved = False
        crashpoint("storage.before_settle")
        while left:
            asked = [(sent, one) for sent in left if (one := await self._settle(sent)) is not None]
            answers = [(sent, await one) for sent, one in asked]
            moved |= any(answer == b"moved" for _, answer in answers)
            left = [sent for sent, answer in answers if answer == b"stale"]  # its case, or its person, changed meanwhile
        crashpoint("storage.after_settle")
        if moved:
            raise NotOurs

    async def _settle(self, sent: Sent) -> "asyncio.Future[Any] | None":
        memory, shard = self._memory, shard_of(sent.person)
        seq = memory.out_rows.get((sent.person, sent.id))
        if seq is None:
            memory.land(sent.person, sent.id)
            return None
        case = await self._desk.row(shard, sent.topic[0]) if sent.topic is not None and sent.failed is None else None
        if sent.receipt is not None and memory.cells.peek(sent.person) is None:
            await self._cell(sent.person)
        hold, out = self._flown(sent, seq)
        plan = plan_settle(sent, out, memory.cells.peek(sent.person) or NOBODY, case)
        if plan.known is not None:
            memory.cells.put(sent.person, plan.known)

        def heard(answer: Any, error: BaseException | None) -> None:
            if error is not None:
                self._leases.unknown(hold)
            elif answer == b"stale":
                memory.cells.forget(sent.person)
            else:
                plan.remember(memory, seq, out, gone=answer == b"gone")
                if answer == b"moved":
                    self._leases.lose(shard)

        return self._batches.ask(SETTLE, shard, *plan.fields(hold, seq, sent.person), heard=heard)

    def _flown(self, sent: Sent, seq: int) -> tuple[Hold, Out]:
        """The hold and the row of what was in flight; raises `NotOurs`, or `StoreUnavailable` while that is not known."""
        hold, out = self._hold(seq % SHARDS), self._memory.outs.get(seq)
        if hold is not None and out is not None:
            return hold, out
        wrong = self._leases.wrong(seq % SHARDS)
        if isinstance(wrong, NotOurs):
            self._memory.take_out(seq)
            self._memory.land(sent.person, sent.id)
        raise wrong

    async def timers_due(self, now: float, limit: int) -> Sequence[Arrival]:
        """Move timers whose time has come into inboxes and give them."""
        return await self._timers.due(now, limit)

    # ── cases, notes, audit ──
    async def cases(
        self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float = 0.0, limit: int = 200
    ) -> Sequence[CaseIndex]:
        """Give case indexes: most urgent first, then longest waiting."""
        return await self._desk.cases(states=states, teams=teams, since=since, limit=limit)

    async def case(self, code: str) -> CaseRecord | None:
        """Give one case, or None if there is none of this code."""
        return await self._desk.case(code)

    async def cases_of(self, person: Person) -> Sequence[str]:
        """Give the codes of all cases kept of this person, closed ones too, oldest first."""
        known = await self._cell(person)
        found = [(code, await self._desk.row(shard_of(person), code)) for code in known.cell.cases]
        held = [(row[1].index.since, code) for code, row in found if row is not None and row[1].person == person]
        return [code for _, code in sorted(held)]

    async def thread(self, code: str, after: int = 0, limit: int = 200) -> Sequence[ThreadEntry]:
        """Give a case's entries with `n` > `after`, in order."""
        return await self._desk.thread(code, after, limit)

    async def note(self, space: str, key: str) -> Note | None:
        """Give a note that has not expired."""
        return await self._desk.note(space, key, self._clock.now())

    async def notes(self, space: str, prefix: str = "", after: str = "", limit: int = 500) -> Sequence[Note]:
        """Give notes of a space by key prefix, keys greater than `after`, in order of key."""
        return await self._desk.notes(space, prefix=prefix, after=after, limit=limit, now=self._clock.now())

    async def put_note(self, space: str, key: str, value: bytes | None, *, version: int | None = None, expires: float | None = None) -> int:
        """Write (or with None delete) a note; raises `Stale` if it has not the given version."""
        return await self._desk.put_note(space, key, value, version=version, expires=expires, now=self._clock.now())

    async def audit(self, after: int = 0, limit: int = 500) -> Sequence[tuple[int, Audit]]:
        """Give the audit trail in order of time."""
        return await self._desk.audit(after, limit)

    # ── ends ──
    async def sweep(self, now: float) -> int:
        """Remove what has outlived its time in the shards held; gives how many rows."""
        return await self._sweeper.sweep(now, self.lifetimes)

    async def counts(self) -> StoreCounts:
        """Give sizes for metrics and `doctor`."""
        return await held_counts(self._wire, self._desk, held=len(self._memory.holds))

    async def vitals(self, now: float) -> Vitals:
        """Give what this process has in hand."""
        return in_hand(self._memory, self._leases, self._batches, now)

    async def health(self) -> Health:
        """Give how the server stands."""
        return await stands(self._wire, self._clock)

    async def holders(self) -> Mapping[str, int]:
        """Give the workers, and how many shards each holds."""
        return await holders(self._wire)

    # ── holds ──
    def _hold(self, shard: int) -> Hold | None:
        return self._leases.hold(shard) if self._works else None
