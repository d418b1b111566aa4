"""Teams of people, their opening hours and the calendars of the countries: data only; `bot.engine.calendar` reads it.

Rule 1: hours are local to the country, in minutes after midnight; days are 0 (Monday) to 6 (Sunday).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on these days, in these periods (since, until) of minutes after midnight."""

    days: frozenset[int]
    periods: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A country's weekend, Ramadan spans (both days included) and holidays."""

    weekend: frozenset[int]
    ramadan: tuple[tuple[date, date], ...]
    holidays: frozenset[date]


@dataclass(frozen=True, slots=True)
class AlertStep:
    """After so many minutes unclaimed, this team, `second-line` or `on-call` is told."""

    after: int
    to: str


@dataclass(frozen=True, slots=True)
class Team:
    """One team. `first_answer`: minutes it promises for a first answer. Name id: `teams.<id>:name`."""

    id: str
    languages: tuple[str, ...]
    hours: Mapping[str, tuple[Opening, ...]]
    ramadan: Mapping[str, tuple[Opening, ...]]
    first_answer: int
    alert: tuple[AlertStep, ...]
    same_person: Literal["reopen", "new"]


@dataclass(frozen=True, slots=True)
class Teams:
    """All teams by id, and the calendar of each country."""

    teams: Mapping[str, Team]
    calendars: Mapping[str, Calendar]
