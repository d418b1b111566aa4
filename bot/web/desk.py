"""The desk: the queue, one case, and what a caseworker does with it.

Rule 1: what changes a case is a posted form that names the case and carries its own id, so that a second press is one press.
Rule 2: what was refused keeps the caseworker's words in the box and says why.
Rule 3: a page without scripts does all of it; scripts only draw anew what changed.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.conversation.desk import CasePage, Outcome
from bot.conversation.staff import StaffMember
from bot.ports import CaseIndex, CaseState, StoreUnavailable
from bot.web.desk_view import Eye, counts, groups, lines, lock, promise, row, safety
from bot.web.pages import LANGUAGES, Pages
from bot.web.parts import WebParts
from bot.web.signin import staff_of

OUTCOMES = ("answered", "referred", "no-answer", "other")
BEAT = 15
"""Empty seconds between two signs of life on a quiet stream; `watch` yields at least once a second, so a stop is noticed in one."""
_SHOWN: Mapping[str, tuple[CaseState, ...]] = {"open": ("waiting", "claimed"), "mine": ("claimed",), "closed": ("closed", "erased")}


@dataclass(frozen=True, slots=True)
class Sight:
    """One signed-in request: who, the parts, and how they see."""

    request: Request
    parts: WebParts
    pages: Pages
    staff: StaffMember
    eye: Eye


@dataclass(frozen=True, slots=True)
class Draft:
    """What a refused form held: the case it was for, its words, and the sentence that says why."""

    said: str = ""
    good: bool = False
    text: str = ""
    note: str = ""
    outcome: str = ""


async def _sight(request: Request) -> Sight | None:
    staff = await staff_of(request)
    if staff is None:
        return None
    parts: WebParts = request.app.state.parts
    pages: Pages = request.app.state.pages
    asked = request.query_params.get("lang", "")
    language = asked if asked in LANGUAGES else (staff.language if staff.language in LANGUAGES else "en")
    eye = Eye(staff=staff, now=parts.clock.now(), program=parts.program(), words=parts.words, language=language)
    return Sight(request, parts, pages, staff, eye)


# ── looking ──
async def queue(request: Request) -> Response:
    """The queue."""
    sight = await _sight(request)
    return RedirectResponse("/signin", 303) if sight is None else await _drawn(sight)


async def case(request: Request) -> Response:
    """One case, beside the queue."""
    sight = await _sight(request)
    if sight is None:
        return RedirectResponse("/signin", 303)
    return await _drawn(sight, request.path_params["code"], Draft(*_said(sight)))


def _said(sight: Sight) -> tuple[str, bool]:
    """The sentence about what was just done, from the closed list the address may name."""
    done = sight.request.query_params.get("said", "")
    values = {"code": sight.request.path_params["code"]} if done == "sent" else {}
    return (sight.eye.say(f"desk.said.{done}", **values), True) if done in ("sent", "done", "slow") else ("", False)


async def _drawn(sight: Sight, code: str | None = None, draft: Draft = Draft(), *, status: int = 200) -> Response:
    show = sight.request.query_params.get("show", "open")
    show = show if show in _SHOWN else "open"
    waiting = await sight.parts.desk.queue(sight.staff, _SHOWN["open"])
    shown: Sequence[CaseIndex] = waiting if show == "open" else await sight.parts.desk.queue(sight.staff, _SHOWN[show])
    if show == "mine":
        shown = [one for one in shown if one.claimant == sight.staff.name]
    page = await sight.parts.desk.open(code, sight.staff) if code is not None else None
    return sight.pages.page(
        "desk.html",
        sight.eye.language,
        status=404 if code is not None and page is None else status,
        staff=sight.staff,
        show=show,
        groups=groups(shown, sight.eye),
        counts=counts(waiting, sight.eye),
        asked=code,
        case=_case(sight, page),
        draft=draft,
        action=sight.parts.chance(16),
        outcomes=OUTCOMES,
        path=sight.request.url.path,
    )


def _case(sight: Sight, page: CasePage | None) -> Mapping[str, object] | None:
    if page is None:
        return None
    eye = sight.eye
    return {
        "index": page.index,
        "row": row(page.index, eye),
        "fields": page.fields,
        "lines": lines(page, eye),
        "lock": lock(page, eye),
        "safety": safety(page, eye),
        "promise": promise(page.index, eye),
        "waited": eye.time(eye.now - page.index.since),
        "outcome": eye.say(f"desk.outcome.{page.outcome}") if page.outcome in OUTCOMES else "",
        "erased": page.erased,
        "open": page.index.state in ("waiting", "claimed"),
        "taken": page.index.claimant not in (None, sight.staff.name),
    }


# ── doing ──
async def act(request: Request) -> Response:
    """Claim, answer, note or close."""
    sight = await _sight(request)
    if sight is None:
        return RedirectResponse("/signin", 303)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    code, verb = request.path_params["code"], request.path_params["verb"]
    try:
        outcome = await _done(sight, code, verb, form)
    except StoreUnavailable:
        return await _refused(sight, code, "down", form, status=503)
    if outcome in ("done", "slow"):
        said = "sent" if outcome == "done" and verb == "answer" else outcome
        return RedirectResponse(f"/desk/{code}?said={said}", 303)
    return await _refused(sight, code, outcome, form)


async def _done(sight: Sight, code: str, verb: str, form: Mapping[str, str]) -> Outcome | str:
    desk, staff = sight.parts.desk, sight.staff
    action = form.get("action") or sight.parts.chance(16)
    match verb:
        case "claim":
            return await desk.claim(code, staff, action)
        case "answer":
            return await desk.answer(code, staff, _text(form), action)
        case "note":
            return await desk.note(code, staff, _text(form), action)
        case _:
            if form.get("outcome") not in OUTCOMES:
                return "outcome"
            return await desk.close(code, staff, form["outcome"], action)


def _text(form: Mapping[str, str]) -> str:
    return form.get("text", "").replace("\r\n", "\n").strip()


async def _refused(sight: Sight, code: str, why: str, form: Mapping[str, str], *, status: int = 409) -> Response:
    values = {"code": code} if why in ("taken", "closed", "erased", "unwritten") else {}
    said, text = sight.eye.say(f"desk.said.{why}", **values), form.get("text", "")
    noted = sight.request.path_params["verb"] == "note"
    draft = Draft(said=said, text="" if noted else text, note=text if noted else "", outcome=form.get("outcome", ""))
    return await _drawn(sight, code, draft, status=status)


# ── living ──
async def events(request: Request) -> Response:
    """Codes of cases as they change, as server-sent events; they name no one and say nothing of what changed."""
    staff = await staff_of(request)
    if staff is None:
        return Response(status_code=401)
    parts: WebParts = request.app.state.parts
    return StreamingResponse(_stream(parts), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(parts: WebParts) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    quiet = 0
    async for code in parts.desk.watch():
        if parts.closing.is_set():
            yield "event: bye\ndata: \n\n"
            return
        quiet = 0 if code else quiet + 1
        if code:
            yield f"event: case\ndata: {code}\n\n"
        elif quiet % BEAT == 0:
            yield "event: look\ndata: \n\n"


ROUTES = [
    Route("/desk", queue, methods=["GET"]),
    Route("/desk/events", events, methods=["GET"]),
    Route("/desk/{code:str}", case, methods=["GET"]),
    Route("/desk/{code:str}/{verb}", act, methods=["POST"]),
]
