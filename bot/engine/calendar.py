"""When a team or a contact is open, and which part of the day it is where the person is.

Rule 1: hours are read in the local time of the country, its clock changes, its holidays and its Ramadan included.
Rule 2: where the country is not known, open means open in one of them, and next means the first of them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.flow.service import Service
from bot.flow.teams import Calendar, Opening, Teams

DAYS_AHEAD = 15
_BY_DAY = (9 * 60, 18 * 60)
"""From nine to six: when somebody may be written to who named no hours."""
_NO_CALENDAR = Calendar(frozenset(), (), frozenset())


def local(at: float, country: str | None, service: Service) -> datetime:
    """The local time in the country at `at` (UTC seconds); the first served country stands in for one that is not known."""
    place = service.countries.get(country or "") or next(iter(service.countries.values()), None)
    return datetime.fromtimestamp(at, UTC if place is None else ZoneInfo(place.zone))


def part_of_day(at: float, country: str | None, service: Service) -> str | None:
    """The key of the part of the day that it is in the country, or None if no part holds it."""
    now = local(at, country, service)
    minute = now.hour * 60 + now.minute
    return next((part.key for part in service.hours if _holds(part.since, part.until, minute)), None)


def next_in_parts(at: float, country: str | None, parts: Sequence[str], service: Service) -> float | None:
    """The first time (UTC seconds) from `at` on that lies in one of the parts of the day, or None if there is none."""
    spans = [(part.since, part.until) for part in service.hours if part.key in parts]
    now = local(at, country, service)
    minute = now.hour * 60 + now.minute
    if any(_holds(since, until, minute) for since, until in spans):
        return at
    starts = [_at(now.date() + timedelta(days=ahead), since, now) for ahead in (0, 1) for since, _ in spans]
    return min((start.timestamp() for start in starts if start > now), default=None)


def next_by_day(at: float, country: str | None, service: Service) -> float:
    """The first time (UTC seconds) from `at` on that is by day in the country."""
    now = local(at, country, service)
    since, until = _BY_DAY
    if _holds(since, until, now.hour * 60 + now.minute):
        return at
    starts = (_at(now.date() + timedelta(days=ahead), since, now) for ahead in (0, 1))
    return min(start.timestamp() for start in starts if start > now)


def is_open(teams: Teams, team: str, country: str | None, at: float, service: Service) -> bool:
    """Whether somebody of the team is at work now for people in the country."""
    return any(_open_until(rows, local(at, land, service)) is not None for land, rows in _tables(teams, team, country))


def next_opening(teams: Teams, team: str, country: str | None, at: float, service: Service) -> tuple[datetime, str] | None:
    """The first opening after now within 15 days, as local time, and the country it is in; None if there is none."""
    found = []
    for land, rows in _tables(teams, team, country):
        opening = _next(rows, local(at, land, service))
        if opening is not None:
            found.append((opening, land))
    return min(found, default=None, key=lambda each: each[0].timestamp())


def attended_from(teams: Teams, team: str, country: str | None, at: float, service: Service) -> tuple[datetime, str] | None:
    """The first moment from `at` on at which the team is open, as local time, and the country; None if there is none within 15 days."""
    for land, rows in _tables(teams, team, country):
        here = local(at, land, service)
        if _open_until(rows, here) is not None:
            return here, land
    return next_opening(teams, team, country, at, service)


def openings(
    teams: Teams, team: str, country: str | None, *, since: float, until: float, service: Service
) -> list[tuple[float, float]]:  # fmt: skip
    """When the team is at work for people in the country, from the day of `since` to that of `until`: (begin, end), UTC seconds.

    They are in order, and spans that touch are one.
    """
    spans = [
        span
        for land, rows in _tables(teams, team, country)
        for span in rows.spans(local(since, land, service) - timedelta(days=1), local(until, land, service))
    ]
    merged: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return merged


def open_until(hours: Sequence[Opening], calendar: Calendar | None, now: datetime) -> datetime | None:
    """Until when these hours are open at the local time `now`; None if they are closed."""
    return _open_until(_Rows(hours, (), calendar or _NO_CALENDAR), now)


def opens_next(hours: Sequence[Opening], calendar: Calendar | None, now: datetime) -> datetime | None:
    """The first opening of these hours after the local time `now`, within 15 days."""
    return _next(_Rows(hours, (), calendar or _NO_CALENDAR), now)


class _Rows:
    """Opening hours of one team or contact in one country."""

    __slots__ = ("calendar", "ramadan", "usual")

    def __init__(self, usual: Sequence[Opening], ramadan: Sequence[Opening], calendar: Calendar) -> None:
        self.usual = usual
        self.ramadan = ramadan
        self.calendar = calendar

    def on(self, day: date) -> Iterator[tuple[int, int]]:
        """Periods of the day in minutes; none if it is a holiday or no row names it."""
        if day in self.calendar.holidays:
            return
        fasting = self.ramadan and any(since <= day <= until for since, until in self.calendar.ramadan)
        for row in self.ramadan if fasting else self.usual:
            if day.weekday() in row.days:
                yield from row.periods

    def spans(self, first: datetime, last: datetime) -> Iterator[tuple[float, float]]:
        """Periods of these days, both included, in UTC seconds."""
        day = first.date()
        while day <= last.date():
            for since, until in self.on(day):
                begin, end = _at(day, since, first), _at(day, until if until > since else until + 24 * 60, first)
                yield begin.timestamp(), end.timestamp()
            day += timedelta(days=1)


def _tables(teams: Teams, team: str, country: str | None) -> Iterator[tuple[str, _Rows]]:
    row = teams.teams.get(team)
    if row is None:  # taken away by a publish while a case waits: nobody is at work there
        return
    # A country that is known but not served by the team counts as not known: someone of the team is at work somewhere.
    for land in (country,) if country is not None and country in row.hours else tuple(row.hours):
        yield land, _Rows(row.hours[land], row.ramadan.get(land, ()), teams.calendars.get(land, _NO_CALENDAR))


def _holds(since: int, until: int, minute: int) -> bool:
    return since <= minute < until if since < until else minute >= since or minute < until


def _at(day: date, minutes: int, like: datetime) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=like.tzinfo)
    return midnight + timedelta(minutes=minutes)  # wall clock: minutes of the day, whatever the zone did at night


def _open_until(rows: _Rows, now: datetime) -> datetime | None:
    for day in (now.date() - timedelta(days=1), now.date()):
        for since, until in rows.on(day):
            begin = _at(day, since, now)
            end = _at(day, until if until > since else until + 24 * 60, now)
            if begin <= now < end:
                return end
    return None


def _next(rows: _Rows, now: datetime) -> datetime | None:
    for ahead in range(DAYS_AHEAD + 1):
        day = now.date() + timedelta(days=ahead)
        later = [begin for begin in (_at(day, since, now) for since, _ in rows.on(day)) if begin > now]
        if later:
            return min(later)
    return None
