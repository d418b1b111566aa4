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

    def changed(self, sent: dict[str, Any], text: str) -> dict[str, Any]:
        """Make the edit of a message that came before."""
        return {"update_id": next(self.numbers), "edited_message": {**sent["message"], "edit_date": 2, "text": text}}

    def press(self, chat: int, message: int, data: str, *, inaccessible: bool = False) -> dict[str, Any]:
        """Make a press of an inline button; `inaccessible`: of a message that is gone (date 0, nothing else of it)."""
        held = {"message_id": message, "date": 0 if inaccessible else 1, "chat": {"id": chat, "type": "private"}}
        sender = {"id": chat, "is_bot": False, "first_name": "NAME"}
        return {
            "update_id": next(self.numbers),
            "callback_query": {"id": str(next(self.ids)), "from": sender, "message": held, "data": data},
        }

    def in_topic(
        self, group: int, topic: int, text: str, user: int = 77, *, edited: bool = False, message: int | None = None, **more: Any
    ) -> dict[str, Any]:
        """Make a message of a caseworker in a topic. `message`: its id, for an edit of one that was written before."""
        number = message if message is not None else next(self.ids)
        held = {"message_id": number, "date": 1, "chat": {"id": group, "type": "supergroup"}, "message_thread_id": topic}
        sender = {"id": user, "is_bot": False, "first_name": "STAFFNAME"}
        kind = "edited_message" if edited else "message"
        return {"update_id": next(self.numbers), kind: {**held, "from": sender, "text": text, **more}}

    def press_in_topic(self, group: int, topic: int | None, message: int, data: str, user: int = 77) -> dict[str, Any]:
        """Make a press of a caseworker on a button under a post; `topic` None: the post is gone, and Telegram does not say where it was."""
        held: dict[str, Any] = {"message_id": message, "date": 1 if topic is not None else 0, "chat": {"id": group, "type": "supergroup"}}
        if topic is not None:
            held |= {"message_thread_id": topic, "is_topic_message": True, "from": {"id": 123456, "is_bot": True, "first_name": "BOT"}}
        sender = {"id": user, "is_bot": False, "first_name": "STAFFNAME"}
        query = {"id": str(next(self.ids)), "from": sender, "message": held, "data": data, "chat_instance": "1"}
        return {"update_id": next(self.numbers), "callback_query": query}

    def shut_by_hand(self, group: int, topic: int, user: int = 77) -> dict[str, Any]:
        """Make the news that somebody closed a topic."""
        held = {"message_id": next(self.ids), "date": 1, "chat": {"id": group, "type": "supergroup"}, "message_thread_id": topic}
        sender = {"id": user, "is_bot": False, "first_name": "STAFFNAME"}
        return {"update_id": next(self.numbers), "message": {**held, "from": sender, "is_topic_message": True, "forum_topic_closed": {}}}

    def standing(self, group: int, status: str, **rights: bool) -> dict[str, Any]:
        """Make the news of what the bot is in a group now (`administrator`, `member`, `left`, `kicked`)."""
        bot = {"id": 123456, "is_bot": True, "first_name": "BOT"}
        change = {"chat": {"id": group, "type": "supergroup"}, "from": {"id": 77, "is_bot": False, "first_name": "STAFFNAME"}, "date": 1}
        new = {"status": status, "user": bot, **rights}
        return {
            "update_id": next(self.numbers),
            "my_chat_member": {**change, "old_chat_member": {"status": "member", "user": bot}, "new_chat_member": new},
        }

    def left(self, chat: int, status: str = "kicked") -> dict[str, Any]:
        """Make the news that a person blocked the bot (`kicked`) or let it in again (`member`)."""
        bot = {"id": 1, "is_bot": True, "first_name": "BOT"}
        sender = {"id": chat, "is_bot": False, "first_name": "NAME"}
        change = {"chat": {"id": chat, "type": "private"}, "from": sender, "date": 1, "new_chat_member": {"status": status, "user": bot}}
        return {"update_id": next(self.numbers), "my_chat_member": {**change, "old_chat_member": {"status": "member", "user": bot}}}
