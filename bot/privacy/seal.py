"""Sealing: bytes in, bytes out that open only with the same key and in the same place.

Rule 1: this is the only home of `cryptography`; nothing here reads a clock, a disk or chance: the nonce is an input.
Rule 2: what a row is (life, kind, row, version) is bound to it; moved to another row, person or version it does not open.
Rule 3: no exception of this file holds a byte of what was sealed or of a key.
Rule 4: a row that is sealed once under its version needs no nonce beside it: AES-GCM-SIV derives one from the text and its place, and
two rows sealed alike show only that they are equal (RFC 8452, section 1). Texts of no version carry 12 random bytes.
"""

import hashlib
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_FORMAT: Final = b"\x01"
_PLACED: Final = b"\x02"  # no nonce, and no key id: whoever opens it knows the only key it can have
_NAMED: Final = b"\x03"  # no nonce, but the key's id: one of several keys
_NO_NONCE: Final = bytes(12)
_ID_BYTES: Final = 4
_HEAD: Final = 1 + _ID_BYTES
_BODY: Final = _HEAD + NONCE_BYTES
_TAG: Final = 16
_KEPT_CIPHERS: Final = 2048
OVERHEAD: Final = _BODY + _TAG
"""How many bytes a sealed text is longer than the plain one."""


class Tampered(Exception):
    """It does not open here: changed, cut, moved from another row, or sealed under another key."""


class Bound(NamedTuple):
    """The place a sealed text belongs to. `life`: random name of the person's life; `kind`: what it is; `row`: its name there."""

    life: str
    kind: str
    row: str
    version: int


def seal(key: bytes, plain: bytes, bound: Bound, nonce: bytes) -> bytes:
    """Give format byte | key id | nonce | AES-256-GCM-SIV text. `nonce`: 12 random bytes; a repeat shows only that two texts are equal."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError("a nonce has 12 bytes")
    cipher, id_ = _cipher(key)
    return b"".join((_FORMAT, id_, nonce, cipher.encrypt(nonce, plain, _associated(bound))))


def seal_row(key: bytes, plain: bytes, bound: Bound) -> bytes:
    """Give format byte | AES-256-GCM-SIV text: for rows under a key of their own, 17 bytes longer than the plain text."""
    return seal_at(key, plain, _associated(bound))


def seal_at(key: bytes, plain: bytes, place: bytes) -> bytes:
    """Give what `seal_row` gives. `place`: its bound, as `placed` gives it."""
    return _PLACED + _cipher(key)[0].encrypt(_NO_NONCE, plain, place)


def seal_named(key: bytes, plain: bytes, bound: Bound) -> bytes:
    """Give format byte | key id | AES-256-GCM-SIV text: for rows whose key must be found among several."""
    cipher, id_ = _cipher(key)
    return b"".join((_NAMED, id_, cipher.encrypt(_NO_NONCE, plain, _associated(bound))))


def unseal(key: bytes, sealed: bytes, bound: Bound) -> bytes:
    """Give back what `seal`, `seal_row` or `seal_named` took; raises `Tampered`."""
    cipher, id_ = _cipher(key)
    form = sealed[:1]
    try:
        if form == _PLACED:
            return cipher.decrypt(_NO_NONCE, sealed[1:], _associated(bound))
        if form == _NAMED and sealed[1:_HEAD] == id_:
            return cipher.decrypt(_NO_NONCE, sealed[_HEAD:], _associated(bound))
        if form == _FORMAT and sealed[1:_HEAD] == id_:
            return cipher.decrypt(sealed[_HEAD:_BODY], sealed[_BODY:], _associated(bound))
    except (InvalidTag, ValueError):  # ValueError: too short to be any
        raise Tampered from None
    raise Tampered


def key_id(key: bytes) -> bytes:
    """Give the 4 bytes that name a key in an envelope without revealing anything of it."""
    return _cipher(key)[1]


def sealed_under(sealed: bytes) -> bytes:
    """Give the id of the key an envelope was sealed under; raises `Tampered` if it is no envelope of a known format."""
    if len(sealed) < _HEAD + _TAG or sealed[:1] not in (_FORMAT, _NAMED):
        raise Tampered
    return sealed[1:_HEAD]


def forget_ciphers() -> None:
    """Drop every key that is kept ready in memory (after an erasure, or when keys change)."""
    _cipher.cache_clear()


# Making a cipher costs as much as sealing with it, so those last used stay ready.
@lru_cache(maxsize=_KEPT_CIPHERS)
def _cipher(key: bytes) -> tuple[AESGCMSIV, bytes]:
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return AESGCMSIV(key), hashlib.sha256(b"amana key id\x00" + key).digest()[:_ID_BYTES]


def _associated(bound: Bound) -> bytes:
    return placed(bound.life, bound.kind, bound.row, bound.version)


def placed(life: str, kind: str, row: str, version: int) -> bytes:
    """Give the bytes that bind to a place."""
    # Each part goes with its length, so that no two places are written alike.
    return f"{len(life)}:{life}{len(kind)}:{kind}{len(row)}:{row}{version}".encode()
