"""What is and was in force: who put it there, when and why, what it changed, who is still on it; the way back, and the recall.

Rule 1: going back says what it changes for people before it is done; a recall says what it does to those who are under way.
Rule 2: whoever may only write flows sees all of it and moves nothing.
Rule 3: the way back never waits for what is only told beside it, however busy the bench is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.keeping.library import CannotRun, Deed, Head, WasRecalled
from bot.conversation.staffing.rights import may
from bot.ports import Stale
from bot.studio.comparing.difference import difference
from bot.studio.drafts.parts import Counted
from bot.studio.mending.review import Waiting, waiting
from bot.web.errors import page as error_page
from bot.web.pages import Pages
from bot.web.studio.frame import Author, author_of, drawn, hour_of, tree_of
from bot.web.studio.sentences import Sentences
from bot.web.studio.shown import Group, groups_of

WRONG: Mapping[type[Exception], str] = {Stale: "stale", WasRecalled: "recalled", CannotRun: "old", KeyError: "unknown"}
SAID = ("published", "rollback", "recall")
SHOWN = 40
"""Deeds on the page; older ones behind `?all`."""
PATIENCE = 4.0
"""Seconds that a page waits for what is told beside the way back."""
MOST = 6
"""Sentences of what going back changes, on the list."""


class Row(NamedTuple):
    """One deed. `people`: how many are on its revision (0: fewer than ten, -1: nobody, None: not known, or told at a later deed)."""

    place: int
    deed: Deed
    by: str
    wrote: str
    approved: str
    when: str
    in_force: bool
    recalled: bool
    last: bool
    people: int | None
    waiting: tuple[Waiting, ...]

    @property
    def somebody(self) -> bool:
        """Whether anybody is known to be on it."""
        return self.people is not None and self.people >= 0


class Back(NamedTuple):
    """What going back from `force` to a revision would change for people: the first sentences, and how many there are (-1: not known)."""

    revision: str
    force: str
    says: tuple[Markup, ...]
    many: int

    @property
    def more(self) -> int:
        """How many are not said."""
        return self.many - len(self.says)


def sentences(author: Author) -> Sentences:
    """Give what says sentences in the language of whoever looks."""
    pages: Pages = author.request.app.state.pages
    return Sentences(pages.words, author.language)


# ── the list ──
async def everything(request: Request) -> Response:
    """All that was ever in force."""
    author = author_of(request)
    if isinstance(author, Response):
        return author
    said, no = request.query_params.get("said", ""), request.query_params.get("no", "")
    return await _list(author, said=said if said in SAID else "", no=no if no in WRONG.values() else "")


async def _list(author: Author, *, said: str = "", no: str = "") -> Response:
    head = await author.studio.revisions.look() or Head(revision="")
    counted = await author.studio.census.look(wait=1.5)
    places = range(len(head.deeds) - 1, -1, -1)
    shown = places if "all" in author.request.query_params else places[:SHOWN]
    rows = [await _row(author, head, place, counted) for place in shown]
    earlier = next((row.deed.revision for row in rows if row.deed.revision != head.revision and not row.recalled), "")
    return await drawn(
        author, "studio/revisions.html", status=422 if no else 200, rows=rows, said=said, no=no, say=sentences(author),
        back=await _back(author, head.revision, earlier) if earlier else None, more=len(head.deeds) - len(rows),
        partly=counted is not None and not counted.whole, publisher=may(author.member, "publish"),
    )  # fmt: skip


async def _row(author: Author, head: Head, place: int, counted: Counted | None) -> Row:
    deed = head.deeds[place]
    last = all(later.revision != deed.revision for later in head.deeds[place + 1 :])
    crowd = counted.on(deed.revision) if counted is not None and last else None
    people = None if counted is None or not last else -1 if crowd is None else crowd.people
    where: tuple[Waiting, ...] = ()
    if crowd is not None and crowd.places:
        with suppress(TimeoutError):
            asked = author.studio.bench(waiting, await author.studio.revisions.bundle(deed.revision), crowd)
            where = await asyncio.wait_for(asked, PATIENCE)
    wrote = [await tree_of(author, id_) for id_ in deed.authors]
    return Row(
        place, deed, await tree_of(author, deed.by), ", ".join(wrote), await tree_of(author, deed.approved) if deed.approved else "",
        hour_of(author, deed.at), deed.revision == head.revision and last, deed.revision in head.recalled, last, people, where,
    )  # fmt: skip


async def _back(author: Author, force: str, revision: str) -> Back:
    """What would change for people: from what is in force to that revision."""
    now, then = await author.studio.revisions.bundle(force), await author.studio.revisions.bundle(revision)
    try:
        changes = await asyncio.wait_for(author.studio.bench(difference, now, then), PATIENCE)
    except TimeoutError:
        return Back(revision, force, (), -1)
    say = sentences(author)
    return Back(revision, force, tuple(say(change.says) for change in changes[:MOST]), len(changes))


# ── one ──
async def one(request: Request) -> Response:
    """What one revision changed, and what going back to it would change."""
    author = author_of(request)
    if isinstance(author, Response):
        return author
    head = await author.studio.revisions.look() or Head(revision="")
    revision = request.path_params["revision"]
    place = _place(head, revision, request.query_params.get("at", ""))
    if place is None:
        return error_page(request, 404)
    before = head.deeds[place - 1].revision if place else ""
    row = await _row(author, head, place, await author.studio.census.look(wait=0.5))
    return await drawn(
        author, "studio/revision.html", row=row, before=before, say=sentences(author), publisher=may(author.member, "publish"),
        groups=await _groups(author, before, revision),
        back=await _back(author, head.revision, revision) if revision != head.revision else None,
    )  # fmt: skip


def _place(head: Head, revision: str, at: str) -> int | None:
    """The deed that is asked for, else the last that put this revision in force."""
    places: Sequence[int] = [place for place, deed in enumerate(head.deeds) if deed.revision == revision]
    asked = int(at) if at.isdecimal() and len(at) < 6 else -1
    return asked if asked in places else places[-1] if places else None


async def _groups(author: Author, before: str, revision: str) -> list[Group] | None:
    """What one revision changed; None if it is not known in time."""
    if not before or before == revision:
        return []
    was, is_ = await author.studio.revisions.bundle(before), await author.studio.revisions.bundle(revision)
    try:
        changes = await asyncio.wait_for(author.studio.bench(difference, was, is_), 2 * PATIENCE)
    except TimeoutError:
        return None
    return await asyncio.to_thread(groups_of, changes, sentences(author))  # as many texts as there are, compared word by word


# ── acts ──
async def move(request: Request) -> Response:
    """Go back to a revision, or recall one."""
    author = author_of(request)
    if isinstance(author, Response):
        return author
    if not may(author.member, "publish"):
        raise HTTPException(403)
    revision, what = request.path_params["revision"], request.path_params["act"]
    if what not in ("rollback", "recall"):
        return error_page(request, 404)
    form = await request.form()
    why, force, by = str(form.get("why", "")).strip()[:1000], str(form.get("force", "")), author.member.id
    try:
        if what == "recall":
            await author.studio.revisions.recall(revision, by=by, why=why)
        else:  # from what was in force when they looked, so that nobody undoes what they have not seen
            await author.studio.revisions.rollback(revision, by=by, why=why, onto=force or None, recalled="recalled" in form)
    except tuple(WRONG) as wrong:
        return await _list(author, no=next(no for kind, no in WRONG.items() if isinstance(wrong, kind)))
    return RedirectResponse(f"/studio/revisions?said={what}", 303)


ROUTES = [
    Route("/studio/revisions", everything, methods=["GET"]),
    Route("/studio/revisions/{revision}", one, methods=["GET"]),
    Route("/studio/revisions/{revision}/{act}", move, methods=["POST"]),
]
