"""Colleagues: who sees whom, who may change whom, and what a link of theirs does."""

import re

import httpx
import pytest

from tests.web.stage import Stage

EVERYTHING = ("caseworker", "supervisor", "operator")


def link_in(page: httpx.Response) -> str:
    found = re.search(r"/signin\?token=(\w+)</textarea>", page.text)
    return found[1] if found else ""


async def as_(stage: Stage, *roles: str, teams: tuple[str, ...] = ()) -> None:
    await stage.me(roles=roles, teams=teams)


async def test_only_supervisors_and_operators_see_the_page(stage: Stage, staff: httpx.AsyncClient) -> None:
    assert (await staff.get("/desk/staff")).status_code == 404
    assert "/desk/staff" not in (await staff.get("/desk/me")).text
    for roles in (("supervisor",), ("operator",)):
        await as_(stage, *roles)
        assert (await staff.get("/desk/staff")).status_code == 200
        assert "/desk/staff" in (await staff.get("/desk/me")).text


async def test_the_table_says_who_is_away_and_when_somebody_was_here(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "operator")
    await stage.staff.add("karim", teams=("safe",), speaks=("ar",))
    page = (await staff.get("/desk/staff")).text
    row = page.partition("karim</span>")[2].partition("</tr>")[0]

    assert stage.says("role.caseworker") in row
    assert stage.says("tongue.ar") in row
    assert stage.says("staff.never") in row
    assert "18/11/2026" in page
    assert stage.says("me.away", time="18/05 04:33") in page


async def test_a_supervisor_sees_who_shares_a_team_and_changes_caseworkers_of_theirs(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "supervisor", teams=("safe",))
    await stage.staff.add("karim", teams=("safe",))
    await stage.staff.add("nadia", teams=("desk",))
    await stage.staff.add("both", teams=("safe", "desk"))
    await stage.staff.add("chief", teams=("safe",), roles=("caseworker", "operator"))
    page = (await staff.get("/desk/staff")).text

    assert "nadia" not in page
    assert all(id_ in page for id_ in ("karim", "both", "chief"))
    assert re.findall(r'href="/desk/staff/(\w+)"', page) == ["karim"]
    for id_ in ("nadia", "both", "chief", "s1", "s2", "nobody"):
        assert (await staff.get(f"/desk/staff/{id_}")).status_code == 404
        for what in ("save", "link", "end", "remove", "away"):
            assert (await staff.post(f"/desk/staff/{id_}/{what}", data={"roles": "caseworker", "teams": "safe"})).status_code == 404
    assert await stage.staff.member("nadia")


async def test_an_invitation_shows_a_link_once_that_sets_a_password(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "supervisor", teams=("safe",))
    made = await staff.post(
        "/desk/staff",
        data={"id": "Amina", "roles": "caseworker", "teams": "safe", "speaks": ["ar", "fr"], "lines": "on-call", "capacity": "7"},
    )
    amina = await stage.staff.member("amina")

    assert (amina.teams, amina.speaks, amina.lines, amina.capacity, amina.roles) == (
        ("safe",),
        ("ar", "fr"),
        ("on-call",),
        7,
        ("caseworker",),
    )
    assert made.headers["cache-control"] == "no-store"
    assert (await stage.door.followed(link_in(made)))[1] == "invite"
    assert link_in(await staff.get("/desk/staff/amina")) == ""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"id": "amina", "roles": "operator", "teams": "safe"}, "rights"),
        ({"id": "amina", "roles": ["caseworker", "reporter"], "teams": "safe"}, "rights"),
        ({"id": "amina", "roles": "caseworker", "teams": "desk"}, "rights"),
        ({"id": "amina", "roles": "caseworker"}, "rights"),
        ({"id": "amina", "teams": "safe"}, "no-role"),
        ({"id": "a mina", "roles": "caseworker", "teams": "safe"}, "id"),
        ({"id": "../x", "roles": "caseworker", "teams": "safe"}, "id"),
        ({"id": "s2", "roles": "caseworker", "teams": "safe"}, "taken"),
    ],
)
async def test_a_supervisor_gives_nothing_that_is_not_theirs(
    stage: Stage, staff: httpx.AsyncClient, data: dict[str, str], why: str
) -> None:
    await as_(stage, "supervisor", teams=("safe",))
    before = len(await stage.staff.list())
    refused = await staff.post("/desk/staff", data=data)

    assert refused.status_code == 422
    assert stage.says(f"staff.no.{why}") in refused.text
    assert len(await stage.staff.list()) == before


async def test_a_supervisor_raises_nobody_by_a_change_either(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "supervisor", teams=("safe",))
    await stage.staff.add("karim", teams=("safe",))
    for data in (
        {"roles": ["caseworker", "supervisor"], "teams": "safe"},
        {"roles": "caseworker", "teams": ["safe", "desk"]},
        {"roles": "caseworker"},
    ):
        assert (await staff.post("/desk/staff/karim/save", data=data)).status_code == 422
    karim = await stage.staff.member("karim")

    assert (karim.roles, karim.teams) == (("caseworker",), ("safe",))


