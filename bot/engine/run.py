"""The sprint: from one answer to the next wait, step by step.

Rule 1: a sprint always ends: at a wait, at the end, or after MAX_STEPS, which the operator is told.
Rule 2: what was interrupted is never continued past: it asks again.
"""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from bot.engine.asking import HUMAN, ask, say, show
from bot.engine.calendar import next_in_parts
from bot.engine.effects import Alert, CancelReminders, Erase, Keyboard, Remind
from bot.engine.filling import seeker
from bot.engine.handoff import hand_off
from bot.engine.plan import ENOUGH, NEXT, NO, SKIP, YES, Spot
from bot.engine.session import Reminder
from bot.engine.turn import Turn
from bot.flow import program as flow
from bot.flow.answers import SKIPPED, Answer, Free, Language
from bot.i18n.values import Text

MAX_STEPS = 200
_DAY = 24 * 60 * 60


def sprint(turn: Turn) -> None:
    """Run from where the turn stands to the next wait, or until nothing is open."""
    for _ in range(MAX_STEPS):
        if turn.waits or not turn.flow:
            return
        if turn.index >= len(turn.spots):
            end(turn)
            continue
        spot = turn.spots[turn.index]
        when = spot.step.when
        if when is not None and not when(turn.own, turn.shared, turn.builtin):
            turn.index += 1
        else:
            _RUN[spot.kind](turn, spot, spot.step)
    if turn.waits or not turn.flow:
        return
    turn.do(Alert("too-many-steps", turn.flow))
    turn.leave()
    turn.tell("bot.offer-human", HUMAN)


def give(turn: Turn, spot: Spot, answer: Answer) -> None:
    """Take the answer to the question that waits, and run on."""
    turn.saves = True
    turn.waits = False
    turn.wrong = 0
    turn.picked = ()
    step = spot.step
    match step:
        case flow.Ask():
            _answered(turn, spot, step, answer)
        case flow.Consent():
            _agreed(turn, step, str(answer))
        case flow.Pages():
            _turned(turn, step, answer)
        case _:  # pragma: no cover - no other step waits
            raise AssertionError(step.id)
    sprint(turn)


def move(turn: Turn, target: flow.Target) -> None:
    """Stand at a target."""
    match target:
        case flow.ToStep(index):
            turn.index = index
            turn.page = 0
        case flow.ToFlow(name):
            turn.met = turn.met or turn.flow == turn.program.service.first
            turn.begin(name)
        case flow.ToEnd():
            end(turn)
        case flow.ToLeave():
            turn.leave()
        case _:
            assert_never(target)


def end(turn: Turn) -> None:
    """The flow on top is over: its caller goes on, what it interrupted asks again, or the conversation is over."""
    over = turn.over
    if turn.below:
        turn.drop()
        if over:
            turn.tell("bot.we-were-here")
            wait(turn)
        else:
            turn.index += 1
    elif over:
        begin_first(turn, again=turn.met)
    else:
        turn.leave()


def begin_first(turn: Turn, *, again: bool = False) -> None:
    """Begin with the flow for who is new, or, `again`, with the menu of who has been through it; the sprint goes on from there."""
    service = turn.program.service
    turn.open(())
    turn.begin(service.on_menu if again else service.first)
    turn.waits = False
    turn.cut = True


def wait(turn: Turn) -> None:
    """Ask what stands here, as a new question, and wait."""
    spot = turn.spot()
    if spot is not None:
        ask(turn, spot)
        turn.waits = True


def erase(turn: Turn) -> None:
    """Everything kept of this person goes, the case too."""
    turn.effects = [Keyboard(show=False), Erase(Text("bot.erased"), turn.case.code if turn.case is not None else None)]
    turn.erased = True
    turn.leave()


def set_language(turn: Turn, code: str) -> None:
    """Speak this language from here on."""
    turn.language = code
    turn.spoken = True
    turn.do(Keyboard(show=True))


# ── answers ──
def _answered(turn: Turn, spot: Spot, step: flow.Ask, answer: Answer) -> None:
    free = isinstance(step.type, Free) and answer != SKIPPED
    if free:
        turn.written = (turn.flow, spot.name, str(answer))
    if not free or spot.name in spot.flow.shown:
        turn.put(spot.name, answer)
    if isinstance(step.type, Language) and answer != SKIPPED:
        set_language(turn, str(answer))
    _follow(turn, spot, step, answer)


def _follow(turn: Turn, spot: Spot, step: flow.Ask, answer: Answer) -> None:
    """Go where a choice leads, or to the next step."""
    turn.index = spot.index
    key = SKIP if answer == SKIPPED else answer
    target = step.go.get(key) if isinstance(key, str) else None
    called = step.call.get(key) if isinstance(key, str) else None
    if target is not None:
        move(turn, target)
    elif called is not None:
        turn.enter(called, over=False)
    else:
        turn.index += 1


