"""The record of rights, for supervisors and operators: who changed what colleagues may do and how they come in, and when.

Rule 1: it is read here and written nowhere here; a supervisor reads what is of colleagues of their teams.
"""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staffing.rights import may
from bot.conversation.staffing.rightsbook import RightsChange
from bot.web.account import eye_of
from bot.web.desk.eye import Eye
from bot.web.errors import page as error_page
from bot.web.pages import Pages
from bot.web.parts import WebParts
from bot.web.visits import visit_of

PATH = "/desk/staff-record"
"""Not under `/desk/staff/`, where any account may be called so."""
AT_ONCE = 100


class Row(NamedTuple):
    """One entry in words. `by` empty: a command at the server. `alone`: nobody's deed, the group made the account."""

    day: str
    time: str
    whom: str
    tree: str
    what: str
    by: str
    own: bool
    alone: bool


async def page(request: Request) -> Response:
    """The entries, the latest first; `of`: of one account; `from`: so many later ones left out."""
    visit = visit_of(request)
    if visit is None:
        return RedirectResponse("/signin", 303)
    if not may(visit.member, "staff"):
        return error_page(request, 404)
    parts: WebParts = request.app.state.parts
    pages: Pages = request.app.state.pages
    eye, asked = eye_of(request, visit), request.query_params
    of, start = asked.get("of", "")[:40], asked.get("from", "0")
    first = int(start) if start.isdecimal() and len(start) < 8 else 0
    found = await parts.staff.rights.read(visit.member, of=of)
    rows = [_row(one, eye) for one in found[first : first + AT_ONCE]]
    return pages.page(
        "staff_record.html", eye.language, member=visit.member, eye=eye, manages=True, path=PATH, rows=rows, of=of if found else "",
        earlier=first + AT_ONCE if len(found) > first + AT_ONCE else 0, later=first > 0,
    )  # fmt: skip


def _row(one: RightsChange, eye: Eye) -> Row:
    return Row(
        eye.day(one.at), eye.hours(one.at), one.whom, one.tree, _words(one, eye), one.by_tree, one.by == one.whom, one.what == "grouped"
    )


def _words(one: RightsChange, eye: Eye) -> str:
    match one.what:
        case "added":
            return eye.say("record.added", after=_roles(one.after, eye), teams=_teams(one.teams, eye))
        case "roles":
            return eye.say("record.roles", before=_roles(one.before, eye), after=_roles(one.after, eye))
        case "teams":
            return eye.say("record.teams", before=_teams(one.before, eye), after=_teams(one.after, eye))
        case "link" | "ended":
            return eye.say(f"record.{one.what}.{one.after[0]}")
        case _:
            return eye.say(f"record.{one.what}")


def _roles(roles: tuple[str, ...], eye: Eye) -> str:
    return eye.say("staff.and").join(eye.say(f"role.{role}") for role in roles)


def _teams(teams: tuple[str, ...], eye: Eye) -> str:
    return eye.say("staff.and").join(eye.team(team) for team in teams) or eye.say("me.all-teams")


ROUTES = [Route(PATH, page, methods=["GET"])]
