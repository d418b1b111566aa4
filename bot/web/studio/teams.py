"""Teams and hours: a week to look at, a form for each team, the calendars, and what somebody who writes at a moment is told.

Rule 1: hours are drawn as they run, from right to left where the page does; the words stand beside the drawing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.engine.calendar import local
from bot.flow.language import DAYS, NAME_RE, RESERVED
from bot.studio.editing.edits import Clash, SetValue
from bot.studio.files.filenames import stem_of
from bot.studio.showing.hours import LINES, TEAMS, Roster, TeamRow, roster, told_at
from bot.studio.showing.week import strips
from bot.web.errors import page as error_page
from bot.web.studio import team_form as forms
from bot.web.studio.contact_form import packed, seen_of
from bot.web.studio.editing import written
from bot.web.studio.frame import Sight, drawn, health_of, sight_of

SAID = ("saved", "added", "removed", "same")


async def _rosters(sight: Sight) -> Roster:
    return await sight.studio.bench(roster, sight.bundle, sight.language)


# ── all teams ──
async def everything(request: Request) -> Response:
    """The teams, their weeks, the calendars."""
    sight = await sight_of(request)
    return sight if isinstance(sight, Response) else await _page(sight)


async def _page(
    sight: Sight, *, country: str = "", fields: Mapping[str, str] | None = None, wrong: str = "", clashes: Sequence[Clash] = ()
) -> Response:
    listed, asked = await _rosters(sight), sight.request.query_params
    now = local(sight.parts.clock.now(), None, sight.parts.program().service)
    chosen = {
        "team": asked.get("team", "") or next((team.id for team in listed.teams), ""),
        "country": asked.get("country", "") or next(iter(listed.countries), ""),
        "when": asked.get("when", "") or f"{now:%Y-%m-%dT%H:%M}",
    }
    told = await sight.studio.bench(told_at, sight.bundle, chosen["team"], chosen["country"], chosen["when"])
    weeks = [
        (team, [(code, team.weeks.get(code, {}), strips(team.weeks.get(code, {}))) for code in listed.countries if team.weeks.get(code)])
        for team in listed.teams
    ]
    calendars = [
        (code, name, {**forms.calendar_of(listed.calendars.get(code, {})), **((fields or {}) if code == country else {})})
        for code, name in listed.countries.items()
    ]
    said = asked.get("said", "")
    return await drawn(
        sight, "studio/teams.html", tab="teams", status=422 if wrong or clashes else 200, listed=listed, weeks=weeks,
        calendars=calendars, days=DAYS,
        chosen=chosen, told=told, said=said if said in SAID else "", wrong_in=country if wrong else "", wrong=wrong, clashes=clashes,
    )  # fmt: skip


async def calendar(request: Request) -> Response:
    """Write a country's weekend, Ramadan and holidays."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, country = await _rosters(sight), request.path_params["country"]
    if country not in listed.countries:
        return error_page(request, 404)
    fields = forms.calendar_from(await request.form())
    try:
        edits = forms.calendar_edits(country, fields, listed.calendars.get(country, {}))
    except ValueError as bad:
        return await _page(sight, country=country, fields=fields, wrong=str(bad)[:40])
    done = await written(sight, edits)
    if isinstance(done, Response):
        return done
    if done:
        return await _page(sight, country=country, fields=fields, clashes=done)
    return RedirectResponse(f"/studio/d/{sight.head.id}/teams?said={'saved' if edits else 'same'}", 303)


# ── one team ──
class Filled(NamedTuple):
    """What the form shows: the fields, as they were seen, what is wrong, what another wrote."""

    fields: Mapping[str, str]
    seen: Mapping[str, str]
    wrong: Mapping[str, str] = {}
    clashes: Sequence[Clash] = ()
    id_: str = ""


