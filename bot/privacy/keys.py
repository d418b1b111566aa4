"""Keys: which key is for what, and who can open it. Pure; random bytes are inputs, disks are elsewhere.

Rule 1: one key, one use: every use is derived from its parent by HMAC-SHA256 under the name of the use.
Rule 2: the root names people and never changes; masters wrap data keys and may be replaced at any time.
Rule 3: a data key is kept only as wraps, one for each holder; without its wraps everything under it is gone.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from bot.privacy.seal import KEY_BYTES, Bound, Tampered, key_id, seal_named, sealed_under, unseal

Wraps: TypeAlias = tuple[tuple[str, bytes], ...]
"""(holder, data key sealed for that holder); the holder of this server is `server`."""


class Wrapped(NamedTuple):
    """A data key as it is kept. `kind`: whose it is; `row`: the person in hexadecimal digits, the case's code, the row's number."""

    kind: Literal["person", "case", "farewell"]
    row: str
    wraps: Wraps


Use: TypeAlias = Literal["pseudonym", "mailbox", "receipts", "notes", "topic", "timers", "link", "audit", "tag"]
"""What a key derived from the root is for."""

SERVER: Final = "server"
PERSON_BYTES: Final = 16
SEED_BYTES: Final = 16
LIFE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Ring:
    """The server's keys. `root`: 32 bytes that never change. `masters`: (name, 32 bytes), newest first, at least one."""

    root: bytes = field(repr=False)
    masters: tuple[tuple[str, bytes], ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.masters or any(len(key) != KEY_BYTES for key in (self.root, *(key for _, key in self.masters))):
            raise ValueError("a ring has a root and at least one master, of 32 bytes each")

    @property
    def newest(self) -> str:
        """Name of the master that new wraps are made with."""
        return self.masters[0][0]


@dataclass(frozen=True, slots=True)
class DayKeys:
    """The daily inbox keys alive now: day number (days since 1970, UTC) → 32 bytes."""

    today: int
    keys: Mapping[int, bytes] = field(repr=False)

    def inbox_key(self, person: bytes) -> bytes:
        """Give the key to seal an arrival of this person with today."""
        return inbox_key(self.keys[self.today], person)

    def opening(self, sealed: bytes, person: bytes) -> bytes:
        """Give the key an arrival of this person was sealed with; raises `Tampered` if its day is over."""
        named = sealed_under(sealed)
        for day in sorted(self.keys, reverse=True):
            key = inbox_key(self.keys[day], person)
            if key_id(key) == named:
                return key
        raise Tampered


def pseudonym(ring: Ring, channel: str, identity: str) -> bytes:
    """Give the 16 bytes that stand for this identity of this channel; nobody without the root can tell whose they are."""
    return blind(ring, "pseudonym", channel.encode() + b"\x00" + identity.encode())[:PERSON_BYTES]


def blind(ring: Ring, use: Use, value: bytes) -> bytes:
    """Give 32 bytes by which a secret value can be found again but not read."""
    return hmac.digest(_derived(ring.root, f"use {use}"), value, "sha256")


def root_key(ring: Ring, use: Use) -> bytes:
    """Give the key of one use that must outlive every master (small things that no person owns)."""
    return _derived(ring.root, f"key {use}")


@lru_cache(maxsize=2048)
def inbox_key(day_key: bytes, person: bytes) -> bytes:
    """Give the key for one person's arrivals of one day."""
    return hmac.digest(day_key, b"amana/1 inbox\x00" + person, "sha256")


def grown(seed: bytes) -> tuple[bytes, bytes]:
    """Give the key of a person, a case or a farewell and the random name of its life (8 bytes), out of 16 random bytes."""
    if len(seed) != SEED_BYTES:
        raise ValueError("a life grows out of 16 random bytes")
    both = hashlib.blake2b(b"amana/1 life", key=seed, digest_size=KEY_BYTES + LIFE_BYTES).digest()
    return both[:KEY_BYTES], both[KEY_BYTES:]


def forget_derived() -> None:
    """Drop the keys of arrivals that are kept ready in memory."""
    inbox_key.cache_clear()


def wrap(ring: Ring, key: bytes, bound: Bound) -> tuple[str, bytes]:
    """Give the wrap of a data key for this server, under the newest master, bound to its place. The key is random: no nonce is needed."""
    return SERVER, seal_named(_wrapping(ring.masters[0][1]), key, bound)


def unwrap(ring: Ring, wraps: Iterable[tuple[str, bytes]], bound: Bound) -> bytes:
    """Give the data key out of this server's wrap; raises `Tampered` if there is none, or none that opens here."""
    for holder, sealed in wraps:
        if holder == SERVER:
            return unseal(_master_of(ring, sealed), sealed, bound)
    raise Tampered


def is_newest(ring: Ring, wraps: Iterable[tuple[str, bytes]]) -> bool:
    """Whether this server's wrap is already under the newest master."""
    return wrapped_under(ring, wraps) == ring.newest


def wrapped_under(ring: Ring, wraps: Iterable[tuple[str, bytes]]) -> str:
    """Give the name of the master that this server's wrap is under; empty if the ring has none that could open it."""
    for holder, sealed in wraps:
        if holder == SERVER:
            try:
                named = sealed_under(sealed)
            except Tampered:
                return ""
            return next((name for name, master in ring.masters if key_id(_wrapping(master)) == named), "")
    return ""


def rewrap(ring: Ring, wraps: Sequence[tuple[str, bytes]], bound: Bound) -> Wraps:
    """Give the wraps with this server's one made again under the newest master; others stay as they are."""
    fresh = wrap(ring, unwrap(ring, wraps, bound), bound)
    return tuple(fresh if holder == SERVER else (holder, sealed) for holder, sealed in wraps)


def _master_of(ring: Ring, sealed: bytes) -> bytes:
    named = sealed_under(sealed)
    for _, master in ring.masters:
        key = _wrapping(master)
        if key_id(key) == named:
            return key
    raise Tampered


def _wrapping(master: bytes) -> bytes:
    return _derived(master, "use wrap")


@lru_cache(maxsize=64)
def _derived(parent: bytes, use: str) -> bytes:
    return hmac.digest(parent, b"amana/1 " + use.encode(), "sha256")
