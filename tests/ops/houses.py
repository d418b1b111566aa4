"""A whole process for tests of what its operator sees: wired as `amana run` does, with nothing listening."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.bootstrap.build import build_house
from bot.bootstrap.house import PARTS, House, put_in_force
from bot.bootstrap.unlock import opened
from bot.config import Settings
from bot.web.app import watched

ROOT = Path(__file__).parents[2]


def settings(folder: Path, **given: object) -> Settings:
    return Settings(**{"store": f"sqlite:///{folder}/data/amana.db", "keys": folder / "keys", "flows": ROOT, **given})


@asynccontextmanager
async def living(known: Settings, parts: frozenset[str] = PARTS) -> AsyncIterator[House]:
    house = build_house(known, parts=parts)
    await opened(house)
    try:
        await put_in_force(house)
        await house.watch.look()
        yield house
    finally:
        await house.close()
        await house.store.close()


@asynccontextmanager
async def watching(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever watches the process."""
    app = watched(house.web_parts())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://watched") as client:
        yield client
