"""Accounts: what is kept of a colleague, who is there, and who may do what."""

import msgspec
import pytest

from bot.conversation.staffing.rights import ROLES, may, may_give, may_manage
from bot.conversation.staffing.staff import FRESH, STAFF, StaffMember
from tests.world import build_world


@pytest.fixture
async def world():
    return await build_world()


@pytest.mark.parametrize(
    ("role", "roles"),
    [("caseworker", ("caseworker",)), ("supervisor", ("caseworker", "supervisor")), ("operator", ("caseworker", "operator"))],
)
async def test_an_account_of_an_earlier_version_still_opens_and_may_still_answer(world, role, roles):
    kept = msgspec.json.encode({"id": "amina", "name": "Thuya", "language": "ar", "teams": ["protection"], "role": role})
    await world.store.put_note(STAFF, "amina", world.vault.seal_note(STAFF, "amina", kept))

    member = await world.staff.member("amina")
    assert (member.name, member.language, member.teams, member.roles) == ("Thuya", "ar", ("protection",), roles)
    assert may(member, "answer")


async def test_what_is_changed_once_no_longer_names_the_one_role(world):
    kept = msgspec.json.encode({"id": "amina", "name": "Thuya", "role": "supervisor"})
    await world.store.put_note(STAFF, "amina", world.vault.seal_note(STAFF, "amina", kept))
    await world.staff.change(await world.staff.member("amina"), roles=("caseworker",))

    assert (await world.staff.member("amina")).roles == ("caseworker",)


async def test_an_account_added_again_keeps_its_tree_and_what_is_not_given(world):
    first = await world.staff.add("amina", speaks=("ar",), mail="a@example.org")
    again = await world.staff.add("amina", language="ar", roles=("supervisor",))

    assert (again.name, again.speaks, again.mail, again.roles) == (first.name, ("ar",), "a@example.org", ("supervisor",))


# ── who is there ──
async def test_somebody_is_there_unless_all_who_could_answer_are_away(world):
    now = world.clock.now()
    amina = await world.staff.add("amina", teams=("protection",))
    await world.staff.add("karim", teams=("return-desk",))
    await world.staff.add("nadia", roles=("operator",))
    assert await world.staff.present("protection", now)

    await world.staff.change(amina, away_until=now + 60)
    assert not await world.staff.present("protection", now)
    assert await world.staff.present("return-desk", now)
    assert await world.staff.present("protection", now + 60)


async def test_where_nobody_has_an_account_nobody_is_known_to_be_away(world):
    assert await world.staff.present("protection", world.clock.now())


async def test_a_line_is_who_stands_on_it_and_is_not_away(world):
    await world.staff.add("amina", lines=("second-line",))
    karim = await world.staff.add("karim", lines=("second-line", "on-call"))
    await world.staff.change(karim, away_until=world.clock.now() + 60)

    assert [one.id for one in await world.staff.on_line("second-line")] == ["amina"]
    assert not await world.staff.on_line("on-call")


async def test_what_another_process_changed_is_known_after_five_seconds(world):
    amina = await world.staff.add("amina")
    assert await world.staff.all()
    elsewhere = await build_world(store=world.store, clock=world.clock)
    await elsewhere.staff.change(amina, capacity=3)
    world.clock.pass_by(FRESH)

    assert [one.capacity for one in await world.staff.all()] == [3]


# ── who may do what ──
def test_roles_add_up_and_who_runs_the_service_reads_no_case_by_that():
    def one(*roles):
        return type("One", (), {"roles": roles})()

    assert may(one("caseworker"), "answer")
    assert not may(one("caseworker"), "reassign")
    assert may(one("caseworker", "operator"), "open-case")
    assert not may(one("operator"), "open-case")
    assert not may(one("reporter"), "see-queue")
    assert all(may(one(*ROLES), act) for act in ("reassign", "publish", "all-staff"))


