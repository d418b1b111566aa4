"""Pages of what went wrong: what happened, what was kept, what can be done; never whose fault.

Rule 1: no page of an error shows a trace, a path of the machine, or what was sent.
"""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.ports import StoreUnavailable
from bot.web.guard import harden
from bot.web.pages import Pages, language_of

KNOWN = (403, 404, 405, 409, 413, 500, 503)


def page(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Give the page of this status."""
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"ok": False}, status_code=status, headers=headers)
    pages: Pages = request.app.state.pages
    kind = status if status in KNOWN else (404 if status < 500 else 500)
    quiet = request.url.path.startswith("/chat")
    response = pages.page(
        "error.html",
        language_of(request),
        status=status,
        kind=kind,
        home="/chat" if quiet else "/",
        title_id="chat.title" if quiet else f"error.{kind}.title",
        sheets=("chat.css",) if quiet else ("tokens.css", "ui.css"),
    )
    response.headers.update(headers or {})
    return response


async def refused(request: Request, wrong: Exception) -> Response:
    """A status raised on purpose."""
    status = wrong.status_code if isinstance(wrong, HTTPException) else 500
    return page(request, status, wrong.headers if isinstance(wrong, HTTPException) else None)


async def down(request: Request, _wrong: Exception) -> Response:
    """The store cannot promise anything now, or the bench of the studio could not do what was asked."""
    return page(request, 503, {"Retry-After": "5"})


async def failed(request: Request, _wrong: Exception) -> Response:
    """A bug of ours. This page is made outside the guard, so it brings the guard's headers itself."""
    response = page(request, 500)
    harden(response.headers, request.url.path, secure=request.url.scheme == "https")
    return response


HANDLERS = {HTTPException: refused, StoreUnavailable: down, TimeoutError: down, Exception: failed}
