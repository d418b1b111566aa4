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

NOT_DELIVERED = "bot.not-delivered"
"""The text that tells a person that a message of the bot was given up."""


class Unsent(Event, frozen=True, kw_only=True):
    """A message was given up: refused, or in doubt. `case`: a caseworker's words; empty: the bot's. `row`: its row."""

    case: str = ""
    row: str = ""


class Given(Event, frozen=True, kw_only=True):
    """The channel took a caseworker's words. `row`: which."""

    case: str
    row: str


class Fetched(Event, frozen=True, kw_only=True):
    """The person's page has fetched a caseworker's words that were laid there at `upto`, and what came before."""

    upto: float


class NoteWritten(Event, frozen=True, kw_only=True):
    """A caseworker wrote a private note on the case."""

    case: str
    text: str


class Tagged(Event, frozen=True, kw_only=True):
    """A caseworker said which tags the case has now; all of them."""

    case: str
    tags: tuple[str, ...]


class Reassigned(Event, frozen=True, kw_only=True):
    """The case goes to a colleague of this tree. `over`: by somebody who may take it from whoever has it."""

    case: str
    to: str
    note: str = ""
    over: bool = False


class AnswerPutOff(Event, frozen=True, kw_only=True):
    """A caseworker wrote an answer that shall go out at `due`, in an hour that is safe. `reply`: of a canned reply, its id."""

    case: str
    id: str
    text: str
    due: float
    reply: str = ""


class AnswerWithdrawn(Event, frozen=True, kw_only=True):
    """An answer that was put off shall not go."""

    case: str
    id: str


class AnswerDue(Event, frozen=True, kw_only=True):
    """The hour of an answer that was put off has come; void if it was withdrawn."""

    case: str
    id: str


class Alerted(Event, frozen=True, kw_only=True):
    """So many alerts were given because nobody claimed the case, the last to this team or line; void if somebody did."""

    case: str
    step: int
    to: str = ""


class Forgotten(Event, frozen=True, kw_only=True):
    """An operator erased this person at their request."""


class Noticed(Event, frozen=True, kw_only=True):
    """An operator tells something to many. `texts`: language → text; `country`, `cases`: see `bot.conversation.notices.notice.Order`."""

    texts: dict[str, str]
    country: str = ""
    cases: bool = False


Happening: TypeAlias = (
    AnyEvent
    | NoteWritten
    | Tagged
    | Reassigned
    | AnswerPutOff
    | AnswerWithdrawn
    | AnswerDue
    | Alerted
    | Unsent
    | Forgotten
    | Noticed
    | Given
    | Fetched
)


class Envelope(Struct, frozen=True, array_like=True):
    """One accepted event. `by`: the caseworker, for what staff do. `outcome`: how a case ended. `message`: its id in the channel."""

    event: Happening
    channel: str = ""
    route: str = ""
    message: str | None = None
    by: str = ""
    outcome: str = ""
    partner: str = ""  # the contact a case was passed to
    note: str = ""  # what the next caseworker shall know
    source: str = ""  # the channel's id of what a caseworker wrote
    edits: int = 0  # the entry that these words take the place of
    teams: tuple[str, ...] = ()  # void if the case is in none of these teams by then; empty = in whichever
    safely: bool = False  # words that shall go in an hour that is safe only
    action: str = ""  # what words of a caseworker are called, should they have to wait


class RouteCard(Struct, frozen=True, array_like=True):
    """How to reach the person. `keyboard`: the standing keyboard still has to be shown (or hidden) with the next fitting message.

    `quiet`: they said stop, or cannot be reached: nobody begins to write to them. `past_case`, `past_team`: the last case that was closed.
    """

    channel: str
    route: str
    language: str
    keyboard: Literal["show", "hide"] | None = None
    quiet: bool = False
    past_case: str = ""
    past_team: str = ""


class Parcel(Struct, frozen=True, array_like=True):
    """One message part with the way it goes."""

    channel: str
    route: str
    message: Outgoing


class Later(Struct, frozen=True, array_like=True):
    """An answer that waits for a safe hour. `asked`: since when the person waited, should it not go. `reply`: id of a canned reply.

    `corrects`, `edits`: it takes the place of an answer, of this entry. `source`: the channel's id of the words.
    """

    id: str
    at: float
    text: str
    by: str
    reply: str = ""
    asked: float = 0.0
    corrects: bool = False
    edits: int = 0
    source: str = ""


