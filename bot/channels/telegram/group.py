"""The caseworkers' group as a channel: a topic for each case, posts in it, and its end.

Rule 1: a person's words stand under a spoiler, with protected content, so that no lock screen shows them.
Rule 2: the group's number may change while running; who knows the new one tells `moved`.
"""

from typing import Any

from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram.errors import in_our_words
from bot.channels.telegram.transport import BotApi
from bot.conversation.outgoing import units
from bot.ports import Outgoing, Receipt, SendFailed

LONGEST_TITLE = 128
"""Characters of a topic's name (Bot API)."""


class DeskGroup:
    """Sends to the caseworkers' group. The route is a topic's number; empty for a new topic."""

    name = "desk"

    def __init__(self, api: BotApi, group: int) -> None:
        self._api = api
        self.group = group

    def moved(self, to: int) -> None:
        """The group has a new number."""
        self.group = to

    async def send(self, route: str, message: Outgoing) -> Receipt:
        """Create a topic, post in one, or delete one; raises `SendFailed`."""
        try:
            return await self._send(route, message)
        except ChatMigrated as error:
            self.moved(error.new_chat_id)
            raise SendFailed("moved", retry_after=0.5) from None
        except TelegramError as error:
            failed = in_our_words(error)
            if failed.reason == "person-left":  # a group is not a person: somebody may let the bot in again
                raise SendFailed("no-group", retry_after=60.0) from None
            raise failed from None

    async def _send(self, route: str, message: Outgoing) -> Receipt:
        if message.kind == "topic":
            made = await self._api.call("createForumTopic", chat_id=self.group, name=message.text[:LONGEST_TITLE])
            return Receipt(topic=str(made["message_thread_id"]))
        if message.kind == "remove":
            await self._api.call("deleteForumTopic", chat_id=self.group, message_thread_id=int(route))
            return Receipt()
        text, entities = spoilered(message.text, message.spoiler)
        sent = await self._api.call(
            "sendMessage", chat_id=self.group, message_thread_id=int(route), text=text, entities=entities or None,
            protect_content=True, link_preview_options={"is_disabled": True},
        )  # fmt: skip
        return Receipt(message=str(sent["message_id"]))

    async def say(self, topic: int, text: str, *, reply_to: int | None = None) -> None:
        """Say something to caseworkers at once, outside the outbox (why an answer was not sent)."""
        reply: dict[str, Any] | None = {"message_id": reply_to, "allow_sending_without_reply": True} if reply_to else None
        try:
            await self._api.call("sendMessage", chat_id=self.group, message_thread_id=topic, text=text, reply_parameters=reply)
        except TelegramError:
            return  # the answer stands refused on the desk as well


def spoilered(text: str, hidden: str) -> tuple[str, list[dict[str, Any]]]:
    """Give the text with the hidden words below it, and the entity that hides them (offsets in UTF-16 units)."""
    if not hidden:
        return text, []
    head = f"{text}\n"
    return head + hidden, [{"type": "spoiler", "offset": units(head), "length": units(hidden)}]
