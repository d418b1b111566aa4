"""The one mutable thing of the engine: a session taken apart while one event is worked, and put together once.

Rule 1: a turn lives for one event; nothing outside this room sees it.
Rule 2: the flow on top stands open in `spots`, `index`, `own`; what lies under it stays frozen in `below`.
"""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, structs

from bot.engine.calendar import is_open, part_of_day
from bot.engine.effects import Button, Effect, Send
from bot.engine.plan import Plan, Spot
from bot.engine.session import CaseView, Frame, Past, Question, Reminder, Session, Undo, Who
from bot.engine.undo import difference, rebased
from bot.flow.answers import SKIPPED, Answer
from bot.i18n.values import Text

MAX_DEPTH = 8
"""Open flows; the one opened first gives way."""
MAX_UNDO = 20
Away = Mapping[str, float | None]
"""Teams of which nobody is at the desk now, whatever their hours say → since when somebody is back (UTC seconds), None: not known."""
NOBODY_AWAY: Away = {}
Meant: TypeAlias = tuple[str, Answer]
"""What words were taken for (`bot.engine.step.meaning`), and the word, the answer or the danger that they named."""


class Step(Struct, frozen=True):
    """What one event leads to: the session to keep (None after an erasure), and what to do, in order."""

    session: Session | None
    effects: tuple[Effect, ...]