FateState: TypeAlias = Literal["out", "given", "fetched", "failed", "blocked"]


class Fate(Struct, frozen=True, array_like=True):
    """What became of an answer: of which entry, by which event, in how many parts that the channel has not taken yet, when put out.

    `out`: waits to be sent; `given`: the channel took it; `fetched`: the person's page has it; `failed`, `blocked`: it does not arrive.
    """

    entry: int
    event: str
    parts: int
    put_out: float
    state: FateState = "out"
    at: float = 0.0


class CaseFile(Struct, frozen=True, array_like=True):
    """What a caseworker may know of a case, as consented. `entries`: those of the thread; `hidden`: the first so many are not shown.

    `need`: the flow whose consent opened it. `withheld`: how many answers were not shared. `phrase`, `way`: the agreed code phrase, and
    the safe way to write. `partner`: the contact it was passed to. `notes`: entries that are notes.
    `sources`: number, channel's id and author of the latest entries, which may still be changed.
    """

    fields: tuple[tuple[Text, Value], ...] = ()
    safe_hours: tuple[str, ...] = ()
    opened_at: float = 0.0
    entries: int = 0
    outcome: str = ""
    left: bool = False
    country: str = ""
    hidden: int = 0  # entries that were for another team, from before the case moved
    staffed_at: float = 0.0  # when the caseworker who has it last did something
    need: str = ""
    withheld: int = 0
    phrase: str = ""
    way: Value | None = None
    tags: tuple[str, ...] = ()
    later: tuple[Later, ...] = ()
    partner: str = ""
    notes: tuple[int, ...] = ()
    sources: tuple[tuple[int, str, str], ...] = ()
    channel: str = ""
    wrote_at: float = 0.0  # when the person last wrote
    fates: tuple[Fate, ...] = ()  # of the latest answers
    left_topics: tuple[str, ...] = ()  # places of topics in groups of teams that had the case before


EntryKind: TypeAlias = Literal["person", "staff", "bot", "note", "state", "later"]


class ThreadItem(Struct, frozen=True, array_like=True):
    """One entry of a thread. `said`: what the bot said, or the canned reply, by id, so that staff read it in their own language.

    `source`: the channel's id of the words. `edits`: the entry that these words take the place of. `about`: of a state, its object.
    """

    kind: EntryKind
    text: str = ""
    said: Text | None = None
    by: str = ""
    media: str | None = None
    file: str | None = None
    source: str = ""
    edits: int = 0
    about: str = ""


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


def shown_one(at: float, message: str) -> tuple[Shown, bytes]:
    """Give the list of one message, and as it is kept."""
    shown = shown_with((), at, message, 1)
    return shown, shown_bytes(shown)


def shown_bytes(shown: Shown) -> bytes:
    """Give the list as kept: each hour once, and of numbers the difference to the one before, because a record lies long and often."""
    rows: list[list[int | str]] = []
    hour, last = -1, 0
    for at, ids in shown:
        if at != hour:
            rows.append([at])
            hour, last = at, 0
        for id_ in ids:
            if isinstance(id_, int):
                rows[-1].append(id_ - last)
                last = id_
            else:
                rows[-1].append(id_)
    return to_bytes(rows)


def shown_from(data: bytes) -> Shown:
    """Give the list that `shown_bytes` wrote; raises `msgspec.DecodeError`, `msgspec.ValidationError`."""
    found: list[tuple[int, tuple[int | str, ...]]] = []
    for hour, *steps in _rows_from(data):
        ids: list[int | str] = []
        last = 0
        for step in steps:
            if isinstance(step, int):
                last += step
                ids.append(last)
            else:
                ids.append(step)
        found.append((int(hour), tuple(ids)))
    return tuple(found)


envelope_bytes = msgspec.msgpack.Encoder().encode
envelope_from = msgspec.msgpack.Decoder(Envelope).decode
route_from = msgspec.msgpack.Decoder(RouteCard).decode
parcel_from = msgspec.msgpack.Decoder(Parcel).decode
file_from = msgspec.msgpack.Decoder(CaseFile).decode
item_from = msgspec.msgpack.Decoder(ThreadItem).decode
_rows_from = msgspec.msgpack.Decoder(list[list[int | str]]).decode
to_bytes = msgspec.msgpack.Encoder().encode
