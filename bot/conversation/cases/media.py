"""What a person sent that is no text: passed on to the caseworker who opens it, and kept by nobody.

Rule 1: it is opened by the number of its entry in a case that this caseworker may open; there is no other way to it.
Rule 2: it goes through in pieces: nothing is written, and nothing is held longer than it takes to pass it on.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Literal, Protocol

from bot.conversation.cases.casepage import CasePage
from bot.conversation.staffing.staff import StaffMember

Why = Literal["gone", "large", "down"]
"""The channel has it no more (or never gave it), it is larger than the channel gives, or the channel cannot be reached."""


class MediaGone(Exception):
    """It cannot be given."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class Source(Protocol):
    """A channel that still holds what was sent there (`bot.channels.telegram.files.TelegramFiles`)."""

    def fetch(self, file: str) -> AsyncGenerator[bytes, None]:
        """Give the pieces of the file of this handle; raises `MediaGone` before the first."""
        ...


class Cases(Protocol):
    """Opens cases (`bot.conversation.cases.desk.Desk`)."""

    async def open(self, code: str, staff: StaffMember, *, before: int = 0, after: int = 0, limit: int = 100) -> CasePage | None:
        """Give a case, or None if this caseworker may not open it."""
        ...


class MediaDesk:
    """Opens what was sent. `sources`: by channel. `count`: is told `given`, or why not, and nothing else."""

    def __init__(self, cases: Cases, count: Callable[[str], None]) -> None:
        self._cases = cases
        self._count = count
        self.sources: dict[str, Source] = {}

    async def open(self, code: str, n: int, staff: StaffMember) -> AsyncGenerator[bytes, None] | None:
        """Give the pieces of entry `n`; None if there is no such thing for this caseworker. Raises `MediaGone`."""
        page = await self._cases.open(code, staff, before=n + 1, limit=1) if n > 0 else None
        entry = next((one for one in page.entries if one.n == n), None) if page is not None else None
        if page is None or entry is None or entry.kind != "person" or entry.media is None:
            return None
        try:
            given = await self._fetched(page.channel, entry.file)
        except MediaGone as gone:
            self._count(gone.why)
            raise
        self._count("given")
        return given

    async def _fetched(self, channel: str, file: str | None) -> AsyncGenerator[bytes, None]:
        source = self.sources.get(channel)
        if source is None or file is None:
            raise MediaGone("gone")
        pieces = source.fetch(file)
        first = await anext(pieces, b"")
        return joined(first, pieces)


async def joined(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Give a piece that was looked at, then the others; whoever leaves early closes their source."""
    try:
        yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()
