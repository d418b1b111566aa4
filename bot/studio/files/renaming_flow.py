"""A flow given another name wherever it is meant: in flows, in the files beside them, in tests, in the ids of texts.

Rule 1: only what means the flow is renamed: a choice, a step or a word that is spelled the same stays, and so does every comment.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final

from bot.flow.bundle import FLOWS, NOT_FLOWS, TESTS, flow_name
from bot.flow.outline import outline
from bot.flow.source import as_read
from bot.flow.tree import Items, Node, Scalar, Table
from bot.studio.files.renaming import same
from bot.studio.files.steps import names_of_steps
from bot.studio.files.yamlfile import as_it_was

_TARGETS: Final = ("go", "call", "no", "otherwise", "after")
_ALIKE: Final = 0.6
"""How much of a flow must stand in another for that to be it under another name."""


class Unreadable(Exception):
    """A file that may name the flow and cannot be read."""


def renamed_everywhere(files: Mapping[str, str], flow: str, to: str) -> dict[str, str]:
    """Every file but the catalogs with the flow under another name; raises `Unreadable` naming one."""
    found: dict[str, str] = {}
    for path, text in files.items():
        if not path.startswith(FLOWS):
            found[path] = text
        elif path.startswith(TESTS):
            found[path] = as_it_was(text, _in_test(as_read(text), flow, to))
        else:
            found[f"{FLOWS}{to}.yaml" if path == f"{FLOWS}{flow}.yaml" else path] = as_it_was(text, _in_file(path, text, flow, to))
    return found


def id_under(id_: str, flow: str, to: str) -> str:
    """The id of a text once the flow is called otherwise."""
    return f"{to}{id_[len(flow) :]}" if id_.startswith((f"{flow}.", f"{flow}:")) else id_


def renames(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str]]:
    """Flows that are gone and stand there under another name: how they were called, and are."""
    gone, new = (_only(one, other) for one, other in ((before, after), (after, before)))
    found: list[tuple[str, str]] = []
    for flow in gone:
        rated = [(_alike(before[f"{FLOWS}{flow}.yaml"], after[f"{FLOWS}{to}.yaml"]), to) for to in new if to not in dict(found).values()]
        best = max(rated, default=(0.0, ""))
        if best[0] >= _ALIKE:
            found.append((flow, best[1]))
    return found


def _only(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    paths = [path for path in one if path not in other and path.startswith(FLOWS) and path.endswith(".yaml")]
    return [name for path in paths if (name := flow_name(path)) not in NOT_FLOWS]


def _alike(text: str, other: str) -> float:
    one, two = ([line for line in each.splitlines() if not line.startswith("flow:")] for each in (text, other))
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


# ── files ──
def _in_file(path: str, text: str, flow: str, to: str) -> str:
    seen = outline(text)
    if not isinstance(seen.root, Table):
        raise Unreadable(f"{path}{seen.problems[0] if seen.problems else ''}")
    name = flow_name(path)
    nodes = _BESIDE[name](seen.root) if name in _BESIDE else () if name in NOT_FLOWS else _of_flow(seen.root, seen.text, name, flow)
    spans = {node.span for node in nodes if _names(node.text, flow)}
    new = seen.text
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        raw = new[span.start : span.end]
        new = new[: span.start] + re.sub(rf"(?<![\w-]){re.escape(flow)}(?![\w-])", to, raw, count=1) + new[span.end :]
    return new


def _names(text: str, flow: str) -> bool:
    return text == flow or text.startswith(f"{flow}.")


def _of_flow(root: Table, text: str, name: str, flow: str) -> Iterator[Scalar]:
    yield from _scalars(root.get("only-from"))
    if name == flow:
        yield from _scalars(root.get("flow"))
    steps = root.get("steps")
    if flow in names_of_steps(text):  # a step of this flow is meant
        return
    for step in _tables(steps):
        for key in _TARGETS:
            yield from same(step.get(key), flow)
        for row in _tables(step.get("rows")):
            yield from same(row.get("go"), flow)


def _tables(node: Node | None) -> list[Table]:
    return [item for item in node.items if isinstance(item, Table)] if isinstance(node, Items) else []


def _of_bot(root: Table) -> Iterator[Scalar]:
    for key in ("first", "on", "fear-first"):
        yield from _scalars(root.get(key))


def _of_words(root: Table) -> Iterator[Scalar]:
    groups = root.get("danger")
    for entry in groups.entries.values() if isinstance(groups, Table) else ():
        if isinstance(entry.value, Table):
            yield from _scalars(entry.value.get("flow"))


def _of_replies(root: Table) -> Iterator[Scalar]:
    replies = root.get("replies")
    for entry in replies.entries.values() if isinstance(replies, Table) else ():
        if isinstance(entry.value, Table):
            yield from _scalars(entry.value.get("needs"))


_BESIDE: Final = {"bot": _of_bot, "words": _of_words, "replies": _of_replies}


def _scalars(node: Node | None) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Items(items):
            for item in items:
                yield from _scalars(item)
        case Table(entries):
            for entry in entries.values():
                yield from _scalars(entry.value)
        case _:
            return


# ── tests ──
def _in_test(text: str, flow: str, to: str) -> str:
    name = re.escape(flow)
    head = re.compile(rf"^(\s*flow:\s*){name}(?=\s*(?:#|$))")
    back = re.compile(rf"^(\s*>\s*\(staff hands back to ){name}(?=\s*\))")
    ids = re.compile(rf"(?<![\w.-]){name}(?=\.[a-z])")
    lines = [back.sub(rf"\g<1>{to}", head.sub(rf"\g<1>{to}", line)) for line in text.split("\n")]
    return "\n".join(_with_ids(line, ids, to) for line in lines)


def _with_ids(line: str, ids: re.Pattern[str], to: str) -> str:
    if not line.lstrip().startswith(("<", "> (old", "kept:")):
        return line
    said, sign, comment = line.partition(" #")
    return ids.sub(to, said) + sign + comment
