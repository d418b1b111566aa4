"""One turn: what is kept of a person + one event → one Commit. Pure but for the chance inside the vault.

Rule 1: whatever the event does lands in one Commit or not at all.
Rule 2: what staff do is checked here against the case as it is now; what cannot be done is an outcome, never a guess.
"""

from contextlib import suppress

import msgspec
from msgspec import Struct, structs

from bot.conversation.cases.casework import CaseEdit, GroupWords
from bot.conversation.cases.refusals import refusal, refusal_of_file
from bot.conversation.keeping.casefile import file_of
from bot.conversation.keeping.envelope import (
    AnswerDue,
    Envelope,
    Fetched,
    Given,
    Noticed,
    RouteCard,
    Shown,
    Unsent,
    route_from,
    shown_from,
)
from bot.conversation.keeping.lately import Lately, LeftOpen
from bot.conversation.keeping.scene import AtHand, Opened, Scene
from bot.conversation.keeping.vault import Keys, Tampered, Vault
from bot.conversation.notices.notice import LEFT_OUT, left_out, parts
from bot.conversation.staffing.attendance import Attendance
from bot.conversation.turning.carry import Carrier, Parcels
from bot.conversation.turning.deeds import stepped
from bot.engine.effects import Alert, Effect, OpenCase
from bot.engine.events import Left, Recalled, ReminderDue
from bot.engine.session import Past, Session, decode
from bot.engine.step import NOBODY_AWAY, step
from bot.flow.live import SessionView, may_move
from bot.flow.program import Program
from bot.ports import CaseRecord, CaseWrite, Commit, Library, Person, Record

__all__ = ["Parcels", "Turn", "Turns"]


class Turn(Struct, frozen=True):
    """What to commit (None: nothing but to drop the event), what the caller is told, which case changed, what the operator is told.

    `parcels`: the rows of the commit, not yet sealed. `left`: what it keeps of the person, open.
    `past`: make it again with this case at hand, if it is closed: it may go on.
    """

    commit: Commit | None
    outcome: str
    case: str | None = None
    alerts: tuple[Alert, ...] = ()
    parcels: Parcels | None = None
    past: str = ""
    left: LeftOpen | None = None


