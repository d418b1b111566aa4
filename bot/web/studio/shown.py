"""A review as a page shows it: sentences in groups, texts beside each other, problems with their buttons.

Rule 1: a place that can be opened is a link; on a page without a draft nothing is.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from bot.studio.bundle.whereabouts import Where
from bot.studio.comparing.changes import Beside, Called, Change, Words
from bot.studio.files.worddiff import Mark
from bot.studio.mending.explain import Explained
from bot.studio.mending.mends import Mend
from bot.web.studio.sentences import Sentences, lines_marked, words_marked

_json = msgspec.json.Encoder().encode


class Cell(NamedTuple):
    """A text in one language, before and after as one."""

    language: str
    state: str
    marked: Markup


class Text(NamedTuple):
    """A text in every language that has it."""

    id: str
    cells: tuple[Cell, ...]


class File(NamedTuple):
    """Lines of a file that differ."""

    path: str
    lines: Sequence[tuple[Mark, str]]


class Line(NamedTuple):
    """One change: its sentence, where it can be opened, its texts."""

    says: Markup
    link: str
    texts: tuple[Text, ...]
    files: tuple[File, ...]


class Group(NamedTuple):
    """The changes of one flow, or of one area. `flow`: its title, for an area of flows."""

    area: str
    flow: Markup
    lines: tuple[Line, ...]


class Button(NamedTuple):
    """A mend: what it says, and its edits to be sent back."""

    says: Markup
    edits: str


class Trouble(NamedTuple):
    """One problem: where it is, and what mends it."""

    place: Markup
    link: str
    quoted: tuple[str, ...]
    suggestion: str
    file: str
    line: int
    language: str
    rule: str
    sentence: str
    buttons: tuple[Button, ...]


class Kind(NamedTuple):
    """The problems of one kind: what it is, whom it can hurt, what to do, and every place."""

    what: Markup
    harm: Markup
    do: Markup
    troubles: tuple[Trouble, ...]


def groups_of(changes: Iterable[Change], say: Sentences, draft: str = "") -> list[Group]:
    """The changes by flow and area, in their order."""
    found = []
    for (area, flow), some in groupby(changes, key=lambda change: (change.area, change.flow)):
        lines = tuple(some)
        found.append(Group(area, say(_title(lines, flow), inner=True), tuple(_line(change, say, draft) for change in lines)))
    return found


def _title(changes: Sequence[Change], flow: str) -> Called:
    """The flow's title, taken from a sentence that names it."""
    named = (change.says.values.get("flow") for change in changes)
    return next((name for name in named if isinstance(name, Called)), Called(flow))


def _line(change: Change, say: Sentences, draft: str) -> Line:
    texts = [beside for beside in change.texts if beside.language]
    files = [File(beside.id, lines_marked(beside.before, beside.after)) for beside in change.texts if not beside.language]
    return Line(say(change.says), link_of(change, draft) if draft else "", _texts(texts, say.language), tuple(files))


def _texts(besides: Iterable[Beside], first: str) -> tuple[Text, ...]:
    """The texts by id; the language of whoever reads first."""
    by_id = [(id_, list(some)) for id_, some in groupby(besides, key=lambda beside: beside.id)]
    ordered = [(id_, sorted(some, key=lambda beside: beside.language != first)) for id_, some in by_id]
    return tuple(Text(id_, tuple(map(_cell, some))) for id_, some in ordered)


def _cell(beside: Beside) -> Cell:
    return Cell(beside.language, beside.state, words_marked(beside.before, beside.after))


def link_of(change: Change, draft: str) -> str:
    """Where a change can be opened in its draft."""
    if change.flow:
        return _at_step(draft, change.flow, change.step)
    match change.area, change.path:
        case "contacts" | "teams", (_, id_, *_):
            return f"/studio/d/{draft}/{change.area}/{quote(id_)}"
        case "tests", _:
            return f"/studio/d/{draft}/tests/{quote(change.file.rpartition('/')[2].removesuffix('.chat'))}"
        case _ if change.file:
            return f"/studio/d/{draft}/files/{quote(change.file)}"
        case _:
            return f"/studio/d/{draft}/texts"


def place_of(where: Where, draft: str, rule: str = "") -> str:
    """Where a problem can be mended by hand."""
    if where.text and (rule == "missing-translation" or where.file.startswith("locales/")):
        return f"/studio/d/{draft}/texts?q={quote(where.text)}"
    if where.contact:
        return f"/studio/d/{draft}/contacts/{quote(where.contact)}"
    if where.team:
        return f"/studio/d/{draft}/teams/{quote(where.team)}"
    if where.flow and where.step:
        return _at_step(draft, where.flow, where.step)
    if where.file.endswith(".chat"):
        return f"/studio/d/{draft}/tests/{quote(where.file.rpartition('/')[2].removesuffix('.chat'))}#line-{where.line}"
    return f"/studio/d/{draft}/files/{quote(where.file)}?line={where.line}"


def _at_step(draft: str, flow: str, step: str) -> str:
    return f"/studio/d/{draft}/flows/{quote(flow)}" + (f"#step-{quote(step.removeprefix('#'))}" if step else "")


def kinds_of(problems: Iterable[Explained], say: Sentences, draft: str) -> list[Kind]:
    """The problems by what is wrong, in their order."""
    kinds: dict[str, list[Explained]] = {}
    for problem in problems:
        kinds.setdefault(str(say(problem.what)), []).append(problem)
    return [_kind(some, say, draft) for some in kinds.values()]


def _kind(problems: Sequence[Explained], say: Sentences, draft: str) -> Kind:
    first = problems[0]
    return Kind(say(first.what), say(first.harm), say(first.do), tuple(_trouble(problem, say, draft) for problem in problems))


def _trouble(problem: Explained, say: Sentences, draft: str) -> Trouble:
    where = problem.where
    return Trouble(
        place=say(problem.place), link=place_of(where, draft, problem.rule), quoted=problem.quoted, suggestion=problem.suggestion,
        file=where.file, line=where.line, language=where.language, rule=problem.rule, sentence=problem.sentence,
        buttons=tuple(_button(mend, say) for mend in problem.mends),
    )  # fmt: skip


def _button(mend: Mend, say: Sentences) -> Button:
    return Button(say(_short(mend.says)), _json(mend.edits).decode())


def _short(words: Words) -> Words:
    """The words of a button, with what is long in them cut."""
    cut = {
        name: Called(f"{value.id[:40]}…", value.said) if isinstance(value, Called) and len(value.id) > 40 else value
        for name, value in words.values.items()
    }
    return Words(words.id, cut)
