"""What one event does to a case: its index, its sealed file, the entries of its thread, and what the caseworkers' group is told.

Rule 1: staff see what was consented, what the person writes after the handoff, and what the engine itself said; nothing earlier.
Rule 2: urgency only rises. A case goes back from closed to waiting by a new handoff only.
Rule 3: the index says what the thread implies: `asked` is the first unanswered word, `unread` counts words since the last answer.
Rule 4: a state is an entry of its own kind, which no words of a person can make.
"""

from collections.abc import Callable

from msgspec import structs

from bot.conversation.cases.casechange import CaseChange
from bot.conversation.group.groupwords import GroupWords
from bot.conversation.keeping.casefile import Fields, bare, merged, shared
from bot.conversation.keeping.envelope import AnswerPutOff, CaseFile, Fate, Later, ThreadItem
from bot.engine.effects import AddToCase, MarkCase, OpenCase, PassCase, RaiseUrgency, Relay
from bot.i18n.fold import fold
from bot.i18n.values import Text
from bot.ports import CaseIndex

__all__ = ["CaseEdit", "GroupWords"]

NOTED = 100
"""Notes that stand beside the thread as well."""
SOURCES = 32
"""Latest entries that may still be changed."""


def event_of(row: str) -> str:
    """Give the event that put out a row."""
    return row.rpartition("/")[0]


def _taken(one: Fate, at: float) -> Fate:
    """One part less is to be sent; with the last the answer is given."""
    left = one.parts - 1
    return structs.replace(one, parts=left, state="out" if left > 0 else "given", at=at)


