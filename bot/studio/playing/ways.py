"""Every way through a flow, played by the engine: its ends, the shortest way to each, the steps that no way reaches, endless circles.

Rule 1: an end was reached: each is the end of a conversation that can be played again as it is.
Rule 2: the search is bounded, and inside flows that are called it looks at each place in a dozen situations only. If that left a step
of the flow itself unreached it says that it was not through, and nothing is called unreachable.
Rule 3: two places are one if nothing that can still be asked of them tells them apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from bot.checks.player import LIFE
from bot.engine.effects import Alert, Button, Effect, Send
from bot.engine.events import AnyEvent, CaseClosed, Claimed, Pressed, Said, Started
from bot.engine.plan import plan_of
from bot.engine.render import render
from bot.engine.session import Session
from bot.engine.step import Away, step
from bot.flow import program as p
from bot.flow.answers import Choices
from bot.flow.bundle import Bundle
from bot.i18n.bidi import without_direction
from bot.studio.playing.deeds import Deed, Request
from bot.studio.playing.matters import matters
from bot.studio.playing.offers import offers
from bot.studio.playing.playable import playable
from bot.studio.playing.roots import Root, roots

MOST: Final = 20_000
"""Events of one search."""
LONGEST: Final = 60
"""Deeds of one way."""
CROWD: Final = 12
"""Different situations in which one place inside a flow that is called is looked at."""
_HARNESS: Final = "#ways"
Kind: TypeAlias = Literal["end", "leave", "flow", "erased", "circle"]


class End(Struct, frozen=True, kw_only=True):
    """One end. `kind`: `end` its caller goes on, `leave` all is over, `flow` another goes on, `erased`, `circle` was cut off.

    `to`: the flow that goes on, or the one that was called and in which all was over.
    `step`: the last step of the flow; `said`, `words`: its last message. `waits`: the team that a case waits for.
    `request`: how to get there; `labels`: the same as it is read, one for each answer.
    """

    kind: Kind
    to: str
    step: str
    said: str
    words: str
    waits: str
    labels: tuple[str, ...]
    request: Request


class Ways(Struct, frozen=True, kw_only=True):
    """What was found. `unreached`: steps that no way reaches; `circles`: places without a way to any end; `whole`: all was looked at."""

    flow: str
    ends: tuple[End, ...] = ()
    reached: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    circles: tuple[tuple[str, ...], ...] = ()
    whole: bool = True
    events: int = 0
    playable: bool = True


def ways(bundle: Bundle, flow: str, language: str) -> Ways:
    """Play every way through the flow; `language`: of the words of the ends. Nothing is found in a flow that does not compile."""
    play = playable(bundle)
    if play.program is None or flow not in play.program.flows or flow in play.broken:
        return Ways(flow=flow, playable=False)
    return _Search(bundle, play.program, flow, language).through()


@dataclass(frozen=True, slots=True)
class _Way:
    """How a place was reached: from where, by which deeds, what the flow said last (id, message) and which step of it came last."""

    root: Root
    deeds: tuple[Deed, ...] = ()
    said: Send | None = None
    last: str = ""
    labels: tuple[Button | str, ...] = ()


@dataclass(slots=True, eq=False)
class _Node:
    """One place: the conversation as it stands, how it was reached, where it leads."""

    way: _Way
    session: Session
    shown: tuple[int, tuple[Button, ...]] = (0, ())
    onward: list["_Node"] = field(default_factory=list)
    ends: bool = False


class _Search:
    def __init__(self, bundle: Bundle, program: p.Program, flow: str, language: str) -> None:
        self.bundle, self.flow, self.language = bundle, flow, language
        self.reached: set[str] = set()
        self.trace: list[str] = []
        self.program = self._traced(program)
        self.asked = matters(bundle, program, flow)
        self.found: dict[tuple[str, ...], End] = {}
        self.nodes: dict[object, _Node] = {}
        self.events = 0
        self.closed: set[tuple[str, bool]] = set()
        self.cut = False
        self.crowds: dict[tuple[tuple[str, str], ...], int] = {}

    def through(self) -> Ways:
        waiting = [node for root in roots(self.program, self.flow, self.asked) if (node := self._begun(root)) is not None]
        while waiting and self.events < MOST:
            following: list[_Node] = []
            for node in waiting:
                following += self._onward(node)
            waiting = following
        whole = not waiting and not self.cut
        names = [step.key for step in self.program.flows[self.flow].steps]
        whole = whole or (not waiting and self.reached.issuperset(names))
        return Ways(
            flow=self.flow,
            ends=tuple(sorted(self.found.values(), key=lambda end: len(end.request.deeds))),
            reached=tuple(name for name in names if name in self.reached),
            unreached=tuple(name for name in names if name not in self.reached) if whole else (),
            circles=self._circles() if whole else (),
            whole=whole,
            events=self.events,
        )

    # ── the program that is played ──
    def _traced(self, program: p.Program) -> p.Program:
        """The program, called from a step that waits, with each step of the flow telling when it is come to."""
        flow = program.flows[self.flow]
        harness = p.Flow(
            name=_HARNESS, sensitive=False, only_from=None, at=MappingProxyType({"call": 0, "after": 1}), own=MappingProxyType({}),
            shown=frozenset(), prints=MappingProxyType({}),
            steps=(
                p.Call(index=0, key="call", id=f"{_HARNESS}.call", flow=self.flow),
                p.Ask(index=1, key="after", id="bot.we-were-here", type=Choices(()), go={}, call={}),
            ),
        )  # fmt: skip
        traced = replace(flow, steps=tuple(replace(step, when=self._telling(step)) for step in flow.steps))
        flows = MappingProxyType({**program.flows, self.flow: traced, _HARNESS: harness})
        return replace(program, flows=flows, service=replace(program.service, first=_HARNESS))

    def _telling(self, step: p.Step) -> p.Condition:
        def told(own: p.Answers, shared: p.Answers, builtin: p.Builtin) -> bool:
            holds = step.when is None or step.when(own, shared, builtin)
            if holds:
                self.trace.append(step.key)
            return holds

        return told

    # ── one place after another ──
    def _begun(self, root: Root) -> _Node | None:
        session = Session(
            life=LIFE, revision=self.program.revision, language=self.language, shared=dict(root.shared), spoken=True, heard=root.heard
        )
        return self._after(_Node(_Way(root), session), Deed("starts"))

    def _onward(self, node: _Node) -> Iterator[_Node]:
        for deed in self._deeds(node):
            if self.events >= MOST:
                return
            more = self._after(node, deed)
            if more is not None:
                yield more

    def _deeds(self, node: _Node) -> Iterator[Deed]:
        plan = plan_of(self.program)
        yield from offers(plan, node.session, tuple(button.key for button in node.shown[1]))
        if self._closes(node.session):
            yield Deed("staff-closes")

    def _closes(self, session: Session) -> bool:
        """Whether it is to be seen what comes when the case is closed; once for each way on that a handoff names."""
        case = session.case
        if case is None or case.flow != self.flow or (case.after, case.unwritten) in self.closed:
            return False
        self.closed.add((case.after, case.unwritten))
        return True

    def _events(self, node: _Node, deed: Deed) -> tuple[AnyEvent, ...]:
        at, nonce = node.way.root.at + len(node.way.deeds), _nonce(len(node.way.deeds))
        match deed.do:
            case "starts":
                return (Started(at=at, nonce=nonce),)
            case "presses":
                return (Pressed(life=LIFE, turn=node.shown[0], key=deed.words, at=at, nonce=nonce),)
            case "staff-closes":
                code = node.session.case.code if node.session.case is not None else ""
                return (Claimed(case=code, at=at, nonce=nonce), CaseClosed(case=code, at=at, nonce=nonce))
            case _:
                return (Said(text=deed.words, at=at, nonce=nonce),)

    def _after(self, node: _Node, deed: Deed) -> _Node | None:
        """The place that this deed leads to, if it is a new one."""
        self.trace.clear()
        session: Session | None = node.session
        effects: tuple[Effect, ...] = ()
        away: Away = dict.fromkeys(node.way.root.away)
        for event in self._events(node, deed):
            self.events += 1
            done = step(self.program, session, event, away)
            session, effects = done.session, (*effects, *done.effects)
        self.reached.update(self.trace)
        done_now = (Deed("staff-claims"), deed) if deed.do == "staff-closes" else (deed,)
        last = self.trace[-1] if self.trace else node.way.last
        way = _Way(
            root=node.way.root,
            deeds=(*node.way.deeds, *done_now),
            said=_last(effects, self.flow) or node.way.said,
            last=last,
            labels=(*node.way.labels, *_labelled(node, deed)),
        )
        kind, to = self._end(node, session, effects)
        if kind is not None or session is None:
            node.ends = True
            self._note(kind or "erased", to, way, session)
            if session is not None and self._closes(session):
                return self._after(_Node(way, session, node.shown), Deed("staff-closes"))
            return None
        return self._placed(node, way, session, effects)

    def _placed(self, node: _Node, way: _Way, session: Session, effects: tuple[Effect, ...]) -> _Node | None:
        key = self.asked.of(session, way.root.at, way.root.away)
        old = self.nodes.get(key)
        if old is not None:
            node.onward.append(old)
            return None
        if len(way.deeds) > LONGEST or self._is_crowded(session):
            self.cut = node.ends = True
            return None
        shown = node.shown
        for effect in effects:
            if isinstance(effect, Send) and effect.buttons:
                shown = (session.turn, tuple(button for button in effect.buttons if not button.glob))
        fresh = self.nodes[key] = _Node(way, session, shown)
        node.onward.append(fresh)
        return fresh

    def _is_crowded(self, session: Session) -> bool:
        """Whether a place inside another flow was looked at often enough."""
        places = tuple((frame.flow, frame.step) for frame in session.frames)
        if places[-1][0] == self.flow:
            return False
        self.crowds[places] = self.crowds.get(places, 0) + 1
        return self.crowds[places] > CROWD

    # ── ends ──
    def _end(self, node: _Node, session: Session | None, effects: tuple[Effect, ...]) -> tuple[Kind | None, str]:
        if session is None:
            return "erased", ""
        if any(isinstance(effect, Alert) and effect.reason == "too-many-steps" for effect in effects):
            return "circle", ""
        names = [frame.flow for frame in session.frames]
        if not names:
            before = node.session.frames[-1].flow if node.session.frames else self.flow
            return "leave", "" if before in {self.flow, _HARNESS} else before
        if names[-1] == _HARNESS:
            return "end", ""
        return (None, "") if self.flow in names else ("flow", next(name for name in names if name != _HARNESS))

    def _note(self, kind: Kind, to: str, way: _Way, session: Session | None) -> None:
        team = session.case.team if session is not None and session.case is not None else ""
        waits = self.program.texts.say(f"teams.{team}:name", self.language) if team else ""
        key = (kind, to, way.last, waits)
        if key in self.found:
            return
        words = without_direction(render(self.program.texts, way.said, self.language).text) if way.said is not None else ""
        root = way.root
        request = Request(flow=self.flow, country=root.country, at=root.words, there=root.there, known=dict(root.known), deeds=way.deeds)
        said = way.said.id if way.said is not None else ""
        self.found[key] = End(
            kind=kind,
            to=to,
            step=way.last,
            said=said,
            words=words,
            waits=waits,
            labels=tuple(map(self._label, way.labels)),
            request=request,
        )

    def _label(self, label: Button | str) -> str:
        return label if isinstance(label, str) else render(self.program.texts, Send("", (), (label,)), self.language).buttons[0][1]

    # ── circles ──
    def _circles(self) -> tuple[tuple[str, ...], ...]:
        """The places from which no end can be reached, by the steps where people would wait."""
        before: dict[_Node, list[_Node]] = {}
        for node in self.nodes.values():
            for to in node.onward:
                before.setdefault(to, []).append(node)
        leads = [node for node in self.nodes.values() if node.ends]
        seen = set(leads)
        while leads:
            for node in before.get(leads.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    leads.append(node)
        lost = {_waits_at(node.session) for node in self.nodes.values() if node not in seen}
        return (tuple(sorted(lost)),) if lost else ()


def _waits_at(session: Session) -> str:
    top = session.frames[-1]
    return f"{top.flow}.{top.step}"


def _labelled(node: _Node, deed: Deed) -> tuple[Button | str, ...]:
    """How the deed is read: the button that was pressed, or the words."""
    if deed.do == "writes":
        return (deed.words,)
    pressed = tuple(button for button in node.shown[1] if button.key == deed.words) if deed.do == "presses" else ()
    return pressed or ((deed.words,) if deed.do == "presses" else ())


def _last(effects: tuple[Effect, ...], flow: str) -> Send | None:
    """The last message of the flow itself."""
    own = [effect for effect in effects if isinstance(effect, Send) and effect.id.partition(".")[0] == flow]
    return own[-1] if own else None


def _nonce(number: int) -> str:
    return f"ways{number:012d}"
