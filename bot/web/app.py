"""The web application: pages, desk, health, and the routes that channels bring, behind one guard.

Rule 1: an application is data: a list of routes and a list of what stands before them.
"""

from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web import chat, desk, health, home, signin
from bot.web.errors import HANDLERS, page
from bot.web.guard import Bounded, Headed, SameOrigin
from bot.web.pages import Pages, static
from bot.web.parts import WebParts


class Direct:
    """The application, with paths that go straight to what serves them: a channel's webhook is no page, and guards itself."""

    def __init__(self, app: ASGIApp, direct: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await (self._direct.get(scope.get("path", ""), self._app) if self._direct else self._app)(scope, receive, send)


def build(parts: WebParts) -> Starlette:
    """Give the ASGI application made of these parts, without what is served directly."""
    app = Starlette(
        routes=[
            *home.ROUTES,
            *chat.ROUTES,
            *signin.ROUTES,
            *desk.ROUTES,
            *health.ROUTES,
            Route("/static/{mark}/{name}", static),
        ],
        middleware=[
            Middleware(Headed, secure=parts.secure),
            Middleware(SameOrigin, refuse=page),
            Middleware(Bounded, refuse=page),
        ],
        exception_handlers=HANDLERS,
    )
    app.state.parts = parts
    app.state.pages = Pages(parts.words)
    app.state.recordings = _recordings(parts.recordings)
    return app


def watched(parts: WebParts) -> Starlette:
    """Give the ASGI application of a process that serves no pages: only how it is."""
    app = Starlette(routes=list(health.ROUTES), middleware=[Middleware(Headed, secure=parts.secure)])
    app.state.parts = parts
    return app


def _recordings(folder: Path | None) -> frozenset[tuple[str, str]]:
    """(language, id) of every recording there is."""
    if folder is None:
        return frozenset()
    return frozenset((path.parent.parent.name, path.stem) for path in folder.glob("*/voice/*.ogg"))
