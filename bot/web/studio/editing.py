"""Edits come in here from every page of the studio: `POST /studio/d/{draft}/edit`.

Rule 1: an act has a name given by the page; sent twice, it is done once, so a page may send again whenever it got no answer.
Rule 2: what could not be written comes back with the words, and with those that stand there now; nothing typed is lost here.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.studio.drafts.parts import DraftHead, Edited, NotAllowed
from bot.studio.editing.edits import Clash, Edit
from bot.web.studio.frame import Author, Sight, author_of, hour_of, sight_of, tree_of, undo_of

MOST = 200
"""Edits of one act; a sheet of translations has its own page."""


class Posted(Struct, frozen=True):
    """What a page sends: the name of the act, its edits, and the revision that the page shows."""

    action: str
    edits: tuple[Edit, ...]
    seen: str = ""


class Answer(Struct, frozen=True):
    """What the page gets back. `at`: when it was kept, as pages show it; `by`: who else changed the draft meanwhile.

    `undo`: when the author did what they can take back now; empty: nothing is left of theirs.
    """

    revision: str
    clashes: tuple[Clash, ...]
    head: DraftHead
    at: str
    by: str = ""
    undo: str = ""


_posted = msgspec.json.Decoder(Posted).decode
_to = msgspec.json.Encoder().encode


async def edit(request: Request) -> Response:
    """Make the edits of one act."""
    sight = author_of(request)
    if isinstance(sight, Response):
        return sight
    try:
        posted = _posted(await request.body())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise HTTPException(422) from None
    if not 0 < len(posted.action) <= 64 or not 0 < len(posted.edits) <= MOST:
        raise HTTPException(422)
    try:
        by = await _other(sight, request.path_params["draft"], posted.seen)
        done = await sight.studio.workshop.edit(request.path_params["draft"], posted.edits, by=sight.member.id, action=posted.action)
    except KeyError:
        return JSONResponse({"why": "over"}, status_code=410)
    except NotAllowed as refused:
        return JSONResponse({"why": refused.reason}, status_code=410)
    return _answered(sight, done, by)


async def written(sight: Sight, edits: Sequence[Edit], action: str = "") -> Sequence[Clash] | Response:
    """Make the edits of a form; give what was not made, or where to go on if the draft is over. `action`: its name, if it has one."""
    if not edits:
        return ()
    try:
        action = action or sight.parts.chance(16)
        done = await sight.studio.workshop.edit(sight.head.id, edits, by=sight.member.id, action=action)
    except (KeyError, NotAllowed):
        return RedirectResponse("/studio", 303)
    return done.clashes


async def _other(author: Author, draft: str, seen: str) -> str:
    """The tree of whoever changed the draft since the revision that the page shows; nothing if nobody else did."""
    changed = (await author.studio.workshop.head(draft)).changed
    return await tree_of(author, changed.by) if seen and changed.revision != seen and changed.by != author.member.id else ""


async def undo(request: Request) -> Response:
    """Take back the author's last act that stands."""
    author = author_of(request)
    if isinstance(author, Response):
        return author
    try:
        done = await author.studio.workshop.undo(request.path_params["draft"], by=author.member.id)
    except (KeyError, NotAllowed):
        return JSONResponse({"why": "over"}, status_code=410)
    return _answered(author, done)


def _answered(author: Author, done: Edited, by: str = "") -> Response:
    now = hour_of(author, author.parts.clock.now())
    return Response(
        _to(Answer(done.bundle.revision, done.clashes, done.head, now, by, undo_of(author, done.head))), media_type="application/json"
    )


async def state(request: Request) -> Response:
    """Give which revision the draft is at and who changed it last, for pages that stay open."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return JSONResponse({"why": "over"}, status_code=sight.status_code if sight.status_code != 303 else 401)
    changed = sight.head.changed
    who = await tree_of(sight, changed.by)
    mine = changed.by == sight.member.id
    return JSONResponse({
        "revision": sight.bundle.revision, "by": who, "mine": mine, "at": hour_of(sight, changed.at), "state": sight.head.state,
        "undo": undo_of(sight, sight.head),
    })  # fmt: skip


ROUTES = [
    Route("/studio/d/{draft}/edit", edit, methods=["POST"]),
    Route("/studio/d/{draft}/undo", undo, methods=["POST"]),
    Route("/studio/d/{draft}/state", state, methods=["GET"]),
]
