"""Putting a case in a team's queue: what goes, to whom, and what the person is told.

Rule 1: nothing a person answered goes without their yes in this very run; the compiler proves it, and it is checked here again.
Rule 2: one open case a person; its urgency only rises, and a case that moves takes only what was agreed for that team.
"""

from hashlib import blake2b

from bot.engine.asking import label_id
from bot.engine.effects import Alert, OpenCase, RaiseUrgency, Send
from bot.engine.filling import filled, minutes, opening, shown
from bot.engine.plan import YES, Spot
from bot.engine.session import CaseView
from bot.engine.turn import Turn
from bot.flow.program import Consent, Handoff, Target, ToEnd, ToFlow, ToLeave, ToStep, Urgency
from bot.i18n.values import Text, Value

_SAYABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_RANK: dict[Urgency, int] = {"normal": 0, "high": 1, "now": 2}


def hand_off(turn: Turn, spot: Spot, step: Handoff) -> None:
    """Open, add to or move the case; without the yes it stands on, tell the operator and do nothing."""
    consent = _consent(turn, step)
    if consent is None and step.consent is not None:
        turn.do(Alert("handoff-without-consent", step.id))
        return
    turn.cut = True
    fields = _fields(turn, consent)
    old = turn.case
    if old is not None and old.team == step.team:
        _add(turn, old, step, fields)
        return
    code = old.code if old is not None else case_code(turn.nonce)
    urgency = step.urgency if old is None else _higher(old.urgency, step.urgency)
    names = tuple(sorted(fields))
    turn.case = case = CaseView(code, step.team, urgency, names, turn.flow, _words(turn, step.after), consent is not None)
    if turn.who == "bot":
        turn.who = "waiting"
    _order(turn, case, fields, old)
    say_waiting(turn, step.id, sensitive=spot.flow.sensitive)


def say_waiting(turn: Turn, message: str | None = None, *, sensitive: bool = True) -> None:
    """Say when the team of the open case is likely to answer. `message`: what it is called, if not by its text."""
    if turn.case is None:
        return
    team = turn.case.team
    if turn.is_staffed(team):
        text = filled(turn, "bot.waiting-open", first_answer=minutes(turn.program.teams.teams[team].first_answer))
    else:
        text = filled(turn, "bot.waiting-closed", next=opening(turn, team))
    text = text or Text("bot.passed-on")
    turn.do(Send(message or text.id, (text,), sensitive=sensitive))


def case_code(nonce: str) -> str:
    """A code that can be said aloud, with 30 bits of the chance in the nonce, from which nothing else can be read."""
    number = int.from_bytes(blake2b(nonce.encode(), digest_size=8, person=b"case").digest())
    letters = "".join(_SAYABLE[number >> (5 * place) & 31] for place in range(6))
    return f"{letters[:3]}-{letters[3:]}"


def raise_urgency(turn: Turn, urgency: Urgency) -> None:
    """Make the open case at least this urgent."""
    if turn.case is not None and _RANK[urgency] > _RANK[turn.case.urgency]:
        turn.changed_case(urgency=urgency)
        turn.do(RaiseUrgency(turn.case.code, urgency))


def _consent(turn: Turn, step: Handoff) -> Consent | None:
    if step.consent is None or turn.own.get(step.consent) != YES:
        return None
    given = turn.plan.at[turn.flow, step.consent].step
    return given if isinstance(given, Consent) and given.to == step.team else None


def _fields(turn: Turn, consent: Consent | None) -> dict[str, tuple[Text, Value]]:
    """Name → label and value of what was consented to and answered."""
    fields: dict[str, tuple[Text, Value]] = {}
    for name in consent.shows if consent is not None else ():
        answer = turn.shared.get(name) if name in turn.program.shared else turn.own.get(name)
        if answer is not None:
            value = shown(turn.plan, turn.plan.own_type(turn.flow, name), answer, turn.country)
            fields[name] = (Text(label_id(turn, name)), value)
    return fields


def _add(turn: Turn, old: CaseView, step: Handoff, fields: dict[str, tuple[Text, Value]]) -> None:
    names = tuple(sorted({*old.names, *fields}))
    urgency = _higher(old.urgency, step.urgency)
    consented = old.consented or step.consent is not None
    turn.case = CaseView(old.code, old.team, urgency, names, turn.flow, _words(turn, step.after), consented, old.unwritten)
    if fields:
        _order(turn, turn.case, fields, old)
    elif urgency != old.urgency:
        turn.do(RaiseUrgency(old.code, urgency))


def _order(turn: Turn, case: CaseView, fields: dict[str, tuple[Text, Value]], old: CaseView | None) -> None:
    hours = (turn.shared if "safe-hours" in turn.program.shared else turn.own).get("safe-hours") if "safe-hours" in fields else None
    turn.do(
        OpenCase(
            code=case.code,
            team=case.team,
            urgency=case.urgency,
            fields=tuple(fields.values()),
            names=case.names,
            new=old is None,
            moved=old is not None and old.team != case.team,
            safe_hours=tuple(hours) if isinstance(hours, tuple | list) else (),
        )
    )


def _higher(one: Urgency, other: Urgency) -> Urgency:
    return one if _RANK[one] >= _RANK[other] else other


def _words(turn: Turn, target: Target) -> str:
    match target:
        case ToStep(index):
            return f"step:{turn.spots[index].name}"
        case ToFlow(flow):
            return f"flow:{flow}"
        case ToEnd():
            return "end"
        case ToLeave():
            return "leave"
