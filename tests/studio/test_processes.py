"""Drafts and publishes by several real processes on real stores, and by processes that are killed."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap.system import SystemClock
from bot.storage.sqlite.store import SqliteStore
from tests.checks.bundles import TRY as FLOW
from tests.checks.bundles import clean
from tests.redis_rig import Server
from tests.studio.author import SALUT, store_at
from tests.studio.shop import TRY, Shop, shop

ROOT = Path(__file__).parents[2]
PLACES = (
    "studio.after_text", "studio.before_draft:2", "studio.after_draft:2", "studio.after_draft:4", "studio.after_draft:5",
    "library.before_head", "library.after_head", "studio.before_draft:6", "studio.after_draft:6",
)  # fmt: skip
_redis: list[Server] = []


@pytest.fixture(params=["redis", "sqlite"])
async def where(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty store: a file, or the socket of a server."""
    if request.param == "sqlite":
        owner = SqliteStore(tmp_path / "amana.db", clock=SystemClock())
        await owner.open()
        yield str(tmp_path / "amana.db")
        await owner.close()
        return
    if not _redis:
        _redis.append(Server.start())
    _redis[0].empty()
    yield _redis[0].socket


@pytest.fixture
async def made(where: str) -> AsyncIterator[Shop]:
    """A workshop of this process beside the others, with the small service in force."""
    store: Any = store_at(where)
    await store.open()
    clock: Any = SystemClock()
    yield await shop(clean(**{"try": FLOW + "# 1 ---\n# 2 ---\n"}), store=store, clock=clock)
    await store.close()


def author(where: str, *words: str, crash: str = "") -> "subprocess.Popen[str]":
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "AMANA_TEST_CRASH": crash}
    line = [sys.executable, str(ROOT / "tests/studio/author.py"), where, *words]
    return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)


async def test_two_processes_write_one_file_of_one_draft(where: str, made: Shop) -> None:
    head = await made.begin()
    writers = [author(where, "live", head.id, name, line, "40") for name, line in (("amina", "1"), ("karim", "2"))]

    assert [writer.communicate()[0] for writer in writers] == ["done\n", "done\n"]
    assert (await made.workshop.bundle(head.id))[TRY] == FLOW + "# 1 amina.39\n# 2 karim.39\n"
    assert set((await made.workshop.head(head.id)).authors) == {"amina", "karim"}


async def test_two_processes_publish_at_once(where: str, made: Shop) -> None:
    one = await made.to_approved(SALUT)
    two = await made.to_approved(FLOW.replace("title: Try", "title: Test"))
    publishers = [author(where, "publish", draft) for draft in (one.id, one.id, two.id)]
    for publisher in publishers:
        assert publisher.stdout is not None
        assert publisher.stdout.readline() == "ready\n"
    for publisher in publishers:
        assert publisher.stdin is not None
        publisher.stdin.write("\n")
        publisher.stdin.flush()
    first, again, second = [publisher.communicate()[0].strip() for publisher in publishers]

    force = await made.library.look()
    assert force is not None
    assert len(force.deeds) == 2
    assert first == again
    assert {first, second} == {force.revision, "behind"}


@pytest.mark.kill
@pytest.mark.parametrize("place", PLACES)
async def test_a_process_killed_anywhere_leaves_draft_and_live_whole_and_another_goes_on(where: str, place: str) -> None:
    store: Any = store_at(where)
    await store.open()
    clock: Any = SystemClock()
    made = await shop(store=store, clock=clock)
    killed = author(where, "all", crash=place)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL

    force = await made.library.look()
    assert force is not None
    old, new = clean(), clean(**{"try": SALUT}).with_file("flows/tests/a.chat", "flow: try\n> (starts)\n< try.hello\n")
    assert await made.library.bundle(force.revision) == (new if place == "library.after_head" or place.endswith(":6") else old)
    for head in await made.workshop.drafts():
        assert await made.workshop.bundle(head.id) in (old, clean(**{"try": SALUT}), new)
        assert (head.state in ("asked", "approved")) <= (head.revision == new.revision)

    after = author(where, "all")
    assert after.communicate()[0] == f"{new.revision}\n"
    force = await made.library.look()
    assert force is not None
    assert [deed.revision for deed in force.deeds] == [old.revision, new.revision]
    assert await made.workshop.drafts() == []
    await store.close()
