"""Fear before any step of going home: only a clear *no* opens what stands behind that question, and every other answer leads to protection.

Rule 1: bot.yaml says which questions these are, where they lead and what stands behind them; where people are led home, it must say it.
Rule 2: it is proved on every way through the program, over calls, jumps and ends, from all that opens a flow; conditions are not weighed.
Rule 3: a question that asks about fear of going back in its own words is held to the same, whether or not bot.yaml names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.checks.clauses import whole
from bot.checks.crossings import openings
from bot.checks.graph import Graph, Spot, ends, problem_at
from bot.flow import program as p
from bot.flow.answers import Choices
from bot.flow.draft import Draft, DraftFlow, DraftStep, Exit, SourceText
from bot.flow.model_service import FearModel
from bot.flow.problem import Problem, nearest, shown
from bot.i18n.fold import fold

_BOT: Final = "flows/bot.yaml"
_NEED: Final = "return"
"""Who lists contacts for this need leads people home."""
_AFRAID: Final = {
    "en": whole(r"afraid|fear|fears|scared|frightened|danger|harm"),
    "fr": whole(r"peur|craignez|craindre|crainte|redoutez|danger"),
    "ar": whole(r"[وفب]?(?:ال)?(?:خوف|تخاف|خايف\w*|خطر)"),
}
_BACK: Final = {
    "en": whole(
        r"(?:go|going|went|come|are sent|return|returning) (?:back|home)|return to your country|if you return|back (?:home|in your country)"
    ),
    "fr": whole(r"(?:rentre\w*|retourn\w+|reven\w+)(?: \w+)*|(?:le|votre|un) retour"),
    "ar": whole(r"[وفبلك]?(?:ال|لل)?(?:عوده|رجوع|عودتك|رجوعك)|(?:ت|ن|ا)(?:عود|رجع)|عدت|رجعت"),
}


def fear_problems(draft: Draft, graph: Graph) -> Iterator[Problem]:
    """Every question of fear that lets somebody go on, and everything behind it that can be reached without its no."""
    fear = draft.bot.fear_first if draft.bot is not None else None
    if fear is None:
        if draft.directory is not None and draft.bot is not None and _NEED in draft.directory.needs:
            sentence = "people are led home here, and ‹fear-first› does not say which question of fear comes before it"
            yield Problem("fear-first", _BOT, 1, 1, sentence)
        return
    asks = frozenset(_asks(graph, fear))
    yield from _unknown(draft, graph, fear)
    for spot in sorted(asks | frozenset(_worded(draft, graph, fear))):
        yield from _goes_on(draft.flows[spot[0]], graph, spot, fear)
    yield from _unguarded(draft, graph, fear, asks)


# ── the questions ──
def _asks(graph: Graph, fear: FearModel) -> Iterator[Spot]:
    for id_ in fear.asks:
        name, _, key = id_.partition(".")
        flow = graph.flows.get(name)
        if flow is not None and key in flow.at and isinstance(flow.steps[flow.at[key]], p.Ask):
            yield name, flow.at[key]


def _unknown(draft: Draft, graph: Graph, fear: FearModel) -> Iterator[Problem]:
    known = {step.id for flow in graph.flows.values() for step in flow.steps if isinstance(step, p.Ask)}
    unread = set(draft.flows) - set(graph.flows)
    for number, id_ in enumerate(fear.asks):
        if id_ not in known and id_.partition(".")[0] not in unread:
            place = draft.at(_BOT, "fear-first", "asks", number)
            sentence = f"there is no question {shown(id_)}: nobody is asked about fear before steps of going home"
            yield Problem("fear-first", _BOT, place.line, place.column, sentence, nearest(id_, known))


def _worded(draft: Draft, graph: Graph, fear: FearModel) -> Iterator[Spot]:
    """Questions whose own words ask about fear of going back; those of the flow that protects are asked after a yes."""
    language = draft.bot.source if draft.bot is not None else "en"
    texts = {text.id: text for text in draft.texts if text.kind == "text"}
    for name, flow in graph.flows.items():
        for step in flow.steps if name != fear.leads else ():
            if isinstance(step, p.Ask) and _has(step, "yes") and _speaks_of_it(texts.get(step.id), language):
                yield name, step.index


def _has(ask: p.Ask, key: str) -> bool:
    return isinstance(ask.type, Choices) and any(choice.key == key for choice in ask.type.choices)


def _speaks_of_it(text: SourceText | None, language: str) -> bool:
    bare = f" {fold(text.text)} " if text is not None else ""
    return bool(language in _AFRAID and _AFRAID[language].search(bare) and _BACK[language].search(bare))


def _goes_on(flow: DraftFlow, graph: Graph, spot: Spot, fear: FearModel) -> Iterator[Problem]:
    """What lets somebody who did not say no go on."""
    ask, step = graph.step(spot), flow.steps[spot[1]]
    if not isinstance(ask, p.Ask):
        return
    if not isinstance(ask.type, Choices) or ask.type.many:
        yield _problem(flow, step, "it takes other answers than yes, no and a doubt", "ask")
        return
    protects = p.ToFlow(fear.leads)
    for choice in ask.type.choices:
        if choice.key != "no" and ask.go.get(choice.key) != protects:
            yield _problem(flow, step, f"the answer ‹{choice.key}› does not lead to ‹{fear.leads}›", "go", choice.key)
    passed = {
        "skip": ask.skip and ask.go.get("skip") != protects,
        "otherwise": ask.otherwise not in (None, protects),
        "if": ask.when is not None,
        "once": ask.once,
        "heard": ask.heard,
    }
    for key in (key for key, is_so in passed.items() if is_so):
        yield _problem(flow, step, f"‹{key}› lets it be passed over", key)


def _problem(flow: DraftFlow, step: DraftStep, why: str, *path: str) -> Problem:
    sentence = f"‹{step.key}› asks about fear of going back, and {why}: somebody who is afraid would be led home"
    return problem_at(flow, "fear-goes-on", step.at(*path), sentence)


# ── what stands behind them ──
class Behind(NamedTuple):
    """Ids of texts, in flows that `fear-first` names: those behind the question, and those that can come before it."""

    kept: frozenset[str]
    open: frozenset[str]


def behind(draft: Draft, graph: Graph) -> Behind:
    """What stands behind the question of fear, and what does not; nothing where no question is named."""
    fear = draft.bot.fear_first if draft.bot is not None else None
    if fear is None:
        return Behind(frozenset(), frozenset())
    asks = frozenset(_asks(graph, fear))
    reached = _open_ways(draft, graph, fear, asks)
    said = [(name, step) for name in fear.flows if name in graph.flows for step in graph.flows[name].steps if not step.key.startswith("#")]
    there = {step.id: (name, step.index) in reached for name, step in said}
    return Behind(
        frozenset(id_ for id_, is_open in there.items() if not is_open), frozenset(id_ for id_, is_open in there.items() if is_open)
    )


def _open_ways(draft: Draft, graph: Graph, fear: FearModel, asks: frozenset[Spot]) -> frozenset[Spot]:
    """Every spot that is reached without a no."""
    return _reached(_ways(graph, fear, asks), [(name, 0) for _, _, name in openings(draft) if name in graph.flows])


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways that do not pass a no. `passing`: flows that can end without one."""

    graph: Graph
    ways: Mapping[Spot, tuple[Exit, ...]]
    passing: frozenset[str]


