"""The doctor's one question to Telegram."""

from bot.channels.telegram.reach import reach
from tests.botapi import TOKEN, Fault, serving


async def test_a_token_that_is_taken_leaves_nothing_to_say():
    async with serving() as double:
        assert await reach(double.url, TOKEN) == ""


async def test_a_refused_token_is_said_without_being_shown():
    async with serving() as double:
        double.faults.append(Fault("getMe", 401, "Unauthorized"))
        said = await reach(double.url, TOKEN)

    assert "refused" in said
    assert TOKEN not in said


async def test_a_server_that_is_not_there_is_said():
    assert "cannot be reached" in await reach("http://127.0.0.1:9", TOKEN)
