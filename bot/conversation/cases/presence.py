"""Who is writing at this moment: caseworkers see each other and the person; the person sees that somebody writes.

Rule 1: nothing is stored or logged, and no word of what is written is known here; it is over after some seconds.
Rule 2: best effort: what is lost is not told again, and nothing waits for it.
Rule 3: the person is shown only that the one who has their case writes; nothing is shown to who stopped, or has left.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

import msgspec

from bot.conversation.cases.view import QueueView
from bot.conversation.keeping.envelope import RouteCard, route_from
from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.staffing.attendance import AtDesk
from bot.ports import Clock, SendFailed, Store, StoreUnavailable

LASTS = 6.0
"""Seconds that a sign of writing holds."""
SHOWN_AGAIN = 4.5
"""Seconds until a person is shown it again: a channel shows it for five (Bot API)."""
HEARD_AGAIN = 3.0
"""Seconds in which a second sign of one person is passed over; their page gives one every four."""
MOST = 4096

Way: TypeAlias = Callable[[str], Awaitable[None]]
"""Shows at a route of a channel that somebody writes; may raise `SendFailed`."""


class Presence:
    """Who writes now, and who has the desk open (`desks`). `ways`: how a person of each channel is shown it, where the channel can."""

    def __init__(
        self, *, store: Store, vault: Vault, clock: Clock, view: QueueView, web: Way, elsewhere: Callable[[str], None] | None = None
    ) -> None:
        self.ways: dict[str, Way] = {"web": web}
        self.desks = AtDesk(clock, elsewhere)
        self._store = store
        self._vault = vault
        self._clock = clock
        self._view = view
        self._elsewhere = elsewhere
        self._now: dict[str, dict[str, float]] = {}  # case → tree (the person: no name) → until when
        self._rests: dict[str, float] = {}  # what is not done again before this time

    # ── caseworkers ──
    def wrote(self, code: str, name: str) -> None:
        """The caseworker of this tree writes to this case; colleagues are shown it."""
        if self._view.index(code) is None:
            return
        if self._elsewhere is not None:
            self._elsewhere(f"typing {code} {name}")
        self.heard(code, name)

    def writing(self, code: str) -> tuple[str, ...]:
        """Give who of the caseworkers writes to this case now, by tree."""
        return tuple(name for name in self._of(code) if name)

    def person_writes(self, code: str) -> bool:
        """Whether the person of this case writes now."""
        return "" in self._of(code)

    def heard(self, code: str, name: str) -> None:
        """Say it here only: another process said so. No name: the person."""
        index = self._view.index(code)
        if index is None:
            return
        if len(self._now) >= MOST:
            self._now = {one: self._of(one) for one in tuple(self._now) if self._of(one)}
        self._now[code] = self._of(code) | {name: self._clock.steady() + LASTS}
        self._view.feed.writes(code, name, index.team)

    def _of(self, code: str) -> dict[str, float]:
        now = self._clock.steady()
        return {name: until for name, until in self._now.get(code, {}).items() if until > now}

    # ── the person ──
    async def show(self, code: str, name: str) -> None:
        """Show the person that the one who has their case writes, where their channel can; best effort."""
        index = self._view.index(code)
        if index is None or index.claimant != name or index.unwritten or self._rested(f"show {code}", SHOWN_AGAIN):
            return
        with suppress(StoreUnavailable, SendFailed, Tampered, msgspec.DecodeError, msgspec.ValidationError):
            card = await self._card(code)
            way = self.ways.get(card.channel) if card is not None and not card.quiet else None
            if card is not None and way is not None:
                await way(card.route)

    async def typed(self, channel: str, identity: str) -> None:
        """The person writes, while a caseworker has their case; desks are shown it. Raises `StoreUnavailable`."""
        person = self._vault.person(channel, identity)
        if self._rested(f"hear {person.hex()}", HEARD_AGAIN):
            return
        for code in await self._store.cases_of(person):
            index = self._view.index(code)
            if index is not None and index.state == "claimed" and not index.unwritten:
                if self._elsewhere is not None:
                    self._elsewhere(f"typing {code} ")
                self.heard(code, "")

    async def _card(self, code: str) -> RouteCard | None:
        case = await self._store.case(code)
        if case is None or case.index.state != "claimed":
            return None
        record = await self._store.load(case.person)
        if record.route is None:
            return None
        row = case.person.hex()
        return route_from(self._vault.open(self._vault.person_keys(row, record.wraps), record.route, kind="route", row=row, version=0))

    def _rested(self, what: str, seconds: float) -> bool:
        """Whether this was done a moment ago; if not, it is noted as done now."""
        now = self._clock.steady()
        if self._rests.get(what, 0.0) > now:
            return True
        if len(self._rests) >= MOST:
            self._rests = {one: until for one, until in self._rests.items() if until > now}
        self._rests[what] = now + seconds
        return False
