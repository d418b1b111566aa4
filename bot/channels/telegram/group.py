"""The caseworkers' group as a channel: a topic for each case, posts in it, and its end.

Rule 1: a person's words stand under a spoiler, with protected content, so that no lock screen shows them.
Rule 2: the group's number may change while running: it is followed, and kept for the next start.
Rule 3: a topic is named with its group: in another group the same number is another topic.
Rule 4: what is wrong with the whole group is told apart from what is wrong with one message, and is tried again, for as long as a day.
Rule 5: a topic that somebody closed by hand while its case goes on is opened again; a name that cannot be set stops no word.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram.channel import rows
from bot.channels.telegram.errors import in_our_words
from bot.channels.telegram.moves import Moves
from bot.channels.telegram.transport import BotApi
from bot.conversation.group.told import REOPENED, SHUT
from bot.conversation.pacing.outgoing import units
from bot.ports import OutButton, Outgoing, Pace, Receipt, SendFailed, StoreUnavailable

LONGEST_TITLE = 128
"""Characters of a topic's name (Bot API)."""
LONGEST_SAID = 200
"""Characters that answer a press (Bot API)."""
ANSWER_WITHIN = 5.0
LATER = 30.0
"""Seconds until a group that is out of reach is tried again."""


class DeskGroup:
    """Sends to the caseworkers' group. The route is a topic's place; empty for a new topic."""

    name = "desk"

    def __init__(self, api: BotApi, moves: Moves, pace: Pace | None = None) -> None:
        self._api = api
        self.moves = moves
        self.pace = pace or Pace()

    @property
    def group(self) -> int:
        """The group's number now."""
        return self.moves.now

    async def send(self, route: str, message: Outgoing) -> Receipt:
        """Create a topic, post in one, name it anew, or delete one; raises `SendFailed`."""
        try:
            return await self._send(await self.moves.place(), route, message)
        except StoreUnavailable:
            raise SendFailed("network") from None
        except ChatMigrated as error:
            await self._follow(error.new_chat_id)
            raise SendFailed("moved", retry_after=0.5) from None
        except TelegramError as error:
            raise _of_a_group(in_our_words(error)) from None

    async def _follow(self, to: int) -> None:
        try:
            await self.moves.remember(to)
        except StoreUnavailable:
            raise SendFailed("network") from None

    async def _send(self, group: int, route: str, message: Outgoing) -> Receipt:
        match message.kind:
            case "topic":
                made = await self._api.call("createForumTopic", chat_id=group, name=message.text[:LONGEST_TITLE])
                return Receipt(topic=place_in(group, made["message_thread_id"]))
            case "remove":
                where, _, number = route.rpartition("/")
                await self._topic("deleteForumTopic", int(where or group), int(number))
                return Receipt()
            case "title":
                await self._named(group, _topic_in(group, route), message)
                return Receipt()
            case _:
                return Receipt(message=await self._posted(group, _topic_in(group, route), message))

    async def _named(self, group: int, topic: int, message: Outgoing) -> None:
        """Give the topic its name, and open or close it with that."""
        if message.id == REOPENED:
            await self._topic("reopenForumTopic", group, topic)
        try:
            await self._topic("editForumTopic", group, topic, name=message.text[:LONGEST_TITLE])
        except TelegramError as error:
            if in_our_words(error).reason not in ("no-rights", "refused"):
                raise
        if message.id == SHUT:
            await self._topic("closeForumTopic", group, topic)

    async def _posted(self, group: int, topic: int, message: Outgoing) -> str | None:
        text, entities = hidden(message)
        given: dict[str, Any] = {
            "chat_id": group, "message_thread_id": topic, "text": text, "entities": entities or None, "protect_content": True,
            "link_preview_options": {"is_disabled": True}, "reply_markup": keyboard(message.actions),
        }  # fmt: skip
        try:
            return await self._api.send("sendMessage", **given)
        except TelegramError as error:
            if "topic_closed" not in error.message.lower():
                raise
        await self._topic("reopenForumTopic", group, topic)
        return await self._api.send("sendMessage", **given)

    async def _topic(self, method: str, group: int, topic: int, **more: Any) -> None:
        """Do something to a topic; that it is so already is no failure."""
        try:
            await self._api.call(method, chat_id=group, message_thread_id=topic, **more)
        except TelegramError as error:
            if "not_modified" not in error.message.lower():
                raise

    # ── at once, outside the outbox, best effort ──
    async def say(self, topic: int, text: str, *, reply_to: int | None = None, buttons: tuple[OutButton, ...] = ()) -> None:
        """Say something to caseworkers (why an answer was not sent), with these buttons below it."""
        reply: dict[str, Any] | None = {"message_id": reply_to, "allow_sending_without_reply": True} if reply_to else None
        with suppress(TelegramError):  # the answer stands refused on the desk as well
            markup = keyboard(buttons)
            given: dict[str, Any] = {
                "chat_id": self.group,
                "message_thread_id": topic,
                "text": text,
                "reply_parameters": reply,
                "reply_markup": markup,
            }
            await self._api.call("sendMessage", **given)

    async def answer(self, press: str, text: str, *, alert: bool) -> None:
        """Answer a press in a few words. `alert`: in a window that must be shut."""
        with suppress(TelegramError):
            await self._api.call(
                "answerCallbackQuery", seconds=ANSWER_WITHIN, callback_query_id=press, text=text[:LONGEST_SAID] or None, show_alert=alert
            )

    async def show(self, message: int, buttons: tuple[OutButton, ...]) -> None:
        """Put these buttons under a post, in the place of those that are there."""
        markup = keyboard(buttons) or {"inline_keyboard": []}
        with suppress(TelegramError):
            await self._api.call("editMessageReplyMarkup", chat_id=self.group, message_id=message, reply_markup=markup)

    async def offer(self, commands: Mapping[str, str]) -> None:
        """Let the group's menu hold these commands."""
        listed = [{"command": word, "description": text} for word, text in commands.items()]
        with suppress(TelegramError):
            await self._api.call("setMyCommands", commands=listed, scope={"type": "chat", "chat_id": self.group})

    async def reopen(self, topic: int) -> None:
        """Open a topic again that somebody closed."""
        with suppress(TelegramError):
            await self._topic("reopenForumTopic", self.group, topic)

    async def shut(self, topic: int) -> None:
        """Close a topic that belongs to no case."""
        with suppress(TelegramError):
            await self._topic("closeForumTopic", self.group, topic)

    async def announce(self, text: str) -> bool:
        """Say something to the whole group at once, in no topic; gives whether it was said."""
        try:
            await self._api.call("sendMessage", chat_id=await self.moves.place(), text=text, link_preview_options={"is_disabled": True})
        except (TelegramError, StoreUnavailable):
            return False
        return True


