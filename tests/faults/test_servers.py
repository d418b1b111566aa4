"""What may happen to the store's server, and to the workers over it: nothing is confirmed while it is away, and all go on when it is back."""

import asyncio
import os
import signal
from time import monotonic

import pytest

from tests.botapi.server import Asked
from tests.faults import table
from tests.faults.cable import Cable, cabled
from tests.faults.houses import KINDS, ServerKeep, counts
from tests.faults.rig import CHATS, Rig, free_port, rigged
from tests.faults.sizes import OUTAGES, SOAK, WORKERS, marks

AWAY = 30.0 if SOAK else 2.0
"""Seconds that a server is away."""
LEASE = 2.0
"""Seconds that the poll is held here, four in life."""
BACK = 5.0
"""Seconds within which people are answered again."""
MOVED = 5.0
"""Seconds until all are answered whose worker is gone: four of its holds, and what the answers take."""
HOWS = ("restarted", "killed", "frozen", "paused", "asleep", "full", "read only", "out of room", "refusing", "cut off")

pytestmark = [*marks(), pytest.mark.skipif("server" not in KINDS, reason="a service cannot be told to use a server")]


@pytest.fixture
def keep(tmp_path):
    return ServerKeep(tmp_path, "--enable-debug-command", "local")


async def take_away(keep: ServerKeep, how: str, cable: Cable) -> None:
    """Let the server be away."""
    match how:
        case "restarted":
            await keep.end(signal.SIGTERM)
        case "killed":
            await keep.end(signal.SIGKILL)
        case "frozen":
            os.kill(keep.pid, signal.SIGSTOP)
        case "paused":
            assert await keep.ask("CLIENT", "PAUSE", str(int(AWAY * 1000)), "WRITE") == "OK"
        case "asleep":
            keep.asleep = asyncio.create_task(keep.ask("DEBUG", "SLEEP", str(AWAY)))
            await asyncio.sleep(0.1)
        case "full":
            assert await keep.ask("CONFIG", "SET", "maxmemory", "1") == "OK"
        case "read only":
            assert await keep.ask("REPLICAOF", "127.0.0.1", "1") == "OK"
        case "out of room":  # it cannot promise anything any more, and ends
            keep.fill_disk()
        case "refusing":  # one that writes each second says instead that it cannot, and tries again by itself
            assert await keep.ask("CONFIG", "SET", "appendfsync", "everysec") == "OK"
            keep.fill_disk()
            async with asyncio.timeout(10):
                while not (await keep.ask("SET", "{x}", "1")).startswith("-MISCONF"):
                    await asyncio.sleep(0.05)
        case "cut off":
            cable.cut()


async def bring_back(keep: ServerKeep, how: str, cable: Cable) -> None:
    """Let it be there again; what ends by itself is waited for."""
    match how:
        case "restarted" | "killed":
            await keep.start()
        case "frozen":
            os.kill(keep.pid, signal.SIGCONT)
        case "paused":
            await keep.ask("CLIENT", "UNPAUSE")
        case "asleep":
            await keep.asleep
        case "full":
            assert await keep.ask("CONFIG", "SET", "maxmemory", "0") == "OK"
        case "read only":
            assert await keep.ask("REPLICAOF", "NO", "ONE") == "OK"
        case "out of room":
            await keep.ended()
            await keep.start()
        case "refusing":
            keep.make_room()
        case "cut off":
            cable.mend()


@pytest.mark.parametrize("how", HOWS)
async def test_while_the_server_is_away_nothing_is_confirmed_and_then_all_is_answered(tmp_path, keep, how):
    """F4, F6 and F16: nothing but the server is started again."""
    longest = 0.0
    async with cabled(path=str(keep.socket)) as cable, rigged(tmp_path, seed=30, keep=keep) as rig:
        keep.url = f"redis://127.0.0.1:{cable.port}"
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 30)
        for _ in range(OUTAGES):
            await take_away(keep, how, cable)
            rig.burst(40)
            await asyncio.sleep(AWAY * 0.8)
            unconfirmed = len(rig.double.waiting)
            await bring_back(keep, how, cable)
            back, answered = monotonic(), rig.answered
            assert unconfirmed == 40
            await rig.until(lambda: rig.answered > answered, 30)  # noqa: B023 waited for at once
            longest = max(longest, monotonic() - back)
            await rig.until(lambda: not rig.busy, 60)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
    table.keep(
        tmp_path,
        f"server {how}",
        [("outages", OUTAGES), ("lost", len(verdict.lost)), ("longest until the first answer, s", f"{longest:.2f}")],
    )
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert longest <= BACK