class CaseEdit(CaseChange):
    """What can happen to a case; `write()` gives what the commit must hold."""

    # ── what the engine orders ──
    def open(self, order: OpenCase) -> None:
        """Open the case, open it again, move it to another team, or add what was newly consented."""
        if order.reopened and self._past is not None:
            self._take(self._past)
        if order.new or self.index is None:
            self._new(order)
        elif order.team != self.index.team:
            self._moved(order)
        else:
            self._grown(order)
        if order.unwritten:
            self._change(unwritten=True, asked=0.0)
            self._state("only-after")
            self._tell("topic.only-after")
        self._touched = True

    def _new(self, order: OpenCase) -> None:
        self._keys = self._vault.new_case_keys(order.code)
        self._version, self._before = 0, None
        self.index = CaseIndex(
            code=order.code,
            team=order.team,
            urgency=order.urgency,
            state="waiting",
            since=self._at,
            language=self._language,
            asked=self._at,
        )
        self.file = CaseFile(opened_at=self._at, channel=self._channel)
        self._shared(order, order.fields)
        self._posts.opened(self.index, self.file.fields)

    def _moved(self, order: OpenCase) -> None:
        # The yes was to this team and these fields: what was said to another team does not go along.
        self._forget_shared()
        self._wait_in(order.team)
        self._state("moved", about=order.team)
        self._shared(order, order.fields)
        self._change(urgency=order.urgency)
        self._tell("topic.moved", team=self._posts.team(order.team))
        self._tell_shared(order)

    def _grown(self, order: OpenCase) -> None:
        if order.reopened:
            self._change(unwritten=False)
            self._wait_in(order.team)
            self.file = structs.replace(self.file, outcome="", partner="", left=False, channel=self._channel)
            self._state("reopened")
            self._tell("topic.reopened")
        self._shared(order, merged(self.file.fields, order.fields))
        self._change(urgency=order.urgency)
        self._tell_shared(order)

    def passed(self, order: PassCase, *, note: str) -> None:
        """Put the case into the queue of a team; without the person's yes to it, only the note goes along."""
        if self.index is None:
            return
        moved = order.team != self.index.team
        self._wait_in(order.team)
        if not order.agreed:
            self._forget_shared()
        self._state("moved" if moved else "queued", about=order.team)
        if order.agreed and moved:
            self._state("agreed", about=order.team)
        self._tell("topic.moved" if moved else "topic.queued", team=self._posts.team(order.team))
        if note:
            self.noted(note)

    def add(self, order: AddToCase, *, source: str = "") -> None:
        """Put the person's words on the thread, and before the group under a spoiler."""
        if self.index is None:
            return
        edits = self._entry_of(source, "") if order.edited else 0
        if order.edited and not edits and self.index.state == "waiting":
            return  # these words answered the machine and were never the case's
        kind = None if order.kind == "text" else order.kind
        self._item(ThreadItem(kind="person", text=order.text, media=kind, file=order.file, source=source, edits=edits))
        if not edits:
            self._remember(source, "")
        self.file = structs.replace(self.file, wrote_at=self._at)
        self._change(unread=self.index.unread + 1, asked=self.index.asked or self._at)
        if self.file.phrase and f" {fold(self.file.phrase)} " in f" {fold(order.text)} ":
            self._state("phrase")
            self._tell("topic.phrase")
        if kind is not None:
            self._tell(f"topic.media.{kind}")
        else:
            self._tell("topic.person-edited" if order.edited else "topic.person", code=self.index.code, spoiler=order.text)

    def raised(self, order: RaiseUrgency) -> None:
        """Raise the urgency."""
        if self.index is None or self.index.urgency == order.urgency:
            return
        self._change(urgency=order.urgency)
        self._tell("topic.raised")

    def mark(self, order: MarkCase, *, outcome: str = "", partner: str = "", keep_minutes: int = 0) -> None:
        """Set a state of the case."""
        if self.index is None:
            return
        if order.state == "claimed" and self._to:
            self._change(state="claimed")
            self.assigned(self._to, note=self._note)
            return
        file, about = self.file, ""
        match order.state:
            case "claimed":
                self._change(state="claimed", claimant=self._by, unread=0, step=0)
                self.file = structs.replace(file, staffed_at=self._at)
            case "closed":
                about = outcome
                self._change(state="closed", unread=0, asked=0.0, step=0)
                self.file = structs.replace(file, outcome=outcome, partner=partner, later=())
                self._keep_until = self._at + keep_minutes * 60
            case "do-not-write" | "left":
                self._change(unwritten=True, asked=0.0)
                self.file = structs.replace(file, left=order.state == "left")
                if order.state == "left":
                    self._fated(lambda one: structs.replace(one, state="blocked", at=self._at) if one.state == "out" else one)
            case "may-write":
                self._change(unwritten=False, asked=self._at if self.index.state == "waiting" else self.index.asked)
                self.file = structs.replace(file, left=False)
        self._state(order.state, about=about)
        self._tell(f"topic.{order.state}", by=self._by)

    # ── what staff and the bot say ──
    def relayed(self, order: Relay, *, from_topic: bool, source: str = "", edits: int = 0, waited: bool = False) -> None:
        """Put a caseworker's answer on the thread; the group sees what was answered elsewhere, and that what `waited` went."""
        if self.index is None:
            return
        corrected = edits or self._entry_of(source, self._by) if order.corrects else 0
        self._item(ThreadItem(kind="staff", text=order.text, said=order.said, by=self._by, source=source, edits=corrected))
        self._remember(source, self._by)
        later = tuple(structs.replace(one, asked=0.0) for one in self.file.later)  # answered meanwhile
        self.file = structs.replace(self.file, staffed_at=self._at, later=later)
        self._change(unread=0, asked=0.0, answered=True, first=self.index.first or self._at)
        if waited and from_topic:
            self._tell("topic.later-sent")
        elif not from_topic:
            self._tell("topic.staff", by=self._by, spoiler=order.text)

    def put_out(self, event: str, parts: int) -> None:
        """The answer just put on the thread was put out, by this event, in so many parts."""
        fate = Fate(self._last, event, parts, self._at)
        self.file = structs.replace(self.file, fates=(*self.file.fates, fate)[-SOURCES:])

    def given(self, row: str) -> None:
        """The channel took a part of an answer."""
        self._fated(lambda one: _taken(one, self._at) if one.event == event_of(row) and one.state == "out" else one)

    def fetched(self, upto: float) -> None:
        """The person's page has the answers that were put out by then."""
        self._fated(
            lambda one: (
                structs.replace(one, state="fetched", at=self._at)
                if one.put_out <= upto and one.parts <= 1 and one.state in ("out", "given")
                else one
            )
        )

    def _fated(self, change: Callable[[Fate], Fate]) -> None:
        fates = tuple(change(one) for one in self.file.fates)
        if self.index is not None and fates != self.file.fates:
            self.file = structs.replace(self.file, fates=fates)
            self._touched = True

    def may_correct(self, *, source: str, edits: int) -> bool:
        """Whether there is an answer that can still be corrected, or one that still waits."""
        if edits:
            return any(n == edits and by for n, _, by in self.file.sources)
        return bool(self._entry_of(source, self._by)) or self.later_of(source) is not None

    def noted(self, text: str, *, from_topic: bool = False) -> None:
        """Put a private note on the thread."""
        self._item(ThreadItem(kind="note", text=text, by=self._by))
        self.file = structs.replace(self.file, notes=(*self.file.notes, self._last)[-NOTED:])
        if not from_topic:
            self._tell("topic.note", by=self._by, spoiler=text)

    def tagged(self, tags: tuple[str, ...]) -> None:
        """Set the tags."""
        self.file = structs.replace(self.file, tags=tags)
        self._change(tags=tuple(self._vault.tag(tag) for tag in tags))

    def assigned(self, to: str, *, note: str) -> None:
        """Give the case to a colleague; its person is not told."""
        self._change(claimant=to, step=0)
        later = tuple(structs.replace(one, by=to) for one in self.file.later)  # what waits to be sent is theirs now
        self.file = structs.replace(self.file, staffed_at=self._at, later=later)
        self._state("assigned", about=to)
        self._tell("topic.assigned", by=self._by, to=to)
        if note:
            self.noted(note)

    def claims_for(self, to: str, *, note: str) -> None:
        """The claim that follows is for a colleague."""
        self._to, self._note = to, note

    def alerted(self, step: int, to: str) -> None:
        """Keep that so many alerts were given, and tell the group whom the last one told."""
        if self.index is None or self.index.state != "waiting" or step <= self.index.step:
            return
        self._change(step=step)
        self._state("alerted", about=to)
        if to in ("second-line", "on-call"):
            self._tell(f"topic.alerted.{to}")
        else:
            self._tell("topic.alerted.team", team=self._posts.team(to))

    # ── answers that wait for a safe hour ──
    def put_off(self, event: AnswerPutOff, *, corrects: bool = False, source: str = "", edits: int = 0) -> None:
        """Keep an answer until its hour; who waits is answered by it, unless nobody has the case yet."""
        if self.index is None:
            return
        edits = edits or (self._entry_of(source, self._by) if corrects else 0)
        later = Later(event.id, event.due, event.text, self._by, event.reply, self.index.asked, corrects, edits, source)
        self.file = structs.replace(self.file, later=(*self.file.later, later), staffed_at=self._at)
        if self.index.state == "claimed":
            self._change(asked=0.0, unread=0)
        self.fresh_later = (later,)
        said = Text(f"replies.{event.reply}") if event.reply else None
        self._item(ThreadItem(kind="later", text=event.text, said=said, by=self._by, about=event.id, edits=edits))

    def put_further(self, one: Later, due: float) -> None:
        """An answer that was put off waits for another hour."""
        moved = structs.replace(one, at=due)
        self.file = structs.replace(self.file, later=tuple(moved if each is one else each for each in self.file.later))
        self.fresh_later = (moved,)
        self._touched = True

    def later(self, id_: str) -> Later | None:
        """Give an answer that was put off and neither went nor was withdrawn."""
        return next((one for one in self.file.later if one.id == id_), None)

    def later_of(self, source: str) -> Later | None:
        """Give an answer that still waits by what the channel calls it."""
        return next((one for one in self.file.later if source and one.source == source), None)

    def gone(self, one: Later) -> None:
        """An answer that was put off goes now, or never; it is that of whoever wrote it."""
        self._by = self._by or one.by
        self.file = structs.replace(self.file, later=tuple(each for each in self.file.later if each is not one))
        self._touched = True

    def withheld(self, one: Later, state: str) -> None:
        """An answer that was put off does not go: its person waits again."""
        self.gone(one)
        if self.index is not None and one.asked and not self.index.unwritten:
            self._change(asked=one.asked)
        self._state(state, about=one.id)
        if state != "withdrawn":
            self._tell("topic.later-not-sent")

    def unsent(self, row: str) -> None:
        """Tell staff that words of theirs did not reach the person."""
        self._fated(lambda one: structs.replace(one, state="failed", at=self._at) if row and one.event == event_of(row) else one)
        self._state("not-sent")
        self._tell("topic.given-up")

    def bot_said(self, said: Text) -> None:
        """Put on the thread what the engine said while the case is open."""
        if self.index is not None:
            self._item(ThreadItem(kind="bot", said=said))

    # ── inside ──
    def _wait_in(self, team: str) -> None:
        """Wait again, for whoever claims it first; what was put off by others does not go."""
        if self.index is None:
            return
        for one in self.file.later:
            self.withheld(one, "later-not-sent")
        asked = 0.0 if self.index.unwritten else self.index.asked or self._at
        self._change(team=team, state="waiting", since=self._at, claimant=None, answered=False, asked=asked, step=0, unread=0, first=0.0)

    def _forget_shared(self) -> None:
        """What was shared and said so far is not for who reads next, in no queue and by no search either."""
        old, self.file = self.file, bare(self.file, hidden=self._last)
        self._change(tags=())
        self._faced(old)
        self.hides = True

    def _shared(self, order: OpenCase, fields: Fields) -> None:
        old, self.file = self.file, shared(self.file, order, fields)
        self._faced(old)

    def _remember(self, source: str, by: str) -> None:
        """The entry just made may still be changed by whoever wrote it."""
        self.file = structs.replace(self.file, sources=(*self.file.sources, (self._last, source, by))[-SOURCES:])

    def _entry_of(self, source: str, by: str) -> int:
        """The entry made of what the channel calls so, or 0."""
        found = (n for n, known, author in self.file.sources if source and known == source and bool(author) == bool(by))
        return next(found, 0)

    def _tell_shared(self, order: OpenCase) -> None:
        if order.fields and self.index is not None:
            self._posts.shared(self.index.code, self.file.fields)
