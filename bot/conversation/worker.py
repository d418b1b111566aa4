"""The worker: takes the head of each inbox, makes its turn, commits it. One event of a person at a time, many persons at once.

Rule 1: a turn that cannot be made is put aside, sealed and counted; it stops nobody else.
Rule 2: a store that is down is waited for; nothing taken is lost, and nothing is worked twice.
Rule 3: what was in hand of a shard that another worker holds now is dropped without a word: it is worked there.
"""

import asyncio
from dataclasses import replace
from typing import Protocol

import msgspec
from msgspec import structs

from bot.conversation.bells import Bell, Changes, Results
from bot.conversation.crashpoint import crashpoint
from bot.conversation.envelope import Envelope, envelope_from
from bot.conversation.fresh import Fresh
from bot.conversation.patience import until_up
from bot.conversation.scene import AtHand, Opened
from bot.conversation.turn import Parcels, Turn, Turns
from bot.conversation.vault import Tampered, Vault
from bot.conversation.watchdog import Runaway, Watchdog
from bot.ports import AlreadySeen, CaseRecord, Clock, NotOurs, Stale, Store, StoreUnavailable, Taken

TRIES = 4
"""A turn handed out so often that never ended: its event is poison. Once perhaps with others in hand when the process died, then alone."""
AT_ONCE = 64
RETRIES_WHEN_STALE = 8
PAUSE = 1.0


class Told(Protocol):
    """What the worker tells the operator's counters; nothing that names anyone."""

    def worked(self, seconds: float) -> None:
        """One turn was committed, so many seconds after its event came."""

    def alerted(self, reason: str, about: str) -> None:
        """The engine found something wrong with the flows or contacts; `about` names no person."""

    def poisoned(self, kind: str) -> None:
        """One event was put aside; `kind` is the class of what went wrong."""


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
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take nothing more; `run` ends when what is in hand is done."""
        self._stopping = True
        self._inbox.ring()

    async def run(self) -> None:
        """Take and work until stopped."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                taken = await self._take()
                for one in taken:
                    task = group.create_task(self._guarded(one))
                    self._tasks.add(task)
                    task.add_done_callback(self._done)
                if not taken or len(self._tasks) >= AT_ONCE:
                    await self._inbox.wait(PAUSE)

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

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._inbox.ring()

    async def _take(self) -> list[Taken]:
        room = AT_ONCE - len(self._tasks)
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
            await self._poison(taken, type(wrong).__name__)

    async def _work(self, taken: Taken) -> None:
        if taken.tries >= TRIES:
            await self._poison(taken, "never-ended")
            return
        try:
            envelope = self._fresh.take(taken.person, taken.event) or envelope_from(self._vault.open_arrival(taken))
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError) as wrong:
            await self._poison(taken, type(wrong).__name__)
            return
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
        if turn.commit is not None and turn.commit.erase:
            others = [await self._store.case(code) for code in await self._store.cases_of(taken.person)]
            topics = tuple(one for one in others if one is not None and one.topic is not None)
            turn = self._made(replace(at_hand, others=topics))
        await self._land(turn, taken)
        crashpoint("worker.before_result")
        self._results.settle(taken.event, turn.outcome)
        if turn.case is not None:
            self._changes.tell(turn.case)
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
            self._vault.forget_ready_keys()
        elif turn.parcels is not None:
            for id_ in turn.parcels.by_row:
                self._parcels.put(taken.person, id_, turn.parcels)
        if commit.outbox:
            self._outbox.ring()

    async def _case(self, opened: Opened, envelope: Envelope) -> CaseRecord | None:
        code = getattr(envelope.event, "case", None) or (opened.session.case.code if opened.session and opened.session.case else None)
        return await self._store.case(code) if code else None

    async def _poison(self, taken: Taken, kind: str) -> None:
        self._told.poisoned(kind)
        self._results.settle(taken.event, "failed")
        try:
            aside = await until_up(lambda: self._twice_sealed(taken))
            await until_up(lambda: self._store.quarantine(taken.row, aside, self._clock.now()))
        except NotOurs:
            return  # whoever holds the shard now will meet it, and count it, as well

    async def _twice_sealed(self, taken: Taken) -> bytes:
        """The event under the person's own key too, so that erasing ends what was put aside as well."""
        record = await self._store.load(taken.person)
        row = taken.person.hex()
        try:
            return self._vault.seal(self._vault.person_keys(row, record.wraps), taken.sealed, kind="aside", row=row, version=0)
        except Tampered:
            return taken.sealed  # nothing is kept of them, or it is not theirs


def _otherwise(envelope: Envelope) -> Envelope:
    """The same event with its chance in another order: a new case that met a code in use gets another one."""
    nonce = envelope.event.nonce
    return structs.replace(envelope, event=structs.replace(envelope.event, nonce=nonce[1:] + nonce[:1]))
