"""Under which circumstances a flow is played: one beginning for each that makes a difference.

Rule 1: only what a condition of the flow, or of one that it calls, asks about is varied; each by itself, not every mixture.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from bot.checks.player import first_moment
from bot.engine.calendar import local
from bot.flow import program as p
from bot.flow.answers import SKIPPED, Answer, Choice, Choices
from bot.studio.playing.matters import Matters
from bot.studio.playing.preview import next_moment, teams_of

_NIGHT: Final = 13 * 3600.0
"""From ten in the morning to eleven at night."""
There = Literal["", "open", "closed", "nobody"]


@dataclass(frozen=True, slots=True)
class Root:
    """One beginning. `words`: its local time; `there`: who is at the desk; `known`: shared answers given before."""

    country: str
    at: float
    words: str
    there: There = ""
    away: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def shared(self) -> Mapping[str, Answer]:
        """Shared answers at the beginning."""
        told = {"country": self.country} if self.country else {}
        return {name: value for name, value in {**told, **self.known}.items() if name != "heard"}

    @property
    def heard(self) -> str:
        """What was heard before."""
        return self.known.get("heard", "")


def roots(program: p.Program, flow: str, asked: Matters) -> Iterator[Root]:
    """The beginnings that make a difference, the plainest first."""
    countries = tuple(program.service.countries)
    first = countries[0] if countries else ""
    yield _root(program, flow, first)
    if "country" in asked.named:
        yield from (_root(program, flow, country) for country in countries[1:])
        yield _root(program, flow, "")
    if asked.hands_over or any(name.startswith("team.") for name in asked.named):
        yield from (_root(program, flow, first, there=there) for there in _THERE)
        if "country" in asked.named:
            yield from (_root(program, flow, "", there=there) for there in _THERE)
    if "now" in asked.named:
        yield _root(program, flow, first, later=_NIGHT)
    for name in asked.elsewhere:
        yield from (_root(program, flow, first, known={name: value}) for value in _values(program, name))
    if "heard" in asked.named:
        keys = sorted({choice.key for each in program.flows.values() for step in each.steps for choice in _heard(step)})
        yield from (_root(program, flow, first, known={"heard": key}) for key in keys)


_THERE: Final[tuple[There, ...]] = ("open", "closed")


def _root(
    program: p.Program, flow: str, country: str, *, there: There = "", later: float = 0.0, known: Mapping[str, str] = MappingProxyType({})
) -> Root:
    at = first_moment(program, country or None) + later
    teams = teams_of(program, flow)
    if there in {"open", "closed"}:
        at = next_moment(program, country, at, teams, is_staffed=there == "open")
    words = f"{local(at, country or None, program.service):%Y-%m-%d %H:%M}"
    return Root(country, at, words, there, teams if there == "nobody" else (), MappingProxyType(dict(known)))


def _values(program: p.Program, name: str) -> tuple[str, ...]:
    kind = program.shared.get(name)
    keys = tuple(choice.key for choice in kind.choices) if isinstance(kind, Choices) and not kind.many else ()
    return (*keys, SKIPPED)


def _heard(step: p.Step) -> tuple[Choice, ...]:
    return step.type.choices if isinstance(step, p.Ask) and step.heard and isinstance(step.type, Choices) else ()
