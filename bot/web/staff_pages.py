"""Colleagues: who there is, who is away, and their accounts, for supervisors and operators.

Rule 1: whose account may be changed, and to what, `bot.conversation.staffing.rights` says; nobody gets more by their own hand.
Rule 2: a one-time link is shown once, in the answer to the request that made it, and stands in no address of ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staffing.absence import away_until, shown
from bot.conversation.staffing.door import Kind, Visit
from bot.conversation.staffing.rights import ROLES, may, may_give, may_manage
from bot.conversation.staffing.staff import LINES, LastOperator, StaffMember, is_id, is_mail
from bot.engine.calendar import local
from bot.web.account import eye_of
from bot.web.desk.eye import Eye
from bot.web.errors import page as error_page
from bot.web.pages import LANGUAGES, Pages
from bot.web.parts import WebParts
from bot.web.visits import visit_of

SAID = ("saved", "ended", "removed", "away", "back")
MOST = 500
"""Open cases at once that a form may give somebody."""


class Line(NamedTuple):
    """One colleague in the table."""

    member: StaffMember
    away: str
    sessions: int
    seen: str
    mine: bool


class Sight(NamedTuple):
    """One request of somebody who may look here."""

    request: Request
    parts: WebParts
    visit: Visit
    eye: Eye


def _sight(request: Request) -> Sight | Response:
    visit = visit_of(request)
    if visit is None:
        return RedirectResponse("/signin", 303)
    if not may(visit.member, "staff"):
        return error_page(request, 404)
    return Sight(request, request.app.state.parts, visit, eye_of(request, visit))


async def everyone(request: Request) -> Response:
    """The table, and the form of an invitation."""
    sight = _sight(request)
    return sight if isinstance(sight, Response) else await _table(sight)


async def _table(sight: Sight, *, wrong: str = "", values: Mapping[str, Any] | None = None) -> Response:
    said = sight.request.query_params.get("said", "")
    sessions = await sight.parts.door.all_sessions()
    lines = [_line(sight, one, sessions.get(one.id, [])) for one in await sight.parts.staff.list() if _seen(sight.visit.member, one)]
    lines.sort(key=lambda line: (line.member.id != sight.visit.member.id, line.member.name))
    blank: Mapping[str, Any] = {"roles": ("caseworker",), "teams": (), "speaks": (), "countries": (), "lines": (), "capacity": 12}
    return _drawn(sight, "staff.html", wrong=wrong, lines=lines, said=said if said in SAID else "", values={**blank, **(values or {})})


def _seen(manager: StaffMember, other: StaffMember) -> bool:
    """A supervisor sees who shares a team with them."""
    return may(manager, "all-staff") or not manager.teams or not other.teams or bool(set(manager.teams) & set(other.teams))


def _line(sight: Sight, member: StaffMember, visits: Sequence[Visit]) -> Line:
    seen = f"{local(visits[0].session.seen, None, sight.eye.program.service):%d/%m/%Y}" if visits else ""
    away = sight.eye.clock(member.away_until) if member.away_until > sight.eye.now else ""
    return Line(member, away, len(visits), seen, may_manage(sight.visit.member, member))


async def one(request: Request) -> Response:
    """One account."""
    sight = _sight(request)
    if isinstance(sight, Response):
        return sight
    member = await _theirs(sight)
    said = request.query_params.get("said", "")
    return error_page(request, 404) if member is None else await _account(sight, member, said=said if said in SAID else "")


async def _theirs(sight: Sight) -> StaffMember | None:
    member = await sight.parts.staff.member(sight.request.path_params["id"])
    return member if member is not None and may_manage(sight.visit.member, member) else None


async def _account(sight: Sight, member: StaffMember, *, said: str = "", wrong: str = "", link: str = "", kind: str = "") -> Response:
    visits = await sight.parts.door.sessions(member)
    return _drawn(
        sight, "staff_one.html", wrong=wrong, line=_line(sight, member, visits), said=said, link=link, kind=kind, values=_of(member),
        soonest=shown(sight.eye.now, sight.eye.program.service),
    )  # fmt: skip


def _of(member: StaffMember) -> dict[str, Any]:
    names = ("roles", "teams", "speaks", "countries", "lines", "capacity", "mail")
    return {name: getattr(member, name) for name in names}


def _drawn(sight: Sight, template: str, *, wrong: str, **more: Any) -> Response:
    pages: Pages = sight.request.app.state.pages
    me, program = sight.visit.member, sight.eye.program
    countries = [(code, program.texts.say(f"countries.{code}", sight.eye.language)) for code in program.service.countries]
    return pages.page(
        template, sight.eye.language, status=422 if wrong else 200, member=me, eye=sight.eye, wrong=wrong, manages=True, path="/desk/staff",
        roles=ROLES if may(me, "all-staff") else ("caseworker",), lines_there=LINES, countries=countries,
        teams=tuple(team for team in program.teams.teams if not me.teams or team in me.teams), whole=not me.teams, **more,
    )  # fmt: skip


# ── changing ──
async def invite(request: Request) -> Response:
    """Make an account and show its link."""
    sight = _sight(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form()
    id_, fields = str(form.get("id", "")).strip().lower(), _fields(sight, form)
    wrong = await _wrong(sight, None, fields)
    if not is_id(id_):
        wrong = "id"
    elif await sight.parts.staff.member(id_) is not None:
        wrong = "taken"
    if wrong:
        return await _table(sight, wrong=wrong, values={**fields, "id": id_})
    member = await sight.parts.staff.add(id_, by=sight.visit.member, **{"language": sight.visit.member.language, **fields})
    return await _with_link(sight, member, "invite")


async def act(request: Request) -> Response:
    """Change one thing of one account."""
    sight = _sight(request)
    if isinstance(sight, Response):
        return sight
    member = await _theirs(sight)
    if member is None:
        return error_page(request, 404)
    form = await request.form()
    what = request.path_params["what"]
    if what == "link":
        has = await sight.parts.door.has_password(member)
        return await _with_link(sight, await sight.parts.door.end_all(member, by=sight.visit.member), "reset" if has else "invite")
    if what == "save":
        said = await _save(sight, member, _fields(sight, form))
    else:
        said = await _do(sight, member, what, str(form.get("until", "")))
    if said not in SAID:
        return await _account(sight, member, wrong=said)
    return RedirectResponse(f"/desk/staff?said={said}" if said == "removed" else f"/desk/staff/{member.id}?said={said}#said", 303)


async def _with_link(sight: Sight, member: StaffMember, kind: Kind) -> Response:
    token = await sight.parts.door.link(member, kind, by=sight.visit.member)
    return await _account(sight, member, link=f"{sight.parts.public_url}/signin?token={token}", kind=kind)


async def _save(sight: Sight, member: StaffMember, fields: dict[str, Any]) -> str:
    wrong = await _wrong(sight, member, fields)
    if wrong:
        return wrong
    try:
        await sight.parts.staff.change(member, by=sight.visit.member, **fields)
    except LastOperator:
        return "last"
    return "saved"


async def _do(sight: Sight, member: StaffMember, what: str, until: str) -> str:
    staff, said = sight.parts.staff, what
    match what:
        case "away":
            then = away_until(until, sight.eye.program.service, sight.eye.now)
            if then is None:
                return "until"
            await staff.change(member, away_until=then)
        case "back":
            await staff.change(member, away_until=0.0)
        case "end":
            await sight.parts.door.end_all(member, by=sight.visit.member)
            said = "ended"
        case "remove":
            if member.id == sight.visit.member.id:
                return "own"
            try:
                await staff.remove(member.id, by=sight.visit.member)
            except LastOperator:
                return "last"
            said = "removed"
        case _:
            said = "nothing"
    return said


async def _wrong(sight: Sight, member: StaffMember | None, fields: Mapping[str, Any]) -> str:
    if fields["mail"] and not is_mail(fields["mail"]):
        return "mail"
    if not fields["roles"]:
        return "no-role"
    if may_give(sight.visit.member, member, fields["roles"], fields["teams"]):
        return ""
    return "own" if member is not None and member.id == sight.visit.member.id else "rights"


def _fields(sight: Sight, form: FormData) -> dict[str, Any]:
    """What the form says, of what there is."""
    program, said = sight.eye.program, str(form.get("capacity", ""))
    there: Mapping[str, Sequence[str]] = {
        "roles": ROLES, "teams": tuple(program.teams.teams), "speaks": tuple(LANGUAGES), "countries": tuple(program.service.countries),
        "lines": LINES,
    }  # fmt: skip
    chosen: dict[str, Any] = {name: tuple(value for value in values if value in form.getlist(name)) for name, values in there.items()}
    capacity = min(int(said), MOST) if said.isdecimal() and len(said) < 10 else 12
    return {**chosen, "mail": str(form.get("mail", "")).strip(), "capacity": capacity}


ROUTES = [
    Route("/desk/staff", everyone, methods=["GET"]),
    Route("/desk/staff", invite, methods=["POST"]),
    Route("/desk/staff/{id}", one, methods=["GET"]),
    Route("/desk/staff/{id}/{what}", act, methods=["POST"]),
]
