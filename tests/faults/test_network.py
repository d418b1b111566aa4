"""Services whose packets to the store are lost or late, and servers that lose each other: real kernels, no socket is closed by the fault.

F16 and F5. While nothing comes through, nothing is confirmed to Telegram; afterwards nothing is lost, out of order, or with another person.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from time import monotonic

import pytest

from bot.bootstrap.system import SystemClock
from bot.ports import Arrival, StoreUnavailable
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from tests.faults import table
from tests.faults.cable import cabled
from tests.faults.houses import KINDS, counts
from tests.faults.machines import THREE, Alone, ClusterMachines, Machines, WatchedMachines, holds
from tests.faults.network import HOME, Network, others, why_not
from tests.faults.rig import CHATS, Child, Rig, free_port, rigged
from tests.faults.sizes import LINES, SOAK, marks

AWAY = 10.0 if SOAK else 4.2
"""Seconds that a line is down: longer than a shard is held."""
BACK = 5.0
"""Seconds from the line's return to the first answer."""
SILENCE = 60 if SOAK else 8
"""Seconds that Telegram is silent."""
HEARD = 15.0
"""Seconds until all who waited are answered: a try every five, and what a new connection takes."""
MOVED = 6.0
"""Seconds until all are answered whose worker is cut off."""
NO_NETWORK = why_not() or ("" if "server" in KINDS else "a service cannot be told to use a server")

pytestmark = [*marks(), pytest.mark.skipif(bool(NO_NETWORK), reason=NO_NETWORK)]
soak_only = pytest.mark.skipif(not SOAK, reason="its full size, by hand: AMANA_SOAK=1")


async def chatter(rig: Rig, pause: float) -> None:
    """Everybody writes, now and then."""
    while True:
        rig.say(rig.chance.choice(CHATS), str(next(rig._tokens)))
        await asyncio.sleep(pause)


@asynccontextmanager
async def talking(rig: Rig, pause: float = 0.05) -> AsyncIterator[None]:
    """Everybody writes meanwhile."""
    task = asyncio.create_task(chatter(rig, pause))
    try:
        yield
    finally:
        task.cancel()


async def answered_again(rig: Rig, many: int = 6) -> float:
    """Seconds until some who are new are all answered: nothing that was made ready before is an answer to them.

    Others write each quarter of a second, because Telegram itself waits longer and longer with what was not taken at first.
    """
    begun, crowds = monotonic(), [rig.crowd(many)]
    async with asyncio.timeout(60):
        while not any(all(one in rig.heard for one in new) for new in crowds):
            if monotonic() - begun > 0.25 * len(crowds):
                crowds.append(rig.crowd(many))
            await asyncio.sleep(0.01)
    return monotonic() - begun


async def ready(rig: Rig, child: Child) -> None:
    """Wait until it serves, and has answered all that waited."""
    await rig.ready(child, 30)
    await rig.until(lambda: not rig.busy, 30)


async def ended(rig: Rig, *children: Child) -> None:
    """End them well: nothing is left of anything that was said."""
    assert [await child.end(signal.SIGTERM) for child in children] == [0 for _ in children]
    left = await counts(rig.env())
    assert (left.inbox, left.outbox, left.quarantine) == (0, 0, 0)


async def test_while_packets_are_lost_nothing_is_confirmed_and_soon_after_all_is_answered(tmp_path):
    """The line to the server: down, and then open in one direction only, in the middle of a burst each time."""
    keep, longest, unasked = Alone(tmp_path), 0.0, 0
    async with rigged(tmp_path, seed=80, keep=keep) as rig:
        child = await rig.start(webhook=True)
        await ready(rig, child)
        net = keep.network
        for there_too in (True, False, *([True, False, None] if SOAK else [])) * LINES:
            rig.burst(24)
            await rig.until(lambda: rig.waiting < 40, 20)
            await net.cut(cuts(net, there_too=there_too))
            await asyncio.sleep(0.3)
            waited, confirmed = len(rig.double.waiting), confirmations(rig)
            rig.burst(40)
            await asyncio.sleep(AWAY)
            unasked += confirmations(rig) - confirmed
            assert len(rig.double.waiting) == waited + 40
            rig.kills.append(len(rig.double.calls))
            await net.mend()
            longest = max(longest, await answered_again(rig))
            await rig.until(lambda: not rig.busy, 60)
        verdict = await rig.drain(child)
        await ended(rig, child)
    rows = [("lines down", len(rig.kills)), ("packets lost", net.lost), ("confirmed while down", unasked), ("lost", len(verdict.lost))]
    rows += [("reordered", len(verdict.reordered)), ("repeated", verdict.repetitions), ("longest until an answer, s", f"{longest:.2f}")]
    table.keep(tmp_path, "the line to the server", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, unasked) == ([], [], [], 0)
    assert max(verdict.repeated.values(), default=0) <= 1  # sent, and the server's word that this is on record was lost
    assert net.lost > 0
    assert longest <= BACK


