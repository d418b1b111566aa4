"""From a draft to what people receive: what changes, what is wrong, who said yes, and the publish.

Rule 1: what is shown is of one revision of the draft; a yes names that revision, so nobody approves what they did not see.
Rule 2: every refusal says what was not done and why; nothing here is asked by a box of the browser.
Rule 3: the bar is a part of its own, fetched after the page: no page waits for the checks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staffing.rights import may
from bot.studio.drafts.parts import Counted, DraftHead, NotAllowed
from bot.studio.editing.edits import Clash, Edit
from bot.studio.mending.review import Standing, reviewed, standing
from bot.web.pages import Pages
from bot.web.studio.frame import Sight, drawn, hour_of, sight_of, today, tree_of
from bot.web.studio.gate import Gate, gate_of
from bot.web.studio.sentences import Sentences
from bot.web.studio.shown import groups_of, kinds_of
from bot.web.studio.trial_runs import Tally, TrialRuns

MOST = 250
"""Changes that are shown; of more, how many there are."""
SAID = ("asked", "approved", "back", "freshened", "mended")
REFUSED = (
    "own",
    "changed",
    "not-asked",
    "behind",
    "problems",
    "tests",
    "not-approved",
    "over",
    "nothing",
    "moved",
    "words",
    "unsaid",
    "recalled",
)
RUNS = TrialRuns()
"""Results of tests, by revision: the same for everybody."""
_edits = msgspec.json.Decoder(tuple[Edit, ...]).decode


class State(NamedTuple):
    """How far a draft is."""

    standing: Standing
    tests: Tally | None
    gate: Gate
    behind: bool


async def state_of(sight: Sight, *, run: bool = False) -> State:
    """Give how far the draft is. `run`: also run its tests, if they were not."""
    base = await sight.studio.workshop.base(sight.head.id)
    stands = await sight.studio.bench(standing, base, sight.bundle, today(sight))
    if run and not stands.errors:
        tests: Tally | None = await RUNS.run(sight.studio.bench, sight.bundle)
    else:
        tests = RUNS.known(sight.bundle)
    force = await sight.studio.revisions.look()
    behind = force is not None and force.revision != sight.head.base
    # Whose right to say yes was taken away said no yes: another is asked.
    good = sight.head.state != "approved" or await _is_good(sight, sight.head)
    head = sight.head if good else structs.replace(sight.head, state="asked", approved=None)
    return State(stands, tests, gate_of(head, stands, tests, sight.member, behind=behind), behind)


async def _is_good(sight: Sight, head: DraftHead) -> bool:
    """Whether who said yes, if anybody did, may still do so."""
    if head.approved is None:
        return True
    member = await sight.parts.staff.member(head.approved.by)
    return member is not None and may(member, "publish")


def sentences(sight: Sight) -> Sentences:
    """Give what says sentences in the language of whoever looks."""
    pages: Pages = sight.request.app.state.pages
    return Sentences(pages.words, sight.language)


# ── the bar ──
async def bar(request: Request) -> Response:
    """The bar as it stands; `?tests` also runs the tests."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return Response(status_code=204 if sight.status_code == 303 else sight.status_code)
    state = await state_of(sight, run="tests" in request.query_params)
    pages: Pages = request.app.state.pages
    approved = sight.head.approved
    name = await tree_of(sight, approved.by) if approved is not None else ""
    return pages.page("studio/publish_state.html", sight.language, draft=sight.head.id, head=sight.head, state=state, approver=name)


