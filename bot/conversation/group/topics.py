"""The topics of cases in the caseworkers' group: made, found again, bound to their case, made anew with what must not be missed.

Rule 1: a case and its topic name each other, or nothing is taken from the topic.
Rule 2: a topic that is gone costs the case nothing: it gets another, with a pointer, its summary, and the words nobody answered yet.
Rule 3: a topic has a note of its own with its case and its place, so that it can still be deleted when the case is gone.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec

from bot.conversation.group.folding import joined
from bot.conversation.group.groupwords import GroupWords, standing
from bot.conversation.group.presses import actions
from bot.conversation.group.told import CAME, OPENED, about, from_person, summary, written
from bot.conversation.keeping.casefile import file_of, place_of
from bot.conversation.keeping.envelope import CaseFile, ThreadItem, item_from
from bot.conversation.keeping.library import NothingInForce
from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.pacing.traffic import DESK, lane_of
from bot.conversation.running.crashpoint import crashpoint
from bot.ports import CaseRecord, Library, Note, Outgoing, Receipt, SendFailed, Store, StoreUnavailable

TOPICS: Final = "topics"
"""Space of notes that lead from a topic of the caseworkers' group to its case."""
LAST_ENTRIES: Final = 40
"""Entries of the thread that are looked through for words nobody answered."""

Way: TypeAlias = Callable[[str, Outgoing], Awaitable[Receipt]]
"""Sends to the group: the place of a topic (empty: of none), and what goes there."""


class TopicsTold(Protocol):
    """What is told to the operator's counters."""

    def crashed(self, kind: str) -> None:
        """Something failed in a way there is no word for; `kind` is the class of the error."""


