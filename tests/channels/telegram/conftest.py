"""What the tests of Telegram share."""

import pytest

from tests.channels.telegram.stage import built


@pytest.fixture
async def scene(monkeypatch):
    monkeypatch.setattr("bot.channels.telegram.door.FIRST_PAUSE", 0.01)
    async with built() as made:
        yield made
