"""What a caseworker does with a case: posted forms, with or without scripts.

Rule 1: what changes a case is a posted form that names the case and carries its own id, so that a second press is one press.
Rule 2: what was refused keeps the caseworker's words in the box and says why.
"""

from collections.abc import Mapping

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.conversation.cases.desk import Outcome
from bot.ports import StoreUnavailable
from bot.web.desk.pages import Draft, drawn
from bot.web.desk.sight import Sight, sight_of
from bot.web.visits import elsewhere

_NAMED = frozenset({"taken", "closed", "erased", "unwritten", "sent", "hours"})
"""Sentences that name the case."""
_ABSENT = frozenset({"erased", "closed", "taken", "unwritten"})


async def act(request: Request) -> Response:
    """Claim, answer, note, and the rest; a script gets the sentence alone."""
    sight = await sight_of(request)
    scripted = "application/json" in request.headers.get("accept", "")
    if sight is None:
        return JSONResponse({"good": False, "why": "out"}, status_code=401) if scripted else elsewhere(request)
    form = await request.form()
    code, verb = request.path_params["code"], request.path_params["verb"]
    try:
        outcome = await _done(sight, code, verb, form)
    except StoreUnavailable:
        outcome = "down"
    good = outcome in ("done", "slow", "put-off")
    if outcome == "done" and verb == "answer":
        outcome = "put-off" if _word(form, "at") else "sent"
    if scripted:
        said = sight.eye.say(f"desk.said.{outcome}", **_values(outcome, code))
        return JSONResponse({"good": good, "why": outcome, "said": said}, status_code=200 if good else _status(outcome))
    if good:
        return RedirectResponse(f"/desk/{code}?said={outcome}", 303)
    return await _refused(sight, code, outcome, form)


async def _done(sight: Sight, code: str, verb: str, form: FormData) -> Outcome | str:
    desk, staff = sight.parts.desk, sight.staff
    action = sight.action(_word(form, "action"))
    match verb:
        case "claim":
            return await desk.claim(code, staff, action)
        case "answer":
            return await desk.answer(code, staff, _text(form), action, at=_time(form), reply=_word(form, "reply"))
        case "note":
            return await desk.note(code, staff, _text(form), action)
        case "correct":
            n = _word(form, "n")
            return await desk.correct(code, staff, _text(form), action, n=int(n) if n.isdecimal() and len(n) < 10 else 0)
        case "withdraw":
            return await desk.withdraw(code, staff, _word(form, "later"), action)
        case "tag":
            tags = [one for one in (*form.getlist("tag"), _word(form, "add")) if isinstance(one, str)]
            return await desk.tag(code, staff, tags, action)
        case _:
            return await _ending(sight, code, verb, form, action)


async def _ending(sight: Sight, code: str, verb: str, form: FormData, action: str) -> Outcome | str:
    """Acts after which somebody else has the case."""
    desk, staff = sight.parts.desk, sight.staff
    match verb:
        case "transfer":
            kind, _, to = _word(form, "to").partition(":")
            note = _text(form)
            if kind == "c" and to:
                return await desk.transfer(code, staff, action, to=to, note=note)
            if kind != "t" or not to:
                return "whom"
            if not note:
                return "note"
            return await desk.transfer(code, staff, action, team=to, note=note, agreed=_word(form, "agreed") == "yes")
        case "back":
            return await desk.hand_back(code, staff, action, flow=_word(form, "flow"))
        case "close":
            follow, partner = _word(form, "follow") == "yes", _word(form, "partner")
            return await desk.close(code, staff, _word(form, "outcome"), action, follow_up=follow, partner=partner)
        case _:
            return "unknown"


async def _refused(sight: Sight, code: str, why: str, form: FormData) -> Response:
    said, text = sight.eye.say(f"desk.said.{why}", **_values(why, code)), _word(form, "text")
    noted = sight.request.path_params["verb"] != "answer"
    draft = Draft(said=said, text="" if noted else text, note=text if noted else "", outcome=_word(form, "outcome"))
    return await drawn(sight, code, draft, status=_status(why))


def _status(why: str) -> int:
    return 503 if why == "down" else 409


def _values(why: str, code: str) -> Mapping[str, str]:
    return {"code": code} if why in _NAMED else {}


def _word(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _text(form: FormData) -> str:
    return _word(form, "text").replace("\r\n", "\n").strip()


def _time(form: FormData) -> float | None:
    try:
        at = float(_word(form, "at") or "nan")
    except ValueError:
        return None
    return at if 0 < at < 1e11 else None


ROUTES = [Route("/desk/{code:str}/{verb:str}", act, methods=["POST"])]
