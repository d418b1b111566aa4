"""The work of notices: one process gives a notice to one person after another, each through their own inbox; all count what becomes of it.

Rule 1: a notice is an event in each person's inbox, under one name: given twice, it is taken once.
Rule 2: no more is given than a few seconds' sending ahead, so that the inbox stays short, and stopping is quick.
Rule 3: what is not running is not sent: a row of a stopped notice ends, one of a paused notice waits.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from msgspec import structs

from bot.conversation.keeping.envelope import Envelope, Noticed
from bot.conversation.keeping.intake import Intake
from bot.conversation.keeping.vault import Vault
from bot.conversation.notices.notice import (
    Course,
    Fate,
    Order,
    Progress,
    State,
    Tally,
    course_from,
    event_name,
    notice_of,
    order_bytes,
    order_from,
    progress,
    tally_from,
)
from bot.conversation.pacing.traffic import DESK, NOTICE
from bot.conversation.running.bells import Bell
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.running.holds import Hold
from bot.ports import Channel, Clock, Note, Stale, Store, StoreUnavailable

ORDERS, COURSES, TALLIES = "notices", "notices-at", "notices-by"
"""Spaces of the notes: what was ordered, how far it got, what each process counted (`<notice>/<process>`)."""
KEPT = 30 * 86400.0
"""Seconds that a notice can be looked at."""
EVERY = 0.5
LOOKS = 1.0
AHEAD = 2.5
"""Seconds of sending that are given ahead."""
UNPACED = 400.0
"""Notices a second, where nothing else says how many."""
BUSY = 500
"""Events waiting in the inboxes at which nothing is added to them: people come first."""


class NoticesTold(Protocol):
    """What is told to the operator's counters."""

    def noticed(self, standing: Sequence[Progress]) -> None:
        """How the notices that are not over stand."""


