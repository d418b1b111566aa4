"""The record of rights: who changed what colleagues may do and how they come in, and when.

Rule 1: it is written before the change and taken back if the change did not come about: a crash leaves one too many, never one too few.
Rule 2: it names accounts and their trees only; no person, no case, no address, no device, no secret.
Rule 3: it is sealed like every note, ends by itself after `KEPT`, and nobody can write in it but by changing something.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Literal, Protocol

import msgspec
from msgspec import Struct

from bot.conversation.staffing.rights import Role, may
from bot.ports import Clock, Note, Stale, Store
from bot.privacy.seal import Tampered

RIGHTS: Final = "rights"
"""Space of the notes; their keys are in the order of time."""
KEPT: Final = 365 * 86400.0
"""Seconds for which an entry is kept."""
What = Literal["added", "grouped", "removed", "roles", "teams", "link", "password", "telegram", "untied", "ended"]
"""`grouped`: an account that writing in the group made. `telegram`, `untied`: a Telegram account was tied, untied."""


class NoteSeals(Protocol):
    """Seals small things under the server's own key (`bot.conversation.keeping.vault.Vault`)."""

    def seal_note(self, space: str, key: str, body: bytes) -> bytes: ...  # noqa: D102
    def open_note(self, space: str, key: str, sealed: bytes) -> bytes: ...  # noqa: D102


class Account(Protocol):
    """What the record says of an account (`bot.conversation.staffing.staff.StaffMember`)."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def teams(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def roles(self) -> tuple[Role, ...]: ...  # noqa: D102
    @property
    def telegram(self) -> str: ...  # noqa: D102
    @property
    def epoch(self) -> str: ...  # noqa: D102


class RightsChange(Struct, frozen=True):
    """One entry. `by`, `by_tree`: who did it, empty = by a command at the server. `teams`: whose colleagues may read it, empty = of all.

    `before`, `after`: roles or teams; of a link its kind, of what ended `one`, `others` or `all` sessions.
    """

    at: float
    what: What
    whom: str
    tree: str
    by: str = ""
    by_tree: str = ""
    teams: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


_to = msgspec.json.Encoder().encode
_from = msgspec.json.Decoder(RightsChange).decode


class RightsBook:
    """Writes and reads the record."""

    def __init__(self, *, store: Store, vault: NoteSeals, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    async def keep(self, what: What, whom: Account, by: Account | None, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> str:
        """Write that this is being done to the account; gives the entry's key."""
        now = self._clock.now()
        change = RightsChange(
            now, what, whom.id, whom.name, by.id if by else "", by.name if by else "", _readers(whom, what, before), tuple(before),
            tuple(after),
        )  # fmt: skip
        n = 0
        while True:
            key = f"{int(now * 1000):015d}-{n:04d}"
            with suppress(Stale):
                await self._store.put_note(RIGHTS, key, self._vault.seal_note(RIGHTS, key, _to(change)), version=0, expires=now + KEPT)
                return key
            n += 1  # somebody else wrote in this very millisecond

    async def keep_between(self, old: Account, new: Account, by: Account | None, *, ends: bool = True) -> Sequence[str]:
        """Write what is about to differ of an account; gives the keys. `ends`: that its sessions end is an entry of its own."""
        keys = list[str]()
        if old.roles != new.roles:
            keys.append(await self.keep("roles", new, by, before=old.roles, after=new.roles))
        if old.teams != new.teams:
            keys.append(await self.keep("teams", new, by, before=old.teams, after=new.teams))
        if old.telegram != new.telegram:
            keys.append(await self.keep("telegram" if new.telegram else "untied", new, by))
        if ends and old.epoch != new.epoch:
            keys.append(await self.keep("ended", new, by, after=("all",)))
        return keys

    async def take_back(self, keys: Sequence[str]) -> None:
        """It did not come about."""
        for key in keys:
            await self._store.put_note(RIGHTS, key, None)

    async def read(self, reader: Account, *, of: str = "") -> Sequence[RightsChange]:
        """Give what this supervisor or operator may read, the latest first. `of`: of one account only."""
        return [one for one in await self.all(of=of) if _may_read(reader, one)]

    async def all(self, *, of: str = "") -> Sequence[RightsChange]:
        """Give everything, the latest first; an entry that is damaged hides no other."""
        notes: tuple[Note, ...] = ()
        while more := await self._store.notes(RIGHTS, after=notes[-1].key if notes else ""):
            notes += tuple(more)
        found = [self._opened(note) for note in reversed(notes)]
        return [one for one in found if one is not None and (not of or one.whom == of)]

    def _opened(self, note: Note) -> RightsChange | None:
        with suppress(Tampered, msgspec.DecodeError, msgspec.ValidationError):
            return _from(self._vault.open_note(RIGHTS, note.key, note.value))
        return None


def _readers(whom: Account, what: What, before: Sequence[str]) -> tuple[str, ...]:
    """The account's teams; of a change of teams those before and after, all if either was all."""
    if what != "teams":
        return whom.teams
    return tuple(dict.fromkeys((*before, *whom.teams))) if before and whom.teams else ()


def _may_read(reader: Account, change: RightsChange) -> bool:
    """Operators read everything; supervisors what is of colleagues of their teams."""
    if may(reader, "all-staff"):
        return True
    return may(reader, "staff") and (not reader.teams or not change.teams or bool(set(reader.teams) & set(change.teams)))
