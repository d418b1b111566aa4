"""A step given another name: in its flow wherever it is meant, and in the tests.

Rule 1: only what means the step is renamed: a choice, a flow or a word that is spelled the same stays.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.flow.bundle import TESTS, flow_name
from bot.flow.language import UNNAMED, WORDS
from bot.flow.outline import STEPS, outline
from bot.flow.tree import Items, Node, Scalar, Table

_NAMING: Final = tuple(word for word in WORDS if word not in UNNAMED)
_TARGETS: Final = ("go", "no", "otherwise", "after")
_WITH: Final = ("handoff", "remind")
_ANSWERS: Final = frozenset({"ask", "consent"})
"""Words whose name is the name of an answer too."""
_CASE: Final = re.compile(r"(\s*case:\s*[a-z0-9-]+\s+[a-z]+:)([^#]*?)(\s*(?:#.*)?)$")


def renamed_in_flow(text: str, name: str, to: str) -> str:
    """The text of a flow (one LF a line) with one of its steps under another name."""
    seen = outline(text)
    listed = seen.node((STEPS,))
    steps = [item for item in listed.items if isinstance(item, Table)] if isinstance(listed, Items) else []
    word = word_of(text, name)
    spans = {node.span for step in steps for node in _meant(step, name, word)}
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        raw = text[span.start : span.end]
        text = text[: span.start] + _renamed(raw, name, to) + text[span.end :]
    return text


def word_of(text: str, name: str) -> str:
    """The word of the step of this name."""
    node = outline(text).node((STEPS, f"@{name}"))
    return next((word for word in _NAMING if isinstance(node, Table) and word in node.entries), "")


def renamed_in_test(text: str, flow: str, name: str, to: str, *, fields: bool) -> str:
    """The text of a test. `fields`: a field of a case of this name is an answer of the flow."""
    meant = re.compile(rf"(?<![\w.-]){re.escape(flow)}\.{re.escape(name)}(?![\w-])")
    return "\n".join(_line(line, meant, name, f"{flow}.{to}", fields=fields) for line in text.split("\n"))


def tests_with_fields(bundle: Mapping[str, str], flow: str, name: str) -> Iterator[str]:
    """Tests where a field of this name can only be an answer of the flow."""
    also = {flow_name(file) for file in bundle if file.endswith(".yaml") and word_of(bundle[file], name) and flow_name(file) != flow}
    for file, text in bundle.items():
        if file.startswith(TESTS) and _speaks_of(text, flow) and not any(_speaks_of(text, other) for other in also):
            yield file


def _speaks_of(text: str, flow: str) -> bool:
    return re.search(rf"^(?:flow:\s*{re.escape(flow)}\s*$|<\s*{re.escape(flow)}\.)", text, re.MULTILINE) is not None


def _line(line: str, meant: re.Pattern[str], name: str, to: str, *, fields: bool) -> str:
    if line.lstrip().startswith(("<", "> (old", "kept:")):
        return meant.sub(to, line)
    case = _CASE.match(line) if fields else None
    if case is None or name not in case[2].split():
        return line
    shown = sorted(to.rpartition(".")[2] if field == name else field for field in case[2].split())
    return f"{case[1]} {' '.join(shown)}{case[3]}"


def _meant(step: Table, name: str, word: str) -> Iterator[Scalar]:
    """Where a step names the one that is renamed. `word`: that one's."""
    yield from same(step.get(word), name)
    for key in _TARGETS:
        yield from same(step.get(key), name)
    for row in _rows(step):
        yield from same(row.get("go"), name)
    if word == "consent" and any(key in step.entries for key in _WITH):
        yield from same(step.get("with"), name)
    if word in _ANSWERS:
        yield from same(step.get("shows"), name)
        yield from same(step.get("set"), name)
        for holder in (step, *_rows(step)):
            condition = holder.get("if")
            if isinstance(condition, Scalar) and _named(name).search(condition.text):
                yield condition


def _rows(step: Table) -> Sequence[Table]:
    rows = step.get("rows")
    return [row for row in rows.items if isinstance(row, Table)] if isinstance(rows, Items) else []


def same(node: Node | None, name: str) -> Iterator[Scalar]:
    """Every text of a node, however deep, that is this name; keys are none."""
    match node:
        case Scalar(text) if text == name:
            yield node
        case Items(items):
            for item in items:
                yield from same(item, name)
        case Table(entries):
            for entry in entries.values():
                yield from same(entry.value, name)
        case _:
            return


def _renamed(raw: str, name: str, to: str) -> str:
    bare = raw.strip("'\"")
    return raw.replace(name, to) if bare == name else _named(name).sub(to, raw)


def _named(name: str) -> re.Pattern[str]:
    """The name where a condition names an answer: behind `known`, or before what is asked of it."""
    bare = rf"(?<![\w./-]){re.escape(name)}(?![\w./-])"
    return re.compile(rf"(?<=known ){bare}|{bare}(?=\s+(?:is|has)\b|\s*[<>])")
