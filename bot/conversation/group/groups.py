"""Which group of caseworkers a team has: one for all teams, one of its own, or none.

Rule 1: a group is called by a team whose it is, not by its number, which may change; the group of all other teams has an empty name.
Rule 2: each group is a lane and a channel of its own, so that one which is out of reach or full holds up no other.
"""

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct

from bot.conversation.pacing.traffic import DESK, lane_of

NONE: Final[Mapping[str, int | None]] = {}


class Group(Struct, frozen=True):
    """One group. `key`: its name; `number`: as the operator wrote it; `teams`: whose it is, empty = of all that have no other."""

    key: str
    number: int
    teams: tuple[str, ...] = ()

    @property
    def channel(self) -> str:
        """Give the name of its channel."""
        return f"{DESK}:{self.key}" if self.key else DESK

    @property
    def lane(self) -> str:
        """Give the name of its lane."""
        return lane_of(self.channel)


class Groups:
    """All groups. `written`: number by team, empty for all other teams; None for a team that shall have none."""

    def __init__(self, written: Mapping[str, int | None] = NONE) -> None:
        common, own = written.get(""), dict[int, list[str]]()
        for team, number in written.items():
            if team and number is not None and number != common:
                own.setdefault(number, []).append(team)
        given = [Group("", common)] if common is not None else []
        self.all = (*given, *(Group(teams[0], number, tuple(teams)) for number, teams in own.items()))
        self._common = given[0] if given else None
        self._own = {team: group for group in self.all for team in group.teams}
        self._without = {team for team, number in written.items() if team and number is None}
        self.named = frozenset(team for team in written if team)

    def of(self, team: str) -> Group | None:
        """Give the group of a team, if it has one."""
        return None if team in self._without else self._own.get(team, self._common)

    def concern(self, group: Group, teams: Collection[str]) -> bool:
        """Give whether it is the group of one of these teams; none stands for all teams."""
        return not teams or any(self.of(team) == group for team in teams)


ONE: Final = Groups({"": 0})
"""One group for all, whose number does not matter."""
