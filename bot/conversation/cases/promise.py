"""How much of a team's promise is used up: what a person has waited within the hours in which the team is at work.

Rule 1: a team that is closed does not age its promise; a night, a weekend and a feast cost nobody their place.
Rule 2: hours are worked out once a day for each team and country, so that thousands of cases are put in order in an instant.
"""

from bisect import bisect_right

from bot.engine.calendar import openings
from bot.flow.program import Program

DAY = 86_400.0
AHEAD = 2 * DAY
FURTHEST = 92 * DAY
"""What waits longer than that is late beyond any promise."""
UNKNOWN = 3600.0
"""Seconds promised by a team that a publish took away while its cases wait: they are not to sink for it."""


class Shifts:
    """One team's hours for one country, from `since` to `until`, to be asked how much of them lies before a moment."""

    __slots__ = ("_begins", "_ends", "_sums", "since", "until")

    def __init__(self, spans: list[tuple[float, float]], since: float, until: float) -> None:
        self.since = since
        self.until = until
        self._begins = [begin for begin, _ in spans]
        self._ends = [end for _, end in spans]
        self._sums = [0.0]
        for begin, end in spans:
            self._sums.append(self._sums[-1] + end - begin)

    def before(self, at: float) -> float:
        """Give the seconds at work up to this moment."""
        n = bisect_right(self._begins, at)
        return self._sums[n] - max(self._ends[n - 1] - at, 0.0) if n else 0.0

    def at_work(self, at: float) -> bool:
        """Whether this moment lies in the hours."""
        n = bisect_right(self._begins, at)
        return n > 0 and at < self._ends[n - 1]


class Promises:
    """The promises of the teams of a program. Another program, or another day, begins anew."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._known: dict[tuple[str, str], Shifts] = {}

    def used(self, program: Program, team: str, country: str, since: float, now: float) -> tuple[float, bool]:
        """Give the part of the promise that is used up (1.0: all of it) by who waits since then, and whether the team is at work now."""
        found = program.teams.teams.get(team)
        if found is None:
            return (now - since) / UNKNOWN, True
        shifts = self._shifts(program, team, country, since, now)
        waited = shifts.before(now) - shifts.before(since)
        return waited / max(found.first_answer * 60.0, 1.0), shifts.at_work(now)

    def worked(self, program: Program, team: str, country: str, since: float, until: float) -> float:
        """Give the seconds between two moments in which the team was at work; all of them if there is no such team."""
        if team not in program.teams.teams:
            return until - since
        shifts = self._shifts(program, team, country, since, until)
        return shifts.before(until) - shifts.before(since)

    def _shifts(self, program: Program, team: str, country: str, since: float, now: float) -> Shifts:
        if program is not self._program:
            self._program, self._known = program, {}
        known = self._known.get((team, country))
        if known is not None and now < known.until and (known.since <= since or known.since <= now - FURTHEST):
            return known
        first, last = max(min(since, now - DAY) - 7 * DAY, now - FURTHEST - DAY), now + AHEAD
        spans = openings(program.teams, team, country or None, since=first, until=last, service=program.service)
        made = self._known[team, country] = Shifts(spans, first, last)
        return made
