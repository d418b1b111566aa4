"""Which node of a cluster has which slot, read from what the nodes say of each other.

Rule 1: where nodes differ, the word of the newest epoch counts: a node that was cut off still believes in its slots.
"""

from binascii import crc_hqx
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from bot.storage.redis.wire import Address

SLOTS: Final = 16384


def slot_of(tag: str) -> int:
    """Give the slot of all keys with this tag."""
    return crc_hqx(tag.encode(), 0) % SLOTS


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What a master says it has. `epoch`: of the election that gave it; `ranges`: first and last slot."""

    epoch: int
    node: str
    host: str
    port: int
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class View:
    """What one node says. `others`: replicas, who can be asked too."""

    claims: tuple[Claim, ...]
    others: tuple[tuple[str, int], ...]


def view_of(text: str, asked: Address) -> View:
    """Read an answer to CLUSTER NODES. `asked`: who gave it; a node that does not know its own name is where it was asked."""
    claims, others = [], []
    for row in text.splitlines():
        words = row.split()
        if len(words) < 8:
            continue
        flags = words[2].split(",")
        host, port = _place(words[1], asked)
        if not port or "noaddr" in flags or "handshake" in flags:
            continue
        ranges = tuple(_range(word) for word in words[8:] if not word.startswith("["))
        if "master" in flags and ranges:
            claims.append(Claim(int(words[6]), words[0], host, port, ranges))
        elif "fail" not in flags:
            others.append((host, port))
    return View(tuple(claims), tuple(others))


def _place(word: str, asked: Address) -> tuple[str, int]:
    """Read `ip:port@bus[,name]`. Over TLS a name that is announced counts more than a number: certificates name names."""
    where, *names = word.split(",")
    host, _, port = where.partition("@")[0].rpartition(":")
    if asked.tls and names and "=" not in names[0]:
        host = names[0] or host
    return host or asked.host, int(port) if port.isdecimal() else 0


def _range(word: str) -> tuple[int, int]:
    first, _, last = word.partition("-")
    return int(first), int(last or first)


def merged(views: Iterable[View]) -> tuple[Claim, ...]:
    """Give the claims that hold, each slot once: the newest of all views."""
    claims = sorted({claim for view in views for claim in view.claims}, reverse=True)
    free = bytearray(b"\x01") * SLOTS
    held = []
    for claim in claims:
        mine = [slot for first, last in claim.ranges for slot in range(first, last + 1) if free[slot]]
        for slot in mine:
            free[slot] = 0
        if mine:
            held.append(replace(claim, ranges=_joined(mine)))
    return tuple(held)


def _joined(slots: list[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for slot in slots:
        if ranges and ranges[-1][1] == slot - 1:
            ranges[-1] = (ranges[-1][0], slot)
        else:
            ranges.append((slot, slot))
    return tuple(ranges)
