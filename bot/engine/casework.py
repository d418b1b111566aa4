"""The case and its people: who has the conversation, what joins the case, what staff do.

Rule 1: while a human has the conversation the bot says nothing of its own.
Rule 2: an order of staff about another case than the open one does nothing.
Rule 3: a person who said stop is not written to, by nobody, until they write.
Rule 4: that somebody is there, or that the case goes on elsewhere or is closed, is said in hours the person called safe, or while they
are there.
"""

from bot.engine.calendar import next_in_parts
from bot.engine.effects import AddToCase, CancelReminders, MarkCase, PassCase, Relay, Send
from bot.engine.events import CaseClosed, CasePassed, Claimed, MediaSent, StaffWrote
from bot.engine.followup import ask_later
from bot.engine.handoff import known, raise_urgency, waiting
from bot.engine.questions import resume
from bot.engine.run import sprint
from bot.engine.session import CaseView
from bot.engine.startable import startable
from bot.engine.turn import Turn
from bot.i18n.values import Ref, Text

THERE = 1800.0
"""Seconds after their last words in which a person is taken to be there."""


def add_words(turn: Turn, text: str) -> None:
    """Put the person's words on the open case."""
    if turn.case is not None:
        turn.do(AddToCase(turn.case.code, text))


def add_media(turn: Turn, event: MediaSent) -> None:
    """Put what the person sent on the open case, unopened."""
    if turn.case is not None:
        turn.do(AddToCase(turn.case.code, "", event.kind, event.file))
        _say_who_is_here(turn)


def to_human(turn: Turn, text: str, folded: str) -> None:
    """Words for the caseworker; danger words among them make the case urgent."""
    turn.question = None
    add_words(turn, text)
    _say_who_is_here(turn)
    if turn.program.lexicon.danger(folded) is not None:
        raise_urgency(turn, "now")


def corrected(turn: Turn, text: str, folded: str) -> None:
    """The person changed their words: staff see both; danger words in them count."""
    if turn.case is None:
        return
    turn.do(AddToCase(turn.case.code, text, edited=True))
    if turn.who == "human" and turn.program.lexicon.danger(folded) is not None:
        raise_urgency(turn, "now")


def claimed(turn: Turn, event: Claimed) -> None:
    """A caseworker has the case: open flows are dropped and the bot is silent."""
    if turn.case is None or turn.case.code != event.case or turn.who == "human":
        return
    turn.do(MarkCase(turn.case.code, "claimed"))
    _take_over(turn)


def staff_wrote(turn: Turn, event: StaffWrote) -> None:
    """A caseworker's words go to the person as they are."""
    if turn.case is None or turn.case.code != event.case or turn.case.unwritten:
        return
    if turn.who != "human":
        turn.do(MarkCase(turn.case.code, "claimed"))
        _take_over(turn)
    _say_who_is_here(turn)
    turn.do(_words(turn, event, turn.case.code))


def _words(turn: Turn, event: StaffWrote, code: str) -> Relay:
    """What goes to the person: words as they were typed, or a canned reply in the person's language."""
    reply = f"replies.{event.reply}"
    if event.reply and turn.program.texts.has(reply):
        return Relay(code, turn.program.texts.say(reply, turn.language), Text(reply))
    return Relay(code, event.text, corrects=event.corrects)


def passed(turn: Turn, event: CasePassed) -> None:
    """The case waits again, in the queue of this team: the person hears so, and what they agreed to share goes no further by itself."""
    case = turn.case
    if case is None or case.code != event.case or event.team not in turn.program.teams.teams:
        return
    moved = event.team != case.team
    turn.changed_case(team=event.team, unsaid=False)
    if moved and not event.agreed:
        turn.changed_case(names=(), consented=False)  # the safe hours stay: whoever writes next keeps to them
    turn.who = "waiting"
    turn.do(PassCase(case.code, event.team, event.agreed or not moved))
    if not case.unwritten and not _is_unsafe(turn, case) and (not event.of or _is_safe_hour(turn, case)):
        name = ("team", Ref(f"teams.{event.team}:name"))
        told = known(turn, "bot.passed-team", name) if moved else known(turn, "bot.passed-same")
        parts = (told, waiting(turn)) if told is not None else (waiting(turn),)
        turn.do(Send(parts[0].id, parts, sensitive=True))


def _is_unsafe(turn: Turn, case: CaseView) -> bool:
    """Whether the person must not be written to now without having asked: it is no safe hour, and they are not there."""
    return turn.at - turn.seen_at >= THERE and not _is_safe_hour(turn, case)


def _is_safe_hour(turn: Turn, case: CaseView) -> bool:
    """Whether this is an hour that the person called safe, or they named none."""
    return not case.hours or next_in_parts(turn.at, case.country or None, case.hours, turn.program.service) == turn.at


def closed(turn: Turn, event: CaseClosed) -> None:
    """The case is closed: the bot answers again, from where the handoff said; a flow that was never interrupted goes on."""
    case = turn.case
    if case is None or case.code != event.case:
        return
    turn.do(MarkCase(case.code, "closed"))
    human, turn.who, turn.case = turn.who == "human", "bot", None
    if case.unwritten:
        turn.leave()
        return
    if event.follow_up and not case.they_first:
        ask_later(turn, case)
    if _is_unsafe(turn, case) and not event.flow:
        if human or not turn.flow:
            turn.leave()
        return
    turn.tell("bot.machine-again")
    if turn.flow and not human and not event.flow:
        resume(turn)
        return
    turn.question = None
    chosen = event.flow if event.flow in startable(turn.program) else ""
    _after(turn, case.flow, f"flow:{chosen}" if chosen else case.after)


def left(turn: Turn) -> None:
    """The person cannot be reached any more."""
    turn.leave()
    turn.reminders = ()
    turn.do(CancelReminders())
    if turn.case is not None:
        turn.changed_case(unwritten=True)
        turn.do(MarkCase(turn.case.code, "left"))


def writes_again(turn: Turn) -> None:
    """The person who said stop wrote: staff may answer."""
    if turn.case is not None and turn.case.unwritten:
        turn.changed_case(unwritten=False)
        turn.do(MarkCase(turn.case.code, "may-write"))


def _take_over(turn: Turn) -> None:
    turn.open(())
    turn.cut = True
    turn.question = None
    turn.picked = ()
    turn.who = "human"
    turn.changed_case(unsaid=True)
    if turn.case is not None and not turn.case.unwritten and not _is_unsafe(turn, turn.case):
        _say_who_is_here(turn)


def _say_who_is_here(turn: Turn) -> None:
    """Say once that a person answers now, before their first words or when the person writes, whichever comes first."""
    if turn.who == "human" and turn.case is not None and turn.case.unsaid:
        turn.changed_case(unsaid=False)
        turn.tell("bot.human-here")


def _after(turn: Turn, flow: str, after: str) -> None:
    kind, _, name = after.partition(":")
    spot = turn.plan.at.get((flow, name)) if kind == "step" else None
    turn.open(())
    turn.cut = True
    if spot is not None:
        turn.begin(flow)
        turn.index = spot.index
        sprint(turn)
    elif kind == "flow" and name in turn.plan.spots:
        turn.begin(name)
        sprint(turn)
    else:
        turn.leave()
