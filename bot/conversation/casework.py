"""What one event does to a case: its index, its sealed file, the entries of its thread, and what the caseworkers' group is told.

Rule 1: staff see what was consented, what the person writes after the handoff, and what the engine itself said; nothing earlier.
Rule 2: urgency only rises. A case is opened, claimed, closed or erased; it never goes back but by a new handoff.
"""

from typing import Literal

from msgspec import structs

from bot.conversation.casefile import file_of
from bot.conversation.envelope import CaseFile, ThreadItem, to_bytes
from bot.conversation.outgoing import post
from bot.conversation.vault import Keys, Vault
from bot.engine.effects import AddToCase, MarkCase, OpenCase, RaiseUrgency
from bot.engine.render import spoken
from bot.i18n.staff import StaffTexts
from bot.i18n.texts import Texts
from bot.i18n.values import Ref, Text, Value
from bot.ports import CaseIndex, CaseRecord, CaseWrite, Outgoing

Fields = tuple[tuple[Text, Value], ...]
State = Literal["claimed", "closed", "do-not-write", "may-write", "left"]


class GroupWords:
    """Says things to the caseworkers' group in its language; `on` False: there is no group and nothing is posted."""

    def __init__(self, *, on: bool, language: str, staff: StaffTexts) -> None:
        self.on = on
        self.language = language
        self._staff = staff

    def say(self, id_: str, **values: str) -> str:
        """Give a staff text in the group's language."""
        return self._staff.say(id_, self.language, **values)


