"""The supervisor's page and the search: who may look, what stands first, what is not shown, and what is given on."""

from typing import Any

import httpx
import pytest

from bot.conversation.cases.view import Seen
from bot.conversation.staffing.staff import StaffMember
from bot.ports import CaseIndex
from bot.web.desk import watch_view
from bot.web.desk.eye import Eye
from bot.web.desk.find import meant
from tests.web.stage import Stage, program


@pytest.fixture
async def chief(stage: Stage, staff: httpx.AsyncClient) -> httpx.AsyncClient:
    await stage.me(roles=("supervisor",))
    return staff


# ── who may look ──
async def test_a_caseworker_has_no_such_page(staff: httpx.AsyncClient) -> None:
    for address in ("/desk/watch", "/desk/watch/part"):
        assert (await staff.get(address)).status_code == 404


async def test_who_is_not_in_is_sent_to_the_door(stage: Stage, web: httpx.AsyncClient) -> None:
    assert (await web.get("/desk/watch")).headers["location"] == "/signin"
    assert (await web.get("/desk/watch/part")).status_code == 401


async def test_an_operator_sees_codes_and_no_way_into_a_case(stage: Stage, staff: httpx.AsyncClient) -> None:
    await stage.me(roles=("operator",))
    page = (await staff.get("/desk/watch")).text

    assert "M3-18K" in page
    assert 'href="/desk/M3-18K"' not in page
    assert "/desk/watch/give" not in page


# ── what is shown ──
async def test_danger_stands_first_and_no_word_of_a_person_anywhere(stage: Stage, chief: httpx.AsyncClient) -> None:
    page = (await chief.get("/desk/watch")).text

    codes = [part[:6] for part in page.split('data-code="')[1:]]
    assert codes[0] == "M3-18K"
    assert "K7-42X" not in codes or codes.index("K7-42X") > 0
    for entries in stage.desk.entries.values():
        assert [entry.text for entry in entries if entry.kind == "person" and entry.text and entry.text in page] == []
    assert stage.says("desk.told.second-line") in page


async def test_the_parts_are_those_of_the_page(chief: httpx.AsyncClient) -> None:
    part = (await chief.get("/desk/watch/part")).text

    assert [name for name in ("strip", "waits", "loads", "times", "hours") if f'id="{name}"' not in part] == []
    assert "<html" not in part


async def test_who_is_away_stands_last_with_when_they_are_back(stage: Stage, chief: httpx.AsyncClient) -> None:
    page = (await chief.get("/desk/watch")).text
    loads = page[page.index('id="loads"') :]

    assert loads.index("Cèdre") < loads.index("Acacia")
    assert "#i-moon" in loads[loads.index("Acacia") :]


# ── giving on ──
async def test_a_case_is_given_to_a_colleague_once(stage: Stage, chief: httpx.AsyncClient) -> None:
    given = await chief.post("/desk/watch/give", data={"code": "B8-31T", "to": "Cèdre", "action": "g1"})

    assert (given.status_code, given.headers["location"]) == (303, "/desk/watch?said=done")
    assert ("B8-31T", "transfer") in [each[:2] for each in stage.desk.done]
    assert stage.says("watch.said.done") in (await chief.get("/desk/watch?said=done")).text


@pytest.mark.parametrize("form", [{"code": "D2-55F", "to": "Cèdre"}, {"code": "B8-31T"}])
async def test_what_cannot_be_given_is_said_and_nothing_is_done(stage: Stage, chief: httpx.AsyncClient, form: dict[str, str]) -> None:
    refused = await chief.post("/desk/watch/give", data={**form, "action": "g1"})

    assert refused.status_code == 409
    assert stage.says("watch.said.failed") in refused.text
    assert stage.desk.done == []


async def test_while_the_store_is_down_it_is_said(stage: Stage, chief: httpx.AsyncClient) -> None:
    stage.desk.down = True
    refused = await chief.post("/desk/watch/give", data={"code": "B8-31T", "to": "Cèdre", "action": "g1"})

    assert refused.status_code == 503
    assert stage.says("watch.said.down") in refused.text


