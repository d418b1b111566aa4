"""`amana keys`: a new master, and an old one that goes only when nothing needs it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.bootstrap.build import build_house
from bot.bootstrap.house import House
from bot.bootstrap.unlock import opened
from bot.cli import masterkeys
from bot.cli.app import app
from bot.ports import CaseIndex, CaseWrite, Commit, OutRow
from bot.storage.files import KeyFolder, KeysRefused
from tests.faults.flows import BUNDLE
from tests.ops.houses import settings

AMAL, BILAL = b"A" * 16, b"B" * 16


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two people, a case and a farewell, that a server served until now."""
    monkeypatch.setenv("AMANA_STORE", f"sqlite:///{tmp_path}/data/amana.db")
    monkeypatch.setenv("AMANA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setattr(masterkeys, "SETTLED", 0.0)

    async def filled(house: House) -> None:
        await house.library.publish(BUNDLE, by="test", why="first")
        index = CaseIndex(code="K7-42X", team="desk", urgency="normal", state="waiting", since=1.0, language="fr")
        for person in (AMAL, BILAL):
            mine, cases = house.vault.new_person_keys(person.hex()), house.vault.new_case_keys("K7-42X")
            case = CaseWrite(index=index, wraps=cases.wraps, sealed=b"s", version=0) if person == AMAL else None
            await house.store.commit(Commit(person=person, version=0, event="first", taken=None, wraps=mine.wraps, case=case))

    serving(tmp_path, filled)
    return tmp_path


def serving(folder: Path, work: Callable[[House], Awaitable[None]]) -> None:
    """Do this as the server that owns the store."""

    async def lives() -> None:
        house = build_house(settings(folder))
        await opened(house)
        try:
            await house.masters.look()
            await work(house)
        finally:
            await house.store.close()

    asyncio.run(lives())


async def wraps_again(house: House) -> None:
    await house.rewrapping.look(house.stopping)


def amana(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["keys", *words])
    if isinstance(result.exception, KeysRefused):  # as `main` says it
        return 1, str(result.exception)
    return result.exit_code, result.output


def masters(folder: Path) -> list[str]:
    return [name for name, _ in KeyFolder(folder / "keys").load().masters]


def test_a_master_is_rotated_rewrapped_and_dropped(place):
    (old,) = masters(place)
    code, said = amana("rotate")
    new, again = masters(place)

    assert (code, again) == (0, old)
    assert f"New master key: {new}" in said
    code, said = amana()
    assert code == 0
    assert f"* {new}" in said
    assert "2 people, 1 case" in next(line for line in said.splitlines() if old in line)
    assert " 0 %" in said
    keys = [path.read_text().strip() for path in (place / "keys").iterdir()]
    assert not [key for key in keys if key in said]

    serving(place, wraps_again)
    assert f"Nothing is under {old} any more" in amana()[1]
    code, said = amana("drop", old[:15], "--yes")
    assert (code, masters(place)) == (0, [new])
    assert f"Delete master-{old}.key from every copy" in said
    assert list((place / "keys").glob(f"*{old}*")) == []

    async def opens(house: House) -> None:
        for person in (AMAL, BILAL):
            assert house.vault.person_keys(person.hex(), (await house.store.load(person)).wraps).life
        case = await house.store.case("K7-42X")
        assert case is not None
        assert house.vault.case_keys("K7-42X", case.wraps).life

    serving(place, opens)


@pytest.mark.parametrize("begins", ["", "9999"])
def test_a_master_that_there_is_not_is_not_dropped(place, begins):
    assert amana("drop", begins, "--yes")[0] == 1


def test_the_newest_master_is_never_dropped(place):
    (only,) = masters(place)

    code, said = amana("drop", only, "--yes")
    assert code == 1
    assert "amana keys rotate" in said
    assert masters(place) == [only]


def test_what_is_still_under_a_master_keeps_it_and_is_counted(place):
    (old,) = masters(place)
    amana("rotate")
    serving(place, lambda house: asyncio.sleep(0))

    code, said = amana("drop", old, "--yes")
    assert code == 1
    assert f"2 people, 1 case still under {old}" in said
    assert old in masters(place)


def test_a_farewell_keeps_its_master_until_it_is_said(place):
    (old,) = masters(place)

    async def erases(house: House) -> None:
        keys = house.vault.new_person_keys(BILAL.hex())
        row = OutRow(id="bye", sealed=b"x", due=1.0)
        await house.store.commit(
            Commit(person=BILAL, version=1, event="e", taken=None, erase=True, outbox=(row,), farewell_wraps=keys.wraps)
        )

    serving(place, erases)
    amana("rotate")
    serving(place, wraps_again)

    code, said = amana("drop", old, "--yes")
    assert code == 1
    assert f"1 farewell still under {old}" in said
    assert "within the hour" in said


def test_a_process_that_has_not_seen_the_newest_master_keeps_the_old_one(place):
    (old,) = masters(place)

    async def is_behind(house: House) -> None:
        KeyFolder(place / "keys").add_master(house.clock.now())
        await house.rewrapping.look(house.stopping)

    serving(place, is_behind)
    code, said = amana("drop", old, "--yes")

    assert code == 1
    assert "server has not seen the newest master key" in said
    assert "has not seen the newest one yet" in amana()[1]


def test_a_process_that_began_to_use_it_a_moment_ago_keeps_the_old_one(place, monkeypatch):
    (old,) = masters(place)
    amana("rotate")
    serving(place, wraps_again)
    monkeypatch.setattr(masterkeys, "SETTLED", 900.0)

    code, said = amana("drop", old, "--yes")
    assert code == 1
    assert "for a moment only. Try again in" in said


def test_without_anybody_to_ask_nothing_is_dropped(place):
    (old,) = masters(place)
    amana("rotate")
    serving(place, wraps_again)

    assert amana("drop", old)[0] == 2
    assert old in masters(place)


def test_a_drop_that_died_halfway_is_done_again(place):
    (old,) = masters(place)
    amana("rotate")
    serving(place, wraps_again)
    serving(place, lambda house: house.masters.drop(old))  # the name is off the list, the file is still there

    assert f"  {old}" in amana()[1]
    assert amana("drop", old, "--yes")[0] == 0
    assert old not in masters(place)


def test_a_missing_master_is_named_and_counted_and_keeps_commands_from_making_things_worse(place):
    (old,) = masters(place)
    amana("rotate")
    serving(place, lambda house: asyncio.sleep(0))
    (place / "keys" / f"master-{old}.key").unlink()

    code, said = amana()
    assert code == 0
    assert f"! {old}  its file is missing" in said
    assert "! under no key of this folder: 2 people, 1 case" in said
    code, said = amana("drop", old, "--yes")
    assert code == 1
    assert "2 people, 1 case still under" in said
    assert f"lacks master-{old}.key" in amana("rotate")[1]
    assert len(masters(place)) == 1


def test_doctor_says_how_old_the_newest_is_and_what_is_behind(place):
    amana("rotate")
    said = CliRunner().invoke(app, ["doctor"]).output

    assert "the newest is 0 days old; 2 people, 1 case still under older ones" in " ".join(said.split())
