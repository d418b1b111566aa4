"""What every page of the studio stands in: who looks, at which draft, and the frame it is drawn in.

Rule 1: a page of the studio shows drafts and revisions, never a person's words or cases.
Rule 2: who may not write flows gets no page, and is told of none.
Rule 3: what is heavy is done on the bench; a page never waits for a check that it can show a moment later.
"""

from datetime import date
from typing import Any, NamedTuple, TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.conversation.staffing.door import Visit
from bot.conversation.staffing.rights import Act, may
from bot.conversation.staffing.staff import StaffMember
from bot.engine.calendar import local
from bot.flow.bundle import Bundle
from bot.studio.bundle.contents import contents
from bot.studio.drafts.parts import DraftHead, StudioParts
from bot.web.errors import page as error_page
from bot.web.pages import LANGUAGES, Pages
from bot.web.parts import WebParts
from bot.web.studio.health import PATIENCE, Checks, Health
from bot.web.visits import visit_of


class Author(NamedTuple):
    """One request of somebody who may write flows, at no draft."""

    request: Request
    parts: WebParts
    studio: StudioParts
    visit: Visit
    member: StaffMember
    language: str


class Sight(NamedTuple):
    """One request of an author at one draft, with its files as they are now."""

    request: Request
    parts: WebParts
    studio: StudioParts
    visit: Visit
    member: StaffMember
    language: str
    head: DraftHead
    bundle: Bundle


Seen: TypeAlias = Author | Sight


def author_of(request: Request, act: Act = "draft") -> Author | Response:
    """Give who looks, or the answer for who may not: the door, or no such page."""
    visit = visit_of(request)
    if visit is None:
        return RedirectResponse("/signin?to=studio", 303)
    parts: WebParts = request.app.state.parts
    if parts.studio is None or not may(visit.member, act):
        return error_page(request, 404)
    asked, own = request.query_params.get("lang", ""), visit.member.language
    language = asked if asked in LANGUAGES else (own if own in LANGUAGES else "en")
    return Author(request, parts, parts.studio, visit, visit.member, language)


async def sight_of(request: Request, act: Act = "draft") -> Sight | Response:
    """Give the author at the draft that the address names, or the answer for who may not or for no such draft."""
    author = author_of(request, act)
    if isinstance(author, Response):
        return author
    id_ = request.path_params["draft"]
    try:
        head, bundle = await author.studio.workshop.head(id_), await author.studio.workshop.bundle(id_)
    except KeyError:
        return error_page(request, 404)
    return Sight(*author, head, bundle)


async def drawn(seen: Seen, template: str, *, status: int = 200, **values: Any) -> Response:
    """Give a page in the frame. Every template has `sight`, `member`, `path`; at a draft also `draft`, `head`, `flows`, `health`, `undo`.

    Further values: `tab` names the current tab (`flows texts contacts teams tests publish`), `flow` the current flow.
    """
    pages: Pages = seen.request.app.state.pages
    framed: dict[str, Any] = {"sight": seen, "member": seen.member, "path": seen.request.url.path, "tab": "", "flow": "", "draft": ""}
    if isinstance(seen, Sight):
        flows = await seen.studio.bench(contents, seen.bundle, seen.language)
        framed |= {"draft": seen.head.id, "head": seen.head, "flows": flows, "undo": undo_of(seen, seen.head)}
        if "health" not in values:
            framed["health"] = await health_of(seen)
    return pages.page(template, seen.language, status=status, **{**framed, **values})


async def health_of(sight: Sight, *, patience: float | None = PATIENCE) -> Health | None:
    """Give what is wrong in the draft; None if that is not known in time (seconds; None: wait for it)."""
    checks: Checks = sight.request.app.state.checks
    return await checks.health(sight.studio.bench, sight.bundle, today(sight), patience=patience)


async def tree_of(seen: Seen, id_: str) -> str:
    """Give the tree by which colleagues know each other; of who is gone, the id."""
    member = await seen.parts.staff.member(id_)
    return member.name if member is not None else id_


def hour_of(seen: Seen, at: float) -> str:
    """Give a time of day where the service is, with the date when it is not today."""
    service = seen.parts.program().service
    then, now = local(at, None, service), local(seen.parts.clock.now(), None, service)
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%d/%m} {then:%H:%M}"


def undo_of(author: Seen, head: DraftHead) -> str:
    """Give when this author did what they can take back now, as pages show it; empty if there is nothing."""
    at = head.undoable.get(author.member.id)
    return "" if at is None else hour_of(author, at)


def day_of(iso: str) -> str:
    """Give a day of a file as people write it: `2027-02-08` → `08/02/2027`; what is no day as it stands."""
    parts = iso.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else iso


def today(seen: Seen) -> date:
    """Give the day where the service is: by it contacts are in date or not."""
    return local(seen.parts.clock.now(), None, seen.parts.program().service).date()
