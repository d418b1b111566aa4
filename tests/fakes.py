"""Stand-ins for the outside world: a clock that is moved by hand, counted chance, and a store in memory that keeps every promise but durability.

Rule 1: `MemoryStore` is the reference of `bot.ports.Store`: short, plain, and held to the same contract suite as the real ones.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from msgspec import structs

from bot.bootstrap.bench_wire import answer, plain_values
from bot.ports import (
    AlreadySeen,
    Arrival,
    Audit,
    CaseIndex,
    CaseRecord,
    CaseState,
    CaseWrite,
    Commit,
    Due,
    Note,
    OutRow,
    Person,
    Record,
    Sent,
    Stale,
    StoreCounts,
    StoreUnavailable,
    Taken,
    ThreadEntry,
    Timer,
)
from bot.privacy.keys import Wrapped, Wraps
from bot.privacy.passwords import Passwords
from bot.privacy.retention import Lifetimes

P = ParamSpec("P")
T = TypeVar("T")
NOON = 1_795_000_000.0
URGENCIES = ("normal", "high", "now")


class FakeClock:
    """Time that moves when told."""

    def __init__(self, now: float = NOON) -> None:
        self._now = now
        self._steady = 0.0

    def now(self) -> float:
        return self._now

    def steady(self) -> float:
        return self._steady

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        self._steady += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock elsewhere; steady time does not notice."""
        self._now += seconds


