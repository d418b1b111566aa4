"""The sender: gives due rows to their channels, in order per person, one in flight each, and records what became of them.

Rule 1: a row is recorded as sent only after the channel said so; a crash between the two may repeat that one row, no other.
Rule 2: a refusal stops only its own lane, for as long as the channel says.
Rule 3: when it is not known whether a row went out, it is sent again at most twice; being told to wait is no such try.
Rule 4: a caseworker whose words are given up is told; a topic that is gone is made anew.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

import msgspec
from msgspec import structs

from bot.conversation.bells import Bell, Changes
from bot.conversation.carry import ERASED, Parcels
from bot.conversation.casefile import place_of
from bot.conversation.crashpoint import crashpoint
from bot.conversation.envelope import NOT_DELIVERED, Envelope, Happening, Parcel, Unsent, parcel_from, shown_with, to_bytes
from bot.conversation.fresh import Fresh
from bot.conversation.intake import Intake
from bot.conversation.patience import until_up
from bot.conversation.vault import Keys, Tampered, Vault
from bot.engine.events import Left
from bot.ports import (
    FINAL,
    Channel,
    Clock,
    Due,
    Failure,
    NotOurs,
    Outgoing,
    Person,
    Receipt,
    SendFailed,
    Sent,
    Stale,
    Store,
    StoreUnavailable,
)

AT_ONCE = 64
LONGEST_SEND = 30.0
LONGEST_TRYING = 24 * 3600.0
FAREWELL_TRYING = 3600.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
DOUBT_PAUSES = (1.0, 60.0)
"""Seconds before the first and the second sending of what may have gone out: an outage of a minute shall not lose it."""
LATEST = 4096
"""Persons whose last message is remembered, for an erasure that comes while it is sent."""
TOPICS = "topics"
"""Space of notes that lead from a topic of the caseworkers' group to its case."""