# ── the page ──
async def publish(request: Request) -> Response:
    """What changes, what is wrong, and what is next."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    said, no = request.query_params.get("said", ""), request.query_params.get("no", "")
    return await _page(sight, said=said if said in SAID else "", no=no if no in REFUSED else "")


async def _page(sight: Sight, *, said: str = "", no: str = "", words: str = "", clashes: Sequence[Clash] = ()) -> Response:
    state = await state_of(sight)
    base = await sight.studio.workshop.base(sight.head.id)
    review = await sight.studio.bench(reviewed, base, sight.bundle, today(sight))
    say, draft = sentences(sight), sight.head.id
    names = {by: await tree_of(sight, by) for by in _named(sight)}
    groups = await asyncio.to_thread(groups_of, review.changes[:MOST], say, draft)  # hundreds of texts are compared word by word
    return await drawn(
        sight, "studio/publish.html", status=422 if no else 200, tab="publish", state=state, say=say, said=said, no=no, words=words,
        groups=groups, more=max(0, len(review.changes) - MOST), names=names, clashes=clashes,
        authors=[names[by] for by in sight.head.authors or (sight.head.began.by,)],
        wrong_kinds=kinds_of((each for each in review.problems if not each.warning), say, draft),
        loss_kinds=kinds_of(review.losses, say, draft),
        warn_kinds=kinds_of((each for each in review.problems if each.warning), say, draft),
        when=lambda at: hour_of(sight, at), people=await people_of(sight), publisher=may(sight.member, "publish"),
    )  # fmt: skip


def _named(sight: Sight) -> tuple[str, ...]:
    head = sight.head
    acts = [act.by for act in (head.asked, head.approved, head.sent_back) if act is not None]
    return tuple(dict.fromkeys((*head.authors, head.began.by, *acts)))


async def people_of(sight: Sight) -> int | None:
    """Give how many are on the revision in force; 0 = fewer than ten, -1 = nobody, None = not known yet."""
    counted: Counted | None = await sight.studio.census.look(wait=0.5)
    force = await sight.studio.revisions.look()
    if counted is None or force is None:
        return None
    crowd = counted.on(force.revision)
    return -1 if crowd is None else crowd.people


# ── acts ──
async def act(request: Request) -> Response:
    """Ask, approve, send back, publish, bring up to date, or give up."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form()
    posted = Act(sight, str(form.get("words", "")).strip(), str(form.get("revision", "")))
    try:
        went = await _do(posted, request.path_params["act"])
    except NotAllowed as refused:
        again = await sight_of(request)
        return again if isinstance(again, Response) else await _page(again, no=refused.reason, words=posted.words)
    if isinstance(went, str):
        return RedirectResponse(went, 303)
    again = await sight_of(request)
    return again if isinstance(again, Response) else await _page(again, said="clashed", clashes=went)


class Act(NamedTuple):
    """What was posted. `revision`: what whoever posted it looked at."""

    sight: Sight
    words: str
    revision: str

    def page(self, said: str) -> str:
        """Give the address of the page that says so."""
        return f"/studio/d/{self.sight.head.id}/publish?said={said}"


Went: TypeAlias = "str | Sequence[Clash]"
"""The address to go on at, or what is to be shown at once."""


async def _do(act: Act, what: str) -> Went:
    """Do it. Raises `NotAllowed`."""
    if what not in _ACTS:
        raise HTTPException(404)
    if what in ("approve", "back", "publish") and not may(act.sight.member, "publish"):
        raise HTTPException(403)
    return await _ACTS[what](act)


async def _ask(act: Act) -> str:
    if (await state_of(act.sight)).standing.errors:
        raise NotAllowed("problems")
    await act.sight.studio.workshop.ask(act.sight.head.id, by=act.sight.member.id, words=act.words)
    return act.page("asked")


async def _approve(act: Act) -> str:
    await act.sight.studio.workshop.approve(act.sight.head.id, act.revision, by=act.sight.member.id, words=act.words)
    return act.page("approved")


async def _back(act: Act) -> str:
    if not act.words:
        raise NotAllowed("words")
    await act.sight.studio.workshop.send_back(act.sight.head.id, by=act.sight.member.id, words=act.words)
    return act.page("back")


async def _publish(act: Act) -> str:
    if act.sight.head.state == "approved" and not await _is_good(act.sight, act.sight.head):
        raise NotAllowed("not-approved")
    await act.sight.studio.workshop.publish(act.sight.head.id, by=act.sight.member.id)
    return "/studio/revisions?said=published"


async def _freshen(act: Act) -> Went:
    done = await act.sight.studio.workshop.freshen(act.sight.head.id, by=act.sight.member.id)
    return done.clashes or act.page("freshened")


async def _drop(act: Act) -> str:
    await act.sight.studio.workshop.drop(act.sight.head.id, by=act.sight.member.id)
    return "/studio?said=dropped"


_ACTS: Mapping[str, Callable[[Act], Awaitable[Went]]] = {
    "ask": _ask, "approve": _approve, "back": _back, "publish": _publish, "freshen": _freshen, "drop": _drop,
}  # fmt: skip


async def mend(request: Request) -> Response:
    """Make the edits of one button."""
    sight = await sight_of(request)
    if isinstance(sight, Response):
        return sight
    form = await request.form()
    try:
        edits = _edits(str(form.get("edits", "")))
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        raise HTTPException(422) from None
    try:
        done = await sight.studio.workshop.edit(sight.head.id, edits, by=sight.member.id, action=str(form.get("action", ""))[:64])
    except NotAllowed as refused:
        return await _page(sight, no=refused.reason)
    what = "no=moved" if done.clashes else "said=mended"
    return RedirectResponse(f"/studio/d/{sight.head.id}/publish?{what}", 303)


ROUTES = [
    Route("/studio/d/{draft}/publish", publish, methods=["GET"]),
    Route("/studio/d/{draft}/publish/{act}", act, methods=["POST"]),
    Route("/studio/d/{draft}/mend", mend, methods=["POST"]),
    Route("/studio/d/{draft}/bar", bar, methods=["GET"]),
]
