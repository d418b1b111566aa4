"""The doctor's one question to Telegram."""

from bot.channels.telegram.reach import pending, reach
from bot.channels.telegram.transport import BotApi, FastRequest
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


async def test_telegram_says_how_much_waits_there():
    async with serving() as double:
        api = BotApi(token=TOKEN, url=double.url, request=FastRequest(seconds=5.0))
        none = await pending(api)
        for n in range(3):
            double.push({"message": {"message_id": n, "date": 0, "chat": {"id": 7, "type": "private"}, "text": "x"}})
        some = await pending(api)
        await api.close()

    assert (none, some) == (0, 3)


async def test_what_telegram_does_not_say_is_not_known():
    async with serving() as double:
        url = double.url
    api = BotApi(token=TOKEN, url=url, request=FastRequest(seconds=1.0))
    unknown = await pending(api)
    await api.close()

    assert unknown is None
