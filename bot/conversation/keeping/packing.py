"""How a revision is kept: whole, or as what differs from another that is kept whole.

Rule 1: what was packed unpacks to exactly the same files, or raises; it is never guessed.
Rule 2: a revision that is packed against another needs that one alone: never a chain.
"""

import zlib
from typing import Final

import msgspec

from bot.flow.bundle import NAME, OLD_NAME, Bundle

_DIFFERS: Final = {OLD_NAME: b"\x00", NAME: b"\x01"}
"""First byte of what is packed against another, by the length of that one's name; what is whole begins with that of zlib."""
_SMALL: Final = 0.3
"""What differs by more of the whole is kept whole, and others are packed against it."""

_to = msgspec.json.Encoder().encode
_files = msgspec.json.Decoder(dict[str, str]).decode
_changes = msgspec.json.Decoder(dict[str, str | None]).decode


def packed(bundle: Bundle, against: Bundle | None = None) -> bytes:
    """Give the bundle as bytes; `against`: another that is kept whole."""
    if against is not None:
        changes = {path: bundle.get(path) for path in {**against, **bundle} if bundle.get(path) != against.get(path)}
        if sum(len(text or "") for text in changes.values()) < _SMALL * sum(map(len, bundle.values())):
            return _DIFFERS[len(against.revision)] + against.revision.encode() + zlib.compress(_to(changes), 9)
    return zlib.compress(_to(dict(bundle)), 9)


def needs(data: bytes) -> str:
    """Give the revision that this one is packed against; empty if it is whole."""
    length = next((length for length, first in _DIFFERS.items() if data.startswith(first)), 0)
    return data[1 : 1 + length].decode() if length else ""


def unpacked(data: bytes, name: str = "", against: Bundle | None = None) -> Bundle:
    """Give the bundle that was kept under this name; `against`: what it needs. Raises `ValueError` if that is not given, or another."""
    base = needs(data)
    if not base:
        return Bundle(_files(zlib.decompress(data)), name)
    if against is None or against.revision != base:
        raise ValueError(base)
    changes = _changes(zlib.decompress(data[1 + len(base) :]))
    return Bundle({path: text for path, text in {**against, **changes}.items() if text is not None}, name)
