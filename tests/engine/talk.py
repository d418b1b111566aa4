"""One person and the bot, for tests: what is sent, pressed and said, with the session saved and loaded each time."""

from typing import Any

from bot.engine.effects import Effect, Relay, Send
from bot.engine.events import AnyEvent, CaseClosed, Claimed, MediaSent, Pressed, Said, StaffWrote, Started, WordPressed
from bot.engine.session import Session, decode, encode
from bot.engine.step import Away, step
from bot.flow.program import Program

MONDAY = 1_795_428_000.0
"""2026-11-23 10:00 UTC, a Monday: teams are at work in both countries."""


class Talk:
    """A conversation; methods give the ids that were sent in answer."""

    def __init__(self, program: Program, *, language: str = "en", **session: Any) -> None:
        self.program = program
        self.at = MONDAY
        self.n = 0
        self.away: Away = {}
        self.effects: tuple[Effect, ...] = ()
        self.session: Session | None = Session(life="life0", revision=program.revision, language=language, spoken=True, **session)

    @property
    def now(self) -> Session:
        assert self.session is not None
        return self.session

    def starts(self) -> list[str]:
        return self.event(Started(at=self._later(), nonce=self._nonce()))

    def says(self, text: str) -> list[str]:
        return self.event(Said(at=self._later(), nonce=self._nonce(), text=text))

    def presses(self, key: str, *, turn: int | None = None, life: str | None = None) -> list[str]:
        return self.event(
            Pressed(
                at=self._later(), nonce=self._nonce(), life=life or self.now.life, turn=self.now.turn if turn is None else turn, key=key
            )
        )

    def word(self, word: Any) -> list[str]:
        return self.event(WordPressed(at=self._later(), nonce=self._nonce(), word=word))

    def sends(self, kind: Any) -> list[str]:
        return self.event(MediaSent(at=self._later(), nonce=self._nonce(), kind=kind, file="f"))

    def claim(self, case: str | None = None) -> list[str]:
        return self.event(Claimed(at=self._later(), case=case or self._case()))

    def staff(self, text: str, case: str | None = None) -> list[str]:
        return self.event(StaffWrote(at=self._later(), case=case or self._case(), text=text))

    def closes(self, case: str | None = None) -> list[str]:
        return self.event(CaseClosed(at=self._later(), case=case or self._case()))

    def event(self, event: AnyEvent) -> list[str]:
        done = step(self.program, self.session, event, self.away)
        self.effects = done.effects
        self.session = decode(encode(done.session)) if done.session is not None else None
        return [("staff" if isinstance(each, Relay) else each.id) for each in done.effects if isinstance(each, Send | Relay)]

    def wait(self, minutes: int) -> None:
        self.at += minutes * 60

    def ordered(self, kind: type) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def kept(self) -> dict[str, Any]:
        return {**self.now.shared, **{f"{frame.flow}.{name}": value for frame in self.now.frames for name, value in frame.own.items()}}

    def _case(self) -> str:
        return self.now.case.code if self.now.case else "none"

    def _later(self) -> float:
        self.at += 5
        return self.at

    def _nonce(self) -> str:
        self.n += 1
        return f"nonce{self.n:011d}"
