"""Nothing goes to a team, and nothing is sent later, without the person's own yes: proved on every path.

Rule 1: a yes is the answer to that consent, in this run of this flow, and the last one given; only the person gives it.
Rule 2: what begins anew (the first step, `after` of a handoff) begins without any; calls, `go` and Back never add one.
Rule 3: a no is a no: what follows it asks something before it asks for consent again, and hands nothing over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.checks.graph import Graph, Spot, asks_surely, ends, problem_at
from bot.flow import program as p
from bot.flow.draft import PAST_THE_END, Draft, DraftFlow, Exit
from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Wrong, parse
from bot.flow.model import AskModel, SetModel
from bot.flow.problem import Problem


def consent_problems(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Every handoff and reminder that can be reached without its yes, and every no that is not taken for one."""
    roads = _Roads(graph, _returns(graph), graph.passing(asks_surely))
    for name, flow in graph.flows.items():
        agreed = agreed_at(flow, graph.ways[name])
        yield from _unagreed(draft.flows[name], flow, agreed)
        yield from _forged(draft.flows[name], flow)
        for step in flow.steps:
            if isinstance(step, p.Consent) and (spot := _after_no(roads, name, step)) is not None:
                what = "a handoff" if isinstance(graph.step(spot), p.Handoff) else "a consent"
                where = f"‹{graph.step(spot).id}›"
                sentence = f"a no to ‹{step.key}› leads to {what}, {where}, without a new question before it"
                yield problem_at(draft.flows[name], "handoff-without-consent", draft.flows[name].steps[step.index].at("no"), sentence)


def agreed_at(flow: p.Flow, ways: Sequence[Sequence[Exit]]) -> Mapping[int, frozenset[str]]:
    """Step → the consents whose last answer is yes on every way to it; a step that nothing leads to is left out."""
    agreed: dict[int, frozenset[str]] = {0: frozenset()}
    waiting = [0]
    while waiting:
        index = waiting.pop()
        step = flow.steps[index]
        for way in ways[index]:
            if not isinstance(way.to, p.ToStep) or way.to.index == PAST_THE_END:
                continue
            here = _after(step, way, agreed[index])
            before = agreed.get(way.to.index)
            now = here if before is None else before & here
            if now != before:
                agreed[way.to.index] = now
                waiting.append(way.to.index)
    return agreed


def _after(step: p.Step, way: Exit, agreed: frozenset[str]) -> frozenset[str]:
    if way.why == "after":
        return frozenset()
    match step:
        case p.Consent(key=name) if way.why == "no":
            return agreed - {name}
        case p.Consent(key=name) if way.answered:
            return agreed | {name}
        case p.Set(answer=name):
            return agreed - {name}
        case p.Forget(what="answers"):
            return frozenset()
        case _:
            return agreed


def _unagreed(draft: DraftFlow, flow: p.Flow, agreed: Mapping[int, frozenset[str]]) -> Iterator[Problem]:
    for step in flow.steps:
        if not isinstance(step, p.Handoff | p.Remind) or step.consent is None or step.index not in agreed:
            continue
        if step.consent not in agreed[step.index]:
            rule = "handoff-without-consent" if isinstance(step, p.Handoff) else "remind-without-consent"
            sentence = f"‹{step.key}› can be reached without a yes to ‹{step.consent}›"
            yield problem_at(draft, rule, draft.steps[step.index].place, sentence)


def _forged(draft: DraftFlow, flow: p.Flow) -> Iterator[Problem]:
    """A consent that `set` answers for the person."""
    consents = {step.key for step in flow.steps if isinstance(step, p.Consent)}
    for step in flow.steps:
        if isinstance(step, p.Set) and step.answer in consents:
            sentence = f"‹{step.answer}› is a consent: only the person answers it, never ‹set›"
            yield problem_at(draft, "handoff-without-consent", draft.steps[step.index].place, sentence)


@dataclass(frozen=True, slots=True)
class _Roads:
    """Where a no can lead. `returns`: flow → where its callers go on. `passing`: flows that can end without a new question."""

    graph: Graph
    returns: Mapping[str, frozenset[Spot]]
    passing: frozenset[str]


@dataclass(frozen=True, slots=True)
class _At:
    """A spot on the way of a no. `owner`: the flow whose callers go on when this one ends; empty inside what is called on the way."""

    owner: str
    spot: Spot


def _after_no(roads: _Roads, name: str, consent: p.Consent) -> Spot | None:
    """The handoff or consent that a no leads to without a new question, or None."""
    waiting = list(_entered(roads, name, name, consent.no))
    seen = set(waiting)
    while waiting:
        at = waiting.pop()
        step = roads.graph.step(at.spot)
        if isinstance(step, p.Handoff | p.Consent):
            return at.spot
        if not asks_surely(step):
            more = [each for each in _onward(roads, at) if each not in seen]
            seen.update(more)
            waiting += more
    return None


def _onward(roads: _Roads, at: _At) -> Iterator[_At]:
    for way in roads.graph.at_once(at.spot):
        if way.calls is not None and way.calls in roads.graph.flows:
            yield _At("", (way.calls, 0))
        if way.calls is None or way.calls in roads.passing:
            yield from _entered(roads, at.owner, at.spot[0], way.to)


def _entered(roads: _Roads, owner: str, flow: str, to: p.Target) -> Iterator[_At]:
    """Where a target leads, and, when it is the end of the flow, where its callers go on."""
    if ends(to):
        yield from (_At(spot[0], spot) for spot in roads.returns.get(owner, ()))
    yield from (_At(owner, spot) for spot in roads.graph.begins(flow, to))


def _returns(graph: Graph) -> Mapping[str, frozenset[Spot]]:
    """Flow → where its callers go on at its end; a flow that replaces another has the callers of that one too."""
    returns: dict[str, set[Spot]] = {name: set() for name in graph.flows}
    replaced: list[tuple[str, str]] = []
    for (name, _), way, entered, called in graph.leaving():
        if entered not in returns:
            continue
        if called:
            returns[entered].update(graph.begins(name, way.to))
            # A call as the last step: its flow's own callers go on.
            if ends(way.to):
                replaced.append((name, entered))
        else:
            replaced.append((name, entered))
    changed = True
    while changed:
        changed = False
        for name, entered in replaced:
            if not returns[name] <= returns[entered]:
                returns[entered] |= returns[name]
                changed = True
    return {name: frozenset(spots) for name, spots in returns.items()}


def private_problems(draft: Draft) -> Iterator[Problem]:
    """Private answers that leave their flow by way of a shared one that is set because of them."""
    shared = frozenset(draft.bot.shared) if draft.bot else frozenset[str]()
    for flow in draft.flows.values():
        private = {step.key for step in flow.steps if isinstance(step.model, AskModel) and step.model.private}
        for step in flow.steps:
            if isinstance(step.model, SetModel) and step.model.set in shared and step.model.if_ is not None:
                told = sorted(_names(parse(step.model.if_)) & private)
                for name in told:
                    sentence = f"‹{name}› is private, and the shared answer ‹{step.model.set}› would tell it to other flows"
                    yield problem_at(flow, "private", step.at("if"), sentence)


def _names(expression: Expression | Wrong) -> frozenset[str]:
    match expression:
        case Is(name=name) | Has(name=name) | Compare(name=name) | Known(name=name):
            return frozenset({name})
        case Not(part):
            return _names(part)
        case All(parts) | Either(parts):
            return frozenset().union(*map(_names, parts))
        case Wrong():
            return frozenset()
