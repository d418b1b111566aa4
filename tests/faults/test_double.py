"""The Bot API double keeps Telegram's ways: who relies on it relies on these."""

import asyncio
from contextlib import asynccontextmanager
from itertools import pairwise

import httpx
import pytest

from tests.botapi import TOKEN, BotApiServer, Fault, serving
from tests.botapi.methods import BLOCKED, TOO_OLD
from tests.botapi.wire import Line


@pytest.fixture
async def double():
    async with serving(BotApiServer(hurry=200.0)) as double:
        yield double


@asynccontextmanager
async def bot(double):
    async with httpx.AsyncClient(base_url=f"{double.url}/bot{TOKEN}/", timeout=10.0) as client:

        async def ask(method, **given):
            return (await client.post(method, json=given)).json()

        yield ask


@asynccontextmanager
async def hooked(double, answer):
    """A webhook that answers as told: `answer(update)` gives a status, or a status and headers as bytes."""
    heard, lines = [], set()

    def asked(line, path, update):
        heard.append(update)
        status = answer(update)
        more = b""
        if isinstance(status, tuple):
            status, more = status
        line.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n%s\r\n" % (status, more))

    server = await asyncio.get_running_loop().create_server(lambda: Line(asked, lines), "127.0.0.1", 0)
    double.hook.set(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", "s", 40)
    try:
        yield heard
    finally:
        server.close()
        for line in list(lines):
            line.close()


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


def numbers(answer):
    return [update["update_id"] for update in answer["result"]]


async def test_only_a_later_offset_confirms(double):
    async with bot(double) as ask:
        for n in range(5):
            double.push(double.text(7, str(n)))
        assert numbers(await ask("getUpdates", limit=2)) == [1, 2]
        assert numbers(await ask("getUpdates", limit=2)) == [1, 2]
        assert numbers(await ask("getUpdates", offset=3)) == [3, 4, 5]
        assert numbers(await ask("getUpdates", offset=-1)) == [5]
        assert len(double.updates) == 1
        assert numbers(await ask("getUpdates", offset=6, timeout=0)) == []


async def test_who_asks_for_the_same_at_once_gets_one(double):
    async with bot(double) as ask:
        for n in range(3):
            double.push(double.text(7, str(n)))
        assert len((await ask("getUpdates", offset=1))["result"]) == 3
        assert len((await ask("getUpdates", offset=1))["result"]) == 1


async def test_the_second_poller_ends_the_first_and_a_webhook_ends_both(double):
    async with bot(double) as ask:
        first = asyncio.create_task(ask("getUpdates", timeout=5))
        await until(lambda: double.offsets)
        second = asyncio.create_task(ask("getUpdates", timeout=5))
        assert (await first)["error_code"] == 409
        await ask("setWebhook", url="http://127.0.0.1:9/hook")
        assert "setWebhook" in (await second)["description"]
        assert "webhook is active" in (await ask("getUpdates"))["description"]


async def test_a_message_lives_a_day_and_a_press_150_seconds(double):
    double.push(double.text(7, "a"))
    double.push(double.press(7, 1, "x"))
    double.move(149.0)
    assert len(double.updates) == 2
    double.move(2.0)
    assert [list(update)[1] for update in double.updates] == ["message"]
    double.move(86_400.0)
    assert double.updates == []
    assert len(double.waiting.expired) == 2


async def test_a_webhook_gets_each_queue_in_order_and_a_press_does_not_wait_for_a_message(double):
    refused = {"until": 3}

    def answer(update):
        if "message" in update and refused["until"]:
            refused["until"] -= 1
            return 500
        return 200

    async with hooked(double, answer) as heard:
        for text in ("a", "b"):
            double.push(double.text(7, text))
        double.push(double.press(7, 1, "x"))
        await until(lambda: not double.updates)
    order = [update["message"]["text"] for update in heard if "message" in update]
    assert order == ["a", "a", "a", "a", "b"]
    assert "callback_query" in heard[0] or "callback_query" in heard[1]


async def test_a_webhook_that_fails_is_asked_later_and_later_and_as_late_as_it_says(double):
    answers = iter([500, 500, 500, (503, b"Retry-After: 100\r\n"), 200])
    async with hooked(double, lambda _update: next(answers)):
        double.push(double.text(7, "a"))
        await until(lambda: not double.updates)
    times = [at for at, _, _ in double.hook.delivered]
    pauses = [(later - at) * double.hook.hurry for at, later in pairwise(times)]
    assert pauses[0] >= 1.0
    assert pauses[1] >= 2.0
    assert pauses[2] >= 4.0
    assert pauses[3] >= 100.0


async def test_when_twice_the_connections_wait_nobody_else_is_served(double):
    async with hooked(double, lambda update: 500 if update["message"]["chat"]["id"] <= 4 else 200) as heard:
        double.hook.set(double.webhook, "s", 2)
        for chat in range(1, 6):
            double.push(double.text(chat, "a"))
        await until(lambda: len(heard) > 12)
    assert {update["message"]["chat"]["id"] for update in heard} == {1, 2, 3, 4}


async def test_an_address_that_is_gone_for_a_day_is_given_up(double):
    async with hooked(double, lambda _update: 410):
        double.push(double.text(7, "a"))
        await until(lambda: double.hook.delivered)
        double.move(23 * 3600.0)
        await until(lambda: not double.webhook)
    assert len(double.updates) == 1


@pytest.mark.parametrize(
    ("how", "wrong"), [("reset", httpx.ReadError), ("half", httpx.RemoteProtocolError), ("silent", httpx.RemoteProtocolError)]
)
@pytest.mark.parametrize("after", [False, True])
async def test_a_broken_line_tells_nobody_whether_the_call_was_carried_out(double, how, wrong, after):
    double.faults.append(Fault("sendMessage", how=how, after=after, seconds=0.01))
    async with bot(double) as ask:
        with pytest.raises(wrong):
            await ask("sendMessage", chat_id=7, text="a")
        assert len(double.sent(7)) == after
        assert (await ask("sendMessage", chat_id=7, text="a"))["ok"]
    assert [call.executed is not None for call in double.ledger] == [after, True]


async def test_who_calls_inside_a_wait_is_noted_and_refused(double):
    double.faults.append(Fault("sendMessage", 429, "Too Many Requests: retry after 30", {"retry_after": 30}))
    async with bot(double) as ask:
        assert (await ask("sendMessage", chat_id=7, text="a"))["parameters"] == {"retry_after": 30}
        assert (await ask("sendMessage", chat_id=8, text="a"))["ok"]
        assert (await ask("sendMessage", chat_id=7, text="a"))["error_code"] == 429
        double.move(31.0)
        assert (await ask("sendMessage", chat_id=7, text="a"))["ok"]
    assert len(double.impatient) == 1


async def test_what_is_too_long_too_old_or_gone_is_refused(double):
    async with bot(double) as ask:
        assert (await ask("sendMessage", chat_id=7, text="a" * 4097))["description"] == "Bad Request: message is too long"
        sent = (await ask("sendMessage", chat_id=7, text="a" * 4096))["result"]["message_id"]
        double.move(TOO_OLD)
        assert not (await ask("deleteMessage", chat_id=7, message_id=sent))["ok"]
        assert (await ask("deleteMessages", chat_id=7, message_ids=[sent]))["ok"]
        assert double.methods.deleted == set()
        topic = (await ask("createForumTopic", chat_id=-1, name="A"))["result"]["message_thread_id"]
        await ask("deleteForumTopic", chat_id=-1, message_thread_id=topic)
        assert "thread not found" in (await ask("sendMessage", chat_id=-1, message_thread_id=topic, text="a"))["description"]
        double.methods.closed[7] = BLOCKED
        assert (await ask("sendMessage", chat_id=7, text="a"))["error_code"] == 403
