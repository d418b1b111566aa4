"""Asked to stop, the service finishes what is in hand; a second server on one store is refused."""

import asyncio
import signal
from time import monotonic

import pytest

from tests.faults import table
from tests.faults.houses import KINDS
from tests.faults.rig import rigged
from tests.faults.sizes import STOPS, marks

pytestmark = marks()


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
@pytest.mark.parametrize("kind", KINDS)
async def test_stopped_again_and_again_in_a_burst_nothing_is_lost_or_repeated(tmp_path, kind, webhook):
    """F3."""
    longest = 0.0
    async with rigged(tmp_path, seed=3, kind=kind) as rig:
        for _ in range(STOPS):
            if rig.waiting < 80:
                rig.burst(80)
            child = await rig.start(webhook=webhook)
            await rig.ready(child)
            await asyncio.sleep(rig.chance.uniform(0.0, 0.4))
            asked = monotonic()
            assert await child.end(signal.SIGTERM) == 0
            longest = max(longest, monotonic() - asked)
        child = await rig.start(webhook=webhook)
        verdict = await rig.drain(child)
        await child.end(signal.SIGTERM)

    rows = [("stops", STOPS), ("lost", len(verdict.lost)), ("repeated", verdict.repetitions), ("longest exit, seconds", f"{longest:.2f}")]
    table.keep(tmp_path, f"SIGTERM, {kind}, {'webhook' if webhook else 'polling'}", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, dict(verdict.repeated)) == ([], [], [], {})
    assert longest <= 10.0
    assert "part failed" not in rig.log.read_text()


async def test_a_second_server_on_the_same_store_is_refused_and_the_first_goes_on(tmp_path):
    async with rigged(tmp_path, seed=4) as rig:
        first = await rig.start()
        await rig.ready(first)
        second = await rig.start()

        async with asyncio.timeout(15):
            assert await second.ended == 1
        rig.burst(20)
        verdict = await rig.drain(first)
        assert await first.end(signal.SIGTERM) == 0

    assert (verdict.lost, dict(verdict.repeated)) == ([], {})
    assert "Another Amana server is using this store" in rig.log.read_text()


async def test_after_a_kill_the_store_is_free_for_the_next(tmp_path):
    async with rigged(tmp_path, seed=5) as rig:
        first = await rig.start()
        await rig.ready(first)
        await rig.kill(first, 0.0)
        second = await rig.start()
        verdict = await rig.drain(second)
        assert await second.end(signal.SIGTERM) == 0

    assert verdict.lost == []
