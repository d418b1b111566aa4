"""A commit and a settled row, made ready for their scripts: what they write, and what is remembered once they have landed.

Rule 1: everything is made in one go from the cell as it is now; nothing here waits.
"""

from collections.abc import Sequence

from msgspec import Struct, structs

from bot.ports import AlreadySeen, Commit, Person, Sent, Stale
from bot.privacy.retention import Lifetimes
from bot.storage.redis.casewrites import CasePlan, case_fields
from bot.storage.redis.cells import (
    NOBODY,
    SHARDS,
    CaseRow,
    Cell,
    Known,
    Out,
    base_of,
    case_bytes,
    cell_bytes,
    event_name,
    has_mark,
    mark_of,
    marked,
    pack,
)
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.wire import Word


class Plan(Struct):
    """What a commit writes (`fields`, `cell`), and what memory learns when it has landed."""

    person: Person
    taken: int | None
    known: Known = NOBODY
    fields: list[Word] = []
    outs: list[tuple[int, Out]] = []
    timers: list[tuple[bytes, float]] = []
    dropped: list[bytes] = []
    gone: list[int] = []
    asides: list[int] = []

    def remember(self, memory: Memory, hold: Hold) -> None:
        """It has landed."""
        for seq in (*self.asides, *(() if self.taken is None else (self.taken,))):
            memory.leave(seq, self.person)
        for seq in self.gone:
            memory.take_out(seq)
        for member in self.dropped:
            hold.timers.pop(member, None)
        if memory.holds.get(hold.shard) is hold:
            memory.put_out(hold, self.outs)
            for member, due in self.timers:
                memory.set_timer(hold, member, due)


