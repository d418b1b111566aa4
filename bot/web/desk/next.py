"""The case that a caseworker should take next: the queue's own order, and who can answer whom.

Rule 1: it is chosen when it is asked for, not when the page was drawn; opening it takes nothing from anybody.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.cases.routing import next_case
from bot.web.desk.sight import sight_of


async def go(request: Request) -> Response:
    """Open the next case, or the queue if there is none."""
    sight = await sight_of(request)
    if sight is None:
        return RedirectResponse("/signin", 303)
    await sight.parts.view.ready()
    found = next_case(sight.parts.view, sight.staff, sight.eye.now)
    return RedirectResponse(f"/desk/{found.index.code}" if found is not None else "/desk", 303)


ROUTES = [Route("/desk/next", go, methods=["GET"])]