# ── figures ──
def _eye(stage: Stage, language: str = "en") -> Eye:
    return Eye(staff=StaffMember("s1", "Arganier"), now=stage.clock.now(), program=program(), words=stage.parts.words, language=language)


def _answered(stage: Stage, n: int, *, ago: float = 60.0, took: float = 600.0) -> list[Seen]:
    now = stage.clock.now()
    return [Seen(CaseIndex(f"C{i}", "safe", "normal", "closed", now - ago - took, "fr", first=now - ago)) for i in range(n)]


def test_a_count_under_ten_is_never_said_and_its_column_is_hatched(stage: Stage) -> None:
    eye = _eye(stage)
    cases = _answered(stage, 9)
    found = watch_view.answers(cases, eye, since=0.0)
    charts, table = watch_view.by_hour(cases, found, eye, since=0.0)

    assert [one.took for one in found] == [600.0] * 9
    assert watch_view.spans(found, eye)[1].answers == "fewer than 10"
    assert watch_view.spans(found, eye)[1].kept == "–"
    assert [(one.few, one.value) for chart in charts for one in chart.columns if one.high] == [(True, "")] * 2
    assert {(hour.requests, hour.median) for hour in table} == {("fewer than 10", "fewer than 10")}
    assert "9" not in charts[0].words.replace("09:00", "").replace("19:00", "").replace("last 7", "")


def test_ten_are_shown_with_median_slowest_and_how_many_kept_the_promise(stage: Stage) -> None:
    eye = _eye(stage)
    cases = [*_answered(stage, 8), *_answered(stage, 2, took=3600.0)]
    found = watch_view.answers(cases, eye, since=0.0)
    week = watch_view.spans(found, eye)[1]

    assert (week.answers, week.median, week.slowest, week.kept) == ("10", "10 min", "1 h", "80 %")


def test_a_chart_runs_with_the_script(stage: Stage) -> None:
    cases = [*_answered(stage, 12), *_answered(stage, 12, ago=5 * 3600.0)]
    columns: dict[str, Any] = {}
    for language in ("en", "ar"):
        eye = _eye(stage, language)
        charts, _ = watch_view.by_hour(cases, watch_view.answers(cases, eye, since=0.0), eye, since=0.0)
        columns[language] = [(one.x, one.wide) for one in charts[0].columns]

    assert columns["en"] == sorted(columns["en"])
    assert columns["ar"] == sorted(columns["ar"], reverse=True)


# ── search ──
@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("en attente", "waiting"),
        ("EN  DANGER", "danger"),
        ("في الانتظار", "waiting"),
        ("closed", "closed"),
        ("ممسوحة", "erased"),
        ("papiers", ""),
    ],
)
def test_a_state_is_known_by_its_words_in_any_language(stage: Stage, said: str, state: str) -> None:
    assert meant(said, stage.parts.words) == state


async def test_a_code_is_found_as_it_is_said_and_closed_cases_too(stage: Stage, staff: httpx.AsyncClient) -> None:
    assert 'data-code="K7-42X"' in (await staff.get("/desk/find", params={"q": "k7 42x"})).text
    page = (await staff.get("/desk/find", params={"q": "d255f"})).text
    assert 'data-code="D2-55F"' in page
    assert 'data-code="K7-42X"' not in page
    assert 'href="/desk/D2-55F?q=d255f"' in page


async def test_a_state_finds_its_cases_and_the_part_says_the_same(stage: Stage, staff: httpx.AsyncClient) -> None:
    for address in ("/desk/find", "/desk/rows"):
        page = (await staff.get(address, params={"q": "en danger"})).text
        assert 'data-code="M3-18K"' in page
        assert 'data-code="H4-66W"' not in page


async def test_what_is_not_found_is_said_and_what_was_searched_is_only_text(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = (await staff.get("/desk/find", params={"q": "<script>alert(1)</script>"})).text

    assert stage.says("desk.none.find") in page
    assert "<script>alert" not in page