class SendTold(Protocol):
    """What the sender tells the operator's counters."""

    def sent(self, result: str) -> None:
        """One row ended as `sent`, `retry` or the reason of its failure."""

    def crashed(self, kind: str) -> None:
        """A channel failed in a way it has no word for; `kind` is the class of the error."""


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
        parcels: Fresh[Parcels] | None = None,
    ) -> None:
        self._parcels = parcels or Fresh()
        self._store = store
        self._vault = vault
        self._channels = channels
        self._intake = intake
        self._clock = clock
        self._bell = bell
        self._changes = changes
        self._told = told
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._doubts: dict[tuple[Person, str], int] = {}  # rows that may have gone out, and how often; a restart forgets it
        self._latest: OrderedDict[Person, str] = OrderedDict()  # the last message on each phone
        self._made: dict[str, str] = {}  # case → its new topic, until a post in it was recorded

    def stop(self) -> None:
        """Start nothing more; `run` ends when what is in flight has ended."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Send until stopped."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                due = await self._due()
                for one in due:
                    task = group.create_task(self._guarded(one))
                    self._tasks.add(task)
                    task.add_done_callback(self._done)
                if not due or len(self._tasks) >= AT_ONCE:
                    await self._bell.wait(1.0)

    async def idle(self) -> None:
        """Send everything that is due, once (for tests and the terminal)."""
        while True:
            due = await self._store.due(self._clock.now(), AT_ONCE)
            if not due:
                return
            await asyncio.gather(*(self._guarded(one) for one in due))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._bell.ring()

    async def _due(self) -> list[Due]:
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            return []
        try:
            return list(await self._store.due(self._clock.now(), room))
        except StoreUnavailable:
            await asyncio.sleep(1.0)
            return []

    async def _guarded(self, due: Due) -> None:
        """Send one row and record it; a store that is down is waited for, so that what was sent is not sent twice."""
        try:
            result = await self._send(due)
            self._told.sent(result.failed or ("sent" if result.retry_at is None else "retry"))
            crashpoint("sender.before_settle")
            await until_up(lambda: self._store.settle([result]))
        except NotOurs:
            return  # whoever holds the shard now sends what is still in the lane
        crashpoint("sender.after_settle")
        if result.retry_at is None:
            self._doubts.pop((due.person, due.row.id), None)
        if due.row.case:
            self._changes.tell(due.row.case)

    async def _send(self, due: Due) -> Sent:
        try:
            keys, parcel = self._opened(due)
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError) as wrong:
            self._told.crashed(type(wrong).__name__)
            return self._failed(due, "refused")
        try:
            crashpoint("sender.before_send")
            receipt = await self._through(self._with_latest(due, parcel))
            crashpoint("sender.after_send")
        except SendFailed as failed:
            return await self._again(due, parcel, failed)
        except Exception as wrong:  # noqa: BLE001 a channel's bug hurts this row only; its class is counted, its words are not
            self._told.crashed(type(wrong).__name__)
            return await self._again(due, parcel, SendFailed("server", unknown=True))
        self._remember(due, parcel, receipt)
        return await until_up(lambda: self._sent(due, parcel, keys, receipt))

    def _opened(self, due: Due) -> tuple[Keys, Parcel]:
        """What is in the row; from memory, if this process has just put it there."""
        fresh = self._parcels.take(due.person, due.row.id)
        if fresh is not None:
            return fresh.keys, fresh.by_row[due.row.id]
        keys = self._vault.person_keys(due.person.hex(), due.wraps)
        return keys, parcel_from(self._vault.open(keys, due.row.sealed, kind="outbox", row=due.row.id, version=0))

    async def _through(self, parcel: Parcel) -> Receipt:
        channel = self._channels.get(parcel.channel)
        if channel is None:
            raise SendFailed("refused")
        if parcel.message.kind == "post" and not parcel.route:
            return await self._posted(channel, parcel.message)
        return await _bounded(channel, parcel.route, parcel.message)

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

    async def _posted(self, channel: Channel, message: Outgoing) -> Receipt:
        """Post in the topic of the case. One that was deleted, or could never be made, is made anew, and the receipt names it."""
        code = message.case or ""
        try:
            place = self._made.get(code) or await self._topic(code)
        except StoreUnavailable:
            raise SendFailed("network") from None
        if place:
            try:
                sent = await _bounded(channel, place, message)
                return Receipt(message=sent.message, topic=self._made.get(code))
            except SendFailed as failed:
                if failed.reason != "no-topic":
                    raise
        made = await _bounded(channel, "", Outgoing(kind="topic", language=message.language, text=code, case=code))
        if made.topic is None:
            raise SendFailed("no-topic")
        self._made[code] = made.topic
        sent = await _bounded(channel, made.topic, message)
        return Receipt(message=sent.message, topic=made.topic)

    async def _topic(self, code: str) -> str:
        """The place of the case's topic, empty if it has none."""
        record = await self._store.case(code)
        if record is None or record.index.state == "erased":
            raise SendFailed("refused")
        return place_of(self._vault, record)

    async def _sent(self, due: Due, parcel: Parcel, keys: Keys, receipt: Receipt) -> Sent:
        sealed = None
        if receipt.message and parcel.channel not in ("web", "desk"):
            body = to_bytes(shown_with((), self._clock.now(), receipt.message, 1))
            sealed = self._vault.seal(keys, body, kind="shown", row=due.person.hex(), version=0)
        topic = await self._bound(parcel, receipt) if receipt.topic is not None else None
        return Sent(person=due.person, id=due.row.id, at=self._clock.now(), receipt=sealed, topic=topic)

    async def _bound(self, parcel: Parcel, receipt: Receipt) -> tuple[str, bytes] | None:
        """Lead from the new topic to its case, before the topic is recorded on the case: an answer there finds both or neither."""
        code = parcel.message.case
        record = await self._store.case(code) if code else None
        if record is None or code is None or receipt.topic is None or record.index.state == "erased":
            return None
        key = self._vault.topic_key(receipt.topic)
        with suppress(Stale):
            await self._store.put_note(TOPICS, key, self._vault.seal_note(TOPICS, key, code.encode()), version=0)
        self._made.pop(code, None)
        keys = self._vault.case_keys(code, record.wraps)
        return code, self._vault.seal(keys, receipt.topic.encode(), kind="topic", row=code, version=0)

    async def _again(self, due: Due, parcel: Parcel, failed: SendFailed) -> Sent:
        now = self._clock.now()
        longest = FAREWELL_TRYING if parcel.message.kind == "farewell" else LONGEST_TRYING
        doubts = self._doubted(due) if failed.unknown else 0
        if failed.reason in FINAL or now - due.row.due > longest or doubts > len(DOUBT_PAUSES):
            await self._given_up(due, parcel, failed.reason)
            return self._failed(due, failed.reason)
        pause = DOUBT_PAUSES[doubts - 1] if doubts else min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(due.tries, 16))
        return Sent(person=due.person, id=due.row.id, at=now, retry_at=now + (failed.retry_after or pause))

    def _doubted(self, due: Due) -> int:
        key = due.person, due.row.id
        self._doubts[key] = self._doubts.get(key, 0) + 1
        return self._doubts[key]

    async def _given_up(self, due: Due, parcel: Parcel, reason: Failure) -> None:
        """Let the conversation know: the person left, or words of a caseworker did not arrive."""
        at = self._clock.now()
        if reason == "person-left" and parcel.channel != "desk":
            event: Happening = Left(at=at)
        elif parcel.message.kind == "human" and parcel.message.case:
            event = Unsent(at=at, case=parcel.message.case)
        elif parcel.message.kind == "bot" and parcel.message.id != NOT_DELIVERED:
            event = Unsent(at=at)
        else:
            return
        await until_up(lambda: self._intake.tell(due.person, f"lost:{due.row.id}", Envelope(event=event)))

    def _failed(self, due: Due, reason: Failure) -> Sent:
        return Sent(person=due.person, id=due.row.id, at=self._clock.now(), failed=reason)


async def _bounded(channel: Channel, route: str, message: Outgoing) -> Receipt:
    try:
        async with asyncio.timeout(LONGEST_SEND):
            return await channel.send(route, message)
    except TimeoutError:
        raise SendFailed("network", unknown=True) from None
