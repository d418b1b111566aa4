"""The vault: every seal of the service is made and opened here, bound to whose it is, what it is, which row and which version.

Rule 1: a person's rows open only with that person's key, in that person's life; a case's only with the case's.
Rule 2: arrivals are sealed under a key of the day, which is destroyed after 48 hours; nothing outlives it there.
Rule 3: chance is an input; nothing sealed is ever in an exception.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.ports import Person, Taken
from bot.privacy.keys import (
    SEED_BYTES,
    DayKeys,
    Ring,
    Wrapped,
    Wraps,
    blind,
    forget_derived,
    grown,
    pseudonym,
    rewrap,
    root_key,
    unwrap,
    wrap,
    wrapped_under,
)
from bot.privacy.seal import KEY_BYTES, NONCE_BYTES, Bound, Tampered, forget_ciphers, placed, seal, seal_at, seal_named, unseal

__all__ = ["Keys", "Tampered", "Vault"]

READY = 2048
"""Keys of persons that stay opened in memory, those last used; as many as ciphers that stay ready."""


class KeyHolder(Protocol):
    """Where the server's keys are (`bot.storage.files.KeyFolder`)."""

    def load_or_create(self, now: float) -> Ring:
        """Give the master keys, made at the first start."""
        ...

    def look(self, known: Ring) -> Ring:
        """Give the ring with the masters that were added meanwhile; the same one if there are none."""
        ...

    def day_keys(self, now: float) -> DayKeys:
        """Give the daily keys alive now, today's among them."""
        ...


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of a person or a case, the random name of its life, and how it is kept."""

    life: str
    key: bytes = field(repr=False)
    wraps: Wraps = field(repr=False)


class Vault:
    """Seals and opens. `now` gives UTC seconds, `entropy` so many random bytes."""

    def __init__(self, keys: KeyHolder, *, now: Callable[[], float], entropy: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._now = now
        self._entropy = entropy
        self._loaded: Ring | None = None
        self._ready: OrderedDict[tuple[str, Wraps], Keys] = OrderedDict()
        self._names: dict[tuple[str, str], Person] = {}
        self._today = 0

    @property
    def _ring(self) -> Ring:
        if self._loaded is None:
            self._loaded = self._keys.load_or_create(self._now())
        return self._loaded

    # ── masters ──
    def take_up(self, ring: Ring) -> None:
        """Use these keys from here on; the root is the one it was."""
        self._loaded = ring

    def look(self) -> Ring:
        """Give the ring as it would be with the masters that were added meanwhile; it is not used yet."""
        return self._keys.look(self._ring)

    @property
    def masters(self) -> tuple[str, ...]:
        """Give the names of the masters in use, the one that wraps first."""
        return tuple(name for name, _ in self._ring.masters)

    def under(self, wraps: Wraps) -> str:
        """Give the name of the master that these are under; empty if it is none of ours."""
        return wrapped_under(self._ring, wraps)

    def rewrapped(self, one: Wrapped) -> Wraps:
        """Give the wraps of a person or a case under the newest master; raises `Tampered`."""
        row = f"case/{one.row}" if one.kind == "case" else one.row
        return rewrap(self._ring, one.wraps, Bound("", "key", row, 0))

    # ── who ──
    def person(self, channel: str, identity: str) -> Person:
        """Give the pseudonym of a channel identity."""
        known = self._names.get((channel, identity))
        if known is None:
            if len(self._names) >= READY:
                self._names.clear()
            known = self._names[channel, identity] = pseudonym(self._ring, channel, identity)
        return known

    def topic_key(self, place: str) -> str:
        """Give the name under which a topic of the group is found again."""
        return blind(self._ring, "topic", place.encode()).hex()

    def tag(self, tag: str) -> str:
        """Give the blind name of a tag, under which cases that bear it are found."""
        return blind(self._ring, "tag", tag.encode()).hex()[:16]

    def session_naming(self) -> bytes:
        """Give the key that turns a browser's secret into its name."""
        return root_key(self._ring, "mailbox")

    # ── keys of a person and of a case ──
    def new_person_keys(self, row: str) -> Keys:
        """Make the keys of a new life of this person."""
        return self._new(row)

    def person_keys(self, row: str, wraps: Wraps) -> Keys:
        """Open a person's keys; raises `Tampered`."""
        return self._opened(row, wraps)

    def person_keys_once(self, row: str, wraps: Wraps) -> Keys:
        """Open a person's keys without keeping them ready, for who goes through thousands of people; raises `Tampered`."""
        return self._unwrapped(row, wraps)

    def new_case_keys(self, code: str) -> Keys:
        """Make the keys of a new case."""
        return self._new(f"case/{code}")

    def case_keys(self, code: str, wraps: Wraps) -> Keys:
        """Open a case's keys; raises `Tampered`."""
        return self._opened(f"case/{code}", wraps)

    def case_keys_once(self, code: str, wraps: Wraps) -> Keys:
        """Open a case's keys without keeping them ready, for who goes through thousands of cases; raises `Tampered`."""
        return self._unwrapped(f"case/{code}", wraps)

    def _new(self, row: str) -> Keys:
        seed = self._entropy(SEED_BYTES)
        wrapped = wrap(self._ring, seed, Bound("", "key", row, 0))
        key, life = grown(seed)
        return Keys(life=life.hex(), key=key, wraps=(wrapped,))

    def _opened(self, row: str, wraps: Wraps) -> Keys:
        known = self._ready.get((row, wraps))
        if known is not None:
            self._ready.move_to_end((row, wraps))
            return known
        keys = self._ready[row, wraps] = self._unwrapped(row, wraps)
        if len(self._ready) > READY:
            self._ready.popitem(last=False)
        return keys

    def _unwrapped(self, row: str, wraps: Wraps) -> Keys:
        body = self._seed(wraps, Bound("", "key", row, 0))
        if len(body) == SEED_BYTES:
            key, life = grown(body)
        else:  # made before 2026.12: the key and the name of the life themselves
            key, life = body[:KEY_BYTES], body[KEY_BYTES:]
        return Keys(life=life.hex(), key=key, wraps=wraps)

    def _seed(self, wraps: Wraps, bound: Bound) -> bytes:
        try:
            return unwrap(self._ring, wraps, bound)
        except Tampered:
            ring = self.look()  # another process may have a master that came this moment
            if ring is self._ring:
                raise
            self._loaded = ring
            return unwrap(ring, wraps, bound)

    # ── rows ──
    def seal(self, keys: Keys, body: bytes, *, kind: str, row: str, version: int) -> bytes:
        """Seal a row of a person or case."""
        return seal_at(keys.key, body, placed(keys.life, kind, row, version))

    def open(self, keys: Keys, sealed: bytes, *, kind: str, row: str, version: int) -> bytes:
        """Open a row; raises `Tampered` if it is another's, another kind, row or version."""
        return unseal(keys.key, sealed, Bound(keys.life, kind, row, version))

    # ── arrivals ──
    def seal_arrival(self, person: Person, event: str, body: bytes, at: float) -> bytes:
        """Seal what arrived, under the key of the day."""
        days = self._keys.day_keys(at)
        if days.today != self._today:
            self._today = days.today
            forget_derived()  # a day that is over leaves nothing ready in memory
        return seal_named(days.inbox_key(person), body, _arrival(person, event))

    def seal_later(self, person: Person, event: str, body: bytes) -> bytes:
        """Seal what shall arrive later than a day's key lives; it holds no word of anybody."""
        return seal_named(root_key(self._ring, "timers"), body, _arrival(person, event))

    def open_arrival(self, taken: Taken) -> bytes:
        """Open an arrival; raises `Tampered` when its day's key is gone."""
        bound = _arrival(taken.person, taken.event)
        if taken.event.startswith("remind:"):
            return unseal(root_key(self._ring, "timers"), taken.sealed, bound)
        key = self._keys.day_keys(self._now()).opening(taken.sealed, taken.person)
        return unseal(key, taken.sealed, bound)

    def seal_aside(self, body: bytes, at: float) -> bytes:
        """Seal what could not be read at all, under the key of the day."""
        return seal(self._keys.day_keys(at).inbox_key(b"aside"), body, Bound("", "aside", "", 0), self._nonce())

    # ── small things ──
    def seal_note(self, space: str, key: str, body: bytes) -> bytes:
        """Seal a note under the server's own key, bound to its place."""
        return seal(root_key(self._ring, "notes"), body, Bound("", f"note/{space}", key, 0), self._nonce())

    def open_note(self, space: str, key: str, sealed: bytes) -> bytes:
        """Open a note; raises `Tampered`."""
        return unseal(root_key(self._ring, "notes"), sealed, Bound("", f"note/{space}", key, 0))

    def forget_ready_keys(self) -> None:
        """Keep no key ready in memory that an erasure has just destroyed."""
        self._ready.clear()
        self._names.clear()
        forget_derived()
        forget_ciphers()

    def _nonce(self) -> bytes:
        return self._entropy(NONCE_BYTES)


def _arrival(person: Person, event: str) -> Bound:
    return Bound("", "arrival", f"{person.hex()}/{event}", 0)