def cell_fields(
    hold: Hold, person: Person, version: int, cell: bytes, marks: bytes = b"", *, dropped: Sequence[bytes] = (), gone: Sequence[int] = ()
) -> list[Word]:
    """Give the fields of a commit of no event: a cell in the place of the one of this version, timers to drop, outbox rows to take away."""
    fields: list[Word] = [base_of(hold.shard), hold.fence, person, version, b"", cell, marks, 0]
    if not dropped and not gone:
        return [*fields, 0]
    return [*fields, "1", 0, len(dropped), *dropped, len(gone), *(seq // SHARDS for seq in gone), 0, 0, 0]


def plan_commit(commit: Commit, memory: Memory, hold: Hold, known: Known, cases: CasePlan | None, *, now: float, life: Lifetimes) -> Plan:
    """Give the plan; raises `Stale`, `AlreadySeen` when memory knows better."""
    version, cell, plan = known.version, known.cell, Plan(commit.person, commit.taken)
    name, at = _taken(commit, memory, now)
    mark = name or event_name(commit.person, commit.event)
    if has_mark(known.marks, mark):
        raise AlreadySeen
    if version != commit.version:
        raise Stale
    marks = marked(known.marks, mark_of(mark, at), now, life.seen)
    if commit.erase:
        data = b""
        _take_all(plan, memory)
        plan.dropped = _members(commit.person, cell.timers)
        marks += b"".join(mark_of(*_name_and_time(memory, seq)) for seq in plan.asides)
    else:
        after = _after(commit, cell, now)
        data = cell_bytes(version + 1, marks, after)
        plan.known = Known(version + 1, marks, after, len(data))
        if commit.drop_timers:
            plan.dropped = _members(commit.person, cell.timers)
        plan.timers = [(commit.person + timer.name.encode(), timer.due) for timer in commit.timers]
    _put_out(plan, commit, memory, hold, now)
    plan.fields = [
        base_of(hold.shard), hold.fence, commit.person, version, name, data, marks if commit.erase else b"",
        len(plan.outs), *(word for number, out in plan.outs for word in (number, pack(out))),
    ]  # fmt: skip
    plan.fields += _beside(plan, commit, memory, cases, now=now, life=life)
    return plan


def _beside(plan: Plan, commit: Commit, memory: Memory, cases: CasePlan | None, *, now: float, life: Lifetimes) -> list[Word]:
    """What few commits have: "0" if it is none of that."""
    if not (plan.timers or plan.dropped or plan.gone or plan.asides or commit.audit or cases is not None):
        return ["0"]
    sealed = [timer.sealed for timer in commit.timers]
    return [
        "1",
        len(plan.timers), *(word for (member, due), body in zip(plan.timers, sealed, strict=False) for word in (member, repr(due), body)),
        len(plan.dropped), *plan.dropped,
        len(plan.gone), *(seq // SHARDS for seq in plan.gone),
        len(plan.asides), *(memory.rows[seq][0] for seq in plan.asides),
        len(commit.audit), *(word for one in commit.audit for word in ("", pack(one))),
        *(case_fields(cases, commit.person, now=now, lasts=life.case) if cases is not None else (0,)),
    ]  # fmt: skip


def _taken(commit: Commit, memory: Memory, now: float) -> tuple[bytes, float]:
    """The inbox name of what is answered, and when it came; raises `AlreadySeen` if it is not there."""
    if commit.taken is None:
        return b"", now
    known = memory.rows.get(commit.taken)
    if known is None or known[0][:16] != commit.person:
        raise AlreadySeen
    return known[0], known[1].at


def _name_and_time(memory: Memory, seq: int) -> tuple[bytes, float]:
    name, row = memory.rows[seq]
    return name, row.at


def _after(commit: Commit, cell: Cell, now: float) -> Cell:
    parts = cell.receipts[commit.folds :]
    if commit.receipts is not None:
        parts = (commit.receipts, *parts)
    cases = cell.cases
    if commit.case is not None and commit.case.index.code not in cases:
        cases = (*cases, commit.case.index.code)
    ends = int(commit.expires) if commit.expires is not None else 0
    return Cell(cell.wraps or commit.wraps, commit.session, commit.route, parts, ends, int(now), cases, _timers(commit, cell.timers))


def _timers(commit: Commit, held: tuple[str, ...]) -> tuple[str, ...]:
    """The names of timers that may be set after this commit: one that rang is the event itself."""
    if not held and not commit.timers:
        return ()
    kept = () if commit.drop_timers else tuple(name for name in held if name != commit.event)
    return tuple(dict.fromkeys((*kept, *(timer.name for timer in commit.timers))))


def _members(person: Person, names: tuple[str, ...]) -> list[bytes]:
    return [person + name.encode() for name in names]


def _take_all(plan: Plan, memory: Memory) -> None:
    """An erasure takes everything of the person but a farewell that another erasure left."""
    person = plan.person
    plan.gone = [seq for (who, _), seq in memory.out_rows.items() if who == person and memory.outs[seq].wraps is None]
    plan.asides = [seq for seq, (name, _) in memory.rows.items() if name[:16] == person and seq != plan.taken]


def _put_out(plan: Plan, commit: Commit, memory: Memory, hold: Hold, now: float) -> None:
    wraps = commit.farewell_wraps if commit.erase else None
    for row in commit.outbox:
        if (commit.person, row.id) in memory.out_rows and memory.out_rows[commit.person, row.id] not in plan.gone:
            continue
        out = Out(commit.person, row.id, row.sealed, row.due, row.due, row.lane, row.case, row.rank, 0, now, wraps)
        plan.outs.append((hold.next_out, out))
        hold.next_out += 1


class SettlePlan(Struct):
    """What becomes of an outbox row: `row` its new form (empty: gone), the person's new cell, the case whose topic is bound
    and the version it must have; or empty."""

    again: Out | None
    row: bytes
    known: Known | None = None
    cell: bytes = b""
    code: str = ""
    want: int = 0
    case: bytes = b""

    def fields(self, hold: Hold, seq: int, person: Person) -> tuple[Word, ...]:
        """Give the fields of the script."""
        about = (self.code, self.want, self.case) if self.code else ("",)
        return (base_of(hold.shard), hold.fence, seq // SHARDS, self.row, person, self.cell, *about)

    def remember(self, memory: Memory, seq: int, out: Out, *, gone: bool) -> None:
        """It has landed. `gone`: another sent and recorded it while the shard was there."""
        if self.again is not None and not gone:
            memory.outs[seq] = self.again
            memory.lanes.again(seq, (out.person, out.lane), self.again.next)
        else:
            memory.take_out(seq)
        memory.land(out.person, out.id)


def plan_settle(sent: Sent, out: Out, known: Known, case: tuple[int, CaseRow] | None) -> SettlePlan:
    """Give the plan for one row."""
    if sent.failed is None and sent.retry_at is not None:
        again = Out(
            out.person, out.id, out.sealed, out.due, sent.retry_at, out.lane, out.case, out.rank, out.tries + 1, out.born, out.wraps
        )
        return SettlePlan(again, pack(again))
    plan = SettlePlan(None, b"")
    if sent.failed is not None:
        return plan
    if sent.receipt is not None and out.wraps is None and known is not NOBODY:
        cell = structs.replace(known.cell, receipts=(*known.cell.receipts, sent.receipt), shown=int(sent.at))
        plan.cell = cell_bytes(known.version, known.marks, cell)
        plan.known = Known(known.version, known.marks, cell, len(plan.cell))
    if sent.topic is not None and case is not None and case[1].person == sent.person and case[1].index.state != "erased":
        version, row = case
        row.topic = sent.topic[1]
        plan.code, plan.want, plan.case = sent.topic[0], version, case_bytes(version, row)
    return plan
