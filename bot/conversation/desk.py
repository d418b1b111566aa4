"""The desk: what caseworkers see of cases and do with them, by web and by topic alike.

Rule 1: an act is an event in the person's inbox, tied to one case by its code; what cannot be tied for certain is refused.
Rule 2: what is shown of a case is what was consented and what came after; nothing is read that is not opened.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Literal, cast

from msgspec import Struct

from bot.conversation.bells import Changes
from bot.conversation.casefile import file_of, place_of
from bot.conversation.envelope import CaseFile, Envelope, Happening, NoteWritten, ThreadItem, item_from
from bot.conversation.intake import Intake
from bot.conversation.sender import TOPICS
from bot.conversation.staff import StaffMember
from bot.conversation.vault import Keys, Vault
from bot.engine.events import CaseClosed, Claimed, StaffWrote
from bot.engine.render import spoken
from bot.ports import CaseIndex, CaseRecord, CaseState, Clock, Library, Store, ThreadEntry

Outcome = Literal["done", "taken", "closed", "erased", "unwritten", "slow", "empty", "failed"]
LONGEST_ANSWER = 4000
"""Characters of one answer; a longer one is refused rather than cut."""


class Entry(Struct, frozen=True):
    """One entry of a thread as staff see it. `media`: what was sent and not opened."""

    n: int
    at: float
    kind: Literal["person", "staff", "bot", "note", "state"]
    text: str
    by: str
    media: str | None


class CasePage(Struct, frozen=True):
    """One case, opened: its index, the consented fields (label, value) in the staff language, its thread."""

    index: CaseIndex
    fields: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    erased: bool
    outcome: str = ""
    left: bool = False
    safe_hours: tuple[str, ...] = ()  # parts of the day in which the person said it is safe to write; empty = not said


class Desk:
    """Cases for caseworkers."""

    def __init__(self, *, store: Store, vault: Vault, intake: Intake, library: Library, clock: Clock, changes: Changes) -> None:
        self._store = store
        self._vault = vault
        self._intake = intake
        self._library = library
        self._clock = clock
        self._changes = changes

    async def queue(self, staff: StaffMember, states: Sequence[CaseState] = ("waiting", "claimed")) -> Sequence[CaseIndex]:
        """Give the cases of this caseworker's teams: most urgent first, then longest waiting."""
        return await self._store.cases(states=states, teams=staff.teams or None)

    async def open(self, code: str, staff: StaffMember) -> CasePage | None:
        """Open one case; None if there is none, or it belongs to other teams."""
        record = await self._mine(code, staff)
        if record is None:
            return None
        if record.index.state == "erased":
            return CasePage(index=record.index, fields=(), entries=(), erased=True)
        keys = self._vault.case_keys(code, record.wraps)
        file = file_of(self._vault, record)
        entries = tuple([self._entry(keys, code, one, staff.language) for one in await self._thread(code, file.hidden)])
        fields = self._fields(file, staff.language)
        return CasePage(
            index=record.index, fields=fields, entries=entries, erased=False,
            outcome=file.outcome, left=file.left, safe_hours=file.safe_hours,
        )  # fmt: skip

    async def claim(self, code: str, staff: StaffMember, action: str) -> Outcome:
        """Take the case; the first to claim has it."""
        return await self._act(code, staff, action, Claimed(at=self._clock.now(), case=code))

    async def answer(self, code: str, staff: StaffMember, text: str, action: str, *, from_topic: bool = False) -> Outcome:
        """Send words to the person of this case; the first answer claims it."""
        if not text.strip() or len(text) > LONGEST_ANSWER:
            return "empty"
        event = StaffWrote(at=self._clock.now(), case=code, text=text)
        return await self._act(code, staff, action, event, from_topic=from_topic)

    async def note(self, code: str, staff: StaffMember, text: str, action: str, *, from_topic: bool = False) -> Outcome:
        """Keep a private note on the case."""
        if not text.strip() or len(text) > LONGEST_ANSWER:
            return "empty"
        return await self._act(code, staff, action, NoteWritten(at=self._clock.now(), case=code, text=text), from_topic=from_topic)

    async def close(self, code: str, staff: StaffMember, outcome: str, action: str, *, from_topic: bool = False) -> Outcome:
        """End the case; the bot takes over where the flow says."""
        event = CaseClosed(at=self._clock.now(), case=code)
        return await self._act(code, staff, action, event, outcome=outcome, from_topic=from_topic)

    async def by_topic(self, place: str) -> str | None:
        """Give the case of a topic of the caseworkers' group; None unless topic and case name each other."""
        key = self._vault.topic_key(place)
        note = await self._store.note(TOPICS, key)
        if note is None:
            return None
        code = self._vault.open_note(TOPICS, key, note.value).decode()
        record = await self._store.case(code)
        if record is None or record.topic is None or record.index.state == "erased":
            return None
        return code if place_of(self._vault, record) == place else None

    async def watch(self) -> AsyncIterator[str]:
        """Give the codes of cases as they change; an empty one each second, to look for oneself."""
        async for code in self._changes.listen():
            yield code

    # ── inside ──
    async def _mine(self, code: str, staff: StaffMember) -> CaseRecord | None:
        record = await self._store.case(code)
        return record if record is not None and (not staff.teams or record.index.team in staff.teams) else None

    async def _act(
        self, code: str, staff: StaffMember, action: str, event: Happening, *, outcome: str = "", from_topic: bool = False
    ) -> Outcome:
        record = await self._mine(code, staff)
        if record is None or record.index.state == "erased":
            return "erased"
        envelope = Envelope(event=event, channel="topic" if from_topic else "", by=staff.name, outcome=outcome)
        said = await self._intake.ask(record.person, f"staff:{staff.id}:{action}", envelope)
        return cast("Outcome", said) if said is not None else "slow"

    async def _thread(self, code: str, hidden: int) -> list[ThreadEntry]:
        entries: list[ThreadEntry] = []
        while True:
            more = await self._store.thread(code, after=entries[-1].n if entries else hidden)
            if not more:
                return entries
            entries += more

    def _entry(self, keys: Keys, code: str, entry: ThreadEntry, language: str) -> Entry:
        item: ThreadItem = item_from(self._vault.open(keys, entry.sealed, kind="entry", row=f"{code}/{entry.n}", version=0))
        text = self._library.current().texts.render(item.said, language) if item.said is not None else item.text
        return Entry(n=entry.n, at=entry.at, kind=item.kind, text=text, by=item.by, media=item.media)

    def _fields(self, file: CaseFile, language: str) -> tuple[tuple[str, str], ...]:
        texts = self._library.current().texts
        return tuple((texts.render(label, language), spoken(texts, value, language)) for label, value in file.fields)
