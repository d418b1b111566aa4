"""The worker: takes the head of each inbox, makes its turn, commits it. One event of a person at a time, many persons at once.

Rule 1: a turn that cannot be made is put aside, sealed and counted; it stops nobody else.
Rule 2: a store that is down is waited for; nothing taken is lost, and nothing is worked twice.
Rule 3: what was in hand of a shard that another worker holds now is dropped without a word: it is worked there.
"""

import asyncio
from typing import Protocol

import msgspec
from msgspec import structs

from bot.conversation.cases.feed import kind_of
from bot.conversation.keeping.envelope import AnswerDue, Envelope, envelope_from
from bot.conversation.keeping.fresh import Fresh
from bot.conversation.keeping.scene import AtHand, Opened
from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.notices.notice import LEFT_OUT
from bot.conversation.running.bells import Bell, Changes, Results
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.running.crew import Crew
from bot.conversation.running.patience import until_up
from bot.conversation.running.watchdog import Runaway, Watchdog
from bot.conversation.turning.turn import Parcels, Turn, Turns
from bot.engine.events import ReminderDue
from bot.ports import AlreadySeen, CaseRecord, Clock, NotOurs, Person, Stale, Store, StoreUnavailable, Taken

TRIES = 8
"""A turn in hand at so many deaths that never ended: its event is poison. Once perhaps with others in hand, then alone (ADR 8)."""
AT_ONCE = 64
RETRIES_WHEN_STALE = 8
PAUSE = 1.0


class Told(Protocol):
    """What the worker tells the operator's counters; nothing that names anyone."""

    def worked(self, seconds: float) -> None:
        """One turn was committed, so many seconds after its event came."""

    def alerted(self, reason: str, about: str) -> None:
        """The engine found something wrong with the flows or contacts; `about` names no person."""

    def poisoned(self, kind: str, error: BaseException | None = None) -> None:
        """One event was put aside; `kind` is the class of what went wrong. Of the error only the places it passed may be told."""


class Counts(Protocol):
    """Who counts what becomes of notices (`bot.conversation.notices.notices.Notices`)."""

    def count(self, name: str, end: str) -> None:
        """An event or a row of a notice ended otherwise than sent."""


