"""A case opened for a caseworker: what was shared, the latest entries of its thread, the notes, and what waits to be sent.

Rule 1: entries of before the case moved to another team are not shown, counted or found.
Rule 2: of a thread only so many entries are read as are shown, however long it is.
"""

from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct, structs

from bot.conversation.keeping.casefile import file_of
from bot.conversation.keeping.envelope import CaseFile, EntryKind, Later, ThreadItem, item_from
from bot.conversation.keeping.vault import Keys, Tampered, Vault
from bot.engine.calendar import next_in_parts
from bot.engine.render import spoken
from bot.flow.program import Program
from bot.ports import CaseIndex, CaseRecord, Store, ThreadEntry

DAMAGED: Final = (Tampered, msgspec.DecodeError, msgspec.ValidationError)
BROKEN: Final = "damaged"
"""State shown in the place of what cannot be read any more."""
REPLIES = "replies."
"""How ids of canned replies begin."""
NOTES = 20
"""Notes shown beside a thread: the latest."""
MOST = 500
"""Entries given at once."""


class Entry(Struct, frozen=True):
    """One entry of a thread as staff see it. `media`: what was sent and not opened; `file`: its handle in the channel.

    `text` of a state: which one; `about`: its object (a team, a colleague, an outcome). `edits`: the entry whose words these replace.
    `reply`: id of the canned reply, whose `text` is in the staff language. `source`: the channel's id of the words.
    `fate`: what became of an answer (`bot.conversation.keeping.envelope.Fate`), since `fate_at`; empty if that is not known.
    `theirs`: what was said by id, as the person got it, where that is another language.
    """

    n: int
    at: float
    kind: EntryKind
    text: str
    by: str
    media: str | None
    file: str | None = None
    source: str = ""
    edits: int = 0
    about: str = ""
    reply: str = ""
    theirs: str = ""
    fate: str = ""
    fate_at: float = 0.0


class CasePage(Struct, frozen=True):
    """One case, opened: its index, the consented fields (label, value) in the staff language, its thread.

    `entries`: some, in order, of `total` (the number of the last one); `first`: the number of the first that may be shown.
    `need`: title of the flow it came from; `country`: its code; `way`: all three empty if not known. `withheld`: answers not shared.
    `wrote_at`: when the person last wrote. `next_safe`: from when on an hour is safe (now, if this one is); 0 = the person named none.
    """

    index: CaseIndex
    fields: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    erased: bool
    outcome: str = ""
    left: bool = False
    safe_hours: tuple[str, ...] = ()  # parts of the day in which the person said it is safe to write; empty = not said
    total: int = 0
    first: int = 1
    need: str = ""
    country: str = ""
    withheld: int = 0
    partner: str = ""
    way: str = ""
    phrase: str = ""
    tags: tuple[str, ...] = ()
    later: tuple[Later, ...] = ()
    notes: tuple[Entry, ...] = ()
    channel: str = ""
    next_safe: float = 0.0
    wrote_at: float = 0.0


