"""Where drafts lie: one note for each draft, one for each text, all sealed.

Rule 1: a text has a name that is never used again; it is written before the draft names it, and removed after no draft does.
Rule 2: what a process that died left behind is swept a day later, never sooner: somebody may be about to name it.
"""

import zlib
from collections.abc import Collection, Sequence
from contextlib import suppress

import msgspec

from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.running.crashpoint import crashpoint
from bot.conversation.staffing.staff import NoteSeals
from bot.flow.bundle import NAME, Bundle
from bot.ports import Chance, Clock, Note, Stale, Store
from bot.privacy.seal import Tampered
from bot.studio.drafts.drafting import GONE, SAME, Record, from_bytes, named_anew, to_bytes

DRAFTS, TEXTS = "drafts", "draft-texts"
KEPT_OVER = 30 * 86400.0
"""Seconds in which a draft that was given up can be taken up again; a published one is kept as long."""
LOOSE = 86400.0
"""Seconds after which a text that no draft names was left behind."""
BUNDLES_READY, TEXTS_READY = 6, 100


class Shelf:
    """Drafts in the store. Raises `KeyError` for an unknown draft, `Stale` if it moved while it was read, `StoreUnavailable`."""

    def __init__(self, *, store: Store, vault: NoteSeals, clock: Clock, chance: Chance, library: StoreLibrary) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self._library = library
        self._bundles: dict[str, Bundle] = {}
        self._texts: dict[str, str] = {}

    # ── drafts ──
    async def load(self, draft: str) -> tuple[Record, int]:
        """Give a draft and its version."""
        note = await self._store.note(DRAFTS, draft)
        if note is None:
            raise KeyError(draft)
        record = self._opened(note)
        if len(record.revision) < NAME:
            record = named_anew(record, (await self.bundle(record)).full)
        return record, note.version

    async def all(self) -> Sequence[Record]:
        """Give all drafts that are kept."""
        notes: list[Note] = []
        while more := await self._store.notes(DRAFTS, after=notes[-1].key if notes else "", limit=50):
            notes += more
        found = [self._readable(note) for note in notes]
        return [record for record in found if record is not None]

    async def put(self, record: Record, version: int) -> None:
        """Keep a draft if it still has this version (0: it is new); raises `Stale`."""
        sealed = self._vault.seal_note(DRAFTS, record.id, zlib.compress(to_bytes(record)))
        expires = self._clock.now() + KEPT_OVER if record.over else None
        crashpoint("studio.before_draft")
        await self._store.put_note(DRAFTS, record.id, sealed, version=version, expires=expires)
        crashpoint("studio.after_draft")

    def _readable(self, note: Note) -> Record | None:
        """A draft; one that is damaged hides no other."""
        with suppress(Tampered, zlib.error, msgspec.DecodeError, msgspec.ValidationError):
            return self._opened(note)
        return None

    def _opened(self, note: Note) -> Record:
        return from_bytes(zlib.decompress(self._vault.open_note(DRAFTS, note.key, note.value)))

    # ── files ──
    async def bundle(self, record: Record) -> Bundle:
        """Give the files of a draft."""
        ready = self._bundles.pop(record.revision, None)
        if ready is None:
            files = dict(await self.revision(record.base))
            for path, name in record.files.items():
                files.pop(path, None)
                if name != GONE:
                    files[path] = await self.text(name)
            ready = Bundle(files)
        return self.keep_ready(ready)

    async def revision(self, revision: str) -> Bundle:
        """Give what a revision holds; of none, nothing."""
        if not revision:
            return Bundle({})
        ready = self._bundles.pop(revision, None)
        return self.keep_ready(ready if ready is not None else await self._library.bundle(revision))

    def keep_ready(self, bundle: Bundle) -> Bundle:
        """Keep a bundle in memory, those last used."""
        self._bundles[bundle.revision] = bundle
        while len(self._bundles) > BUNDLES_READY:
            self._bundles.pop(next(iter(self._bundles)))
        return bundle

    async def text(self, name: str) -> str:
        """Give a text by its name."""
        if name not in self._texts:
            note = await self._store.note(TEXTS, name)
            if note is None:
                raise Stale
            self._remember(name, zlib.decompress(self._vault.open_note(TEXTS, name, note.value)).decode())
        return self._texts[name]

    async def text_at(self, base: str, path: str, name: str) -> str | None:
        """Give a file of a draft on this base; None if there is none."""
        if name == SAME:
            return (await self.revision(base)).get(path)
        return None if name == GONE else await self.text(name)

    async def keep_text(self, draft: str, text: str, written: dict[str, str]) -> str:
        """Keep a text under a new name, or that under which `written` (text → name) has it; gives the name."""
        if text not in written:
            name = f"{draft}.{int(self._clock.now()):010d}-{self._chance(12)}"
            await self._store.put_note(TEXTS, name, self._vault.seal_note(TEXTS, name, zlib.compress(text.encode())))
            crashpoint("studio.after_text")
            written[text] = name
            self._remember(name, text)
        return written[text]

    async def forget(self, names: Collection[str]) -> None:
        """Remove texts that no draft names any more."""
        for name in names:
            self._texts.pop(name, None)
            await self._store.put_note(TEXTS, name, None)

    def _remember(self, name: str, text: str) -> None:
        self._texts[name] = text
        while len(self._texts) > TEXTS_READY:
            self._texts.pop(next(iter(self._texts)))

    # ── sweeping ──
    async def sweep(self) -> int:
        """Remove texts whose draft is gone, and those that were never named; gives how many."""
        named: dict[str, frozenset[str] | None] = {}
        gone, after, old = 0, "", self._clock.now() - LOOSE
        while texts := await self._store.notes(TEXTS, after=after, limit=50):
            after = texts[-1].key
            for name in (note.key for note in texts):
                draft, _, made = name.partition(".")
                if float(made.partition("-")[0]) > old:
                    continue
                if draft not in named:
                    named[draft] = await self._named(draft)
                needed = named[draft]
                if needed is not None and name not in needed:
                    await self.forget([name])
                    gone += 1
        return gone

    async def _named(self, draft: str) -> frozenset[str] | None:
        """Names of the texts of a draft; None if it is there and cannot be read."""
        note = await self._store.note(DRAFTS, draft)
        if note is None:
            return frozenset()
        record = self._readable(note)
        return record.texts() if record is not None else None
