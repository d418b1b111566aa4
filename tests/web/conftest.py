"""A stage and a client for it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.web.stage import Stage


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted bot answers at once or never."""
    monkeypatch.setattr("bot.web.chat.REPLY", 0.05)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def web(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=stage.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://amana.test") as client:
        yield client


@pytest.fixture
async def staff(web: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that is signed in."""
    web.cookies.set("desk", "secret")
    return web
