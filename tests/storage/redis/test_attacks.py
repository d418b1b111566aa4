"""Ways to lose, to repeat or to stop everybody that a rival found, each shut."""

import asyncio
import gc
import os
import time

import pytest

from bot.ports import Arrival, Commit, OutRow, Sent, StoreUnavailable, Timer
from bot.storage.redis.cells import Cell, Known, Out, cell_bytes, mark_of, pack
from bot.storage.redis.scripts import SETTLE
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from bot.storage.redis.wire import ScriptFailed
from tests.fakes import NOON

AMAL, BILAL = bytes([7]) * 16, bytes([7 + 64]) * 16  # both of shard 7
WRAPS = (("server", b"k"),)


async def turn(store, person, event, version, **more):
    assert await store.accept([Arrival(person, event, b"in", store.clk.now())]) == [True]
    [taken] = await store.take(10)
    more = {"wraps": WRAPS, "session": b"s"} | more
    return await store.commit(Commit(person=person, version=version, event=event, taken=taken.row, **more))


def failing(error):
    future = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future


async def test_a_second_erasure_keeps_what_the_first_had_seen(store):
    await turn(store, AMAL, "e1", 0)
    await turn(store, AMAL, "e2", 1, erase=True)
    await turn(store, AMAL, "e3", 0)
    await turn(store, AMAL, "e4", 1, erase=True)

    assert await store.accept([Arrival(AMAL, event, b"in", NOON) for event in ("e1", "e2", "e3", "e4")]) == [False] * 4


async def test_what_erased_persons_had_seen_ends_however_many_they_are(store):
    mark = b"\1\2\3\4\5" + (int(NOON) % (1 << 24)).to_bytes(3, "big")
    words = [word for _ in range(5000) for word in (bytes([7]) + os.urandom(15), mark)]
    await store._wire.command("a:07", "HSET", "{a:07}:sx", *words)
    store.clk.jump(5 * 86400)
    for _ in range(40):
        await store.sweep(store.clk.now())

    assert await store._wire.command("a:07", "HLEN", "{a:07}:sx") == 0


async def test_a_timer_rings_although_the_hold_ran_out_unnoticed(store):
    await turn(store, AMAL, "e1", 0, timers=(Timer("remind:x:soon", NOON + 5, b"t"),))
    await store._wire.command("a:07", "HSET", "{a:07}", "m", f"{store._memory.holds[7].fence} 1 one")
    store.clk.pass_by(6)
    rung = list(await store.timers_due(store.clk.now(), 10))
    for _ in range(20):
        await store._leases.round()
        rung += await store.timers_due(store.clk.now(), 10)

    assert [one.event for one in rung] == ["remind:x:soon"]


async def test_a_timer_set_for_later_does_not_ring_at_the_time_it_had(store):
    await turn(store, AMAL, "e1", 0, timers=(Timer("remind:x:a", NOON + 50, b"t1"),))
    await turn(store, AMAL, "e2", 1, timers=(Timer("remind:x:a", NOON + 5000, b"t2"),))
    store.clk.pass_by(60)
    early = await store.timers_due(store.clk.now(), 10)
    store.clk.pass_by(5000)

    assert early == []
    assert [one.event for one in await store.timers_due(store.clk.now(), 10)] == ["remind:x:a"]


async def test_a_farewell_ends_although_an_answer_was_lost(store):
    await turn(store, AMAL, "e1", 0)
    row = OutRow("bye", b"x", NOON)
    await turn(store, AMAL, "e2", 1, erase=True, wraps=(), session=None, farewell_wraps=WRAPS, outbox=(row,))
    store.clk.pass_by(3700)
    real = store._wire.script
    store._wire.script = lambda script, *words: failing(StoreUnavailable("cut")) if script is SETTLE else real(script, *words)
    with pytest.raises(StoreUnavailable):
        await store.sweep(store.clk.now())
    store._wire.script = real
    await store._leases.round()
    await store.sweep(store.clk.now())

    assert await store._wire.command("a:07", "HLEN", "{a:07}:out") == 0


async def test_one_damaged_cell_keeps_nobody_else_waiting(store):
    await store._wire.command("a:07", "HSET", "{a:07}", AMAL, b"\0\0\0\1\0\0garbage")
    both = asyncio.gather(store.accept([Arrival(AMAL, "e1", b"in", NOON)]), store.accept([Arrival(BILAL, "e1", b"in", NOON)]))

    assert await asyncio.wait_for(both, 3) == [[True], [True]]


async def test_a_damaged_row_is_handed_out_to_be_put_aside_and_its_shard_is_held(store):
    store._memory.drop(7)
    await store._wire.command("a:07", "HSET", "{a:07}:in", AMAL + b"0123456789", b"17 garbage")
    await store._wire.command("a:07", "HSET", "{a:07}:out", "3", b"garbage")
    await store._leases.round()
    [taken] = await store.take(10)
    await store.quarantine(taken.row, b"aside", NOON)

    assert (taken.event, 7 in store._memory.holds, store._leases.stumbled) == ("damaged", True, 1)
    assert (await store.counts()).inbox == 0