async def one(request: Request) -> Response:
    """The form of one team."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed = await _rosters(sight)
    team = listed.team(request.path_params["team"])
    if team is None:
        return error_page(request, 404)
    fields = forms.fields_of(team, listed)
    return await _form(sight, listed, team, Filled(fields, fields))


async def new(request: Request) -> Response:
    """An empty form."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed = await _rosters(sight)
    fields = forms.fields_of(None, listed)
    return await _form(sight, listed, None, Filled(fields, fields))


async def _form(sight: Sight, listed: Roster, team: TeamRow | None, filled: Filled) -> Response:
    said, health = sight.request.query_params.get("said", ""), await health_of(sight)
    found = [each for each in health.found if each.area == "teams" and team is not None and each.item == team.id] if health else []
    return await drawn(
        sight, "studio/team.html", tab="teams", status=422 if filled.wrong or filled.clashes else 200, listed=listed, team=team,
        f=filled.fields,
        wrong=filled.wrong, was=packed(filled.seen), clashes=filled.clashes, id_=filled.id_, days=DAYS, found=found,
        alerts=range(forms.ALERTS),
        lines=LINES, said=said if said in SAID else "",
    )  # fmt: skip


async def save(request: Request) -> Response:
    """Write what was changed in the form."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, form = await _rosters(sight), await request.form()
    team = listed.team(request.path_params["team"])
    if team is None:
        return error_page(request, 404)
    now = forms.fields_of(team, listed)
    fields, seen = forms.fields_from(form, now), seen_of(form) or now
    if wrong := forms.faults(fields, listed):
        return await _form(sight, listed, team, Filled(fields, seen, wrong))
    edits = forms.edits_for(team.id, fields, seen, team, listed)
    done = await written(sight, edits)
    if isinstance(done, Response):
        return done
    if done:
        return await _form(sight, listed, team, Filled(fields, now, clashes=done))
    return RedirectResponse(f"/studio/d/{sight.head.id}/teams/{team.id}?said={'saved' if edits else 'same'}", 303)


async def add(request: Request) -> Response:
    """Make a new team."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed, form = await _rosters(sight), await request.form()
    now = forms.fields_of(None, listed)
    fields, stated = forms.fields_from(form, now), str(form.get("id", "")).strip().lower()
    wrong = forms.faults(fields, listed)
    id_ = stated or stem_of((fields[f"name.{code}"] for code in listed.languages), "team", without=("the",))
    if NAME_RE.fullmatch(id_) is None or id_ in RESERVED or id_ in LINES or listed.team(id_) is not None:
        wrong["id"] = "id"
    done = () if wrong else await written(sight, forms.added(id_, fields, listed))
    if isinstance(done, Response):
        return done
    if wrong or done:
        return await _form(sight, listed, None, Filled(fields, now, wrong, done, stated))
    return RedirectResponse(f"/studio/d/{sight.head.id}/teams/{id_}?said=added", 303)


async def remove(request: Request) -> Response:
    """Take a team away."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    listed = await _rosters(sight)
    team = listed.team(request.path_params["team"])
    if team is not None:
        done = await written(sight, [SetValue(TEAMS, ("teams", team.id), None, dict(team.is_))])
        if isinstance(done, Response):
            return done
        if done:
            return await _page(sight, clashes=done)
    return RedirectResponse(f"/studio/d/{sight.head.id}/teams?said=removed", 303)


ROUTES: list[Any] = [
    Route("/studio/d/{draft}/teams", everything, methods=["GET"]),
    Route("/studio/d/{draft}/teams", add, methods=["POST"]),
    Route("/studio/d/{draft}/teams/new", new, methods=["GET"]),
    Route("/studio/d/{draft}/teams/{team}", one, methods=["GET"]),
    Route("/studio/d/{draft}/teams/{team}", save, methods=["POST"]),
    Route("/studio/d/{draft}/teams/{team}/remove", remove, methods=["POST"]),
    Route("/studio/d/{draft}/calendar/{country}", calendar, methods=["POST"]),
]
