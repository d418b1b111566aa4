"""The caseworkers' group may get another number; what the operator wrote stays, and the store knows what it leads to.

Rule 1: a group that moved twice is found as well: the note leads from the number that was written to the newest.
"""

from bot.ports import Stale, Store

GROUPS = "groups"
"""Space of the note."""
DESK_KEY = "desk"


class Moves:
    """Where a group is. `written`: the number in the settings; `now`: its number as far as is known here. `key`: what it is called."""

    def __init__(self, *, store: Store, written: int, key: str = "") -> None:
        self._store = store
        self._key = key
        self.written = self.now = written
        self._recalled = False

    async def place(self) -> int:
        """Give the group's number."""
        if not self._recalled:
            await self.recall()
        return self.now

    async def recall(self) -> None:
        """Take the group's newer number, if it moved before or elsewhere."""
        self.now = await moved_to(self._store, self.written, self._key) or self.now
        self._recalled = True

    async def remember(self, to: int) -> None:
        """The group has a new number."""
        self.now = to
        try:
            await self._store.put_note(GROUPS, _note_of(self._key), f"{self.written}>{to}".encode())
        except Stale:
            return


def _note_of(key: str) -> str:
    return f"{DESK_KEY}:{key}" if key else DESK_KEY


async def moved_to(store: Store, written: int, key: str = "") -> int | None:
    """Give the number that this group has now, if it moved."""
    note = await store.note(GROUPS, _note_of(key))
    if note is None:
        return None
    old, _, new = note.value.decode().partition(">")
    return int(new) if old == str(written) else None
