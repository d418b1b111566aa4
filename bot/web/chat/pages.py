"""The phone page at /chat: whole without scripts, better with them.

Rule 1: a form is answered only after what it says is on disk; a resend of one client id is one message.
Rule 2: no address, title or header of these pages says what they are about.
Rule 3: after stop and erase nothing of the conversation is on the page, in its cookie or in the browser's cache.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.ports import StoreUnavailable
from bot.web.chat.events import Meant, client_of, meant
from bot.web.chat.view import Bubble, bubbles, first_unanswered
from bot.web.pages import LANGUAGES, Pages, language_of
from bot.web.parts import MailboxLike, WebParts

HOLD = 25.0
"""Seconds that a reader is held until something new comes."""
REPLY = 1.5
"""Seconds that a page without scripts waits for the answer before it is drawn."""
WIPE = '"cache", "storage"'
"""Our cookie is removed by name: `cookies` here would sign the reader out of everything under the same domain."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of the page: the parts, the pages, the secret of its session (empty = none)."""

    request: Request
    parts: WebParts
    pages: Pages
    secret: str

    @classmethod
    def of(cls, request: Request) -> "Visit":
        """Give the visit of this request."""
        parts: WebParts = request.app.state.parts
        return cls(request, parts, request.app.state.pages, request.cookies.get(cookie_name(secure=parts.secure), ""))

    def say(self, text_id: str, language: str) -> str:
        """Give a text of the service itself."""
        return self.parts.program().texts.say(text_id, language)


def cookie_name(*, secure: bool) -> str:
    """Give the name of the session cookie."""
    return "__Host-m" if secure else "m"


# ── reading ──
async def page(request: Request) -> Response:
    """The conversation, or the question of the language to begin with."""
    visit = Visit.of(request)
    box = await visit.parts.chat.read(visit.secret) if visit.secret else None
    if box is not None and box.ended:
        return _gone(visit, RedirectResponse(_end_address(box.language, box.ended), 303), ended=True)
    language = language_of(request, box.language if box is not None else None)
    return _drawn(visit, box, language)


def _drawn(visit: Visit, box: MailboxLike | None, language: str) -> Response:
    letters = box.letters if box is not None else ()
    who = box.who if box is not None else "bot"
    return visit.pages.page(
        "chat.html",
        language,
        who=who,
        bubbles=bubbles(letters, human=who == "human", has_recording=visit.request.app.state.recordings),
        first_new=first_unanswered(letters),
        cursor=box.cursor if box is not None else 0,
        seated=box is not None,
        fresh=visit.parts.chance(16),
        hello={code: visit.pages.words("chat.hello", code) for code in LANGUAGES},
        say=lambda text_id: visit.say(text_id, language),
    )


async def news(request: Request) -> Response:
    """New messages after a cursor, held until there are some: for the page with scripts."""
    visit = Visit.of(request)
    after = _number(request.query_params.get("after", ""))
    hold = 0.0 if "now" in request.query_params else HOLD
    box = await visit.parts.chat.wait(visit.secret, after, seconds=hold) if visit.secret else None
    if box is None:
        return JSONResponse({"ended": "idle"}, status_code=410)
    if box.ended:
        return _gone(visit, JSONResponse({"ended": box.ended, "to": _end_address(box.language, box.ended)}), ended=True)
    return JSONResponse(
        {
            "cursor": box.cursor,
            "who": box.who,
            "lang": box.language,
            "writes": box.writes,
            "letters": [
                {"client": bubble.client, "html": _html(visit, bubble, box.language)}
                for bubble in bubbles(box.letters, human=box.who == "human", has_recording=request.app.state.recordings)
            ],
        }
    )


def _html(visit: Visit, bubble: Bubble, language: str) -> str:
    fresh = visit.parts.chance(16)
    names = ("bubble.html", "choices.html") if bubble.choices else ("bubble.html",)
    return "".join(visit.pages.text(name, language, bubble=bubble, fresh=fresh) for name in names)


