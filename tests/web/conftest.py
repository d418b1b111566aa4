"""A stage and a client for it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.web.visits import form_token
from tests.web.stage import Stage


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted bot answers at once or never."""
    monkeypatch.setattr("bot.web.chat.pages.REPLY", 0.05)


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
    web.headers["x-form-token"] = form_token("secret")
    return web


@pytest.fixture
def studio_stage() -> Stage:
    """A stage where authors are served."""
    return Stage(studio=True)


@pytest.fixture
async def author(studio_stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A client of whoever writes flows (s5, in French)."""
    async with client_of(studio_stage, "secret5") as client:
        yield client


@pytest.fixture
async def publisher(studio_stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A client of whoever may also approve and publish (s6, in Arabic)."""
    async with client_of(studio_stage, "secret6") as client:
        yield client


def client_of(stage: Stage, secret: str) -> httpx.AsyncClient:
    """A client that is signed in by this session."""
    transport = httpx.ASGITransport(app=stage.app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://amana.test", cookies={"desk": secret}, headers={"x-form-token": form_token(secret)}
    )
