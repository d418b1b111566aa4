"""From flow to flow: who may enter, who is never entered, and calls that never come back.

Rule 1: a flow is opened by another flow, by a global word, by danger words, or because it is the first.
"""

from collections.abc import Iterator
from typing import Final

from bot.checks.graph import Graph, circles, place_of_way, problem_at
from bot.flow.draft import Draft
from bot.flow.problem import Problem

MAX_DEPTH: Final = 8
"""So many flows may be open, one on top of another."""


def crossing_problems(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Flows entered from where they may not be, and calls that never come back."""
    yield from _only_from(draft, graph)
    yield from _only_from_words(draft)
    circle = tuple(_call_circles(draft, graph))
    yield from circle or _too_deep(draft, graph)


def _only_from(draft: Draft, graph: Graph) -> Iterator[Problem]:
    for (name, index), way, entered, _ in graph.leaving():
        allowed = _allowed(draft, entered)
        if allowed is not None and name != entered and name not in allowed:
            flow = draft.flows[name]
            yield problem_at(flow, "only-from", place_of_way(flow.steps[index], way), _only(entered, allowed))


def _only_from_words(draft: Draft) -> Iterator[Problem]:
    """The flows of global words and danger words, and the first one, are entered from nowhere."""
    for file, path, entered in openings(draft):
        allowed = _allowed(draft, entered)
        if allowed is not None:
            place = draft.at(file, *path)
            yield Problem("only-from", file, place.line, place.column, _only(entered, allowed))


def openings(draft: Draft) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """File, path and flow of everything that opens a flow without standing in one."""
    if draft.bot is not None:
        yield "flows/bot.yaml", ("first",), draft.bot.first
        for word, flow in draft.bot.on.flows():
            yield "flows/bot.yaml", ("on", word), flow
    if draft.words is not None:
        for group, danger in draft.words.danger.items():
            yield "flows/words.yaml", ("danger", group, "flow"), danger.flow


def _allowed(draft: Draft, name: str) -> tuple[str, ...] | None:
    flow = draft.flows.get(name)
    return flow.head.only_from if flow is not None and flow.head is not None else None


def _only(name: str, allowed: tuple[str, ...]) -> str:
    return f"‹{name}› may be reached only from [{', '.join(allowed)}]"


def unreached_flows(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Flows that no word, no danger and no reachable flow opens; nothing if it cannot be known."""
    if draft.bot is None or draft.words is None or len(graph.flows) != len(draft.flows):
        return
    leads: dict[str, set[str]] = {name: set() for name in graph.flows}
    for (name, _), _way, entered, _called in graph.leaving():
        leads[name].add(entered)
    seen: set[str] = set()
    waiting = [flow for _, _, flow in openings(draft)]
    while waiting:
        name = waiting.pop()
        if name in leads and name not in seen:
            seen.add(name)
            waiting += leads[name]
    for name, flow in draft.flows.items():
        if name not in seen:
            sentence = f"nothing opens the flow ‹{name}›: no flow that is reached goes there or calls it, and no word does"
            yield problem_at(flow, "unreachable-flow", draft.at(flow.file, "flow"), sentence)


def _call_circles(draft: Draft, graph: Graph) -> Iterator[Problem]:
    leads: dict[str, list[str]] = {name: [] for name in graph.flows}
    crossings = [each for each in graph.leaving() if each[2] in leads]
    for (name, _), _way, entered, _called in crossings:
        leads[name].append(entered)
    for group in circles(leads):
        calls = [each for each in crossings if each[3] and each[0][0] in group and each[2] in group]
        if calls:
            (name, index), way, entered, _ = calls[0]
            flow = draft.flows[name]
            chain = " → ".join(f"‹{each}›" for each in (name, *_chain(leads, entered, name)))
            sentence = f"calls that never come back: {chain}; use ‹go›, which leaves this flow"
            yield problem_at(flow, "call-circle", place_of_way(flow.steps[index], way), sentence)


def _chain(leads: dict[str, list[str]], first: str, last: str) -> list[str]:
    """The shortest way from one flow to another, both named."""
    came: dict[str, str] = {first: ""}
    waiting = [first]
    for name in waiting:
        for to in leads[name]:
            if to not in came:
                came[to] = name
                waiting.append(to)
    chain = [last]
    while came[chain[-1]]:
        chain.append(came[chain[-1]])
    return chain[::-1]


def _too_deep(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Calls that open more flows than may be open; there are no circles of calls."""
    crossings = [each for each in graph.leaving() if each[2] in graph.flows]
    depth = dict.fromkeys(graph.flows, 1)
    for _ in graph.flows:
        for (name, _index), _way, entered, called in crossings:
            depth[name] = max(depth[name], depth[entered] + called)
    for (name, index), way, entered, called in crossings:
        if called and depth[entered] == MAX_DEPTH:
            flow = draft.flows[name]
            yield problem_at(
                flow, "call-circle", place_of_way(flow.steps[index], way), f"from here more than {MAX_DEPTH} flows would be open at once"
            )
