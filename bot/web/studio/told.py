"""Problems, completions and help in the words of whoever reads them.

Rule 1: a key is explained under the mapping it stands in, else under its own name; what has no explanation has none, never an id.
"""

import re
from typing import Final

from msgspec import Struct

from bot.flow.problem import Problem
from bot.studio.completing.offered import Option
from bot.studio.mending.explain import EXPLAINED
from bot.web.pages import Pages
from bot.web.studio.frame import Sight
from bot.web.wording.words import WORDING

_COUNTED: Final = re.compile(r"(\d+) (?:sentences|words|characters).*?the most is (\d+)")


class Marked(Struct, frozen=True):
    """One problem as a page shows it: what is wrong and what to do in the reader's language, and as `amana check` says it."""

    file: str
    line: int
    column: int
    rule: str
    title: str
    todo: str
    sentence: str
    suggestion: str = ""
    warning: bool = False


class Told(Struct, frozen=True):
    """One thing that may be written. `about`: what it does, in the reader's language."""

    label: str = ""
    kind: str = ""
    more: str = ""
    about: str = ""
    then: str = ""


def tell_problem(sight: Sight, problem: Problem) -> Marked:
    """A problem for the page."""
    pages: Pages = sight.request.app.state.pages
    rule = problem.rule if problem.rule in EXPLAINED else "other"
    counted = _COUNTED.search(problem.sentence)
    values = {"n": counted[1], "most": counted[2]} if counted else {}
    title, todo = pages.words(f"explain.{rule}", sight.language, **values), pages.words(f"explain.{rule}.do", sight.language)
    return Marked(
        problem.file, problem.line, problem.column, problem.rule, title, todo, problem.sentence, problem.suggestion, problem.warning
    )  # fmt: skip


def tell_option(sight: Sight, option: Option) -> Told:
    """A completion for the page, with what it means."""
    key = option.help.rpartition(".")[2]
    about = _first(sight, f"studio.key.{option.help}", f"studio.key.{key}") if option.help else ""
    return Told(option.label, option.kind, option.more, about, option.then)


def _first(sight: Sight, *ids: str) -> str:
    """The first of these sentences that there is."""
    pages: Pages = sight.request.app.state.pages
    return next((pages.words(id_, sight.language) for id_ in ids if id_ in WORDING), "")
