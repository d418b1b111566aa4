"""Who is there: teams of which nobody is at the desk, and what people are told then."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.staffing.attendance import OPEN_LASTS, AtDesk, Attendance
from tests.conversation.test_service import to_case
from tests.fakes import FakeClock
from tests.world import build_world

NINE = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Africa/Algiers")).timestamp()


async def here(grouped=True):
    world = await build_world(clock=FakeClock(NINE), grouped=grouped)
    world.attendance = Attendance(staff=world.staff, library=world.library, clock=world.clock, grouped=lambda _: grouped)
    world.worker._turns._attendance = world.attendance
    return world


async def told(world, who="7"):
    """What a person hears who asks for the team now."""
    await world.attendance.look()
    code = await to_case(world, who)
    return (await world.store.case(code)).index, [message.text for message in world.heard(who) if message.id == "person.desk"][-1]


async def test_a_team_with_somebody_there_promises_as_its_hours_say():
    world = await here()
    await world.member("amina", teams=("protection",))
    await world.member("brahim", teams=("protection",), away_until=NINE + 3600)

    _, said = await told(world)
    assert "L’équipe est prévenue" in said
    assert world.attendance.away == {}


async def test_a_team_of_which_all_are_away_tells_when_the_first_is_back():
    world = await here()
    await world.member("amina", teams=("protection",), away_until=NINE + 86400)
    await world.member("brahim", teams=("protection",), away_until=NINE + 2 * 86400)
    await world.member("salma", teams=("return-desk",))

    _, said = await told(world)
    assert "mardi 24/11" in said.replace("\u2066", "").replace("\u2069", "").replace("\u2068", "")


@pytest.mark.parametrize(("grouped", "nobody"), [(True, False), (False, True)])
async def test_without_any_account_only_a_group_can_be_reading(grouped, nobody):
    world = await here(grouped)

    index, said = await told(world)
    assert index.state == "waiting"  # kept all the same
    assert ("Personne de l’équipe n’est là maintenant" in said) is nobody


async def test_a_supervisor_or_somebody_of_all_teams_counts_and_an_operator_does_not():
    world = await here(grouped=False)
    await world.member("op", roles=("operator",))
    await world.attendance.look()
    assert "protection" in world.attendance.away

    await world.member("boss", roles=("supervisor",))
    await world.attendance.look()
    assert world.attendance.away == {}


async def test_who_comes_back_is_there_without_a_word_to_anybody():
    world = await here(grouped=False)
    amina = await world.member("amina", teams=("protection",), away_until=NINE + 86400)
    _, _ = await told(world)
    said = len(world.heard())
    await world.staff.change(amina, away_until=0.0)
    await world.attendance.look()
    await world.settle()

    assert len(world.heard()) == said  # nothing was promised, and nobody begins to write
    _, now = await told(world, "8")
    assert "L’équipe est prévenue" in now


async def test_a_damaged_account_hides_no_other():
    world = await here(grouped=False)
    await world.member("amina", teams=("protection",))
    await world.store.put_note("staff", "broken", b"damaged")
    await world.attendance.look()

    assert [member.id for member in await world.staff.list()] == ["amina"]
    assert "protection" not in world.attendance.away


def test_a_desk_counts_as_open_for_some_seconds_and_other_processes_hear_of_it():
    clock, rung = FakeClock(NINE), []
    desks, others = AtDesk(clock, rung.append), AtDesk(clock)
    desks.seen("Cèdre")
    others.heard("Olivier")

    assert (desks.names(), others.names()) == ({"Cèdre"}, {"Olivier"})
    assert rung == ["here Cèdre"]
    clock.pass_by(OPEN_LASTS + 1)
    assert desks.names() == frozenset()
