"""What stands between a draft and the people who will receive it, and what whoever looks can do about it now.

Rule 1: the page says the same as the workshop would: a button that is offered works, one that is not says why.
"""

from typing import Literal, NamedTuple

from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember
from bot.studio.drafts.parts import DraftHead
from bot.studio.mending.review import Standing
from bot.web.studio.trial_runs import Tally

Deed = Literal["ask", "approve", "publish"]


class Gate(NamedTuple):
    """`deed`: the act that is next; `why`: what stops it (empty: nothing), as the end of `publish.why.<why>`.

    `back`: whether whoever looks may send it back. `approved`: whether the yes holds for the draft as it is.
    """

    deed: Deed
    why: str
    back: bool
    approved: bool


def gate_of(head: DraftHead, standing: Standing, tests: Tally | None, member: StaffMember, *, behind: bool) -> Gate:
    """Give what is next, for this colleague. `tests`: None while they were not run; `behind`: its base is not in force."""
    deed: Deed = "publish" if head.state == "approved" else "approve" if _approves(head, member) else "ask"
    waits = head.state in ("asked", "approved")
    why = "over" if head.state in ("published", "dropped") else _stops(standing, tests, behind=behind)
    if not why and deed == "publish":
        why = "role" if not may(member, "publish") else "tests-unknown" if tests is None else ""
    if deed == "ask" and head.state == "asked":
        why = "own" if may(member, "publish") and member.id in head.authors else "asked"
    return Gate(deed, why, waits and may(member, "publish") and member.id not in head.authors, head.state == "approved")


def _approves(head: DraftHead, member: StaffMember) -> bool:
    return head.state == "asked" and may(member, "publish") and member.id not in head.authors


def _stops(standing: Standing, tests: Tally | None, *, behind: bool) -> str:
    if not standing.changes:
        return "changes"
    if behind:
        return "behind"
    if standing.errors:
        return "problems"
    return "tests" if tests is not None and tests.failed else ""
