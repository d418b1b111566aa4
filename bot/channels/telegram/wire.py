"""What Telegram sends, reduced to what a conversation needs. One update at a time; a broken one breaks only itself.

Rule 1: names, usernames, photos, telephone numbers and positions are never read out of an update.
Rule 2: what is not understood raises `Unreadable`; what is understood and not needed is `Nothing`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast, get_args

from msgspec import Struct

from bot.conversation.intake import Incoming
from bot.engine.events import AnyEvent, GlobalWord, Left, MediaKind, MediaSent, Pressed, Said, Started, WordPressed

CHANNEL = "telegram"
LONGEST_TEXT = 4096
GLOBAL: tuple[str, ...] = get_args(GlobalWord)
_MEDIA: tuple[tuple[str, MediaKind], ...] = (
    ("photo", "photo"), ("voice", "voice"), ("audio", "voice"), ("video_note", "voice"), ("document", "file"), ("video", "file"),
    ("animation", "file"), ("contact", "file"), ("location", "location"), ("venue", "location"),
)  # fmt: skip

Update: TypeAlias = Mapping[str, Any]


class Unreadable(Exception):
    """This update has not the shape Telegram promises."""


class Nothing(Struct, frozen=True):
    """Understood, and nothing to do."""


class FromPerson(Struct, frozen=True):
    """An event of a person. `callback`: the id of a press to be acknowledged."""

    item: Incoming
    callback: str | None = None


class FromStaff(Struct, frozen=True):
    """A message in the caseworkers' group. `user`: who wrote (hashed by the door before it is kept); `text` None: not text."""

    update: int
    user: int
    topic: int
    message: int
    text: str | None
    edited: bool
    anonymous: bool = False  # an administrator who hides their name: nobody knows who answers


class GroupMoved(Struct, frozen=True):
    """The caseworkers' group got a new id."""

    to: int


Read: TypeAlias = Nothing | FromPerson | FromStaff | GroupMoved


def update_id(update: Any) -> int:
    """Give the update's id; raises `Unreadable`."""
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise Unreadable
    return number


def read(update: Update, *, at: float, group: int | None, languages: Sequence[str]) -> Read:
    """Give what an update means; raises `Unreadable`. `group`: the caseworkers' group, if there is one."""
    number = update_id(update)
    if "message" in update:
        return _message(_mapping(update["message"]), number, at=at, group=group, languages=languages, edited=False)
    if "edited_message" in update:
        return _message(_mapping(update["edited_message"]), number, at=at, group=group, languages=languages, edited=True)
    if "callback_query" in update:
        return _press(_mapping(update["callback_query"]), number, at=at)
    if "my_chat_member" in update:
        return _member(_mapping(update["my_chat_member"]), number, at=at)
    return Nothing()


def _message(message: Update, number: int, *, at: float, group: int | None, languages: Sequence[str], edited: bool) -> Read:
    chat = _mapping(message.get("chat"))
    place = _int(chat.get("id"))
    if group is not None and place == group:
        return _in_group(message, number, edited=edited)
    if chat.get("type") != "private" or edited:
        return Nothing()
    event = _said(message, at=at, languages=languages)
    if event is None:
        return Nothing()
    return FromPerson(_incoming(place, number, event, message=_int(message.get("message_id"))))


def _said(message: Update, *, at: float, languages: Sequence[str]) -> AnyEvent | None:
    text = message.get("text")
    if isinstance(text, str):
        return _words(_whole(text)[:LONGEST_TEXT], message, at=at, languages=languages)
    if text is not None:
        raise Unreadable
    for key, kind in _MEDIA:
        if key in message:
            return MediaSent(at=at, kind=kind, file=_file(message[key]))
    sticker = message.get("sticker")
    if isinstance(sticker, dict):
        emoji = sticker.get("emoji")
        return Said(at=at, text=_whole(emoji) if isinstance(emoji, str) else "")
    return None