class CheapPasswords(Passwords):
    """Passwords that cost nothing, so that tests do not wait."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Counted:
    """Chance that counts: the same run gives the same names."""

    def __init__(self) -> None:
        self._next = count(1)

    def __call__(self, length: int) -> str:
        return f"{next(self._next):0{length}d}"[-length:]

    def bytes(self, length: int) -> bytes:
        return next(self._next).to_bytes(length, "big")


class InlineBench:
    """A bench that works at once, here; what it gives is what would come back from a process of its own."""

    async def __call__(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        given: T = plain_values(answer(work(*args, **named)))[1]
        return given


@dataclass
class Waiting:
    """An inbox row."""

    row: int
    arrival: Arrival
    tries: int = 0


@dataclass
class Leaving:
    """An outbox row. `next`: its place in time; `rests`: until then it was put back; `wraps`: of a farewell, its own."""

    seq: int
    person: Person
    row: OutRow
    next: float
    born: float
    tries: int = 0
    wraps: tuple[tuple[str, bytes], ...] | None = None
    rests: float | None = None

    @property
    def lane(self) -> tuple[Person, str]:
        return self.person, self.row.lane


@dataclass
class Kept:
    """What is kept of a person."""

    record: Record
    ends: float | None = None
    shown: float = 0.0  # when the last message id was added


@dataclass
class KeptCase:
    """A case with its thread."""

    record: CaseRecord
    keep_until: float | None
    thread: list[ThreadEntry] = field(default_factory=list)
    entries: int = 0


class MemoryStore:
    """The Store of tests. `down`: set it to make every method raise `StoreUnavailable`."""

    def __init__(self, clock: FakeClock | None = None, lifetimes: Lifetimes | None = None) -> None:
        self.clock = clock or FakeClock()
        self.lifetimes = lifetimes or Lifetimes()
        self.down = False
        self.people_: dict[Person, Kept] = {}
        self.seen: dict[tuple[Person, str], tuple[float, bool]] = {}  # (when, committed)
        self.inbox: list[Waiting] = []
        self.in_hand: dict[int, Person] = {}
        self.outbox: list[Leaving] = []
        self.in_flight: dict[tuple[Person, str], str] = {}
        self.timers: dict[tuple[Person, str], Timer] = {}
        self.cases_: dict[str, KeptCase] = {}
        self.notes_: dict[tuple[str, str], Note] = {}
        self.audit_: list[tuple[int, Audit]] = []
        self.aside: list[tuple[float, bytes]] = []
        self._row, self._out = count(1), count(1)

    async def open(self) -> None:
        self._up()

    async def close(self) -> None:
        pass

    def _up(self) -> None:
        if self.down:
            raise StoreUnavailable

    # ── inbox ──
    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        self._up()
        return [self._accept(arrival) for arrival in arrivals]

    def _accept(self, arrival: Arrival) -> bool:
        if (arrival.person, arrival.event) in self.seen:
            return False
        self.seen[arrival.person, arrival.event] = (self.clock.now(), False)
        self.inbox.append(Waiting(next(self._row), arrival))
        return True

    async def take(self, limit: int) -> Sequence[Taken]:
        self._up()
        given: list[Taken] = []
        for one in self._heads():
            if len(given) == limit:
                break
            arrival = one.arrival
            self.in_hand[one.row] = arrival.person
            given.append(Taken(one.row, arrival.person, arrival.event, arrival.sealed, arrival.at, one.tries))
            one.tries += 1
        return given

    def _heads(self) -> list[Waiting]:
        met = set(self.in_hand.values())
        heads: list[Waiting] = []
        for one in self.inbox:
            if one.arrival.person not in met:
                met.add(one.arrival.person)
                heads.append(one)
        return heads

    async def release(self, rows: Sequence[int]) -> None:
        self._up()
        for one in self.inbox:
            if one.row in rows and self.in_hand.pop(one.row, None) is not None:
                one.tries -= 1

    async def quarantine(self, row: int, sealed: bytes | None, at: float) -> None:
        self._up()
        known = any(one.row == row for one in self.inbox)
        self._drop_inbox({row})
        if known and sealed is not None:
            self.aside.append((at, sealed))

    async def put_aside(self, sealed: bytes, at: float) -> None:
        self._up()
        self.aside.append((at, sealed))

    def _drop_inbox(self, rows: set[int]) -> None:
        self.inbox = [one for one in self.inbox if one.row not in rows]
        for row in rows:
            self.in_hand.pop(row, None)

    # ── people ──
    async def load(self, person: Person) -> Record:
        self._up()
        kept = self.people_.get(person)
        return structs.replace(kept.record, ends=kept.ends) if kept else Record(version=0)

    async def people(self, after: Person = b"", limit: int = 1000) -> Sequence[Person]:
        self._up()
        return sorted(person for person in self.people_ if person > after)[:limit]

    async def commit(self, commit: Commit) -> int:
        self._up()
        person = commit.person
        if commit.taken is not None and not any(one.row == commit.taken and one.arrival.person == person for one in self.inbox):
            raise AlreadySeen
        if self.seen.get((person, commit.event), (0.0, False))[1]:
            raise AlreadySeen
        kept = self.people_.get(person)
        if (kept.record.version if kept else 0) != commit.version:
            raise Stale
        if commit.case is not None:
            self._check_case(commit)
        first_seen, _ = self.seen.get((person, commit.event), (self.clock.now(), False))
        self.seen[person, commit.event] = (first_seen, True)
        if commit.taken is not None:
            self._drop_inbox({commit.taken})
        self.audit_ += [(len(self.audit_) + n, audit) for n, audit in enumerate(commit.audit, start=1)]
        if commit.case is not None:
            self._write_case(commit.person, commit.case)
        if commit.erase:
            self._erase(person)
            self._put_out(person, commit.outbox, commit.farewell_wraps)
            return 0
        parts = kept.record.receipts[commit.folds :] if kept else ()
        if commit.receipts is not None:
            parts = (commit.receipts, *parts)
        wraps = (kept.record.wraps if kept else ()) or commit.wraps
        record = Record(commit.version + 1, wraps, commit.session, commit.route, parts)
        self.people_[person] = Kept(record, commit.expires, self.clock.now())
        if commit.drop_timers:
            self._drop_timers(person)
        for timer in commit.timers:
            self.timers[person, timer.name] = timer
        self._put_out(person, commit.outbox, None)
        return commit.version + 1

    async def wrapped(self, *, ours: bool = False) -> AsyncIterator[Sequence[Wrapped]]:
        self._up()
        yield [Wrapped("person", person.hex(), kept.record.wraps) for person, kept in self.people_.items()]
        yield [Wrapped("case", code, kept.record.wraps) for code, kept in self.cases_.items() if kept.record.wraps]
        yield [Wrapped("farewell", str(one.seq), one.wraps) for one in self.outbox if one.wraps is not None]

    async def rewrap(self, changes: Sequence[tuple[Wrapped, Wraps]]) -> int:
        self._up()
        done = 0
        for old, new in changes:
            kept = self.people_.get(bytes.fromhex(old.row)) if old.kind == "person" else self.cases_.get(old.row)
            if kept is not None and kept.record.wraps == old.wraps:
                kept.record = structs.replace(kept.record, wraps=new)
                done += 1
        return done

    def _put_out(self, person: Person, rows: Iterable[OutRow], wraps: tuple[tuple[str, bytes], ...] | None) -> None:
        for row in rows:
            if not any(one.person == person and one.row.id == row.id for one in self.outbox):
                self.outbox.append(Leaving(next(self._out), person, row, row.due, self.clock.now(), wraps=wraps))

    def _drop_timers(self, person: Person) -> None:
        self.timers = {key: timer for key, timer in self.timers.items() if key[0] != person}

    def _erase(self, person: Person) -> None:
        self._forget(person)
        self._drop_inbox({one.row for one in self.inbox if one.arrival.person == person})
        for code, kept in self.cases_.items():
            if kept.record.person == person:
                self._erase_case(code, kept.record.index, None)

    def _forget(self, person: Person) -> None:
        self.people_.pop(person, None)
        self._drop_timers(person)
        self.outbox = [one for one in self.outbox if one.person != person or one.wraps is not None]

    # ── outbox ──
    async def due(self, now: float, limit: int, lanes: Mapping[str, int] | None = None) -> Sequence[Due]:
        self._up()
        heads: dict[tuple[Person, str], Leaving] = {}
        for one in self.outbox:
            heads.setdefault(one.lane, one)
        ready = sorted(
            (one for one in heads.values() if not now < (one.rests or now) <= now + 3600 and one.lane not in self.in_flight),
            key=lambda one: (one.row.rank, one.next, one.seq),
        )
        given: list[Leaving] = []
        for one in ready:
            name = one.row.lane
            if len(given) < limit and (lanes is None or sum(other.row.lane == name for other in given) < lanes.get(name, 0)):
                given.append(one)
                self.in_flight[one.lane] = one.row.id
        return [Due(one.person, one.row, one.tries, self._wraps(one)) for one in given]

    async def postpone(self, rows: Sequence[tuple[Person, str, float]]) -> None:
        for person, id_, when in rows:
            for one in [one for one in self.outbox if self.in_flight.get(one.lane) == id_ and (one.person, one.row.id) == (person, id_)]:
                one.next = one.rests = when
            for lane in [lane for lane, flying in self.in_flight.items() if lane[0] == person and flying == id_]:
                del self.in_flight[lane]

    async def behind(self, person: Person, id_: str, limit: int) -> Sequence[OutRow]:
        self._up()
        mine = [one for one in self.outbox if one.person == person]
        head = next((one for one in mine if one.row.id == id_), None)
        return [one.row for one in mine if head is not None and one.lane == head.lane and one.seq > head.seq][:limit]

    async def held(self, lane: str) -> tuple[float, int]:
        return 1.0, sum(one.row.lane == lane for one in self.outbox)

    def _wraps(self, one: Leaving) -> tuple[tuple[str, bytes], ...]:
        if one.wraps is not None:
            return one.wraps
        kept = self.people_.get(one.person)
        return kept.record.wraps if kept else ()

    async def settle(self, results: Sequence[Sent]) -> None:
        self._up()
        for sent in results:
            for lane in [lane for lane, id_ in self.in_flight.items() if lane[0] == sent.person and id_ == sent.id]:
                del self.in_flight[lane]
            for one in [one for one in self.outbox if one.person == sent.person and one.row.id == sent.id]:
                self._settle(one, sent)

    def _settle(self, one: Leaving, sent: Sent) -> None:
        if sent.failed is None and sent.retry_at is not None:
            one.next = one.rests = sent.retry_at
            one.tries += 1
            return
        self.outbox.remove(one)
        if sent.failed is not None:
            return
        kept_person = self.people_.get(one.person)
        if sent.receipt is not None and one.wraps is None and kept_person is not None:
            kept_person.record = structs.replace(kept_person.record, receipts=(*kept_person.record.receipts, sent.receipt))
            kept_person.shown = sent.at
        if sent.topic is not None and sent.topic[0] in self.cases_:
            kept = self.cases_[sent.topic[0]]
            if kept.record.index.state != "erased" and kept.record.person == one.person:
                kept.record = structs.replace(kept.record, topic=sent.topic[1])

    # ── timers ──
    async def timers_due(self, now: float, limit: int) -> Sequence[Arrival]:
        self._up()
        ringing = sorted((timer.due, name, person) for (person, name), timer in self.timers.items() if timer.due <= now)[:limit]
        given: list[Arrival] = []
        for _, name, person in ringing:
            timer = self.timers.pop((person, name))
            arrival = Arrival(person, name, timer.sealed, now)
            if self._accept(arrival):
                given.append(arrival)
        return given

    # ── cases ──
    def _check_case(self, commit: Commit) -> None:
        write = commit.case
        assert write is not None
        kept = self.cases_.get(write.index.code)
        if (kept.record.version if kept else 0) != write.version or (kept and kept.record.person != commit.person):
            raise Stale

    def _write_case(self, person: Person, write: CaseWrite) -> None:
        code, now = write.index.code, self.clock.now()
        kept = self.cases_.setdefault(code, KeptCase(CaseRecord(write.index, person, 0, (), b""), None))
        if write.erase or write.index.state == "erased":
            self._erase_case(code, write.index, write.keep_until)
            return
        old = kept.record
        closed = (old.closed_at or now) if write.index.state == "closed" else None
        kept.record = CaseRecord(
            write.index, person, write.version + 1, old.wraps or write.wraps, write.sealed, write.topic or old.topic, closed
        )
        kept.keep_until = write.keep_until
        for sealed in write.add:
            kept.entries += 1
            kept.thread.append(ThreadEntry(kept.entries, now, sealed))

    def _erase_case(self, code: str, index: CaseIndex, keep_until: float | None) -> None:
        kept, now = self.cases_[code], self.clock.now()
        index = structs.replace(index, state="erased", claimant=None, unread=0, asked=0.0, answered=False, step=0, tags=(), first=0.0)
        kept.record = CaseRecord(index, b"", kept.record.version + 1, (), b"", None, now)
        kept.keep_until = keep_until if keep_until is not None else now + self.lifetimes.case
        kept.thread.clear()

    async def cases(
        self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float = 0.0, limit: int = 200
    ) -> Sequence[CaseIndex]:
        self._up()
        asked = [
            kept.record.index
            for kept in self.cases_.values()
            if kept.record.index.state in states and (teams is None or kept.record.index.team in teams) and kept.record.index.since >= since
        ]
        return sorted(asked, key=lambda index: (-URGENCIES.index(index.urgency), index.since, index.code))[:limit]

    async def case(self, code: str) -> CaseRecord | None:
        self._up()
        kept = self.cases_.get(code)
        return kept.record if kept else None

    async def cases_of(self, person: Person) -> Sequence[str]:
        self._up()
        mine = [kept.record for kept in self.cases_.values() if kept.record.person == person]
        return [record.index.code for record in sorted(mine, key=lambda record: (record.index.since, record.index.code))]

    async def thread(self, code: str, after: int = 0, limit: int = 200) -> Sequence[ThreadEntry]:
        self._up()
        kept = self.cases_.get(code)
        return [entry for entry in kept.thread if entry.n > after][:limit] if kept else []

    # ── notes, audit ──
    async def note(self, space: str, key: str) -> Note | None:
        self._up()
        note = self.notes_.get((space, key))
        return note if note is not None and not self._over(note) else None

    def _over(self, note: Note) -> bool:
        return note.expires is not None and note.expires <= self.clock.now()

    async def notes(self, space: str, prefix: str = "", after: str = "", limit: int = 500) -> Sequence[Note]:
        self._up()
        asked = [
            note
            for (where, key), note in sorted(self.notes_.items())
            if where == space and key.startswith(prefix) and key > after and not self._over(note)
        ]
        return asked[:limit]

    async def put_note(self, space: str, key: str, value: bytes | None, *, version: int | None = None, expires: float | None = None) -> int:
        old = await self.note(space, key)
        held = old.version if old else 0
        if version is not None and version != held:
            raise Stale
        if value is None:
            self.notes_.pop((space, key), None)
            return 0
        self.notes_[space, key] = Note(key, value, held + 1, expires)
        return held + 1

    async def audit(self, after: int = 0, limit: int = 500) -> Sequence[tuple[int, Audit]]:
        self._up()
        return [(n, audit) for n, audit in self.audit_ if n > after][:limit]

    # ── ends ──
    async def sweep(self, now: float) -> int:
        self._up()
        return sum(self._swept(now))

    def _swept(self, now: float) -> Iterator[int]:
        life = self.lifetimes
        ended = [kept for kept in self.people_.values() if kept.ends is not None and kept.ends <= now and kept.record.session is not None]
        for kept in ended:
            kept.record = structs.replace(kept.record, session=None)
        yield len(ended)
        busy = {one.arrival.person for one in self.inbox}
        gone = [who for who, kept in self.people_.items() if kept.ends is not None and kept.ends + life.route <= now and who not in busy]
        for person in gone:
            self._forget(person)
        yield len(gone)
        old = [kept for kept in self.people_.values() if kept.record.receipts and kept.shown <= now - life.receipts]
        for kept in old:
            kept.record = structs.replace(kept.record, receipts=())
        yield len(old)
        sizes = (len(self.seen), len(self.aside), len(self.notes_), len(self.cases_), len(self.outbox))
        self.seen = {key: one for key, one in self.seen.items() if one[0] > now - life.seen}
        self.aside = [one for one in self.aside if one[0] > now - life.quarantine]
        self.notes_ = {key: note for key, note in self.notes_.items() if note.expires is None or note.expires > now}
        self.cases_ = {code: kept for code, kept in self.cases_.items() if not _case_over(kept, now, life)}
        self.outbox = [one for one in self.outbox if one.wraps is None or one.born > now - life.farewell]
        after = (len(self.seen), len(self.aside), len(self.notes_), len(self.cases_), len(self.outbox))
        yield sum(sizes) - sum(after)

    async def counts(self) -> StoreCounts:
        self._up()
        states = [kept.record.index.state for kept in self.cases_.values()]
        return StoreCounts(
            people=len(self.people_),
            inbox=len(self.inbox),
            outbox=len(self.outbox),
            timers=len(self.timers),
            cases_waiting=states.count("waiting"),
            cases_claimed=states.count("claimed"),
            quarantine=len(self.aside),
            oldest_inbox=min((one.arrival.at for one in self.inbox), default=None),
        )


def _case_over(kept: KeptCase, now: float, life: Lifetimes) -> bool:
    record = kept.record
    if record.index.state not in ("closed", "erased"):
        return False
    ends = kept.keep_until if kept.keep_until is not None else (record.closed_at or 0.0) + life.case
    return ends <= now
