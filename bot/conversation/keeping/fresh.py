"""What this process has just sealed and will soon open again, kept open a moment: an event accepted, a message put out.

Rule 1: it may be lost at any time: whoever takes nothing from here opens what the store has.
Rule 2: it is small, and an erasure empties it.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

from bot.ports import Person

T = TypeVar("T")
ROOM = 1024


class Fresh(Generic[T]):
    """Things by person and name; the oldest leave when there is no room."""

    def __init__(self, room: int = ROOM) -> None:
        self._things: OrderedDict[tuple[Person, str], T] = OrderedDict()
        self._room = room

    def put(self, person: Person, name: str, thing: T) -> None:
        """Keep this until it is taken."""
        self._things[person, name] = thing
        if len(self._things) > self._room:
            self._things.popitem(last=False)

    def take(self, person: Person, name: str) -> T | None:
        """Give it, once; None if it is not here."""
        return self._things.pop((person, name), None)

    def clear(self) -> None:
        """Keep nothing."""
        self._things.clear()
