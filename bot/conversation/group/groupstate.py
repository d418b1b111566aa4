"""Whether a group of caseworkers can be reached: known to every process, shown to staff until it is mended.

Rule 1: a case never depends on the group: it stays open on the desk, and what was to be posted waits.
Rule 2: it is said when it begins and when it ends, not at each message between.
Rule 3: each group stands by itself: that one cannot be reached says nothing of another.
Rule 4: what one process finds out stands for all: it begins once, whoever meets it next, and ends when a message of any of them arrives.
"""

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from bot.conversation.group.groups import Group
from bot.conversation.running.patience import until_up
from bot.ports import Clock, Store

STANDING = "standing"
"""Space of the notes on how the service stands."""
GROUP_KEY = "group"
GROUP_REASONS = frozenset({"no-group", "no-rights"})
"""Failures of the whole group, not of one message."""
LOOKS = 5.0
"""Seconds after which a process that knows nothing of an outage looks whether another wrote one down."""
LOOKS_AGAIN = 30.0
"""Seconds between two messages that try whether the group can be reached again."""


class Outage(Struct, frozen=True):
    """Why the group cannot be reached (`no-group`: it is gone or the bot is out of it, `no-rights`), and since when."""

    reason: str
    since: float


class GroupTold(Protocol):
    """What is told to the operator's counters."""

    def group(self, reason: str, of: str = "") -> None:
        """The group of this name cannot be reached for this reason; empty: it can."""


class GroupState:
    """What the sender finds out about a group. `key`: its name."""

    def __init__(self, *, store: Store, clock: Clock, told: GroupTold, key: str = "") -> None:
        self._key = key
        self._store = store
        self._clock = clock
        self._told = told
        self._reason: str | None = None  # not known yet
        self._looked = 0.0

    async def failed(self, reason: str) -> None:
        """A message found the group out of reach."""
        if reason != self._reason:
            self._reason = reason
            self._told.group(reason, self._key)
        await until_up(lambda: self._begins(reason))

    async def worked(self) -> None:
        """A message reached the group."""
        now = self._clock.steady()
        if self._reason == "" and now - self._looked < LOOKS:
            return
        if self._reason != "":
            self._told.group("", self._key)
        self._reason, self._looked = "", now
        await until_up(self._ends)

    async def _begins(self, reason: str) -> None:
        before = await outage(self._store, self._key)
        if before is None or before.reason != reason:
            since = before.since if before is not None else self._clock.now()
            await self._store.put_note(STANDING, _note_of(self._key), f"{reason} {since:.0f}".encode())

    async def _ends(self) -> None:
        if await self._store.note(STANDING, _note_of(self._key)) is not None:
            await self._store.put_note(STANDING, _note_of(self._key), None)


def _note_of(key: str) -> str:
    return f"{GROUP_KEY}:{key}" if key else GROUP_KEY


async def outages(store: Store, groups: Iterable[Group]) -> list[tuple[Group, Outage]]:
    """Give which of these groups cannot be reached now, and why."""
    found = [(group, await outage(store, group.key)) for group in groups]
    return [(group, out) for group, out in found if out is not None]


async def outage(store: Store, key: str = "") -> Outage | None:
    """Give why the group of this name cannot be reached now, or None."""
    note = await store.note(STANDING, _note_of(key))
    if note is None:
        return None
    reason, _, since = note.value.decode().partition(" ")
    return Outage(reason, float(since))
