"""Coming in and going out: a password, or a link that works once.

Rule 1: opening the link changes nothing, so that a preview cannot use it up; only the button does.
Rule 2: the cookie holds a random secret and nothing else; the store knows only its hash.
Rule 3: what is wrong with account and password is said in one sentence that does not tell which.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staffing.door import Entrance
from bot.conversation.staffing.rights import may
from bot.privacy.passwords import proposal
from bot.web.pages import LANGUAGES, Pages, language_of
from bot.web.parts import WebParts
from bot.web.visits import browser_of, cookie_name, device_of, let_in, secret_of, staff_of

__all__ = ["ROUTES", "staff_of"]
NOTHING = Entrance()
ROOMS = ("studio",)
"""What may be asked for by name, to be opened after the door; without it the desk is."""
AT_LINK, AT_PASSWORD, AT_FORM = ("link",), ("short", "long", "common", "near"), ("wrong", "late", "busy")


async def page(request: Request) -> Response:
    """The door: account and password; with a link, a button or a password to choose."""
    return await _page(request, request.query_params.get("token", ""), to=request.query_params.get("to", ""))


async def _page(request: Request, token: str = "", *, refused: Entrance = NOTHING, name: str = "", to: str = "") -> Response:
    parts: WebParts = request.app.state.parts
    pages: Pages = request.app.state.pages
    followed = await parts.door.followed(token) if token else None
    if token and followed is None:
        refused = Entrance(why="link")
    member, kind = followed or (None, "")
    language = language_of(request, member.language if member else None)
    status = {"": 200, "late": 429, "busy": 503, "link": 403, "wrong": 403}.get(refused.why, 422)
    response = pages.page(
        "signin.html", language, status=status, token=token if member else "", member=member, sets=kind in ("invite", "reset"),
        name=name, to=to if to in ROOMS else "", bad=refused.why in AT_LINK, weak=refused.why if refused.why in AT_PASSWORD else "",
        wrong=refused.why if refused.why in AT_FORM else "", wait=refused.wait, proposal=proposal(parts.chance) if member else "",
    )  # fmt: skip
    if refused.wait:
        response.headers["Retry-After"] = str(refused.wait)
    return response


async def enter(request: Request) -> Response:
    """Use the link up, or look at the password, and open the desk or the studio."""
    parts: WebParts = request.app.state.parts
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    token, name, password = form.get("token", ""), form.get("name", ""), form.get("password", "")
    if token:
        entrance = await parts.door.redeem(token, password=password, device=device_of(request))
    elif name.strip() and password:
        address = request.client.host if request.client else ""
        entrance = await parts.door.enter(name, password, address=address, browser=browser_of(request), device=device_of(request))
    else:
        entrance = Entrance(why="wrong")
    if not entrance.secret:
        return await _page(request, token, refused=entrance, name=name, to=form.get("to", ""))
    response = RedirectResponse(await _room(parts, entrance, form.get("to", "")), 303)
    let_in(response, entrance, secure=parts.secure)
    return response


async def _room(parts: WebParts, entrance: Entrance, to: str) -> str:
    """Where they go on: where they wanted to, else to the desk, or to the studio if that is all they may open."""
    visit = await parts.door.who(entrance.secret, touch=False)
    member = visit.member if visit is not None else None
    studio = parts.studio is not None and member is not None and may(member, "draft")
    if studio and member is not None and (to == "studio" or not may(member, "see-queue")):
        return "/studio"
    return "/desk"


async def leave(request: Request) -> Response:
    """End the session, here and in the store."""
    parts: WebParts = request.app.state.parts
    await parts.door.sign_out(secret_of(request))
    response = RedirectResponse("/signin", 303)
    response.delete_cookie(cookie_name(secure=parts.secure), path="/", secure=parts.secure, httponly=True, samesite="lax")
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
    return RedirectResponse(back if isinstance(back, str) and back.startswith(("/desk", "/studio")) else "/desk", 303)


ROUTES = [
    Route("/signin", page, methods=["GET"]),
    Route("/signin", enter, methods=["POST"]),
    Route("/signout", leave, methods=["POST"]),
    Route("/desk/language", speak, methods=["POST"]),
]
