"""Whose visit a request is: looked up once, before every page of staff; and the token that their forms must bring back.

Rule 1: the door (`bot.conversation.staffing.door`) decides who is in; this file only carries its cookie there and its answer to the pages.
Rule 2: what changes something for somebody who is in names their session by its form token; without it nothing is done.
Rule 3: a page that looks by itself does not keep a session alive.
"""

import hashlib
import hmac
from typing import Literal

from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.conversation.staffing.door import KNOWN_FOR, WHOLE, Door, Entrance, Visit
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember
from bot.ports import StoreUnavailable
from bot.web.guard import SAFE, Refuse
from bot.web.pages import FORM_TOKEN
from bot.web.parts import WebParts

OURS = ("/desk", "/sign", "/studio")
"""Beginnings of the addresses of staff."""
OPEN = "/signin"
"""The one form that is posted before anybody is in."""
HEADER = "x-form-token"
"""Where scripts put the token."""
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungB", "Samsung"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))


def cookie_name(*, secure: bool, browser: bool = False) -> str:
    """Give the name of the cookie of a session, or of a browser that was in before."""
    name = "known" if browser else "desk"
    return f"__Host-{name}" if secure else name


def form_token(secret: str) -> str:
    """Give the token of a session's forms; it opens nothing."""
    return hashlib.sha256(f"form/{secret}".encode()).hexdigest()[:32]


def visit_of(request: Request) -> Visit | None:
    """Give who is in, with their session, or None."""
    found = request.scope.get("visit")
    return found if isinstance(found, Visit) else None


def elsewhere(request: Request) -> Response:
    """Lead whoever may not see cases to what they may see."""
    visit = visit_of(request)
    if visit is None:
        return RedirectResponse("/signin", 303)
    if may(visit.member, "staff"):
        return RedirectResponse("/desk/staff", 303)
    parts: WebParts = request.app.state.parts
    return RedirectResponse("/studio" if parts.studio is not None and may(visit.member, "draft") else "/desk/me", 303)


async def staff_of(request: Request) -> StaffMember | None:
    """Give who is in, or None."""
    visit = visit_of(request)
    return visit.member if visit else None


async def still_in(request: Request) -> StaffMember | None:
    """Give who is in as it stands by now: for answers that stay open, such as a stream."""
    parts: WebParts = request.app.state.parts
    secret = secret_of(request)
    visit = await parts.door.who(secret, touch=False) if secret else None
    return visit.member if visit else None


def secret_of(request: Request) -> str:
    """Give the secret that the request brings."""
    parts: WebParts = request.app.state.parts
    return request.cookies.get(cookie_name(secure=parts.secure), "")


def browser_of(request: Request) -> str:
    """Give the secret of the browser, if it was in before."""
    parts: WebParts = request.app.state.parts
    return request.cookies.get(cookie_name(secure=parts.secure, browser=True), "")


def device_of(request: Request) -> str:
    """Give what the session is on, as its owner would say it; nothing that tells two of a kind apart."""
    agent = request.headers.get("user-agent", "")
    named = [next((name for sign, name in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in named if name)


def let_in(response: Response, entrance: Entrance, *, secure: bool) -> None:
    """Give the browser what the door gave. Lax: a link in a letter or a chat ("a case waits") must find its owner in."""
    for browser, value, lasts in ((False, entrance.secret, WHOLE), (True, entrance.browser, KNOWN_FOR)):
        name = cookie_name(secure=secure, browser=browser)
        site: Literal["strict", "lax"] = "strict" if browser else "lax"
        response.set_cookie(name, value, max_age=int(lasts), path="/", secure=secure, httponly=True, samesite=site)


class Visits:
    """Looks up whose visit it is, and refuses what changes something without the token of their forms."""

    def __init__(self, app: ASGIApp, *, door: Door, refuse: Refuse, secure: bool) -> None:
        self._app = app
        self._door = door
        self._refuse = refuse
        self._cookie = cookie_name(secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or not scope["path"].startswith(OURS):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        changes = scope["method"] not in SAFE
        secret = request.cookies.get(self._cookie, "")
        given = FORM_TOKEN.set("")
        try:
            visit = await self._door.who(secret, touch=changes or _by_hand(request.headers)) if secret else None
            if visit is not None:
                scope["visit"] = visit
                FORM_TOKEN.set(form_token(secret))
                if changes and scope["path"] != OPEN:
                    receive = await _checked(request, form_token(secret))
        except StoreUnavailable:
            await self._refuse(request, 503)(scope, receive, send)
        except HTTPException as wrong:
            await self._refuse(request, wrong.status_code)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
        finally:
            FORM_TOKEN.reset(given)


def _by_hand(headers: Headers) -> bool:
    return headers.get("sec-fetch-dest", "document") == "document"


async def _checked(request: Request, token: str) -> Receive:
    """Read the form, look for the token, and give the body once more; raises 409 when it is another session's or none."""
    body = await request.body()
    brought = request.headers.get(HEADER, "")
    if not brought:
        form: FormData
        async with Request(request.scope, _again(body)).form() as form:  # a file in it is closed again
            field = form.get("form")
        brought = field if isinstance(field, str) else ""
    if not hmac.compare_digest(brought.encode(), token.encode()):
        raise HTTPException(409)
    return _again(body, request.receive)


def _again(body: bytes, then: Receive | None = None) -> Receive:
    given = False

    async def receive() -> Message:
        nonlocal given
        if not given or then is None:
            given = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await then()

    return receive
