"""Attachments and voice notes of a case, passed through to the caseworker who opens one.

Rule 1: what it is, its first bytes say; nothing else is shown in the page, all else is handed over as a file.
Rule 2: it is run by no browser as a page of ours, kept by none, and by us not at all.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.conversation.cases.media import MediaGone, Why, joined
from bot.ports import StoreUnavailable
from bot.web.desk.sight import Sight, sight_of

_STATUS: Final[dict[Why, int]] = {"gone": 410, "large": 413, "down": 502}
_ALONE: Final = "default-src 'none'; sandbox"
FILE: Final = "application/octet-stream"


def kind_of(first: bytes) -> str:
    """Give the media type of what begins like this, of the closed list that a page may show; `FILE` for everything else."""
    if first.startswith(b"OggS"):
        return "audio/ogg"
    if first.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp"
    if first.startswith(b"ID3") or (len(first) > 1 and first[0] == 0xFF and first[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "audio/mpeg"
    if first[4:11] == b"ftypM4A":
        return "audio/mp4"
    return FILE


async def media(request: Request) -> Response:
    """One entry's media, if this caseworker may see its case."""
    sight = await sight_of(request)
    if sight is None:
        return RedirectResponse("/signin", 303)
    try:
        pieces = await sight.parts.media.open(request.path_params["code"], request.path_params["n"], sight.staff)
    except MediaGone as gone:
        return _not_given(sight, gone.why)
    except StoreUnavailable:
        return Response(status_code=503)
    if pieces is None:
        return Response(status_code=404)
    first = await anext(pieces, b"")
    kind = kind_of(first)
    headers = {"Content-Security-Policy": _ALONE}
    if kind == FILE:
        headers["Content-Disposition"] = 'attachment; filename="file"'
    return StreamingResponse(joined(first, pieces), media_type=kind, headers=headers)


def _not_given(sight: Sight, why: Why) -> Response:
    said = sight.eye.say(f"desk.media.{why}")
    if "application/json" in sight.request.headers.get("accept", ""):
        return JSONResponse({"said": said}, _STATUS[why])
    return PlainTextResponse(said, _STATUS[why])


ROUTES = [Route("/desk/{code:str}/media/{n:int}", media, methods=["GET"])]
