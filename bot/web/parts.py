"""What the pages need from the rest of the house: protocols and one frozen parcel of parts.

Rule 1: a page asks for nothing that is not named here; the wiring file fills it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from bot.conversation.desk import CasePage, Outcome
from bot.conversation.staff import StaffMember
from bot.engine.events import AnyEvent
from bot.flow.program import Program
from bot.ports import CaseIndex, CaseState, Clock, OutButton, OutCard


class LetterLike(Protocol):
    """One message of the chat page."""

    @property
    def n(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> Literal["bot", "human", "me"]: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def buttons(self) -> tuple[OutButton, ...]: ...  # noqa: D102
    @property
    def cards(self) -> tuple[OutCard, ...]: ...  # noqa: D102
    @property
    def listen(self) -> str | None: ...  # noqa: D102
    @property
    def client(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102


class MailboxLike(Protocol):
    """What the chat page may show now."""

    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def who(self) -> Literal["bot", "waiting", "human"]: ...  # noqa: D102
    @property
    def ended(self) -> Literal["", "stop", "erase"]: ...  # noqa: D102
    @property
    def cursor(self) -> int: ...  # noqa: D102
    @property
    def letters(self) -> Sequence[LetterLike]: ...  # noqa: D102


class ChatRoom(Protocol):
    """The mailbox of one browser (`bot.channels.webchat.Webchat`). Methods may raise `StoreUnavailable`."""

    async def open(self, language: str) -> str:
        """Begin a session; gives its secret."""
        ...

    async def post(self, secret: str, client: str, event: AnyEvent, *, label: str | None = "") -> bool:
        """Accept what the page sent, durably and once per client id; False if there is no such session. `label`: the own bubble's words."""
        ...

    async def read(self, secret: str, after: int = 0) -> MailboxLike | None:
        """Give letters after this cursor; None if there is no such session."""
        ...

    async def wait(self, secret: str, after: int, *, seconds: float) -> MailboxLike | None:
        """Like `read`, but waits so long for something new."""
        ...

    async def speak(self, secret: str, language: str) -> None:
        """Remember the language of the page."""
        ...


class DeskLike(Protocol):
    """Cases for caseworkers (`bot.conversation.desk.Desk`)."""

    async def queue(self, staff: StaffMember, states: Sequence[CaseState] = ("waiting", "claimed")) -> Sequence[CaseIndex]:
        """Give the cases of this caseworker's teams."""
        ...

    async def open(self, code: str, staff: StaffMember) -> CasePage | None:
        """Open one case; None if there is none for this caseworker."""
        ...

    async def claim(self, code: str, staff: StaffMember, action: str) -> Outcome:
        """Take the case."""
        ...

    async def answer(self, code: str, staff: StaffMember, text: str, action: str) -> Outcome:
        """Send words to the person of this case."""
        ...

    async def note(self, code: str, staff: StaffMember, text: str, action: str) -> Outcome:
        """Keep a private note on the case."""
        ...

    async def close(self, code: str, staff: StaffMember, outcome: str, action: str) -> Outcome:
        """End the case."""
        ...

    def watch(self) -> AsyncIterator[str]:
        """Give the codes of cases as they change; empty ones to look for oneself."""
        ...


class StaffBookLike(Protocol):
    """Accounts and web sessions of staff (`bot.conversation.staff.StaffBook`)."""

    async def redeem(self, token: str) -> str | None:
        """Give the secret of a new session, or None if the link no longer works."""
        ...

    async def who(self, secret: str) -> StaffMember | None:
        """Give who this session belongs to."""
        ...

    async def sign_out(self, secret: str) -> None:
        """End the session."""
        ...

    async def speak(self, member: StaffMember, language: str) -> StaffMember:
        """Keep another language of the desk for this account."""
        ...


class Wording(Protocol):
    """Sentences of pages and staff, by id of `bot.web.wording`."""

    def say(self, text_id: str, language: str, **values: str | int) -> str:
        """Give the sentence with its values."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How this service stands, for `/`: ids with their values. `todo` (`home.todo.*`): what must be done before real use, in order.

    `facts`: ids like `home.fact.store.value`; the first three parts of an id are its label.
    """

    stage: Literal["trial", "live"]
    todo: tuple[tuple[str, Mapping[str, str | int]], ...] = ()
    facts: tuple[tuple[str, Mapping[str, str | int]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the web application is made of.

    `ready`: name → asks one part whether it works (true or an exception). `recordings`: folder of `<lang>/voice/<id>.ogg`, or None.
    `closing`: set when the server stops, so that open streams end. `secure`: the public address is HTTPS.
    """

    chat: ChatRoom
    desk: DeskLike
    staff: StaffBookLike
    program: Callable[[], Program]
    words: Wording
    clock: Clock
    chance: Callable[[int], str]
    registry: CollectorRegistry
    ready: Mapping[str, Callable[[], Awaitable[bool]]]
    standing: Callable[[], Awaitable[Standing]]
    direct: Mapping[str, ASGIApp] = field(default_factory=dict)
    recordings: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    secure: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
