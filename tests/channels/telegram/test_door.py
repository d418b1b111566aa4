"""Telegram's door: an update is on disk before it is confirmed; a broken one harms nobody."""

import asyncio

import pytest

from bot.channels.telegram.door import AWAY_PAUSE
from tests.botapi import Fault
from tests.channels.telegram.stage import SECRET, Counters


# ── webhook ──
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "ré"])
async def test_without_the_secret_nothing_is_taken(scene, secret):
    if secret == "ré":
        secret = secret.encode()
    assert await scene.post(scene.double.text(7, "salam"), secret) == 403
    assert scene.counters == Counters()


async def test_the_secret_is_compared_in_constant_time(scene, monkeypatch):
    seen = []
    monkeypatch.setattr("bot.channels.telegram.door.hmac.compare_digest", lambda a, b: seen.append((a, b)) or a == b)
    await scene.post(scene.double.text(7, "salam"), "wrong")

    assert seen == [(b"wrong", SECRET.encode())]


async def test_with_no_secret_of_our_own_the_webhook_is_shut(scene):
    scene.door._secret = b""
    assert await scene.post(scene.double.text(7, "salam"), "") == 403


async def test_an_update_is_taken_and_answered(scene):
    assert await scene.post(scene.double.text(7, "/start")) == 200
    assert scene.double.sent(7)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"update_id": 1e999}', b"null", b"17", b'"x"'])
async def test_what_is_no_update_is_put_aside_and_not_asked_for_again(scene, body):
    assert await scene.post(body) == 200
    assert scene.counters.unreadable == 1
    assert len(scene.world.store.aside) == 1
    assert not body or body not in scene.world.store.aside[0][1]


async def test_while_the_store_is_down_nothing_is_confirmed(scene):
    scene.down.append("accept")
    update = scene.double.text(7, "/start")
    assert await scene.post(update) == 503

    scene.down.clear()
    assert await scene.post(update) == 200
    assert scene.double.sent(7)


async def test_an_update_that_comes_twice_is_answered_once(scene):
    update = scene.double.text(7, "/start")
    await scene.post(update)
    before = len(scene.double.sent(7))
    assert await scene.post(update) == 200

    assert len(scene.double.sent(7)) == before
    assert (scene.counters.fresh, scene.counters.repeated) == (1, 1)


MALFORMED = [
    {"message": {"date": 1, "chat": "CANARY", "text": "CANARY"}},
    {"message": {"message_id": 1, "chat": {"id": 1.5, "type": "private"}, "text": "CANARY"}},
    {"message": "CANARY"},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 9, "type": "private"}, "text": ["CANARY"]}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 9, "type": "private"}, "text": "CANARY \ud800"}},
    {"callback_query": {"id": 5, "data": "CANARY", "message": {"chat": {"id": 9, "type": "private"}}}},
    {"my_chat_member": {"chat": None, "CANARY": 1}},
]


@pytest.mark.parametrize("broken", MALFORMED)
@pytest.mark.parametrize("by", ["webhook", "polling"])
async def test_one_malformed_update_among_twenty_stops_none_of_the_nineteen(scene, broken, by, capfd, caplog):
    updates = [scene.double.text(100 + n, "/start") for n in range(20)]
    updates[5] = {"update_id": updates[5]["update_id"], **broken}
    if by == "webhook":
        assert [await scene.post(update) for update in updates] == [200] * 20
    else:
        for update in updates:
            scene.double.push(update)
        async with scene.polling():
            await scene.until(lambda: scene.counters.fresh == 19 and not scene.double.updates)

    assert sum(bool(scene.double.sent(100 + n)) for n in range(20)) == 19
    assert scene.counters.unreadable == 1
    assert "CANARY" not in "".join([*capfd.readouterr(), caplog.text])


# ── polling ──
async def test_a_poll_confirms_only_what_was_accepted(scene):
    scene.down.append("accept")
    scene.double.push(scene.double.text(7, "/start"))
    async with scene.polling():
        await scene.until(lambda: scene.counters.failed >= 2)
        assert len(scene.double.updates) == 1
        assert not any(scene.double.offsets)
        scene.down.clear()
        await scene.until(lambda: not scene.double.updates)

    assert scene.counters.fresh == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("getUpdates", 409, "Conflict: terminated by other getUpdates request", times=2),
        Fault("getUpdates", 429, "Too Many Requests", {"retry_after": 0}, times=2),
        Fault("getUpdates", 500, "Internal Server Error", times=2),
        Fault("getUpdates", 502, "Bad Gateway", times=2),
        Fault("getUpdates", 401, "Unauthorized", times=2),
    ],
    ids=lambda fault: str(fault.status),
)
async def test_every_failure_of_a_poll_is_waited_out(scene, fault, monkeypatch):
    waited = []

    async def at_once(seconds):
        waited.append(seconds)

    monkeypatch.setattr(scene.door, "_wait", at_once)
    scene.double.faults.append(fault)
    scene.double.push(scene.double.text(7, "/start"))
    async with scene.polling():
        await scene.until(lambda: scene.counters.fresh == 1)

    assert len(waited) == 2
    if fault.status == 409:
        assert waited == [3.0, 3.0]
    assert set(scene.counters.bars) == {{401: "token-refused", 409: "another-poller"}.get(fault.status, "not-reached")}


