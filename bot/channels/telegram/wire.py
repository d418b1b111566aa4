"""What Telegram sends, reduced to what a conversation needs. One update at a time; a broken one breaks only itself.

Rule 1: names, usernames, photos, telephone numbers and positions are never read out of an update: no field here has room for them.
Rule 2: what is not understood raises `Unreadable`; what is understood and not needed is `Nothing`.
"""

import json
from collections.abc import Collection, Sequence
from typing import Annotated, Literal, TypeAlias, cast, get_args

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from bot.conversation.keeping.intake import Incoming
from bot.engine.events import AnyEvent, Corrected, GlobalWord, Left, MediaKind, MediaSent, Pressed, Said, Started, WordPressed

CHANNEL = "telegram"
LONGEST_TEXT = 4096
GLOBAL: tuple[str, ...] = get_args(GlobalWord)
Number: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]


class Unreadable(Exception):
    """This update has not the shape Telegram promises."""


class Nothing(Struct, frozen=True):
    """Understood, and nothing to do."""


class FromPerson(Struct, frozen=True):
    """An event of a person. `callback`: the id of a press to be acknowledged."""

    item: Incoming
    callback: str | None = None


Odd: TypeAlias = Literal["", "anonymous", "forwarded", "via-bot", "elsewhere", "media"]
"""What makes a message of staff one that cannot be passed on: an administrator who hides their name (nobody knows who answers), words
of somebody else, a reply to what stands in another topic, no text."""


class FromStaff(Struct, frozen=True):
    """A message in the caseworkers' group. `user`: who wrote (hashed by the door before it is kept)."""

    group: int
    update: int
    user: int
    topic: int
    message: int
    text: str
    edited: bool
    odd: Odd = ""
    theirs: bool = False  # the topic was made by somebody of the group, not by us


class StaffPressed(Struct, frozen=True):
    """A caseworker pressed a button under a post. `topic` None: the post is gone, and it is not said where it stood."""

    group: int
    update: int
    user: int
    topic: int | None
    message: int
    data: str
    callback: str


class GroupMoved(Struct, frozen=True):
    """The caseworkers' group got a new id."""

    group: int
    to: int


class GroupStands(Struct, frozen=True):
    """What we are in the caseworkers' group has changed. `lacks`: `no-group`, `no-rights`, or nothing."""

    group: int
    lacks: Literal["", "no-group", "no-rights"]


class TopicShut(Struct, frozen=True):
    """Somebody closed a topic by hand."""

    group: int
    topic: int


FromGroup: TypeAlias = FromStaff | StaffPressed | TopicShut | GroupMoved | GroupStands
Read: TypeAlias = Nothing | FromPerson | FromGroup


# ── the part of the Bot API that is read ────────────────────────────────────────────────────────────────────────────────
class _Chat(Struct):
    id: Number
    type: str = ""


class _Sender(Struct):
    id: Number = 0
    is_bot: bool = False
    language_code: str = ""


class _Above(Struct, rename={"sender": "from"}):
    """The message that another one answers; the first of a topic, if none is chosen."""

    message_thread_id: Number | UnsetType = UNSET
    forum_topic_created: Raw | UnsetType = UNSET
    sender: _Sender | UnsetType = UNSET


class _File(Struct):
    file_id: str | None = None


class _Sticker(Struct):
    emoji: str = ""


class _Message(Struct, rename={"sender": "from"}):
    """A message. Of what only has to be there or not, nothing is read (`Raw`)."""

    chat: _Chat
    message_id: Number
    sender: _Sender | UnsetType = UNSET
    text: str | UnsetType = UNSET
    photo: list[_File] | UnsetType = UNSET
    voice: _File | UnsetType = UNSET
    audio: _File | UnsetType = UNSET
    video_note: _File | UnsetType = UNSET
    document: _File | UnsetType = UNSET
    video: _File | UnsetType = UNSET
    animation: _File | UnsetType = UNSET
    contact: Raw | UnsetType = UNSET
    location: Raw | UnsetType = UNSET
    venue: Raw | UnsetType = UNSET
    sticker: _Sticker | UnsetType = UNSET
    message_thread_id: Number | UnsetType = UNSET
    reply_to_message: _Above | UnsetType = UNSET
    external_reply: Raw | UnsetType = UNSET
    forward_origin: Raw | UnsetType = UNSET
    forward_date: Raw | UnsetType = UNSET
    via_bot: Raw | UnsetType = UNSET
    poll: Raw | UnsetType = UNSET
    dice: Raw | UnsetType = UNSET
    game: Raw | UnsetType = UNSET
    story: Raw | UnsetType = UNSET
    paid_media: Raw | UnsetType = UNSET
    checklist: Raw | UnsetType = UNSET
    migrate_to_chat_id: Number | UnsetType = UNSET
    sender_chat: Raw | UnsetType = UNSET
    forum_topic_closed: Raw | UnsetType = UNSET


