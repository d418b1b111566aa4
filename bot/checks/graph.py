"""The ways through flows, as a graph: what leads where, what surely waits, what runs in circles.

Rule 1: conditions are not weighed: either way is possible.
Rule 2: of a flow that could not be compiled nothing is known: what calls it is taken to wait there.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from bot.flow import program as p
from bot.flow.answers import Place
from bot.flow.draft import PAST_THE_END, Draft, DraftFlow, DraftStep, Exit, exits
from bot.flow.problem import Place as At
from bot.flow.problem import Problem, shown

Spot: TypeAlias = tuple[str, int]
"""Flow and index of a step."""
Stops: TypeAlias = Callable[[p.Step], bool]
"""Whether a step stops a walk for sure."""
_Node = TypeVar("_Node", str, Spot)


@dataclass(frozen=True, slots=True)
class Graph:
    """The compiled flows of a draft, and every way out of each of their steps."""

    flows: Mapping[str, p.Flow]
    ways: Mapping[str, tuple[tuple[Exit, ...], ...]]

    @staticmethod
    def of(draft: Draft) -> "Graph":
        """The graph of every flow that could be compiled."""
        flows = {name: flow.flow for name, flow in draft.flows.items() if flow.flow is not None}
        return Graph(flows, {name: exits(flow) for name, flow in flows.items()})

    def step(self, spot: Spot) -> p.Step:
        """The step at a spot."""
        return self.flows[spot[0]].steps[spot[1]]

    def named(self, spot: Spot) -> str:
        """What a problem calls the step."""
        step = self.step(spot)
        return f"this ‹{type(step).__name__.lower()}›" if step.key.startswith("#") else shown(step.key)

    def spots(self) -> Iterator[Spot]:
        """Every spot, in the order of flows and steps."""
        return ((name, step.index) for name, flow in self.flows.items() for step in flow.steps)

    def leaving(self) -> Iterator[tuple[Spot, Exit, str, bool]]:
        """Every way into a flow: the spot it leads out of, the way, the flow, and whether it is called (else it replaces)."""
        for name, flow in self.flows.items():
            for step in flow.steps:
                for way in self.ways[name][step.index]:
                    if way.calls is not None:
                        yield (name, step.index), way, way.calls, True
                    if isinstance(way.to, p.ToFlow):
                        yield (name, step.index), way, way.to.flow, False

    def reached(self, name: str, *first: int) -> set[int]:
        """The steps of one flow that these steps lead to, themselves among them."""
        seen = set(first)
        waiting = list(first)
        while waiting:
            for way in self.ways[name][waiting.pop()]:
                if isinstance(way.to, p.ToStep) and way.to.index != PAST_THE_END and way.to.index not in seen:
                    seen.add(way.to.index)
                    waiting.append(way.to.index)
        return seen

    def at_once(self, spot: Spot) -> Iterator[Exit]:
        """The ways out of a step that are gone now; `after` of a handoff is not, it begins anew when a person has closed the case."""
        return (way for way in self.ways[spot[0]][spot[1]] if way.why != "after")

    def onward(self, spot: Spot, passing: Collection[str]) -> Iterator[Spot]:
        """Where a step leads at once. `passing`: the flows that can end at once, so that what follows their call comes at once too."""
        flow = spot[0]
        for way in self.at_once(spot):
            if way.calls is not None:
                if way.calls in self.flows:
                    yield way.calls, 0
                if way.calls not in passing:
                    continue
            yield from self.begins(flow, way.to)

    def begins(self, flow: str, to: p.Target) -> Iterator[Spot]:
        """The spot that a target is, if it is one."""
        match to:
            case p.ToStep(index) if index != PAST_THE_END:
                yield flow, index
            case p.ToFlow(name) if name in self.flows:
                yield name, 0
            case _:
                return

    def passing(self, stops: Stops) -> frozenset[str]:
        """The flows that can be run to their end without a step that stops."""
        passing: set[str] = set()
        while more := {name for name in self.flows if name not in passing and self._passes(name, stops, passing)}:
            passing |= more
        return frozenset(passing)

    def _passes(self, name: str, stops: Stops, passing: Collection[str]) -> bool:
        seen: set[Spot] = {(name, 0)}
        waiting: list[Spot] = [(name, 0)]
        while waiting:
            spot = waiting.pop()
            if stops(self.step(spot)):
                continue
            for way in self.at_once(spot):
                if way.calls is not None and way.calls not in passing:
                    continue
                if ends(way.to):
                    return True
                for to in self.begins(spot[0], way.to):
                    if to not in seen:
                        seen.add(to)
                        waiting.append(to)
        return False


def ends(to: p.Target) -> bool:
    """Whether a target is the end of its flow; running past the last step ends it too."""
    return isinstance(to, p.ToEnd) or to == p.ToStep(PAST_THE_END)


def asks_surely(step: p.Step) -> bool:
    """Whether the step puts a new question to the person, whatever was answered and heard before."""
    return isinstance(step, p.Ask) and _is_put(step) and not step.heard


def waits_surely(step: p.Step) -> bool:
    """Whether the step waits for the person, the second time round at the latest: words heard earlier answer only once."""
    return (isinstance(step, p.Ask) and _is_put(step)) or (isinstance(step, p.Pages | p.Consent) and step.when is None)


def _is_put(ask: p.Ask) -> bool:
    """Whether a question is never passed over; one for a place is, where no country is known."""
    return ask.when is None and not ask.once and not isinstance(ask.type, Place)


def circles(edges: Mapping[_Node, Sequence[_Node]]) -> list[list[_Node]]:
    """The groups of nodes that lead to one another, each in order, the groups in order of their first."""
    back: dict[_Node, list[_Node]] = {node: [] for node in edges}
    for node, onward in edges.items():
        for to in onward:
            back[to].append(node)
    groups: list[list[_Node]] = []
    seen: set[_Node] = set()
    for node in reversed(_finished(edges)):
        group = _gathered(node, back, seen)
        if len(group) > 1 or (group and node in edges[node]):
            groups.append(sorted(group))
    return sorted(groups)


def _finished(edges: Mapping[_Node, Sequence[_Node]]) -> list[_Node]:
    """Every node, after all that it leads to."""
    done: list[_Node] = []
    seen: set[_Node] = set()
    for first in edges:
        if first in seen:
            continue
        seen.add(first)
        stack = [(first, iter(edges[first]))]
        while stack:
            to = next((to for to in stack[-1][1] if to not in seen), None)
            if to is None:
                done.append(stack.pop()[0])
            else:
                seen.add(to)
                stack.append((to, iter(edges[to])))
    return done


def _gathered(first: _Node, back: Mapping[_Node, Sequence[_Node]], seen: set[_Node]) -> list[_Node]:
    """The nodes not yet seen that lead to the first."""
    if first in seen:
        return []
    group: list[_Node] = []
    waiting = [first]
    seen.add(first)
    while waiting:
        node = waiting.pop()
        group.append(node)
        for to in back[node]:
            if to not in seen:
                seen.add(to)
                waiting.append(to)
    return group


def problem_at(flow: DraftFlow, rule: str, place: At, sentence: str) -> Problem:
    """A problem in the file of a flow."""
    return Problem(rule, flow.file, place.line, place.column, sentence)


def place_of_way(step: DraftStep, way: Exit) -> At:
    """Where the author wrote this way out of a step."""
    return step.place if step.word in ("go", "call") or not way.path else step.at(*way.path)
