"""What stands inside the sealed rows: the event as accepted, the route back, the parcel to send, the case file and its entries.

Rule 1: these shapes are read again after a restart or an upgrade: fields are only added, at the end, with a default.
Rule 2: no name, username, photo or telephone number has a field here.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from bot.engine.events import AnyEvent, Event
from bot.i18n.values import Text, Value
from bot.ports import Outgoing


class NoteWritten(Event, frozen=True, kw_only=True):
    """A caseworker wrote a private note on the case."""

    case: str
    text: str


NOT_DELIVERED = "bot.not-delivered"
"""The text that tells a person that a message of the bot was given up."""


class Unsent(Event, frozen=True, kw_only=True):
    """A message was given up: refused, or nobody knows whether it went out. `case`: a caseworker's words; empty: the bot's."""

    case: str = ""


class Forgotten(Event, frozen=True, kw_only=True):
    """An operator erased this person at their request."""


Happening: TypeAlias = AnyEvent | NoteWritten | Unsent | Forgotten


class Envelope(Struct, frozen=True, array_like=True):
    """One accepted event. `by`: the caseworker, for what staff do. `outcome`: how a case ended. `message`: its id in the channel."""

    event: Happening
    channel: str = ""
    route: str = ""
    message: str | None = None
    by: str = ""
    outcome: str = ""


class RouteCard(Struct, frozen=True, array_like=True):
    """How to reach the person. `keyboard`: the standing keyboard still has to be shown (or hidden) with the next fitting message."""

    channel: str
    route: str
    language: str
    keyboard: Literal["show", "hide"] | None = None


class Parcel(Struct, frozen=True, array_like=True):
    """One message part with the way it goes."""

    channel: str
    route: str
    message: Outgoing


class CaseFile(Struct, frozen=True, array_like=True):
    """What a caseworker may know of a case, as consented. `entries`: those of the thread; `hidden`: the first so many are not shown."""

    fields: tuple[tuple[Text, Value], ...] = ()
    safe_hours: tuple[str, ...] = ()
    opened_at: float = 0.0
    entries: int = 0
    outcome: str = ""
    left: bool = False
    country: str = ""
    hidden: int = 0  # entries that were for another team, from before the case moved
    staffed_at: float = 0.0  # when the caseworker who has it last did something


class ThreadItem(Struct, frozen=True, array_like=True):
    """One entry of a thread. `said`: what the bot said, by id, so that staff read it in their own language."""

    kind: Literal["person", "staff", "bot", "note", "state"]
    text: str = ""
    said: Text | None = None
    by: str = ""
    media: str | None = None
    file: str | None = None


Shown: TypeAlias = tuple[tuple[int, tuple[int | str, ...]], ...]
"""Ids of the messages on the person's phone, by the hour (since 1970) in which they came: an erasure deletes them while it still can."""


def shown_with(shown: Shown, at: float, message: str | None, hours: int) -> Shown:
    """Give the list with one message more, and without what is older than so many hours."""
    hour = int(at // 3600)
    kept = [one for one in shown if one[0] > hour - hours]
    if message:
        id_ = int(message) if message.isdigit() and len(message) < 18 and message[0] != "0" else message
        if kept and kept[-1][0] == hour:
            kept[-1] = (hour, (*kept[-1][1], id_))
        else:
            kept.append((hour, (id_,)))
    return tuple(kept)


envelope_bytes = msgspec.msgpack.Encoder().encode
envelope_from = msgspec.msgpack.Decoder(Envelope).decode
route_from = msgspec.msgpack.Decoder(RouteCard).decode
parcel_from = msgspec.msgpack.Decoder(Parcel).decode
file_from = msgspec.msgpack.Decoder(CaseFile).decode
item_from = msgspec.msgpack.Decoder(ThreadItem).decode
shown_from = msgspec.msgpack.Decoder(Shown).decode
to_bytes = msgspec.msgpack.Encoder().encode