async def test_a_server_that_takes_its_time_for_everything_makes_it_slow_and_nothing_else(tmp_path, keep):
    """It stands still for 0.3 seconds, answers what was asked meanwhile, and stands still again: no question takes less."""
    longest = 0.0
    async with rigged(tmp_path, seed=37, keep=keep) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 30)
        slow = asyncio.create_task(dragging(keep))
        for _ in range(20 if SOAK else 3):
            begun, [new] = monotonic(), rig.crowd(1)
            rig.burst(8)
            await rig.until(lambda: new in rig.heard, 60)  # noqa: B023 waited for at once
            longest = max(longest, monotonic() - begun)
        await rig.until(lambda: not rig.busy, 60)
        slow.cancel()
        os.kill(keep.pid, signal.SIGCONT)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
        left = await counts(rig.env())
    table.keep(tmp_path, "a slow server", [("lost", len(verdict.lost)), ("longest until somebody new is answered, s", f"{longest:.2f}")])
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert (left.inbox, left.outbox, left.quarantine) == (0, 0, 0)
    assert 0.3 < longest <= BACK


async def dragging(keep: ServerKeep) -> None:
    """Let the server stand still again and again."""
    while True:
        os.kill(keep.pid, signal.SIGSTOP)
        await asyncio.sleep(0.3)
        os.kill(keep.pid, signal.SIGCONT)
        await asyncio.sleep(0.004)


@pytest.mark.parametrize("options", [("--maxmemory-policy", "allkeys-lru"), ("--appendonly", "no")], ids=["evicting", "nothing on disk"])
async def test_a_server_that_may_forget_is_refused(tmp_path, options):
    """F6."""
    keep = ServerKeep(tmp_path)
    async with rigged(tmp_path, seed=31, keep=keep) as rig:
        for name, value in zip(options[::2], options[1::2], strict=True):
            assert await keep.ask("CONFIG", "SET", name.removeprefix("--"), value) == "OK"
        child = await rig.start()
        async with asyncio.timeout(20):
            assert await child.ended == 1
        assert f"Set: {options[0].removeprefix('--')}" in rig.log.read_text() or "noeviction" in rig.log.read_text()


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_the_people_of_a_worker_that_is_gone_are_answered_by_another(tmp_path, keep, sig):
    """F15: two workers on one server; one is killed or hangs, comes back, and both go on."""
    longest = 0.0
    async with rigged(tmp_path, seed=32, keep=keep) as rig:
        stays = await rig.start(webhook=True)
        await rig.ready(stays)
        for _ in range(WORKERS):
            goes = await rig.start(webhook=True, port=free_port())
            await asyncio.sleep(6.0)  # it has its share by then
            await rig.until(lambda: not rig.busy, 30)
            goes.send(sig)
            gone = monotonic()
            rig.burst(40)
            await rig.until(lambda: rig.waiting <= 0, 30)
            longest = max(longest, monotonic() - gone)
            goes.send(signal.SIGCONT)
            await asyncio.sleep(1.0)
            rig.burst(16)
            await rig.until(lambda: rig.waiting <= 0, 30)
            await goes.end(signal.SIGKILL)
        verdict = await rig.drain(stays)
        assert await stays.end(signal.SIGTERM) == 0
    table.keep(
        tmp_path,
        "two workers",
        [("gone", WORKERS), ("repeated", verdict.repetitions), ("longest until all were answered, s", f"{longest:.2f}")],
    )
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert longest <= MOVED


async def test_a_rolling_restart_is_noticed_by_nobody(tmp_path, keep):
    """F15, F3: one worker after the other ends well and comes back, while people write."""
    async with rigged(tmp_path, seed=33, keep=keep) as rig:
        door = await rig.start(webhook=True)
        await rig.ready(door)
        other = await rig.start(webhook=True, port=free_port())
        talking = asyncio.create_task(chatter(rig))
        for _ in range(WORKERS + 1):
            await asyncio.sleep(2.0)
            assert await other.end(signal.SIGTERM) == 0
            other = await rig.start(webhook=True, port=free_port())
            await rig.ready(other)
        talking.cancel()
        verdict = await rig.drain(door)
        assert [await one.end(signal.SIGTERM) for one in (other, door)] == [0, 0]
        left = await counts(rig.env())
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert (left.inbox, left.outbox, left.quarantine) == (0, 0, 0)


