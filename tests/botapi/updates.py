"""Updates as Telegram makes them.

Rule 1: each has a number of its own, greater than all before.
"""

import itertools
from typing import Any


class Updates:
    """Makes updates. `ids`: of messages; `numbers`: of updates."""

    def __init__(self) -> None:
        self.ids = itertools.count(1000)
        self.numbers = itertools.count(1)

    def text(self, chat: int, text: str, **more: Any) -> dict[str, Any]:
        """Make a private text message."""
        message = {"message_id": next(self.ids), "date": 1, "chat": {"id": chat, "type": "private"}, "text": text}
        sender = {"id": chat, "is_bot": False, "first_name": "NAME"}
        return {"update_id": next(self.numbers), "message": {**message, "from": sender, **more}}

    def press(self, chat: int, message: int, data: str, *, inaccessible: bool = False) -> dict[str, Any]:
        """Make a press of an inline button; `inaccessible`: of a message that is gone (date 0, nothing else of it)."""
        held = {"message_id": message, "date": 0 if inaccessible else 1, "chat": {"id": chat, "type": "private"}}
        sender = {"id": chat, "is_bot": False, "first_name": "NAME"}
        return {
            "update_id": next(self.numbers),
            "callback_query": {"id": str(next(self.ids)), "from": sender, "message": held, "data": data},
        }

    def in_topic(self, group: int, topic: int, text: str, user: int = 77, *, edited: bool = False) -> dict[str, Any]:
        """Make a message of a caseworker in a topic."""
        message = {"message_id": next(self.ids), "date": 1, "chat": {"id": group, "type": "supergroup"}, "message_thread_id": topic}
        kind = "edited_message" if edited else "message"
        sender = {"id": user, "is_bot": False, "first_name": "STAFFNAME"}
        return {"update_id": next(self.numbers), kind: {**message, "from": sender, "text": text}}

    def left(self, chat: int, status: str = "kicked") -> dict[str, Any]:
        """Make the news that a person blocked the bot (`kicked`) or let it in again (`member`)."""
        bot = {"id": 1, "is_bot": True, "first_name": "BOT"}
        sender = {"id": chat, "is_bot": False, "first_name": "NAME"}
        change = {"chat": {"id": chat, "type": "private"}, "from": sender, "date": 1, "new_chat_member": {"status": status, "user": bot}}
        return {"update_id": next(self.numbers), "my_chat_member": {**change, "old_chat_member": {"status": "member", "user": bot}}}
