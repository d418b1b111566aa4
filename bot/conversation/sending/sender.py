"""The sender: gives due rows to their channels, in order per person, one in flight each, and records what became of them.

Rule 1: a row is recorded as sent only after the channel said so; a crash between the two may repeat that one row, no other.
Rule 2: a refusal stops only its own lane, for as long as the channel says.
Rule 3: when it is not known whether a row went out, it is sent again at most twice; being told to wait is no such try.
Rule 4: a caseworker whose words are given up is told; what waits for one topic goes there together.
Rule 5: what waits, waits by steady time: a wall clock that jumps, or is put right, holds nobody's message back and has none given up.
Rule 6: nothing is begun faster than the channels bear; what may not go yet stays in its lane, and what ranks first goes first.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import count

from msgspec import structs

from bot.conversation.group.groupstate import GROUP_REASONS, LOOKS_AGAIN, GroupState
from bot.conversation.group.topics import Topics
from bot.conversation.keeping.envelope import (
    NOT_DELIVERED,
    Envelope,
    Given,
    Happening,
    Parcel,
    Unsent,
    parcel_from,
    shown_one,
)
from bot.conversation.keeping.fresh import Fresh
from bot.conversation.keeping.intake import Intake
from bot.conversation.keeping.lately import Lately
from bot.conversation.keeping.vault import Keys, Vault
from bot.conversation.pacing.traffic import GROUP, LOOKS, NOTICE, is_group, traffic_of
from bot.conversation.running.bells import Bell, Changes
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.running.crew import Bounds, Crew
from bot.conversation.running.keeper import Trust
from bot.conversation.running.patience import until_up
from bot.conversation.sending.grouplane import BROKEN, GroupLane
from bot.conversation.sending.sendtold import NoticeFates, SendTold
from bot.conversation.turning.carry import ERASED, Parcels
from bot.engine.events import Left
from bot.ports import (
    FINAL,
    Channel,
    Clock,
    Due,
    Failure,
    NotOurs,
    Outgoing,
    OutRow,
    Person,
    Receipt,
    SendFailed,
    Sent,
    Store,
    StoreUnavailable,
)
from bot.privacy.keys import Wraps

AT_ONCE = 80
LONGEST_SEND = 30.0
LONGEST_TRYING = 24 * 3600.0
FAREWELL_TRYING = 3600.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
AWAY_PAUSE = 5.0
"""Seconds between two tries where nobody was reached: when the way is open again, nobody waits for minutes."""
DOUBT_PAUSES = (1.0, 60.0)
"""Seconds before the first and the second sending of what may have gone out: an outage of a minute shall not lose it."""
LATEST = 4096
"""Persons whose last message is remembered, for an erasure that comes while it is sent."""


class Sender:
    """Sends until it is stopped."""

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        channels: Mapping[str, Channel],
        intake: Intake,
        clock: Clock,
        bell: Bell,
        changes: Changes,
        told: SendTold,
        topics: Topics,
        parcels: Fresh[Parcels] | None = None,
        lately: Lately | None = None,
    ) -> None:
        self._topics = topics
        self._lane = GroupLane(store=store, clock=clock, topics=topics, opened=self._opened)
        self._parcels, self._lately = parcels or Fresh(), lately or Lately()
        self._store = store
        self._vault = vault
        self._channels = channels
        self._intake = intake
        self._clock = clock
        self._trust = Trust(clock)
        self._bell = bell
        self._changes = changes
        self._told = told
        self.notices: NoticeFates | None = None
        self._groups: dict[str, GroupState] = {}
        self._traffic = traffic_of({})
        self._looked = -LOOKS
        self._gate = asyncio.Lock()
        self._soon = 0.0  # when what was put off last may go
        self._shares = self._stopping = False
        self._crew = Crew(AT_ONCE, bell.ring)
        self._bounds = Bounds(LONGEST_SEND)
        self._doubts: dict[tuple[Person, str], int] = {}  # rows that may have gone out, and how often; a restart forgets it
        self._latest: OrderedDict[Person, str] = OrderedDict()  # the last message on each phone

    def group(self, lane: str = GROUP) -> GroupState:
        """Give what is known of the group of this lane."""
        if lane not in self._groups:
            key = lane.partition(":")[2]
            self._groups[lane] = GroupState(store=self._store, clock=self._clock, told=self._told, key=key)
        return self._groups[lane]

    def stop(self) -> None:
        """Start nothing more; `run` ends when what is in flight has ended."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Send until stopped."""
        self._traffic = traffic_of(self._channels, self._clock.steady(), left=self._topics.lanes())
        try:
            while not self._stopping:
                due = await self._due()
                for one in due:
                    self._crew.begin(self._flown(one))
                if not due or self._crew.room <= 0:
                    await self._bell.wait(self._pause())
            await self._crew.ends()
        finally:
            self._crew.cancel()

    async def idle(self) -> None:
        """Send everything that is due, once (for tests and the terminal)."""
        while True:
            due = await self._store.due(self._trust.even(), AT_ONCE)
            if not due:
                return
            await asyncio.gather(*(self._guarded(one) for one in due))

    async def _due(self) -> list[Due]:
        room = self._crew.room
        if room <= 0:
            return []
        try:
            await self._look()
            while (given := await self._asked(room))[0]:
                if given[1]:
                    return given[1]
        except StoreUnavailable:
            await asyncio.sleep(1.0)
        return []

    def _pause(self) -> float:
        """Seconds until it is worth looking again."""
        now = self._clock.steady()
        soon = self._soon - now
        return min(self._traffic.next(now), soon) if soon > 0 else self._traffic.next(now)

    async def _look(self) -> None:
        """See each second how many of the people are ours: that much of the channel's pace is.

        Until the first of them are ours nothing is taken away: who has just started does not wait a minute for its part of the group's.
        """
        now = self._clock.steady()
        if now - self._looked >= LOOKS:
            self._looked = now
            share, _ = await self._store.held(NOTICE)
            self._shares = self._shares or share > 0
            if self._shares:
                self._traffic.look(share, now)

    async def _asked(self, room: int) -> tuple[bool, list[Due]]:
        """Whether there was anything, and those of it that go now."""
        any_, going = False, list[Due]()
        for limit, lanes in self._traffic.asks(self._clock.steady(), room):
            try:
                found = await self._store.due(self._trust.even(), min(limit, room - len(going)), lanes)
            except StoreUnavailable:
                if not going:
                    raise
                break
            any_ = any_ or bool(found)
            going += await self._begun(found)
        return any_, going

    async def _begun(self, found: Sequence[Due]) -> list[Due]:
        """Give those that may go now; a chat that had enough waits, and nobody else with it."""
        going: list[Due] = []
        late: list[tuple[Person, str, float]] = []
        steady = self._clock.steady()
        for head in found:
            one = await self._lane.first(head) if self._traffic.paced(head.row.lane) else head
            wait = self._held_back(one) if one.row.lane == NOTICE else 0.0
            wait = wait or self._traffic.begin(one.row.lane, one.person, steady)
            if wait:
                late.append((one.person, one.row.id, self._trust.even() + wait))
                self._soon = steady + wait if self._soon <= steady else min(self._soon, steady + wait)
            else:
                going.append(one)
        if late:
            await until_up(lambda: self._store.postpone(late))
        return going

    def _held_back(self, due: Due) -> float:
        """Seconds that a notice waits which is not running, or not known yet."""
        return LOOKS if self.notices is not None and self.notices.fate(due.row.id) in ("paused", "unknown") else 0.0

    async def _flown(self, due: Due) -> None:
        try:
            if due.row.lane == NOTICE:
                await self._at_its_place(due)
            else:
                self._traffic.goes(due.row.lane, self._clock.steady())
                await self._guarded(due)
        finally:
            self._traffic.ended(due.row.lane, due.person)

    async def _at_its_place(self, due: Due) -> None:
        """Send a notice at its place, when live words leave room for it; one behind the other."""
        await asyncio.sleep(self._traffic.until_place(due.person, self._clock.steady()))
        async with self._gate:
            while wait := self._traffic.full(self._clock.steady()):  # noqa: ASYNC110 room comes by time, not by an event
                await asyncio.sleep(wait)
            went = self._clock.steady()
            self._traffic.goes(NOTICE, went)
        try:
            await self._guarded(due)
        finally:
            self._traffic.took(self._clock.steady() - went)

    async def _guarded(self, due: Due) -> None:
        """Send one row and record it; a store that is down is waited for, so that what was sent is not sent twice."""
        try:
            result, others = await self._send(due)
            crashpoint("sender.before_settle")
            # The last first: until the head is settled, nothing behind it is given to be sent.
            done = [*(structs.replace(result, id=id_, receipt=None, topic=None) for id_ in reversed(others)), result]
            await until_up(lambda: self._store.settle(done))
        except NotOurs:
            return  # whoever holds the shard now sends what is still in the lane
        except Exception as wrong:  # noqa: BLE001 our bug hurts this one lane until the next start, and is counted; all others go on
            self._told.crashed(type(wrong).__name__)
            return
        crashpoint("sender.after_settle")
        if result.retry_at is None:
            self._doubts.pop((due.person, due.row.id), None)
        if result.failed and due.row.lane == NOTICE and self.notices is not None:
            self.notices.count(due.row.id, "left" if result.failed == "person-left" else "failed")
        if due.row.case and (result.failed or result.topic):  # that it went well changes nothing of the case
            self._changes.tell(due.row.case)

    async def _send(self, due: Due) -> tuple[Sent, Sequence[str]]:
        """Send one row; gives what became of it, and the rows behind it that went along."""
        if due.row.lane == NOTICE and self.notices is not None and self.notices.fate(due.row.id) == "stopped":
            return self._failed(due, "refused"), ()
        try:
            keys, parcel = self._opened(due.person, due.row, due.wraps)
        except BROKEN as wrong:
            self._told.crashed(type(wrong).__name__)
            return self._failed(due, "refused"), ()
        others: Sequence[str] = ()
        try:
            await self._must_not_be_stopped(due, parcel.message)
            crashpoint("sender.before_send")
            receipt, others = await self._through(due, self._with_latest(due, parcel))
            crashpoint("sender.after_send")
            self._told.sent(parcel.channel, "sent")
        except SendFailed as failed:
            self._told.sent(parcel.channel, failed.reason, failed.retry_after)
            return await self._again(due, parcel, failed), ()
        except Exception as wrong:  # noqa: BLE001 a channel's bug hurts this row only; its class is counted, its words are not
            self._told.crashed(type(wrong).__name__)
            self._told.sent(parcel.channel, "server")
            return await self._again(due, parcel, SendFailed("server", unknown=True)), ()
        self._traffic.sent(due.row.lane)
        if is_group(due.row.lane):
            await self.group(due.row.lane).worked()
        self._remember(due, parcel, receipt)
        return await until_up(lambda: self._sent(due, parcel, keys, receipt)), others

    async def _must_not_be_stopped(self, due: Due, message: Outgoing) -> None:
        """A caseworker's words that could not go at once, and met a stop while they waited, do not go: their caseworker reads so."""
        if not due.tries or message.kind != "human" or not message.case:
            return
        try:
            record = await self._store.case(message.case)
        except StoreUnavailable:
            raise SendFailed("network") from None
        if record is not None and record.index.unwritten:
            raise SendFailed("refused")

    def _opened(self, person: Person, row: OutRow, wraps: Wraps) -> tuple[Keys, Parcel]:
        """What is in the row; from memory, if this process has just put it there."""
        fresh = self._parcels.take(person, row.id)
        if fresh is not None:
            return fresh.keys, fresh.by_row[row.id]
        keys = self._vault.person_keys(person.hex(), wraps)
        return keys, parcel_from(self._vault.open(keys, row.sealed, kind="outbox", row=row.id, version=0))

    async def _through(self, due: Due, parcel: Parcel) -> tuple[Receipt, Sequence[str]]:
        """Send to the channel; to the group, together with what waits behind it."""
        channel = self._channels.get(parcel.channel)
        if channel is None:
            raise SendFailed("refused")
        if not is_group(due.row.lane) or parcel.route:
            return await self._bounded(channel, parcel.route, parcel.message), ()
        calls = count()

        async def way(place: str, message: Outgoing) -> Receipt:
            if next(calls):
                self._traffic.more(due.row.lane, self._clock.steady())
            return await self._bounded(channel, place, message)

        return await self._lane.send(way, due, parcel)

    def _with_latest(self, due: Due, parcel: Parcel) -> Parcel:
        """An erasure also deletes the message that was under way while it happened: nothing else knows of it any more."""
        message, latest = parcel.message, self._latest.get(due.person)
        if message.kind != "remove" or message.id != ERASED or latest is None or latest in message.remove_ids:
            return parcel
        return structs.replace(parcel, message=structs.replace(message, remove_ids=(*message.remove_ids, latest)))

    def _remember(self, due: Due, parcel: Parcel, receipt: Receipt) -> None:
        if receipt.message and parcel.message.kind in ("bot", "human"):
            self._latest[due.person] = receipt.message
            self._latest.move_to_end(due.person)
            while len(self._latest) > LATEST:
                self._latest.popitem(last=False)

    async def _sent(self, due: Due, parcel: Parcel, keys: Keys, receipt: Receipt) -> Sent:
        sealed = None
        if receipt.message and parcel.channel != "web" and not is_group(due.row.lane):
            shown, body = shown_one(self._clock.now(), receipt.message)
            sealed = self._vault.seal(keys, body, kind="shown", row=due.person.hex(), version=0)
            self._lately.part(due.person, sealed, shown)
        if parcel.message.kind == "human" and parcel.message.case:
            given = Given(at=self._clock.now(), case=parcel.message.case, row=due.row.id)
            await self._intake.tell(due.person, f"given:{due.row.id}", Envelope(event=given))
        topic = await self._topics.bind(parcel.message, receipt.topic, channel=parcel.channel) if receipt.topic is not None else None
        return Sent(person=due.person, id=due.row.id, at=self._clock.now(), receipt=sealed, topic=topic)

    async def _again(self, due: Due, parcel: Parcel, failed: SendFailed) -> Sent:
        now = self._clock.now()
        await self._slower(due, parcel, failed)
        longest = FAREWELL_TRYING if parcel.message.kind == "farewell" else LONGEST_TRYING
        doubts = self._doubted(due) if failed.unknown else 0
        too_long = self._trust.holds() and now - due.row.due > longest
        if failed.reason in FINAL or too_long or doubts > len(DOUBT_PAUSES):
            await self._given_up(due, parcel, failed.reason)
            return self._failed(due, failed.reason)
        most = AWAY_PAUSE if failed.reason == "network" else LONGEST_PAUSE
        pause = DOUBT_PAUSES[doubts - 1] if doubts else min(most, FIRST_PAUSE * 2 ** min(due.tries, 16))
        return Sent(person=due.person, id=due.row.id, at=now, retry_at=self._trust.even() + (failed.retry_after or pause))

    async def _slower(self, due: Due, parcel: Parcel, failed: SendFailed) -> None:
        """Leave a chat alone that said so, and the group while it is out of reach. That a topic may not be deleted is no such thing."""
        steady = self._clock.steady()
        if failed.reason == "slow-down":
            self._traffic.refused(due.row.lane, due.person, failed.retry_after or FIRST_PAUSE, steady)
        elif is_group(due.row.lane) and failed.reason in GROUP_REASONS and parcel.message.kind != "remove":
            self._traffic.quiet(due.row.lane, LOOKS_AGAIN, steady)
            await self.group(due.row.lane).failed(failed.reason)

    def _doubted(self, due: Due) -> int:
        times = self._doubts[due.person, due.row.id] = self._doubts.get((due.person, due.row.id), 0) + 1
        return times

    async def _given_up(self, due: Due, parcel: Parcel, reason: Failure) -> None:
        """Let the conversation know: the person left, or words of a caseworker did not arrive."""
        at = self._clock.now()
        if reason == "person-left" and not is_group(due.row.lane):
            event: Happening = Left(at=at)
        elif parcel.message.kind == "human" and parcel.message.case:
            event = Unsent(at=at, case=parcel.message.case, row=due.row.id)
        elif parcel.message.kind == "bot" and parcel.message.id != NOT_DELIVERED and due.row.lane != NOTICE:
            event = Unsent(at=at)
        else:
            return
        await until_up(lambda: self._intake.tell(due.person, f"lost:{due.row.id}", Envelope(event=event)))

    def _failed(self, due: Due, reason: Failure) -> Sent:
        self._told.gave_up(reason)
        return Sent(person=due.person, id=due.row.id, at=self._clock.now(), failed=reason)

    async def _bounded(self, channel: Channel, route: str, message: Outgoing) -> Receipt:
        try:
            return await self._bounds.within(channel.send(route, message))
        except TimeoutError:
            raise SendFailed("network", unknown=True) from None
