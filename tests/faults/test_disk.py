"""A disk without room under the file store of a running service: nothing is confirmed that was not written, and room is all it needs.

F6, for the file store; what a full disk does to a server stands in test_servers.py.
"""

import asyncio
import resource
import signal

from tests.faults import table
from tests.faults.rig import rigged
from tests.faults.sizes import OUTAGES, marks

FULL = 1.5
"""Seconds without room."""
BACK = 5.0

pytestmark = marks()


async def test_a_service_without_room_confirms_nothing_and_goes_on_when_there_is_room(tmp_path):
    """The log of the service finds no room either."""
    longest = 0.0
    async with rigged(tmp_path, seed=70) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        for _ in range(OUTAGES):
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            rig.burst(40)
            await asyncio.sleep(FULL)
            unconfirmed = len(rig.double.waiting)
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            back, answered = rig.double.now(), rig.answered
            assert unconfirmed == 40
            await rig.until(lambda: rig.answered > answered, 20)  # noqa: B023 waited for at once
            longest = max(longest, rig.double.now() - back)
            await rig.until(lambda: not rig.busy, 60)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
    rows = [("times without room", OUTAGES), ("lost", len(verdict.lost)), ("longest until the first answer, s", f"{longest:.2f}")]
    table.keep(tmp_path, "no room", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
    assert longest <= BACK