class Worker:
    """Works inboxes until it is stopped."""

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        turns: Turns,
        clock: Clock,
        inbox: Bell,
        outbox: Bell,
        changes: Changes,
        results: Results,
        told: Told,
        fresh: Fresh[Envelope] | None = None,
        parcels: Fresh[Parcels] | None = None,
    ) -> None:
        self.watchdog = Watchdog()
        self.notices: Counts | None = None
        self._fresh = fresh or Fresh()
        self._parcels = parcels or Fresh()
        self._store = store
        self._vault = vault
        self._turns = turns
        self._clock = clock
        self._inbox = inbox
        self._outbox = outbox
        self._changes = changes
        self._results = results
        self._told = told
        self._stopping = False
        self._crew = Crew(AT_ONCE, inbox.ring)

    def stop(self) -> None:
        """Take nothing more; `run` ends when what is in hand is done."""
        self._stopping = True
        self._inbox.ring()

    async def run(self) -> None:
        """Take and work until stopped."""
        try:
            while not self._stopping:
                taken = await self._take()
                for one in taken:
                    self._crew.begin(self._guarded(one))
                if not taken or self._crew.room <= 0:
                    await self._inbox.wait(PAUSE)
            await self._crew.ends()
        finally:
            self._crew.cancel()

    async def inherit(self, seconds: float) -> None:
        """Work first what an earlier process may have died of, before anything else is begun that a death could be blamed on."""
        ends = self._clock.steady() + seconds
        while self._clock.steady() < ends:
            taken = await self._take()
            await asyncio.gather(*(self._guarded(one) for one in taken))
            if not any(one.tries for one in taken):
                return

    async def idle(self) -> None:
        """Work everything there is, once, without waiting for more (for tests and the terminal)."""
        while True:
            taken = await self._store.take(AT_ONCE)
            if not taken:
                return
            await asyncio.gather(*(self._guarded(one) for one in taken))

    async def _take(self) -> list[Taken]:
        room = self._crew.room
        if room <= 0:
            return []
        try:
            return list(await self._store.take(room))
        except StoreUnavailable:
            await asyncio.sleep(PAUSE)
            return []

    async def _guarded(self, taken: Taken) -> None:
        try:
            await self._work(taken)
        except StoreUnavailable:
            await asyncio.sleep(PAUSE)
            await until_up(lambda: self._store.release([taken.row]))
        except NotOurs:
            self._results.settle(taken.event, "moved")
        except (Exception, Runaway) as wrong:  # noqa: BLE001 our bug hurts this one turn: put aside, counted by its class, never with its words
            await self._poison(taken, type(wrong).__name__, wrong)

    async def _work(self, taken: Taken) -> None:
        if taken.tries >= TRIES:
            await self._poison(taken, "never-ended")
            return
        try:
            envelope = self._fresh.take(taken.person, taken.event) or envelope_from(self._vault.open_arrival(taken))
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError) as wrong:
            await self._poison(taken, type(wrong).__name__)
            return
        envelope = _as_it_rang(envelope, taken)
        for _ in range(RETRIES_WHEN_STALE):
            try:
                await self._turn(taken, envelope)
            except Stale:
                envelope = _otherwise(envelope)
                continue
            except AlreadySeen:
                await self._store.quarantine(taken.row, None, self._clock.now())
                self._results.settle(taken.event, "done")
            return
        await self._store.release([taken.row])

    async def _turn(self, taken: Taken, envelope: Envelope) -> None:
        crashpoint("worker.before_load")
        record = await self._store.load(taken.person)
        opened = self._turns.open(taken.person, record)
        if opened.broken:
            self._told.poisoned(opened.broken)
        case = await self._case(opened, envelope)
        at_hand = AtHand(taken=taken, envelope=envelope, record=record, opened=opened, case=case)
        turn = self._made(at_hand)
        if turn.past:
            at_hand = structs.replace(at_hand, past=await self._past(turn.past, taken.person))
            turn = self._made(at_hand)
        gone = await self._all_cases(taken.person) if turn.commit is not None and turn.commit.erase else ()
        if gone:
            turn = self._made(structs.replace(at_hand, others=tuple(one for one in gone if one.topic is not None)))
        await self._land(turn, taken)
        crashpoint("worker.before_result")
        self._results.settle(taken.event, turn.outcome)
        if turn.outcome == LEFT_OUT and self.notices is not None:
            self.notices.count(taken.event, "left_out")
        for one in gone:
            self._changes.tell(one.index.code, "erased")
        if turn.case is not None and not gone:
            self._changes.tell(turn.case, kind_of(envelope.event))
        for alert in turn.alerts:
            self._told.alerted(alert.reason, alert.about)
        self._told.worked(self._clock.now() - taken.at)

    def _made(self, hand: AtHand) -> Turn:
        self.watchdog.begin()
        try:
            return self._turns.make(hand)
        finally:
            self.watchdog.end()

    async def _land(self, turn: Turn, taken: Taken) -> None:
        commit = turn.commit
        if commit is None:
            await self._store.quarantine(taken.row, None, self._clock.now())
            return
        crashpoint("worker.before_commit")
        await self._store.commit(commit)
        crashpoint("worker.after_commit")
        if commit.erase:
            self._fresh.clear()
            self._parcels.clear()
            self._turns.lately.clear()
            self._vault.forget_ready_keys()
        elif turn.parcels is not None:
            for id_ in turn.parcels.by_row:
                self._parcels.put(taken.person, id_, turn.parcels)
            if turn.left is not None:
                self._turns.lately.put(taken.person, turn.left)
        if commit.outbox:
            self._outbox.ring()

    async def _all_cases(self, person: Person) -> tuple[CaseRecord, ...]:
        found = [await self._store.case(code) for code in await self._store.cases_of(person)]
        return tuple(one for one in found if one is not None)

    async def _case(self, opened: Opened, envelope: Envelope) -> CaseRecord | None:
        code = getattr(envelope.event, "case", None) or (opened.session.case.code if opened.session and opened.session.case else None)
        return await self._store.case(code) if code else None

    async def _past(self, code: str, person: Person) -> CaseRecord | None:
        """A closed case of this person that is still kept."""
        record = await self._store.case(code)
        return record if record is not None and record.index.state == "closed" and record.person == person else None

    async def _poison(self, taken: Taken, kind: str, error: BaseException | None = None) -> None:
        self._told.poisoned(kind, error)
        self._results.settle(taken.event, "failed")
        try:
            aside = await until_up(lambda: self._twice_sealed(taken))
            await until_up(lambda: self._store.quarantine(taken.row, aside, self._clock.now()))
        except NotOurs:
            return  # whoever holds the shard now will meet it, and count it, as well

    async def _twice_sealed(self, taken: Taken) -> bytes:
        """The event under the person's own key too, so that erasing ends what was put aside as well."""
        row = taken.person.hex()
        try:
            record = await self._store.load(taken.person)
            return self._vault.seal(self._vault.person_keys(row, record.wraps), taken.sealed, kind="aside", row=row, version=0)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 nothing is kept of them, it is not theirs, or it was damaged: then the event is kept as it came
            return taken.sealed


def _as_it_rang(envelope: Envelope, taken: Taken) -> Envelope:
    """A timer's event at the time when it rang: later than it was set for, if nobody could ring it then."""
    event = envelope.event
    if not isinstance(event, ReminderDue | AnswerDue) or taken.at <= event.at:
        return envelope
    return structs.replace(envelope, event=structs.replace(event, at=taken.at))


def _otherwise(envelope: Envelope) -> Envelope:
    """The same event with its chance in another order: a new case that met a code in use gets another one."""
    nonce = envelope.event.nonce
    return structs.replace(envelope, event=structs.replace(envelope.event, nonce=nonce[1:] + nonce[:1]))
