"""The preview: what phones in several languages show after these deeds, by the real engine, at once.

Rule 1: it is stateless and pure: the same files and the same request give the same screens, and nothing is kept.
Rule 2: what does not compile is said, with its place; an older program never stands in for it.
Rule 3: a deed that no longer fits (its button is gone) stops that phone there and says so; nothing is made up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, get_args

from bot.checks.player import CannotDo, Player, first_moment, moment, variant
from bot.engine.calendar import is_open, local
from bot.engine.events import GlobalWord
from bot.flow.bundle import Bundle
from bot.flow.program import Handoff, Program
from bot.studio.playing.deeds import MOST, Deed, Request, do, understood
from bot.studio.playing.drawing import Drawing, pressable
from bot.studio.playing.playable import Playable, playable
from bot.studio.playing.screens import Bubble, Desk, Meaning, Phone, Refused, Screens

SHOWN: Final = 2
"""Phones side by side."""
_HOUR: Final = 3600.0
_AHEAD: Final = 15 * 24


def preview(bundle: Bundle, request: Request) -> Screens:
    """Give the screens. An unknown flow, country or language is passed over for the nearest that is known."""
    play = playable(bundle)
    if play.program is None:
        return _nothing(bundle, play, request)
    return _Replay(bundle, play, play.program, request).screens()


@dataclass(frozen=True, slots=True)
class Stage:
    """What a conversation begins with: the program as it is played, the country, the first moment, the teams of which nobody is there."""

    program: Program
    flow: str
    country: str
    at: float
    away: tuple[str, ...]
    known: Mapping[str, str]

    @classmethod
    def of(cls, bundle: Bundle, program: Program, request: Request) -> "Stage":
        """The stage of a request."""
        flow = request.flow if request.flow in program.flows else ""
        served = program.service.countries
        country = request.country if request.country in served else next(iter(served), "") if request.country == "?" and flow else ""
        at = _asked(program, country, request)
        teams = teams_of(program, flow)
        if request.there in {"open", "closed"}:
            at = next_moment(program, country, at, teams, is_staffed=request.there == "open")
        today = local(at, country or None, program.service).date() if request.verified else None
        away = teams if request.there == "nobody" else ()
        return cls(_variant(bundle, flow, today), flow, country, at, away, request.known)

    @property
    def words(self) -> str:
        """The first moment, local."""
        return _words(self.at, self.country, self.program)

    def player(self, language: str, *, spoken: bool = False) -> Player:
        """A conversation at its first moment."""
        player = Player(self.program, language, country=self.country or None, at=self.at, spoken=spoken, known=self.known)
        player.away = dict.fromkeys(self.away)
        return player


@lru_cache(maxsize=8)
def _variant(bundle: Bundle, flow: str, verified_on: date | None) -> Program:
    """One object a variant, so that what the engine makes ready of it is made once."""
    program = playable(bundle).program
    if program is None:  # pragma: no cover - asked only where there is one
        raise ValueError(bundle.revision)
    return variant(program, flow=flow, verified_on=verified_on)


def teams_of(program: Program, flow: str) -> tuple[str, ...]:
    """The teams that a flow hands over to; all of them where it names none."""
    steps = program.flows[flow].steps if flow else ()
    named = tuple(dict.fromkeys(step.team for step in steps if isinstance(step, Handoff)))
    return named or tuple(program.teams.teams)


def _asked(program: Program, country: str, request: Request) -> float:
    try:
        return moment(program, country or None, request.at)
    except ValueError:
        return request.now // 60 * 60 if request.now else first_moment(program, country or None)


def next_moment(program: Program, country: str, at: float, teams: Sequence[str], *, is_staffed: bool) -> float:
    """The first full hour from then on at which these teams are open, or closed; the moment itself if there is none."""
    for hours in range(_AHEAD):
        then = at if not hours else (at // _HOUR + hours) * _HOUR
        if all(is_open(program.teams, team, country or None, then, program.service) is is_staffed for team in teams):
            return then
    return at


def shown_languages(program: Program, asked: Sequence[str]) -> tuple[str, ...]:
    """The languages of the phones: those asked for that there are, else the first two."""
    known = tuple(dict.fromkeys(language for language in asked if language in program.service.languages))
    return known or program.service.languages[:SHOWN]


@dataclass(slots=True)
class Seat:
    """One phone while it is played."""

    player: Player
    drawing: Drawing
    bubbles: list[Bubble] = field(default_factory=list)
    refused: Refused | None = None


class _Replay:
    """One request, played."""

    def __init__(self, bundle: Bundle, play: Playable, program: Program, request: Request) -> None:
        self.bundle, self.play, self.request = bundle, play, request
        self.stage = Stage.of(bundle, program, request)
        self.shown = shown_languages(program, request.languages)
        self.reader = request.reader if request.reader in program.service.languages else self.shown[0]
        typed = (deed.language for deed in request.deeds if deed.do == "writes")
        seated = dict.fromkeys((*self.shown, *(each for each in typed if each in program.service.languages)))
        self.seats = {each: Seat(self.stage.player(each), Drawing(play, self.stage.program, each, self.reader)) for each in seated}

    def screens(self) -> Screens:
        for number, deed in enumerate(self.request.deeds[:MOST]):
            self._deed(number, deed)
        program, stage = self.stage.program, self.stage
        first = next(iter(self.seats.values()))
        return Screens(
            revision=self.bundle.revision,
            phones=tuple(self._phone(language) for language in self.shown),
            flow=stage.flow,
            first=self.play.program.service.first if self.play.program is not None else "",
            at=stage.words,
            country=stage.country,
            languages=program.service.languages,
            flows=tuple((name, self.play.title(name, self.reader)) for name in program.flows),
            countries=tuple((code, program.texts.say(f"countries.{code}", self.reader)) for code in program.service.countries),
            words=_labels(program, self.reader),
            desks=tuple(self._desks(first.player)),
            stops=self.play.stops,
            broken=tuple(sorted(self.play.broken)),
        )

    def _deed(self, number: int, deed: Deed) -> None:
        typed = self.seats.get(deed.language) if deed.do == "writes" else None
        meant: Meaning | None = None
        if typed is not None:
            meant = understood(typed.player, deed.words)
            self._in(typed, number, deed, None)
        for seat in self.seats.values():
            if seat is not typed:
                self._in(seat, number, deed, meant)

    def _in(self, seat: Seat, number: int, deed: Deed, meant: Meaning | None) -> None:
        if seat.refused is not None:
            return
        read = understood(seat.player, deed.words) if deed.do == "writes" else None
        before = seat.drawing.before(seat.player, number, deed, meant or read, typed=meant is None)
        try:
            do(seat.player, deed, number, meant)
        except CannotDo as refused:
            seat.refused = Refused(number, refused.expected, refused.said)
            return
        seat.bubbles += before
        seat.bubbles += seat.drawing.after(seat.player, number)

    def _phone(self, language: str) -> Phone:
        seat = self.seats[language]
        player, session = seat.player, seat.player.session
        bubbles, last = pressable(seat.bubbles, player)
        top = session.frames[-1] if session is not None and session.frames else None
        return Phone(
            language=language,
            now=session.language if session is not None else language,
            who=session.who if session is not None else "bot",
            bubbles=bubbles,
            at=_words(player.at, self.stage.country, self.stage.program),
            open=last,
            flow=top.flow if top is not None else "",
            step=top.step if top is not None else "",
            over=bool(self.request.deeds) and top is None and (session is None or session.case is None),
            words=_labels(self.stage.program, language),
            held=player.held(),
            case=player.of_case(),
            reminders=tuple(each.name for each in session.reminders) if session is not None else (),
            refused=seat.refused,
        )

    def _desks(self, player: Player) -> Iterator[Desk]:
        program, country = self.stage.program, self.stage.country or None
        for team in program.teams.teams:
            name = program.texts.say(f"teams.{team}:name", self.reader)
            is_staffed = is_open(program.teams, team, country, player.at, program.service)
            yield Desk(team, name, "closed" if not is_staffed else "nobody" if team in self.stage.away else "open")


def _labels(program: Program, language: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, program.texts.say(f"bot.{word}", language)) for word in get_args(GlobalWord) if program.texts.has(f"bot.{word}"))


def _words(at: float, country: str, program: Program) -> str:
    return f"{local(at, country or None, program.service):%Y-%m-%d %H:%M}"


def _nothing(bundle: Bundle, play: Playable, request: Request) -> Screens:
    return Screens(
        revision=bundle.revision, phones=(), flow=request.flow, first="", at=request.at, country="", languages=(),
        flows=tuple(play.titles.items()), stops=play.stops,
    )  # fmt: skip
