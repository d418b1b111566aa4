"""The case and its people: who has the conversation, what joins the case, what staff do.

Rule 1: while a human has the conversation the bot says nothing of its own.
Rule 2: an order of staff about another case than the open one does nothing.
Rule 3: a person who said stop is not written to, by nobody, until they write.
"""

from bot.engine.effects import AddToCase, CancelReminders, MarkCase, Relay
from bot.engine.events import CaseClosed, Claimed, MediaSent, StaffWrote
from bot.engine.handoff import raise_urgency
from bot.engine.questions import resume
from bot.engine.run import sprint
from bot.engine.turn import Turn


def add_words(turn: Turn, text: str) -> None:
    """Put the person's words on the open case."""
    if turn.case is not None:
        turn.do(AddToCase(turn.case.code, text))


def add_media(turn: Turn, event: MediaSent) -> None:
    """Put what the person sent on the open case, unopened."""
    if turn.case is not None:
        turn.do(AddToCase(turn.case.code, "", event.kind, event.file))


def to_human(turn: Turn, text: str, folded: str) -> None:
    """Words for the caseworker; danger words among them make the case urgent."""
    turn.question = None
    add_words(turn, text)
    if turn.program.lexicon.danger(folded) is not None:
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
    turn.do(Relay(turn.case.code, event.text))


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
    turn.tell("bot.machine-again")
    if turn.flow and not human:
        resume(turn)
        return
    turn.question = None
    _after(turn, case.flow, case.after)


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
    if turn.case is not None and not turn.case.unwritten:
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
