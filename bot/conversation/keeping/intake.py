"""Intake: what arrives is reduced, sealed and on disk before anyone is told that it was received.

Rule 1: `accept` returns only when every arrival is durable; the channel confirms after that, never before.
Rule 2: nothing is read or decided here; a poisoned event is somebody else's turn, not everybody's outage.
"""

import asyncio
from collections.abc import Sequence

from msgspec import Struct, structs

from bot.conversation.keeping.envelope import Envelope, Happening, envelope_bytes
from bot.conversation.keeping.fresh import Fresh
from bot.conversation.keeping.vault import Vault
from bot.conversation.running.bells import Bell, Results
from bot.conversation.running.crashpoint import crashpoint
from bot.ports import Arrival, Chance, Clock, Person, Store


class Incoming(Struct, frozen=True, kw_only=True):
    """One event as a channel understood it. `identity`: who, there; `event_id`: unique for that person; `message`: its id there."""

    channel: str
    identity: str
    route: str
    event_id: str
    event: Happening
    message: str | None = None


class Intake:
    """The one door into the inbox."""

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        clock: Clock,
        chance: Chance,
        bell: Bell,
        results: Results,
        fresh: Fresh[Envelope] | None = None,
    ) -> None:
        self._fresh = fresh
        self._store = store
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self._bell = bell
        self._results = results

    async def accept(self, items: Sequence[Incoming]) -> Sequence[bool]:
        """Keep these in order; True = new, False = a repetition. Raises `StoreUnavailable`: confirm nothing then."""
        arrivals = [self._arrival(item) for item in items]
        crashpoint("intake.before_accept")
        fresh = await self._store.accept(arrivals)
        crashpoint("intake.after_accept")
        if any(fresh):
            self._bell.ring()
        return fresh

    async def ask(self, person: Person, event_id: str, envelope: Envelope, *, wait: float = 2.0) -> str | None:
        """Accept what staff, a timer or an operator does, and wait so many seconds for its outcome (None = still in the queue)."""
        outcome = self._results.expect(event_id)
        try:
            # A repetition waits as well: what became of the first is what became of it.
            await self._store.accept([self._sealed(person, event_id, envelope)])
            crashpoint("intake.after_ask")
            self._bell.ring()
            async with asyncio.timeout(wait):
                return await outcome
        except TimeoutError:
            return None
        finally:
            outcome.cancel()

    async def tell(self, person: Person, event_id: str, envelope: Envelope) -> None:
        """Accept what nobody waits for."""
        await self._store.accept([self._sealed(person, event_id, envelope)])
        self._bell.ring()

    async def tell_all(self, events: Sequence[tuple[Person, str, Envelope]]) -> None:
        """Accept many of what nobody waits for, together."""
        await self._store.accept([self._sealed(*one) for one in events])
        self._bell.ring()

    async def put_aside(self, data: bytes) -> None:
        """Keep for a day, sealed, what could not be understood at all."""
        at = self._clock.now()
        await self._store.put_aside(self._vault.seal_aside(data, at), at)

    def person(self, channel: str, identity: str) -> Person:
        """Give the pseudonym of a channel identity."""
        return self._vault.person(channel, identity)

    def _arrival(self, item: Incoming) -> Arrival:
        event = item.event if item.event.nonce else structs.replace(item.event, nonce=self._chance(16))
        envelope = Envelope(event=event, channel=item.channel, route=item.route, message=item.message)
        return self._sealed(self._vault.person(item.channel, item.identity), item.event_id, envelope)

    def _sealed(self, person: Person, event_id: str, envelope: Envelope) -> Arrival:
        if not envelope.event.nonce:
            envelope = structs.replace(envelope, event=structs.replace(envelope.event, nonce=self._chance(16)))
        at = self._clock.now()
        sealed = self._vault.seal_arrival(person, event_id, envelope_bytes(envelope), at)
        if self._fresh is not None:
            self._fresh.put(person, event_id, envelope)
        return Arrival(person=person, event=event_id, sealed=sealed, at=at)
