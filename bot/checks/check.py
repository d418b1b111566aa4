"""Everything that is wrong with a bundle, found before it reaches anyone.

Rule 1: all problems at once; what can be checked is checked, however much of the rest is broken.
Rule 2: no clock and no disk: the day that contacts are judged by is an input.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.checks.chatfile import ChatFile, read_chat
from bot.checks.chats import chat_problems
from bot.checks.consents import consent_problems, private_problems
from bot.checks.contacts import contact_problems
from bot.checks.crossings import crossing_problems, unreached_flows
from bot.checks.dangers import danger_problems
from bot.checks.fear import fear_problems
from bot.checks.graph import Graph
from bot.checks.paths import path_problems
from bot.checks.spellings import spelling_problems
from bot.checks.translations import translations
from bot.checks.wording import Faults, faults_of, wording
from bot.flow.bundle import Bundle, flow_name
from bot.flow.compiler import Compiled, compile_bundle
from bot.flow.problem import Problem, place_of


@dataclass(frozen=True, slots=True)
class Tools:
    """The costly parts of checking, each a function of its arguments alone; who checks often hands in ones that remember."""

    faults: Faults = faults_of
    read_chat: Callable[[str], ChatFile] = read_chat


PLAIN: Final = Tools()
"""Everything is done anew."""


def check(bundle: Bundle, on: date) -> tuple[Problem, ...]:
    """Every problem of the bundle by file, line and column; contacts as of that day. Nothing but warnings: it may be published."""
    return check_compiled(bundle, compile_bundle(bundle), on)


def check_compiled(bundle: Bundle, compiled: Compiled, on: date, tools: Tools = PLAIN) -> tuple[Problem, ...]:
    """As `check`, of a bundle that is compiled already."""
    found = (*compiled.problems, *_found(bundle, compiled, on, tools))
    return tuple(sorted(dict.fromkeys(found), key=place_of))


def _found(bundle: Bundle, compiled: Compiled, on: date, tools: Tools) -> Iterator[Problem]:
    draft, catalogs, paths = compiled.draft, compiled.catalogs, bundle.catalog_paths()
    unread = [name for path in bundle.flow_paths() if (name := flow_name(path)) not in draft.flows]
    graph = Graph.of(draft)
    yield from path_problems(draft, graph)
    yield from crossing_problems(draft, graph)
    if not unread:
        yield from unreached_flows(draft, graph)
    yield from consent_problems(draft, graph)
    yield from private_problems(draft)
    yield from fear_problems(draft, graph)
    yield from danger_problems(draft, graph)
    yield from wording(draft, catalogs, paths, tools.faults)
    yield from translations(draft, catalogs, paths)
    yield from contact_problems(draft, on)
    yield from spelling_problems(draft)
    yield from chat_problems(bundle, draft, unread, tools.read_chat)
