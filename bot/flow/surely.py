"""Which answers are surely there when a step begins: given on every way to it, and not skipped.

Rule 1: a way that begins anew (the first step, `after` of a handoff) begins with nothing; conditions are not weighed.
"""

from collections.abc import Iterator, Mapping

from bot.flow import program as p
from bot.flow.answers import SKIPPED
from bot.flow.draft import PAST_THE_END, Exit, exits


def surely_answered(flow: p.Flow) -> Mapping[int, frozenset[str]]:
    """Step → the answers that cannot be missing or skipped there; a step that nothing leads to is left out."""
    ways = exits(flow)
    sure: dict[int, frozenset[str]] = {0: frozenset()}
    waiting = [0]
    while waiting:
        index = waiting.pop()
        for to, known in _onward(flow, flow.steps[index], ways[index], sure[index]):
            before = sure.get(to)
            now = known if before is None else before & known
            if now != before:
                sure[to] = now
                waiting.append(to)
    return sure


def _onward(flow: p.Flow, step: p.Step, ways: tuple[Exit, ...], sure: frozenset[str]) -> Iterator[tuple[int, frozenset[str]]]:
    for way in ways:
        if isinstance(way.to, p.ToStep) and way.to.index != PAST_THE_END:
            known = _after(step, way, sure)
            # What a called flow asks again it may leave skipped: only own answers outlast it.
            yield way.to.index, known & flow.own.keys() if way.calls else known


def _after(step: p.Step, way: Exit, sure: frozenset[str]) -> frozenset[str]:
    if way.why == "after":
        return frozenset()
    match step:
        case p.Ask(key=name):
            if way.answered and not step.once:
                return sure | {name}
            return sure - {name} if step.skip else sure
        case p.Consent(key=name) if way.answered or way.why == "no":
            return sure | {name}
        case p.Set(answer=name, to=value) if step.when is None:
            return sure - {name} if value == SKIPPED else sure | {name}
        case p.Forget(what="answers"):
            return frozenset()
        case _:
            return sure
