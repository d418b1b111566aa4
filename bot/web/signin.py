"""Signing staff in by a link that works once.

Rule 1: opening the link changes nothing, so that a preview cannot use it up; only the button does.
Rule 2: the cookie holds a random secret and nothing else; the store knows only its hash.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staff import StaffMember
from bot.web.pages import LANGUAGES, Pages, language_of
from bot.web.parts import WebParts

LASTS = 12 * 3600
"""Seconds the browser keeps the cookie; the store ends the session by itself as well."""


def cookie_name(*, secure: bool) -> str:
    """Give the name of the staff cookie."""
    return "__Host-desk" if secure else "desk"


async def staff_of(request: Request) -> StaffMember | None:
    """Give who is signed in, or None."""
    parts: WebParts = request.app.state.parts
    secret = request.cookies.get(cookie_name(secure=parts.secure), "")
    return await parts.staff.who(secret) if secret else None


async def page(request: Request) -> Response:
    """The door: a button if there is a link, else how to get one."""
    return _page(request, token=request.query_params.get("token", ""))


def _page(request: Request, *, token: str = "", bad: bool = False) -> Response:
    pages: Pages = request.app.state.pages
    return pages.page("signin.html", language_of(request), status=403 if bad else 200, token=token, bad=bad)


async def enter(request: Request) -> Response:
    """Use the link up and open the desk."""
    parts: WebParts = request.app.state.parts
    token = (await request.form()).get("token", "")
    secret = await parts.staff.redeem(token) if isinstance(token, str) and token else None
    if secret is None:
        return _page(request, bad=True)
    response = RedirectResponse("/desk", 303)
    response.set_cookie(
        cookie_name(secure=parts.secure), secret, max_age=LASTS, path="/", secure=parts.secure, httponly=True, samesite="lax"
    )
    return response


async def leave(request: Request) -> Response:
    """End the session, here and in the store."""
    parts: WebParts = request.app.state.parts
    name = cookie_name(secure=parts.secure)
    await parts.staff.sign_out(request.cookies.get(name, ""))
    response = RedirectResponse("/signin", 303)
    response.delete_cookie(name, path="/", secure=parts.secure, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


async def speak(request: Request) -> Response:
    """Read the desk in another language from now on."""
    parts: WebParts = request.app.state.parts
    staff = await staff_of(request)
    form = await request.form()
    language, back = form.get("lang"), form.get("back")
    if staff is not None and isinstance(language, str) and language in LANGUAGES:
        await parts.staff.speak(staff, language)
    return RedirectResponse(back if isinstance(back, str) and back.startswith("/desk") else "/desk", 303)


ROUTES = [
    Route("/signin", page, methods=["GET"]),
    Route("/signin", enter, methods=["POST"]),
    Route("/signout", leave, methods=["POST"]),
    Route("/desk/language", speak, methods=["POST"]),
]
