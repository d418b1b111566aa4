"""Where a problem stands, as authors know their work: a flow and a step, a text, a contact, a team; not only a file and a line.

Rule 1: this never raises; what cannot be told is empty, and file and line are always there.
"""

from collections.abc import Iterator

from msgspec import Struct

from bot.flow.bundle import Bundle, flow_name
from bot.flow.compiler import Compiled
from bot.flow.problem import Problem
from bot.flow.tree import Node, Table, find


class Where(Struct, frozen=True):
    """The place of a problem. `text`: the id of the text it is about, `language`: in which language."""

    file: str
    line: int
    column: int
    flow: str = ""
    step: str = ""
    text: str = ""
    language: str = ""
    contact: str = ""
    team: str = ""


def where(problem: Problem, bundle: Bundle, compiled: Compiled) -> Where:
    """The place of this problem of the bundle, which compiled to that."""
    file, line, column = problem.file, problem.line, problem.column
    draft = compiled.draft
    language = next((code for code, path in bundle.catalog_paths().items() if path == file), "")
    text = _text(problem, compiled, language)
    if language:
        flow, step = _of_text(text, compiled)
        return Where(file, line, column, flow, step, text, language)
    source = _missing_in(problem) or (draft.bot.source if draft.bot is not None else "en")
    if file in bundle.flow_paths():
        name = flow_name(file)
        return Where(file, line, column, name, _step(name, line, compiled), text, source if text else "")
    tree = draft.trees.get(file)
    contact = _entry(tree, "contacts", line) if file == "flows/directory.yaml" else ""
    team = _entry(tree, "teams", line) if file == "flows/teams.yaml" else ""
    return Where(file, line, column, "", "", text, source if text else "", contact, team)


def _missing_in(problem: Problem) -> str:
    """The language that a text is missing in."""
    return problem.sentence.rpartition(" ")[2] if problem.rule == "missing-translation" and len(problem.sentence.split()) == 6 else ""


def _text(problem: Problem, compiled: Compiled, language: str) -> str:
    """The id of the text that the problem is about: it stands at the head of the sentence, else the catalog tells by its line."""
    ids = {text.id for text in compiled.draft.texts}
    catalog = compiled.catalogs.get(language)
    told = problem.sentence.split(" ")[0].removesuffix(":")
    if told in ids or (catalog is not None and told in catalog.entries):
        return told
    if catalog is None:
        return next((text.id for text in compiled.draft.texts if (text.file, text.line) == (problem.file, problem.line)), "")
    return next((context for context, entry in catalog.entries.items() if entry.line == problem.line), "")


def _of_text(id_: str, compiled: Compiled) -> tuple[str, str]:
    flow = id_.partition(":")[0].partition(".")[0]
    if flow not in compiled.draft.flows:
        return "", ""
    return flow, id_.partition(".")[2].partition(":")[0].partition(".")[0]


def _step(flow: str, line: int, compiled: Compiled) -> str:
    there = compiled.draft.flows.get(flow)
    above = [step for step in there.steps if step.node.place.line <= line] if there is not None else []
    return above[-1].key if above else ""


def _entry(tree: Node | None, key: str, line: int) -> str:
    """The key of the last entry that begins at or above the line."""
    return next((name for name, begins in reversed(list(_entries(tree, key))) if begins <= line), "")


def _entries(tree: Node | None, key: str) -> Iterator[tuple[str, int]]:
    table = find(tree, (key,)) if tree is not None else None
    if isinstance(table, Table):
        yield from ((name, entry.key.place.line) for name, entry in table.entries.items())
