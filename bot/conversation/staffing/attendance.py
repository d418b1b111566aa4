"""Who is there: teams of which nobody is at the desk, whatever their hours say; and which colleagues have the desk open now.

Rule 1: a team with accounts is away when all of them are; one without any is there only if it has a caseworkers' group to read in.
Rule 2: who has the desk open is known in memory only, for some seconds, and is nobody's proof of work.
"""

from collections.abc import Callable

from bot.conversation.staffing.staff import StaffBook
from bot.engine.turn import Away
from bot.ports import Clock, Library

OPEN_LASTS = 30.0
"""Seconds that a desk counts as open after its last sign of life; it gives one every ten."""


class Attendance:
    """Which teams are away, and who has an account: looked at now and then, asked at every turn.

    `grouped`: whether a team has a group of caseworkers.
    """

    def __init__(self, *, staff: StaffBook, library: Library, clock: Clock, grouped: Callable[[str], bool]) -> None:
        self._staff = staff
        self._library = library
        self._clock = clock
        self._grouped = grouped
        self.away: Away = {}
        self.names: frozenset[str] | None = None  # trees of all accounts; None until it was looked

    async def look(self) -> None:
        """Look again; raises `StoreUnavailable`, and then what was known holds."""
        now = self._clock.now()
        away: dict[str, float | None] = {}
        for team in self._library.current().teams.teams:
            crew = await self._staff.of_team(team)
            if crew and all(member.away_until > now for member in crew):
                away[team] = min(member.away_until for member in crew)
            elif not crew and not self._grouped(team):
                away[team] = None
        self.away = away
        self.names = frozenset(member.name for member in await self._staff.all())


class AtDesk:
    """Which colleagues have the desk open now, by tree. `elsewhere`: tells other processes."""

    def __init__(self, clock: Clock, elsewhere: Callable[[str], None] | None = None) -> None:
        self._clock = clock
        self._elsewhere = elsewhere
        self._until: dict[str, float] = {}

    def seen(self, name: str) -> None:
        """The desk of this colleague gave a sign of life."""
        if self._elsewhere is not None:
            self._elsewhere(f"here {name}")
        self.heard(name)

    def heard(self, name: str) -> None:
        """Say it here only: another process said so."""
        self._until[name] = self._clock.steady() + OPEN_LASTS

    def names(self) -> frozenset[str]:
        """Give who has the desk open."""
        now = self._clock.steady()
        self._until = {name: until for name, until in self._until.items() if until > now}
        return frozenset(self._until)
