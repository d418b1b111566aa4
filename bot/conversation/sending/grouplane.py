"""The lane to a group of caseworkers: what goes next, and what goes along with it.

Rule 1: danger goes first, then what has waited longest; what belongs to one case keeps its order.
Rule 2: what waits behind a row and can be read with the same key goes with it, as far as one message holds it.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from bot.conversation.group.folding import fold
from bot.conversation.group.topics import Topics, Way
from bot.conversation.keeping.envelope import Parcel
from bot.conversation.keeping.vault import Keys, Tampered
from bot.conversation.running.patience import until_up
from bot.ports import CaseIndex, Clock, Due, Outgoing, OutRow, Person, Receipt, SendFailed, Store, StoreUnavailable
from bot.privacy.keys import Wraps

BROKEN = (Tampered, msgspec.DecodeError, msgspec.ValidationError)
"""A row that cannot be opened or read."""
MOST_HEADS: Final = 200
"""Cases that are looked at for what is most urgent."""
MOST_FOLDED: Final = 100
"""Rows of one case that are put together at most."""


class GroupLane:
    """Chooses and joins. `opened`: opens a row of a person."""

    def __init__(
        self, *, store: Store, clock: Clock, topics: Topics, opened: Callable[[Person, OutRow, Wraps], tuple[Keys, Parcel]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._topics = topics
        self._opened = opened

    async def first(self, head: Due) -> Due:
        """Give the row that goes first of all that wait for the group, this head among them; the others wait on."""
        try:
            others = await self._store.due(self._clock.now(), MOST_HEADS, {head.row.lane: MOST_HEADS})
        except StoreUnavailable:
            return head
        if not others:
            return head
        danger = {index.code for index in await self._open_cases() if index.urgency == "now"}
        heads = sorted([head, *others], key=lambda one: one.row.case not in danger)
        back = [(one.person, one.row.id, one.row.due) for one in heads[1:]]
        await until_up(lambda: self._store.postpone(back))
        return heads[0]

    async def _open_cases(self) -> Sequence[CaseIndex]:
        """The most urgent ones; none while the store does not say."""
        try:
            return await self._store.cases(states=("waiting", "claimed"), teams=None, limit=MOST_HEADS)
        except StoreUnavailable:
            return ()

    async def send(self, way: Way, due: Due, parcel: Parcel) -> tuple[Receipt, Sequence[str]]:
        """Send a row with what waits behind it; gives the ids of the others that went along. Raises `SendFailed`."""
        rows, waiting = await self._waiting(due, parcel)
        folded = fold(waiting)
        receipt = await self._topics.send(way, folded.message, waiting, channel=parcel.channel)
        return receipt, [rows[place] for place in folded.covers if place]

    async def _waiting(self, due: Due, parcel: Parcel) -> tuple[Sequence[str], Sequence[Outgoing]]:
        """The row and those behind it that can be read with the same key; what cannot be is of another life."""
        rows, waiting = [due.row.id], [parcel.message]
        try:
            behind = await self._store.behind(due.person, due.row.id, MOST_FOLDED)
        except StoreUnavailable:
            raise SendFailed("network") from None
        for row in behind:
            try:
                _, parcel = self._opened(due.person, row, due.wraps)
            except BROKEN:
                break
            if parcel.route:
                break
            rows.append(row.id)
            waiting.append(parcel.message)
        return rows, waiting
