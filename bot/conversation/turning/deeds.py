"""What one event does to the conversation and to its open case: by the engine, or, where only the case is concerned, here.

Rule 1: what caseworkers do among themselves (notes, tags, colleagues, alerts) changes nothing of the conversation.
Rule 2: words of a caseworker, corrections among them, wait for an hour that the person called safe, wherever they were written.
Rule 3: an answer that was put off goes if it still may when its hour comes, and else its caseworker learns that it did not. If its hour is
over before it is worked, it waits for the next one.
"""

from typing import Final, TypeAlias

from msgspec import structs

from bot.conversation.cases.casework import CaseEdit
from bot.conversation.cases.refusals import must_wait, next_safe
from bot.conversation.keeping.envelope import (
    NOT_DELIVERED,
    Alerted,
    AnswerDue,
    AnswerPutOff,
    AnswerWithdrawn,
    Envelope,
    Fetched,
    Forgotten,
    Given,
    NoteWritten,
    Noticed,
    Reassigned,
    Tagged,
    Unsent,
)
from bot.engine.effects import Effect, Erase, MarkCase, Send
from bot.engine.events import AnyEvent, Claimed, StaffWrote
from bot.engine.session import Past, Session
from bot.engine.step import NOBODY_AWAY, Away, step
from bot.flow.program import Program
from bot.i18n.values import Text

Beside: TypeAlias = NoteWritten | Tagged | AnswerPutOff | AnswerWithdrawn | Alerted | Unsent | Noticed | Given | Fetched
Crew: TypeAlias = frozenset[str] | None
Done: TypeAlias = tuple[Session | None, tuple[Effect, ...]]
_NOTHING: Final[tuple[Effect, ...]] = ()


def stepped(
    program: Program,
    session: Session | None,
    envelope: Envelope,
    edit: CaseEdit,
    past: Past | None,
    *,
    away: Away = NOBODY_AWAY,
    crew: Crew = None,
) -> Done:
    """Give the new conversation and what is ordered; what concerns only the case is done to `edit`. `crew`: who works here, if known."""
    event = envelope.event
    match event:
        case NoteWritten() | Tagged() | AnswerPutOff() | AnswerWithdrawn() | Alerted() | Noticed() | Given() | Fetched():
            _beside(event, envelope, edit)
            return session, _NOTHING
        case Unsent():
            return session, _unsent(event, edit)
        case Reassigned():
            return _reassigned(program, session, event, edit)
        case AnswerDue():
            return _due(program, session, event, edit, crew)
        case Forgotten():
            return None, (Erase(farewell=Text("bot.erased"), case=session.case.code if session and session.case else None),)
        case StaffWrote() if edit.index is not None:
            return _wrote(program, session, envelope, event, edit)
        case Claimed() if edit.index is not None and edit.index.claimant not in (None, envelope.by):
            return session, (MarkCase(event.case, "claimed"),)
        case _:
            return _by_engine(program, session, event, past, away)


def _by_engine(program: Program, session: Session | None, event: AnyEvent, past: Past | None = None, away: Away = NOBODY_AWAY) -> Done:
    done = step(program, session, event, away, past)
    return done.session, done.effects


def _beside(event: Beside, envelope: Envelope, edit: CaseEdit) -> None:
    match event:
        case NoteWritten():
            edit.noted(event.text, from_topic=envelope.channel == "topic")
        case Tagged():
            edit.tagged(event.tags)
        case AnswerPutOff():
            edit.put_off(event)
        case AnswerWithdrawn():
            one = edit.later(event.id)
            if one is not None:
                edit.withheld(one, "withdrawn")
        case Alerted():
            edit.alerted(event.step, event.to)
        case _:
            _became(event, edit)


def _became(event: Beside, edit: CaseEdit) -> None:
    """What became of a caseworker's words."""
    match event:
        case Given():
            edit.given(event.row)
        case Fetched():
            edit.fetched(event.upto)
        case _:
            pass  # nothing of a case


def _unsent(event: Unsent, edit: CaseEdit) -> tuple[Effect, ...]:
    """Words that were given up: staff are told of theirs, the person of the machine's."""
    if not event.case:
        return (Send(NOT_DELIVERED, (Text(NOT_DELIVERED),)),)
    edit.unsent(event.row)
    return _NOTHING


def _reassigned(program: Program, session: Session | None, event: Reassigned, edit: CaseEdit) -> Done:
    """A colleague has the case; if nobody had it, that is a claim like any other."""
    if edit.index is not None and edit.index.state == "waiting":
        edit.claims_for(event.to, note=event.note)
        return _by_engine(program, session, Claimed(at=event.at, nonce=event.nonce, case=event.case))
    edit.assigned(event.to, note=event.note)
    return session, _NOTHING


def _wrote(program: Program, session: Session | None, envelope: Envelope, event: StaffWrote, edit: CaseEdit) -> Done:
    """A caseworker's words go, or wait for a safe hour; an edit of words that still wait takes their place."""
    waits, edits = edit.later_of(envelope.source) if event.corrects else None, envelope.edits
    if waits is not None:
        edit.withheld(waits, "withdrawn")
        event, edits = structs.replace(event, corrects=waits.corrects), waits.edits
    due = must_wait(event.at, edit, program)
    if due is None:
        return _by_engine(program, session, event)
    id_ = envelope.action or event.nonce
    put_off = AnswerPutOff(at=event.at, case=event.case, id=id_, text=event.text, due=due, reply=event.reply)
    edit.put_off(put_off, corrects=event.corrects, source=envelope.source, edits=edits)
    edit.waits = True
    return session, _NOTHING


def _due(program: Program, session: Session | None, event: AnswerDue, edit: CaseEdit, crew: Crew) -> Done:
    """The hour of an answer has come."""
    one = edit.later(event.id)
    if one is None or edit.index is None:
        return session, _NOTHING
    left = crew is not None and one.by not in crew  # whoever wrote it works here no more: nobody stands for it
    if left or edit.index.unwritten or edit.index.claimant not in (None, one.by):
        edit.withheld(one, "later-not-sent")
        return session, _NOTHING
    due = next_safe(event.at, edit, program)
    if due != event.at:  # it is worked late, because nobody could before: its hour is over
        if due is None:
            edit.withheld(one, "later-not-sent")
        else:
            edit.put_further(one, due)
        return session, _NOTHING
    edit.gone(one)
    wrote = StaffWrote(at=event.at, nonce=event.nonce, case=event.case, text=one.text, reply=one.reply, corrects=one.corrects)
    return _by_engine(program, session, wrote)
