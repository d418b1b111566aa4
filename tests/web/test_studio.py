"""The frame of the studio: who may look, how a change is begun, and that an edit sent twice is made once."""

import re

import httpx
import pytest

from bot.studio.drafts.parts import TooMuch
from tests.web.conftest import client_of
from tests.web.stage import Stage


async def begun(author: httpx.AsyncClient, title: str = "Nouveau numéro") -> str:
    answer = await author.post("/studio", data={"title": title})
    assert answer.status_code == 303
    return answer.headers["location"].rpartition("/")[2]


async def test_who_is_not_in_is_led_to_the_door_and_a_caseworker_finds_no_studio(studio_stage: Stage) -> None:
    async with client_of(studio_stage, "nobody") as nobody, client_of(studio_stage, "secret") as caseworker:
        assert (await nobody.get("/studio")).headers["location"] == "/signin?to=studio"
        assert (await nobody.get("/studio")).headers["location"].startswith("/signin")
        assert (await caseworker.get("/studio")).status_code == 404
        assert (await caseworker.get("/studio/d/d1")).status_code == 404
        assert (await caseworker.post("/studio/d/d1/edit", json={})).status_code == 404


async def test_where_authors_are_not_served_there_is_no_studio(staff: httpx.AsyncClient, stage: Stage) -> None:
    await stage.me(roles=("publisher",))

    assert (await staff.get("/studio")).status_code == 404


async def test_the_studio_the_desk_and_the_page_of_colleagues_lead_to_each_other(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    await studio_stage.me("s5", roles=("flow-admin",))
    assert 'href="/desk/staff"' not in (await author.get("/studio")).text
    await studio_stage.me("s5", roles=("caseworker",))
    assert 'href="/studio"' not in (await author.get("/desk")).text

    await studio_stage.me("s5", roles=("caseworker", "publisher", "operator"))

    assert 'href="/desk/staff"' in (await author.get("/studio")).text
    assert 'href="/studio"' in (await author.get("/desk")).text
    assert 'href="/studio"' in (await author.get("/desk/staff")).text


async def test_a_change_is_begun_with_a_title_and_shows_its_flows(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)

    page = (await author.get(f"/studio/d/{draft}")).text
    assert "Nouveau numéro" in page
    assert f'href="/studio/d/{draft}/flows/return"' in page
    home = (await author.get("/studio")).text
    assert "Figuier" in home
    assert studio_stage.says("studio.state.open") in home


@pytest.mark.parametrize("title", ["", "   ", "x" * 121])
async def test_a_title_that_cannot_be_is_given_back(author: httpx.AsyncClient, title: str) -> None:
    answer = await author.post("/studio", data={"title": title})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert title.strip() in answer.text


async def test_an_edit_is_made_and_told(author: httpx.AsyncClient, publisher: httpx.AsyncClient) -> None:
    draft = await begun(author)
    edit = {"type": "file", "file": "flows/tests/mine.chat", "text": "flow: start\n", "base": None}

    answer = await author.post(f"/studio/d/{draft}/edit", json={"action": "a1", "edits": [edit]})

    assert answer.status_code == 200
    said = answer.json()
    assert said["clashes"] == []
    state = (await publisher.get(f"/studio/d/{draft}/state")).json()
    assert state["revision"] == said["revision"]
    assert (state["by"], state["mine"]) == ("Figuier", False)
    assert (bool(said["undo"]), state["undo"]) == (True, "")


async def test_what_can_be_taken_back_outlives_the_page_and_is_ones_own(author: httpx.AsyncClient, publisher: httpx.AsyncClient) -> None:
    draft = await begun(author)
    address, button = f"/studio/d/{draft}/contacts?said=removed", re.compile(r'id="undo"[^>]* hidden>')
    edit = {"type": "file", "file": "flows/tests/mine.chat", "text": "flow: start\n", "base": None}
    assert button.search((await author.get(address)).text)
    await author.post(f"/studio/d/{draft}/edit", json={"action": "a1", "edits": [edit]})

    assert not button.search((await author.get(address)).text)
    assert button.search((await publisher.get(address)).text)
    assert (await author.post(f"/studio/d/{draft}/undo")).json()["undo"] == ""
    assert button.search((await author.get(address)).text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"action":"a","edits":[]}',
        b'{"action":"","edits":[{"type":"remove-file","file":"x","was":""}]}',
        b'{"action":"a","edits":[{"type":"eval"}]}',
        b"\xff\xfe",
    ],
)
async def test_what_is_no_edit_is_refused(author: httpx.AsyncClient, body: bytes) -> None:
    draft = await begun(author)

    assert (await author.post(f"/studio/d/{draft}/edit", content=body)).status_code == 422


async def test_an_edit_at_no_draft_says_that_the_draft_is_over(author: httpx.AsyncClient) -> None:
    edit = {"type": "remove-file", "file": "x", "was": ""}

    assert (await author.post("/studio/d/none/edit", json={"action": "a", "edits": [edit]})).status_code == 410


async def test_an_edit_without_the_token_of_the_session_is_refused(author: httpx.AsyncClient) -> None:
    draft = await begun(author)

    assert (await author.post(f"/studio/d/{draft}/edit", json={}, headers={"x-form-token": "x"})).status_code == 409


async def test_who_writes_flows_and_reads_no_case_comes_to_the_studio(author: httpx.AsyncClient) -> None:
    assert (await author.get("/desk")).headers["location"] == "/studio"
    assert 'href="/studio"' in (await author.get("/desk/me")).text


async def test_where_the_bench_gives_up_the_words_are_asked_for_again(studio_stage: Stage, author: httpx.AsyncClient) -> None:
    head = await studio_stage.workshop.begin("Mend", by="s5")

    async def gives_up(*_: object, **__: object) -> None:
        raise TooMuch

    studio_stage.workshop._bench = gives_up
    sent = {"action": "a", "edits": [{"type": "text", "id": "menu.topic", "language": "fr", "text": "a", "was": "b"}]}
    answer = await author.post(f"/studio/d/{head.id}/edit", json=sent)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_change_begun_by_two_presses_is_one(author: httpx.AsyncClient) -> None:
    page = await author.get("/studio")
    action = page.text.partition('name="action" value="')[2].partition('"')[0]
    begun_at = [(await author.post("/studio", data={"title": "Reword", "action": action})).headers["location"] for _ in range(2)]

    assert len(action) == 12
    assert begun_at[0] == begun_at[1]
