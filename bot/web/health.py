"""Alive, ready, counted: for whoever runs the service.

Rule 1: no personal value stands in an answer or in a label.
"""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.web.parts import WebParts

PATIENCE = 2.0
"""Seconds that one part has to say that it works."""


async def alive(_request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """Every part works: 200, or 503 with the names of those that do not."""
    parts: WebParts = request.app.state.parts
    names = list(parts.ready)
    works = await asyncio.gather(*(_works(parts, name) for name in names))
    state = dict(zip(names, works, strict=True))
    return JSONResponse(state, status_code=200 if all(works) and not parts.closing.is_set() else 503)


async def _works(parts: WebParts, name: str) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await parts.ready[name]()
    except Exception:  # noqa: BLE001 whatever is wrong with a part, the answer is that it does not work
        return False


async def metrics(request: Request) -> Response:
    """Counters for Prometheus."""
    parts: WebParts = request.app.state.parts
    return Response(generate_latest(parts.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


OPEN = [Route("/healthz", alive), Route("/readyz", ready)]
ROUTES = [*OPEN, Route("/metrics", metrics)]
