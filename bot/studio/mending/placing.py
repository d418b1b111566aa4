"""Where each problem of a draft belongs: to which step, text, contact or team, so that a page can show it there.

Rule 1: every problem belongs somewhere: what no page has a place for belongs to its file.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from bot.flow.bundle import FLOWS, TESTS, Bundle, flow_name
from bot.flow.problem import Problem
from bot.flow.tree import Items, Table, find
from bot.studio.bundle.compiled import findings
from bot.studio.bundle.contents import catalog_of, tree_of
from bot.studio.mending.explain import explained
from bot.studio.mending.mends import Mend
from bot.studio.showing.script import key_of

Area: TypeAlias = Literal["flows", "contacts", "teams", "tests", "files"]
MOST_MENDED = 12
"""Problems of one flow that get buttons at once; the rest when those are mended."""
STALE = frozenset({"stale-translation", "missing-translation"})
"""Rules that say that a translation is not there yet."""
_TABLES: Mapping[str, Area] = {"flows/directory.yaml": "contacts", "flows/teams.yaml": "teams"}
_CONTEXTS: Mapping[str, Area] = {"directory": "contacts", "teams": "teams"}


class Placed(Struct, frozen=True):
    """A problem and its place. `flow` with `step` empty: the head of the flow. `item`: id of a contact or team. `text`: id of a text."""

    problem: Problem
    area: Area
    flow: str = ""
    step: str = ""
    item: str = ""
    text: str = ""


def placed(bundle: Bundle, on: date) -> tuple[Placed, ...]:
    """Give every problem of the bundle with its place; contacts as of that day."""
    places = _Places(bundle)
    return tuple(places.of(problem) for problem in findings(bundle, on))


def mends_in(bundle: Bundle, flow: str, on: date) -> tuple[tuple[str, int, tuple[Mend, ...]], ...]:
    """Give the mends of the problems of a flow: the step, which of its problems, and its buttons; of the first ones only."""
    counts: dict[str, int] = {}
    found: list[tuple[str, int, tuple[Mend, ...]]] = []
    for each in placed(bundle, on):
        if each.flow == flow:
            number = counts[each.step] = counts.get(each.step, -1) + 1
            if len(found) < MOST_MENDED and (mends := explained(each.problem, bundle, on).mends):
                found.append((each.step, number, mends))
    return tuple(found)


class _Places:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._flows = {path: flow_name(path) for path in bundle.flow_paths()}
        self._names = frozenset(self._flows.values())
        self._catalogs = {path: language for language, path in bundle.catalog_paths().items()}
        self._lines: dict[str, tuple[list[int], list[str]]] = {}

    def of(self, problem: Problem) -> Placed:
        """Give the place of a problem."""
        file = problem.file
        if file in self._flows:
            return Placed(problem, "flows", self._flows[file], self._at(file, problem.line))
        if file in _TABLES:
            return Placed(problem, _TABLES[file], item=self._at(file, problem.line))
        if file in self._catalogs:
            return self._in_catalog(problem, self._at(file, problem.line))
        return Placed(problem, "tests" if file.startswith(TESTS) else "files")

    def _in_catalog(self, problem: Problem, context: str) -> Placed:
        first, _, rest = context.partition(".")
        head = context.partition(":")[0]
        if head in self._names:
            return Placed(problem, "flows", head, text=context)
        if first in self._names:
            return Placed(problem, "flows", first, rest.partition(".")[0].partition(":")[0], text=context)
        area = _CONTEXTS.get(first, "files")
        return Placed(problem, area, item=rest.partition(":")[0] if area != "files" else "", text=context)

    def _at(self, file: str, line: int) -> str:
        """What stands at the line: the last thing that begins at or above it."""
        if file not in self._lines:
            listed = self._listed(file)
            self._lines[file] = [at for at, _ in listed], [name for _, name in listed]
        lines, names = self._lines[file]
        found = bisect_right(lines, line)
        return names[found - 1] if found else ""

    def _listed(self, file: str) -> list[tuple[int, str]]:
        if file in self._catalogs:
            catalog = catalog_of(self._bundle, self._catalogs[file])
            return sorted((entry.line, context) for context, entry in catalog.entries.items()) if catalog is not None else []
        node = tree_of(file, self._bundle[file])
        if file in self._flows:
            listed = find(node, ("steps",)) if node is not None else None
            items = listed.items if isinstance(listed, Items) else ()
            return [(item.place.line, key_of(index, item)) for index, item in enumerate(items)]
        table = find(node, ("contacts" if file == f"{FLOWS}directory.yaml" else "teams",)) if node is not None else None
        entries = table.entries.values() if isinstance(table, Table) else ()
        return [(entry.key.place.line, entry.key.text) for entry in entries]
