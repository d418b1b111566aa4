"""Staff: the accounts of colleagues, who is there, and whose Telegram account is whose. Who is in, the door decides.

Rule 1: colleagues and people see the tree a caseworker is called by, never a name.
Rule 2: a change is made to the account as it stands in the store, never to a copy read before: nobody gives back a right taken meanwhile.
Rule 3: whoever changes what an account may do stands in the record (`rights`); `by` None: a command at the server.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct, structs

from bot.conversation.staffing.rights import Role, may
from bot.conversation.staffing.rightsbook import RightsBook, What
from bot.ports import Chance, Clock, Note, Stale, Store
from bot.privacy.seal import Tampered

STAFF, PASSWORDS, GROUP, CODES = "staff", "passwords", "staff-telegram", "staff-codes"
CODE_LASTS = 600.0
"""Seconds in which the code that links a Telegram account must be sent."""
TREES_LEFT = "trees"
"""Space of notes: trees of accounts that were taken away."""
TREE_RESTS = 180 * 86400.0
"""Seconds in which nobody gets the tree of an account that was taken away: it stands in cases and notes, as theirs."""
TREES = (
    "Arganier", "Cèdre", "Thuya", "Olivier", "Figuier", "Amandier", "Caroubier", "Palmier", "Grenadier", "Jujubier", "Acacia", "Tamaris",
    "Genévrier", "Chêne", "Pin", "Laurier", "Myrte", "Oranger", "Citronnier", "Peuplier", "Saule", "Frêne", "Orme", "Noyer",
)  # fmt: skip

Line = Literal["second-line", "on-call"]
LINES: tuple[Line, ...] = ("second-line", "on-call")
_SPOKEN = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Signs of a code that is read from one screen and typed on another."""
FRESH = 5.0
"""Seconds for which the accounts may be known from the last look; who signs in is always looked up."""
_AS_ROLES: Mapping[str, tuple[Role, ...]] = {
    "caseworker": ("caseworker",),
    "supervisor": ("caseworker", "supervisor"),
    "operator": ("caseworker", "operator"),
}
"""What the one role of older accounts allowed; everyone could open the desk."""


class NoteSeals(Protocol):
    """Seals small things under the server's own key (`bot.conversation.keeping.vault.Vault`)."""

    def seal_note(self, space: str, key: str, body: bytes) -> bytes: ...  # noqa: D102
    def open_note(self, space: str, key: str, sealed: bytes) -> bytes: ...  # noqa: D102
    def person(self, channel: str, identity: str) -> bytes: ...  # noqa: D102


class StaffMember(Struct, frozen=True):
    """One colleague. `name`: the tree shown to others; `language`: of the desk; `teams` empty = all teams.

    `speaks`, `countries`: empty = any. `capacity`: open cases at once, 0 = no limit. `away_until`: 0 = on duty. `mail`: where "a case
    waits" goes if `mailed`. `keys`: single keys work; `sound`: a sound when a case waits. `lines`: further lines that are told when nobody
    claims. `telegram`: the pseudonym of the linked Telegram account. `epoch`: sessions and links begun under another one are over.
    """

    id: str
    name: str
    language: str = "fr"
    teams: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ("caseworker",)
    speaks: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    capacity: int = 12
    away_until: float = 0.0
    mail: str = ""
    mailed: bool = True
    keys: bool = True
    sound: bool = False
    lines: tuple[Line, ...] = ()
    telegram: str = ""
    epoch: str = ""


class _Older(Struct, frozen=True):
    """An account as the first version kept it: with one role."""

    role: str | None = None


_to = msgspec.json.Encoder().encode
_current = msgspec.json.Decoder(StaffMember).decode
_older = msgspec.json.Decoder(_Older).decode


def _from(body: bytes) -> StaffMember:
    member, role = _current(body), _older(body).role
    return member if role is None else structs.replace(member, roles=_AS_ROLES[role])


class LastOperator(Exception):
    """Nobody would be left who may manage all accounts."""


