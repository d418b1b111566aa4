"""The library: revisions of the flows as immutable bundles in the store, and which one is in force.

Rule 1: a revision is named by the hash of what it holds; once written it never changes.
Rule 2: a conversation runs on the structure it began with; contacts, teams, words and safety flows are always those in force.
Rule 3: putting a revision in force is one compare-and-swap; every process sees it within a second.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from bot.conversation.keeping.packing import needs, packed, unpacked
from bot.conversation.keeping.vault import Vault
from bot.conversation.running.crashpoint import crashpoint
from bot.flow.bundle import Bundle
from bot.flow.live import compose
from bot.flow.program import Program
from bot.ports import Clock, Note, Stale, Store

REVISIONS, HEAD = "revisions", "head"
IN_FORCE = "current"
"""Key of the one note of `HEAD`: what is in force."""
KEPT_OPEN = 8
"""Compiled older revisions kept in memory; a conversation on a still older one compiles it again."""

Compile = Callable[[Bundle], Program]


class Deed(Struct, frozen=True):
    """One change of what is in force. `kind`: `recall` also moves every conversation off `off`.

    `draft`: the draft that was published, `authors` who wrote it, `approved` who said yes to it; nothing for a folder.
    """

    at: float
    by: str
    why: str
    revision: str
    kind: Literal["publish", "rollback", "recall"] = "publish"
    off: str = ""
    draft: str = ""
    authors: tuple[str, ...] = ()
    approved: str = ""


class Head(Struct, frozen=True):
    """What is in force and how it came to be, newest last; `recalled`: revisions nobody may stay on."""

    revision: str
    deeds: tuple[Deed, ...] = ()
    recalled: tuple[str, ...] = ()


_head_from = msgspec.json.Decoder(Head).decode
_to = msgspec.json.Encoder().encode


class CannotRun(Exception):
    """This version cannot run that revision: its files lack what the engine needs, or were never whole."""


class WasRecalled(Exception):
    """That revision was recalled, and nobody said that it shall be in force all the same."""


class NothingInForce(Exception):
    """No revision was ever published to this store."""


def same(one: str, other: str) -> bool:
    """Whether two names are of one revision: those given before 2026.12 are how the whole name begins."""
    return one.startswith(other) or other.startswith(one)


class StoreLibrary:
    """Revisions in the store, compiled in memory."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, compile_: Compile) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._compile = compile_
        self._head: Head | None = None
        self._version = 0
        self._packed: dict[str, bytes] = {}
        self._current: Program | None = None
        self._older: dict[str, Program] = {}

    # ── Library (ports) ──
    def current(self) -> Program:
        """Give the program in force; raises `NothingInForce`."""
        if self._current is None:
            raise NothingInForce
        return self._current

    def program(self, revision: str) -> Program | None:
        """Give that revision's structure with what is live at once; None if it is unknown, was recalled, or cannot be run any more."""
        current = self.current()
        if revision == current.revision:
            return current
        if revision in self._older:
            return self._older[revision]
        if revision not in self._packed or (self._head and revision in self._head.recalled):
            return None
        try:
            composed = compose(self._compile(self._in_memory(revision)), current)
        except CannotRun:
            return None
        while len(self._older) >= KEPT_OPEN:
            self._older.pop(next(iter(self._older)))
        self._older[revision] = composed
        return composed

    # ── what operators do ──
    async def look(self) -> Head | None:
        """Give what is in force without making it ready to run."""
        note = await self._store.note(HEAD, IN_FORCE)
        return _head_from(self._vault.open_note(HEAD, IN_FORCE, note.value)) if note is not None else None

    async def refresh(self) -> bool:
        """Make ready what is in force; True if it changed. Raises `CannotRun`."""
        note = await self._store.note(HEAD, IN_FORCE)
        if note is None or note.version == self._version:
            return False
        head = _head_from(self._vault.open_note(HEAD, IN_FORCE, note.value))
        for stored in await self._stored():
            if stored.key not in self._packed:
                self._packed[stored.key] = self._vault.open_note(REVISIONS, stored.key, stored.value)
        self._current = self._compile(self._in_memory(head.revision))
        self._older.clear()
        self._head, self._version = head, note.version
        return True

    @property
    def head(self) -> Head | None:
        """What is in force and how it came to be; None if nothing is."""
        return self._head

    async def publish(self, bundle: Bundle, *, by: str, why: str) -> str:
        """Keep this bundle and put it in force; gives its revision. Raises `CannotRun`, or `Stale` if another publish came first."""
        await self.put_in_force(bundle, Deed(at=self._clock.now(), by=by, why=why, revision=bundle.revision))
        return bundle.revision

    async def put_in_force(self, bundle: Bundle, deed: Deed, *, onto: str | None = None, recalled: bool = False) -> None:
        """Keep this bundle and do the deed, only if `onto` is still in force (None: whatever is), and if it was not recalled or it is
        said that it may have been (`recalled`). Raises `CannotRun`, `Stale`, `WasRecalled`.
        """
        self._compile(bundle)  # what cannot be read must not be in force, here or at the next start
        if await self._store.note(REVISIONS, bundle.revision) is None:
            data = packed(bundle, await self._whole())
            await self._store.put_note(REVISIONS, bundle.revision, self._vault.seal_note(REVISIONS, bundle.revision, data))
        await self._move(deed, onto=onto, recalled=recalled)

    async def rollback(self, revision: str, *, by: str, why: str, onto: str | None = None, recalled: bool = False) -> None:
        """Put an older revision in force, only if `onto` is still (None: whatever is); one that was recalled only with `recalled`.

        Raises `KeyError` if none of this name ever was in force, `CannotRun`, `Stale`, `WasRecalled`.
        """
        head = await self.look()
        if head is None or all(deed.revision != revision for deed in head.deeds):
            raise KeyError(revision)  # one that is kept because its publish came too late was never anybody's to go back to
        self._compile(await self.bundle(revision))
        await self._move(Deed(at=self._clock.now(), by=by, why=why, revision=revision, kind="rollback"), onto=onto, recalled=recalled)

    async def recall(self, revision: str, *, by: str, why: str) -> None:
        """Move every conversation off this revision at its next turn; raises `KeyError`, `Stale`."""
        await self._known(revision)
        head = await self.look()
        if head is None or revision == head.revision:
            raise KeyError(revision)
        await self._move(Deed(at=self._clock.now(), by=by, why=why, revision=head.revision, kind="recall", off=revision))

    async def bundle(self, revision: str) -> Bundle:
        """Give what a revision holds; raises `KeyError`."""
        data = await self._data(revision)
        against = needs(data)
        return unpacked(data, revision, unpacked(await self._data(against), against) if against else None)

    async def _data(self, revision: str) -> bytes:
        note = await self._store.note(REVISIONS, revision)
        if note is None:
            raise KeyError(revision)
        return self._vault.open_note(REVISIONS, revision, note.value)

    async def _whole(self) -> Bundle | None:
        """What the next revision is packed against: what is in force, or what that is packed against."""
        head = await self.look()
        if head is None:
            return None
        return await self.bundle(needs(await self._data(head.revision)) or head.revision)

    def _in_memory(self, revision: str) -> Bundle:
        data = self._packed[revision]
        against = needs(data)
        return unpacked(data, revision, unpacked(self._packed[against], against) if against else None)

    async def _stored(self) -> Sequence[Note]:
        notes: tuple[Note, ...] = ()
        while more := await self._store.notes(REVISIONS, after=notes[-1].key if notes else ""):
            notes += tuple(more)
        return notes

    async def _known(self, revision: str) -> None:
        if await self._store.note(REVISIONS, revision) is None:
            raise KeyError(revision)

    async def _move(self, deed: Deed, *, onto: str | None = None, recalled: bool = False) -> None:
        note = await self._store.note(HEAD, IN_FORCE)
        old = _head_from(self._vault.open_note(HEAD, IN_FORCE, note.value)) if note else Head(revision="")
        if onto is None and deed.kind == "recall":
            onto = deed.revision  # if somebody published since, a recall must not put back what was in force before
        if onto not in (None, old.revision):
            raise Stale
        still = tuple(r for r in (*old.recalled, deed.off) if r and not same(r, deed.revision))
        if not recalled and len(still) < len(old.recalled):
            raise WasRecalled
        head = Head(revision=deed.revision, deeds=(*old.deeds, deed), recalled=still)
        crashpoint("library.before_head")
        await self._store.put_note(HEAD, IN_FORCE, self._vault.seal_note(HEAD, IN_FORCE, _to(head)), version=note.version if note else 0)
        crashpoint("library.after_head")
        await self.refresh()