@pytest.mark.parametrize(
    ("manager", "other", "can"),
    [
        (("operator",), ("supervisor",), True), (("supervisor",), ("caseworker",), True), (("supervisor",), ("supervisor",), False),
        (("supervisor",), ("caseworker", "reporter"), False), (("caseworker",), ("caseworker",), False),
    ],
)  # fmt: skip
def test_a_supervisor_manages_caseworkers_and_an_operator_everybody(manager, other, can):
    assert may_manage(StaffMember("m", "A", roles=manager), StaffMember("o", "B", roles=other)) is can


@pytest.mark.parametrize(("teams", "can"), [(("safe",), True), (("safe", "desk"), False), (("desk",), False), ((), False)])
def test_a_supervisor_manages_only_who_is_wholly_in_their_teams(teams, can):
    supervisor = StaffMember("m", "A", teams=("safe",), roles=("supervisor",))

    assert may_manage(supervisor, StaffMember("o", "B", teams=teams)) is can
    assert may_give(supervisor, None, ("caseworker",), teams) is can


def test_nobody_gives_themselves_more():
    operator = StaffMember("m", "A", teams=("safe",), roles=("caseworker", "operator"))

    assert may_give(operator, operator, ("operator",), ("safe",))
    assert not may_give(operator, operator, ("operator", "publisher"), ("safe",))
    assert not may_give(operator, operator, ("operator",), ())
    assert may_give(operator, StaffMember("o", "B"), ROLES, ())
    supervisor = StaffMember("s", "C", roles=("supervisor",))
    assert not may_give(supervisor, supervisor, ("supervisor",), ())
    assert not may_give(supervisor, None, ("supervisor",), ())


# ── the Telegram account ──
async def test_a_code_links_the_account_that_sends_it_once_and_for_ten_minutes(world):
    amina = await world.staff.add("amina")
    code = await world.staff.link_code(amina)
    linked = await world.staff.linked("ab12", f" {code.lower()} ")

    assert (linked.id, linked.telegram) == ("amina", "ab12")
    assert (await world.staff.by_telegram("ab12")).name == amina.name
    assert await world.staff.linked("cd34", code) is None
    late = await world.staff.link_code(amina)
    world.clock.pass_by(601)
    assert await world.staff.linked("cd34", late) is None


async def test_a_telegram_account_is_one_colleagues_and_a_colleague_has_one(world):
    amina, karim = await world.staff.add("amina"), await world.staff.add("karim")
    await world.staff.linked("ab12", await world.staff.link_code(amina))
    await world.staff.linked("ab12", await world.staff.link_code(karim))
    assert (await world.staff.by_telegram("ab12")).id == "karim"
    assert (await world.staff.member("amina")).telegram == ""

    await world.staff.linked("cd34", await world.staff.link_code(await world.staff.member("karim")))
    assert await world.staff.by_telegram("ab12") is None
    await world.staff.unlink(await world.staff.member("karim"))
    assert await world.staff.by_telegram("cd34") is None


async def test_who_is_not_linked_answers_in_the_group_only_where_the_group_is_trusted(world):
    await world.staff.linked("ab12", await world.staff.link_code(await world.staff.add("amina")))

    assert (await world.staff.in_group("ab12", trusted=False, language="fr")).id == "amina"
    assert await world.staff.in_group("cd34", trusted=False, language="fr") is None
    made = await world.staff.in_group("cd34", trusted=True, language="fr")
    assert made.id == "tg-cd34"
    assert await world.staff.in_group("cd34", trusted=True, language="fr") == made


async def test_a_removed_account_answers_no_more_from_telegram(world):
    await world.staff.linked("ab12", await world.staff.link_code(await world.staff.add("amina")))
    await world.staff.remove("amina")

    assert await world.staff.by_telegram("ab12") is None


async def test_nobody_gets_the_tree_of_an_account_that_was_taken_away(world):
    first = await world.staff.add("first")
    await world.staff.remove("first")

    again = await world.staff.add("first")
    other = await world.staff.add("other")

    assert len({first.name, again.name, other.name}) == 3
