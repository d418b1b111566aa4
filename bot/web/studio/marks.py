"""What is wrong in a draft, as marks: put into a page after it is drawn, and again after each edit.

Rule 1: the marks wait for the checks; the page does not.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import Pages
from bot.web.studio.frame import health_of, sight_of


async def marks(request: Request) -> Response:
    """The marks of all flows and areas."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    pages: Pages = request.app.state.pages
    return pages.page("studio/marks.html", sight.language, health=await health_of(sight, patience=None), revision=sight.bundle.revision)


ROUTES = [Route("/studio/d/{draft}/health", marks, methods=["GET"])]
