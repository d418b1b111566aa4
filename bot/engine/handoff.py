"""Putting a case in a team's queue: what goes, to whom, and what the person is told.

Rule 1: nothing a person answered goes without their yes in this very run; the compiler proves it, and it is checked here again.
Rule 2: one open case a person; its urgency only rises, and a case that moves takes only what was agreed for that team.
"""

from collections.abc import Mapping
from hashlib import blake2b

from bot.engine.asking import label_id
from bot.engine.effects import Alert, OpenCase, RaiseUrgency, Send
from bot.engine.filling import filled, minutes, opening, shown
from bot.engine.plan import YES, Spot
from bot.engine.session import CaseView, Past
from bot.engine.turn import Turn
from bot.flow.answers import SKIPPED, Answer
from bot.flow.program import Consent, Handoff, Target, ToEnd, ToFlow, ToLeave, ToStep, Urgency
from bot.i18n.values import Text, Value

HOURS, WAY, PHRASE = "safe-hours", "way", "code-words"
"""Answers that say how it is safe to write."""
YOU_FIRST = "i-write"
"""The way of who wants that nobody writes before they do."""
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
        _add(turn, old, step, fields, consent)
        return
    past = _reopens(turn, step.team) if old is None else None
    code = old.code if old is not None else past.code if past is not None else case_code(turn.nonce)
    urgency = step.urgency if old is None else _higher(old.urgency, step.urgency)
    names = tuple(sorted(fields))
    first, hours = _given(turn, WAY, fields) == YOU_FIRST, _hours(turn, fields)
    after = _words(turn, step.after)
    turn.case = CaseView(
        code, step.team, urgency, names, turn.flow, after, consent is not None, first, hours, turn.country or "", they_first=first
    )
    if turn.who == "bot":
        turn.who = "waiting"
    _order(turn, turn.case, fields, old, consent, reopened=past is not None)
    say_waiting(turn, step.id, sensitive=spot.flow.sensitive)


def say_waiting(turn: Turn, message: str | None = None, *, sensitive: bool = True) -> None:
    """Say when the team of the open case is likely to answer; if nobody is there and nobody knows when, say that.

    `message`: what it is called, if not by its text.
    """
    if turn.case is None:
        return
    text = waiting(turn)
    turn.do(Send(message or text.id, (text,), sensitive=sensitive))


def waiting(turn: Turn) -> Text:
    """When the team of the open case is likely to answer."""
    team = turn.case.team if turn.case is not None else ""
    if turn.is_staffed(team):
        text = filled(turn, "bot.waiting-open", first_answer=minutes(turn.program.teams.teams[team].first_answer))
    else:
        text = filled(turn, "bot.waiting-closed", next=opening(turn, team)) or known(turn, "bot.waiting-nobody")
    return text or Text("bot.passed-on")


def known(turn: Turn, text_id: str, *values: tuple[str, Value]) -> Text | None:
    """A text of the engine that flows of an earlier version may not have."""
    return Text(text_id, values) if turn.program.texts.has(text_id) else None


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


def _reopens(turn: Turn, team: str) -> Past | None:
    """The closed case that goes on, where the team wants it so."""
    row = turn.program.teams.teams.get(team)
    past = turn.past
    return past if past is not None and row is not None and past.team == team and row.same_person == "reopen" else None


def _add(turn: Turn, old: CaseView, step: Handoff, fields: dict[str, tuple[Text, Value]], consent: Consent | None) -> None:
    names = tuple(sorted({*old.names, *fields}))
    urgency = _higher(old.urgency, step.urgency)
    consented = old.consented or step.consent is not None
    hours, country = _hours(turn, fields) or old.hours, turn.country or old.country
    after, first = _words(turn, step.after), _given(turn, WAY, fields) == YOU_FIRST
    they_first = first or (old.they_first and _given(turn, WAY, fields) is None)
    turn.case = CaseView(old.code, old.team, urgency, names, turn.flow, after, consented, first, hours, country, they_first=they_first)
    if fields:
        _order(turn, turn.case, fields, old, consent)
    elif urgency != old.urgency:
        turn.do(RaiseUrgency(old.code, urgency))


def _order(
    turn: Turn,
    case: CaseView,
    fields: dict[str, tuple[Text, Value]],
    old: CaseView | None,
    consent: Consent | None,
    *,
    reopened: bool = False,
) -> None:
    turn.do(
        OpenCase(
            code=case.code,
            team=case.team,
            urgency=case.urgency,
            fields=tuple(fields.values()),
            names=case.names,
            new=old is None and not reopened,
            moved=old is not None and old.team != case.team,
            safe_hours=_hours(turn, fields),
            reopened=reopened,
            need=turn.flow if consent is not None else "",
            country=case.country,
            withheld=_withheld(turn, fields),
            phrase=_phrase(turn, fields),
            unwritten=case.unwritten,
            way=fields[WAY][1] if _given(turn, WAY, fields) not in (None, SKIPPED) else None,
        )
    )


def _given(turn: Turn, name: str, fields: Mapping[str, object]) -> Answer | None:
    """An answer, if it was agreed to show it."""
    return (turn.shared if name in turn.program.shared else turn.own).get(name) if name in fields else None


def _hours(turn: Turn, fields: Mapping[str, object]) -> tuple[str, ...]:
    hours = _given(turn, HOURS, fields)
    return tuple(hours) if isinstance(hours, tuple | list) else ()


def _phrase(turn: Turn, fields: Mapping[str, object]) -> str:
    phrase = _given(turn, PHRASE, fields)
    return phrase if isinstance(phrase, str) and phrase != SKIPPED else ""


def _withheld(turn: Turn, fields: Mapping[str, object]) -> int:
    """How many answers of this run are not among those shown."""
    consents = {spot.name for spot in turn.spots if isinstance(spot.step, Consent)}
    given = {**turn.shared, **turn.own}
    return sum(1 for name, answer in given.items() if name not in fields and name not in consents and answer != SKIPPED)


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