class Turn:
    """One event being worked."""

    __slots__ = (
        "at",
        "away",
        "before",
        "below",
        "case",
        "cut",
        "effects",
        "erased",
        "flow",
        "heard",
        "index",
        "language",
        "last_press",
        "meant",
        "met",
        "nonce",
        "over",
        "own",
        "page",
        "past",
        "picked",
        "plan",
        "program",
        "question",
        "reminders",
        "saves",
        "seen_at",
        "shared",
        "spoken",
        "spots",
        "turn",
        "undo",
        "waits",
        "who",
        "written",
        "wrong",
    )

    def __init__(self, plan: Plan, session: Session, at: float, nonce: str, away: Away = NOBODY_AWAY) -> None:
        self.plan = plan
        self.program = plan.program
        self.before = session
        self.at, self.nonce, self.away = at, nonce, away
        self.past: Past | None = None  # a closed case that may go on
        self.effects: list[Effect] = []
        # `waits`: a question was asked in this turn, nothing runs on. `cut`: Back may not cross what happened in this turn.
        # `saves`: an answer was given (or the flow interrupted), Back comes back to before it.
        self.erased = self.waits = self.cut = self.saves = False
        self.meant: Meant = ("", "")
        self.written: tuple[str, str, str] | None = None  # flow, answer, words: just written by the person
        self.turn = session.turn
        self.language = session.language
        self.shared = session.shared
        self.who: Who = session.who
        self.case: CaseView | None = session.case
        self.question: Question | None = session.question
        self.wrong = session.wrong
        self.picked = session.picked
        self.heard = session.heard
        self.undo: tuple[Undo, ...] = session.undo
        self.seen_at = session.seen_at
        self.last_press = session.last_press
        self.spoken = session.spoken
        self.met = session.met
        self.reminders: tuple[Reminder, ...] = session.reminders
        self.open(session.frames)

    @property
    def life(self) -> str:
        """The random name of this conversation."""
        return self.before.life

    # ── open flows ──
    def open(self, frames: tuple[Frame, ...]) -> None:
        """Stand where these frames stand; with none, nothing is open (`flow` is empty)."""
        self.below: tuple[Frame, ...] = frames[:-1]
        self.flow = ""
        self.spots: tuple[Spot, ...] = ()
        self.index = 0
        self.own: dict[str, Answer] = {}
        self.over = False
        self.page = 0
        if frames:
            self._stand(frames[-1])

    def _stand(self, top: Frame) -> None:
        self.flow = top.flow
        self.spots = self.plan.spots[top.flow]
        self.index = self.plan.at[top.flow, top.step].index
        self.own = top.own
        self.over = top.over
        self.page = top.page

    def frames(self) -> tuple[Frame, ...]:
        """All open flows, the one on top last."""
        if not self.flow:
            return ()
        return (*self.below, Frame(self.flow, self.spots[self.index].name, self.own, self.over, self.page))

    def spot(self) -> Spot | None:
        """The step where the person stands, or None if nothing is open."""
        return self.spots[self.index] if self.flow else None

    def enter(self, flow: str, *, over: bool) -> None:
        """Open a flow on top of what is open; the one opened first gives way beyond the depth allowed."""
        if self.flow:
            self.below = self.frames()[1 - MAX_DEPTH :]
        self.begin(flow)
        self.over = over

    def begin(self, flow: str) -> None:
        """Stand at the top of a flow, in the place of the one on top."""
        self.flow = flow
        self.spots = self.plan.spots[flow]
        self.index = 0
        self.own = {}
        self.page = 0

    def drop(self) -> None:
        """Close the flow on top; its caller stands where it called from."""
        self.open(self.below)

    def is_in(self, flow: str) -> bool:
        """Whether the flow is open."""
        return self.flow == flow or any(frame.flow == flow for frame in self.below)

    def leave(self) -> None:
        """Everything is over: open flows and all answers are gone; an open case stays."""
        self.open(())
        self.shared = {}
        self.heard = ""
        self.question = None
        self.picked = ()
        self.wrong = 0
        self.cut = True

    # ── answers ──
    def known(self, spot: Spot) -> Answer | None:
        """The answer that this step asks, if it was given."""
        return (self.shared if spot.shared else self.own).get(spot.name)

    def put(self, name: str, value: Answer) -> None:
        """Keep an answer where it belongs."""
        if name in self.program.shared:
            self.shared = {**self.shared, name: value}
        else:
            self.own = {**self.own, name: value}

    def drop_own(self, names: frozenset[str]) -> None:
        """Forget these answers of the flow on top."""
        if not names.isdisjoint(self.own):
            self.own = {name: value for name, value in self.own.items() if name not in names}

    def word(self, name: str) -> str | None:
        """A shared answer that is one word, or None if it is missing or skipped."""
        value = self.shared.get(name)
        return value if isinstance(value, str) and value != SKIPPED else None

    @property
    def country(self) -> str | None:
        """The country the person is in, if they said so."""
        value = self.shared.get("country")
        return value if isinstance(value, str) and value != SKIPPED else None

    def builtin(self, name: str) -> str | None:
        """The value of a name that the language has built in."""
        match name:
            case "language":
                return self.language
            case "heard":
                return self.heard or None
            case "now":
                return part_of_day(self.at, self.country, self.program.service)
            case _:
                return "open" if self.is_staffed(name.removeprefix("team.")) else "closed"

    def is_staffed(self, team: str) -> bool:
        """Whether the team is at work for this person now: by its hours, and somebody of it is at the desk."""
        return team not in self.away and is_open(self.program.teams, team, self.country, self.at, self.program.service)

    # ── what is done ──
    def do(self, *effects: Effect) -> None:
        """Order these, after what was ordered before."""
        self.effects += effects

    def tell(self, text_id: str, *buttons: Button) -> None:
        """Say a text of the engine that holds no value."""
        spot = self.spot()
        self.effects.append(Send(text_id, (Text(text_id),), buttons, (), False, spot is not None and spot.flow.sensitive))  # noqa: FBT003 - a struct, by place

    def done(self) -> Step:
        """Put the session together."""
        if self.erased:
            return Step(None, tuple(self.effects))
        before = self.before
        frames = self.frames()
        return Step(
            Session(
                life=self.life,
                turn=self.turn,
                revision=self.plan.revision,
                language=self.language,
                frames=frames,
                shared=self.shared,
                who=self.who,
                case=self.case,
                question=self.question,
                wrong=self.wrong,
                picked=self.picked,
                heard=self.heard,
                undo=self._undo(before, frames),
                seen_at=self.seen_at,
                last_press=self.last_press,
                spoken=self.spoken,
                met=self.met,
                reminders=self.reminders,
            ),
            tuple(self.effects),
        )

    def _undo(self, before: Session, frames: tuple[Frame, ...]) -> tuple[Undo, ...]:
        if self.cut or self.plan.revision != before.revision:
            return ()
        if self.saves and before.frames:
            made = difference(before, before.turn, (frames, self.shared), self.plan.free)
            kept = self.undo if len(self.undo) < MAX_UNDO else self.undo[1 - MAX_UNDO :]
            return (*kept, made)
        if self.undo and self.undo is before.undo and (frames != before.frames or self.shared != before.shared):
            return rebased(before, (frames, self.shared), self.plan.free)
        return self.undo

    def changed_case(self, **changes: object) -> None:
        """Change what is known of the open case."""
        if self.case is not None:
            self.case = structs.replace(self.case, **changes)
