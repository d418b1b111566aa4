"""The page of a map: every place a link, every way in the outline from both its ends, and marks that come a moment later."""

import html
import json
import re

import httpx
import pytest

from tests.studio.large import shipped
from tests.web.conftest import client_of
from tests.web.stage import Stage


@pytest.fixture
async def draft(author: httpx.AsyncClient) -> str:
    return (await author.post("/studio", data={"title": "A change"})).headers["location"].rpartition("/")[2]


def data_of(page: str) -> dict[str, list[list[object]]]:
    found = re.search(r'data-map="([^"]*)"', page)
    assert found is not None
    return json.loads(html.unescape(found[1]))  # type: ignore[no-any-return]


async def test_the_map_of_a_flow_comes_as_places_and_ways_and_as_an_outline(author: httpx.AsyncClient, draft: str):
    page = (await author.get(f"/studio/d/{draft}/flows/return/map")).text
    data = data_of(page)

    ids = {node[0] for node in data["nodes"]}
    assert {"fear", "fear/flow/asylum-first", "from/menu"} <= ids
    assert {end for edge in data["edges"] for end in edge[:2]} <= ids
    outline = page[page.index('id="outline"') :]
    assert f'href="/studio/d/{draft}/flows/return#step-fear"' in outline
    assert outline.count(f'href="/studio/d/{draft}/flows/asylum-first/map"') >= 2
    assert f'href="/studio/d/{draft}/flows/menu/map"' in outline


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
async def test_every_flow_and_the_house_have_a_map_in_each_language(author: httpx.AsyncClient, draft: str, language: str):
    for path in ("map", *(f"flows/{path.removeprefix('flows/').removesuffix('.yaml')}/map" for path in shipped().flow_paths()[:6])):
        page = await author.get(f"/studio/d/{draft}/{path}", params={"lang": language})
        assert page.status_code == 200, path
        assert f'lang="{language}"' in page.text
        assert not re.search(r"studio\.[a-z]+\.[a-z]", re.sub(r'(href|src|data-map|id|class)="[^"]*"', "", page.text))


async def test_a_step_that_is_wrong_is_marked_once_the_checks_are_done(author: httpx.AsyncClient, draft: str):
    text = shipped()["flows/return.yaml"]
    edit = {
        "type": "file",
        "file": "flows/return.yaml",
        "base": text,
        "text": text.replace("go: {yes: asylum-first,", "go: {yes: nowhere,", 1),
    }
    assert (await author.post(f"/studio/d/{draft}/edit", json={"action": "a", "edits": [edit]})).status_code == 200

    marks = (await author.get(f"/studio/d/{draft}/flows/return/map/marks")).json()
    page = (await author.get(f"/studio/d/{draft}/flows/return/map")).text

    assert marks["fear"][0] >= 1
    assert any(node[1] == "lost" for node in data_of(page)["nodes"])
    assert (await author.get(f"/studio/d/{draft}/map/marks")).json()["return"][0] >= 1


async def test_a_file_that_is_no_flow_has_no_map_and_no_flow_is_not_there(author: httpx.AsyncClient, studio_stage: Stage, draft: str):
    text = shipped()["flows/return.yaml"]
    edit = {"type": "file", "file": "flows/return.yaml", "base": text, "text": "just words\n"}
    await author.post(f"/studio/d/{draft}/edit", json={"action": "a", "edits": [edit]})

    assert (await author.get(f"/studio/d/{draft}/flows/return/map")).status_code == 200
    assert (await author.get(f"/studio/d/{draft}/flows/nothing/map")).status_code == 404
    async with client_of(studio_stage, "secret") as caseworker:
        assert (await caseworker.get(f"/studio/d/{draft}/map")).status_code == 404
