"""The web application: pages, desk, health, behind one guard.

Rule 1: an application is data: a list of routes and a list of what stands before them.
"""

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from bot.web import account, health, home, rights_page, signin, staff_pages, writing
from bot.web.assets import static
from bot.web.chat import pages as chat
from bot.web.desk import acts as desk_acts
from bot.web.desk import events as desk_events
from bot.web.desk import media as desk_media
from bot.web.desk import next as desk_next
from bot.web.desk import pages as desk
from bot.web.desk import watch
from bot.web.errors import HANDLERS, page
from bot.web.guard import Bounded, Headed, SameOrigin
from bot.web.pages import Pages
from bot.web.parts import WebParts
from bot.web.studio.health import Checks
from bot.web.studio.routes import ROUTES as STUDIO
from bot.web.visits import Visits


def build(parts: WebParts) -> Starlette:
    """Give the ASGI application made of these parts."""
    app = Starlette(
        routes=[
            *home.ROUTES,
            *chat.ROUTES,
            *signin.ROUTES,
            *desk_events.ROUTES,
            *desk_next.ROUTES,
            *desk_media.ROUTES,
            *writing.ROUTES,
            *account.ROUTES,
            *staff_pages.ROUTES,
            *rights_page.ROUTES,
            *watch.ROUTES,
            *desk.ROUTES,
            *desk_acts.ROUTES,
            *STUDIO,
            *(health.ROUTES if parts.measured else health.OPEN),
            Route("/static/{mark}/{name}", static),
        ],
        middleware=[
            Middleware(Headed, secure=parts.secure),
            Middleware(SameOrigin, refuse=page),
            Middleware(Bounded, refuse=page),
            Middleware(Visits, door=parts.door, refuse=page, secure=parts.secure),
        ],
        exception_handlers=HANDLERS,
    )
    app.state.parts = parts
    app.state.streams = desk_events.Streams()
    app.state.checks = Checks()
    app.state.pages = Pages(parts.words, studio=parts.studio is not None)
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
