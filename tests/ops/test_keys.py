"""Keys and stores belong together: nothing starts with the wrong ones, and nothing is made before that is known."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from bot.bootstrap.build import build_house
from bot.bootstrap.house import House
from bot.bootstrap.unlock import opened
from bot.conversation.keeping.masters import KEYS, SAY_AGAIN
from bot.ports import Commit
from bot.storage.files import KeysRefused
from tests.faults.flows import BUNDLE
from tests.faults.houses import KINDS, keep_for
from tests.ops.houses import settings

AMAL = b"A" * 16


@asynccontextmanager
async def at(folder: Path, *, keys: str = "keys", store: str = "", guest: bool = False) -> AsyncIterator[House]:
    """A process with nothing running in it."""
    given = {"store": store} if store else {}
    house = build_house(settings(folder, keys=folder / keys, **given), guest=guest)
    await opened(house)
    try:
        yield house
    finally:
        await house.close()
        await house.store.close()


async def used(folder: Path) -> None:
    """A store in which something is in force."""
    async with at(folder) as house:
        await house.library.publish(BUNDLE, by="test", why="first")


async def refused(folder: Path, keys: str = "keys") -> str:
    with pytest.raises(KeysRefused) as wrong:
        async with at(folder, keys=keys):
            pass
    return str(wrong.value)


async def wrapped(house: House, person: bytes = AMAL) -> tuple[tuple[str, bytes], ...]:
    """Somebody new is kept."""
    keys = house.vault.new_person_keys(person.hex())
    await house.store.commit(Commit(person=person, version=0, event="first", taken=None, wraps=keys.wraps))
    return keys.wraps


async def test_a_store_that_holds_something_makes_no_keys(tmp_path):
    await used(tmp_path)

    assert "There is no key folder" in await refused(tmp_path, "elsewhere/keys")
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "empty").mkdir(mode=0o700)
    assert "is empty" in await refused(tmp_path, "empty")
    assert list((tmp_path / "empty").iterdir()) == []


async def test_keys_of_another_store_are_refused_and_stay_as_they_are(tmp_path):
    await used(tmp_path)
    (tmp_path / "other").mkdir()
    await used(tmp_path / "other")
    before = sorted((tmp_path / "other" / "keys").iterdir())

    assert "another store" in await refused(tmp_path, "other/keys")
    assert sorted((tmp_path / "other" / "keys").iterdir()) == before


async def test_a_folder_without_its_master_gets_no_new_one(tmp_path):
    await used(tmp_path)
    for master in (tmp_path / "keys").glob("master-*"):
        master.unlink()

    assert "no master key" in await refused(tmp_path)
    assert not list((tmp_path / "keys").glob("master-*"))


async def test_a_copy_of_the_keys_from_before_the_newest_master_is_refused_by_name(tmp_path):
    await used(tmp_path)
    copytree(tmp_path / "keys", tmp_path / "copy")
    async with at(tmp_path) as house:
        house.keys.add_master(house.clock.now())
        await house.masters.look()
        newest = house.vault.masters[0]
    rmtree(tmp_path / "keys")
    (tmp_path / "copy").rename(tmp_path / "keys")

    assert f"lacks master-{newest}.key" in await refused(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_master_is_used_without_a_restart(tmp_path, kind):
    keep = keep_for(kind, tmp_path)
    await keep.start()
    try:
        async with at(tmp_path, store=keep.url) as house:
            await house.masters.look()
            old = house.vault.under(await wrapped(house))
            house.keys.add_master(house.clock.now())
            async with at(tmp_path, store=keep.url, guest=True) as beside:  # it has both: what it makes the other one opens at once
                made = beside.vault.new_person_keys("00")
            assert house.vault.person_keys("00", made.wraps).key == made.key
            await house.masters.look()
            new = house.vault.under(await wrapped(house, b"B" * 16))
            uses = await house.masters.uses()
        async with at(tmp_path, store=keep.url) as again:
            left = await again.masters.uses()

    finally:
        await keep.stop()
    assert (old, new) == (house.vault.masters[1], house.vault.masters[0])
    assert [use.newest for use in uses.values()] == [new]
    assert left == {}


async def test_a_master_whose_file_was_lost_still_opens_and_wraps_nothing_more(tmp_path):
    async with at(tmp_path) as house:
        lost = house.keys.add_master(house.clock.now()).newest
        await house.masters.look()
        wraps = await wrapped(house)
        (tmp_path / "keys" / f"master-{lost}.key").unlink()
        await house.masters.look()

        assert house.vault.person_keys(AMAL.hex(), wraps).life
        assert house.vault.under(wraps) == lost
        assert house.vault.masters[0] != lost


async def test_a_master_that_was_dropped_is_forgotten(tmp_path, monkeypatch):
    async with at(tmp_path) as house:
        old = house.vault.masters[0]
        house.keys.add_master(house.clock.now())
        await house.masters.look()
        await house.masters.drop(old)
        house.keys.drop_master(old)
        steady = house.clock.steady()
        monkeypatch.setattr(house.clock, "steady", lambda: steady + SAY_AGAIN + 1)
        await house.masters.look()

        assert old not in house.vault.masters
        assert len(house.vault.masters) == 1


async def test_a_folder_that_cannot_be_read_stops_nobody_and_is_said(tmp_path):
    async with at(tmp_path) as house:
        (tmp_path / "keys").rename(tmp_path / "away")
        await house.masters.look()

        assert "cannot be read" in house.keys.trouble
        assert house.vault.person_keys(AMAL.hex(), await wrapped(house)).life
        (tmp_path / "away").rename(tmp_path / "keys")
        await house.masters.look()
        assert house.keys.trouble == ""


async def test_the_list_of_masters_is_sealed(tmp_path):
    async with at(tmp_path) as house:
        note = await house.store.note(KEYS, "needed")
    assert note is not None
    assert house.vault.masters[0].encode() not in note.value