async def test_nobody_raises_themselves_and_the_last_operator_stays(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "operator")
    raised = await staff.post("/desk/staff/s1/save", data={"roles": ["operator", "caseworker"]})
    left = await staff.post("/desk/staff/s1/remove")
    await as_(stage, "operator", "reporter")
    dropped = await staff.post("/desk/staff/s1/save", data={"roles": "reporter"})

    assert stage.says("staff.no.own") in raised.text
    assert stage.says("staff.no.own") in left.text
    assert stage.says("staff.no.last") in dropped.text
    assert (await stage.me()).roles == ("operator", "reporter")


async def test_a_new_link_ends_all_sessions_and_asks_for_a_new_password(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "operator")
    assert await stage.door.who("secret2")
    made = await staff.post("/desk/staff/s2/link")

    assert await stage.door.who("secret2") is None
    assert (await stage.door.followed(link_in(made)))[1] == "invite"
    await stage.door.redeem(link_in(made), password="quatre chats gris")
    again = await staff.post("/desk/staff/s2/link")
    assert (await stage.door.followed(link_in(again)))[1] == "reset"


async def test_a_removed_colleague_is_out_with_the_next_request(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "operator")
    gone = await staff.post("/desk/staff/s2/remove")

    assert gone.headers["location"] == "/desk/staff?said=removed"
    assert await stage.door.who("secret2") is None
    assert await stage.staff.member("s2") is None


async def test_absence_and_sessions_of_a_colleague(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "operator")
    assert (await staff.post("/desk/staff/s2/away", data={"until": "nonsense"})).status_code == 422
    await staff.post("/desk/staff/s2/away", data={"until": "2027-01-31"})
    assert (await stage.staff.member("s2")).away_until
    await staff.post("/desk/staff/s2/back")
    assert (await stage.staff.member("s2")).away_until == 0
    await staff.post("/desk/staff/s2/end")
    assert await stage.door.who("secret2") is None


async def test_what_a_colleague_is_called_is_data_on_the_page(stage: Stage, staff: httpx.AsyncClient) -> None:
    await as_(stage, "operator")
    page = await staff.post("/desk/staff", data={"id": '"><script>x</script>', "roles": "caseworker", "mail": "x"})

    assert page.status_code == 422
    assert "<script>x" not in page.text


@pytest.mark.parametrize(
    ("roles", "where"), [(("operator",), "/desk/staff"), (("reporter",), "/desk/me"), (("publisher", "flow-admin"), "/desk/me")]
)
async def test_who_reads_no_case_is_led_to_what_they_may_see(
    stage: Stage, staff: httpx.AsyncClient, roles: tuple[str, ...], where: str
) -> None:
    await as_(stage, *roles)
    for path in ("/desk", "/desk/K7-42X"):
        page = await staff.get(path)
        assert (page.status_code, page.headers["location"]) == (303, where)
    for path in ("/desk/rows", "/desk/K7-42X/part", "/desk/K7-42X/older", "/desk/events"):
        assert (await staff.get(path)).status_code in (401, 403, 404), path
    for verb in ("claim", "answer", "note", "close", "transfer"):
        refused = await staff.post(f"/desk/K7-42X/{verb}", data={"text": "Bonjour", "action": "a"})
        assert refused.headers.get("location") == where
    assert (await staff.get(where)).status_code == 200


async def test_the_record_says_in_words_who_changed_what_and_the_door_writes_in_it_too(stage: Stage, staff: httpx.AsyncClient) -> None:
    assert (await staff.get("/desk/staff-record")).status_code == 404
    await as_(stage, "operator")
    made = await staff.post("/desk/staff", data={"id": "karim", "roles": "caseworker", "teams": "safe"})
    await stage.door.redeem(link_in(made), password="quatre chats gris")
    await staff.post("/desk/staff/karim/save", data={"roles": ["caseworker", "supervisor"]})
    await staff.post("/desk/staff/karim/end")
    await staff.post("/desk/staff/karim/link")
    await staff.post("/desk/staff/karim/remove")
    await staff.post("/desk/me/end-others")
    page = (await staff.get("/desk/staff-record?of=karim")).text
    rows = [re.sub(r"<[^>]*>", " ", row) for row in page.partition("<tbody>")[2].split("</tr>")]

    says = [
        ("record.removed", {}), ("record.link.reset", {}), ("record.ended.all", {}), ("record.ended.all", {}),
        ("record.teams", {"before": "L’équipe de protection", "after": stage.says("me.all-teams")}),
        ("record.roles", {"before": stage.says("role.caseworker"), "after": f"{stage.says('role.caseworker')}, {stage.says('role.supervisor')}"}),
        ("record.password", {}), ("record.link.invite", {}), ("record.added", {"after": stage.says("role.caseworker"), "teams": "L’équipe de protection"}),
    ]  # fmt: skip
    assert len(rows) == len(says) + 1
    for row, (text, values) in zip(rows, says, strict=False):
        assert stage.says(text, **values) in row
        assert (stage.says("record.own") if text == "record.password" else "Arganier") in row
    whole = (await staff.get("/desk/staff-record")).text
    assert stage.says("record.ended.others") in whole
    assert stage.says("record.server") in whole