def _agreed(turn: Turn, step: flow.Consent, answer: str) -> None:
    turn.put(step.key, answer)
    if answer == NO:
        turn.drop_own(turn.plan.free[turn.flow].intersection(step.shows))
        move(turn, step.no)
    else:
        turn.index += 1


def _turned(turn: Turn, step: flow.Pages, answer: Answer) -> None:
    """Next, Enough, or the page of this number (0 is the first)."""
    page = answer if isinstance(answer, int) else turn.page + 1
    if answer == ENOUGH or (answer == NEXT and page >= len(step.pages)):
        turn.index += 1
        turn.page = 0
    else:
        turn.page = page
        wait(turn)


# ── steps ──
def _say(turn: Turn, spot: Spot, step: flow.Say) -> None:
    say(turn, spot, step)
    turn.index += 1


def _ask(turn: Turn, spot: Spot, step: flow.Ask) -> None:
    if not spot.steady:
        known = turn.known(spot) if step.once else None
        if known is not None:
            _follow(turn, spot, step, known)
            return
        if turn.heard and turn.heard in spot.heard:
            heard, turn.heard = turn.heard, ""
            _answered(turn, spot, step, heard)
            return
        if spot.choices is None and not spot.choices_in(turn.country, turn.program):
            _answered(turn, spot, step, SKIPPED)
            return
    ask(turn, spot)
    turn.waits = True


def _wait(turn: Turn, spot: Spot, _step: flow.Step) -> None:
    turn.page = 0
    ask(turn, spot)
    turn.waits = True


def _contacts(turn: Turn, spot: Spot, step: flow.Contacts) -> None:
    who = seeker(turn, step.country)
    cards = turn.plan.shelf.shown(step.need, who, step.max)
    show(turn, spot, step, cards)
    turn.effects += [Alert("contact-expired", row) for row in turn.plan.shelf.past(step.need, who)]
    if not cards:
        turn.do(Alert("no-contact", f"{step.need}:{who.country or 'any'}"))
    turn.index += 1


def _handoff(turn: Turn, spot: Spot, step: flow.Handoff) -> None:
    hand_off(turn, spot, step)
    turn.index += 1


def _decide(turn: Turn, _spot: Spot, step: flow.Decide) -> None:
    for row in step.rows:
        if row.when is None or row.when(turn.own, turn.shared, turn.builtin):
            move(turn, row.go)
            return


def _go(turn: Turn, _spot: Spot, step: flow.Go) -> None:
    move(turn, step.to)


def _call(turn: Turn, _spot: Spot, step: flow.Call) -> None:
    turn.enter(step.flow, over=False)


def _set(turn: Turn, _spot: Spot, step: flow.Set) -> None:
    turn.put(step.answer, step.to)
    turn.index += 1


def _forget(turn: Turn, _spot: Spot, step: flow.Forget) -> None:
    turn.cut = True
    match step.what:
        case "answers":
            turn.own = {}
        case "reminders":
            turn.reminders = ()
            turn.do(CancelReminders())
        case "everything":
            erase(turn)
            return
        case _:
            assert_never(step.what)
    turn.index += 1


def _remind(turn: Turn, _spot: Spot, step: flow.Remind) -> None:
    hours = turn.shared.get("safe-hours", turn.own.get("safe-hours"))
    if turn.own.get(step.consent) == YES and isinstance(hours, tuple | list):
        due = next_in_parts(turn.at + step.minutes * 60, turn.country, hours, turn.program.service)
        if due is not None:
            others = tuple(each for each in turn.reminders if each.name != step.id)
            turn.reminders = (*others, Reminder(step.id, tuple(hours), turn.country or "", due))
            turn.do(Remind(turn.life, step.id, due))
    turn.index += 1


def _end(turn: Turn, _spot: Spot, _step: flow.End) -> None:
    end(turn)


def _leave(turn: Turn, _spot: Spot, _step: flow.Leave) -> None:
    turn.leave()


_RUN: Mapping[type, Callable[[Turn, Spot, Any], None]] = {  # each gets the step of its own type
    flow.Say: _say,
    flow.Ask: _ask,
    flow.Pages: _wait,
    flow.Contacts: _contacts,
    flow.Consent: _wait,
    flow.Handoff: _handoff,
    flow.Decide: _decide,
    flow.Go: _go,
    flow.Call: _call,
    flow.Set: _set,
    flow.Forget: _forget,
    flow.Remind: _remind,
    flow.End: _end,
    flow.Leave: _leave,
}
