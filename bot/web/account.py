"""One's own account: how the desk speaks and tells, absence, password, sessions, and the Telegram account.

Rule 1: nobody changes here what they may do; only how they do it.
Rule 2: what is shown of a session says what it is on and when it was used, never where from.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.staffing.absence import away_until, shown
from bot.conversation.staffing.door import Visit
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import is_mail
from bot.web.desk.eye import Eye
from bot.web.pages import LANGUAGES, Pages
from bot.web.parts import WebParts
from bot.web.visits import visit_of

SAID = ("saved", "away", "back", "password-set", "ended", "others-ended", "unlinked")
"""What the address may say was done."""


async def page(request: Request) -> Response:
    """The account of whoever is in."""
    visit = visit_of(request)
    if visit is None:
        return RedirectResponse("/signin", 303)
    said = request.query_params.get("said", "")
    return await _page(request, visit, said=said if said in SAID else "")


async def _page(request: Request, visit: Visit, *, said: str = "", wrong: str = "", code: str = "", **values: str) -> Response:
    parts: WebParts = request.app.state.parts
    pages: Pages = request.app.state.pages
    member, eye = visit.member, eye_of(request, visit)
    return pages.page(
        "account.html", eye.language, status=422 if wrong else 200, member=member, eye=eye, said=said, wrong=wrong, code=code,
        values=values, sessions=await parts.door.sessions(member), here=visit.id, has_password=await parts.door.has_password(member),
        away=member.away_until > eye.now, soonest=shown(eye.now, eye.program.service), manages=may(member, "staff"), path="/desk/me",
    )  # fmt: skip


def eye_of(request: Request, visit: Visit) -> Eye:
    """Give who looks, and how they read."""
    parts: WebParts = request.app.state.parts
    asked, member = request.query_params.get("lang", ""), visit.member
    language = asked if asked in LANGUAGES else (member.language if member.language in LANGUAGES else "en")
    return Eye(staff=member, now=parts.clock.now(), program=parts.program(), words=parts.words, language=language)


async def act(request: Request) -> Response:
    """Change one thing of the account."""
    visit = visit_of(request)
    if visit is None:
        return RedirectResponse("/signin", 303)
    parts: WebParts = request.app.state.parts
    form = await request.form()
    one = {name: value for name, value in form.items() if isinstance(value, str)}
    what = request.path_params["what"]
    if what == "code":
        return await _page(request, visit, code=await parts.staff.link_code(visit.member))
    if what == "save":
        speaks = tuple(language for language in LANGUAGES if language in form.getlist("speaks"))
        wrong = await _save(parts, visit, one, speaks)
    else:
        wrong = await _do(parts, visit, what, one)
    if wrong.partition(":")[0] not in SAID:
        return await _page(request, visit, wrong=wrong, mail=one.get("mail", ""), until=one.get("until", ""))
    return RedirectResponse(f"/desk/me?said={wrong}#said", 303)


async def _save(parts: WebParts, visit: Visit, form: Mapping[str, str], speaks: tuple[str, ...]) -> str:
    mail = form.get("mail", "").strip()
    if mail and not is_mail(mail):
        return "mail"
    given: dict[str, Any] = {"mail": mail, "speaks": speaks, **{name: name in form for name in ("mailed", "sound", "keys")}}
    if form.get("language") in LANGUAGES:
        given["language"] = form["language"]
    await parts.staff.change(visit.member, **given)
    return "saved"


async def _do(parts: WebParts, visit: Visit, what: str, form: Mapping[str, str]) -> str:
    """Do one of the others; give what to say, or what was wrong."""
    match what:
        case "away":
            then = away_until(form.get("until", ""), parts.program().service, parts.clock.now())
            if then is None:
                return "until"
            await parts.staff.change(visit.member, away_until=then)
        case "back":
            await parts.staff.change(visit.member, away_until=0.0)
        case "password":
            refused = await parts.door.change_password(visit, form.get("old", ""), form.get("new", ""))
            return refused.why or "password-set"
        case "end":
            await parts.door.end(visit.member, form.get("session", ""))
            return "ended"
        case "end-others":
            await parts.door.end_others(visit)
            return "others-ended"
        case "unlink":
            await parts.staff.unlink(visit.member)
            return "unlinked"
        case _:
            return "saved"
    return what


ROUTES = [
    Route("/desk/me", page, methods=["GET"]),
    Route("/desk/me/{what}", act, methods=["POST"]),
]