def place_in(group: int, topic: int) -> str:
    """Give the place of a topic: numbers of topics begin anew in each group, so that one alone could be another case's."""
    return f"{group}/{topic}"


def _topic_in(group: int, route: str) -> int:
    """The topic's number, if it is in this group; raises `SendFailed` for a topic of another group, or of before places named theirs."""
    where, _, topic = route.rpartition("/")
    if where != str(group):
        raise SendFailed("no-topic")
    return int(topic)


def _of_a_group(failed: SendFailed) -> SendFailed:
    """A group is not a person: somebody may let the bot in again, or give it its rights back."""
    match failed.reason:
        case "person-left" | "no-group":
            return SendFailed("no-group", retry_after=LATER)
        case "no-rights":
            return SendFailed("no-rights", retry_after=LATER)
        case _:
            return failed


def hidden(message: Outgoing) -> tuple[str, list[dict[str, Any]]]:
    """Give the text of a post with the hidden words below it, and the entities that hide them (offsets in UTF-16 units)."""
    text, spots = message.text, message.hidden
    if message.spoiler:
        head = f"{text}\n"
        text, spots = head + message.spoiler, (*spots, (units(head), units(message.spoiler)))
    return text, [{"type": "spoiler", "offset": offset, "length": length} for offset, length in spots]


def keyboard(buttons: tuple[OutButton, ...]) -> dict[str, Any] | None:
    """Give the buttons as Telegram takes them, two in a row where they are short; None for none."""
    if not buttons:
        return None
    return {"inline_keyboard": [[{"text": b.label, "callback_data": b.data} for b in row] for row in rows(buttons)]}
