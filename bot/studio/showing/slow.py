"""How long things take on a bad network: what a phone on 2G waits for, from the bytes that really go.

Rule 1: the line is a plain assumption that is shown with every number made of it: GPRS in a quiet cell, no loss.
Rule 2: nothing is rounded down; a wait is what a person feels from the press to the words.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

BYTE: Final = 8
OPENING: Final = 3
"""Trips before the first byte of a page on HTTPS is asked for: the name, TCP, TLS 1.3."""
HANDSHAKE: Final = 4_000
"""Bytes of certificates and handshake, about."""


class Line(Struct, frozen=True):
    """A line: bits a second towards the phone and away from it, and seconds there and back."""

    down: int
    up: int
    trip: float


TWO_G: Final = Line(down=40_000, up=16_000, trip=0.8)


def opened(line: Line, page: int, asked: int, files: Sequence[int]) -> float:
    """Seconds until a page can be read the first time: its own bytes, then its files together. `asked`: bytes of one request."""
    first = OPENING * line.trip + _down(line, HANDSHAKE) + _once(line, asked, page)
    return first + _once(line, asked * len(files), sum(files)) if files else first


def answered(line: Line, asked: int, came: int) -> float:
    """Seconds from a press to the answer on a page that is open."""
    return _once(line, asked, came)


def _once(line: Line, asked: int, came: int) -> float:
    return line.trip + asked * BYTE / line.up + _down(line, came)


def _down(line: Line, size: int) -> float:
    return size * BYTE / line.down
