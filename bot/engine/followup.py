"""One short question some time after a case was closed: how it went.

Rule 1: it is asked in the hours the person called safe; who named none is asked by day, in the time of their country.
Rule 2: never to who said stop or wants to write first, never while a case is open, and once only.
"""

from bot.engine.calendar import next_by_day, next_in_parts
from bot.engine.effects import Remind
from bot.engine.run import sprint
from bot.engine.session import CaseView, Reminder
from bot.engine.turn import Turn

FOLLOW_UP = "follow-up"
"""Name of its reminder; no step is called so, since a step's name holds a point."""
WAIT = 24 * 3600.0
"""Seconds from the closing on."""
LIVELY = 3600.0
"""Seconds by which it gives way to who is in the middle of something."""


def ask_later(turn: Turn, case: CaseView) -> None:
    """Remember to ask; nothing if the service has no such flow, or no hour is safe."""
    if not turn.program.service.on_follow_up:
        return
    due = _fitting(turn, turn.at + WAIT, case.country, case.hours)
    if due is not None:
        _remind(turn, Reminder(FOLLOW_UP, case.hours, case.country, due))


def rung(turn: Turn, reminder: Reminder) -> None:
    """Its time has come: ask, put it off, or let it be."""
    flow = turn.program.service.on_follow_up
    others = tuple(each for each in turn.reminders if each is not reminder)
    if turn.case is not None or not flow or flow not in turn.plan.spots:
        turn.reminders = others
        return
    talking = turn.flow and turn.at - turn.seen_at <= turn.plan.ask_safe_after
    due = _fitting(turn, turn.at + (LIVELY if talking else 0), reminder.country, reminder.hours)
    if due is not None and due > turn.at:
        _remind(turn, Reminder(FOLLOW_UP, reminder.hours, reminder.country, due))
        return
    turn.reminders = others
    if due is None:
        return
    if turn.at - turn.seen_at > turn.plan.forget_after:
        turn.leave()
    turn.seen_at = turn.at  # who answers this answers now, and is not asked first whether that is safe
    turn.cut = True
    turn.question = None
    if turn.flow:
        turn.enter(flow, over=True)
    else:
        turn.begin(flow)
    sprint(turn)


def _fitting(turn: Turn, at: float, country: str, hours: tuple[str, ...]) -> float | None:
    if hours:
        return next_in_parts(at, country or None, hours, turn.program.service)
    return next_by_day(at, country or None, turn.program.service)


def _remind(turn: Turn, reminder: Reminder) -> None:
    turn.reminders = (*(each for each in turn.reminders if each.name != reminder.name), reminder)
    turn.do(Remind(turn.life, reminder.name, reminder.at))
