"""Why an act of a caseworker cannot be done, looked at against the case as it is now.

Rule 1: what cannot be done is an outcome, never a guess; the words stay with whoever wrote them.
Rule 2: one caseworker has a case; another may note and tag, and take it only where this file says so.
"""

from typing import Final

from bot.conversation.cases.casework import CaseEdit
from bot.conversation.keeping.envelope import (
    Alerted,
    AnswerDue,
    AnswerPutOff,
    AnswerWithdrawn,
    Envelope,
    Given,
    NoteWritten,
    Reassigned,
    Tagged,
    Unsent,
)
from bot.engine.calendar import next_in_parts
from bot.engine.events import CaseClosed, CasePassed, Claimed, Pressed, Said, StaffWrote, Started, WordPressed
from bot.engine.session import Session
from bot.flow.program import Program
from bot.ports import CaseRecord

LEFT_ALONE = 12 * 3600.0
"""Seconds after which a case whose caseworker is silent may be claimed by another; until then the bot is silent too."""
THERE = 1800.0
"""Seconds after their last words in which a person is taken to be there, whatever hours they named."""
_DEEDS: Final = (
    Claimed | StaffWrote | CasePassed | CaseClosed | Reassigned | AnswerPutOff | AnswerWithdrawn | AnswerDue | Alerted
    | NoteWritten | Tagged | Unsent | Given
)  # fmt: skip
_PERSONAL: Final = frozenset((Pressed, Said, Started, WordPressed))
"""What comes most, and is no deed: one look, where asking each kind of deed costs microseconds."""
_BESIDE: Final = NoteWritten | Tagged | Unsent | Given
"""What anyone of the team may do, and what concerns nobody's claim."""


def refusal(envelope: Envelope, session: Session | None, case: CaseRecord | None) -> str:
    """Why this cannot be done to the case, or an empty word. What hangs on its sealed file is asked of `refusal_of_file`."""
    event = envelope.event
    if type(event) in _PERSONAL or not isinstance(event, _DEEDS) or not event.case:
        return ""  # not of a case
    if case is None or case.index.state == "erased":
        return "erased"
    if envelope.teams and case.index.team not in envelope.teams:
        return "erased"  # it moved meanwhile: to who is not of its team it is gone
    if case.index.state == "closed" or session is None or session.case is None or session.case.code != event.case:
        return "closed"
    if isinstance(event, Alerted):
        return "" if case.index.state == "waiting" else "taken"
    if case.index.unwritten and isinstance(event, StaffWrote | AnswerPutOff):
        return "unwritten"
    return ""


def refusal_of_file(envelope: Envelope, edit: CaseEdit, program: Program) -> str:
    """Why this cannot be done to the case as it was opened, or an empty word."""
    event, index = envelope.event, edit.index
    if index is None or type(event) in _PERSONAL or not isinstance(event, _DEEDS) or isinstance(event, _BESIDE | Alerted | AnswerDue):
        return ""
    if index.claimant not in (None, envelope.by) and not _may_take(envelope, edit):
        return "taken"
    match event:
        case StaffWrote(corrects=True):
            return "" if edit.may_correct(source=envelope.source, edits=envelope.edits) else "unknown"
        case StaffWrote(at=at) if envelope.safely:
            return "" if is_safe(at, edit, program) else "hours"
        case AnswerWithdrawn():
            return "" if edit.later(event.id) is not None else "unknown"
        case AnswerPutOff():
            return "" if is_safe(event.due, edit, program) else "hours"
        case _:
            return ""


def _may_take(envelope: Envelope, edit: CaseEdit) -> bool:
    """Whether a colleague may take over: a supervisor says so, or who has the case did nothing for so long that nobody may be there."""
    match envelope.event:
        case Reassigned(over=over):
            return over
        case CasePassed(of=of):
            return bool(of) and edit.index is not None and of == edit.index.claimant
        case Claimed(at=at):
            return at - edit.file.staffed_at >= LEFT_ALONE
        case _:
            return False


def is_safe(at: float, edit: CaseEdit, program: Program) -> bool:
    """Whether this is an hour that the person called safe, or they named none."""
    return next_safe(at, edit, program) == at


def must_wait(at: float, edit: CaseEdit, program: Program) -> float | None:
    """Until when a caseworker's words must wait: the person called no such hour safe, and is not there. None: they may go now."""
    if at - edit.file.wrote_at < THERE:
        return None
    due = next_safe(at, edit, program)
    return due if due is not None and due > at else None


def next_safe(at: float, edit: CaseEdit, program: Program) -> float | None:
    """From when on, at this time or later, an hour is safe; None if nobody knows."""
    hours = edit.file.safe_hours
    return next_in_parts(at, edit.file.country or None, hours, program.service) if hours else at