class _Query(Struct, rename={"sender": "from"}):
    id: str
    data: str = ""
    message: _Message | None = None
    sender: _Sender | UnsetType = UNSET


class _Standing(Struct, frozen=True):
    status: str = ""
    can_manage_topics: bool = False


class _Change(Struct):
    chat: _Chat
    new_chat_member: _Standing = _Standing()


class _Update(Struct):
    update_id: Number
    message: _Message | UnsetType = UNSET
    edited_message: _Message | UnsetType = UNSET
    callback_query: _Query | UnsetType = UNSET
    my_chat_member: _Change | UnsetType = UNSET


class _Numbered(Struct):
    update_id: Number


_update = msgspec.json.Decoder(_Update).decode
_numbered = msgspec.json.Decoder(_Numbered).decode
_FILES: tuple[tuple[str, MediaKind], ...] = (
    ("voice", "voice"), ("audio", "voice"), ("video_note", "voice"), ("document", "file"), ("video", "file"), ("animation", "file"),
)  # fmt: skip
_MEDIA = (
    "photo", "voice", "audio", "video_note", "document", "video", "animation", "contact", "location", "venue", "sticker", "poll", "dice",
    "game", "story", "paid_media", "checklist",
)  # fmt: skip
"""What staff may send beside text; anything else without text is Telegram's own news of the group."""


def number_of(update: bytes | Raw) -> int:
    """Give the update's number, also of one that can otherwise not be read; -1 if it has none."""
    try:
        return _numbered(update).update_id
    except (msgspec.DecodeError, RecursionError):
        return _number_at_least(bytes(update))


def _number_at_least(update: bytes) -> int:
    """Telegram may send half a character, which JSON allows and no text can hold: the number is read all the same."""
    try:
        number = json.loads(update).get("update_id")
    except (ValueError, RecursionError, AttributeError):
        return -1
    return number if isinstance(number, int) and not isinstance(number, bool) else -1


def read(update: bytes | Raw, *, at: float, groups: Collection[int], languages: Sequence[str]) -> Read:
    """Give what an update means; raises `Unreadable`. `groups`: numbers of the caseworkers' groups."""
    try:
        known = _update(update)
    except (msgspec.DecodeError, RecursionError):
        raise Unreadable from None
    number = known.update_id
    if known.message is not UNSET:
        return _message(known.message, number, at=at, groups=groups, languages=languages, edited=False)
    if known.callback_query is not UNSET:
        return _press(known.callback_query, number, at=at, groups=groups)
    if known.edited_message is not UNSET:
        return _message(known.edited_message, number, at=at, groups=groups, languages=languages, edited=True)
    if known.my_chat_member is not UNSET:
        return _member(known.my_chat_member, number, at=at, groups=groups)
    return Nothing()


def _message(message: _Message, number: int, *, at: float, groups: Collection[int], languages: Sequence[str], edited: bool) -> Read:
    place = message.chat.id
    if place in groups:
        return _in_group(message, number, edited=edited)
    if message.chat.type != "private":
        return Nothing()
    event = _changed(message, at=at) if edited else _said(message, at=at, languages=languages)
    if event is None:
        return Nothing()
    return FromPerson(_incoming(place, number, event, message=message.message_id))


def _changed(message: _Message, *, at: float) -> AnyEvent | None:
    """What a person changed; of what is not text nothing is followed (a shared position is edited all the time)."""
    return Corrected(at=at, text=message.text[:LONGEST_TEXT]) if message.text is not UNSET else None


def _said(message: _Message, *, at: float, languages: Sequence[str]) -> AnyEvent | None:
    if message.text is not UNSET:
        return _words(message.text[:LONGEST_TEXT], message, at=at, languages=languages)
    if message.photo is not UNSET:
        return MediaSent(at=at, kind="photo", file=message.photo[-1].file_id if message.photo else None)
    for field, kind in _FILES:
        held = getattr(message, field)
        if held is not UNSET:
            return MediaSent(at=at, kind=kind, file=held.file_id)
    if message.contact is not UNSET:
        return MediaSent(at=at, kind="file", file=None)
    if message.location is not UNSET or message.venue is not UNSET:
        return MediaSent(at=at, kind="location", file=None)
    if message.sticker is not UNSET:
        return Said(at=at, text=message.sticker.emoji)
    return None