class NoticeBook:
    """What was ordered, as it is kept. For operators' commands too."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    async def order(self, order: Order) -> None:
        """Keep a new order; it is begun at once by whoever does the work."""
        await self._put(ORDERS, order.id, order, version=0)

    async def change(self, notice: str, state: State, by: str) -> bool:
        """Pause, resume or stop; False if there is no such notice, or it is stopped."""
        note = await self._store.note(ORDERS, notice)
        if note is None:
            return False
        order = order_from(self._vault.open_note(ORDERS, notice, note.value))
        if order.state == "stopped":
            return False
        await self._put(ORDERS, notice, structs.replace(order, state=state, by=by), version=note.version)
        return True

    async def orders(self) -> list[Order]:
        """Give all orders that are kept, oldest first."""
        found = [order_from(self._opened(ORDERS, note)) for note in await self._store.notes(ORDERS)]
        return sorted(found, key=lambda order: (order.at, order.id))

    async def course(self, notice: str) -> Course:
        """Give how far a notice got."""
        note = await self._store.note(COURSES, notice)
        return course_from(self._opened(COURSES, note)) if note is not None else Course()

    async def advance(self, notice: str, course: Course) -> None:
        """Keep how far a notice got."""
        await self._put(COURSES, notice, course)

    async def count(self, notice: str, process: str, tally: Tally) -> None:
        """Keep what one process counted."""
        await self._put(TALLIES, f"{notice}/{process}", tally)

    async def progress(self, order: Order) -> Progress:
        """Give how a notice stands."""
        tallies = [tally_from(self._opened(TALLIES, note)) for note in await self._store.notes(TALLIES, f"{order.id}/")]
        return progress(order, await self.course(order.id), tallies, self._clock.now())

    def _opened(self, space: str, note: Note) -> bytes:
        return self._vault.open_note(space, note.key, note.value)

    async def _put(self, space: str, key: str, what: Order | Course | Tally, version: int | None = None) -> None:
        sealed = self._vault.seal_note(space, key, order_bytes(what))
        await self._store.put_note(space, key, sealed, version=version, expires=self._clock.now() + KEPT)


class Notices:
    """The work of one process. `name`: of the process; `hold`: who gives, of several processes (None: there is only one)."""

    def __init__(
        self, *, store: Store, vault: Vault, intake: Intake, clock: Clock, channels: Mapping[str, Channel], told: NoticesTold,
        name: str, hold: Hold | None = None,
    ) -> None:  # fmt: skip
        self.book = NoticeBook(store=store, vault=vault, clock=clock)
        self._store = store
        self._intake = intake
        self._clock = clock
        self._channels = channels
        self._told = told
        self._name = name
        self._hold = hold
        self._states: dict[str, State] | None = None  # None: not read yet
        self._tallies: dict[str, Tally] = {}
        self._open: list[str] = []  # notices that are not over
        self._over: set[str] = set()
        self._bell = Bell()
        self._stopping = False

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._bell.ring()

    # ── what the worker and the sender ask and tell ──
    def fate(self, row: str) -> Fate:
        """Give what is to become of a row. One that is not known here yet, because another process has just given it, waits for a look."""
        state = (self._states or {}).get(notice_of(row))
        if state is None:
            self._bell.ring()
            return "unknown"
        return state

    def count(self, name: str, end: str) -> None:
        """A row or an event ended otherwise than sent: `left`, `failed` or `left_out`."""
        tally = self._tallies.setdefault(notice_of(name), Tally())
        setattr(tally, end, getattr(tally, end) + 1)

    # ── the work ──
    async def run(self) -> None:
        """Work until stopped."""
        while not self._stopping:
            with suppress(StoreUnavailable, Stale):
                await self.once()
            await self._bell.wait(EVERY if self._open else LOOKS)
        with suppress(StoreUnavailable, Stale):
            await self._write_down()
        if self._hold is not None:
            await self._hold.drop()

    async def once(self) -> None:
        """Look at the orders, write down what was counted, give the next people. One at a time: a paused one holds those behind it."""
        orders = await self.book.orders()
        self._states = {order.id: order.state for order in orders}
        self._open = [order.id for order in orders if order.state != "stopped" and order.id not in self._over]
        await self._write_down()
        standing = [await self.book.progress(order) for order in orders if order.id in self._open]
        self._over |= {one.order.id for one in standing if one.ended}
        self._told.noticed(standing)
        first = next((one for one in standing if not one.ended), None)
        if first is not None and first.order.state == "running" and (self._hold is None or await self._hold.renew()):
            await self._give(first)

    async def _write_down(self) -> None:
        now = self._clock.now()
        _, waiting = await self._store.held(NOTICE) if self._open else (1.0, 0)
        for notice in self._open:
            tally = self._tallies.setdefault(notice, Tally())
            tally.waiting, tally.at = (waiting if notice == self._open[0] else 0), now
        for notice in list(self._tallies):
            await self.book.count(notice, self._name, self._tallies[notice])

    async def _give(self, standing: Progress) -> None:
        """Give the next people what was ordered, as many as will be sent within a few seconds."""
        order = standing.order
        counts = await self._store.counts()
        room = max(1, int(self._rate() * AHEAD)) - standing.waiting
        if room <= 0 or counts.inbox > BUSY:
            return
        course = await self.book.course(order.id)
        people = await self._store.people(course.after, room)
        if not people:
            await self.book.advance(order.id, structs.replace(course, ended=self._clock.now()))
            return
        event = Noticed(at=self._clock.now(), texts=order.texts, country=order.country, cases=order.cases)
        await self._intake.tell_all([(person, event_name(order.id), Envelope(event=event)) for person in people])
        crashpoint("notices.before_advance")
        given = course.given + len(people)
        await self.book.advance(order.id, Course(people[-1], given, max(counts.people, course.people, given)))

    def _rate(self) -> float:
        """Notices a second, over all processes."""
        paces = [channel.pace for name, channel in self._channels.items() if name != DESK and channel.pace.most]
        return paces[0].most / paces[0].seconds if paces else UNPACED