def _words(text: str, message: Update, *, at: float, languages: Sequence[str]) -> AnyEvent:
    if not text.startswith("/"):
        return Said(at=at, text=text)
    command, _, rest = text[1:].partition(" ")
    command = command.partition("@")[0].lower()
    if command == "start":
        return Started(at=at, language=_language(rest.strip().lower(), message, languages))
    if command in GLOBAL:
        return WordPressed(at=at, word=cast("GlobalWord", command))
    return Said(at=at, text=text[1:])


def _language(asked: str, message: Update, languages: Sequence[str]) -> str | None:
    """The language of the link, else that of the app, if it is one of ours. Nothing else is read of the sender."""
    if asked in languages:
        return asked
    sender = message.get("from")
    code = sender.get("language_code") if isinstance(sender, dict) else None
    short = code.partition("-")[0].lower() if isinstance(code, str) else ""
    return short if short in languages else None


def _file(value: Any) -> str | None:
    largest = value[-1] if isinstance(value, list) and value else value
    file = largest.get("file_id") if isinstance(largest, dict) else None
    return _whole(file) if isinstance(file, str) else None


def _press(query: Update, number: int, *, at: float) -> Read:
    message = query.get("message")
    if not isinstance(message, dict):
        return Nothing()
    chat = _mapping(message.get("chat"))
    callback, data = query.get("id"), query.get("data")
    if not isinstance(callback, str) or not isinstance(data, str):
        raise Unreadable
    if chat.get("type") not in ("private", None):
        return Nothing()
    event = _pressed(_whole(data), at)
    place = _int(chat.get("id"))
    return FromPerson(_incoming(place, number, event, message=_int(message.get("message_id"))), callback=callback)


def _pressed(data: str, at: float) -> AnyEvent:
    life, _, rest = data.partition(".")
    if life == "*" and rest in GLOBAL:
        return WordPressed(at=at, word=cast("GlobalWord", rest))
    turn, _, key = rest.partition(".")
    if not turn.isdigit() or not key:
        raise Unreadable
    return Pressed(at=at, life=life, turn=int(turn[:9]), key=key)


def _member(change: Update, number: int, *, at: float) -> Read:
    chat = _mapping(change.get("chat"))
    if chat.get("type") != "private":
        return Nothing()
    status = _mapping(change.get("new_chat_member")).get("status")
    if status not in ("kicked", "left"):
        return Nothing()
    return FromPerson(_incoming(_int(chat.get("id")), number, Left(at=at), message=None))


def _in_group(message: Update, number: int, *, edited: bool) -> Read:
    moved = message.get("migrate_to_chat_id")
    if moved is not None:
        return GroupMoved(_int(moved))
    topic = message.get("message_thread_id")
    sender = message.get("from")
    speaker = message.get("sender_chat")
    anonymous = isinstance(speaker, dict)
    if topic is None or not isinstance(sender, dict) or (sender.get("is_bot") and not anonymous):
        return Nothing()
    if any(key.startswith("forum_topic") or key in ("pinned_message", "new_chat_members", "left_chat_member") for key in message):
        return Nothing()
    text = message.get("text")
    return FromStaff(
        update=number, user=_int(sender.get("id")), topic=_int(topic), message=_int(message.get("message_id")),
        text=_whole(text) if isinstance(text, str) else None, edited=edited, anonymous=anonymous,
    )  # fmt: skip


def _incoming(place: int, number: int, event: AnyEvent, *, message: int | None) -> Incoming:
    return Incoming(
        channel=CHANNEL, identity=str(place), route=str(place), event_id=f"tg:{number}", event=event,
        message=str(message) if message is not None else None,
    )  # fmt: skip


def _whole(text: str) -> str:
    """Give the text, if every character of it is one; half a surrogate pair cannot be kept or sent."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unreadable from None
    return text


def _mapping(value: Any) -> Update:
    if not isinstance(value, dict):
        raise Unreadable
    return value


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53:
        raise Unreadable
    return value
