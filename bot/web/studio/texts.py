"""The table of texts: every text in every language, written where it stands.

Rule 1: what is written here is an edit like any other (`POST …/edit`); this file only shows, and judges what is being tried.
Rule 2: a page holds one window of the table, never all of it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.i18n.bidi import without_isolates
from bot.studio.translating.table import SHOWS, SIZE, Asked, Cell, Row, Window
from bot.studio.translating.texts import coverage, looked_at, signed, tried, windowed
from bot.web.errors import page as error_page
from bot.web.pages import LANGUAGES, Pages
from bot.web.studio.frame import Sight, drawn, sight_of

LONGEST = 10_000
"""Characters of a wording that is tried."""
NAMES: Mapping[str, str] = {**LANGUAGES, "ha": "Hausa", "bm": "Bamanankan", "es": "Español", "pt": "Português", "sw": "Kiswahili"}
"""Languages by their own names; others by their code."""


class Wanted(Struct, frozen=True):
    """A wording that somebody writes. `id`: empty where the text is not there yet."""

    id: str
    language: str
    text: str


_wanted = msgspec.json.Decoder(Wanted).decode


async def texts(request: Request) -> Response:
    """A window of the table."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    asked = asked_of(request.query_params)
    shown = await sight.studio.bench(windowed, sight.bundle, asked)
    return await drawn(sight, "studio/texts.html", tab="texts", helps=shown.helps, **view(shown.window, asked), **_said(request))


def _said(request: Request) -> dict[str, int]:
    """What was just taken from a file."""
    query = request.query_params
    return {name: min(int(query[name]), 99_999) if query.get(name, "").isdecimal() else 0 for name in ("written", "clashed")}


async def row(request: Request) -> Response:
    """One row of the table."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    look = await sight.studio.bench(looked_at, sight.bundle, request.query_params.get("id", ""))
    if look is None:
        return error_page(request, 404)
    return _part(sight, "studio/texts_one.html", row=look.row, helps={help_.language: help_ for help_ in look.helps})


async def look(request: Request) -> Response:
    """What helps to write a text: its screen, terms, places, plurals."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    found = await sight.studio.bench(looked_at, sight.bundle, request.query_params.get("id", ""))
    if found is None:
        return error_page(request, 404)
    tongue = request.query_params.get("tongue", "")
    helps = next((help_ for help_ in found.helps if help_.language == tongue), found.helps[0])
    scenes = sorted(found.scenes, key=lambda scene: scene.language != tongue)
    return _part(sight, "studio/texts_look.html", row=found.row, help=helps, scenes=scenes, tongue=tongue)


async def try_(request: Request) -> Response:
    """What is wrong with a wording that is being written."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    try:
        wanted = _wanted(await request.body())
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise HTTPException(422) from None
    if len(wanted.text) > LONGEST:
        raise HTTPException(413)
    found = await sight.studio.bench(tried, sight.bundle, wanted.id, wanted.language, wanted.text)
    if found is None:
        return error_page(request, 404)
    return _part(sight, "studio/texts_tried.html", tried=found, tongue=wanted.language)


async def signs(request: Request) -> Response:
    """A wording with the signs of its language, as one leaves it."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    try:
        wanted = _wanted(await request.body())
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise HTTPException(422) from None
    if len(wanted.text) > LONGEST:
        raise HTTPException(413)
    return JSONResponse({"mended": await sight.studio.bench(signed, sight.bundle, wanted.language, wanted.text)})


def asked_of(query: Mapping[str, str]) -> Asked:
    """What an address asks of the table."""
    show = query.get("show", "")
    return Asked(
        group=query.get("flow", "")[:80],
        language=query.get("tongue", "")[:8],
        show=next((each for each in SHOWS if each == show), ""),
        search=query.get("q", "")[:200],
        offset=int(query["from"]) if query.get("from", "").isdecimal() and len(query["from"]) < 7 else 0,
    )


def view(window: Window, asked: Asked) -> dict[str, Any]:
    """What the template of the table needs."""

    def address(**changed: str | int) -> str:
        now = {"flow": asked.group, "tongue": asked.language, "show": asked.show, "q": asked.search, **changed}
        return "?" + urlencode({key: value for key, value in now.items() if value})

    return {
        "window": window,
        "asked": asked,
        "address": address,
        "names": NAMES,
        "shows": SHOWS,
        "size": SIZE,
        "typed": typed,
        "kind_of": kind_of,
        "stands": stands,
        "source": window.languages[0],
    }


def typed(row: Row, cell: Cell) -> str:
    """The text as its author writes it: a source without the isolates that it gets by itself."""
    return without_isolates(cell.text, cell.language) if cell is row.cells[0] or cell.language == row.cells[0].language else cell.text


def kind_of(row: Row) -> str:
    """The end of the id of the sentence that says what a text is."""
    return row.word if row.kind == "text" and row.word in ("ask", "consent", "remind") else row.kind


def stands(row: Row, draft: str) -> str:
    """Where the text is seen in the studio: its step, its contact, its team."""
    start = f"/studio/d/{draft}"
    if row.word:
        return f"{start}/flows/{row.group}" + (f"#step-{row.step}" if row.step else "")
    name = row.id.partition(":")[0].partition(".")[2]
    match row.group:
        case "directory":
            return f"{start}/contacts/{name}"
        case "teams":
            return f"{start}/teams/{name}"
        case _:
            return f"{start}/files/{row.file}" if row.file else ""


def _part(sight: Sight, template: str, **values: Any) -> Response:
    pages: Pages = sight.request.app.state.pages
    more = {"draft": sight.head.id, "names": NAMES, "typed": typed, "kind_of": kind_of, "stands": stands}
    return pages.page(template, sight.language, **{**more, **values})


async def strip(request: Request) -> Response:
    """How much of each language is done, for the page of the draft."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    return _part(sight, "studio/texts_strip.html", counts=await sight.studio.bench(coverage, sight.bundle))


ROUTES = [
    Route("/studio/d/{draft}/texts", texts, methods=["GET"]),
    Route("/studio/d/{draft}/texts/row", row, methods=["GET"]),
    Route("/studio/d/{draft}/texts/look", look, methods=["GET"]),
    Route("/studio/d/{draft}/texts/strip", strip, methods=["GET"]),
    Route("/studio/d/{draft}/texts/try", try_, methods=["POST"]),
    Route("/studio/d/{draft}/texts/signs", signs, methods=["POST"]),
]
