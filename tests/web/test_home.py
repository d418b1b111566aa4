"""The first page, and the pages for whoever runs the service."""

import httpx
import pytest

from tests.web.stage import Stage


async def test_home_links_only_what_exists(web: httpx.AsyncClient) -> None:
    page = await web.get("/?lang=fr")

    assert 'href="/chat?lang=fr"' in page.text
    assert 'href="/desk"' in page.text
    assert "studio" not in page.text
    assert "report" not in page.text


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
async def test_home_says_what_must_be_done_before_real_use(stage: Stage, web: httpx.AsyncClient, language: str) -> None:
    page = await web.get(f"/?lang={language}")

    assert stage.says("home.todo.contacts", language, n=24) in page.text
    assert stage.says("home.todo.stage", language) in page.text


async def test_alive_is_alive(web: httpx.AsyncClient) -> None:
    assert (await web.get("/healthz")).text == "ok\n"


async def test_ready_names_the_part_that_does_not_work(stage: Stage, web: httpx.AsyncClient) -> None:
    assert (await web.get("/readyz")).status_code == 200
    stage.ready["store"] = False
    page = await web.get("/readyz")

    assert page.status_code == 503
    assert page.json() == {"store": False, "flows": True}


async def test_a_part_that_breaks_is_a_part_that_does_not_work(stage: Stage, web: httpx.AsyncClient) -> None:
    del stage.ready["store"]
    page = await web.get("/readyz")

    assert page.status_code == 503


async def test_a_stopping_server_is_not_ready(stage: Stage, web: httpx.AsyncClient) -> None:
    stage.parts.closing.set()

    assert (await web.get("/readyz")).status_code == 503


async def test_metrics_are_those_of_the_registry(web: httpx.AsyncClient) -> None:
    page = await web.get("/metrics")

    assert 'amana_messages_total{kind="bot"} 1.0' in page.text