def cuts(net: Network, *, there_too: bool | None) -> set[tuple[str, str]]:
    """The ways that are cut: both, only from the server (it does what it is asked, and nobody hears of it), or (None) only to it."""
    there, back = net.ways([HOME], ["a"]), net.ways(["a"], [HOME])
    return there if there_too is None else there | back if there_too else back


def confirmations(rig: Rig) -> int:
    """How many updates Telegram was told to be kept."""
    return sum(200 <= status < 300 for _, _, status in rig.double.hook.delivered)


@pytest.mark.parametrize(
    "late", [{"delay": 0.1, "spread": 0.05, "loss": 0.1}, pytest.param({"delay": 0.2, "spread": 0.05, "loss": 0.1}, marks=soak_only)]
)
async def test_over_a_bad_line_it_is_slow_and_nothing_else(tmp_path, late):
    """200 milliseconds there and back and more, packets that overtake each other, and one in ten that is lost."""
    keep, waits = Alone(tmp_path), []
    async with rigged(tmp_path, seed=81, keep=keep) as rig:
        child = await rig.start(webhook=True)
        await ready(rig, child)
        await keep.network.slow(**late)
        async with talking(rig, 1.0 if SOAK else 0.5):
            for _ in range(100 if SOAK else 3):
                begun, [new] = monotonic(), rig.crowd(1)
                await rig.until(lambda: new in rig.heard, 60)  # noqa: B023 waited for at once
                waits.append(monotonic() - begun)
        await rig.until(lambda: not rig.busy, 60)
        await keep.network.mend()
        verdict = await rig.drain(child)
        await ended(rig, child)
    waits.sort()
    rows = [("messages", verdict.replies), ("packets lost", keep.network.lost), ("lost", len(verdict.lost))]
    rows += [("half answered within, s", f"{waits[len(waits) // 2]:.2f}"), ("all, s", f"{waits[-1]:.2f}")]
    table.keep(tmp_path, "a bad line", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert keep.network.lost > 10
    assert waits[len(waits) // 2] < BACK


async def test_a_worker_whose_packets_are_lost_gives_its_people_to_another_and_changes_nothing_afterwards(tmp_path):
    """What its kernel still had to send arrives when the line is back."""
    keep, longest = Alone(tmp_path), 0.0
    async with rigged(tmp_path, seed=82, keep=keep) as rig:
        stays = await rig.start(webhook=True)
        await ready(rig, stays)
        net, keep.which = keep.network, 1
        far = await rig.start(webhook=True, port=free_port())
        keep.which = 0
        line = {(net.at(HOME), net.at("a", 1)), (net.at("a", 1), net.at(HOME))}
        for _ in range(LINES):
            await asyncio.sleep(5.0)  # it has its share by then
            await rig.until(lambda: not rig.busy, 30)
            rig.burst(40)
            await rig.until(lambda: rig.waiting < 60, 10)
            await net.cut(line)
            gone = monotonic()
            rig.burst(40)
            await rig.until(lambda: rig.waiting <= 0, 30)
            longest = max(longest, monotonic() - gone)
            rig.kills.append(len(rig.double.calls))
            await net.mend()
            rig.burst(16)
            await rig.until(lambda: rig.waiting <= 0, 30)
        verdict = await rig.drain(stays)
        await ended(rig, far, stays)
    rows = [("times cut off", LINES), ("packets lost", net.lost), ("lost", len(verdict.lost)), ("reordered", len(verdict.reordered))]
    rows += [("repeated", verdict.repetitions), ("longest until all were answered, s", f"{longest:.2f}")]
    table.keep(tmp_path, "one worker cut off", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert max(verdict.repeated.values(), default=0) <= 1
    assert net.lost > 0
    assert longest <= MOVED


@soak_only
@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_when_telegram_is_heard_again_those_who_waited_are_answered_at_once_and_in_order(tmp_path, webhook):
    """What was under way when its packets were lost may be sent once more; what a kernel still had to send does not come late."""
    net, longest = Network("telegram"), 0.0
    await asyncio.to_thread(net.start)
    try:
        async with rigged(tmp_path, seed=85) as rig, cabled(port=rig.double.port, near=net.door("telegram")):
            rig.more = {"TELEGRAM_API_URL": f"http://{net.at('telegram')}"}
            child = await rig.start(webhook=webhook)
            await ready(rig, child)
            for _ in range(LINES):
                rig.burst(24)
                await rig.until(lambda: rig.waiting < 30, 20)
                await net.cut(net.both([HOME], ["telegram"]))
                for _ in range(SILENCE):
                    rig.burst(1)
                    await asyncio.sleep(1.0)
                rig.kills.append(len(rig.double.calls))
                await net.mend()
                back = monotonic()
                await rig.until(lambda: not rig.busy, 60)
                longest = max(longest, monotonic() - back)
            verdict = await rig.drain(child)
            assert await child.end(signal.SIGTERM) == 0
    finally:
        net.end()
    rows = [("silences", LINES), ("packets lost", net.lost), ("lost", len(verdict.lost)), ("reordered", len(verdict.reordered))]
    rows += [("repeated", verdict.repetitions), ("longest until all were answered, s", f"{longest:.2f}")]
    table.keep(tmp_path, f"Telegram is silent, {'webhook' if webhook else 'polling'}", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert max(verdict.repeated.values(), default=0) <= 1
    assert longest <= HEARD


async def split(rig: Rig, keep: WatchedMachines | ClusterMachines, times: int) -> float:
    """Cut the machine of a master off from the other two, not from the services, until another took over; gives the longest wait after."""
    longest, net = 0.0, keep.network
    for n in range(times):
        await holds(keep.whole)
        place = keep.master() if isinstance(keep, WatchedMachines) else THREE[n % 3]
        async with talking(rig):
            await asyncio.sleep(0.5)
            await net.cut(net.both([place], others(THREE, place)))
            await holds(lambda: keep.able(place))  # noqa: B023 waited for at once
            longest = max(longest, 0.0 if isinstance(keep, ClusterMachines) else await answered_again(rig))
            rig.kills.append(len(rig.double.calls))
        await net.mend()
        if isinstance(keep, ClusterMachines):  # who took over confirms nothing before it has a replica of its own
            await holds(keep.paired)
            longest = max(longest, await answered_again(rig))
        await rig.until(lambda: not rig.busy, 60)
    return longest


@pytest.mark.parametrize("machines", [WatchedMachines, pytest.param(ClusterMachines, marks=soak_only)], ids=["sentinels", "cluster"])
async def test_a_master_cut_off_from_its_replicas_confirms_nothing_and_another_takes_over(tmp_path, machines):
    """The services still reach both sides: the one that was cut off would take what they write, and lose it."""
    keep: Machines = machines(tmp_path)
    async with rigged(tmp_path, seed=83, keep=keep) as rig:
        child = await rig.start(webhook=True)
        await ready(rig, child)
        longest = await split(rig, keep, LINES)
        verdict = await rig.drain(child)
        await ended(rig, child)
    rows = [("splits", LINES), ("messages", verdict.replies), ("packets lost", keep.network.lost), ("lost", len(verdict.lost))]
    rows += [("repeated", verdict.repetitions), ("longest until an answer, s", f"{longest:.2f}")]
    table.keep(tmp_path, f"a split, {machines.__name__}", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert max(verdict.repeated.values(), default=0) <= 1
    assert longest <= BACK


async def writing(store: RedisStore, confirmed: list[tuple[float, Arrival]]) -> None:
    """Have one message after the other accepted, each of somebody else, and note when it was confirmed."""
    for n in count():
        one = Arrival(n.to_bytes(16, "big"), "e", b"words", 0.0)
        with suppress(StoreUnavailable):
            await store.accept([one])
            confirmed.append((monotonic(), one))
        await asyncio.sleep(0.01)


@soak_only
@pytest.mark.parametrize("replicas", [0, 1])
async def test_a_split_loses_what_no_replica_was_waited_for_and_nothing_else(tmp_path, replicas):
    """With none it is what docs/storage.md says: all that the one cut off took until another was in charge, and was found."""
    keep, spans, gone, confirmed = WatchedMachines(tmp_path, replicas), [], [], []
    await keep.start()
    try:
        store = RedisStore(wire_for(keep.url, replicas=replicas), clock=SystemClock(), works=False)
        await store.open()
        for _ in range(LINES):
            await holds(keep.whole, 60)
            place, some = keep.master(), []
            task = asyncio.create_task(writing(store, some))
            await asyncio.sleep(1.0)
            began = monotonic()
            await keep.network.cut(keep.network.both([place], others(THREE, place)))
            await holds(lambda: keep.able(place))  # noqa: B023 waited for at once
            spans.append(monotonic() - began)
            await asyncio.sleep(3.0)
            task.cancel()
            await keep.network.mend()
            await holds(keep.whole, 60)
            await asyncio.sleep(2.0)
            known = await store.accept([one for _, one in some])
            lost = [at - began for (at, _), new in zip(some, known, strict=True) if new]
            gone.append((len(lost), min(lost, default=0.0), max(lost, default=0.0)))
            confirmed.append(len(some))
            await store._wire.command("meta", "FLUSHALL")
        await store.close()
    finally:
        await keep.stop()
    rows = [("splits", len(spans)), ("confirmed", sum(confirmed)), ("of them lost", sum(many for many, _, _ in gone))]
    rows += [("longest until another was master, s", f"{max(spans):.2f}")]
    rows += [("last one lost so long after the cut, s", f"{max(last for *_, last in gone):.2f}")]
    table.keep(tmp_path, f"a split, {replicas} replicas waited for", rows)
    if replicas:
        assert [many for many, _, _ in gone] == [0] * len(spans)
    else:
        assert all(many for many, _, _ in gone)
        assert min(first for _, first, _ in gone) > -0.1
        assert max(last for *_, last in gone) < max(spans) + 2.0
