"""The phones of a draft: `…/phone` is a page of its own; posted to, it gives them as they are after what was done.

Rule 1: the server keeps nothing of a preview: the page sends everything that was done, each time.
Rule 2: it is played on the bench; a page is answered meanwhile.
"""

from typing import TypeVar

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.studio.bundle.contents import contents
from bot.studio.playing.deeds import LONGEST, MOST, Deed, Request
from bot.studio.playing.preview import preview
from bot.studio.playing.record import named, recorded
from bot.studio.playing.retold import retold
from bot.studio.playing.screens import Screens
from bot.studio.playing.ways import ways
from bot.web.pages import Pages
from bot.web.studio.frame import Sight, drawn, sight_of
from bot.web.studio.phone_view import EndView, meant_of, note_of, rule_of, stop_of, told, views

T = TypeVar("T")


class Kept(Request, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be kept as a test, under which name, and what its first line says."""

    name: str = ""
    title: str = ""


class Played(Struct, frozen=True):
    """Whose every path is to be played."""

    flow: str


class Told(Struct, frozen=True):
    """Which test is to be told again, and in which language."""

    path: str
    language: str


class Posted(Request, frozen=True, kw_only=True, omit_defaults=True):
    """What the page sends: the request, and whether a slow network is looked at."""

    slow: bool = False


async def page(request: HttpRequest) -> Response:
    """The phones on a page of their own, for small screens."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    query = request.query_params
    flow, test = query.get("flow", ""), query.get("test", "")
    tab, spoken = "tests" if test else "flows", query.get("language", "")
    return await drawn(sight, "studio/phone_page.html", tab=tab, flow=flow, test=test, spoken=spoken)


async def show(request: HttpRequest) -> Response:
    """The phones after these deeds."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return _away(sight)
    posted = await posted_as(request, Posted)
    asked = _asked(sight, posted)
    try:
        screens = await sight.studio.bench(preview, sight.bundle, asked)
    except TimeoutError:
        return JSONResponse({"why": "late"}, status_code=503)
    return JSONResponse({**told(screens, sight.language), "html": _html(sight, screens, slow=posted.slow)})


async def every(request: HttpRequest) -> Response:
    """Every path of a flow."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return _away(sight)
    flow = (await posted_as(request, Played)).flow
    try:
        found = await sight.studio.bench(ways, sight.bundle, flow, sight.language)
        flows = {each.name: each.title for each in await sight.studio.bench(contents, sight.bundle, sight.language)}
    except TimeoutError:
        return JSONResponse({"why": "late"}, status_code=503)
    ends = [EndView.of(end) for end in found.ends]
    html = _pages(sight).text("studio/phone_ways.html", sight.language, found=found, ends=ends, draft=sight.head.id, titles=flows)
    return JSONResponse({"html": html, "ends": len(found.ends), "requests": [msgspec.to_builtins(end.request) for end in found.ends]})


async def keep(request: HttpRequest) -> Response:
    """What was done, as a test: its text, where it passes, and the edit that keeps it."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return _away(sight)
    posted = await posted_as(request, Kept)
    try:
        test = await sight.studio.bench(recorded, sight.bundle, _asked(sight, posted), posted.title[:MOST])
    except TimeoutError:
        return JSONResponse({"why": "late"}, status_code=503)
    path, wrong = named(sight.bundle, posted.name)
    words = _pages(sight).words
    name = f"studio.phone.keep.{'every' if test.every else 'some'}"
    where = words(name, sight.language) if test.every else words(name, sight.language, languages=", ".join(test.languages))
    why = test.why or (wrong if posted.name else "")
    said = words(f"studio.phone.keep.no.{why}", sight.language, **({"said": test.said} if why == "fails" else {})) if why else ""
    return JSONResponse({"text": test.text, "where": where if test.text else "", "why": why, "said": said, "path": path})


async def tell(request: HttpRequest) -> Response:
    """A test of the draft on the phones: what it does up to the line where it fails."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return _away(sight)
    posted = await posted_as(request, Told)
    try:
        told_again = await sight.studio.bench(retold, sight.bundle, posted.path, posted.language)
    except KeyError:
        return JSONResponse({"why": "none"}, status_code=404)
    except TimeoutError:
        return JSONResponse({"why": "late"}, status_code=503)
    name = posted.path.rpartition("/")[2].removesuffix(".chat")
    html = _pages(sight).text("studio/phone_test.html", sight.language, test=told_again, name=name, path=posted.path, draft=sight.head.id)
    return JSONResponse({"html": html, "state": told_again.state, "request": msgspec.to_builtins(told_again.request)})


def _away(answer: Response) -> Response:
    return JSONResponse({"why": "over"}, status_code=401 if answer.status_code == 303 else answer.status_code)


def _pages(sight: Sight) -> Pages:
    pages: Pages = sight.request.app.state.pages
    return pages


def _asked(sight: Sight, posted: Request) -> Request:
    """What is asked for, by who looks, now."""
    return Request(
        flow=posted.flow, languages=posted.languages, country=posted.country, at=posted.at, there=posted.there, verified=posted.verified,
        known=posted.known, deeds=posted.deeds, now=sight.parts.clock.now(), reader=sight.language,
    )  # fmt: skip


def _html(sight: Sight, screens: Screens, *, slow: bool) -> str:
    pages = _pages(sight)
    return pages.text(
        "studio/phone_pair.html", sight.language, screens=screens, draft=sight.head.id, titles=dict(screens.flows),
        views=views(pages, screens, sight.language, slow=slow), note=note_of(pages, sight.language), meant=meant_of(pages, sight.language),
        rule=rule_of(pages, sight.language),
        stop_in=stop_of(pages, sight.language),
    )  # fmt: skip


async def posted_as(request: HttpRequest, kind: type[T]) -> T:
    """What was posted, as this shape; raises `HTTPException` 422 on anything else."""
    try:
        posted = msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise HTTPException(422) from None
    deeds: tuple[Deed, ...] = getattr(posted, "deeds", ())
    if len(deeds) > MOST or any(not _is_deed(deed) for deed in deeds):
        raise HTTPException(422)
    return posted


def _is_deed(deed: Deed) -> bool:
    return len(deed.words) <= LONGEST and 0 <= deed.minutes <= 60 * 24 * 60


_PHONE = "/studio/d/{draft}/phone"
ROUTES = [
    Route(_PHONE, page, methods=["GET"]),
    Route(_PHONE, show, methods=["POST"]),
    Route(f"{_PHONE}/ways", every, methods=["POST"]),
    Route(f"{_PHONE}/keep", keep, methods=["POST"]),
    Route(f"{_PHONE}/test", tell, methods=["POST"]),
]
