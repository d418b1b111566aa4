"""Conversations that authors wrote: each line can be read, and each message that they name exists.

Rule 1: nothing is played here; `bot.checks.chat` plays.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from bot.checks.chatfile import BadChat, ChatFile, Line, read_chat
from bot.flow.bundle import Bundle
from bot.flow.draft import Draft, DraftFlow
from bot.flow.language import ENGINE_TEXTS
from bot.flow.model import AskModel, PagesModel
from bot.flow.problem import Problem, nearest, shown

_OLD: Final = re.compile(r"\(old (\S+) \S+\)")
_STAFF: Final = "staff"
_SILENT: Final = frozenset({"decide", "go", "call", "set", "forget", "end", "leave"})
"""Words whose steps say nothing, so that no message has their id."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The ids that are known, the flows, and those flows of which no message is known."""

    known: frozenset[str]
    flows: frozenset[str]
    silent: frozenset[str]


def chat_problems(bundle: Bundle, draft: Draft, unread: Collection[str], read: Callable[[str], ChatFile] = read_chat) -> Iterator[Problem]:
    """Every line that cannot be read, and every id that is no message. `unread`: flows of which nothing is known.

    `read`: `read_chat`, or what gives the same.
    """
    known = _known(draft)
    flows = frozenset((*draft.flows, *unread))
    names = _Names(known, flows, flows - {id_.partition(".")[0] for id_ in known})
    for path in bundle.test_paths():
        try:
            chat = read(bundle[path])
        except BadChat as bad:
            yield Problem("chat", path, bad.line, 1, f"{shown(bad.said)} cannot be read; {bad.expected} stands here")
        else:
            yield from _of_file(path, bundle[path], chat, names)


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


def _of_file(path: str, text: str, chat: ChatFile, names: _Names) -> Iterator[Problem]:
    for key, value, number in chat.head:
        if key == "flow" and value not in names.flows:
            yield Problem("chat", path, number, _column(text, number, value), f"no flow {shown(value)}", nearest(value, names.flows))
    for line in chat.lines:
        id_ = _id(line)
        if id_ and id_ not in names.known and id_.partition(".")[0] not in names.silent:
            column = _column(text, line.number, id_)
            yield Problem("chat", path, line.number, column, f"no message {shown(id_)}", nearest(id_, names.known))


def _id(line: Line) -> str:
    """The id that the line names, or nothing."""
    if line.kind == "<":
        named = line.words.split()[0] if line.words else ""
        return "" if named == "..." else named
    old = _OLD.fullmatch(line.words) if line.kind == ">" else None
    return old[1] if old else ""


def _column(text: str, number: int, words: str) -> int:
    return max(text.splitlines()[number - 1].find(words), 0) + 1
