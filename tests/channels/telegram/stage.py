"""A door before a whole service in memory, the Bot API double behind it, and what people and caseworkers do there."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.channels.telegram.caseworkers import Caseworkers
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.door import TelegramDoor
from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.moves import Moves
from bot.channels.telegram.transport import BotApi, FastRequest
from bot.conversation.group.groups import Groups
from bot.conversation.group.wording import WORDING
from bot.conversation.pacing.traffic import traffic_of
from bot.i18n.staff import StaffTexts
from bot.ports import StoreUnavailable
from tests.botapi import TOKEN, BotApiServer, serving
from tests.world import World, build_world

SECRET = "right-secret"
GROUP = -1001
WORDS = StaffTexts.of(WORDING, {})
ALONE = {"": GROUP}
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
    at: int = GROUP

    async def post(self, body, secret=SECRET):
        given = secret.encode() if isinstance(secret, str) else secret
        headers = [(b"host", b"door")] + ([(b"x-telegram-bot-api-secret-token", given)] if given is not None else [])
        status, said = await self.door.hooked(headers, body if isinstance(body, bytes) else json.dumps(body).encode())
        self.double.told(said)
        await self.world.settle()
        return status

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
        return self.double.sent(self.at)[-1]["message_thread_id"]

    async def staff(self, topic, text, user=77, **more):
        """A caseworker writes in a topic (None: sends a photo); gives the message's id."""
        update = {**self.double.in_topic(self.at, topic, text or "", user, **more)}
        message = update.get("message") or update["edited_message"]
        if text is None:
            del message["text"]
            message["photo"] = [{"file_id": "P", "file_unique_id": "U", "width": 1, "height": 1}]
        await self.deliver(update)
        return message["message_id"]

    async def press(self, label, topic, user=77, *, message=None, within=None):
        """A caseworker presses the button of these words, where it stands now; gives what Telegram was told to show them."""
        found = [
            (number, button["callback_data"])
            for (chat, number), rows in self.double.methods.keyboards.items()
            for row in rows
            for button in row
            if chat == self.at and button["text"] == label and self.double.methods.topics_in.get(number) == topic
        ]
        assert found, (label, self.double.methods.keyboards)
        number, data = found[-1] if message is None else next(one for one in found if one[0] == message)
        return await self.press_data(data, within or topic, number, user)

    async def press_data(self, data, topic, number, user=77):
        update = self.double.press_in_topic(self.at, topic, number, data, user)
        self.double.methods.presses[update["callback_query"]["id"]] = self.double.now()
        await self.deliver(update)
        return [one for one in self.double.of("answerCallbackQuery") if one["callback_query_id"] == update["callback_query"]["id"]][-1]

    async def deliver(self, update):
        """Bring an update while everything works."""
        posting = asyncio.create_task(self.post(update))
        while not posting.done():
            await asyncio.sleep(0)
            await self.world.worker.idle()
        assert await posting == 200
        await self.world.settle()

    def labels(self, topic):
        """The words of the buttons that stand in a topic now, post by post."""
        boards = self.double.methods.keyboards.items()
        return [
            [b["text"] for row in rows for b in row]
            for (chat, number), rows in boards
            if chat == self.at and rows and self.double.methods.topics_in.get(number) == topic
        ]

    def posts(self, topic):
        """What stands in a topic, in order."""
        return [sent["text"] for sent in self.double.sent(self.at) if sent.get("message_thread_id") == topic]

    async def code(self, topic):
        return await self.world.desk.by_topic(f"{self.at}/{topic}")

    async def index(self, topic):
        return (await self.world.store.case(await self.code(topic))).index

    def why(self):
        """The last thing said to caseworkers outside the outbox."""
        return [sent["text"] for sent in self.double.sent(self.at) if sent.get("reply_parameters")][-1:]


def refusal(why):
    return WORDS.say("topic.not-sent", "fr", why=WORDS.say(f"topic.why.{why}", "fr"))


def uncorrected(why):
    return WORDS.say("topic.not-corrected", "fr", why=WORDS.say(f"topic.why.{why}", "fr"))


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
async def built(written=ALONE):
    """`written`: the groups of teams."""
    groups = Groups(written)
    async with serving() as double:
        world, down = await build_world(groups=groups), []
        breakable(world.store, down)
        api, polls = (BotApi(token=TOKEN, url=double.url, request=FastRequest(seconds=3.0)) for _ in range(2))
        chats = {one: DeskGroup(api, Moves(store=world.store, written=one.number, key=one.key)) for one in groups.all}
        group = next(iter(chats.values()))
        world.sender._channels = {"telegram": TelegramChannel(api), **{one.channel: chat for one, chat in chats.items()}}
        world.sender._traffic = traffic_of(world.sender._channels, world.clock.steady())
        caseworkers = [
            Caseworkers(
                group=chat,
                desk=world.desk,
                staff=world.staff,
                vault=world.vault,
                state=world.sender.group(one.lane),
                program=world.library.current,
                texts=WORDS,
                language="fr",
                groups=groups,
                key=one.key,
            )
            for one, chat in chats.items()
        ]
        counters = Counters()
        door = TelegramDoor(
            api=api, polls=polls, intake=world.intake, clock=world.clock, languages=lambda: ("ar", "fr", "en"), told=counters,
            caseworkers=caseworkers, secret=SECRET,
        )  # fmt: skip
        yield Scene(world, double, door, counters, group, down)
        await door.close()
