"""The door: the one place that decides who is in. Passwords, one-time links and sessions now; other ways in are further methods here.

Rule 1: what lets somebody in is kept as a hash only: of a link, of a session's secret, of a password.
Rule 2: a session lives while its account does and both have the same `epoch`: one write ends all sessions and links of an account.
Rule 3: a wrong password and an account that does not exist are answered alike and take as long; a valid link always works.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from math import ceil
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct, structs

from bot.conversation.staffing.staff import PASSWORDS, NoteSeals, StaffBook, StaffMember, all_notes, hashed
from bot.conversation.staffing.tries import Tries, block_of
from bot.ports import Chance, Clock, Note, Stale, Store
from bot.privacy.passwords import Passwords, Weak, weak

LINKS, DOORS, BROWSERS = "links", "doors", "browsers"
Kind = Literal["enter", "reset", "invite"]
LASTS: dict[Kind, float] = {"enter": 3600.0, "reset": 3600.0, "invite": 3 * 86400.0}
"""Seconds that a link works. Only `enter` lets in without setting a password."""
IDLE, WHOLE, TOUCH = 12 * 3600.0, 7 * 86400.0, 300.0
"""Seconds without a page after which a session ends, after which it ends in any case, and between two notes of its being used."""
KNOWN_FOR = 180 * 86400.0
"""Seconds for which a browser that was in is counted by itself, so that guesses made elsewhere do not delay its owner."""
AT_ONCE, IN_LINE = 2, 16
"""Passwords worked at the same time (64 MiB each), and how many may stand in line."""
T = TypeVar("T")


class Link(Struct, frozen=True):
    """A one-time link: whose, what for, and of which epoch of the account."""

    staff: str
    kind: Kind = "enter"
    epoch: str = ""


class Session(Struct, frozen=True):
    """A session as it is kept: whose, since when, when last used, of which epoch, and on what ("Firefox, Android")."""

    staff: str
    began: float
    seen: float
    epoch: str = ""
    device: str = ""


class Visit(Struct, frozen=True):
    """A session that is in now. `id` names it on the account page and opens nothing."""

    member: StaffMember
    session: Session
    key: str

    @property
    def id(self) -> str:
        """Give the name under which its owner ends it."""
        return self.key[:16]


class Entrance(Struct, frozen=True):
    """What came of trying to enter: the secret of a session, or why not; `wait`: whole seconds until the next try."""

    secret: str = ""
    why: Literal["", "wrong", "late", "busy", "link"] | Weak = ""
    wait: int = 0
    browser: str = ""


class _Password(Struct, frozen=True):
    kept: str
    since: float


_to = msgspec.json.Encoder().encode
_link, _session = msgspec.json.Decoder(Link).decode, msgspec.json.Decoder(Session).decode
_password = msgspec.json.Decoder(_Password).decode


class Door:
    """Lets staff in and out. `beside`: where passwords are worked, beside the loop."""

    def __init__(
        self, *, store: Store, vault: NoteSeals, clock: Clock, chance: Chance, book: StaffBook, passwords: Passwords,
        beside: Executor | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self._book = book
        self._passwords = passwords
        self._beside = beside
        self._tries = Tries(store=store, vault=vault, clock=clock)
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._in_line = 0
        self._nobody = ""

    # ── links ──
    async def link(self, member: StaffMember, kind: Kind, *, by: StaffMember | None = None, beside: bool = False) -> str:
        """Give the token of a new link; links of this account that were not used work no more, unless it stands `beside` them."""
        await self._book.rights.keep("link", member, by, after=(kind,))
        for note in await all_notes(self._store, LINKS):
            if not beside and self._link_of(note).staff == member.id:
                await self._store.put_note(LINKS, note.key, None)
        token = self._chance(32)
        await self._put(LINKS, hashed(token), Link(member.id, kind, member.epoch), expires=self._clock.now() + LASTS[kind])
        return token

    async def followed(self, token: str) -> tuple[StaffMember, Kind] | None:
        """Give whom this link lets in and what for, without using it up."""
        note = await self._store.note(LINKS, hashed(token))
        return await self._meant(note) if note else None

    async def redeem(self, token: str, *, password: str = "", device: str = "") -> Entrance:
        """Use the link up and begin a session; an invitation or reset sets this password, and a refused one uses nothing up."""
        note = await self._store.note(LINKS, hashed(token))
        meant = await self._meant(note) if note else None
        if note is None or meant is None:
            return Entrance(why="link")
        member, kind = meant
        if kind != "enter" and (refused := weak(password, (member.id,))):
            return Entrance(why=refused)
        try:
            await self._store.put_note(LINKS, note.key, None, version=note.version)
        except Stale:
            return Entrance(why="link")
        if kind != "enter":
            member = await self._keep_password(member, password)
        return await self._begin(member, device)

    # ── passwords ──
    async def enter(self, id_: str, password: str, *, address: str, browser: str = "", device: str = "") -> Entrance:
        """Try to enter with a password. `browser`: the secret of one that was in before."""
        id_ = await self._spelt(id_.strip())
        known = bool(browser) and await self._is_of(browser, id_)
        guesses = [("browser", hashed(browser))] if known else [("account", id_), ("address", block_of(address))]
        wait = await self._tries.begin(guesses)
        if wait > 0:
            return Entrance(why="late", wait=ceil(wait))
        if self._in_line >= IN_LINE:
            return Entrance(why="busy", wait=2)
        member, kept = await self._book.member(id_), await self._kept(id_)
        fits = await self._work(lambda: self._fits(kept, password))
        if member is None or not kept or not fits:
            return Entrance(why="wrong")
        await self._tries.forgive(*guesses[0])
        if self._passwords.stale(kept):
            await self._put_password(id_, password)
        return await self._begin(member, device, browser=browser if known else "")

    async def has_password(self, member: StaffMember) -> bool:
        """Give whether this account may enter with a password."""
        return bool(await self._kept(member.id))

    async def change_password(self, visit: Visit, old: str, new: str) -> Entrance:
        """Set another password; every other session ends. The old one is asked for where there is one, with the delays of the door."""
        member = visit.member
        if refused := weak(new, (member.id,)):
            return Entrance(why=refused)
        kept = await self._kept(member.id)
        if kept:
            wait = await self._tries.begin([("account", member.id)])
            if wait > 0:
                return Entrance(why="late", wait=ceil(wait))
            if not await self._work(lambda: self._passwords.fits(kept, old)):
                return Entrance(why="wrong")
            await self._tries.forgive("account", member.id)
        await self._book.rights.keep("password", member, member)
        await self._put_password(member.id, new)
        await self._end_others(visit)
        return Entrance()

    # ── sessions ──
    async def who(self, secret: str, *, touch: bool = True) -> Visit | None:
        """Give whose session this is, if it is still one. `touch`: somebody used it, not only a page that looks by itself."""
        key = hashed(secret)
        note = await self._store.note(DOORS, key)
        if note is None:
            return None
        session, now = self._session_of(note), self._clock.now()
        member = await self._book.member(session.staff)
        if member is None or member.epoch != session.epoch:
            return None
        if touch and now - session.seen >= TOUCH:
            session = structs.replace(session, seen=now)
            await self._put_if(DOORS, key, session, note.version, expires=_end(session))
        return Visit(member, session, key)

    async def sessions(self, member: StaffMember) -> Sequence[Visit]:
        """Give the sessions of this account, the last used first."""
        return (await self.all_sessions()).get(member.id, [])

    async def all_sessions(self) -> dict[str, list[Visit]]:
        """Give all sessions by account."""
        members = {one.id: one for one in await self._book.list()}
        found: dict[str, list[Visit]] = {}
        for note in await all_notes(self._store, DOORS):
            session = self._session_of(note)
            member = members.get(session.staff)
            if member is not None and member.epoch == session.epoch:
                found.setdefault(member.id, []).append(Visit(member, session, note.key))
        for visits in found.values():
            visits.sort(key=lambda visit: -visit.session.seen)
        return found

    async def end(self, member: StaffMember, id_: str) -> None:
        """End one session of this account; its owner wants it so."""
        for visit in await self.sessions(member):
            if visit.id == id_:
                await self._book.rights.keep("ended", member, member, after=("one",))
                await self._store.put_note(DOORS, visit.key, None)

    async def end_all(self, member: StaffMember, *, by: StaffMember | None = None) -> StaffMember:
        """End every session of this account and every link not used yet, at once."""
        return await self._book.change(member, by=by, epoch=self._chance(16))

    async def end_others(self, visit: Visit) -> None:
        """End every session of this account but this one."""
        await self._book.rights.keep("ended", visit.member, visit.member, after=("others",))
        await self._end_others(visit)

    async def _end_others(self, visit: Visit) -> None:
        member = await self._book.change(visit.member, by=visit.member, ends=False, epoch=self._chance(16))
        session = structs.replace(visit.session, epoch=member.epoch)
        note = await self._store.note(DOORS, visit.key)
        if note is not None:
            await self._put_if(DOORS, visit.key, session, note.version, expires=_end(session))

    async def sign_out(self, secret: str) -> None:
        """End the session."""
        await self._store.put_note(DOORS, hashed(secret), None)

    # ── inside ──
    async def _begin(self, member: StaffMember, device: str, *, browser: str = "") -> Entrance:
        secret, now = self._chance(43), self._clock.now()
        session = Session(member.id, now, now, member.epoch, device)
        await self._put(DOORS, hashed(secret), session, expires=_end(session))
        browser = browser or self._chance(32)
        await self._put(BROWSERS, hashed(browser), member.id, expires=now + KNOWN_FOR)
        return Entrance(secret=secret, browser=browser)

    async def _is_of(self, browser: str, id_: str) -> bool:
        note = await self._store.note(BROWSERS, hashed(browser))
        return note is not None and msgspec.json.decode(self._open(BROWSERS, note), type=str) == id_

    async def _meant(self, note: Note) -> tuple[StaffMember, Kind] | None:
        link = self._link_of(note)
        member = await self._book.member(link.staff)
        return (member, link.kind) if member is not None and member.epoch == link.epoch else None

    async def _kept(self, id_: str) -> str:
        note = await self._store.note(PASSWORDS, id_)
        return _password(self._open(PASSWORDS, note)).kept if note else ""

    async def _keep_password(self, member: StaffMember, password: str) -> StaffMember:
        await self._book.rights.keep("password", member, member)
        await self._put_password(member.id, password)
        return await self._book.change(member, by=member, ends=False, epoch=self._chance(16))

    async def _put_password(self, id_: str, password: str) -> None:
        kept = await self._work(lambda: self._passwords.hashed(password))
        await self._put(PASSWORDS, id_, _Password(kept, self._clock.now()))

    def _fits(self, kept: str, password: str) -> bool:
        """Where nothing is kept, try what nobody's password fits: it takes as long."""
        self._nobody = self._nobody or self._passwords.hashed(self._chance(32))
        return self._passwords.fits(kept or self._nobody, password)

    async def _spelt(self, id_: str) -> str:
        """A phone begins a word with a capital letter."""
        return id_ if await self._book.member(id_) is not None else id_.lower()

    async def _work(self, work: Callable[[], T]) -> T:
        """Hash beside the loop, few at once."""
        self._in_line += 1
        try:
            async with self._at_once:
                return await asyncio.get_running_loop().run_in_executor(self._beside, work)
        finally:
            self._in_line -= 1

    async def _put(self, space: str, key: str, what: object, *, expires: float | None = None) -> None:
        await self._store.put_note(space, key, self._vault.seal_note(space, key, _to(what)), expires=expires)

    async def _put_if(self, space: str, key: str, what: object, version: int, *, expires: float) -> None:
        """Write it unless it was changed or ended meanwhile."""
        try:
            await self._store.put_note(space, key, self._vault.seal_note(space, key, _to(what)), version=version, expires=expires)
        except Stale:
            return

    def _link_of(self, note: Note) -> Link:
        body = self._open(LINKS, note)
        return _link(body) if body.startswith(b"{") else Link(body.decode())  # a link of the first version is only an id

    def _session_of(self, note: Note) -> Session:
        body = self._open(DOORS, note)
        if body.startswith(b"{"):
            return _session(body)
        return Session(body.decode(), self._clock.now(), self._clock.now())  # of the first version; it ends when that said

    def _open(self, space: str, note: Note) -> bytes:
        return self._vault.open_note(space, note.key, note.value)


def _end(session: Session) -> float:
    return min(session.began + WHOLE, session.seen + IDLE)
