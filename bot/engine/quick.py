"""The commonest event by the shortest way: a button of the question that waits, whose answer leads straight to a next question.

Rule 1: it gives exactly what the long way gives (a test compares them on every flow), or nothing, and then the long way is taken.
Rule 2: everything that can be known before an event is known: what is said on the way, and where the person then stands.
"""

from dataclasses import dataclass
from typing import TypeAlias

from msgspec import structs

from bot.engine.effects import Effect, Send
from bot.engine.events import Pressed, Said
from bot.engine.plan import DONE, SKIP, Labels, Plan, Spot
from bot.engine.session import Frame, Session, Undo
from bot.engine.turn import MAX_UNDO
from bot.flow.answers import SKIPPED, Free, Language
from bot.flow.program import Ask, Go, Say, ToStep
from bot.i18n.fold import fold
from bot.i18n.values import Text

LONGEST = 12
"""Steps looked at between two questions."""


Done: TypeAlias = tuple[Session, tuple[Effect, ...]]
"""The new session, and what is ordered."""


@dataclass(frozen=True, slots=True)
class Path:
    """From one answer to the next question: what is kept, what is said, where the person then stands.

    `once`: the next question is only asked if this answer is not there; `heard`: and if none of these was heard.
    """

    answer: str
    effects: tuple[Effect, ...]
    step: str
    once: bool
    heard: frozenset[str]


class Quick:
    """The short ways of one plan: (flow, step) → key → path; found when first asked for."""

    __slots__ = ("_plan", "_ways")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._ways: dict[tuple[str, str], dict[str, Path]] = {}

    def ways(self, flow: str, step: str) -> dict[str, Path]:
        """The short ways from this question."""
        ways = self._ways.get((flow, step))
        if ways is None:
            ways = self._ways[flow, step] = self._found(self._plan.at[flow, step])
        return ways

    def _found(self, spot: Spot) -> dict[str, Path]:
        step = spot.step
        if not isinstance(step, Ask) or spot.many or spot.choices is None or isinstance(step.type, Language | Free):
            return {}
        keys = [choice.key for choice in spot.choices] + ([SKIP] if step.skip else [])
        paths = ((key, self._path(spot, step, key)) for key in keys if key not in step.call and key != DONE)
        return {key: path for key, path in paths if path is not None}

    def _path(self, spot: Spot, step: Ask, key: str) -> Path | None:
        target = step.go.get(key, ToStep(spot.index + 1))
        effects: list[Effect] = []
        spots = self._plan.spots[spot.flow.name]
        for _ in range(LONGEST):
            if not isinstance(target, ToStep) or target.index >= len(spots):
                return None
            here = spots[target.index]
            if here.step.when is not None:
                return None
            match here.step:
                case Say():
                    if self._plan.names_in(here.step.id):
                        return None
                    effects.append(Send(here.step.id, (Text(here.step.id),), (), (), here.step.listen, here.flow.sensitive))
                    target = ToStep(target.index + 1)
                case Go(to=to):
                    target = to
                case Ask(once=once) if here.question is not None and here is not spot:
                    return Path(SKIPPED if key == SKIP else key, (*effects, here.question), here.name, once, here.heard)
                case _:
                    return None
        return None

    def pressed(self, session: Session, event: Pressed) -> Done | None:
        """The new session and effects, or None if the long way must be taken."""
        if event.turn != session.turn or event.life != session.life or not self._is_plain(session, event.at):
            return None
        return self._taken(session, event.at, event.key, (event.turn, event.key))

    def said(self, session: Session, event: Said) -> Done | None:
        """The same for words that are, as a whole, a choice of the question that waits."""
        if not self._is_plain(session, event.at):
            return None
        ways = self._ways_from(session.frames)
        if not ways:
            return None
        top, folded, lexicon = session.frames[-1], fold(event.text), self._plan.program.lexicon
        labels = self._plan.labels(self._plan.at[top.flow, top.step], session.language, None)
        key = labels.named.get(folded)
        if key is None:
            key = _numbered(labels, folded) if folded.isdigit() else lexicon.answer_exact(folded, labels.spelled, session.language)
        if key not in ways or lexicon.global_word(folded) is not None:
            return None
        return self._taken(session, event.at, key, session.last_press)

    def _taken(self, session: Session, at: float, key: str, press: tuple[int, str] | None) -> Done | None:
        ways = self._ways_from(session.frames)
        path = ways.get(key) if ways else None
        if path is None or (session.heard and session.heard in path.heard):
            return None
        if path.once and (path.step in session.shared or path.step in session.frames[-1].own):
            return None
        return self._after(session, at, path, press), path.effects

    def _is_plain(self, session: Session, at: float) -> bool:
        return (
            bool(session.frames)
            and session.question is None
            and session.who != "human"
            and session.revision == self._plan.revision
            and (not session.seen_at or at - session.seen_at <= self._plan.ask_safe_after)
            and (session.case is None or not session.case.unwritten)
        )

    def _ways_from(self, frames: tuple[Frame, ...]) -> dict[str, Path] | None:
        at = self._plan.at
        for frame in frames:
            if (frame.flow, frame.step) not in at:
                return None
        top = frames[-1]
        return self._ways.get((top.flow, top.step)) or self.ways(top.flow, top.step)

    def _after(self, session: Session, at: float, path: Path, press: tuple[int, str] | None) -> Session:
        frames = session.frames
        top = frames[-1]
        name, below, own, shared = top.step, len(frames) - 1, top.own, session.shared
        if name in self._plan.program.shared:
            old = None if shared.get(name) == path.answer else {name: shared.get(name)}
            undo = Undo(session.turn, name, below, top.page, {}, old)
            shared = {**shared, name: path.answer}
        elif name in own:
            undo = Undo(session.turn, name, below, top.page, {} if own[name] == path.answer else {name: own[name]})
            own = {**own, name: path.answer}
        else:
            undo = Undo(session.turn, name, below, top.page)
            own = {**own, name: path.answer}
        frame = Frame(top.flow, path.step, own, top.over)
        kept = session.undo if len(session.undo) < MAX_UNDO else session.undo[1 - MAX_UNDO :]
        return structs.replace(
            session,
            turn=session.turn + 1,
            frames=(*frames[:-1], frame) if below else (frame,),
            shared=shared,
            wrong=0,
            picked=(),
            undo=(*kept, undo),
            seen_at=at,
            last_press=press,
        )


def _numbered(labels: Labels, folded: str) -> str | None:
    """The choice at this position, counted from 1."""
    place = int(folded) if folded.isascii() and len(folded) < 3 else 0
    return labels.keys[place - 1] if 0 < place <= len(labels.keys) else None
