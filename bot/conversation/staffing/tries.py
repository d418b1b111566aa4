"""Growing delays for who guesses: counted before the guess is looked at, kept in the store, and never long.

Rule 1: what is counted is a pseudonym of an account's id or of a block of addresses; neither stands anywhere.
Rule 2: a delay is at most a minute, so that nobody can shut a colleague out by guessing; what comes during one does not make it longer.
"""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address

import msgspec
from msgspec import Struct

from bot.conversation.staffing.staff import NoteSeals
from bot.ports import Clock, Stale, Store

TRIES = "tries"
LONGEST = 60.0
FORGOTTEN = 24 * 3600.0
AGAIN = 20
FREE = {"account": 3, "browser": 5, "address": 30}
"""Failures that cost nothing: of an account, of a browser that was in before, of a block of addresses (an office may share one)."""


class Tried(Struct, frozen=True):
    """How often it failed, and when last."""

    n: int
    last: float


_to = msgspec.json.Encoder().encode
_from = msgspec.json.Decoder(Tried).decode


class Tries:
    """Counts failures by kind and by whom."""

    def __init__(self, *, store: Store, vault: NoteSeals, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    async def begin(self, guesses: Sequence[tuple[str, str]]) -> float:
        """Count a guess of each (kind, whom) as failed, and give 0; or give the seconds that one of them has to wait yet."""
        for kind, whom in guesses:
            wait = self._left(kind, await self._tried(self._key(kind, whom)))
            if wait > 0:
                return wait
        for kind, whom in guesses:
            if not await self._count(self._key(kind, whom), many=kind == "address"):
                return 1.0
        return 0.0

    async def forgive(self, kind: str, whom: str) -> None:
        """Count no more what this one failed with."""
        await self._store.put_note(TRIES, self._key(kind, whom), None)

    async def _count(self, key: str, *, many: bool) -> bool:
        """One failure more. Of an account, whoever comes at the same moment waits; `many` may come from one address at once."""
        for _ in range(AGAIN if many else 1):
            note = await self._store.note(TRIES, key)
            tried = _from(self._vault.open_note(TRIES, key, note.value)) if note else Tried(0, 0.0)
            now = self._clock.now()
            body = self._vault.seal_note(TRIES, key, _to(Tried(tried.n + 1, now)))
            with suppress(Stale):
                await self._store.put_note(TRIES, key, body, version=note.version if note else 0, expires=now + FORGOTTEN)
                return True
        return False

    async def _tried(self, key: str) -> Tried:
        note = await self._store.note(TRIES, key)
        return _from(self._vault.open_note(TRIES, key, note.value)) if note else Tried(0, 0.0)

    def _left(self, kind: str, tried: Tried) -> float:
        over = tried.n - FREE[kind]
        return 0.0 if over < 0 else tried.last + min(LONGEST, 2.0 ** min(over, 10)) - self._clock.now()

    def _key(self, kind: str, whom: str) -> str:
        return self._vault.person(f"tries-{kind}", whom).hex()


def block_of(address: str) -> str:
    """Give the block of addresses that one customer of a network usually has; what is no address stands for itself."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return ".".join(str(ip).split(".")[:3]) if ip.version == 4 else ip.exploded[:14]
