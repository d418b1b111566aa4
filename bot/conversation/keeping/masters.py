"""Which master keys a store needs, and which process uses which: so that nothing starts without one, and none is dropped too soon.

Rule 1: a master stands in the store's list before anything is wrapped under it, and leaves it before its file is destroyed: a process
that dies in between leaves one name too many or one file too many, never too few.
Rule 2: every process looks at the folder each second, and at once when it meets what it cannot open: nothing is restarted for a new one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from bot.conversation.keeping.vault import Vault
from bot.ports import Clock, Stale, Store
from bot.privacy.keys import Ring

KEYS: Final = "keys"
_NEEDED: Final = "needed"
_SEEN: Final = "seen/"
SAY_AGAIN: Final = 20.0
"""Seconds after which a process says again which master it uses."""
SILENT: Final = 60.0
"""Seconds after which one of several processes that says nothing counts as gone: by then others have its shards."""
SETTLED: Final = 15.0
"""Seconds in which whatever was begun under an older master is on disk or given up: longer than any turn may take."""


class Use(Struct, frozen=True):
    """What a process says of itself: the master it wraps with, and since when."""

    newest: str
    since: float


_names_from = msgspec.json.Decoder(tuple[str, ...]).decode
_use_from = msgspec.json.Decoder(Use).decode
_to = msgspec.json.Encoder().encode


class Masters:
    """The list of the store, and what this process says. `process`: its name, None for a command that only visits.

    `stays`: what it says counts until it says something else: there is only one, that owns the store. `has`: whether a master lies in
    the folder.
    """

    def __init__(
        self, *, store: Store, vault: Vault, clock: Clock, has: Callable[[str], bool], process: str | None, stays: bool
    ) -> None:  # fmt: skip
        self._store = store
        self._vault = vault
        self._clock = clock
        self._has = has
        self._process = process
        self._stays = stays
        self._needed: frozenset[str] = frozenset()
        self._use: Use | None = None
        self._said = 0.0

    async def begin(self) -> tuple[str, ...]:
        """Put the newest master on the list; gives those of the list that this process does not have: without them it must not start."""
        await self._need(self._vault.masters)
        return tuple(sorted(self._needed - set(self._vault.masters)))

    async def look(self) -> bool:
        """Use what was added to the folder meanwhile, forget what was dropped, and say so; whether anything changed."""
        ring = self._vault.look()
        before = self._vault.masters
        again = self._clock.steady() - self._said >= SAY_AGAIN
        if ring.newest not in self._needed or again:
            await self._need((ring.newest,), anew=again)
        ring = self._without_dropped(ring)
        self._vault.take_up(ring)
        if self._process is not None and (self._use is None or self._use.newest != ring.newest or again):
            await self._say(ring.newest)
        return self._vault.masters != before

    def _without_dropped(self, ring: Ring) -> Ring:
        kept = tuple(one for one in ring.masters if one[0] in self._needed or self._has(one[0]))
        return Ring(ring.root, kept) if 0 < len(kept) < len(ring.masters) else ring

    async def _need(self, names: Sequence[str], *, anew: bool = False) -> None:
        """Have these on the list; a store that has no list yet gets all of them, one that has takes the newest."""
        while anew or not self._needed or not self._needed.issuperset(names[:1]):
            note = await self._store.note(KEYS, _NEEDED)
            held = frozenset(_names_from(self._vault.open_note(KEYS, _NEEDED, note.value))) if note is not None else frozenset()
            wanted = held | frozenset(names[:1] if note is not None else names)
            if wanted == held or await self._put(wanted, note.version if note is not None else 0):
                self._needed = wanted
                return

    async def drop(self, name: str) -> None:
        """Take a master from the list."""
        while True:
            note = await self._store.note(KEYS, _NEEDED)
            if note is None:
                return
            held = frozenset(_names_from(self._vault.open_note(KEYS, _NEEDED, note.value)))
            if name not in held or await self._put(held - {name}, note.version):
                return

    async def _put(self, names: frozenset[str], version: int) -> bool:
        body = self._vault.seal_note(KEYS, _NEEDED, _to(sorted(names)))
        try:
            await self._store.put_note(KEYS, _NEEDED, body, version=version)
        except Stale:  # another process was first: look again
            return False
        return True

    # ── who uses which ──
    async def _say(self, newest: str) -> None:
        now, key = self._clock.now(), f"{_SEEN}{self._process}"
        if self._use is None or self._use.newest != newest:
            self._use = Use(newest, now)
        sealed = self._vault.seal_note(KEYS, key, _to(self._use))
        await self._store.put_note(KEYS, key, sealed, expires=None if self._stays else now + SILENT)
        self._said = self._clock.steady()

    async def leave(self) -> None:
        """Say nothing any more: nothing will be wrapped here."""
        if self._use is not None:
            self._use = None
            await self._store.put_note(KEYS, f"{_SEEN}{self._process}", None)

    async def uses(self) -> Mapping[str, Use]:
        """Give what each process that runs says of itself."""
        notes = await self._store.notes(KEYS, prefix=_SEEN)
        return {note.key.removeprefix(_SEEN): _use_from(self._vault.open_note(KEYS, note.key, note.value)) for note in notes}

    @property
    def needed(self) -> frozenset[str]:
        """The list, as it was last read."""
        return self._needed
