"""What the pages need from the rest of the house: protocols and one frozen parcel of parts.

Rule 1: a page asks for nothing that is not named here; the wiring file fills it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from prometheus_client import CollectorRegistry

from bot.conversation.cases.desk import CasePage, Outcome
from bot.conversation.cases.media import MediaDesk
from bot.conversation.cases.presence import Presence
from bot.conversation.cases.view import QueueView
from bot.conversation.staffing.door import Door
from bot.conversation.staffing.staff import StaffBook, StaffMember
from bot.engine.events import AnyEvent
from bot.flow.program import Program
from bot.ports import CaseIndex, CaseState, Clock, OutButton, OutCard
from bot.studio.drafts.parts import StudioParts
from bot.web.straight import Hook


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
    @property
    def writes(self) -> bool: ...  # noqa: D102


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

    async def with_human(self, secret: str) -> str:
        """Give the route of this session if a caseworker has its conversation, else nothing."""
        ...


class DeskLike(Protocol):
    """Cases for caseworkers (`bot.conversation.cases.desk.Desk`). Each act has a name, `action`: done twice, it is done once."""

    async def queue(self, staff: StaffMember, states: Sequence[CaseState] = ("waiting", "claimed")) -> Sequence[CaseIndex]:
        """Give the cases of this caseworker's teams."""
        ...

    async def open(self, code: str, staff: StaffMember, *, before: int = 0, after: int = 0, limit: int = 100) -> CasePage | None:
        """Open one case with some of its entries, the last ones or those before or after one; None if there is none for this caseworker."""
        ...

    def flows(self, language: str) -> Sequence[tuple[str, str]]:
        """Give the flows a conversation can be handed back to: id and title."""
        ...

    async def claim(self, code: str, staff: StaffMember, action: str) -> Outcome:
        """Take the case."""
        ...

    async def answer(self, code: str, staff: StaffMember, text: str, action: str, *, at: float | None = None, reply: str = "") -> Outcome:
        """Send words, or a ready reply, to the person of this case; `at`: not before then."""
        ...

    async def correct(self, code: str, staff: StaffMember, text: str, action: str, *, n: int = 0) -> Outcome:
        """Send words that take the place of an answer."""
        ...

    async def withdraw(self, code: str, staff: StaffMember, later_id: str, action: str) -> Outcome:
        """Take back an answer that has not gone yet."""
        ...

    async def note(self, code: str, staff: StaffMember, text: str, action: str) -> Outcome:
        """Keep a private note on the case."""
        ...

    async def tag(self, code: str, staff: StaffMember, tags: Sequence[str], action: str) -> Outcome:
        """Say which tags the case has from now on."""
        ...

    async def transfer(
        self, code: str, staff: StaffMember, action: str, *, to: str = "", team: str = "", note: str = "", agreed: bool = False
    ) -> Outcome:
        """Pass the case to a colleague or another team."""
        ...

    async def hand_back(self, code: str, staff: StaffMember, action: str, *, flow: str = "") -> Outcome:
        """Give the conversation back to the machine."""
        ...

    async def close(
        self, code: str, staff: StaffMember, outcome: str, action: str, *, follow_up: bool = False, partner: str = ""
    ) -> Outcome:
        """End the case."""
        ...


class Wording(Protocol):
    """Sentences of pages and staff, by id of `bot.web.wording.words`."""

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


async def no_alarm(_: Sequence[str] = ()) -> str:
    """Nothing is out of reach."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the web application is made of.

    `ready`: name → asks one part whether it works (true or an exception). `recordings`: folder of `<lang>/voice/<id>.ogg`, or None.
    `alarm`: the id of what caseworkers of these teams must know now, or nothing. `hooks`: paths that go straight to a channel.
    `closing`: set when the server stops, so that open streams end. `secure`: the public address is HTTPS.
    `measured`: `/metrics` is among the pages, because it has no address of its own.
    `view`: the queue of this process, and what desks hear of it. `presence`: who writes now. `media`: what people sent that is no text.
    `studio`: drafts of flows and the bench they are tried on; None where authors are not served.
    """

    chat: ChatRoom
    desk: DeskLike
    staff: StaffBook
    door: Door
    view: QueueView
    presence: Presence
    media: MediaDesk
    program: Callable[[], Program]
    words: Wording
    clock: Clock
    chance: Callable[[int], str]
    registry: CollectorRegistry
    ready: Mapping[str, Callable[[], Awaitable[bool]]]
    standing: Callable[[], Awaitable[Standing]]
    studio: StudioParts | None = None
    alarm: Callable[[Sequence[str]], Awaitable[str]] = no_alarm
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    measured: bool = True
    recordings: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    secure: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
