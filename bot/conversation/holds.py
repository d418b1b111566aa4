"""A thing that only one process may do at a time, such as asking Telegram for updates: who does it holds a note that soon ends.

Rule 1: a hold not renewed in time is anybody's; whoever lost it stops at once.
"""

from bot.ports import Clock, Stale, Store, StoreUnavailable

HOLDS = "holds"
"""Space of the notes."""
LASTS = 15.0
"""Seconds until a hold that nobody renews ends."""
RENEW = 5.0


class Hold:
    """One hold. `name`: what is held; `owner`: this process."""

    def __init__(self, *, store: Store, clock: Clock, name: str, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._owner = owner.encode()
        self.ours = False

    async def renew(self) -> bool:
        """Take it or keep it; gives whether it is ours now. A store that is down gives nothing to anyone."""
        try:
            note = await self._store.note(HOLDS, self._name)
            if note is not None and note.value != self._owner:
                self.ours = False
                return False
            ends = self._clock.now() + LASTS
            await self._store.put_note(HOLDS, self._name, self._owner, version=note.version if note is not None else 0, expires=ends)
        except (Stale, StoreUnavailable):
            self.ours = False
        else:
            self.ours = True
        return self.ours

    async def drop(self) -> None:
        """Let another have it now."""
        if self.ours:
            self.ours = False
            try:
                await self._store.put_note(HOLDS, self._name, None)
            except (Stale, StoreUnavailable):
                return  # it ends by itself