class Topics:
    """What a sender does with what goes to the group."""

    def __init__(self, *, store: Store, vault: Vault, library: Library, words: GroupWords, told: TopicsTold) -> None:
        self._store = store
        self._vault = vault
        self._library = library
        self._words = words
        self._told = told
        self._made: dict[str, str] = {}  # case → its new topic, until a post in it was recorded
        self._owed: dict[str, list[Outgoing]] = {}  # case → what is to be told again in its new topic

    async def send(self, way: Way, message: Outgoing, waiting: Sequence[Outgoing], *, channel: str = DESK) -> Receipt:
        """Send one message of a case to a group; raises `SendFailed`.

        `waiting`: all that waits of it: what is not told again with a new topic. Of a case that is of another group by now nothing goes.
        """
        record = await self._record(message)
        if not self._is_of(record, channel):
            return Receipt()
        code = record.index.code
        place = self._made.get(code) or place_of(self._vault, record)
        if not place and message.kind in ("title", "remove"):
            return Receipt()  # it is called so when it is made; and there is none that could go
        came = message.id == CAME and code not in self._made
        if came or not place:
            return await self._anew(way, message, record, waiting, lead=CAME if came else "topic.late")
        try:
            return await self._into(way, place, code, message)
        except SendFailed as failed:
            if failed.reason != "no-topic":
                raise
        if message.kind == "remove" or (message.kind == "title" and standing(record.index) == "closed"):
            return Receipt()  # it is gone already; and nobody looks for the topic of a closed case
        return await self._anew(way, message, record, waiting, lead="topic.anew")

    def lanes(self) -> list[str]:
        """Give the lanes that groups of teams have or had: what waits in that of a group which is no more is given up."""
        try:
            teams = self._library.current().teams.teams
        except NothingInForce:
            return []
        return [lane_of(f"{DESK}:{team}") for team in teams]

    async def bind(self, message: Outgoing, place: str, *, channel: str = DESK) -> tuple[str, bytes] | None:
        """Lead from the new topic to its case, before the topic is recorded on the case: an answer there finds both or neither."""
        code = message.case
        record = await self._store.case(code) if code else None
        if record is None or code is None or record.index.state == "erased" or not self._is_of(record, channel):
            return None
        key = self._vault.topic_key(place)
        try:
            keys = self._vault.case_keys(code, record.wraps)
        except Tampered as wrong:  # a damaged case has no topic of its own; that is no reason to write to nobody any more
            self._told.crashed(type(wrong).__name__)
            return None
        # The topic was made for this case a moment ago: whatever the note said before was of another one.
        await self._store.put_note(TOPICS, key, self._vault.seal_note(TOPICS, key, f"{code} {place}".encode()))
        crashpoint("sender.after_bound")
        self._made.pop(code, None)
        return code, self._vault.seal(keys, place.encode(), kind="topic", row=code, version=0)

    # ── inside ──
    async def _record(self, message: Outgoing) -> CaseRecord:
        try:
            record = await self._store.case(message.case or "")
        except StoreUnavailable:
            raise SendFailed("network") from None
        if record is None or record.index.state == "erased":
            raise SendFailed("refused")
        return record

    def _is_of(self, record: CaseRecord, channel: str) -> bool:
        group = self._words.groups.of(record.index.team)
        return group is not None and group.channel == channel

    async def _into(self, way: Way, place: str, code: str, message: Outgoing) -> Receipt:
        """Send into a topic what is still to be told again, then this."""
        while owed := self._owed.get(code):
            told = joined(owed)
            await way(place, told.message)
            self._owed[code] = owed[len(told.covers) :]
        self._owed.pop(code, None)
        sent = await way(place, message) if message.kind != "topic" else Receipt()
        return Receipt(message=sent.message, topic=self._made.get(code))

    async def _anew(self, way: Way, message: Outgoing, record: CaseRecord, waiting: Sequence[Outgoing], *, lead: str) -> Receipt:
        """Make a topic. If this is not the first thing said of the case, what nobody has answered is told again in it."""
        code = record.index.code
        if not any(one.id == OPENED for one in waiting):
            self._owed[code] = await self._told_again(record, waiting, lead)
        title = message.text if message.kind in ("topic", "title") else self._words.title(record.index)
        made = await way("", Outgoing(kind="topic", language=self._words.language, text=title, case=code))
        if made.topic is None:
            raise SendFailed("no-topic")
        self._made[code] = made.topic
        crashpoint("sender.after_topic")
        return await self._into(way, made.topic, code, Outgoing(kind="topic", language="") if message.kind == "title" else message)

    async def _told_again(self, record: CaseRecord, waiting: Sequence[Outgoing], lead: str) -> list[Outgoing]:
        """A pointer, what was shared, and what the person wrote since staff wrote last."""
        words, index = self._words, record.index
        told = about(words, index.code, lead)
        try:
            file = file_of(self._vault, record)
            unread = await self._unanswered(record, file)
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError) as wrong:
            self._told.crashed(type(wrong).__name__)
            return told
        shared = summary(self._library.current().texts, file.fields, words.language)
        if shared:
            told += about(words, index.code, "topic.shared", hidden=shared)
        comes = sum(from_person(one) for one in waiting)  # these stand in the thread as well, as the last of all
        for item in unread[: max(0, len(unread) - comes)]:
            told += written(words, index.code, item.text, item.media)
        told[-1] = msgspec.structs.replace(told[-1], actions=actions(words, index))
        return told

    async def _unanswered(self, record: CaseRecord, file: CaseFile) -> list[ThreadItem]:
        code, keys = record.index.code, self._vault.case_keys(record.index.code, record.wraps)
        found: list[ThreadItem] = []
        for entry in await self._store.thread(code, after=max(file.hidden, file.entries - LAST_ENTRIES), limit=LAST_ENTRIES):
            item = item_from(self._vault.open(keys, entry.sealed, kind="entry", row=f"{code}/{entry.n}", version=0))
            if item.kind == "staff":
                found.clear()
            elif item.kind == "person":
                found.append(item)
        return found


async def case_at(store: Store, vault: Vault, place: str) -> str | None:
    """Give the case of a topic; None unless topic and case name each other."""
    key = vault.topic_key(place)
    note = await store.note(TOPICS, key)
    if note is None:
        return None
    code, _ = noted(vault, note)
    record = await store.case(code)
    if record is None or record.topic is None or record.index.state == "erased":
        return None
    return code if place_of(vault, record) == place else None


def noted(vault: Vault, note: Note) -> tuple[str, str]:
    """Give the case and the place in a topic's note; notes of earlier versions do not say the place."""
    code, _, place = vault.open_note(TOPICS, note.key, note.value).decode().partition(" ")
    return code, place
