"""What one turn of the loop asks for is done in order, and a commit that did not land leaves no trace in what comes after it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec import structs

from bot.ports import Arrival, CaseIndex, CaseWrite, Commit, OutRow, Person, Sent, Stale, StoreUnavailable, Timer
from bot.storage.redis.batch import Batches
from bot.storage.redis.leases import AHEAD
from bot.storage.redis.scripts import COMMIT, SETTLE
from bot.storage.redis.store import RedisStore
from tests.fakes import NOON
from tests.redis_rig import Server

SOMEBODY: Person = bytes([7]) * 16
ANOTHER: Person = bytes([9]) * 16
THIRD: Person = bytes([7 + 64]) * 16  # of the same shard as the first


@dataclass
class Recorded:
    """A wire that answers nothing, and remembers what was asked."""

    single: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list)

    def script(self, script: Any, tag: str, *args: Any) -> "asyncio.Future[Any]":
        self.asked.append((script.name, args[0]))
        return asyncio.get_running_loop().create_future()


async def test_one_call_for_many_shards_never_overtakes_what_was_asked_of_a_shard_before() -> None:
    wire = Recorded()
    batches = Batches(wire)  # type: ignore[arg-type]
    batches.ask(SETTLE, 1, "a")
    batches.ask(COMMIT, 2, "b")
    batches.ask(COMMIT, 3, "c")
    batches.ask(SETTLE, 2, "d")  # may not go with the first settling: the commit of its shard comes before it
    batches.ask(SETTLE, 3, "e")
    batches.ask(COMMIT, 1, "f")  # goes with the last calls
    await asyncio.sleep(0)

    assert wire.asked == [("settle", 1), ("commit", 3), ("settle", 2)]


async def first_turn(store: RedisStore, person: Person, event: str = "e1") -> None:
    await store.accept([Arrival(person, event, b"in", NOON)])
    [taken] = await store.take(10)
    row = OutRow("r1", b"out", NOON)
    await store.commit(
        Commit(person=person, version=0, event=event, taken=taken.row, wraps=(("server", b"k"),), session=b"s1", outbox=(row,))
    )


async def test_a_commit_and_the_record_of_what_was_sent_land_both_whatever_others_ask(store: RedisStore) -> None:
    await first_turn(store, SOMEBODY)
    await first_turn(store, ANOTHER, "a1")
    assert len(await store.due(NOON, 10)) == 2
    await store.accept([Arrival(SOMEBODY, "e2", b"in", NOON)])
    [taken] = await store.take(10)

    settled_first = asyncio.ensure_future(store.settle([Sent(ANOTHER, "r1", NOON, receipt=b"m")]))
    committed = asyncio.ensure_future(
        store.commit(Commit(person=SOMEBODY, version=1, event="e2", taken=taken.row, wraps=(("server", b"k"),), session=b"s2",
                            outbox=(OutRow("r2", b"out", NOON),)))
    )  # fmt: skip
    settled = asyncio.ensure_future(store.settle([Sent(SOMEBODY, "r1", NOON, receipt=b"m")]))
    await asyncio.gather(settled_first, committed, settled)

    assert committed.result() == 2
    record = await store.load(SOMEBODY)
    assert (record.version, record.session, record.receipts) == (2, b"s2", (b"m",))
    assert [due.row.id for due in await store.due(NOON, 10)] == ["r2"]


async def test_what_was_sent_is_recorded_without_a_commit_that_was_refused(store: RedisStore, server: Server) -> None:
    await first_turn(store, SOMEBODY)
    assert len(await store.due(NOON, 10)) == 1
    await store.accept([Arrival(SOMEBODY, "e2", b"in", NOON)])
    [taken] = await store.take(10)
    # Another process that held the shard for a moment wrote this person: our memory is behind.
    cell = await store._wire.command("a:07", "HGET", "{a:07}", SOMEBODY)
    await store._wire.command("a:07", "HSET", "{a:07}", SOMEBODY, (5).to_bytes(4, "big") + cell[4:])

    committing = asyncio.ensure_future(
        store.commit(Commit(person=SOMEBODY, version=1, event="e2", taken=taken.row, wraps=(("server", b"k"),), session=b"lost"))
    )
    settling = asyncio.ensure_future(store.settle([Sent(SOMEBODY, "r1", NOON, receipt=b"m")]))
    with pytest.raises((Stale, StoreUnavailable)):
        await committing
    for _ in range(50):
        try:
            await settling
            break
        except StoreUnavailable:  # the shard is being taken again
            await asyncio.sleep(0.05)
            settling = asyncio.ensure_future(store.settle([Sent(SOMEBODY, "r1", NOON, receipt=b"m")]))
    record = await store.load(SOMEBODY)

    assert record.session == b"s1"
    assert record.receipts == (b"m",)


async def test_a_timer_far_away_is_not_kept_in_memory_and_still_rings_once(store: RedisStore) -> None:
    clock = store.clk  # type: ignore[attr-defined]
    far = clock.now() + AHEAD * 5
    await store.accept([Arrival(SOMEBODY, "e1", b"in", NOON)])
    [taken] = await store.take(10)
    timers = (Timer("remind:x:soon", clock.now() + 5, b"t"), Timer("remind:x:far", far, b"t"))
    await store.commit(
        Commit(person=SOMEBODY, version=0, event="e1", taken=taken.row, wraps=(("server", b"k"),), session=b"s", timers=timers)
    )
    hold = store._memory.holds[7]
    assert list(hold.timers) == [SOMEBODY + b"remind:x:soon"]

    clock.jump(AHEAD * 5 + 1)
    rung = await store.timers_due(clock.now(), 10)

    assert sorted(one.event for one in rung) == ["remind:x:far", "remind:x:soon"]
    assert await store.timers_due(clock.now(), 10) == []
    assert hold.timers == {}


async def test_cancelled_timers_are_gone_near_and_far(store: RedisStore) -> None:
    clock = store.clk  # type: ignore[attr-defined]
    timers = (Timer("remind:x:soon", clock.now() + 5, b"t"), Timer("remind:x:far", clock.now() + AHEAD * 5, b"t"))
    for n, more in enumerate(({"timers": timers}, {"drop_timers": True})):
        await store.accept([Arrival(SOMEBODY, f"e{n}", b"in", NOON)])
        [taken] = await store.take(10)
        wraps = (("server", b"k"),)
        await store.commit(Commit(person=SOMEBODY, version=n, event=f"e{n}", taken=taken.row, wraps=wraps, session=b"s", **more))  # type: ignore[arg-type]

    clock.jump(AHEAD * 5 + 1)

    assert await store.timers_due(clock.now(), 10) == []
    assert (await store.counts()).timers == 0


async def test_closed_cases_do_not_lie_among_the_open_ones(store: RedisStore) -> None:
    index = CaseIndex("K-1", "desk", "normal", "waiting", NOON, "fr")
    for n, state in enumerate(("waiting", "claimed", "closed")):
        await store.accept([Arrival(SOMEBODY, f"e{n}", b"in", NOON)])
        [taken] = await store.take(10)
        case = CaseWrite(structs.replace(index, state=state), (("server", b"k"),), b"sealed", n)
        commit = Commit(person=SOMEBODY, version=n, event=f"e{n}", taken=taken.row, wraps=(("server", b"k"),), session=b"s", case=case)
        await store.commit(commit)
        held = await store._wire.command("a:07", "HLEN", "{a:07}:co")
        assert held == (state != "closed")
        assert [one.state for one in await store.cases(states=(state,), teams=None)] == [state]  # type: ignore[arg-type]
        counts = await store.counts()
        assert (counts.cases_waiting, counts.cases_claimed) == (state == "waiting", state == "claimed")
