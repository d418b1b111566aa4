"""One case while one event changes it: its index, its sealed file, the entries it gets, and the Commit's part of it.

Rule 1: what happens to a case is said in `bot.conversation.cases.casework`; here it is only kept, and given to be written.
"""

from msgspec import structs

from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.posts import Posts
from bot.conversation.keeping.casefile import face, file_of
from bot.conversation.keeping.envelope import CaseFile, Later, ThreadItem, to_bytes
from bot.conversation.keeping.vault import Keys, Vault
from bot.i18n.texts import Texts
from bot.ports import CaseIndex, CaseRecord, CaseWrite, Outgoing


class CaseChange:
    """One case as one event changes it; `write()` gives what the commit must hold. `by`: the caseworker, if one acts.

    `fresh_later`: answers that were put off just now, and need a timer. `waits`: the words just written wait for a safe hour.
    `hides`: what was said so far is not for who reads next.
    """

    def __init__(
        self,
        *,
        vault: Vault,
        words: GroupWords,
        texts: Texts,
        language: str,
        record: CaseRecord | None,
        at: float,
        by: str = "",
        channel: str = "",
        past: CaseRecord | None = None,
    ) -> None:
        self._vault = vault
        self._words = words
        self._texts = texts
        self._language = language
        self._at = at
        self._by = by
        self._channel = channel
        self._items: list[bytes] = []
        self._posts = Posts(words, texts)
        self._touched = False
        self.hides = self.waits = False
        self.fresh_later: tuple[Later, ...] = ()
        self._keep_until: float | None = None
        self._past = past
        self._to = self._note = ""
        self.index: CaseIndex | None = None
        self._before: CaseIndex | None = None
        self._version = 0
        self._keys: Keys | None = None
        self.file = CaseFile()
        if record is not None:
            self._take(record)

    def _take(self, record: CaseRecord) -> None:
        code = record.index.code
        self.index = self._before = record.index
        self._version = record.version
        self._keys = self._vault.case_keys(code, record.wraps)
        self.file = file_of(self._vault, record)

    # ── what the commit must hold ──
    @property
    def posts(self) -> list[Outgoing]:
        """What goes to the group, in order."""
        return self._posts.leave(self._before, self.index)

    def left(self, place: str) -> list[Outgoing]:
        """Give what a group is told whose case went to a team with another one, and remember the place of the topic that stays there."""
        self.file = structs.replace(self.file, left_topics=(*self.file.left_topics, place))
        return self._posts.left(self._before, self.index.team) if self._before is not None and self.index is not None else []

    def write(self) -> CaseWrite | None:
        """Give the case as it should be, or None if nothing changed."""
        if self.index is None or self._keys is None or not (self._touched or self._items):
            return None
        first = self.file.entries + 1
        sealed = tuple(
            self._vault.seal(self._keys, item, kind="entry", row=f"{self.index.code}/{first + n}", version=0)
            for n, item in enumerate(self._items)
        )
        file = structs.replace(self.file, entries=self._last)
        body = self._vault.seal(self._keys, to_bytes(file), kind="case", row=self.index.code, version=self._version + 1)
        return CaseWrite(self.index, self._keys.wraps, body, self._version, add=sealed, keep_until=self._keep_until)

    def erased(self) -> CaseWrite | None:
        """Give the case as erased: nothing of it is left but its index, which says so."""
        if self.index is None or self._version == 0:
            return None
        self._change(state="erased", unread=0, asked=0.0, answered=False, step=0, tags=(), claimant=None, first=0.0)
        self._posts.forget()
        self._tell("topic.erased")
        return CaseWrite(index=self.index, wraps=(), sealed=b"", version=self._version, erase=True)

    # ── for what happens to it ──
    @property
    def _last(self) -> int:
        """The number of the last entry."""
        return self.file.entries + len(self._items)

    def _change(self, **changes: object) -> None:
        if self.index is not None:
            self.index = structs.replace(self.index, **changes)
            self._touched = True

    def _item(self, item: ThreadItem) -> None:
        self._items.append(to_bytes(item))
        self._touched = True

    def _state(self, state: str, *, about: str = "") -> None:
        self._item(ThreadItem(kind="state", text=state, by=self._by, about=about))

    def _faced(self, old: CaseFile) -> None:
        """Let queues look at the file again, if what they show of it is another than before."""
        if self.index is not None and face(old) != face(self.file):
            self._change(face=self.index.face + 1)

    def _tell(self, id_: str, *, spoiler: str = "", **values: str) -> None:
        if self.index is not None:
            self._posts.tell(self.index.code, id_, spoiler=spoiler, **values)
