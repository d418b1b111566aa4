"""A whole service over a master that is replaced: by sentinels, and by the nodes of a cluster."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.faults import table
from tests.faults.houses import KINDS
from tests.faults.rig import rigged
from tests.faults.sizes import FAILOVERS, marks
from tests.redis_groups import Cluster, Watched

HOWS = ("frozen", "killed")
BACK = 5.0
"""Seconds from a new master with a replica to the first answer: on a machine that others keep busy 1.8 to 2.9."""

pytestmark = [*marks(), pytest.mark.skipif("server" not in KINDS, reason="a service cannot be told to use a server")]


class WatchedKeep:
    """A master, two replicas, three sentinels; a write is confirmed when a replica has it."""

    waits = 6.0
    lease: float | None = None
    env = {"AMANA_STORE_REPLICAS": "1"}

    def __init__(self) -> None:
        self.group: Watched | None = None

    @property
    def url(self) -> str:
        assert self.group is not None
        return self.group.url

    async def start(self) -> None:
        self.group = await asyncio.to_thread(Watched.start)

    async def stop(self) -> None:
        if self.group is not None:
            self.group.end()


class ClusterKeep:
    """Three masters, each with a replica; a write is confirmed when the replica has it."""

    waits = 6.0
    lease: float | None = None
    env = {"AMANA_STORE_REPLICAS": "1"}

    def __init__(self) -> None:
        self.cluster: Cluster | None = None

    @property
    def url(self) -> str:
        assert self.cluster is not None
        return self.cluster.url

    async def start(self) -> None:
        self.cluster = await asyncio.to_thread(Cluster.start, 1)

    async def stop(self) -> None:
        if self.cluster is not None:
            self.cluster.end()


async def test_while_a_node_of_a_cluster_is_replaced_nothing_is_lost_and_people_are_answered_soon_after(tmp_path: Path) -> None:
    """F5, on a cluster. Who takes over confirms nothing until the node that was killed is back as its replica."""
    longest = 0.0
    keep = ClusterKeep()
    async with rigged(tmp_path, seed=36, keep=keep) as rig:
        assert keep.cluster is not None
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 30)
        for n in range(FAILOVERS):
            old = keep.cluster.masters[n % 3]
            rig.burst(20)
            await asyncio.sleep(0.05)
            keep.cluster.servers[old].kill()
            rig.burst(20)
            await until(lambda: old not in keep.cluster.owners(but=old))  # noqa: B023 waited for at once
            keep.cluster.servers[old].start_again()
            await until(lambda: keep.cluster.follows(old))  # noqa: B023
            up, answered = monotonic(), rig.answered
            rig.crowd(3)  # as above
            await rig.until(lambda: rig.answered > answered, 30)  # noqa: B023
            longest = max(longest, monotonic() - up)
            await rig.until(lambda: not rig.busy, 60)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
    rows = [("failovers", FAILOVERS), ("lost", len(verdict.lost)), ("repeated", verdict.repetitions)]
    table.keep(tmp_path, "node killed", [*rows, ("longest until the first answer, s", f"{longest:.2f}")])
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert verdict.repetitions <= FAILOVERS
    assert longest <= BACK


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.05)


async def test_while_a_master_is_replaced_nothing_is_lost_and_people_are_answered_soon_after(tmp_path: Path) -> None:
    """F5, with people, a webhook and Telegram."""
    longest = 0.0
    keep = WatchedKeep()
    async with rigged(tmp_path, seed=35, keep=keep) as rig:
        assert keep.group is not None
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 30)
        for how in HOWS * FAILOVERS:
            await keep.group.whole()
            old = keep.group.master
            rig.burst(20)
            await asyncio.sleep(0.05)
            server = keep.group.servers[old]
            server.freeze() if how == "frozen" else server.kill()
            rig.burst(20)
            await keep.group.elected(instead=old)
            [new] = rig.crowd(1)  # somebody new: nothing that was made ready under the one before is an answer to them
            longest = max(longest, await keep.group.able_for(lambda: new in rig.heard or child.ended.done()))  # noqa: B023 waited for at once
            assert not child.ended.done(), rig.log.read_text()[-2000:]
            await rig.until(lambda: not rig.busy, 60)
            server.thaw() if how == "frozen" else server.start_again()
            keep.group.follow(old)
            rig.burst(8)
            await rig.until(lambda: not rig.busy, 30)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
    table.keep(
        tmp_path,
        "master frozen, master killed",
        [
            ("failovers", len(HOWS) * FAILOVERS),
            ("lost", len(verdict.lost)),
            ("repeated", verdict.repetitions),
            ("longest until the first answer, s", f"{longest:.2f}"),
        ],
    )
    assert (verdict.lost, verdict.reordered, verdict.misdelivered) == ([], [], [])
    assert verdict.repetitions <= len(HOWS) * FAILOVERS
    assert longest <= BACK
