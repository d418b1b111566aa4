"""Where an author begins: the flows in force, the drafts that are under way, and a new change.

Rule 1: a draft says who works on it, since when, and how far it is; nothing is begun without a title.
"""

from collections.abc import Sequence
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.studio.bundle.contents import FlowEntry, contents
from bot.studio.drafts.parts import DraftHead, NotAllowed
from bot.web.studio.frame import Author, author_of, drawn, hour_of, today, tree_of
from bot.web.studio.health import Checks, Health

LONGEST = 120
"""Characters of a title."""


class Line(NamedTuple):
    """One draft in the list. `who`: trees of its authors, the last one first."""

    head: DraftHead
    who: tuple[str, ...]
    when: str
    mine: bool


async def home(request: Request) -> Response:
    """The flows in force and the drafts."""
    author = author_of(request)
    return author if isinstance(author, Response) else await _home(author)


async def _home(author: Author, *, wrong: str = "", title: str = "") -> Response:
    shop = author.studio.workshop
    lines = [await _line(author, head) for head in await shop.drafts()]
    dropped = [await _line(author, head) for head in await shop.dropped()]
    flows, health, since = await _in_force(author)
    return await drawn(
        author, "studio/home.html", status=422 if wrong else 200, lines=lines, dropped=dropped, in_force=flows, health=health, since=since,
        wrong=wrong, title=title, action=author.parts.chance(12),
    )  # fmt: skip


async def _in_force(author: Author) -> tuple[Sequence[FlowEntry], Health | None, tuple[str, str]]:
    """The flows in force by title, how they are if that is known, and who put them in force, when."""
    head = await author.studio.revisions.look()
    if head is None:
        return (), None, ("", "")
    bundle = await author.studio.revisions.bundle(head.revision)
    flows = await author.studio.bench(contents, bundle, author.language)
    checks: Checks = author.request.app.state.checks
    deed = head.deeds[-1] if head.deeds else None
    since = (await _doer(author, deed.by), hour_of(author, deed.at)) if deed is not None else ("", "")
    return flows, await checks.health(author.studio.bench, bundle, today(author)), since


async def _doer(author: Author, by: str) -> str:
    """Whoever put flows in force: a colleague, or whoever runs the service."""
    return author.parts.words.say("revisions.by.operator", author.language) if by == "operator" else await tree_of(author, by)


async def _line(author: Author, head: DraftHead) -> Line:
    last = head.changed.by
    ids = dict.fromkeys((last, *head.authors))
    who = tuple([await tree_of(author, id_) for id_ in ids])
    return Line(head, who, hour_of(author, head.changed.at), author.member.id in ids)


async def begin(request: Request) -> Response:
    """Begin a change."""
    author = author_of(request)
    if isinstance(author, Response):
        return author
    form = await request.form()
    title, action = " ".join(str(form.get("title", "")).split()), str(form.get("action", ""))[:64]
    if not 0 < len(title) <= LONGEST:
        return await _home(author, wrong="title" if not title else "long", title=title[: 4 * LONGEST])
    try:
        head = await author.studio.workshop.begin(title, by=author.member.id, action=action)
    except NotAllowed as refused:
        return await _home(author, wrong=refused.reason, title=title)
    return RedirectResponse(f"/studio/d/{head.id}", 303)


async def take_up(request: Request) -> Response:
    """Go on with a change that was given up."""
    author = author_of(request)
    if isinstance(author, Response):
        return author
    try:
        head = await author.studio.workshop.take_up(request.path_params["draft"], by=author.member.id)
    except (KeyError, NotAllowed):
        return RedirectResponse("/studio", 303)
    return RedirectResponse(f"/studio/d/{head.id}", 303)


ROUTES = [
    Route("/studio", home, methods=["GET"]),
    Route("/studio", begin, methods=["POST"]),
    Route("/studio/d/{draft}/take-up", take_up, methods=["POST"]),
]
