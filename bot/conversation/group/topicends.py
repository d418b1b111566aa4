"""The end of topics: what a case left in the caseworkers' group goes when the case does, not later.

Rule 1: a topic is deleted while its case is still kept, a little before it is not; and if that was missed, afterwards.
Rule 2: nothing is deleted while the clock is not trusted; a topic that cannot be deleted now is tried again.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from bot.conversation.group.groupstate import GROUP_REASONS
from bot.conversation.group.topics import TOPICS, noted
from bot.conversation.keeping.casefile import place_of
from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.running.keeper import every
from bot.ports import CaseRecord, Channel, Clock, Library, Note, Outgoing, SendFailed, Store, StoreUnavailable

LOOKS: Final = 600.0
"""Seconds from one look to the next."""
BEFORE: Final = 1800.0
"""Seconds before its case's end that a topic is deleted."""
AT_ONCE: Final = 15
"""Topics deleted in one look: the group also has to be written to."""


class TopicEnds:
    """Deletes topics whose time is over. `trusted`: whether the clock can be believed."""

    def __init__(self, *, store: Store, vault: Vault, library: Library, clock: Clock, group: Channel, trusted: Callable[[], bool]) -> None:
        self._store = store
        self._vault = vault
        self._library = library
        self._clock = clock
        self._group = group
        self._trusted = trusted

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until stopped."""
        while await every(LOOKS, stopping):
            if self._trusted():
                with suppress(StoreUnavailable):
                    await self.look()

    async def look(self) -> int:
        """Delete what is over; gives how many topics went."""
        gone, last, lost = 0, "", set[str]()
        while notes := await self._store.notes(TOPICS, after=last):
            last = notes[-1].key
            for note in await self._over(notes):
                if gone >= AT_ONCE:
                    return gone
                gone += await self._delete(note, lost)
        return gone

    async def _over(self, notes: Sequence[Note]) -> list[Note]:
        found: list[Note] = []
        for note in notes:
            with suppress(Tampered):  # of one that is damaged nobody knows which topic it was; it hides no other
                code, _ = noted(self._vault, note)
                if self._ends(await self._store.case(code)):
                    found.append(note)
        return found

    def _ends(self, record: CaseRecord | None) -> bool:
        if record is None or record.index.state == "erased":
            return True
        if record.index.state != "closed" or record.closed_at is None:
            return False
        return record.closed_at + self._library.current().service.keep.case * 60 - BEFORE <= self._clock.now()

    async def _delete(self, note: Note, lost: set[str]) -> bool:
        """Delete one topic and forget it; False while its group cannot be reached, which is `lost` then until the next look."""
        code, place = noted(self._vault, note)
        if not place:
            with suppress(Tampered):
                record = await self._store.case(code)
                place = place_of(self._vault, record) if record is not None and record.index.state != "erased" else ""
        group = place.rpartition("/")[0]
        if group in lost:
            return False
        if place:
            try:
                await self._group.send(place, Outgoing(kind="remove", language="", case=code))
            except SendFailed as failed:
                if failed.reason in GROUP_REASONS or failed.reason in ("network", "server", "slow-down", "moved"):
                    lost.add(group)
                    return False  # what is refused for good is not there any more
        await self._store.put_note(TOPICS, note.key, None)
        return True
