"""What stands before every page: the headers of each answer, no writing from other sites, no body without end.

Rule 1: nothing is loaded from elsewhere, framed elsewhere, or told to elsewhere.
Rule 2: a request that changes something must come from our own pages; who cannot say where it comes from is no browser, or is held by
SameSite cookies alone.
"""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refuse: TypeAlias = Callable[[Request, int], Response]
"""Gives the page of a status."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LARGEST = 64 * 1024
"""Bytes of one posted form; the longest message is 16 kB in UTF-8, and three times that once encoded."""
LARGEST_FILES = 2 * 1024 * 1024
"""Bytes of what an author posts: a whole file of a draft, or a sheet of translations."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "X-Robots-Tag": "noindex",
}


def harden(headers: MutableHeaders, path: str, *, secure: bool) -> None:
    """Add the headers of every answer to these."""
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    # With no-referrer, browsers that send no Sec-Fetch-Site name no origin either: staff pages keep it for themselves.
    headers.setdefault("Referrer-Policy", "same-origin" if path.startswith(("/desk", "/sign", "/studio")) else "no-referrer")
    headers.setdefault("Cache-Control", "no-store")
    if secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


class Headed:
    """Adds the headers of every answer; `secure` adds HSTS."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                harden(MutableHeaders(scope=message), scope["path"], secure=self._secure)
            await send(message)

        await self._app(scope, receive, headed)


class SameOrigin:
    """Refuses what changes something and comes from another site."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 403."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not _ours(scope["path"], Headers(scope=scope)):
            await self._refuse(Request(scope), 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _ours(path: str, headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    if origin == "null":
        return path.startswith("/chat")
    return urlsplit(origin).netloc == headers.get("host", "")


class Bounded:
    """Refuses a body larger than a form can be."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, largest: int = LARGEST) -> None:
        self._app = app
        self._refuse = refuse
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 413 as soon as too much is announced or has come."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = LARGEST_FILES if scope["path"].startswith("/studio/d/") else self._largest
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > largest:
            await self._refuse(Request(scope), 413)(scope, receive, send)
            return
        come = 0

        async def bounded() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > largest:
                raise HTTPException(413)
            return message

        await self._app(scope, bounded, send)
