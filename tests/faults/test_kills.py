"""Killed with kill -9 at named places and at any time, the service loses nothing, mixes up nothing, and repeats at most what was in flight.

F1 (the file store) and F2 (a Redis server that writes every change to disk before it answers).
"""

import asyncio
import signal

import pytest

from tests.faults import table
from tests.faults.flows import BUNDLE
from tests.faults.houses import KINDS
from tests.faults.kills import ASKING, GOAL, REAL, STRIDE, Found, fresh, quarter, street, streets, survived
from tests.faults.rig import POINTS, RARE, rigged
from tests.faults.sizes import FRESH, KILLS, LANES, PARTS, QUARTERS, STREETS, TALKS, marks

KILLED_KINDS = KINDS
"""The stores whose services are killed."""

pytestmark = marks(480)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
@pytest.mark.parametrize("kind", KILLED_KINDS)
async def test_no_kill_loses_repeats_or_misdelivers_beyond_the_law(tmp_path, kind, webhook, part):
    """F1, F2."""
    found, each = Found(), -(-KILLS // STREETS)
    await streets(
        tmp_path, kind, STREETS, 1000 + part * 40 + webhook * 20, lambda rig: street(found, rig, each, webhook=webhook, kind=kind)
    )
    table.keep(tmp_path, f"kill -9 in a backlog, {kind}, {'webhook' if webhook else 'polling'}, part {part + 1} of {PARTS}", found.rows())
    table.keep(tmp_path, "repeated, per kill at each place", found.places())
    assert found.placed >= found.kills // 3  # others were too slow to come by their place in time
    found.holds()


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KILLED_KINDS)
async def test_a_kill_while_eight_persons_talk_repeats_less_than_one_message(tmp_path, kind, part):
    """F1, F2, with Telegram as slow as it is."""
    found, each = Found(), -(-TALKS // QUARTERS)
    await streets(tmp_path, kind, QUARTERS, 5000 + part * 20, lambda rig: quarter(found, rig, each, kind=kind), REAL)
    table.keep(tmp_path, f"kill -9 while eight talk, {kind}, part {part + 1} of {PARTS}", found.rows())
    found.holds()
    assert found.mean <= GOAL


@pytest.mark.parametrize("kind", KILLED_KINDS)
async def test_a_server_started_by_the_operators_command_survives_kills_as_well(tmp_path, kind):
    """F1, F2: nothing is warm, everything is read from disk, and a worker on Redis holds its shards as long as in life."""
    found, each = Found(), -(-FRESH // LANES)

    async def life(n: int) -> None:
        async with rigged(tmp_path / str(n), seed=90 + n, kind=kind) as rig:
            for chat in ASKING:
                rig.say(chat, "human")
            for k in range(each):
                rig.burst(40)
                name = POINTS[(n * each + k) * STRIDE % len(POINTS)]
                child = await fresh(rig, f"{name}:{rig.chance.randint(1, 2 if name in RARE else 20)}")
                await rig.kill(child, 8.0 + rig.store.waits, place=name)
            await survived(rig, found, lambda: fresh(rig, ""))

    async with asyncio.TaskGroup() as group:
        for n in range(LANES):
            group.create_task(life(n))
    table.keep(tmp_path, f"kill -9, {kind}, fresh processes", found.rows())
    found.holds()


@pytest.mark.parametrize("point", ["library.before_head", "library.after_head", "storage.before_commit:2", "storage.after_commit:2"])
async def test_a_publish_that_dies_leaves_the_old_flows_or_the_new(tmp_path, point):
    """F14, as far as dying goes."""
    async with rigged(tmp_path, seed=7) as rig:
        changed = {"flows/law.yaml": BUNDLE["flows/law.yaml"] + "\n# a comment more\n"}
        assert await rig.publish(changed, crash=point) == -signal.SIGKILL
        rig.burst(40)
        child = await rig.start()
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0

    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
