"""One turn: what is kept of a person + one event → one Commit. Pure but for the chance inside the vault.

Rule 1: whatever the event does lands in one Commit or not at all.
Rule 2: what staff do is checked here against the case as it is now; what cannot be done is an outcome, never a guess.
"""

from contextlib import suppress
from dataclasses import dataclass

import msgspec
from msgspec import structs

from bot.conversation.carry import Carrier, Parcels
from bot.conversation.casefile import file_of
from bot.conversation.casework import CaseEdit, GroupWords
from bot.conversation.envelope import NOT_DELIVERED, Envelope, Forgotten, NoteWritten, RouteCard, Shown, Unsent, route_from, shown_from
from bot.conversation.scene import AtHand, Opened, Scene
from bot.conversation.vault import Keys, Tampered, Vault
from bot.engine.effects import Alert, Effect, Erase, MarkCase, Send
from bot.engine.events import CaseClosed, Claimed, Left, Recalled, ReminderDue, StaffWrote
from bot.engine.session import Session, decode
from bot.engine.step import step
from bot.flow.live import SessionView, may_move
from bot.flow.program import Program
from bot.i18n.values import Text
from bot.ports import CaseRecord, Commit, Library, Person, Record

__all__ = ["Parcels", "Turn", "Turns"]

LEFT_ALONE = 12 * 3600.0
"""Seconds after which a case whose caseworker is silent may be claimed by another; until then the bot is silent too."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to commit (None: nothing but to drop the event), what the caller is told, which case changed, what the operator is told.

    `parcels`: the rows of the commit, not yet sealed.
    """

    commit: Commit | None
    outcome: str
    case: str | None = None
    alerts: tuple[Alert, ...] = ()
    parcels: Parcels | None = None


class Turns:
    """Makes turns with the programs, keys and group words of this process."""

    def __init__(self, *, vault: Vault, library: Library, words: GroupWords) -> None:
        self._vault = vault
        self._library = library
        self._words = words

    def open(self, person: Person, record: Record) -> Opened:
        """Open what is kept of a person; raises `Tampered` if it is not theirs.

        A conversation that cannot be read any more is over: the person is answered from the beginning, and can still erase.
        """
        row = person.hex()
        if not record.wraps:
            return Opened(None, None, None)
        keys = self._vault.person_keys(row, record.wraps)
        card = route_from(self._vault.open(keys, record.route, kind="route", row=row, version=0)) if record.route is not None else None
        shown = self._shown(keys, row, record)
        if record.session is None:
            return Opened(keys, None, card, shown=shown)
        body = self._vault.open(keys, record.session, kind="session", row=row, version=record.version)
        try:
            return Opened(keys, decode(body), card, shown=shown)
        except msgspec.DecodeError as wrong:
            return Opened(keys, None, card, type(wrong).__name__, shown)

    def _shown(self, keys: Keys, row: str, record: Record) -> Shown:
        """Messages of the last 48 hours, that the channel can still delete."""
        found: list[tuple[int, tuple[int | str, ...]]] = []
        for part in record.receipts:
            with suppress(Tampered, msgspec.DecodeError, msgspec.ValidationError):  # one that cannot be read must not stop an erasure
                found += shown_from(self._vault.open(keys, part, kind="shown", row=row, version=0))
        return tuple(found)

    def make(self, hand: AtHand) -> Turn:
        """Give the turn of this event."""
        session, envelope = hand.opened.session, hand.envelope
        refused = _refusal(envelope, session, hand.case)
        if refused and not (refused == "taken" and self._left_alone(hand)):
            return Turn(None, refused)
        if session is None and isinstance(envelope.event, Left | ReminderDue | Recalled | Unsent):
            return Turn(None, "done")  # nothing to change; a record written now would have no end
        card = self._card(envelope, hand.opened.card)
        program = self._program(session)
        if program is None:  # the revision is gone: to the first safe question, saying so
            program = self._library.current()
            recalled = Recalled(at=envelope.event.at, revision=session.revision if session else "")
            session = step(program, session, recalled).session
        keys = hand.opened.keys or self._vault.new_person_keys(hand.taken.person.hex())
        scene = Scene(hand=hand, keys=keys, card=card, program=program)
        edit = CaseEdit(
            vault=self._vault,
            words=self._words,
            texts=program.texts,
            language=card.language,
            record=hand.case if session and session.case else None,
            at=envelope.event.at,
        )
        after, effects = self._stepped(program, session, envelope, edit)
        carrier = Carrier(vault=self._vault, words=self._words, scene=scene, edit=edit)
        commit = carrier.carry(after, effects)
        changed = edit.index.code if edit.index else (session.case.code if session and session.case else None)
        alerts = tuple(effect for effect in effects if isinstance(effect, Alert))
        return Turn(commit, "done", changed, alerts, carrier.parcels)

    def _stepped(
        self, program: Program, session: Session | None, envelope: Envelope, edit: CaseEdit
    ) -> tuple[Session | None, tuple[Effect, ...]]:
        event = envelope.event
        match event:
            case NoteWritten():
                edit.noted(event.text, by=envelope.by, from_topic=_from_topic(envelope))
                return session, ()
            case Claimed() if edit.index is not None and edit.index.claimant not in (None, envelope.by):
                return session, (MarkCase(event.case, "claimed"),)
            case Unsent(case=""):
                return session, (Send(NOT_DELIVERED, (Text(NOT_DELIVERED),)),)
            case Unsent():
                edit.unsent()
                return session, ()
            case Forgotten():
                return None, (Erase(farewell=Text("bot.erased"), case=session.case.code if session and session.case else None),)
            case _:
                done = step(program, session, event)
                return done.session, done.effects

    def _left_alone(self, hand: AtHand) -> bool:
        """Whether a colleague may take over: the one who has the case did nothing for so long that nobody may be there."""
        event, case = hand.envelope.event, hand.case
        if not isinstance(event, Claimed) or case is None:
            return False
        return event.at - file_of(self._vault, case).staffed_at >= LEFT_ALONE

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


def _from_topic(envelope: Envelope) -> bool:
    return envelope.channel == "topic"


def _refusal(envelope: Envelope, session: Session | None, case: CaseRecord | None) -> str:
    """Why a caseworker's act cannot be done now, or an empty word."""
    event = envelope.event
    if not isinstance(event, Claimed | StaffWrote | CaseClosed | NoteWritten | Unsent):
        return ""
    if isinstance(event, Unsent) and not event.case:
        return ""  # the bot's own message: nothing of a case
    if case is None or case.index.state == "erased":
        return "erased"
    if case.index.state == "closed" or session is None or session.case is None or session.case.code != event.case:
        return "closed"
    if isinstance(event, NoteWritten | Unsent):
        return ""
    if case.index.claimant not in (None, envelope.by):
        return "taken"
    if isinstance(event, StaffWrote) and case.index.unwritten:
        return "unwritten"
    return ""