async def test_one_wrong_answer_does_not_end_the_holding_of_shards(store):
    real = store._wire.script
    store._wire.script = lambda script, *words: failing(ScriptFailed("ERR")) if script.name == "members" else real(script, *words)
    store._leases.hurry()
    await asyncio.sleep(0.2)
    store._wire.script = real

    assert not store._running.done()
    assert store._leases.stumbled


async def test_five_hundred_rows_of_others_do_not_let_a_later_message_go_first(store, server):
    guest = RedisStore(wire_for(f"unix://{server.socket}"), clock=store.clk, name="guest", works=False)
    await guest.open()
    others = [Arrival(bytes([7 + 64]) + n.to_bytes(15, "big"), "e", b"x", NOON) for n in range(1100)]
    store._running.cancel()
    await guest.accept([*others, Arrival(AMAL, "e1", b"x", NOON)])
    await store.accept([Arrival(AMAL, "e2", b"x", NOON)])
    taken = await store.take(2000)
    await guest.close()

    assert [one.event for one in taken if one.person == AMAL] == ["e1"]


async def test_a_look_that_began_while_another_was_waited_for_lets_no_later_message_go_first_either(store, server, monkeypatch):
    guest = RedisStore(wire_for(f"unix://{server.socket}"), clock=store.clk, name="guest", works=False)
    await guest.open()
    store._running.cancel()
    await guest.accept([Arrival(AMAL, "e1", b"x", NOON)])
    await guest.close()
    gates, real = {5: asyncio.Event(), 7: asyncio.Event()}, store._leases.look

    async def look(shards):
        await gates[shards[0]].wait()
        await real(shards)

    monkeypatch.setattr(store._leases, "look", look)
    store._inbox._look(5)
    taking = asyncio.create_task(store.take(9))
    await asyncio.sleep(0)
    await store.accept([Arrival(AMAL, "e2", b"x", NOON)])
    gates[5].set()
    taken = list(await taking)
    gates[7].set()
    taken += await store.take(9)

    assert [one.event for one in taken] == ["e1"]


async def test_a_retry_does_not_bring_back_what_another_has_sent(store):
    await turn(store, AMAL, "e1", 0, outbox=(OutRow("r1", b"x", NOON),))
    assert len(await store.due(NOON, 10)) == 1  # under way, slowly
    store._memory.drop(7)
    await store._wire.command("a:07", "DEL", "{a:07}:out")  # the other who had the shard sent and recorded it
    await store._leases.round()
    await store.settle([Sent(AMAL, "r1", NOON, retry_at=NOON + 1)])

    assert await store.due(NOON + 2, 10) == []
    assert await store._wire.command("a:07", "HLEN", "{a:07}:out") == 0


async def test_a_long_backlog_is_taken_up_and_given_out(store):
    """Half a gigabyte in life; here as many rows as make one answer too long for a hold, if all came in one."""
    for shard in range(64):
        words = [
            word
            for n in range(1500)
            for word in (n + 1, pack(Out(bytes([shard]) + os.urandom(15), "r", b"x" * 300, NOON, NOON, "person", None, 1, 0, NOON)))
        ]
        await store._wire.command(f"a:{shard:02d}", "HSET", f"{{a:{shard:02d}}}:out", *words)
    for shard in range(64):
        store._memory.drop(shard)
    longest, beating = 0.0, True
    gc.collect()
    gc.freeze()  # a process of thousands of tests has a heap of its own to clear up, which no service has

    async def beat():
        nonlocal longest
        while beating:
            began = time.process_time()
            await asyncio.sleep(0.005)
            longest = max(longest, time.process_time() - began)

    heart = asyncio.ensure_future(beat())
    await store._leases.round()
    beating = False
    await heart
    gc.unfreeze()

    assert len(store._memory.holds) == 64
    assert len(store._memory.outs) == 64 * 1500
    assert longest < 1.0  # all at once blocked the loop for more than that, and the holds ran out meanwhile


async def test_a_sweep_of_thousands_is_written_together(store):
    mark = mark_of(os.urandom(26), NOON - 3 * 86400)
    for shard in range(8):
        words = [word for _ in range(400) for word in (bytes([shard]) + os.urandom(15), cell_bytes(1, mark, Cell(WRAPS, b"s", b"r")))]
        await store._wire.command(f"a:{shard:02d}", "HSET", f"{{a:{shard:02d}}}", *words)
    before = store._batches.calls
    rows = await store.sweep(store.clk.now())

    assert rows >= 3000
    assert store._batches.calls - before < 300  # one write for each took as many calls as there were people


async def test_losing_all_shards_takes_no_time_however_many_cells_are_known(store):
    cell = Cell(WRAPS, os.urandom(120), os.urandom(60))
    while store._memory.cells.bytes < 30 * 1024 * 1024:
        store._memory.cells.put(os.urandom(16), Known(1, b"12345678", cell, 300))
    began = time.perf_counter()
    for shard in range(64):
        store._memory.cells.drop(shard)

    assert store._memory.cells.bytes == 0
    assert time.perf_counter() - began < 0.1
