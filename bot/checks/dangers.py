"""Words of danger are heard in every language, and what they open leads to help and to people.

Rule 1: every group can be set off in every language of the service, and no *unless* takes a spelling away.
Rule 2: a flow of danger, with what it leads to, names a contact and can pass the person to a team; one that drops everything hides.
"""

from collections.abc import Iterator
from typing import Final

from bot.checks.graph import Graph
from bot.flow import program as p
from bot.flow.draft import Draft
from bot.flow.model_service import BotModel, DangerModel, Spellings
from bot.flow.problem import Problem
from bot.i18n.fold import fold

_FILE: Final = "flows/words.yaml"
LATIN: Final = "ar-latn"


def danger_problems(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Groups that cannot be set off, and flows of danger without help."""
    if draft.words is None or draft.bot is None:
        return
    if not draft.words.danger:
        place = draft.key_at(_FILE, "danger")
        yield Problem(
            "danger-words", _FILE, place.line, place.column, "no words of danger are listed: whoever writes them would not be heard"
        )
    numbers = frozenset(text.id for text in draft.texts if "{number." in text.text)
    over = frozenset({draft.bot.first, draft.bot.on.menu})
    for name, group in draft.words.danger.items():
        yield from _words(draft, draft.bot, name, group)
        if not group.leave and group.flow in graph.flows:
            yield from _help(draft, graph, name, over, numbers)


def _words(draft: Draft, bot: BotModel, name: str, group: DangerModel) -> Iterator[Problem]:
    silent = [language for language in bot.languages if not _heard(group.words, language)]
    if silent:
        place = draft.key_at(_FILE, "danger", name, "words")
        sentence = f"‹{name}› has no spelling in {', '.join(silent)}: danger written there would not be heard"
        yield Problem("danger-words", _FILE, place.line, place.column, sentence)
    spellings = [(script, number, fold(words)) for script, listed in group.words.items() for number, words in enumerate(listed)]
    for script, listed in group.unless.items():
        for number, words in enumerate(listed):
            bare = f" {fold(words)} "
            hidden = next((said for _, _, said in spellings if bare.strip() and bare in f" {said} "), "")
            if hidden:
                place = draft.at(_FILE, "danger", name, "unless", script, number)
                sentence = f"‹{words}› under ‹unless› stands in ‹{hidden}›, which is then never heard"
                yield Problem("danger-words", _FILE, place.line, place.column, sentence)


def _heard(words: Spellings, language: str) -> bool:
    return any(fold(each) for script, listed in words.items() if script.partition("-")[0] == language for each in listed)


def _help(draft: Draft, graph: Graph, name: str, over: frozenset[str], numbers: frozenset[str]) -> Iterator[Problem]:
    flow = draft.words.danger[name].flow if draft.words is not None else ""
    steps, whole = _steps(graph, flow, over)
    lacks = []
    if not any(isinstance(step, p.Contacts) or step.id in numbers for step in steps):
        lacks.append("names no contact")
    if not any(isinstance(step, p.Handoff) for step in steps):
        lacks.append("passes nobody to a team")
    if lacks and whole:
        place = draft.at(_FILE, "danger", name, "flow")
        sentence = f"‹{flow}›, which ‹{name}› opens, {' and '.join(lacks)}, nor does anything it leads to before it ends"
        yield Problem("danger-help", _FILE, place.line, place.column, sentence)


def _steps(graph: Graph, first: str, over: frozenset[str]) -> tuple[list[p.Step], bool]:
    """The steps that a flow reaches, also in what it calls or goes to; and whether all are known. `over`: flows that begin anew."""
    seen, waiting, steps, whole = {first, *over}, [first], [], True
    while waiting:
        flow = graph.flows[waiting.pop()]
        for index in graph.reached(flow.name, 0):
            steps.append(flow.steps[index])
            for way in graph.ways[flow.name][index]:
                for name in (way.calls, way.to.flow if isinstance(way.to, p.ToFlow) else None):
                    whole = whole and (name is None or name in graph.flows)
                    if name is not None and name in graph.flows and name not in seen:
                        seen.add(name)
                        waiting.append(name)
    return steps, whole
