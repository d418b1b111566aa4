"""The desk's pages: the queue, one case, and the parts of them that scripts put in place of old ones.

Rule 1: a page without scripts does all of it; scripts only draw anew what changed.
Rule 2: a part is made by the same lines as the page it belongs to.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.conversation.cases.desk import OUTCOMES
from bot.conversation.staffing.rights import may
from bot.web.desk.sight import Sight, case_values, queue_values, sheet_values, sight_of
from bot.web.visits import elsewhere

LINES = 100
"""Entries of a thread shown at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said about an act, and what a refused form held."""

    said: str = ""
    good: bool = False
    text: str = ""
    note: str = ""
    outcome: str = ""


async def queue(request: Request) -> Response:
    """The queue, or what was searched for in it (`q`)."""
    sight = await sight_of(request)
    return elsewhere(request) if sight is None else await drawn(sight)


async def case(request: Request) -> Response:
    """One case, beside the queue."""
    sight = await sight_of(request)
    if sight is None:
        return elsewhere(request)
    return await drawn(sight, request.path_params["code"], Draft(*_said(sight)))


async def rows(request: Request) -> Response:
    """The queue and the strip above it, as a part; `only`: the rows of these codes, and of the others their place alone."""
    sight = await sight_of(request)
    if sight is None:
        return Response(status_code=401)
    asked, codes = (request.query_params.get(name, "")[:600] for name in ("at", "only"))
    only = frozenset(codes.split(",")) if codes else None
    return sight.pages.page("desk_live.html", sight.eye.language, asked=asked, only=only, **await queue_values(sight))


async def part(request: Request) -> Response:
    """One case, as a part. `last`: so many entries; `slim`: without what does not change."""
    sight = await sight_of(request)
    if sight is None:
        return Response(status_code=401)
    code, slim = request.path_params["code"], "slim" in request.query_params
    values = await _case(sight, code, limit=_number(request, "last") or LINES, slim=slim)
    return sight.pages.page("desk_part.html", sight.eye.language, status=200 if values["case"] else 404, **values)


async def older(request: Request) -> Response:
    """Earlier entries of a thread, as a part."""
    sight = await sight_of(request)
    if sight is None:
        return Response(status_code=401)
    code = request.path_params["code"]
    page = await sight.parts.desk.open(code, sight.staff, before=_number(request, "before") or 1, limit=LINES)
    if page is None or page.erased:
        return Response(status_code=404)
    values = await case_values(sight, page)
    return sight.pages.page("desk_older.html", sight.eye.language, code=code, found=values["lines"], older=values["older"])


async def drawn(sight: Sight, code: str | None = None, draft: Draft = Draft(), *, status: int = 200) -> Response:
    """Give the whole page. `feed`: up to which change it is true; what comes after, its stream tells."""
    feed = sight.parts.view.feed.now
    values = await _case(sight, code, draft=draft) if code is not None else {"asked": None, "case": None}
    return sight.pages.page(
        "desk.html",
        sight.eye.language,
        status=404 if code is not None and values["case"] is None else status,
        **{**values, **await queue_values(sight)},
        staff=sight.staff,
        watches=may(sight.staff, "watch"),
        only=None,
        feed=feed,
        path=sight.request.url.path,
        alarm=await sight.parts.alarm(sight.staff.teams),
    )


async def _case(sight: Sight, code: str, *, draft: Draft = Draft(), limit: int = LINES, slim: bool = False) -> dict[str, Any]:
    before = 0 if slim else _number(sight.request, "before")
    page = await sight.parts.desk.open(code, sight.staff, before=before, limit=limit)
    values = await case_values(sight, page) if page is not None else None
    if page is not None and values is not None and values["acts"] and not slim:
        values |= await sheet_values(sight, page)
    return {
        "asked": code,
        "case": values,
        "slim": slim,
        "draft": draft,
        "replies": values["replies"] if values is not None else (),
        "outcomes": [name for name in OUTCOMES if name != "back"],
        "action": sight.parts.chance(16),
        "more": sight.pick.query,
    }


def _number(request: Request, name: str) -> int:
    value = request.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0


def _said(sight: Sight) -> tuple[str, bool]:
    """The sentence about what was just done, from the closed list the address may name."""
    done = sight.request.query_params.get("said", "")
    values = {"code": sight.request.path_params["code"]} if done == "sent" else {}
    return (sight.eye.say(f"desk.said.{done}", **values), True) if done in ("sent", "done", "slow", "put-off") else ("", False)


ROUTES = [
    Route("/desk", queue, methods=["GET"]),
    Route("/desk/find", queue, methods=["GET"]),
    Route("/desk/rows", rows, methods=["GET"]),
    Route("/desk/{code:str}", case, methods=["GET"]),
    Route("/desk/{code:str}/part", part, methods=["GET"]),
    Route("/desk/{code:str}/older", older, methods=["GET"]),
]
