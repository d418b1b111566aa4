"""Conversations that authors wrote: each line can be read, and each message that they name exists.

Rule 1: nothing is played here; `bot.checks.chat` plays.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from bot.checks.chatfile import BadChat, Line, read_chat
from bot.flow.bundle import Bundle
from bot.flow.draft import Draft, DraftFlow
from bot.flow.language import ENGINE_TEXTS
from bot.flow.model import AskModel, PagesModel
from bot.flow.problem import Problem, nearest, shown

_OLD: Final = re.compile(r"\(old (\S+) \S+\)")
_STAFF: Final = "staff"
_SILENT: Final = frozenset({"decide", "go", "call", "set", "forget", "end", "leave"})
"""Words whose steps say nothing, so that no message has their id."""


def chat_problems(bundle: Bundle, draft: Draft, unread: Collection[str]) -> Iterator[Problem]:
    """Every line that cannot be read, and every id that is no message. `unread`: flows of which nothing is known."""
    known = _known(draft)
    flows = frozenset((*draft.flows, *unread))
    silent = flows - {id_.partition(".")[0] for id_ in known}
    for path in bundle.test_paths():
        yield from _of_file(path, bundle[path], known, flows, silent)


def _known(draft: Draft) -> frozenset[str]:
    said = (id_ for flow in draft.flows.values() for id_ in _ids(flow))
    return frozenset((*said, *(f"bot.{key}" for key in ENGINE_TEXTS), _STAFF))


def _ids(flow: DraftFlow) -> Iterator[str]:
    for step in flow.steps:
        if step.word not in _SILENT and not step.key.startswith("#"):
            yield step.id
        if isinstance(step.model, PagesModel):
            yield from (f"{step.id}.{page.page}" for page in step.model.list)
        if isinstance(step.model, AskModel) and step.model.help is not None:
            yield f"{step.id}:help"


def _of_file(path: str, text: str, known: frozenset[str], flows: frozenset[str], silent: frozenset[str]) -> Iterator[Problem]:
    try:
        chat = read_chat(text)
    except BadChat as bad:
        yield Problem("chat", path, bad.line, 1, f"{shown(bad.said)} cannot be read; {bad.expected} stands here")
        return
    lines = text.splitlines()
    for key, value, number in chat.head:
        if key == "flow" and value not in flows:
            yield Problem("chat", path, number, _column(lines, number, value), f"no flow {shown(value)}", nearest(value, flows))
    for line in chat.lines:
        id_ = _id(line)
        if id_ and id_ not in known and id_.partition(".")[0] not in silent:
            column = _column(lines, line.number, id_)
            yield Problem("chat", path, line.number, column, f"no message {shown(id_)}", nearest(id_, known))


def _id(line: Line) -> str:
    """The id that the line names, or nothing."""
    if line.kind == "<":
        named = line.words.split()[0] if line.words else ""
        return "" if named == "..." else named
    old = _OLD.fullmatch(line.words) if line.kind == ">" else None
    return old[1] if old else ""


def _column(lines: list[str], number: int, words: str) -> int:
    return max(lines[number - 1].find(words), 0) + 1