class Turns:
    """Makes turns with the programs, keys and group words of this process. `attendance`: who is there; None: everybody always is.

    `lately`: what landed a moment ago.
    """

    def __init__(self, *, vault: Vault, library: Library, words: GroupWords, attendance: Attendance | None = None) -> None:
        self.lately = Lately()
        self._attendance = attendance
        self._vault = vault
        self._library = library
        self._words = words

    def open(self, person: Person, record: Record) -> Opened:
        """Open what is kept of a person; raises `Tampered` if it is not theirs.

        A conversation that cannot be read any more is over: the person is answered from the beginning, and can still erase.
        """
        if not record.wraps:
            return Opened(None, None, None)
        row = person.hex()
        keys = self._vault.person_keys(row, record.wraps)
        left = self.lately.of(person, keys.life)
        card = left.card
        if record.route is None:
            card = None
        elif record.route != left.route:
            card = route_from(self._vault.open(keys, record.route, kind="route", row=row, version=0))
        shown = self._shown(keys, row, record, left)
        if record.session is None:
            return Opened(keys, None, card, shown=shown)
        if record.session == left.sealed and record.version == left.version:
            return Opened(keys, left.session, card, shown=shown)
        body = self._vault.open(keys, record.session, kind="session", row=row, version=record.version)
        try:
            return Opened(keys, decode(body), card, shown=shown)
        except msgspec.DecodeError as wrong:
            return Opened(keys, None, card, type(wrong).__name__, shown)

    def _shown(self, keys: Keys, row: str, record: Record, left: LeftOpen) -> Shown:
        """Messages of the last 48 hours, that the channel can still delete."""
        found: list[tuple[int, tuple[int | str, ...]]] = []
        for part in record.receipts:
            known = left.parts.get(part)
            if known is not None:
                found += known
                continue
            with suppress(Tampered, msgspec.DecodeError, msgspec.ValidationError):  # one that cannot be read must not stop an erasure
                found += shown_from(self._vault.open(keys, part, kind="shown", row=row, version=0))
        return tuple(found)

    def make(self, hand: AtHand) -> Turn:
        """Give the turn of this event."""
        session, envelope = hand.opened.session, hand.envelope
        refused = refusal(envelope, session, hand.case)
        if refused:
            return Turn(None, refused)
        if isinstance(envelope.event, Noticed):
            return self._noticed(hand, envelope.event)
        if (session is None and _is_nothing(envelope, hand.opened.card)) or (isinstance(envelope.event, Fetched) and hand.case is None):
            return Turn(None, "done")
        card = self._card(envelope, hand.opened.card)
        program = self._program(session)
        if program is None:  # the revision is gone: to the first safe question, saying so
            program = self._library.current()
            recalled = Recalled(at=envelope.event.at, revision=session.revision if session else "")
            session = step(program, session, recalled).session
        if hand.past is not None:
            hand = structs.replace(hand, past=self._past(hand.past))
        try:
            edit = self._edit(hand, session, program, card)
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError):
            return self._without_case(hand)
        refused = refusal_of_file(envelope, edit, program)
        return Turn(None, refused) if refused else self._worked(hand, session, program, card, edit)

    def _worked(self, hand: AtHand, session: Session | None, program: Program, card: RouteCard, edit: CaseEdit) -> Turn:
        keys = hand.opened.keys or self._vault.new_person_keys(hand.taken.person.hex())
        if isinstance(hand.envelope.event, AnswerDue):
            one = edit.later(hand.envelope.event.id)
            if one is not None:
                envelope = structs.replace(hand.envelope, by=one.by, source=one.source, edits=one.edits)
                hand = structs.replace(hand, envelope=envelope)
        past = _goes_on(hand, program)
        away = self._attendance.away if self._attendance is not None else NOBODY_AWAY
        crew = self._attendance.names if self._attendance is not None else None
        after, effects = stepped(program, session, hand.envelope, edit, past, away=away, crew=crew)
        scene = Scene(hand=hand, keys=keys, card=card, program=program)
        carrier = Carrier(vault=self._vault, words=self._words, scene=scene, edit=edit)
        commit = carrier.carry(after, effects)
        changed = edit.index.code if edit.index else (session.case.code if session and session.case else None)
        alerts = tuple(effect for effect in effects if isinstance(effect, Alert))
        return Turn(
            commit,
            "put-off" if edit.waits else "done",
            changed,
            alerts,
            carrier.parcels,
            past=_asked_of_past(card, effects) if hand.past is None else "",
            left=carrier.left,
        )

    def _edit(self, hand: AtHand, session: Session | None, program: Program, card: RouteCard) -> CaseEdit:
        """The open case, ready to be changed; raises `Tampered` if it is damaged."""
        return CaseEdit(
            vault=self._vault,
            words=self._words,
            texts=program.texts,
            language=card.language,
            record=hand.case if session and session.case else None,
            at=hand.envelope.event.at,
            by=hand.envelope.by,
            channel=card.channel,
            past=hand.past,
        )

    def _without_case(self, hand: AtHand) -> Turn:
        """The case cannot be read: its person is answered as if there were none, the operator is told, and staff find it closed."""
        code = hand.case.index.code if hand.case is not None else ""
        told = Alert("case-damaged", code)
        if hand.envelope.by or hand.opened.session is None:
            return Turn(None, "failed", alerts=(told,))
        session = structs.replace(hand.opened.session, case=None, who="bot")
        turn = self.make(structs.replace(hand, opened=structs.replace(hand.opened, session=session), case=None, past=None))
        commit = turn.commit
        if commit is not None and commit.case is None and not commit.erase and hand.case is not None:
            commit = structs.replace(commit, case=_ended(hand.case, hand.envelope.event.at + self._kept()))
        return structs.replace(turn, commit=commit, case=turn.case or code, alerts=(told, *turn.alerts))

    def _kept(self) -> float:
        """Seconds that a closed case is kept."""
        return self._library.current().service.keep.case * 60.0

    def _past(self, past: CaseRecord | None) -> CaseRecord | None:
        """A closed case that may go on, if it can be read."""
        try:
            return past if past is not None and file_of(self._vault, past) is not None else None
        except (Tampered, msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _noticed(self, hand: AtHand, event: Noticed) -> Turn:
        """Tell the person what many are told, or not; the conversation stays where it is."""
        opened = hand.opened
        if left_out(event, opened) or opened.card is None or opened.keys is None:
            return Turn(None, LEFT_OUT)
        program = self._library.current()
        scene = Scene(hand=hand, keys=opened.keys, card=opened.card, program=program)
        edit = CaseEdit(
            vault=self._vault, words=self._words, texts=program.texts, language=opened.card.language, record=None, at=event.at
        )  # fmt: skip
        carrier = Carrier(vault=self._vault, words=self._words, scene=scene, edit=edit)
        return Turn(carrier.tell(opened.session, parts(event, opened)), "done", parcels=carrier.parcels)

    def _card(self, envelope: Envelope, old: RouteCard | None) -> RouteCard:
        if old is None:
            service = self._library.current().service
            return RouteCard(channel=envelope.channel, route=envelope.route, language=service.languages[0])
        if not envelope.route or (envelope.route == old.route and envelope.channel == old.channel):
            return old
        return structs.replace(old, channel=envelope.channel, route=envelope.route)

    def _program(self, session: Session | None) -> Program | None:
        """The program that this conversation runs on now; None if its revision was recalled or cannot be run."""
        current = self._library.current()
        if session is None or session.revision == current.revision:
            return current
        pinned = self._library.program(session.revision)
        if pinned is None:
            return None
        view = SessionView(tuple((frame.flow, frame.step, frame.own) for frame in session.frames), session.shared)
        return current if may_move(view, pinned, current) else pinned


def _is_nothing(envelope: Envelope, card: RouteCard | None) -> bool:
    """Whether there is nothing to change for somebody who has no conversation; a record of nobody known would have no end."""
    event = envelope.event
    return isinstance(event, ReminderDue | Recalled | Unsent | Given | Fetched) or (isinstance(event, Left) and card is None)


def _ended(record: CaseRecord, keep_until: float) -> CaseWrite:
    """A case that cannot be read, closed as it is: what of it can still be read stays so long."""
    index = structs.replace(record.index, state="closed", unread=0, asked=0.0, step=0)
    return CaseWrite(index, record.wraps, record.sealed, record.version, keep_until=keep_until)


def _goes_on(hand: AtHand, program: Program) -> Past | None:
    """The closed case that may go on: one that was closed no longer ago than a way back is kept."""
    past, lasts = hand.past, program.service.keep.route * 60
    if past is None or hand.envelope.event.at - (past.closed_at or 0.0) > lasts:
        return None
    return Past(past.index.code, past.index.team)


def _asked_of_past(card: RouteCard, effects: tuple[Effect, ...]) -> str:
    """The closed case that a new one may be instead."""
    opened = any(isinstance(effect, OpenCase) and effect.new and effect.team == card.past_team for effect in effects)
    return card.past_case if opened else ""
