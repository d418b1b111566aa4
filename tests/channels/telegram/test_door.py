"""Telegram's door: an update is on disk before it is confirmed; a broken one harms nobody; caseworkers answer from their group."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from bot.channels.telegram.caseworkers import Caseworkers
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import LARGEST, TelegramDoor
from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.transport import BotApi, FastRequest
from bot.conversation.wording import WORDING
from bot.i18n.staff import StaffTexts
from bot.ports import StoreUnavailable
from tests.botapi import TOKEN, BotApiServer, Fault, serving
from tests.world import World, build_world

SECRET = "right-secret"
GROUP = -1001
WORDS = StaffTexts.of(WORDING, {})
TO_CASE = ("worry", "DZ", "yes", "skip")
"""What is pressed from the human word to an open case."""


@dataclass
class Counters:
    """What the door tells."""

    fresh: int = 0
    repeated: int = 0
    unreadable: int = 0
    polls: int = 0
    failed: int = 0
    bars: list[str] = field(default_factory=list)

    def arrived(self, channel, fresh, repeated, unreadable):
        self.fresh += fresh
        self.repeated += repeated
        self.unreadable += unreadable

    def barred(self, why):
        self.bars.append(why)

    def polled(self, *, ok):
        self.polls += ok
        self.failed += not ok


@dataclass
class Scene:
    """A door before a whole service in memory, and the Bot API double behind it."""

    world: World
    double: BotApiServer
    door: TelegramDoor
    counters: Counters
    group: DeskGroup
    down: list[str]

    async def post(self, body, secret=SECRET):
        transport = httpx.ASGITransport(app=self.door.webhook)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            headers = {"x-telegram-bot-api-secret-token": secret} if secret is not None else {}
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            answer = await client.post("/telegram", content=content, headers=headers)
        await self.world.settle()
        return answer.status_code

    @asynccontextmanager
    async def polling(self):
        task = asyncio.create_task(self.door.poll())
        try:
            yield
        finally:
            self.door.stop()
            await task
            self.door._stop.clear()
            await self.world.settle()

    async def until(self, holds):
        async with asyncio.timeout(10):
            while not holds():
                await self.world.settle()
                await asyncio.sleep(0.005)

    async def person(self, *words, chat=7):
        """A person writes words, or presses keys in brackets, on the latest message."""
        for word in words:
            if word.startswith("["):
                data = next(d for d in reversed(self.buttons(chat)) if d.rpartition(".")[2] == word[1:-1])
                assert await self.post(self.double.press(chat, 1, data)) == 200
            else:
                assert await self.post(self.double.text(chat, word)) == 200

    def buttons(self, chat):
        marked = [sent.get("reply_markup") or {} for sent in self.double.sent(chat)]
        return [b["callback_data"] for markup in marked for row in markup.get("inline_keyboard", []) for b in row]

    async def case(self, chat=7):
        """Bring a person to an open case; gives its topic."""
        await self.person("/start fr", "[fr]", "[yes]", "/human", *(f"[{key}]" for key in TO_CASE), chat=chat)
        return self.double.sent(GROUP)[-1]["message_thread_id"]

    async def staff(self, topic, text, user=77, **more):
        update = {**self.double.in_topic(GROUP, topic, text or "", user, **more)}
        if text is None:
            kept = update["message"]
            del kept["text"]
            kept["photo"] = [{"file_id": "P", "file_unique_id": "U", "width": 1, "height": 1}]
        posting = asyncio.create_task(self.post(update))
        while not posting.done():
            await asyncio.sleep(0)
            await self.world.worker.idle()
        assert await posting == 200
        await self.world.settle()

    def why(self):
        """The last thing said to caseworkers outside the outbox."""
        return [sent["text"] for sent in self.double.sent(GROUP) if sent.get("reply_parameters")][-1:]


def refusal(why):
    return WORDS.say("topic.not-sent", "fr", why=WORDS.say(f"topic.why.{why}", "fr"))


def breakable(store, down):
    """Let methods of the store whose names are in `down` fail."""
    for name in ("accept", "put_aside"):
        real = getattr(store, name)

        def broken(*given, _name=name, _real=real, **named):
            if _name in down:
                raise StoreUnavailable("down")
            return _real(*given, **named)

        setattr(store, name, broken)


@asynccontextmanager
async def built():
    async with serving() as double:
        world, down = await build_world(), []
        breakable(world.store, down)
        api, polls = (BotApi(token=TOKEN, url=double.url, request=FastRequest(seconds=3.0)) for _ in range(2))
        group = DeskGroup(api, GROUP)
        world.sender._channels = {"telegram": TelegramChannel(api), "desk": group}
        caseworkers = Caseworkers(
            group=group, desk=world.desk, staff=world.staff, vault=world.vault, store=world.store, texts=WORDS, language="fr"
        )
        counters = Counters()
        door = TelegramDoor(
            api=api, polls=polls, intake=world.intake, clock=world.clock, languages=lambda: ("ar", "fr", "en"), told=counters,
            caseworkers=caseworkers, secret=SECRET,
        )  # fmt: skip
        yield Scene(world, double, door, counters, group, down)
        await door.close()


@pytest.fixture
async def scene(monkeypatch):
    monkeypatch.setattr("bot.channels.telegram.door.FIRST_PAUSE", 0.01)
    async with built() as made:
        yield made


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


async def test_a_body_over_one_mebibyte_is_refused_unread(scene):
    assert await scene.post(b"x" * (LARGEST + 1)) == 413
    assert await scene.post(b'{"update_id": 1, "message": "' + b"x" * (LARGEST - 100) + b'"}') == 200


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


async def test_a_server_that_is_not_there_is_waited_for(scene):
    away, scene.door._polls._base = scene.door._polls._base, "http://127.0.0.1:9/bot/"
    async with scene.polling():
        await scene.until(lambda: scene.counters.failed >= 2)
        scene.door._polls._base = away
        scene.double.push(scene.double.text(7, "/start"))
        await scene.until(lambda: scene.counters.fresh == 1)


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
    async with asyncio.timeout(3):
        async with scene.polling():
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

    assert [call.get("language_code") for call in scene.double.of("setMyCommands")] == [None, "ar", "fr"]
    assert scene.double.of("setMyCommands")[1]["commands"] == [{"command": "stop", "description": "Stop ar"}]
    assert (scene.double.webhook, scene.double.secret) == ("https://amana.example/telegram", SECRET)


async def test_setting_up_is_repeated_until_telegram_answers(scene):
    scene.double.faults.append(Fault("deleteWebhook", 502, "Bad Gateway", times=3))
    await scene.door.set_up(url="", commands={"": {"stop": "Stop"}})

    assert len(scene.double.of("setMyCommands")) == 1


# ── the caseworkers' group ──
async def test_an_answer_in_a_topic_reaches_the_person_and_claims_the_case(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour, je vous lis.")

    assert scene.double.sent(7)[-1]["text"] == "Bonjour, je vous lis."
    (index,) = await scene.world.store.cases(states=("claimed",), teams=None)
    assert index.claimant
    assert scene.why() == []


async def test_a_second_caseworker_is_told_that_the_case_is_taken(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour", user=77)
    before = len(scene.double.sent(7))
    await scene.staff(topic, "Moi aussi", user=78)

    assert len(scene.double.sent(7)) == before
    assert scene.why() == [refusal("taken")]


async def test_a_note_stays_among_staff(scene):
    topic = await scene.case()
    before = len(scene.double.sent(7))
    await scene.staff(topic, "/note rappeler demain")
    (index,) = await scene.world.store.cases(states=("waiting",), teams=None)
    page = await scene.world.desk.open(index.code, await scene.world.member())

    assert len(scene.double.sent(7)) == before
    assert [(entry.kind, entry.text) for entry in page.entries][-1] == ("note", "rappeler demain")


async def test_a_case_is_closed_from_its_topic(scene):
    topic = await scene.case()
    await scene.staff(topic, "Bonjour")
    await scene.staff(topic, "/close@amana_bot answered")

    assert len(await scene.world.store.cases(states=("closed",), teams=None)) == 1
    await scene.staff(topic, "Encore un mot")
    assert scene.why() == [refusal("closed")]


@pytest.mark.parametrize(
    ("text", "edited", "elsewhere", "why"),
    [
        ("Bonjour", False, True, "unbound"),
        ("Corrigé", True, False, "edited"),
        (None, False, False, "empty"),
        ("/unknown", False, False, "empty"),
    ],
    ids=["unbound topic", "edited", "photo", "unknown command"],
)
async def test_what_cannot_be_tied_to_one_case_is_refused_with_a_reason(scene, text, edited, elsewhere, why):
    topic = await scene.case()
    before = len(scene.double.sent(7))
    await scene.staff(topic + 50_000 if elsewhere else topic, text, edited=edited)

    assert len(scene.double.sent(7)) == before
    assert scene.why() == [refusal(why)]


async def test_an_answer_goes_only_to_the_person_of_its_topic(scene):
    first, second = await scene.case(chat=7), await scene.case(chat=8)
    await scene.staff(second, "Pour huit")
    await scene.staff(first, "Pour sept")

    assert scene.double.sent(7)[-1]["text"] == "Pour sept"
    assert scene.double.sent(8)[-1]["text"] == "Pour huit"
    assert "Pour huit" not in [sent["text"] for sent in scene.double.sent(7)]


async def test_a_group_that_became_a_supergroup_is_followed_and_remembered(scene):
    await scene.case()
    moved = scene.double.in_topic(GROUP, 1, "x")
    moved["message"] = {**moved["message"], "migrate_to_chat_id": -1002}
    del moved["message"]["text"]
    assert await scene.post(moved) == 200
    assert scene.group.group == -1002

    scene.group.group = GROUP  # as after a restart
    await scene.door.set_up(url="", commands={})
    assert scene.group.group == -1002


async def test_an_error_in_the_group_harms_no_person(scene, monkeypatch):
    async def broken(_message):
        raise ZeroDivisionError("words")

    topic = await scene.case()
    monkeypatch.setattr(scene.door._caseworkers, "take", broken)
    await scene.staff(topic, "Bonjour")

    assert scene.counters.unreadable == 1
    assert await scene.post(scene.double.text(9, "/start")) == 200
