"""What an open desk hears as it happens: server-sent events, taken up again where the line broke, with nothing missed.

Rule 1: an event says which case changed and how; never a word of a person, and nothing of teams the caseworker may not see.
Rule 2: each change has a number; who comes back with the last one hears what followed, or is told to look for themselves.
Rule 3: a stream ends with the server, and within seconds with the session it was opened by; there are only so many of them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.conversation.cases.feed import Change, Feed, Writing
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember
from bot.ports import StoreUnavailable
from bot.web.parts import WebParts
from bot.web.visits import staff_of, still_in

BEAT = 15.0
"""Seconds between two signs of life."""
ASKED_AGAIN = 10.0
"""Seconds between two looks whether the session still stands."""
MOST = 500
"""Streams of one process."""
EACH = 12
"""Streams of one caseworker: windows and tabs."""
RETRY = "retry: 2000\n\n"
"""A browser that lost the line comes back after so many milliseconds."""


class Streams:
    """How many streams are open, all in all and of each caseworker."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    def has_room(self, staff: str) -> bool:
        """Whether this caseworker may open one more."""
        return self._of.total() < MOST and self._of[staff] < EACH

    @contextmanager
    def one(self, staff: str) -> Iterator[None]:
        """Count one while it is open."""
        self._of[staff] += 1
        try:
            yield
        finally:
            self._of[staff] -= 1
            if not self._of[staff]:
                del self._of[staff]


class Hearing:
    """One stream: who hears, and up to where they have heard."""

    def __init__(self, request: Request, staff: StaffMember) -> None:
        self.parts: WebParts = request.app.state.parts
        self._request = request
        self._staff: StaffMember | None = staff
        self._feed: Feed = self.parts.view.feed
        self._written = self._feed.written
        last = request.headers.get("last-event-id") or request.query_params.get("last", "")
        at = self._feed.place(last)
        self._n = self._feed.n if at is None else at
        self._looks = bool(last) and at is None

    def news(self) -> str:
        """Give what is to be said now, as events."""
        if self._staff is None:
            return ""
        said = []
        changes = None if self._looks else self._feed.after(self._n)
        self._n = self._feed.n
        if changes is None:
            self._looks = False
            said.append(self.look())
        else:
            said += [self._case(change) for change in changes if self._sees(*change.teams)]
        for writing in self._feed.writings(self._written):
            if self._sees(writing.team) and writing.name != self._staff.name:
                said.append(_writing(writing))
        self._written = self._feed.written
        return "".join(said)

    def look(self) -> str:
        """Give the event that tells a desk to look for itself."""
        return f"id: {self._feed.epoch}.{self._n}\nevent: look\ndata:\n\n"

    def beat(self) -> str:
        """Give a sign of life, which also says up to where all was told."""
        return f"id: {self._feed.epoch}.{self._n}\nevent: beat\ndata:\n\n"

    async def stands(self) -> bool:
        """Whether the session still stands; what changed of the account holds from now on."""
        with suppress(StoreUnavailable):  # nobody can tell: a desk is not blinded by it
            staff = await still_in(self._request)
            self._staff = staff if staff is not None and may(staff, "see-queue") else None
        self.is_here()
        return self._staff is not None

    def is_here(self) -> None:
        """Let it be known that this caseworker has the desk open: they need no letter."""
        if self._staff is not None:
            self.parts.presence.desks.seen(self._staff.name)

    def _case(self, change: Change) -> str:
        return f"id: {self._feed.epoch}.{change.n}\nevent: case\ndata: {change.code} {change.state} {change.kind}\n\n"

    def _sees(self, *teams: str) -> bool:
        return self._staff is not None and (not self._staff.teams or any(team in self._staff.teams for team in teams))


def _writing(writing: Writing) -> str:
    return f"event: writing\ndata: {writing.code} {writing.name}\n\n"


async def events(request: Request) -> Response:
    """Changes of cases as they happen."""
    staff = await staff_of(request)
    if staff is None:
        return Response(status_code=401)
    if not may(staff, "see-queue"):
        return Response(status_code=403)
    streams: Streams = request.app.state.streams
    if not streams.has_room(staff.id):
        return Response(status_code=503, headers={"Retry-After": "10"})
    stream = _stream(Hearing(request, staff), streams, staff.id)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(hearing: Hearing, streams: Streams, staff: str) -> AsyncIterator[str]:
    now = asyncio.get_running_loop().time
    beat, asked = now() + BEAT, now() + ASKED_AGAIN
    hearing.is_here()
    with streams.one(staff), hearing.parts.view.feed.ear() as ear:
        yield RETRY
        while not hearing.parts.closing.is_set():
            if now() >= asked:
                asked = now() + ASKED_AGAIN
                if not await hearing.stands():
                    break
            said = hearing.news()
            if said or now() >= beat:
                beat = now() + BEAT
                yield said or hearing.beat()
            else:
                await ear.wait(min(beat, asked) - now())
        yield "event: bye\ndata:\n\n"


ROUTES = [Route("/desk/events", events, methods=["GET"])]
