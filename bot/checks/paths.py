"""Paths through flows: each ends, each step is reached, nothing turns in circles while nobody is asked.

Rule 1: a flow begins at its first step, and anew at the step that `after` of a handoff names.
Rule 2: conditions are not weighed, so that what is proved here holds whatever was answered.
"""

from collections.abc import Iterator

from bot.checks.graph import Graph, Spot, circles, problem_at, waits_surely
from bot.flow import program as p
from bot.flow.draft import PAST_THE_END, Draft, DraftFlow
from bot.flow.problem import Problem

_SHOWN = 6
"""So many steps of a circle are named."""


def path_problems(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Every path that does not end, every step that nothing leads to, every circle that never waits."""
    silent = graph.passing(_is_heard)
    for name in graph.flows:
        yield from _ends(draft.flows[name], graph)
        yield from _unreached(draft.flows[name], graph)
        yield from _otherwise_loops(draft.flows[name], graph, silent)
    yield from _circles(draft, graph)


def _ends(flow: DraftFlow, graph: Graph) -> Iterator[Problem]:
    for index in sorted(graph.reached(flow.name, 0)):
        if any(way.to == p.ToStep(PAST_THE_END) for way in graph.ways[flow.name][index]):
            sentence = f"{graph.named((flow.name, index))} runs past the last step; write ‹- end›, ‹- leave› or a ‹go› after it"
            yield problem_at(flow, "no-end", flow.steps[index].place, sentence)


def _unreached(flow: DraftFlow, graph: Graph) -> Iterator[Problem]:
    """The first step of every stretch that nothing leads to: what only it leads to is not told again."""
    seen = graph.reached(flow.name, 0)
    for step in flow.steps:
        if step.index not in seen:
            yield problem_at(flow, "unreachable", step.place, f"nothing leads to {graph.named((flow.name, step.index))}")
            seen |= graph.reached(flow.name, step.index)


def _circles(draft: Draft, graph: Graph) -> Iterator[Problem]:
    passing = graph.passing(waits_surely)
    edges = {spot: () if waits_surely(graph.step(spot)) else tuple(graph.onward(spot, passing)) for spot in graph.spots()}
    for group in circles(edges):
        flow = draft.flows[group[0][0]]
        sentence = f"a circle that never waits for the person: {_round(graph, group)}"
        yield problem_at(flow, "circle", flow.steps[group[0][1]].place, sentence)


def _round(graph: Graph, group: list[Spot]) -> str:
    named = [graph.named(spot) for spot in group]
    return f"{', '.join(named[:_SHOWN])}{', …' if len(named) > _SHOWN else ''}"


def _otherwise_loops(flow: DraftFlow, graph: Graph, silent: frozenset[str]) -> Iterator[Problem]:
    for step in graph.flows[flow.name].steps:
        ask = (flow.name, step.index)
        if isinstance(step, p.Ask) and step.otherwise is not None and _comes_back(graph, ask, step.otherwise, silent):
            sentence = f"‹otherwise› leads back to {graph.named(ask)} and says nothing on the way; say what may help"
            yield problem_at(flow, "otherwise-loop", flow.steps[step.index].at("otherwise"), sentence)


def _comes_back(graph: Graph, ask: Spot, to: p.Target, silent: frozenset[str]) -> bool:
    """Whether the ask is reached again without a message. `silent`: the flows that can end without one."""
    waiting = list(graph.begins(ask[0], to))
    seen = set(waiting)
    while waiting:
        spot = waiting.pop()
        if spot == ask:
            return True
        if not _is_heard(graph.step(spot)):
            more = [to for to in graph.onward(spot, silent) if to not in seen]
            seen.update(more)
            waiting += more
    return False


def _is_heard(step: p.Step) -> bool:
    """Whether the person gets a message at the step, or may get one."""
    return isinstance(step, p.Say | p.Ask | p.Pages | p.Contacts | p.Consent | p.Handoff)
