"""Erased is gone, also when the process dies while it erases: no byte of what was said is in any file of the data."""

import signal
from pathlib import Path

import pytest

from tests.faults.houses import KINDS, counts, keep_for
from tests.faults.rig import CHATS, Rig, rigged
from tests.faults.sizes import ERASURES, marks

NEEDLE = "aiguille dans la botte de foin 8841"
POINTS = (
    "intake.before_accept", "intake.after_accept", "door.before_confirm", "worker.before_load", "worker.before_commit", "worker.after_commit",
    "sender.before_send", "sender.after_send", "sender.before_settle", "sender.after_settle", "storage.before_commit", "storage.after_commit",
    "storage.before_accept", "storage.after_accept", "storage.after_take", "storage.before_settle", "storage.after_settle",
)  # fmt: skip
LEASE = 1.0

pytestmark = marks()


def files_with(folder: Path, needle: str) -> list[str]:
    """Files below a folder that hold these words, in any encoding we write."""
    forms = (needle.encode(), needle.encode("utf-16-le"), needle.encode("utf-16-be"))
    return [str(path) for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


def farewells(rig: Rig, chat: int) -> int:
    return sum("is erased" in sent["text"] for sent in rig.double.sent(chat))


@pytest.mark.parametrize("kind", KINDS)
async def test_an_erasure_that_is_killed_anywhere_is_carried_out_after_the_restart(tmp_path, kind):
    """F19."""
    points = POINTS * ERASURES
    erasing = range(501, 501 + len(points))
    async with rigged(tmp_path, seed=11, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        child = await rig.start(webhook=True)
        for chat in (*erasing, CHATS[0]):
            for words in ("/start", "human", NEEDLE):  # the last joins the case: kept, sealed, until it is erased
                rig.double.push(rig.double.text(chat, words))
        await rig.until(lambda: len(rig.double.of("createForumTopic")) == len(erasing) + 1, 30)
        assert await child.end(signal.SIGTERM) == 0

        for chat, point in zip(erasing, points, strict=True):
            rig.double.push(rig.double.text(chat, "/erase"))
            await rig.kill(await rig.start(webhook=True, crash=point), 3.0 + rig.store.waits, idle=True, place=point)
            child = await rig.start(webhook=True)
            await rig.until(lambda: farewells(rig, chat) and rig.double.sent(chat, "deleteMessages"), 30)  # noqa: B023 waited for at once
            assert await child.end(signal.SIGTERM) == 0
        kept = (await counts(rig.env())).people

    assert rig.died >= len(points) - 2
    assert kept == len(CHATS)
    assert files_with(tmp_path, NEEDLE) == []
    assert all(farewells(rig, chat) <= 2 for chat in erasing)
