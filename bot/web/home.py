"""The page at /: what is where, and what must be done before real use.

Rule 1: nothing is linked that does not exist, and nothing is said that was not counted.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web.pages import Pages, language_of
from bot.web.parts import WebParts


async def page(request: Request) -> Response:
    """What runs here."""
    parts: WebParts = request.app.state.parts
    pages: Pages = request.app.state.pages
    return pages.page("home.html", language_of(request), standing=await parts.standing())


ROUTES = [Route("/", page)]
