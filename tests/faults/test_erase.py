"""Erased is gone, also when the process dies while it erases: no byte of what was said is in any file of the data."""

import signal
from pathlib import Path

import pytest

from tests.faults.rig import CHATS, Rig, rigged

NEEDLE = "aiguille dans la botte de foin 8841"
ERASING, STAYING = CHATS[0], CHATS[1]
POINTS = (
    "intake.before_accept", "intake.after_accept", "door.before_confirm", "worker.before_load", "worker.before_commit", "worker.after_commit",
    "sender.before_send", "sender.after_send", "sender.before_settle", "sender.after_settle", "storage.before_commit", "storage.after_commit",
)  # fmt: skip

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]


def files_with(folder: Path, needle: str) -> list[str]:
    """Files below a folder that hold these words, in any encoding we write."""
    forms = (needle.encode(), needle.encode("utf-16-le"), needle.encode("utf-16-be"))
    return [str(path) for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms)]


def rows_of_persons(rig: Rig) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(rig.folder / "data/amana.db")) as con:
        return con.execute("SELECT count(*) FROM people").fetchone()[0]


@pytest.mark.parametrize("point", POINTS)
async def test_erase_that_is_killed_is_carried_out_after_the_restart(tmp_path, point):
    async with rigged(tmp_path, seed=11) as rig:
        child = await rig.start()
        await rig.ready(child)
        for chat in (ERASING, STAYING):
            rig.say(chat, "human")
            rig.double.push(rig.double.text(chat, NEEDLE))  # joins the case: kept, sealed, until it is erased
        await rig.until(lambda: not rig.double.updates, 20)
        assert await child.end(signal.SIGTERM) == 0

        rig.double.push(rig.double.text(ERASING, "/erase"))
        await rig.kill(await rig.start(crash=point), 3.0)
        child = await rig.start()
        await rig.until(lambda: any("is erased" in sent["text"] for sent in rig.double.sent(ERASING)), 20)
        await rig.until(lambda: any(True for _ in rig.double.sent(ERASING, "deleteMessages")), 20)
        assert await child.end(signal.SIGTERM) == 0

    assert rows_of_persons(rig) == len(CHATS) - 1
    assert files_with(tmp_path, NEEDLE) == []
    farewells = [sent for sent in rig.double.sent(ERASING) if "is erased" in sent["text"]]
    assert len(farewells) <= 2