async def test_a_server_that_is_not_there_is_waited_for_and_found_soon_after_however_long_it_was_away(scene, monkeypatch):
    waited = []

    async def at_once(seconds):
        waited.append(seconds)

    monkeypatch.setattr(scene.door, "_wait", at_once)
    away, scene.door._polls._base = scene.door._polls._base, "http://127.0.0.1:9/bot/"
    async with scene.polling():
        await scene.until(lambda: scene.counters.failed >= 8)
        scene.door._polls._base = away
        scene.double.push(scene.double.text(7, "/start"))
        await scene.until(lambda: scene.counters.fresh == 1)
    assert max(waited) == AWAY_PAUSE


async def test_after_a_restart_polling_goes_on_where_it_was(scene):
    for n in range(3):
        scene.double.push(scene.double.text(7, f"word {n}"))
    scene.door._told = _DiesAfterAccept(scene.counters)
    with pytest.raises(KeyboardInterrupt):
        await scene.door.poll()
    scene.door._told = scene.counters
    scene.double.push(scene.double.text(7, "one more"))
    async with scene.polling():
        await scene.until(lambda: not scene.double.updates)

    assert (scene.counters.fresh, scene.counters.repeated) == (4, 3)


class _DiesAfterAccept:
    def __init__(self, counters):
        self._counters = counters

    def arrived(self, *given):
        self._counters.arrived(*given)
        raise KeyboardInterrupt

    def polled(self, *, ok):
        self._counters.polled(ok=ok)

    def barred(self, why):
        self._counters.barred(why)


async def test_no_number_is_held_that_a_lower_one_would_fall_under(scene):
    scene.double.push({**scene.double.text(7, "/start"), "update_id": 900_000})
    async with scene.polling():
        await scene.until(lambda: scene.double.offsets[-1:] == [None] and 900_001 in scene.double.offsets)
        scene.double.push({**scene.double.text(7, "menu"), "update_id": 17})
        await scene.until(lambda: scene.counters.fresh == 2)


async def test_stopping_ends_a_long_poll_at_once(scene):
    scene.double.longest_poll = 30.0
    async with asyncio.timeout(3), scene.polling():
        await scene.until(lambda: bool(scene.double.offsets))


# ── presses, commands, links ──
async def test_a_press_is_acknowledged_after_it_is_accepted(scene):
    await scene.person("/start fr", "[fr]")
    await scene.until(lambda: bool(scene.double.of("answerCallbackQuery")))


async def test_a_press_that_cannot_be_acknowledged_is_answered_all_the_same(scene):
    scene.double.faults.append(Fault("answerCallbackQuery", 400, "Bad Request: query is too old"))
    await scene.person("/start fr")
    before = len(scene.double.sent(7))
    await scene.person("[fr]")

    assert len(scene.double.sent(7)) > before


async def test_a_press_is_never_acknowledged_after_ten_seconds(scene, monkeypatch):
    real = scene.world.store.accept

    def slow(arrivals):
        scene.world.clock.pass_by(10.5)
        return real(arrivals)

    await scene.person("/start fr")
    monkeypatch.setattr(scene.world.store, "accept", slow)
    await scene.person("[fr]")

    assert scene.counters.fresh == 2
    assert scene.double.of("answerCallbackQuery") == []


async def test_a_link_opens_the_conversation_in_its_language(scene):
    await scene.person("/start ar")

    assert any("\u0600" <= c <= "\u06ff" for c in scene.double.sent(7)[-1]["text"])


async def test_commands_are_set_in_each_language_and_the_webhook_with_its_secret(scene):
    commands = {language: {"stop": f"Stop {language}"} for language in ("", "ar", "fr")}
    await scene.door.set_up(url="https://amana.example", commands=commands)

    assert [call.get("language_code") for call in scene.double.of("setMyCommands") if "scope" not in call] == [None, "ar", "fr"]
    assert scene.double.of("setMyCommands")[1]["commands"] == [{"command": "stop", "description": "Stop ar"}]
    assert (scene.double.webhook, scene.double.secret) == ("https://amana.example/telegram", SECRET)


async def test_setting_up_is_repeated_until_telegram_answers(scene):
    scene.double.faults.append(Fault("deleteWebhook", 502, "Bad Gateway", times=3))
    await scene.door.set_up(url="", commands={"": {"stop": "Stop"}})

    assert len([call for call in scene.double.of("setMyCommands") if "scope" not in call]) == 1
