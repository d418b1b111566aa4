"""Who may do what at the desk: roles, the acts each allows, and who may change whose account.

Rule 1: an act that is not named here is allowed to nobody; roles add up.
Rule 2: whoever runs the service (operator) reads no case by that alone.
"""

from collections.abc import Collection, Mapping
from typing import Literal, Protocol

Role = Literal["caseworker", "supervisor", "flow-admin", "publisher", "reporter", "operator"]
ROLES: tuple[Role, ...] = ("caseworker", "supervisor", "flow-admin", "publisher", "reporter", "operator")
Act = Literal[
    "see-queue", "open-case", "claim", "answer", "note", "tag", "close", "transfer", "hand-back",
    "reassign", "watch", "draft", "publish", "report", "staff", "all-staff",
]  # fmt: skip
_DESK: frozenset[Act] = frozenset({"see-queue", "open-case", "claim", "answer", "note", "tag", "close", "transfer", "hand-back"})
_MAY: Mapping[Role, frozenset[Act]] = {
    "caseworker": _DESK,
    "supervisor": _DESK | {"reassign", "watch", "report", "staff"},
    "flow-admin": frozenset({"draft"}),
    "publisher": frozenset({"draft", "publish"}),
    "reporter": frozenset({"report"}),
    "operator": frozenset({"watch", "staff", "all-staff"}),
}


class Roled(Protocol):
    """Whoever has roles (`bot.conversation.staffing.staff.StaffMember`)."""

    @property
    def roles(self) -> tuple[Role, ...]: ...  # noqa: D102


def may(member: Roled, act: Act) -> bool:
    """Give whether one of this colleague's roles allows the act. Whose cases: their teams, which the desk looks at by itself."""
    return any(act in _MAY[role] for role in member.roles)


class Placed(Roled, Protocol):
    """Whoever has roles and teams."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def teams(self) -> tuple[str, ...]: ...  # noqa: D102


def may_manage(manager: Placed, other: Placed) -> bool:
    """Give whether this account is the manager's to change: an operator's all are, a supervisor's the caseworkers of their teams."""
    if may(manager, "all-staff"):
        return True
    return may(manager, "staff") and manager.id != other.id and set(other.roles) == {"caseworker"} and _within(other.teams, manager.teams)


def may_give(manager: Placed, other: Placed | None, roles: Collection[Role], teams: Collection[str]) -> bool:
    """Give whether the manager may make the account so. `other`: as it is now, None = new. One's own account only ever gets less."""
    if other is not None and other.id == manager.id:
        return may(manager, "all-staff") and set(roles) <= set(manager.roles) and _within(teams, manager.teams)
    if may(manager, "all-staff"):
        return True
    return may(manager, "staff") and set(roles) == {"caseworker"} and _within(teams, manager.teams)


def _within(teams: Collection[str], own: Collection[str]) -> bool:
    """No team stands for all teams."""
    return not own or (bool(teams) and set(teams) <= set(own))