def _words(text: str, message: _Message, *, at: float, languages: Sequence[str]) -> AnyEvent:
    if not text.startswith("/"):
        return Said(at=at, text=text)
    command, _, rest = text[1:].partition(" ")
    command = command.partition("@")[0].lower()
    if command == "start":
        return Started(at=at, language=_language(rest.strip().lower(), message, languages))
    if command in GLOBAL:
        return WordPressed(at=at, word=cast("GlobalWord", command))
    return Said(at=at, text=text[1:])


def _language(asked: str, message: _Message, languages: Sequence[str]) -> str | None:
    """The language of the link, else that of the app, if it is one of ours. Nothing else is read of the sender."""
    if asked in languages:
        return asked
    code = message.sender.language_code if message.sender is not UNSET else ""
    short = code.partition("-")[0].lower()
    return short if short in languages else None


def _press(query: _Query, number: int, *, at: float, groups: Collection[int]) -> Read:
    message = query.message
    if message is not None and message.chat.id in groups:
        topic = message.message_thread_id if message.message_thread_id is not UNSET else None
        user = query.sender.id if query.sender is not UNSET else 0
        return StaffPressed(
            group=message.chat.id, update=number, user=user, topic=topic, message=message.message_id, data=query.data, callback=query.id
        )
    if message is None or message.chat.type not in ("private", ""):
        return Nothing()
    return FromPerson(_incoming(message.chat.id, number, _pressed(query.data, at), message=message.message_id), callback=query.id)


def _pressed(data: str, at: float) -> AnyEvent:
    life, _, rest = data.partition(".")
    if life == "*" and rest in GLOBAL:
        return WordPressed(at=at, word=cast("GlobalWord", rest))
    turn, _, key = rest.partition(".")
    if not turn.isdigit() or not key:
        raise Unreadable
    return Pressed(at=at, life=life, turn=int(turn[:9]), key=key)


def _member(change: _Change, number: int, *, at: float, groups: Collection[int]) -> Read:
    if change.chat.id in groups:
        return GroupStands(change.chat.id, _lacks(change.new_chat_member))
    if change.chat.type != "private" or change.new_chat_member.status not in ("kicked", "left"):
        return Nothing()
    return FromPerson(_incoming(change.chat.id, number, Left(at=at), message=None))


def _lacks(we: _Standing) -> Literal["", "no-group", "no-rights"]:
    if we.status in ("left", "kicked"):
        return "no-group"
    return "" if we.status == "administrator" and we.can_manage_topics else "no-rights"


def _in_group(message: _Message, number: int, *, edited: bool) -> Read:
    if message.migrate_to_chat_id is not UNSET:
        return GroupMoved(message.chat.id, message.migrate_to_chat_id)
    if message.forum_topic_closed is not UNSET and message.message_thread_id is not UNSET:
        return TopicShut(message.chat.id, message.message_thread_id)
    odd = _odd(message)
    if message.message_thread_id is UNSET or message.sender is UNSET or (message.sender.is_bot and odd != "anonymous"):
        return Nothing()
    if message.text is UNSET and not _has_media(message):
        return Nothing()
    above = message.reply_to_message
    made = above is not UNSET and above.forum_topic_created is not UNSET and above.sender is not UNSET
    return FromStaff(
        group=message.chat.id, update=number, user=message.sender.id, topic=message.message_thread_id, message=message.message_id,
        text=message.text if message.text is not UNSET else "", edited=edited, odd=odd,
        theirs=made and above is not UNSET and above.sender is not UNSET and not above.sender.is_bot,
    )  # fmt: skip


def _odd(message: _Message) -> Odd:
    above = message.reply_to_message
    if message.sender_chat is not UNSET:
        return "anonymous"
    if message.forward_origin is not UNSET or message.forward_date is not UNSET:
        return "forwarded"
    if message.via_bot is not UNSET:
        return "via-bot"
    apart = above is not UNSET and above.message_thread_id is not UNSET and above.message_thread_id != message.message_thread_id
    if message.external_reply is not UNSET or apart:
        return "elsewhere"
    return "media" if _has_media(message) else ""


def _has_media(message: _Message) -> bool:
    return any(getattr(message, field) is not UNSET for field in _MEDIA)


def _incoming(place: int, number: int, event: AnyEvent, *, message: int | None) -> Incoming:
    where = str(place)
    return Incoming(
        channel=CHANNEL, identity=where, route=where, event_id=f"tg:{number}", event=event,
        message=str(message) if message is not None else None,
    )  # fmt: skip
