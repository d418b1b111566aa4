"""Who is proposed which case, and who could take one."""

from typing import Any

import pytest
from msgspec import structs

from bot.conversation.cases.routing import next_case, who_could
from bot.conversation.cases.rows import Face
from bot.conversation.cases.view import QueueView
from bot.conversation.staffing.staff import StaffMember
from tests.conversation.test_view import MONDAY, index, view_of

NOON = MONDAY + 4 * 3600.0
AMINA = StaffMember("s1", "Arganier", speaks=("fr",), countries=("MA",), capacity=2)


async def queue(*cases: Any, **faces: Face) -> QueueView:
    view = await view_of(*cases, now=NOON)
    for code, face in faces.items():
        view._faces[code] = 0, face
    view._ordered = -9.0
    return view


def mine(n: int) -> list[Any]:
    return [index(state="claimed", claimant="Arganier", code=f"MINE{each}", language="fr") for each in range(n)]


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([], None),
        ([index(language="ar", code="ARABIC")], None),
        ([index(language="fr", code="FRENCH", since=NOON - 60), index(language="ar", code="ARABIC", since=NOON - 600)], "FRENCH"),
        ([index(language="fr", code="OTHERS", state="claimed", claimant="Cèdre", asked=NOON - 600)], None),
        ([index(language="fr", code="FULL", since=NOON - 60), *mine(2)], None),
        ([index(language="fr", code="DANGER", urgency="now", since=NOON - 60), *mine(2)], "DANGER"),
        ([index(language="fr", code="ROOM", since=NOON - 60), *mine(1)], "ROOM"),
    ],
    ids=["empty", "not spoken", "spoken", "taken", "full", "full but danger", "room"],
)
async def test_a_caseworker_is_proposed_what_they_can_answer_and_have_room_for(cases, expected):
    found = next_case(await queue(*cases), AMINA, NOON)

    assert (found.index.code if found else None) == expected


async def test_who_is_away_is_proposed_nothing_but_danger():
    view = await queue(index(language="fr", code="CALM"))

    assert next_case(view, structs.replace(AMINA, away_until=NOON + 60), NOON) is None


async def test_before_a_promise_is_broken_the_own_country_and_the_need_at_hand_go_first():
    cases = [index(language="fr", since=NOON - ago, code=code) for code, ago in (("FAR", 600), ("NEAR", 300), ("ALIKE", 120))]
    faces = {"FAR": Face("work", "DZ"), "NEAR": Face("return", "MA"), "ALIKE": Face("work", "MA"), "MINE0": Face("work", "MA")}
    view = await queue(*cases, *mine(1), **faces)

    assert next_case(view, AMINA, NOON).index.code == "ALIKE"


async def test_a_broken_promise_goes_before_everything_but_danger():
    cases = [index(language="fr", since=NOON - ago, code=code) for code, ago in (("LATE", 3000), ("NEAR", 300))]
    view = await queue(*cases, LATE=Face("", "DZ"), NEAR=Face("", "MA"))

    assert next_case(view, AMINA, NOON).index.code == "LATE"


async def test_colleagues_who_could_take_a_case_stand_with_the_best_first():
    view = await queue(index(language="fr", code="CASE"), CASE=Face("", "MA"))
    crew = [
        AMINA,
        StaffMember("s2", "Cèdre"),
        StaffMember("s3", "Thuya", speaks=("ar",)),
        StaffMember("s4", "Olivier", speaks=("fr",), away_until=NOON + 60),
        StaffMember("s5", "Figuier", teams=("return-desk",)),
        StaffMember("s6", "Amandier", roles=("reporter",)),
        StaffMember("s7", "Palmier", countries=("DZ",)),
        StaffMember("s8", "Chêne", capacity=1),
    ]
    found = who_could(view.seen("CASE"), crew, {"Chêne": 1, "Cèdre": 3}, NOON)

    assert [one.name for one in found] == ["Arganier", "Cèdre", "Palmier", "Chêne"]