def _unguarded(draft: Draft, graph: Graph, fear: FearModel, asks: frozenset[Spot]) -> Iterator[Problem]:
    reached = _open_ways(draft, graph, fear, asks)
    guarded = {name for name, _ in asks}
    for name in fear.flows:
        flow = graph.flows.get(name)
        bare = (
            (step for step in flow.steps if (name, step.index) in reached and _counts(step, guarded=name in guarded)) if flow else iter(())
        )
        first = next((step for step in bare if (name, step.index) not in asks), None)
        if first is not None:
            said = "another question or step stands before the question of fear" if name in guarded else "it can be reached without one"
            sentence = (
                f"{graph.named((name, first.index))} stands behind a no to {' or '.join(f'‹{each}›' for each in fear.asks)}, and {said}"
            )
            yield problem_at(draft.flows[name], "fear-first", draft.flows[name].steps[first.index].place, sentence)


def _counts(step: p.Step, *, guarded: bool) -> bool:
    """Before its own question a flow may say what it is about; a flow without one says nothing."""
    if isinstance(step, p.Go | p.Set | p.Decide | p.End | p.Leave | p.Forget):
        return False
    return not (guarded and isinstance(step, p.Say))


def _ways(graph: Graph, fear: FearModel, asks: frozenset[Spot]) -> _Ways:
    ways = {spot: graph.ways[spot[0]][spot[1]] for spot in graph.spots()}
    for spot in asks:
        # The question itself is judged apart: here whoever is asked goes on only to protection.
        ways[spot] = tuple(way for way in ways[spot] if way.to == p.ToFlow(fear.leads))
    passing: frozenset[str] = frozenset()
    while True:
        roads = _Ways(graph, ways, passing)
        more = frozenset(name for name in graph.flows if _ends(roads, name))
        if more == passing:
            return roads
        passing = more


def _ends(roads: _Ways, name: str) -> bool:
    return any(
        ends(way.to) and (way.calls is None or way.calls in roads.passing or way.calls not in roads.graph.flows)
        for spot in _reached(roads, [(name, 0)], calls=False)
        for way in roads.ways[spot]
    )


def _reached(roads: _Ways, first: list[Spot], *, calls: bool = True) -> frozenset[Spot]:
    """Every spot that these lead to without a no. `calls`: what is called on the way counts too."""
    seen, waiting = set(first), list(first)
    while waiting:
        spot = waiting.pop()
        for to in _onward(roads, spot, calls=calls):
            if to not in seen:
                seen.add(to)
                waiting.append(to)
    return frozenset(seen)


def _onward(roads: _Ways, spot: Spot, *, calls: bool) -> Iterator[Spot]:
    for way in roads.ways[spot]:
        if way.calls is not None and way.calls in roads.graph.flows:
            if calls:
                yield way.calls, 0
            if way.calls not in roads.passing:
                continue
        yield from roads.graph.begins(spot[0], way.to)