class CaseEdit:
    """One case as one event changes it; `write()` gives what the commit must hold."""

    def __init__(self, *, vault: Vault, words: GroupWords, texts: Texts, language: str, record: CaseRecord | None, at: float) -> None:
        self._vault = vault
        self._words = words
        self._texts = texts
        self._language = language
        self._at = at
        self._items: list[bytes] = []
        self._posts: list[Outgoing] = []
        self._touched = False
        self._keep_until: float | None = None
        self.index: CaseIndex | None = record.index if record else None
        self._version = record.version if record else 0
        self._keys: Keys | None = vault.case_keys(record.index.code, record.wraps) if record else None
        self._file = file_of(vault, record) if record else CaseFile()

    # ── what the engine orders ──
    def open(self, order: OpenCase) -> None:
        """Open the case, move it to another team, or add what was newly consented."""
        if order.new or self.index is None:
            self._keys = self._vault.new_case_keys(order.code)
            self._version = 0
            self.index = CaseIndex(
                code=order.code,
                team=order.team,
                urgency=order.urgency,
                state="waiting",
                since=self._at,
                language=self._language,
            )
            self._file = CaseFile(fields=order.fields, safe_hours=order.safe_hours, opened_at=self._at)
            self._announce(order)
        else:
            moved = order.team != self.index.team
            state = "waiting" if moved else self.index.state
            self.index = structs.replace(
                self.index,
                team=order.team,
                urgency=order.urgency,
                state=state,
                claimant=None if moved else self.index.claimant,
                unread=0 if moved else self.index.unread,
            )
            if moved:
                # The yes was to this team and these fields: what was said to another team does not go along.
                hidden = self._file.entries + len(self._items)
                self._file = structs.replace(self._file, fields=order.fields, safe_hours=order.safe_hours, hidden=hidden)
                self._post("topic.moved", team=self._team(order.team))
            else:
                fields = _merged(self._file.fields, order.fields)
                self._file = structs.replace(self._file, fields=fields, safe_hours=order.safe_hours or self._file.safe_hours)
            if order.fields:
                self._post_text(self._words.say("topic.added") + "\n" + self._summary())
        self._touched = True

    def add(self, order: AddToCase, *, by: str = "") -> None:
        """Put the person's words on the thread, and before the group under a spoiler."""
        kind = None if order.kind == "text" else order.kind
        self._item(ThreadItem(kind="person", text=order.text, media=kind, file=order.file, by=by))
        if self.index is not None:
            self.index = structs.replace(self.index, unread=self.index.unread + 1)
        if kind is None:
            self._post_text(self._words.say("topic.person", code=self._code()), spoiler=order.text)
        else:
            self._post(f"topic.media.{kind}")

    def raised(self, order: RaiseUrgency) -> None:
        """Raise the urgency."""
        if self.index is None or self.index.urgency == order.urgency:
            return
        self.index = structs.replace(self.index, urgency=order.urgency)
        self._touched = True
        self._post("topic.raised")

    def mark(self, order: MarkCase, *, by: str, outcome: str, keep_minutes: int) -> None:
        """Set a state of the case."""
        if self.index is None:
            return
        match order.state:
            case "claimed":
                self.index = structs.replace(self.index, state="claimed", claimant=by)
                self._file = structs.replace(self._file, staffed_at=self._at)
            case "closed":
                self.index = structs.replace(self.index, state="closed", unread=0)
                self._file = structs.replace(self._file, outcome=outcome)
                self._keep_until = self._at + keep_minutes * 60
            case "do-not-write" | "may-write":
                self.index = structs.replace(self.index, unwritten=order.state == "do-not-write")
                self._file = structs.replace(self._file, left=False)
            case "left":
                self._file = structs.replace(self._file, left=True)
                self.index = structs.replace(self.index, unwritten=True)
        self._item(ThreadItem(kind="state", text=order.state, by=by))
        self._post(f"topic.{order.state}", by=by)

    # ── what staff and the bot say ──
    def relayed(self, text: str, *, by: str, from_topic: bool) -> None:
        """Put a caseworker's answer on the thread; the group sees what was answered elsewhere."""
        self._item(ThreadItem(kind="staff", text=text, by=by))
        self._file = structs.replace(self._file, staffed_at=self._at)
        if self.index is not None:
            self.index = structs.replace(self.index, unread=0)
        if not from_topic:
            self._post_text(self._words.say("topic.staff", by=by), spoiler=text)

    def noted(self, text: str, *, by: str, from_topic: bool) -> None:
        """Put a private note on the thread."""
        self._item(ThreadItem(kind="note", text=text, by=by))
        if not from_topic:
            self._post_text(self._words.say("topic.note", by=by), spoiler=text)

    def unsent(self) -> None:
        """Tell staff that words of theirs did not reach the person."""
        self._item(ThreadItem(kind="state", text="not-sent"))
        self._post("topic.given-up")

    def bot_said(self, said: Text) -> None:
        """Put on the thread what the engine said while the case is open."""
        if self.index is not None:
            self._item(ThreadItem(kind="bot", said=said))

    # ── what the commit must hold ──
    @property
    def posts(self) -> list[Outgoing]:
        """What goes to the group, in order."""
        return self._posts

    def write(self) -> CaseWrite | None:
        """Give the case as it should be, or None if nothing changed."""
        if self.index is None or self._keys is None or not (self._touched or self._items):
            return None
        first = self._file.entries + 1
        sealed = tuple(
            self._vault.seal(self._keys, item, kind="entry", row=f"{self.index.code}/{first + n}", version=0)
            for n, item in enumerate(self._items)
        )
        file = structs.replace(self._file, entries=self._file.entries + len(self._items))
        body = self._vault.seal(self._keys, to_bytes(file), kind="case", row=self.index.code, version=self._version + 1)
        return CaseWrite(
            index=self.index,
            wraps=self._keys.wraps,
            sealed=body,
            version=self._version,
            add=sealed,
            keep_until=self._keep_until,
        )

    def erased(self) -> CaseWrite | None:
        """Give the case as erased: nothing of it is left but its index, which says so."""
        if self.index is None or self._version == 0:
            return None
        self.index = structs.replace(self.index, state="erased", unread=0, claimant=None)
        self._posts = []
        self._post("topic.erased")
        return CaseWrite(index=self.index, wraps=(), sealed=b"", version=self._version, erase=True)

    # ── inside ──
    def _item(self, item: ThreadItem) -> None:
        self._items.append(to_bytes(item))
        self._touched = True

    def _code(self) -> str:
        return self.index.code if self.index else ""

    def _team(self, team: str) -> str:
        name = f"teams.{team}:name"
        return self._texts.say(name, self._words.language) if self._texts.has(name) else team

    def _post(self, id_: str, **values: str) -> None:
        self._post_text(self._words.say(id_, **values))

    def _post_text(self, text: str, *, spoiler: str = "") -> None:
        if self._words.on and self.index is not None:
            self._posts += post(self.index.code, self._words.language, text, spoiler=spoiler)

    def _announce(self, order: OpenCase) -> None:
        if not self._words.on:
            return
        title = "topic.title.now" if order.urgency == "now" else "topic.title"
        self._posts += post(order.code, self._words.language, self._words.say(title, code=order.code), kind="topic")
        lines = [
            self._words.say(
                "topic.opened",
                code=order.code,
                team=self._team(order.team),
                speaks=spoken(self._texts, Ref(f"languages.{self._language}"), self._words.language),
            ),
            self._words.say(f"topic.urgency.{order.urgency}"),
            self._words.say("topic.shared") + "\n" + self._summary() if order.fields else self._words.say("topic.nothing-shared"),
            self._words.say("topic.how"),
        ]
        self._post_text("\n".join(lines))

    def _summary(self) -> str:
        return "\n".join(self.summary(self._words.language))

    def summary(self, language: str) -> list[str]:
        """Give the consented fields as lines in this language."""
        return [f"{self._texts.render(label, language)}: {spoken(self._texts, value, language)}" for label, value in self._file.fields]


def _merged(old: Fields, new: Fields) -> Fields:
    """Fields by their label, the newer value winning."""
    return tuple({label.id: (label, value) for label, value in (*old, *new)}.values())