async def test_a_worker_cut_off_from_the_server_changes_nothing_when_the_line_is_back(tmp_path, keep):
    """F16: another takes its people over; what the first had sent off to the server arrives when it is late, and is refused."""
    async with cabled(path=str(keep.socket)) as cable, rigged(tmp_path, seed=35, keep=keep) as rig:
        stays = await rig.start(webhook=True)
        await rig.ready(stays)
        straight, keep.url = keep.url, f"redis://127.0.0.1:{cable.port}"
        far = await rig.start(webhook=True, port=free_port())
        keep.url = straight
        for _ in range(WORKERS):
            await asyncio.sleep(6.0)  # it has its share by then
            await rig.until(lambda: not rig.busy, 30)
            rig.burst(40)
            await rig.until(lambda: rig.waiting < 60, 10)
            cable.cut()
            rig.burst(40)
            await rig.until(lambda: rig.waiting <= 0, 30)
            rig.kills.append(len(rig.double.calls))
            cable.mend()
            rig.burst(16)
            await rig.until(lambda: rig.waiting <= 0, 30)
        verdict = await rig.drain(stays)
        assert [await one.end(signal.SIGTERM) for one in (far, stays)] == [0, 0]
        left = await counts(rig.env())
    rows = [("cuts", WORKERS), ("lost", len(verdict.lost)), ("reordered", len(verdict.reordered)), ("repeated", verdict.repetitions)]
    table.keep(tmp_path, "a worker cut off", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert max(verdict.repeated.values(), default=0) <= 1
    assert (left.inbox, left.outbox, left.quarantine) == (0, 0, 0)


def overlaps(polls: list[Asked]) -> int:
    """How many polls began while another was under way."""
    ends, found = 0.0, 0
    for poll in sorted(polls, key=lambda one: one.asked):
        found += poll.asked < ends
        ends = max(ends, poll.answered or float("inf"))
    return found


async def test_of_three_pollers_one_asks_at_a_time_whoever_of_them_dies(tmp_path):
    """F15: ended well, killed, or stopped for so long that it is taken for dead."""
    keep = ServerKeep(tmp_path, lease=LEASE)
    async with rigged(tmp_path, seed=36, keep=keep) as rig:
        all_of_them = [await rig.start(port=free_port()) for _ in range(3)]
        for n in range(3 * WORKERS):
            rig.burst(24)
            await rig.until(lambda: rig.waiting <= 0, 30)
            one = all_of_them.pop(0)
            how = (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP)[n % 3]
            if how == signal.SIGTERM:
                assert await one.end(how) == 0
            else:
                one.send(how)
            rig.kills.append(len(rig.double.calls))
            rig.burst(24)
            await rig.until(lambda: rig.waiting <= 0, 30)
            if how == signal.SIGSTOP:
                one.send(signal.SIGCONT)
                await asyncio.sleep(LEASE)
                assert await one.end(signal.SIGTERM) == 0
            all_of_them.append(await rig.start(port=free_port()))
        verdict = await rig.drain(all_of_them[0])
        polls = [call for call in rig.double.ledger if call.method == "getUpdates"]
        assert [await one.end(signal.SIGTERM) for one in all_of_them] == [0, 0, 0]
    rows = [("polls", len(polls)), ("pollers gone", 3 * WORKERS), ("polls beside another", overlaps(polls))]
    table.keep(tmp_path, "three pollers", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert max(verdict.repeated.values(), default=0) <= 1
    assert overlaps(polls) == 0


async def test_with_two_pollers_nobody_is_answered_twice(tmp_path, keep):
    """F15."""
    async with rigged(tmp_path, seed=34, keep=keep) as rig:
        both = [await rig.start(), await rig.start(port=free_port())]
        await rig.ready(both[0])
        for _ in range(5):
            rig.burst(20)
            await asyncio.sleep(0.5)
        verdict = await rig.drain(both[0])
        assert [await one.end(signal.SIGTERM) for one in both] == [0, 0]
        polls = [call for call in rig.double.ledger if call.method == "getUpdates"]
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert len(polls) > 2
    assert (overlaps(polls), sum(poll.status == 409 for poll in polls)) == (0, 0)


async def chatter(rig: Rig) -> None:
    """Everybody writes, now and then."""
    while True:
        rig.say(rig.chance.choice(CHATS), str(next(rig._tokens)))
        await asyncio.sleep(0.05)
