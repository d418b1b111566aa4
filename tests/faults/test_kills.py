"""Killed with kill -9 at named places and at any time, the service loses nothing, mixes up nothing, and repeats at most what was in flight."""

import os
import signal
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from tests.faults.flows import BUNDLE
from tests.faults.rig import BURST, CHATS, GROUP, POINTS, RARE, Rig, rigged

SOAK = os.environ.get("AMANA_SOAK") == "1"
POLLING_POINTS = POINTS
WEBHOOK_POINTS = tuple(point for point in POINTS if point != "door.after_confirm")  # only a poll confirms by asking again
ASKING = CHATS[:4]
"""Those of the eight who ask for a caseworker in the middle of a burst."""

pytestmark = [pytest.mark.kill, pytest.mark.timeout(36_000 if SOAK else 240)]


async def killed(rig: Rig, kills: int, points: tuple[str, ...], *, webhook: bool) -> None:
    """Let it be killed so often, with work waiting each time: three of four times at a named place, else at some moment."""
    for n in range(kills):
        if rig.waiting < BURST // 2:
            rig.burst()
        # Spread, so that early and late deaths take turns: three deaths in a row inside one turn put its event aside, by design.
        name = points[n * 11 % len(points)]
        often = 2 if name in RARE and not webhook else 40
        point = "" if n % 4 == 3 else f"{name}:{rig.chance.randint(1, often)}"
        child = await rig.start(webhook=webhook, crash=point)
        await rig.kill(child, 3.0 if point else rig.chance.uniform(0.02, 0.8))


async def survived(rig: Rig, *, webhook: bool) -> None:
    """One more start: everything is answered, and the ledger shows what the laws allow."""
    child = await rig.start(webhook=webhook)
    verdict = await rig.drain(child, 120.0)
    assert await child.end(signal.SIGTERM) == 0
    assert aside(rig) == 0, [line for line in rig.log.read_text().splitlines() if "aside" in line]
    assert verdict.lost == []
    assert verdict.reordered == []
    assert verdict.misdelivered == []
    assert max(verdict.repeated.values(), default=0) <= 1  # of one person, after one kill
    print(f"{len(rig.kills)} kills ({rig.died} at their named place), {verdict.replies} replies, {verdict.repetitions} repeated, 0 lost, 0 reordered, 0 to another")


def aside(rig: Rig) -> int:
    with closing(sqlite3.connect(rig.folder / "data/amana.db")) as con:
        return con.execute("SELECT count(*) FROM aside").fetchone()[0]


def open_cases(rig: Rig) -> Counter[bytes]:
    """How many open cases each person has, by pseudonym."""
    with closing(sqlite3.connect(rig.folder / "data/amana.db")) as con:
        return Counter(person for (person,) in con.execute("SELECT person FROM cases WHERE state IN ('waiting', 'claimed')"))


@pytest.mark.parametrize("part", range(20 if SOAK else 1))
@pytest.mark.parametrize(("webhook", "kills"), [(False, 150 if SOAK else 60), (True, 100 if SOAK else 40)], ids=["polling", "webhook"])
async def test_no_kill_loses_repeats_or_misdelivers_beyond_the_law(tmp_path, webhook, kills, part):
    points = WEBHOOK_POINTS if webhook else POLLING_POINTS
    async with rigged(tmp_path, seed=1000 + part * 2 + webhook) as rig:
        for chat in ASKING:
            rig.burst(BURST // 8)
            rig.say(chat, "human")
        await killed(rig, kills, points, webhook=webhook)
        await survived(rig, webhook=webhook)
        assert rig.died >= kills // 2

        assert list(open_cases(rig).values()) == [1] * len(ASKING)
        topics = [call["name"] for call in rig.double.of("createForumTopic")]
        assert len(set(topics)) == len(ASKING)
        assert len(topics) <= len(ASKING) + len(rig.kills)
        assert len({post["message_thread_id"] for post in rig.double.sent(GROUP)}) >= len(ASKING)


@pytest.mark.parametrize("point", ["library.before_head", "library.after_head", "storage.before_commit:2", "storage.after_commit:2"])
async def test_a_publish_that_dies_leaves_the_old_flows_or_the_new(tmp_path, point):
    async with rigged(tmp_path, seed=7) as rig:
        changed = {"flows/law.yaml": BUNDLE["flows/law.yaml"] + "\n# a comment more\n"}
        assert await rig.publish(changed, crash=point) == -signal.SIGKILL
        rig.burst(40)
        child = await rig.start()
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0

    assert (verdict.lost, verdict.reordered, verdict.misdelivered, verdict.repetitions) == ([], [], [], 0)
