"""What the Bot API's methods do, and refuse, as far as a bot like ours calls them.

Rule 1: a limit of Telegram is kept here too: what is too long, too old or not there any more is refused in Telegram's own words.
Rule 2: a message that it never saw is taken for one of an earlier life, and may be edited and deleted (`strict`: may not).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.fault import Refusal

LONGEST_TEXT = 4096
"""UTF-16 units of one message."""
LONGEST_DATA = 64
TOO_OLD = 48 * 3600.0
PRESS_LIVES = 15.0
"""Seconds in which a press may be answered."""
BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
DEACTIVATED = Refusal(403, "Forbidden: user is deactivated")
KICKED = Refusal(403, "Forbidden: bot was kicked from the supergroup chat")
DELETED = Refusal(403, "Forbidden: the group chat was deleted")
NO_MEMBER = Refusal(403, "Forbidden: bot is not a member of the supergroup chat")
NOT_FOUND = Refusal(400, "Bad Request: chat not found")
NO_RIGHTS = Refusal(400, "Bad Request: not enough rights to send text messages to the chat")


def migrated(to: int) -> Refusal:
    """A group that has another number now."""
    return Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=to)


@dataclass
class Methods:
    """Telegram's side of every chat. `closed`: chats that refuse everything, and how."""

    now: Callable[[], float]
    next_id: Callable[[], int]
    strict: bool = False
    closed: dict[int, Refusal] = field(default_factory=dict)
    messages: dict[tuple[int, int], float] = field(default_factory=dict)
    """(chat, message) → when it was sent."""
    deleted: set[tuple[int, int]] = field(default_factory=set)
    topics: dict[int, str] = field(default_factory=dict)
    """Topic → `open`, `closed` or `deleted`."""
    titles: dict[int, str] = field(default_factory=dict)
    """Topic → its name now."""
    keyboards: dict[tuple[int, int], list[list[dict[str, Any]]]] = field(default_factory=dict)
    """(chat, message) → the buttons under it now."""
    topics_in: dict[int, int] = field(default_factory=dict)
    """Message → the topic it stands in."""
    managed: bool = True
    """Whether the bot may manage topics."""
    shut_out: bool = False
    """Whether closed topics refuse the bot all the same."""
    presses: dict[str, float] = field(default_factory=dict)
    """Press → when it came; each may be answered once, for a while."""

    def do(self, method: str, given: dict[str, Any]) -> Any:
        """Carry out one call and give its result; raises `Refusal`."""
        chat = _number(given.get("chat_id"))
        if chat in self.closed:
            raise self.closed[chat]
        doing = getattr(self, f"_{method}", None)
        return doing(chat, given) if doing is not None else True

    def _sendMessage(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        _fits(given)
        self._topic(given.get("message_thread_id"), may=self.managed and not self.shut_out)
        number = self.next_id()
        self.messages[chat, number] = self.now()
        self.keyboards[chat, number] = _buttons(given)
        if given.get("message_thread_id") is not None:
            self.topics_in[number] = _number(given["message_thread_id"])
        return _message(chat, number)

    def _editMessageText(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        _fits(given)
        return self._editMessageReplyMarkup(chat, given)

    def _editMessageReplyMarkup(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        number = _number(given.get("message_id"))
        self._there(chat, number, "Bad Request: message to edit not found")
        if "text" not in given and (chat, number) in self.messages and self.keyboards.get((chat, number)) == _buttons(given):
            raise Refusal(400, "Bad Request: message is not modified")
        self.keyboards[chat, number] = _buttons(given)
        return _message(chat, number)

    def _deleteMessage(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        number = _number(given.get("message_id"))
        self._there(chat, number, "Bad Request: message to delete not found")
        if self.now() - self.messages.get((chat, number), self.now()) >= TOO_OLD:
            raise Refusal(400, "Bad Request: message can't be deleted for everyone")
        self.deleted.add((chat, number))
        return True

    def _deleteMessages(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        numbers = given.get("message_ids") or []
        if not 1 <= len(numbers) <= 100:
            raise Refusal(
                400,
                "Bad Request: too many message identifiers specified" if numbers else "Bad Request: message identifiers are not specified",
            )
        for number in numbers:  # what is missing or too old is left out without a word
            if self.now() - self.messages.get((chat, number), self.now()) < TOO_OLD:
                self.deleted.add((chat, number))
        return True

    def _createForumTopic(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        if not 1 <= len(given["name"]) <= 128:
            raise Refusal(400, "Bad Request: TOPIC_TITLE_EMPTY")
        self._manage()
        number = self.next_id()
        self.topics[number], self.titles[number] = "open", given["name"]
        return {"message_thread_id": number, "name": given["name"], "icon_color": 1}

    def _deleteForumTopic(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        number = _number(given.get("message_thread_id"))
        if self.topics.get(number) == "deleted" or (self.strict and number not in self.topics):
            raise Refusal(400, "Bad Request: TOPIC_ID_INVALID")
        self.topics[number] = "deleted"
        for message, topic in self.topics_in.items():  # a topic takes all that was written in it along
            if topic == number:
                self.deleted.add((chat, message))
        return True

    def _editForumTopic(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        number, name = self._topic_there(given), given.get("name") or ""
        if len(name) > 128:
            raise Refusal(400, "Bad Request: TOPIC_TITLE_INVALID")
        if not name or name == self.titles.get(number):
            raise Refusal(400, "Bad Request: TOPIC_NOT_MODIFIED")
        self.titles[number] = name
        return True

    def _closeForumTopic(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        return self._turned(self._topic_there(given), "closed")

    def _reopenForumTopic(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        return self._turned(self._topic_there(given), "open")

    def _turned(self, topic: int, to: str) -> bool:
        if self.topics.get(topic) == to:
            raise Refusal(400, "Bad Request: TOPIC_NOT_MODIFIED")
        self.topics[topic] = to
        return True

    def _topic_there(self, given: dict[str, Any]) -> int:
        self._manage()
        number = _number(given.get("message_thread_id"))
        if self.topics.get(number, "deleted" if self.strict else "open") == "deleted":
            raise Refusal(400, "Bad Request: TOPIC_ID_INVALID")
        return number

    def _manage(self) -> None:
        if not self.managed:
            raise Refusal(400, "Bad Request: not enough rights to manage topics")

    def _answerCallbackQuery(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        press = str(given.get("callback_query_id"))
        came = self.presses.pop(press, None if self.strict else self.now())
        if came is None or self.now() - came > PRESS_LIVES:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return True

    def _getMe(self, chat: int, given: dict[str, Any]) -> Any:  # noqa: N802 Telegram's name
        return {"id": 123456, "is_bot": True, "first_name": "Amana", "username": "amana_test_bot"}

    def _topic(self, topic: Any, *, may: bool) -> None:
        """`may`: who manages topics writes in closed ones too."""
        if topic is None:
            return
        state = self.topics.get(_number(topic), "deleted" if self.strict else "open")
        if state == "deleted" or (state == "closed" and not may):
            raise Refusal(400, "Bad Request: message thread not found" if state == "deleted" else "Bad Request: TOPIC_CLOSED")

    def _there(self, chat: int, number: int, otherwise: str) -> None:
        known = (chat, number) in self.messages
        if (chat, number) in self.deleted or (self.strict and not known):
            raise Refusal(400, otherwise)


def _fits(given: dict[str, Any]) -> None:
    text = given.get("text") or ""
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_TEXT:
        raise Refusal(400, "Bad Request: message is too long")
    entities = given.get("entities") or []
    if len(entities) > 100:
        raise Refusal(400, "Bad Request: ENTITIES_TOO_LONG")
    end = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if any(one["offset"] < 0 or one["length"] <= 0 or one["offset"] + one["length"] > end for one in entities):
        raise Refusal(400, "Bad Request: ENTITY_BOUNDS_INVALID")
    for row in (given.get("reply_markup") or {}).get("inline_keyboard", []):
        if any(len(button.get("callback_data", "").encode()) > LONGEST_DATA for button in row):
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")


def _buttons(given: dict[str, Any]) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = (given.get("reply_markup") or {}).get("inline_keyboard") or []
    return rows


def _message(chat: int, number: int) -> dict[str, Any]:
    return {"message_id": number, "date": 1, "chat": {"id": chat, "type": "private" if chat > 0 else "supergroup"}}


def _number(given: Any) -> int:
    try:
        return int(given or 0)
    except (TypeError, ValueError):
        raise Refusal(400, "Bad Request: chat not found") from None
