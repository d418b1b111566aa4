"""A log of the file store that was cut off at any place, as a copy made in the middle of a write is: it opens, it is whole, and it serves."""

import shutil
import signal
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from tests.faults.rig import rigged
from tests.faults.sizes import CUTS, marks

STEP = 512

pytestmark = marks()


def moved(index: Path) -> int:
    """Bytes of the log that may be in the file already, by its index (sqlite.org/walformat.html). They were on disk before: none is cut."""
    (pages,) = struct.unpack_from("=I", index.read_bytes(), 128)
    return 32 + pages * (24 + 4096) if pages else 0


async def test_a_service_killed_and_its_log_cut_anywhere_opens_whole_up_to_the_cut(tmp_path):
    """F7."""
    copy = tmp_path / "copy" / "amana.db"
    copy.parent.mkdir()
    kept = []
    async with rigged(tmp_path / "rig", seed=40) as rig:
        rig.burst(90)
        child = await rig.start(webhook=True)  # each update is a write of its own; too few to move the log
        await rig.until(lambda: rig.answered > 60, 20)
        await rig.kill(child, 0.0)
        whole = rig.folder / "data/amana.db"
        body = whole.with_name("amana.db-wal").read_bytes()
        places = range(moved(whole.with_name("amana.db-shm")), len(body) + 1, STEP)
        for n in range(min(CUTS, len(places))):
            shutil.copyfile(whole, copy)
            copy.with_name("amana.db-wal").write_bytes(body[: places[n * (len(places) - 1) // (min(CUTS, len(places)) - 1)]])
            copy.with_name("amana.db-shm").unlink(missing_ok=True)
            with closing(sqlite3.connect(copy)) as con:
                assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                there = con.execute("SELECT count(*) FROM sqlite_master WHERE name = 'seen'").fetchone()[0]
                kept.append(con.execute("SELECT count(*) FROM seen").fetchone()[0] if there else 0)
        shutil.copyfile(whole, copy)
        copy.with_name("amana.db-wal").write_bytes(body)
        with closing(sqlite3.connect(copy)) as con:
            all_of_it = con.execute("SELECT count(*) FROM seen").fetchone()[0]
        verdict = await rig.drain(child := await rig.start(webhook=True))
        assert await child.end(signal.SIGTERM) == 0
    assert kept == sorted(kept)
    assert all_of_it >= 60 // 2
    assert len(set(kept)) > 5
    assert verdict.lost == []
