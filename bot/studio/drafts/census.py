"""How many conversations are on each revision, and which steps hold them.

Rule 1: sealed sessions are opened a few at a time, with a rest between, and each is forgotten when its place is counted.
Rule 2: a count stops at so many people and says so; one count serves everybody who asks within a minute.
"""

import asyncio
from collections import Counter, defaultdict
from contextlib import suppress
from typing import Final

import msgspec

from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Tampered, Vault
from bot.engine.session import decode
from bot.ports import Clock, Person, Record, Store
from bot.studio.drafts.parts import Bench, Counted, Crowd
from bot.studio.drafts.tally import Facts, Spot, crowd, facts_of

MOST: Final = 20_000
"""People looked at; of more, these stand for all: their names are drawn by chance."""
AT_ONCE: Final = 50
REST: Final = 0.005
"""Seconds that everything else has for itself between two batches, which take about as long."""
FRESH: Final = 60.0
_Spots = dict[str, Counter[Spot]]


class Census:
    """Counts conversations, for pages and commands."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, library: StoreLibrary, bench: Bench) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._library = library
        self._bench = bench
        self._facts: dict[str, Facts | None] = {}
        self._last: Counted | None = None
        self._counting: asyncio.Task[Counted] | None = None

    async def look(self, *, wait: float = 3.0) -> Counted | None:
        """Give a count at most a minute old; the last one, or None, if it takes longer than `wait` s. May raise `StoreUnavailable`."""
        if self._last is not None and 0 <= self._clock.now() - self._last.at < FRESH:
            return self._last
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self.count())
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self._counting), wait)
        return self._last

    async def count(self) -> Counted:
        """Count now; may raise `StoreUnavailable`."""
        began = self._clock.now()
        spots: _Spots = defaultdict(Counter)
        people, last = 0, b""
        while people < MOST and (batch := await self._store.people(last, AT_ONCE)):
            last = batch[-1]
            people += len(batch)
            for person, record in zip(batch, await asyncio.gather(*map(self._store.load, batch)), strict=True):
                self._add(spots, person, record, began)
            await asyncio.sleep(REST)
        whole = people < MOST or not await self._store.people(last, 1)
        self._last = Counted(began, tuple([await self._crowd(revision, found) for revision, found in spots.items()]), whole=whole)
        return self._last

    def _add(self, spots: _Spots, person: Person, record: Record, now: float) -> None:
        """Count where this person is; who has no conversation, or one that cannot be opened, is nowhere."""
        if record.session is None or (record.ends is not None and record.ends <= now):
            return
        row = person.hex()
        with suppress(Tampered, msgspec.DecodeError):
            keys = self._vault.person_keys_once(row, record.wraps)
            session = decode(self._vault.open(keys, record.session, kind="session", row=row, version=record.version))
            spots[session.revision][(session.frames[-1].flow, session.frames[-1].step) if session.frames else ("", "")] += 1

    async def _crowd(self, revision: str, spots: Counter[Spot]) -> Crowd:
        head = await self._library.look()
        now = await self._facts_of(head.revision) if head is not None else None
        return crowd(revision, spots, await self._facts_of(revision), now)

    async def _facts_of(self, revision: str) -> Facts | None:
        if revision not in self._facts:
            try:
                self._facts[revision] = await self._bench(facts_of, await self._library.bundle(revision))
            except (KeyError, Tampered):
                self._facts[revision] = None
            except TimeoutError:
                return None
        return self._facts[revision]
