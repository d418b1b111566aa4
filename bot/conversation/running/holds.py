"""A thing that only one process may do at a time, such as asking Telegram for updates: who does it renews a note.

Rule 1: no two clocks are compared: whoever waits takes a hold that it has seen unchanged for so long by its own steady time.
Rule 2: a hold is believed for less time than others wait; whoever lost it stops at once.
"""

import asyncio

from bot.ports import Clock, Note, Stale, Store, StoreUnavailable

HOLDS = "holds"
"""Space of the notes."""
LASTS = 4.0
"""Seconds that a hold must be seen unchanged before another takes it."""
BELIEVED = 3.2
RENEW = 1.0
KEPT = 3600.0
"""Seconds after which a note that nobody renews is swept away."""


class Hold:
    """One hold. `name`: what is held; `owner`: this process; `lasts`: in place of the four seconds; `every`: seconds between
    two renewals, as much shorter."""

    def __init__(self, *, store: Store, clock: Clock, name: str, owner: str, lasts: float = LASTS) -> None:
        self._lasts = lasts
        self._believed = lasts * BELIEVED / LASTS
        self.every = lasts * RENEW / LASTS
        self._store = store
        self._clock = clock
        self._name = name
        self._owner = owner.encode()
        self._until = 0.0
        self._seen: tuple[bytes, int] = (b"", 0)  # another's note as it was seen last
        self._since = 0.0

    @property
    def ours(self) -> bool:
        """Whether it is ours now."""
        return self._clock.steady() < self._until

    async def renew(self) -> bool:
        """Take it or keep it; gives whether it is ours now. A store that is down gives nothing to anyone."""
        asked = self._clock.steady()
        try:
            async with asyncio.timeout(self._believed - self.every):
                note = await self._store.note(HOLDS, self._name)
                if self._free(note, asked):
                    version, ends = note.version if note is not None else 0, self._clock.now() + KEPT
                    await self._store.put_note(HOLDS, self._name, self._owner, version=version, expires=ends)
                    self._until = asked + self._believed
                else:
                    self._until = 0.0
        except Exception:  # noqa: BLE001 whatever went wrong with the store, it is not ours then, and is asked for again
            self._until = 0.0
        return self.ours

    def _free(self, note: Note | None, now: float) -> bool:
        """Whether it is ours, nobody's, or was left alone for long enough."""
        if note is None or note.value == self._owner:
            return True
        if self._seen != (note.value, note.version):
            self._seen, self._since = (note.value, note.version), now
            return False
        return now - self._since >= self._lasts

    async def drop(self) -> None:
        """Let another have it now."""
        if self.ours:
            self._until = 0.0
            try:
                await self._store.put_note(HOLDS, self._name, None)
            except (Stale, StoreUnavailable):
                return  # others take it when they have seen it unchanged for long enough
