"""One person in one language, played on the real engine: what they do becomes events, what comes of them becomes messages.

Rule 1: the session is saved and loaded between any two events, as in service.
Rule 2: there is no clock here: a deed takes a second, silence takes what is said.
Rule 3: what cannot be done at this place is refused in words that say what can; nothing is done then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import cast, get_args

from msgspec import structs

from bot.engine.calendar import local
from bot.engine.effects import Button, Effect, Erase, Relay, Send
from bot.engine.events import (
    AnyEvent,
    CaseClosed,
    CasePassed,
    Claimed,
    Corrected,
    GlobalWord,
    MediaKind,
    MediaSent,
    Pressed,
    ReminderDue,
    Said,
    StaffWrote,
    Started,
    WordPressed,
)
from bot.engine.session import Session, decode, encode
from bot.engine.step import Away, step
from bot.flow.answers import Answer
from bot.flow.program import Program

GLOBAL: frozenset[str] = frozenset(get_args(GlobalWord))
MEDIA: tuple[str, ...] = get_args(MediaKind)
LIFE = "chatchatchat"
FIRST_MOMENT = datetime(2026, 11, 23, 10)  # noqa: DTZ001 - local, of whichever country
"""A Monday at ten: when a conversation is played that names no time."""


YEARS = range(1980, 2200)
"""When conversations can be played."""


class CannotDo(Exception):
    """It cannot be done at this place. `expected`: what can; `said`: what stands there."""

    def __init__(self, expected: str, said: str) -> None:
        super().__init__(f"expected {expected}; said {said}")
        self.expected = expected
        self.said = said


@dataclass(frozen=True, slots=True)
class Message:
    """A message that came: its id, the keys of its buttons, and what was ordered. `words`: of a caseworker, as they wrote them."""

    id: str
    keys: tuple[str, ...]
    send: Send
    words: str = ""


class Player:
    """A conversation from its first moment on. `known`: shared answers given before it, and what was `heard`."""

    def __init__(
        self,
        program: Program,
        language: str,
        *,
        country: str | None = None,
        at: float | None = None,
        spoken: bool = False,
        known: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.program = program
        self.country = country
        self.at = first_moment(program, country) if at is None else at
        self.away: Away = {}
        told = {"country": country} if country else {}
        shared: dict[str, Answer] = {name: value for name, value in {**told, **known}.items() if name in program.shared}
        self.session: Session | None = Session(
            life=LIFE, revision=program.revision, language=language, shared=shared, spoken=spoken, heard=known.get("heard", "")
        )
        self.nonce = ""
        self.effects: tuple[Effect, ...] = ()
        self.came: list[Message] = []
        """What came of the last deed."""
        self.shown: tuple[int, tuple[str, ...]] = (0, ())
        self.buttons: tuple[Button, ...] = ()
        """Those of the question that was shown last."""
        self.asked: dict[str, int] = {}

    def begins(self, number: int) -> None:
        """Begin one deed; `number` names it, so that what is random is the same each time."""
        self.at += 1
        self.nonce = f"chat{number:012d}"
        self.effects, self.came = (), []

    # ── what a person does ──
    def starts(self) -> None:
        """They open the conversation and say nothing."""
        self.event(Started(at=self.at, nonce=self.nonce))

    def says(self, words: str) -> None:
        """They write."""
        self.event(Said(text=words, at=self.at, nonce=self.nonce))

    def sends(self, kind: str) -> None:
        """They send something that is not text."""
        self.event(MediaSent(kind=cast("MediaKind", kind), file="file", at=self.at, nonce=self.nonce))

    def corrects(self, words: str) -> None:
        """They change the words they wrote last."""
        self.event(Corrected(text=words, at=self.at, nonce=self.nonce))

    def presses(self, key: str) -> None:
        """They press a button that is shown, or a global one."""
        turn, keys = self.shown
        if self.session is not None and key in keys:
            self.event(Pressed(life=self.session.life, turn=turn, key=key, at=self.at, nonce=self.nonce))
        elif key in GLOBAL:
            self.event(WordPressed(word=cast("GlobalWord", key), at=self.at, nonce=self.nonce))
        else:
            raise CannotDo(f"> [{key}]", f"buttons {buttons(keys)}")

    def presses_old(self, question: str, key: str) -> None:
        """They press a button of a question that was asked before."""
        turn = self.asked.get(question)
        if turn is None or self.session is None:
            raise CannotDo(f"> (old {question} {key})", "that question was never asked")
        self.event(Pressed(life=self.session.life, turn=turn, key=key, at=self.at, nonce=self.nonce))

    # ── what time does ──
    def is_silent(self, minutes: int) -> None:
        """They write nothing for so long."""
        self.at += minutes * 60

    def moves_to(self, at: float) -> None:
        """The clock moves; nobody was silent."""
        self.at = at
        if self.session is not None:
            self.session = structs.replace(self.session, seen_at=at)

    def rings(self) -> None:
        """The next thing that was to be said later is said."""
        waiting = sorted(self.session.reminders, key=lambda each: each.at) if self.session is not None else []
        if not waiting or self.session is None:
            raise CannotDo("something that waits for its time", "nothing does")
        self.at = max(self.at, waiting[0].at)
        self.event(ReminderDue(life=self.session.life, name=waiting[0].name, at=self.at, nonce=self.nonce))

    # ── what staff do ──
    @property
    def case(self) -> str:
        """The code of the open case, or nothing."""
        return self.session.case.code if self.session is not None and self.session.case is not None else ""

    def staff_writes(self, words: str) -> None:
        """A caseworker answers, and has the case from then on."""
        self.event(StaffWrote(case=self.case, text=words, at=self.at, nonce=self.nonce))

    def staff_claims(self) -> None:
        """A caseworker takes the case."""
        self.event(Claimed(case=self.case, at=self.at, nonce=self.nonce))

    def staff_closes(self, *, flow: str = "", asks_later: bool = False) -> None:
        """A caseworker closes the case; the machine goes on in `flow`, or where the handoff says."""
        self.event(CaseClosed(case=self.case, flow=flow, follow_up=asks_later, at=self.at, nonce=self.nonce))

    def staff_passes(self, team: str, *, agreed: bool = False) -> None:
        """A caseworker passes the case to a team."""
        self.event(CasePassed(case=self.case, team=team, agreed=agreed, at=self.at, nonce=self.nonce))

    # ── what comes of it ──
    def event(self, event: AnyEvent) -> None:
        """Work one event."""
        done = step(self.program, self.session, event, self.away)
        self.session = None if done.session is None else decode(encode(done.session))
        self.effects += done.effects
        for effect in done.effects:
            self._came(effect)

    def _came(self, effect: Effect) -> None:
        match effect:
            case Send():
                keys = tuple(button.key for button in effect.buttons if not button.glob)
                self.came.append(Message(effect.id, keys, effect))
                if keys and self.session is not None:
                    self.shown = (self.session.turn, keys)
                    self.buttons = effect.buttons
                    self.asked[effect.id] = self.session.turn
            case Relay():
                self.came.append(Message("staff", (), Send("staff", ()), effect.text))
            case Erase():
                self.came.append(Message(effect.farewell.id, (), Send(effect.farewell.id, (effect.farewell,))))
                self.shown = (0, ())
            case _:
                pass

    # ── how it stands ──
    def held(self) -> tuple[str, ...]:
        """The answers still held: shared ones by name, own ones as `flow.answer`."""
        if self.session is None:
            return ()
        own = [f"{frame.flow}.{name}" for frame in self.session.frames for name in frame.own]
        return tuple(sorted({*self.session.shared, *own}))

    def of_case(self) -> str:
        """The open case as a test writes it: team, urgency, the fields shown; `none` if there is none."""
        case = self.session.case if self.session is not None else None
        return "none" if case is None else f"{case.team} {case.urgency}: {' '.join(case.names)}".strip()


def buttons(keys: Sequence[str]) -> str:
    """Buttons as a test writes them."""
    return " ".join(f"[{key}]" for key in keys)


def first_moment(program: Program, country: str | None) -> float:
    """When a conversation is played that names no time (UTC seconds)."""
    return FIRST_MOMENT.replace(tzinfo=local(0, country, program.service).tzinfo).timestamp()


def moment(program: Program, country: str | None, words: str) -> float:
    """A time as `2026-11-20 23:10`, local in the country, in UTC seconds; raises `ValueError`, for a far year too."""
    at = datetime.fromisoformat(words)
    if at.year not in YEARS:
        raise ValueError(words)
    return at.replace(tzinfo=local(0, country, program.service).tzinfo).timestamp()


def variant(program: Program, *, flow: str = "", verified_on: date | None = None, unrung: bool = False) -> Program:
    """The program with another flow to begin with, and with all contacts verified on that day, or none of them (`unrung`)."""
    directory = program.directory
    if unrung or verified_on is not None:
        directory = replace(directory, contacts={name: replace(row, verified_on=verified_on) for name, row in directory.contacts.items()})
    return replace(program, service=replace(program.service, first=flow or program.service.first), directory=directory)
