"""A notice to many: what was ordered, who is left out, what goes to one person. Pure.

Rule 1: nobody is told who said stop, cannot be reached, or talks with a caseworker (unless the order says so).
Rule 2: a notice changes nothing of a conversation and lengthens the life of nothing that is kept.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from bot.conversation.keeping.envelope import Noticed
from bot.conversation.keeping.scene import Opened
from bot.conversation.pacing.outgoing import split
from bot.ports import Outgoing

NOTICE_ID = "notice"
"""Id of its messages."""
EVENT = "notice:"
"""Beginning of the names of its events and rows."""
LEFT_OUT = "left-out"
"""Outcome of the turn of somebody who is not told."""
State: TypeAlias = Literal["running", "paused", "stopped"]
Fate: TypeAlias = Literal["running", "paused", "stopped", "unknown"]


class Order(Struct, frozen=True, array_like=True):
    """What an operator ordered. `texts`: language → text. `country`: only people known to be there. `cases`: also those with a case."""

    id: str
    texts: dict[str, str]
    country: str = ""
    cases: bool = False
    state: State = "running"
    by: str = ""
    at: float = 0.0


class Course(Struct, frozen=True, array_like=True):
    """How far it got. `after`: the last person it was given to; `given`: to how many of `people`; `ended`: when all had it."""

    after: bytes = b""
    given: int = 0
    people: int = 0
    ended: float | None = None


class Tally(Struct, array_like=True):
    """What one process counted. `waiting`: rows that wait with it, as of `at`."""

    left: int = 0
    failed: int = 0
    left_out: int = 0
    waiting: int = 0
    at: float = 0.0


class Progress(Struct, frozen=True):
    """How one notice stands: people by what became of them. `to_come`: not given yet."""

    order: Order
    people: int
    to_come: int
    waiting: int
    sent: int
    left: int
    failed: int
    left_out: int
    ended: bool

    @property
    def done(self) -> int:
        """How many people it is over for."""
        return self.people - self.to_come - self.waiting


order_bytes = msgspec.msgpack.Encoder().encode
order_from = msgspec.msgpack.Decoder(Order).decode
course_from = msgspec.msgpack.Decoder(Course).decode
tally_from = msgspec.msgpack.Decoder(Tally).decode


def event_name(notice: str) -> str:
    """Give the name of the event that tells one person."""
    return f"{EVENT}{notice}"


def notice_of(name: str) -> str:
    """Give the notice that an event or a row belongs to; empty if none."""
    return name.removeprefix(EVENT).partition("/")[0] if name.startswith(EVENT) else ""


def left_out(event: Noticed, opened: Opened) -> bool:
    """Whether this person is not told."""
    card, session = opened.card, opened.session
    if card is None or card.quiet or opened.broken or card.language not in event.texts:
        return True
    if session is not None and session.case is not None and not event.cases:
        return True
    return bool(event.country) and (session is None or session.shared.get("country") != event.country)


def parts(event: Noticed, opened: Opened) -> list[Outgoing]:
    """Give the messages for this person."""
    if opened.card is None:
        return []
    language, who = opened.card.language, opened.session.who if opened.session is not None else None
    return [Outgoing(kind="bot", language=language, text=text, id=NOTICE_ID, who=who) for text in split(event.texts[language])]


def progress(order: Order, course: Course, tallies: list[Tally], now: float) -> Progress:
    """Put together what is known. What a process counted in its last second is lost if it is killed; those count as sent."""
    waiting = sum(tally.waiting for tally in tallies if now - tally.at < STALE)
    left, failed, out = (sum(getattr(tally, name) for tally in tallies) for name in ("left", "failed", "left_out"))
    people = max(course.people, course.given)
    return Progress(
        order=order, people=people, to_come=people - course.given if course.ended is None else 0,
        waiting=waiting, sent=max(0, course.given - waiting - left - failed - out), left=left, failed=failed, left_out=out,
        ended=order.state == "stopped" or (course.ended is not None and not waiting),
    )  # fmt: skip


STALE = 5.0
"""Seconds after which a process that counts no more is taken for dead, and its rows for another's."""
