"""Telegram as a channel to people: messages, buttons, the standing keyboard, removal.

Rule 1: text goes with entities, never with a parse mode; a person's words can never become markup.
Rule 2: only the latest message with buttons is edited; tidying an old one is best effort and never delays the new.
"""

import asyncio
from typing import Any

from telegram.error import TelegramError

from bot.channels.telegram.errors import in_our_words
from bot.channels.telegram.transport import BotApi
from bot.ports import OutButton, Outgoing, Pace, Receipt

SHORT_LABEL = 12
"""Two buttons stand in one row when neither label is longer."""
REMOVE_AT_ONCE = 100
"""Ids in one deleteMessages (Bot API)."""
SHOWN_WITHIN = 3.0
"""Seconds after which it says nothing any more that somebody writes."""
_NO_PREVIEW = {"is_disabled": True}


class TelegramChannel:
    """Sends to people in private chats. The route is the chat's id."""

    name = "telegram"

    def __init__(self, api: BotApi, pace: Pace | None = None) -> None:
        self._api = api
        self.pace = pace or Pace()
        self._tidying: set[asyncio.Task[None]] = set()

    async def send(self, route: str, message: Outgoing) -> Receipt:
        """Send one part; raises `SendFailed`."""
        try:
            return await self._send(route, message)
        except TelegramError as error:
            raise in_our_words(error) from None

    async def _send(self, route: str, message: Outgoing) -> Receipt:
        if message.kind == "remove":
            await self._remove(route, message.remove_ids)
            return Receipt()
        if message.edit and message.replaces:
            edited = await self._edited(route, message)
            if edited is not None:
                return edited
        if message.replaces and not message.edit:
            self._tidy(route, message.replaces)
        sent = await self._api.send(
            "sendMessage", chat_id=route, text=message.text, reply_markup=markup(message), link_preview_options=_NO_PREVIEW
        )
        return Receipt(message=sent)

    async def _edited(self, route: str, message: Outgoing) -> Receipt | None:
        """Edit in place; None when the old message cannot be edited and a new one is needed."""
        try:
            await self._api.call(
                "editMessageText", chat_id=route, message_id=int(message.replaces or 0), text=message.text,
                reply_markup=markup(message) or {"inline_keyboard": []}, link_preview_options=_NO_PREVIEW,
            )  # fmt: skip
        except TelegramError as error:
            failed = in_our_words(error)
            if failed.reason in ("too-old", "refused"):
                return None
            raise
        return Receipt(message=message.replaces)

    def _tidy(self, route: str, old: str) -> None:
        task = asyncio.get_running_loop().create_task(self._take_buttons(route, old))
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    async def _take_buttons(self, route: str, old: str) -> None:
        try:
            await self._api.do("editMessageReplyMarkup", chat_id=route, message_id=int(old), reply_markup={"inline_keyboard": []})
        except (TelegramError, ValueError):
            return

    async def _remove(self, route: str, ids: tuple[str, ...]) -> None:
        numbers = [int(id_) for id_ in ids if id_.isdigit()]
        for first in range(0, len(numbers), REMOVE_AT_ONCE):
            try:
                await self._api.call("deleteMessages", chat_id=route, message_ids=numbers[first : first + REMOVE_AT_ONCE])
            except TelegramError as error:
                failed = in_our_words(error)
                if failed.reason not in ("refused", "too-old", "person-left"):
                    raise

    async def show_writing(self, route: str) -> None:
        """Show in the chat, for five seconds (Bot API), that somebody writes; raises `SendFailed`."""
        try:
            await self._api.do("sendChatAction", seconds=SHOWN_WITHIN, chat_id=route, action="typing")
        except TelegramError as error:
            raise in_our_words(error) from None

    async def close(self) -> None:
        """Wait for tidying in hand."""
        if self._tidying:
            await asyncio.wait(self._tidying, timeout=2.0)


def markup(message: Outgoing) -> dict[str, Any] | None:
    """Give the keyboard of a message: its own buttons, else the standing keyboard shown or taken away, else none."""
    if message.buttons:
        return {"inline_keyboard": [[{"text": b.label, "callback_data": b.data} for b in row] for row in rows(message.buttons)]}
    if message.keyboard == "show":
        labels = message.keyboard_labels
        pairs = [[{"text": label} for label in labels[n : n + 2]] for n in range(0, len(labels), 2)]
        return {"keyboard": pairs, "resize_keyboard": True, "is_persistent": True}
    if message.keyboard == "hide":
        return {"remove_keyboard": True}
    return None


def rows(buttons: tuple[OutButton, ...]) -> list[list[OutButton]]:
    """Give buttons in rows: two short ones side by side, a long one alone."""
    out: list[list[OutButton]] = []
    for button in buttons:
        short = len(button.label) <= SHORT_LABEL
        if short and out and len(out[-1]) == 1 and len(out[-1][0].label) <= SHORT_LABEL:
            out[-1].append(button)
        else:
            out.append([button])
    return out
