"""That somebody is writing: the two small posts of the desk and of the chat page.

Rule 1: they carry no word of what is written, change nothing and answer nothing: a page must not wait for them.
"""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.conversation.cases.view import sees
from bot.conversation.staffing.rights import may
from bot.ports import StoreUnavailable
from bot.web.chat.pages import cookie_name
from bot.web.parts import WebParts
from bot.web.visits import staff_of

SILENT = 204


async def staff_writes(request: Request) -> Response:
    """A caseworker writes to a case; `to=note`: a note, which is nothing for the person."""
    staff = await staff_of(request)
    if staff is None:
        return Response(status_code=401)
    parts: WebParts = request.app.state.parts
    code = request.path_params["code"]
    index = parts.view.index(code)
    if index is not None and sees(staff, index) and may(staff, "answer"):
        parts.presence.wrote(code, staff.name)
        if (await request.form()).get("to") != "note":
            await parts.presence.show(code, staff.name)
    return Response(status_code=SILENT)


async def person_writes(request: Request) -> Response:
    """A person writes while a caseworker has their conversation."""
    parts: WebParts = request.app.state.parts
    secret = request.cookies.get(cookie_name(secure=parts.secure), "")
    with suppress(StoreUnavailable):
        route = await parts.chat.with_human(secret) if secret else ""
        if route:
            await parts.presence.typed("web", route)
    return Response(status_code=SILENT)


ROUTES = [
    Route("/desk/{code:str}/writing", staff_writes, methods=["POST"]),
    Route("/chat/typing", person_writes, methods=["POST"]),
]