class Opener:
    """Opens cases for one reader's language."""

    def __init__(self, *, store: Store, vault: Vault, program: Program, language: str, now: float) -> None:
        self._store = store
        self._vault = vault
        self._program = program
        self._texts = program.texts
        self._language = language
        self._now = now

    async def page(self, record: CaseRecord, *, before: int = 0, after: int = 0, limit: int = 100) -> CasePage:
        """Give the case with its last entries, or those before or after one; what is damaged shows as such."""
        if record.index.state == "erased":
            return CasePage(index=record.index, fields=(), entries=(), erased=True)
        try:
            file = file_of(self._vault, record)
        except DAMAGED:
            entry = Entry(1, record.index.since, "state", BROKEN, "", None)
            return CasePage(index=record.index, fields=(), entries=(entry,), erased=False, total=1)
        keys = self._vault.case_keys(record.index.code, record.wraps)
        say = self._say
        return CasePage(
            index=record.index,
            fields=tuple((self._texts.render(label, self._language), say(value)) for label, value in file.fields),
            entries=await self._fated(file, record, keys, *_span(file, before, after, min(limit, MOST))),
            erased=False,
            outcome=file.outcome,
            left=file.left,
            safe_hours=file.safe_hours,
            total=file.entries,
            first=file.hidden + 1,
            need=self.title(file.need),
            country=file.country,
            withheld=file.withheld,
            partner=file.partner,
            way=say(file.way) if file.way is not None else "",
            phrase=file.phrase,
            tags=file.tags,
            later=file.later,
            notes=await self._notes(record, keys, file),
            channel=file.channel,
            next_safe=self._next_safe(file),
            wrote_at=file.wrote_at,
        )

    def title(self, flow: str) -> str:
        """Give the title of a flow; empty for none."""
        title = f"{flow}:title"
        return self._texts.say(title, self._language) if flow and self._texts.has(title) else ""

    def _said(self, item: ThreadItem, language: str) -> str:
        """What was said by id, in this language; nothing if that text is gone since."""
        with suppress(KeyError):
            return self._texts.render(item.said, language) if item.said is not None else ""
        return ""

    def _next_safe(self, file: CaseFile) -> float:
        found = next_in_parts(self._now, file.country or None, file.safe_hours, self._program.service) if file.safe_hours else None
        return found or 0.0

    def _say(self, value: object) -> str:
        return spoken(self._texts, value, self._language)  # type: ignore[arg-type]

    async def _fated(self, file: CaseFile, record: CaseRecord, keys: Keys, after: int, limit: int) -> tuple[Entry, ...]:
        """Entries, and what became of the answers among them. Of a closed case nobody follows any more whether the last ones went."""
        closed = record.index.state == "closed"
        fates = {one.entry: one for one in file.fates if not (closed and one.state == "out")}
        entries = await self._entries(record, keys, after, limit)
        return tuple(
            structs.replace(one, fate=fates[one.n].state, fate_at=fates[one.n].at or one.at) if one.n in fates else one for one in entries
        )

    async def _entries(self, record: CaseRecord, keys: Keys, after: int, limit: int) -> tuple[Entry, ...]:
        if limit <= 0:
            return ()
        found = await self._store.thread(record.index.code, after=after, limit=limit)
        return tuple([self._entry(keys, record.index, one) for one in found])

    async def _notes(self, record: CaseRecord, keys: Keys, file: CaseFile) -> tuple[Entry, ...]:
        shown = [n for n in file.notes if n > file.hidden][-NOTES:]
        found = [one for n in shown for one in await self._store.thread(record.index.code, after=n - 1, limit=1)]
        return tuple([self._entry(keys, record.index, one) for one in found])

    def _entry(self, keys: Keys, index: CaseIndex, entry: ThreadEntry) -> Entry:
        row = f"{index.code}/{entry.n}"
        try:
            item: ThreadItem = item_from(self._vault.open(keys, entry.sealed, kind="entry", row=row, version=0))
        except DAMAGED:
            return Entry(entry.n, entry.at, "state", BROKEN, "", None)
        both = item.said is not None and index.language != self._language
        return Entry(
            n=entry.n,
            at=entry.at,
            kind=item.kind,
            text=self._said(item, self._language) or item.text,
            by=item.by,
            media=item.media,
            file=item.file,
            source=item.source,
            edits=item.edits,
            about=item.about,
            reply=item.said.id.removeprefix(REPLIES) if item.said is not None and item.kind in ("staff", "later") else "",
            theirs=self._said(item, index.language) if both else "",
        )


def _span(file: CaseFile, before: int, after: int, limit: int) -> tuple[int, int]:
    """After which entry, and how many."""
    if after:
        return max(after, file.hidden), limit
    last = min(before - 1, file.entries) if before else file.entries
    first = max(last - limit, file.hidden)
    return first, last - first
