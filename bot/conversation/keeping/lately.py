"""What was kept of people a moment ago, left open: who is answered and writes again need not be opened anew.

Rule 1: it is believed only for the very bytes that the store has, in the same life and version; everything else is opened.
Rule 2: it leaves within a minute, and at an erasure at once; it may be lost at any time.
"""

from typing import Final

from msgspec import Struct

from bot.conversation.keeping.envelope import RouteCard, Shown
from bot.engine.session import Session
from bot.ports import Person

ROOM: Final = 1024
LASTS: Final = 30.0
"""Seconds after which what nobody has touched since is old; what is old twice is gone."""


class LeftOpen(Struct):
    """What one commit kept of a person: the bytes as sealed, and what is in them. `parts`: of the messages on their phone."""

    life: str
    version: int
    sealed: bytes | None
    session: Session | None
    route: bytes | None
    card: RouteCard | None
    parts: dict[bytes, Shown]


NOTHING: Final = LeftOpen("", 0, None, None, None, None, {})


class Lately:
    """People by their last commit here."""

    def __init__(self) -> None:
        self._young: dict[Person, LeftOpen] = {}
        self._old: dict[Person, LeftOpen] = {}
        self._since = 0.0

    def put(self, person: Person, left: LeftOpen) -> None:
        """Keep this until it is old."""
        if len(self._young) >= ROOM:
            self._turn()
        self._young[person] = left

    def part(self, person: Person, sealed: bytes, shown: Shown) -> None:
        """A message is on the person's phone."""
        left = self._young.get(person)
        if left is not None:
            left.parts[sealed] = shown

    def of(self, person: Person, life: str) -> LeftOpen:
        """Give what is known of this life of the person; `NOTHING` if nothing is."""
        left = self._young.get(person) or self._old.get(person)
        return left if left is not None and left.life == life else NOTHING

    def age(self, now: float) -> None:
        """Let what is old go. `now`: steady seconds."""
        if now - self._since >= LASTS:
            self._since = now
            self._turn()

    def _turn(self) -> None:
        self._old, self._young = self._young, {}

    def clear(self) -> None:
        """Keep nothing."""
        self._young, self._old = {}, {}
