"""How a revision is kept: whole, or as what differs from another that is kept whole.

Rule 1: what was packed unpacks to exactly the same files, or raises; it is never guessed.
Rule 2: a revision that is packed against another needs that one alone: never a chain.
"""

import zlib
from typing import Final

import msgspec

from bot.flow.bundle import Bundle

_DIFFERS: Final = b"\x00"
"""First byte of what is packed against another; what is whole begins with that of zlib."""
_NAME: Final = 16
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
            return _DIFFERS + against.revision.encode() + zlib.compress(_to(changes), 9)
    return zlib.compress(_to(dict(bundle)), 9)


def needs(data: bytes) -> str:
    """Give the revision that this one is packed against; empty if it is whole."""
    return data[1 : 1 + _NAME].decode() if data.startswith(_DIFFERS) else ""


def unpacked(data: bytes, against: Bundle | None = None) -> Bundle:
    """Give the bundle; `against`: what it needs. Raises `ValueError` if that is not given, or another."""
    if not needs(data):
        return Bundle(_files(zlib.decompress(data)))
    if against is None or against.revision != needs(data):
        raise ValueError(needs(data))
    changes = _changes(zlib.decompress(data[1 + _NAME :]))
    return Bundle({path: text for path, text in {**against, **changes}.items() if text is not None})