class StaffBook:
    """Accounts, as sealed notes of the store."""

    def __init__(self, *, store: Store, vault: NoteSeals, clock: Clock, chance: Chance) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self.rights = RightsBook(store=store, vault=vault, clock=clock)
        self._known: Sequence[StaffMember] = ()
        self._known_until = 0.0

    # ── accounts ──
    async def add(
        self, id_: str, *, by: "StaffMember | None" = None, what: What = "added", language: str = "fr", teams: Sequence[str] = (),
        roles: Sequence[Role] = ("caseworker",), **more: Any,
    ) -> StaffMember:  # fmt: skip
        """Give a new account a free tree; an account of this id keeps its tree and what is not given. `more`: further fields."""
        given = {**more, "language": language, "teams": tuple(teams), "roles": tuple(roles)}
        while True:
            old = await self.member(id_)
            if old is not None:
                return await self.change(old, by=by, **given)
            taken = {member.name for member in await self.list()} | {note.key for note in await all_notes(self._store, TREES_LEFT)}
            member = StaffMember(id=id_, name=next(tree for tree in _trees() if tree not in taken), epoch=self._chance(16))
            member = structs.replace(member, **given)
            told = await self.rights.keep(what, member, by, after=member.roles)
            try:
                return await self._keep(member, version=0)
            except Stale:  # somebody made it meanwhile
                await self.rights.take_back([told])

    async def change(self, member: StaffMember, *, by: "StaffMember | None" = None, ends: bool = True, **fields: Any) -> StaffMember:
        """Give these fields of the account new values; the others stay as they are by now. Raises `LastOperator`, or `KeyError`.

        `ends`: that sessions end with this is recorded.
        """
        while True:
            note = await self._store.note(STAFF, member.id)
            if note is None:
                raise KeyError(member.id)
            now = _from(self._open(STAFF, note))
            changed = structs.replace(now, **fields)
            if may(now, "all-staff") and not may(changed, "all-staff"):
                await self._must_not_be_last(now.id)
            told = await self.rights.keep_between(now, changed, by, ends=ends)
            try:
                return await self._keep(changed, version=note.version)
            except Stale:
                await self.rights.take_back(told)

    async def speak(self, member: StaffMember, language: str) -> StaffMember:
        """Give the account with another language of the desk."""
        return await self.change(member, language=language)

    async def remove(self, id_: str, *, by: StaffMember | None = None) -> None:
        """Take the account away; its sessions end with it, and do not come back with a new account of this id. Raises `LastOperator`."""
        member = await self.member(id_)
        if member is not None and may(member, "all-staff"):
            await self._must_not_be_last(id_)
        if member is not None:
            await self.rights.keep("removed", member, by, before=member.roles)
        if member is not None and member.telegram:
            await self._store.put_note(GROUP, member.telegram, None)
        if member is not None:  # first: whoever comes next must not be taken for them
            ends = self._clock.now() + TREE_RESTS
            await self._store.put_note(TREES_LEFT, member.name, self._vault.seal_note(TREES_LEFT, member.name, b""), expires=ends)
        await self._store.put_note(STAFF, id_, None)
        await self._store.put_note(PASSWORDS, id_, None)
        self._known_until = 0.0

    async def member(self, id_: str) -> StaffMember | None:
        """Give one account."""
        note = await self._store.note(STAFF, id_)
        return _from(self._open(STAFF, note)) if note else None

    async def list(self) -> Sequence[StaffMember]:
        """Give all accounts, by id; one that is damaged hides no other."""
        found = [self._readable(note) for note in await all_notes(self._store, STAFF)]
        return [member for member in found if member is not None]

    def _readable(self, note: Note) -> StaffMember | None:
        with suppress(Tampered, msgspec.DecodeError, msgspec.ValidationError):
            return _from(self._open(STAFF, note))
        return None

    # ── who is there ──
    async def all(self) -> Sequence[StaffMember]:
        """Give all accounts as they were at most five seconds ago."""
        now = self._clock.now()
        if not self._known_until - FRESH <= now < self._known_until:
            self._known, self._known_until = await self.list(), now + FRESH
        return self._known

    async def of_team(self, team: str) -> Sequence[StaffMember]:
        """Give who may answer cases of this team, also those who are away."""
        return [one for one in await self.all() if may(one, "answer") and (not one.teams or team in one.teams)]

    async def present(self, team: str, now: float) -> bool:
        """Give whether someone may answer this team's cases and is not away. Where nobody has an account, nobody is known to be away."""
        crew = await self.of_team(team)
        return not crew or any(one.away_until <= now for one in crew)

    async def on_line(self, line: Line) -> Sequence[StaffMember]:
        """Give who stands on a further line and is not away."""
        now = self._clock.now()
        return [one for one in await self.all() if line in one.lines and one.away_until <= now]

    # ── in the caseworkers' group ──
    async def link_code(self, member: StaffMember) -> str:
        """Give a code that links whoever sends it in the group to this account, once, within ten minutes."""
        code = "".join(_SPOKEN[ord(sign) % len(_SPOKEN)] for sign in self._chance(8))
        key = hashed(code)
        sealed = self._vault.seal_note(CODES, key, member.id.encode())
        await self._store.put_note(CODES, key, sealed, expires=self._clock.now() + CODE_LASTS)
        return code

    async def linked(self, telegram: str, code: str) -> StaffMember | None:
        """Use the code up: this Telegram account (its pseudonym) is now the account's, and no other's. None if it is no code."""
        key = hashed(code.strip().upper())
        note = await self._store.note(CODES, key)
        if note is None:
            return None
        try:
            await self._store.put_note(CODES, key, None, version=note.version)
        except Stale:
            return None
        member = await self.member(self._open(CODES, note).decode())
        if member is None:
            return None
        before = await self.by_telegram(telegram)
        if before is not None and before.id != member.id:
            await self.change(before, by=member, telegram="")
        if member.telegram and member.telegram != telegram:
            await self._store.put_note(GROUP, member.telegram, None)
        await self._store.put_note(GROUP, telegram, self._vault.seal_note(GROUP, telegram, member.id.encode()))
        return await self.change(member, by=member, telegram=telegram)

    async def unlink(self, member: StaffMember) -> StaffMember:
        """Let the account go on without its Telegram account; its owner wants it so."""
        if member.telegram:
            await self._store.put_note(GROUP, member.telegram, None)
        return await self.change(member, by=member, telegram="")

    async def by_telegram(self, telegram: str) -> StaffMember | None:
        """Give whose Telegram account this is; None unless both name each other."""
        note = await self._store.note(GROUP, telegram)
        member = await self.member(self._open(GROUP, note).decode()) if note else None
        return member if member is not None and member.telegram == telegram else None

    async def in_group(self, telegram: str, *, trusted: bool, language: str) -> StaffMember | None:
        """Give who answers in the group: the linked account; else, where the group is trusted, an account made for it."""
        member = await self.by_telegram(telegram)
        if member is not None or not trusted:
            return member
        id_ = f"tg-{telegram[:16]}"
        return await self.member(id_) or await self.add(id_, what="grouped", language=language)

    # ── inside ──
    async def _must_not_be_last(self, id_: str) -> None:
        if not any(may(one, "all-staff") and one.id != id_ for one in await self.list()):
            raise LastOperator

    async def _keep(self, member: StaffMember, *, version: int) -> StaffMember:
        await self._store.put_note(STAFF, member.id, self._vault.seal_note(STAFF, member.id, _to(member)), version=version)
        self._known_until = 0.0
        return member

    def _open(self, space: str, note: Note) -> bytes:
        return self._vault.open_note(space, note.key, note.value)


async def all_notes(store: Store, space: str) -> Sequence[Note]:
    """Give all notes of a space."""
    notes: tuple[Note, ...] = ()
    while more := await store.notes(space, after=notes[-1].key if notes else ""):
        notes += tuple(more)
    return notes


def hashed(secret: str) -> str:
    """Give the name under which a secret is found again."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_id(text: str) -> bool:
    """Give whether an account may be called so."""
    return 0 < len(text) <= 40 and text.isascii() and text.replace("-", "").isalnum()


def is_mail(text: str) -> bool:
    """Give whether this can be an e-mail address; whether it is one, only a letter tells."""
    return len(text) <= 254 and re.fullmatch(r"[^\s@<>,;:\"()\x00-\x1f]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text) is not None


def _trees() -> Iterator[str]:
    """The trees, then a second of each, and so on without end."""
    yield from TREES
    for n in count(2):
        yield from (f"{tree} {n}" for tree in TREES)
