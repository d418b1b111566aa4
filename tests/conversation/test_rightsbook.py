"""The record of rights: who changed what, written before it happens, read by whom it concerns, gone after a year."""

import pytest

from bot.conversation.staffing.rightsbook import KEPT, RIGHTS
from bot.conversation.staffing.staff import STAFF, LastOperator
from bot.ports import Stale
from tests.world import build_world


@pytest.fixture
async def world():
    return await build_world()


async def told(world, *, of=""):
    return [(one.what, one.whom, one.by, one.before, one.after) for one in reversed(await world.staff.rights.all(of=of))]


async def test_every_right_given_and_taken_is_kept_with_who_did_it_and_nothing_else_is(world):
    chief = await world.staff.add("chief", roles=("operator",))
    amina = await world.staff.add("amina", by=chief, teams=("protection",), mail="amina@example.org")
    await world.staff.change(amina, by=chief, roles=("caseworker", "supervisor"), teams=(), capacity=3)
    await world.staff.change(amina, away_until=9e9, language="ar")
    linked = await world.staff.linked("pseudonym", await world.staff.link_code(amina))
    await world.staff.unlink(linked)
    await world.staff.remove("amina", by=chief)

    assert await told(world, of="amina") == [
        ("added", "amina", "chief", (), ("caseworker",)),
        ("roles", "amina", "chief", ("caseworker",), ("caseworker", "supervisor")),
        ("teams", "amina", "chief", ("protection",), ()),
        ("telegram", "amina", "amina", (), ()),
        ("untied", "amina", "amina", (), ()),
        ("removed", "amina", "chief", ("caseworker", "supervisor"), ()),
    ]
    sealed = b"".join(note.value for note in await world.store.notes(RIGHTS))
    assert not [word for word in (b"amina", b"pseudonym", b"caseworker") if word in sealed]


async def test_a_change_that_did_not_come_about_stands_nowhere_and_one_that_a_crash_cut_off_does(world, monkeypatch):
    chief = await world.staff.add("chief", roles=("operator",))
    with pytest.raises(LastOperator):
        await world.staff.change(chief, roles=("caseworker",))
    assert len(await told(world)) == 1

    put, fails = world.store.put_note, [Stale("meanwhile")]

    async def quicker(space, *args, **more):
        if space == STAFF and fails:
            raise fails.pop()
        return await put(space, *args, **more)

    monkeypatch.setattr(world.store, "put_note", quicker)
    await world.staff.change(chief, roles=("operator", "reporter"))
    assert [one[0] for one in await told(world)] == ["added", "roles"]

    fails.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await world.staff.change(chief, roles=("operator", "publisher"))
    assert [one[4] for one in await told(world)][-1] == ("operator", "publisher")


async def test_a_supervisor_reads_what_is_of_colleagues_of_their_teams_and_after_a_year_nobody_does(world):
    chief = await world.staff.add("chief", roles=("operator",))
    lead = await world.staff.add("lead", roles=("caseworker", "supervisor"), teams=("protection",))
    mover = await world.staff.add("mover", teams=("return-desk",))
    await world.staff.change(mover, by=chief, teams=("protection",))
    await world.staff.change(await world.staff.add("other", teams=("return-desk",)), by=chief, roles=("reporter",))

    assert [(one.what, one.whom) for one in await world.staff.rights.read(lead)] == [
        ("teams", "mover"),
        ("added", "lead"),
        ("added", "chief"),
    ]
    assert len(await world.staff.rights.read(chief)) == 6
    assert await world.staff.rights.read(mover) == []
    world.clock.pass_by(KEPT + 1)
    assert await world.staff.rights.read(chief) == []
