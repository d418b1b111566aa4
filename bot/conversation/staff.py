"""Staff: who may open the desk, one-time links, and sessions that can be taken back.

Rule 1: a link works once; a session is known only by the hash of its secret; both end by themselves.
Rule 2: colleagues and people see the tree a caseworker is called by, never a name.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Literal

import msgspec
from msgspec import Struct, structs

from bot.conversation.vault import Vault
from bot.ports import Chance, Clock, Note, Stale, Store

STAFF, LINKS, DOORS = "staff", "links", "doors"
LINK_LASTS = 3600.0
SESSION_LASTS = 12 * 3600.0
TREES = (
    "Arganier", "Cèdre", "Thuya", "Olivier", "Figuier", "Amandier", "Caroubier", "Palmier", "Grenadier", "Jujubier", "Acacia", "Tamaris",
    "Genévrier", "Chêne", "Pin", "Laurier", "Myrte", "Oranger", "Citronnier", "Peuplier", "Saule", "Frêne", "Orme", "Noyer",
)  # fmt: skip

Role = Literal["caseworker", "supervisor", "operator"]


class StaffMember(Struct, frozen=True):
    """One caseworker. `name`: the tree shown to others; `teams` empty = all teams; `language`: of the desk."""

    id: str
    name: str
    language: str = "fr"
    teams: tuple[str, ...] = ()
    role: Role = "caseworker"


_to = msgspec.json.Encoder().encode
_from = msgspec.json.Decoder(StaffMember).decode


class StaffBook:
    """Accounts, links and sessions, as sealed notes of the store."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, chance: Chance) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._chance = chance

    async def add(self, id_: str, *, language: str = "fr", teams: Sequence[str] = (), role: Role = "caseworker") -> StaffMember:
        """Give a new account a free tree; an account of this id keeps its tree and gets the rest anew."""
        old = await self.member(id_)
        taken = {member.name for member in await self.list()}
        free = next(tree for tree in _trees() if tree not in taken)
        member = StaffMember(id=id_, name=old.name if old else free, language=language, teams=tuple(teams), role=role)
        await self._store.put_note(STAFF, id_, self._seal(STAFF, id_, _to(member)))
        return member

    async def speak(self, member: StaffMember, language: str) -> StaffMember:
        """Give the account with another language of the desk."""
        changed = structs.replace(member, language=language)
        await self._store.put_note(STAFF, member.id, self._seal(STAFF, member.id, _to(changed)))
        return changed

    async def remove(self, id_: str) -> None:
        """Take the account away; its sessions end with it, and do not come back with a new account of this id."""
        await self._store.put_note(STAFF, id_, None)
        await self.sign_out_everywhere(id_)

    async def member(self, id_: str) -> StaffMember | None:
        """Give one account."""
        note = await self._store.note(STAFF, id_)
        return _from(self._open(STAFF, note)) if note else None

    async def list(self) -> Sequence[StaffMember]:
        """Give all accounts, by id."""
        return [_from(self._open(STAFF, note)) for note in await self._all(STAFF)]

    async def one_time_link_token(self, staff_id: str) -> str:
        """Give a token that signs this account in once, within the hour."""
        token = self._chance(32)
        key = _hash(token)
        await self._store.put_note(LINKS, key, self._seal(LINKS, key, staff_id.encode()), expires=self._clock.now() + LINK_LASTS)
        return token

    async def redeem(self, token: str) -> str | None:
        """Give the secret of a new session, or None if the link was used, has ended or never was."""
        key = _hash(token)
        note = await self._store.note(LINKS, key)
        if note is None:
            return None
        try:
            await self._store.put_note(LINKS, key, None, version=note.version)
        except Stale:
            return None
        secret = self._chance(43)
        door = _hash(secret)
        ends = self._clock.now() + SESSION_LASTS
        await self._store.put_note(DOORS, door, self._seal(DOORS, door, self._open(LINKS, note)), expires=ends)
        return secret

    async def who(self, secret: str) -> StaffMember | None:
        """Give who this session belongs to."""
        note = await self._store.note(DOORS, _hash(secret))
        return await self.member(self._open(DOORS, note).decode()) if note else None

    async def sign_out_everywhere(self, id_: str) -> None:
        """End every session of this account, and every link not used yet."""
        for space in (DOORS, LINKS):
            for note in await self._all(space):
                if self._open(space, note).decode() == id_:
                    await self._store.put_note(space, note.key, None)

    async def sign_out(self, secret: str) -> None:
        """End the session."""
        await self._store.put_note(DOORS, _hash(secret), None)

    async def _all(self, space: str) -> Sequence[Note]:
        notes: tuple[Note, ...] = ()
        while more := await self._store.notes(space, after=notes[-1].key if notes else ""):
            notes += tuple(more)
        return notes

    def _seal(self, space: str, key: str, body: bytes) -> bytes:
        return self._vault.seal_note(space, key, body)

    def _open(self, space: str, note: Note) -> bytes:
        return self._vault.open_note(space, note.key, note.value)


def _trees() -> Iterator[str]:
    """The trees, then a second of each, and so on without end."""
    yield from TREES
    for n in count(2):
        yield from (f"{tree} {n}" for tree in TREES)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
