"""Pages that wait for something new in their mailbox.

Rule 1: a ring wakes whoever waits at that moment; who comes later reads, and needs none.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Reader:
    """One page that waits. `writes`: it is to show that a caseworker writes."""

    __slots__ = ("bell", "writes")

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        self.writes = False


class Readers:
    """Those of one process, by mailbox."""

    def __init__(self, elsewhere: Callable[[str], None] | None = None) -> None:
        self._elsewhere = elsewhere
        self._at: dict[str, set[Reader]] = {}

    @contextmanager
    def at(self, route: str) -> Iterator[Reader]:
        """Wait at this mailbox."""
        reader = Reader()
        self._at.setdefault(route, set()).add(reader)
        try:
            yield reader
        finally:
            here = self._at[route]
            here.discard(reader)
            if not here:
                del self._at[route]

    def ring(self, route: str) -> None:
        """Wake those who wait at this mailbox, in every process."""
        if self._elsewhere is not None:
            self._elsewhere(f"mail {route}")
        self.rung(route)

    async def show_writing(self, route: str) -> None:
        """Show those who wait at this mailbox, in every process, that a caseworker writes."""
        if self._elsewhere is not None:
            self._elsewhere(f"writes {route}")
        self.rung(route, writes=True)

    def rung(self, route: str, *, writes: bool = False) -> None:
        """Wake those who wait here: another process may have rung."""
        for reader in self._at.get(route, ()):
            reader.writes = reader.writes or writes
            reader.bell.set()

    def end(self) -> None:
        """Wake everyone who waits here."""
        for route in list(self._at):
            self.rung(route)