def _number(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 12 else 0


async def voice(request: Request) -> Response:
    """A recording of a message."""
    parts: WebParts = request.app.state.parts
    language, name = request.path_params["language"], request.path_params["name"]
    if parts.recordings is None or (language, name) not in request.app.state.recordings:
        return Response(status_code=404)
    return FileResponse(parts.recordings / language / "voice" / f"{name}.ogg", media_type="audio/ogg")


# ── writing ──
async def say(request: Request) -> Response:
    """What the person pressed or wrote."""
    visit = Visit.of(request)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        return await _said(visit, form)
    except StoreUnavailable:
        return _not_now(visit, form)


async def _said(visit: Visit, form: Mapping[str, str]) -> Response:
    box = await visit.parts.chat.read(visit.secret) if visit.secret else None
    box = None if box is not None and box.ended else box
    language = form.get("lang", "") if form.get("lang") in LANGUAGES else language_of(visit.request, box.language if box else None)
    what = meant(form, box.letters if box else (), visit.parts.clock.now())
    if what is None:
        return JSONResponse({"ok": False}, status_code=400) if _wants_json(visit) else RedirectResponse("/chat#new", 303)
    if box is None and what.word in ("stop", "erase"):
        return _left(visit, language, what.word, ended=True)
    if box is None and "speak" in form:
        return RedirectResponse(f"/chat?lang={what.language}", 303)
    if what.word and not what.label:
        what = replace(what, label=visit.say(f"bot.{what.word}", language))
    secret = await _posted(visit, what, client_of(form) or visit.parts.chance(16), language if box is None else None)
    if what.word in ("stop", "erase"):
        after = await visit.parts.chat.read(secret)
        return _left(visit, language, what.word, ended=after is None or bool(after.ended))
    return await _answered(visit, secret, box.cursor if box else 0)


async def _posted(visit: Visit, what: Meant, client: str, fresh: str | None) -> str:
    """Post it, in a new session where there is none (`fresh`: its language); gives the session's secret."""
    chat = visit.parts.chat
    secret = await chat.open(what.language or fresh) if fresh is not None else visit.secret
    if what.first is not None:
        await chat.post(secret, f"{client}-0", what.first, label=None)
        await chat.speak(secret, what.language)
        await _reply(visit, secret, 0)
    if await chat.post(secret, client, what.event, label=what.label):
        return secret
    return await _posted(visit, what, client, language_of(visit.request))  # it ended between the two


async def _answered(visit: Visit, secret: str, cursor: int) -> Response:
    response: Response
    if _wants_json(visit):
        response = JSONResponse({"ok": True})
    else:
        await _reply(visit, secret, cursor)
        response = RedirectResponse("/chat#new", 303)
    if secret != visit.secret:
        name = cookie_name(secure=visit.parts.secure)
        response.set_cookie(name, secret, path="/", secure=visit.parts.secure, httponly=True, samesite="lax")
    return response


async def _reply(visit: Visit, secret: str, cursor: int) -> None:
    """Wait a little for an answer to what comes after this cursor, so that a page without scripts shows it at once."""
    now = asyncio.get_running_loop().time
    until = now() + REPLY
    while (left := until - now()) > 0:
        box = await visit.parts.chat.wait(secret, cursor, seconds=left)
        if box is None or box.ended or not box.letters or any(letter.kind != "me" for letter in box.letters):
            return
        cursor = box.cursor


def _wants_json(visit: Visit) -> bool:
    return "application/json" in visit.request.headers.get("accept", "")


def _not_now(visit: Visit, form: Mapping[str, str]) -> Response:
    """The store cannot promise anything: the words stay with the person, to be sent again under the same id."""
    if _wants_json(visit):
        return JSONResponse({"ok": False}, status_code=503, headers={"Retry-After": "5"})
    language = form.get("lang", "") if form.get("lang") in LANGUAGES else language_of(visit.request)
    return visit.pages.page("chat_again.html", language, status=503, form=form)


# ── leaving ──
async def erase_sheet(request: Request) -> Response:
    """The one sheet before everything is erased, for pages without scripts."""
    visit = Visit.of(request)
    language = language_of(request)
    return visit.pages.page("chat_erase.html", language, fresh=visit.parts.chance(16), say=lambda text_id: visit.say(text_id, language))


async def end(request: Request) -> Response:
    """The plain page after stop or erase."""
    visit = Visit.of(request)
    language = language_of(request)
    text = visit.say("bot.erased-web" if request.query_params.get("e") == "1" else "bot.stopped", language)
    response = visit.pages.page("chat_end.html", language, lines=text.strip().split("\n"))
    response.headers["Clear-Site-Data"] = WIPE
    return response


def _left(visit: Visit, language: str, word: str, *, ended: bool) -> Response:
    to = _end_address(language, word)
    response = JSONResponse({"ok": True, "ended": word, "to": to}) if _wants_json(visit) else RedirectResponse(to, 303)
    return _gone(visit, response, ended=ended)


def _end_address(language: str, how: str) -> str:
    return f"/chat/end?lang={language}" + ("&e=1" if how == "erase" else "")


def _gone(visit: Visit, response: Response, *, ended: bool) -> Response:
    response.headers["Clear-Site-Data"] = WIPE
    if ended:
        secure = visit.parts.secure
        response.delete_cookie(cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax")
    return response


ROUTES = [
    Route("/chat", page, methods=["GET"]),
    Route("/chat/new", news, methods=["GET"]),
    Route("/chat/say", say, methods=["POST"]),
    Route("/chat/erase", erase_sheet, methods=["GET"]),
    Route("/chat/end", end, methods=["GET"]),
    Route("/chat/voice/{language}/{name}.ogg", voice, methods=["GET"]),
]
