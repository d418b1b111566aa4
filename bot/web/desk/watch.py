"""The supervisor's page: the whole desk at a glance, kept current, and cases given to colleagues from there.

Rule 1: it shows codes, marks and times; no word of anybody, and no case is opened for it.
Rule 2: everything comes from the queue in memory; a count too small to be shown is in no part of the page.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staffing.rights import may
from bot.ports import StoreUnavailable
from bot.web.desk import watch_view
from bot.web.desk.sight import Sight, sight_of
from bot.web.desk.view import counts
from bot.web.errors import page as error_page

SAID = ("done", "slow")
WEEK = 7


async def watch(request: Request) -> Response:
    """The page."""
    sight = await _sight(request)
    if isinstance(sight, Response):
        return sight
    said = request.query_params.get("said", "")
    return await _drawn(sight, said=said if said in SAID else "")


async def part(request: Request) -> Response:
    """Its parts, for a script that puts them in place of the old ones."""
    sight = await sight_of(request, None)
    if sight is None:
        return Response(status_code=401)
    if not may(sight.staff, "watch"):
        return Response(status_code=404)
    return sight.pages.page("watch_parts.html", sight.eye.language, **await _values(sight))


async def give(request: Request) -> Response:
    """Give a case to a colleague."""
    sight = await _sight(request)
    if isinstance(sight, Response):
        return sight
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    code, to, action = form.get("code", ""), form.get("to", ""), sight.action(form.get("action", ""))
    outcome = "failed"
    if may(sight.staff, "reassign") and to:
        try:
            outcome = await sight.parts.desk.transfer(code, sight.staff, action, to=to)
        except StoreUnavailable:
            outcome = "down"
    if outcome in SAID:
        return RedirectResponse(f"/desk/watch?said={outcome}", 303)
    return await _drawn(sight, said="down" if outcome == "down" else "failed", status=503 if outcome == "down" else 409)


async def _sight(request: Request) -> Sight | Response:
    sight = await sight_of(request, None)
    if sight is None:
        return RedirectResponse("/signin", 303)
    return sight if may(sight.staff, "watch") else error_page(request, 404)


async def _drawn(sight: Sight, *, said: str, status: int = 200) -> Response:
    return sight.pages.page(
        "watch.html", sight.eye.language, status=status, member=sight.staff, manages=may(sight.staff, "staff"), path="/desk/watch",
        said=said, good=said in SAID, **await _values(sight),
    )  # fmt: skip


async def _values(sight: Sight) -> dict[str, Any]:
    view, eye, staff = sight.parts.view, sight.eye, sight.staff
    await view.ready(ended=True)
    everything = view.rows(staff)
    ended = view.rows(staff, show="closed")
    waits = [seen for seen in everything if seen.waits]
    crew = [one for one in await sight.parts.staff.all() if not staff.teams or not one.teams or set(staff.teams) & set(one.teams)]
    loads = view.loads()
    since = watch_view.midnight(eye) - (WEEK - 1) * watch_view.DAY
    found = watch_view.answers((*everything, *ended), eye, since=since)
    charts, table = watch_view.by_hour((*everything, *(seen for seen in ended if seen.index.state == "closed")), found, eye, since=since)
    teams = [team for team in eye.program.teams.teams if not staff.teams or team in staff.teams]
    present = {team: await sight.parts.staff.present(team, eye.now) for team in teams}
    return {
        "counts": counts(everything, eye),
        "waits": watch_view.waiting(waits, crew, loads, eye),
        "more": max(len(waits) - watch_view.ROWS, 0),
        "gives": may(staff, "reassign"),
        "opens": may(staff, "open-case"),
        "loads": watch_view.loads_of(crew, everything, loads, eye),
        "spans": watch_view.spans(found, eye),
        "charts": charts,
        "table": table,
        "shifts": watch_view.shifts(teams, present, eye),
        "action": sight.parts.chance(16),
    }


ROUTES = [
    Route("/desk/watch", watch, methods=["GET"]),
    Route("/desk/watch/part", part, methods=["GET"]),
    Route("/desk/watch/give", give, methods=["POST"]),
]
