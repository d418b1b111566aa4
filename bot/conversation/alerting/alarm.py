"""Who must be told of a case that waits: pure; time is an input.

Rule 1: steps for a team and for the second line count minutes in which the case's team is at work; those for on-call, and every step of a
case in danger, count all minutes.
Rule 2: steps are taken in order and once; one whose time has come brings those before it along.
Rule 3: nobody is alarmed for a person who must not be written to.
Rule 4: a case whose team a publish took away is told of by the clock, to whoever sees all teams.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.conversation.cases.promise import UNKNOWN, Promises
from bot.conversation.cases.view import waits
from bot.flow.program import Program
from bot.flow.teams import AlertStep
from bot.ports import CaseIndex

AT_ONCE = 20.0
"""Seconds that a new case is seen at the desk before the first line is written to."""
LEFT = 2.0
"""So many times the promise after which a claimed case whose person waits counts as left alone."""
ON_CALL, SECOND_LINE = "on-call", "second-line"
Neglect: TypeAlias = Literal["", "late", "left"]


@dataclass(frozen=True, slots=True)
class Waited:
    """How long a person waits, in seconds: by the clock, and of it in hours of the case's team. `urgent`: only the clock counts."""

    plain: float
    working: float
    urgent: bool

    def of(self, to: str) -> float:
        """Give how long it is for those who are told: `on-call`, a line or a team."""
        return self.plain if self.urgent or to == ON_CALL else self.working


def waited(promises: Promises, program: Program, case: CaseIndex, country: str, now: float) -> Waited:
    """Give how long the person of this case waits: in the queue, or for the answer of who claimed it."""
    since = min(now, waits(case) or now)
    team = program.teams.teams.get(case.team)
    used, _ = promises.used(program, case.team, country, since, now)
    return Waited(now - since, used * team.first_answer * 60 if team is not None else now - since, case.urgency == "now")


def steps_of(program: Program, case: CaseIndex) -> tuple[AlertStep, ...]:
    """Give the alert steps of the case's team; a team that is gone has none."""
    team = program.teams.teams.get(case.team)
    return team.alert if team is not None else ()


def due_steps(program: Program, case: CaseIndex, wait: Waited) -> int:
    """Give how many of the team's steps must have been taken by now."""
    if case.state != "waiting" or case.unwritten:
        return 0
    steps = steps_of(program, case)
    return max((n for n, step in enumerate(steps, 1) if wait.of(step.to) >= step.after * 60), default=0)


def first_line_due(case: CaseIndex, wait: Waited) -> bool:
    """Whether those of the team must be written to: the case has been seen at the desk for a moment of their hours, and nobody took it."""
    return case.state == "waiting" and not case.unwritten and wait.of(case.team) >= AT_ONCE


def neglect(program: Program, case: CaseIndex, wait: Waited) -> Neglect:
    """Give whether a claimed case is `late` (its person waits longer than the team promises) or `left` alone (twice as long)."""
    if case.state != "claimed" or not case.asked or case.unwritten:
        return ""
    part = wait.of(case.team) / promised(program, case.team)
    return "left" if part >= LEFT else "late" if part >= 1 else ""


def past_promise(program: Program, case: CaseIndex, wait: Waited) -> bool:
    """Whether the person of this case, claimed or not, has waited longer than the team promises."""
    return bool(waits(case)) and not case.unwritten and wait.of(case.team) >= promised(program, case.team)


def promised(program: Program, team: str) -> float:
    """Give the seconds within which the team promises a first answer."""
    found = program.teams.teams.get(team)
    return found.first_answer * 60.0 if found is not None else UNKNOWN
