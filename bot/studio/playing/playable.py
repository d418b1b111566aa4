"""What of a draft can be played on a phone: its own program, or, where a problem stops it, what of it compiles.

Rule 1: never an older program in its place: a flow that does not compile is a place that says so, and nothing else.
Rule 2: a stale translation is shown as it stands, so that it can be mended where it is seen; whoever asks is told that it is stale.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from bot.checks.wording import Limits
from bot.flow import program as p
from bot.flow.answers import Choices
from bot.flow.bundle import FLOWS, NOT_FLOWS, Bundle, flow_name
from bot.flow.compile_replies import compile_replies
from bot.flow.compile_service import compile_directory, compile_service, compile_teams
from bot.flow.compile_words import compile_words
from bot.flow.compiler import Compiled
from bot.flow.model_service import BotModel
from bot.flow.names import gather
from bot.flow.problem import Problem
from bot.i18n.texts import Texts
from bot.i18n.units import UNIT_CONTEXTS
from bot.studio.bundle.compiled import compiled
from bot.studio.translating.table import Row, judge, table

STOPPED: Final = "stopped"
"""Key of the one step of a flow that cannot be played."""
MOST_PROBLEMS: Final = 20


class Stop(Struct, frozen=True):
    """A problem that keeps the draft from being played whole. `flow`, `step`: where it stands, if it is a flow."""

    rule: str
    file: str
    line: int
    column: int
    sentence: str
    suggestion: str = ""
    flow: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Playable:
    """`program`: None when nothing can be played. `stops`: why it is not whole. `broken`: flows that only say so."""

    program: p.Program | None
    stops: tuple[Stop, ...]
    broken: frozenset[str]
    rows: Mapping[str, Row]
    titles: Mapping[str, str]
    limits: Limits

    def title(self, flow: str, language: str) -> str:
        """What staff call a flow, in this language."""
        row = self.rows.get(f"{flow}:title")
        cell = row.cell(language) if row is not None else None
        return (cell.text if cell is not None else "") or self.titles.get(flow, flow)

    def row(self, id_: str) -> Row | None:
        """A text in all languages, with what is wrong with it; None if no author wrote it."""
        row = self.rows.get(id_)
        return None if row is None else judge(row, self.limits)


@lru_cache(maxsize=4)
def playable(bundle: Bundle) -> Playable:
    """What of the bundle can be played."""
    done = compiled(bundle)
    whole = table(done, bundle.catalog_paths())
    bot = done.draft.bot
    program, broken = (done.program, frozenset[str]()) if done.program is not None else _parts(bundle, done)
    if program is not None and bot is not None:
        program = replace(program, texts=_with_stale(program.texts, done, bot, broken))
    return Playable(
        program=program,
        stops=() if done.program is not None else _stops(done),
        broken=broken,
        rows=MappingProxyType({row.id: row for row in whole.rows}),
        titles=MappingProxyType({name: flow.head.title for name, flow in done.draft.flows.items() if flow.head is not None}),
        limits=whole.limits,
    )


def _stops(done: Compiled) -> tuple[Stop, ...]:
    return tuple(_stop(problem, done) for problem in done.problems if not problem.warning)[:MOST_PROBLEMS]


def _stop(problem: Problem, done: Compiled) -> Stop:
    name = flow_name(problem.file) if problem.file.startswith(FLOWS) and problem.file.endswith(".yaml") else ""
    flow = done.draft.flows.get(name)
    above = [step for step in flow.steps if step.place.line <= problem.line] if flow is not None else []
    return Stop(
        problem.rule, problem.file, problem.line, problem.column, problem.sentence, problem.suggestion,
        flow="" if name in NOT_FLOWS else name, step=above[-1].key if above else "",
    )  # fmt: skip


def _parts(bundle: Bundle, done: Compiled) -> tuple[p.Program | None, frozenset[str]]:
    """A program of what compiles; flows that do not are one step that waits and says nothing."""
    draft = done.draft
    if not (draft.bot and draft.words and draft.teams and draft.directory):
        return None, frozenset()
    names = frozenset(flow_name(path) for path in bundle.flow_paths())
    service = compile_service(draft.bot)
    lexicon, danger = compile_words(draft.words)
    flows = {name: flow.flow for name, flow in draft.flows.items() if flow.flow is not None}
    named = {service.first, service.on_menu, service.on_human, service.on_privacy, *(group.flow for group in danger.values())}
    broken = frozenset((names | named | _led_to(flows)) - flows.keys())
    flows.update({name: _silent(name) for name in broken})
    world = gather(draft, names)
    program = p.Program(
        revision=bundle.revision,
        service=service,
        flows=MappingProxyType(flows),
        shared=MappingProxyType({name: kind for name, facts in world.shared.items() if (kind := facts.settled()) is not None}),
        teams=compile_teams(draft.teams),
        directory=compile_directory(draft.directory),
        lexicon=lexicon,
        danger=danger,
        texts=Texts.of({}, {}, draft.bot.source),
        replies=compile_replies(draft.replies),
    )
    return program, broken


def _led_to(flows: Mapping[str, p.Flow]) -> frozenset[str]:
    found: set[str] = set()
    for flow in flows.values():
        for step in flow.steps:
            found |= {target.flow for target in _targets(step) if isinstance(target, p.ToFlow)}
    return frozenset(found)


def _targets(step: p.Step) -> tuple[p.Target, ...]:
    match step:
        case p.Ask(go=go, call=call, otherwise=otherwise):
            return (*go.values(), *(p.ToFlow(flow) for flow in call.values()), *((otherwise,) if otherwise is not None else ()))
        case p.Consent(no=target) | p.Handoff(after=target) | p.Go(to=target):
            return (target,)
        case p.Decide(rows=rows):
            return tuple(row.go for row in rows)
        case p.Call(flow=flow):
            return (p.ToFlow(flow),)
        case _:
            return ()


def _silent(name: str) -> p.Flow:
    step = p.Ask(index=0, key=STOPPED, id=f"{name}.{STOPPED}", type=Choices(()), go={}, call={})
    return p.Flow(
        name=name, sensitive=False, only_from=None, steps=(step,), at=MappingProxyType({STOPPED: 0}), own=MappingProxyType({}),
        shown=frozenset(), prints=MappingProxyType({STOPPED: ""}),
    )  # fmt: skip


def _with_stale(texts: Texts, done: Compiled, bot: BotModel, broken: frozenset[str]) -> Texts:
    """The texts, those that are stale or of which nothing is known yet among them."""
    stale = any(entry.fuzzy and any(entry.forms) for catalog in done.catalogs.values() for entry in catalog.entries.values())
    if not broken and not stale and done.program is not None:
        return texts
    sources = {text.id: text.text for text in done.draft.texts}
    sources.update({f"{name}.{STOPPED}": "…" for name in broken})
    said = {
        language: {entry.context: entry.forms[0] for entry in done.catalogs[language].entries.values() if entry.forms and entry.forms[0]}
        if language in done.catalogs
        else {}
        for language in bot.languages
        if language != bot.source
    }
    units = {language: forms for language, catalog in done.catalogs.items() if len(forms := catalog.units()) == len(UNIT_CONTEXTS)}
    return Texts.of(sources, said, bot.source, units)
