"""Days of ordinary work: five messages a second, and the process stays as large as it was.

F22. `AMANA_SOAK_SECONDS` says how long for each store (a day: 86400); an hour, if nothing is said.
"""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from tests.faults import table
from tests.faults.houses import KINDS
from tests.faults.rig import rigged
from tests.faults.sizes import SOAK, marks

SECONDS = float(os.environ.get("AMANA_SOAK_SECONDS", "3600"))
PEOPLE = 500
PER_SECOND = 5.0
GROWTH = 1.05

pytestmark = [*marks(), pytest.mark.timeout(2 * SECONDS + 600), pytest.mark.skipif(not SOAK, reason="make soak")]


@dataclass
class Size:
    """What a process holds."""

    memory: int
    files: int
    threads: int


def size_of(pid: int) -> Size:
    """Ask the system."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return Size(int(lines["VmRSS"].split()[0]), len(list(Path(f"/proc/{pid}/fd").iterdir())), int(lines["Threads"]))


@pytest.mark.parametrize("kind", KINDS)
async def test_after_a_day_it_is_as_large_as_in_the_morning(tmp_path, kind):
    async with rigged(tmp_path, seed=80, kind=kind) as rig:
        child = await rig.start(webhook=True)
        await rig.ready(child)
        people = rig.crowd(PEOPLE)
        await rig.until(lambda: not rig.busy, 120)
        sizes: list[Size] = []
        lost = wrote = 0
        ends = asyncio.get_running_loop().time() + SECONDS
        while asyncio.get_running_loop().time() < ends:
            for _ in range(int(60 * PER_SECOND)):
                rig.say(rig.chance.choice(people), str(next(rig._tokens)))
                wrote += 1
                await asyncio.sleep(1.0 / PER_SECOND)
            await rig.until(lambda: not rig.busy, 60)
            verdict = rig.verdict()
            lost += len(verdict.lost) + len(verdict.reordered) + len(verdict.misdelivered) + verdict.repetitions
            rig.forget()  # what was judged, so that the test does not grow either
            sizes.append(size_of(child.pid))
        assert await child.end(signal.SIGTERM) == 0
    quarter = max(1, len(sizes) // 4)
    first, last = sizes[quarter : 2 * quarter] or sizes, sizes[-quarter:]
    grown = median(one.memory for one in last) / median(one.memory for one in first)
    rows = [
        ("messages", wrote), ("lost, repeated or out of order", lost), ("memory, MB", f"{last[-1].memory / 1024:.0f}"),
        ("grown by", f"{(grown - 1) * 100:.1f} %"), ("open files", f"{first[0].files} to {last[-1].files}"),
        ("threads", f"{first[0].threads} to {last[-1].threads}"),
    ]  # fmt: skip
    table.keep(tmp_path, f"a soak of {SECONDS / 3600:.1f} h, {kind}", rows)
    assert lost == 0
    assert grown < GROWTH
    assert last[-1].files <= max(one.files for one in first) + 5
    assert last[-1].threads <= max(one.threads for one in first)
