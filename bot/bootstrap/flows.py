"""The flows of a folder, compiled; and what staff read.

Rule 1: a program is compiled once in a process, however many ask for it.
"""

from datetime import date
from pathlib import Path

from bot.conversation.group.wording import WORDING as GROUP_WORDING
from bot.conversation.keeping.library import CannotRun
from bot.flow.bundle import Bundle
from bot.flow.compiler import Compiled, compile_bundle
from bot.flow.problem import Problem
from bot.flow.program import Program
from bot.i18n.catalog import read_catalog
from bot.i18n.staff import StaffTexts
from bot.storage.files import FlowFolder
from bot.web.wording.words import WORDING as WEB_WORDING


class FlowsRefused(CannotRun):
    """The flows have problems that must not reach anyone."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


_programs: dict[str, Program] = {}
KEPT = 4
"""Programs kept ready, by revision."""


def compiled(bundle: Bundle) -> Program:
    """Give the program of a bundle; raises `FlowsRefused`."""
    return _programs.get(bundle.revision) or kept(bundle, compile_bundle(bundle))


def kept(bundle: Bundle, done: Compiled) -> Program:
    """Keep what was compiled of a bundle ready, and give it; raises `FlowsRefused`."""
    if done.program is None:
        raise FlowsRefused(done.problems)
    while len(_programs) >= KEPT:
        _programs.pop(next(iter(_programs)))
    _programs[bundle.revision] = done.program
    return done.program


def checked(bundle: Bundle, on: date) -> Program:
    """Give the program of a bundle in which nothing must be mended as of this day; raises `FlowsRefused` with all problems."""
    from bot.checks.check import check_compiled

    done = compile_bundle(bundle)
    problems = tuple(problem for problem in check_compiled(bundle, done, on) if not problem.warning)
    if problems:
        raise FlowsRefused(problems)
    return kept(bundle, done)


def read_flows(folder: Path) -> Bundle:
    """Give the bundle of a folder that holds flows/ and locales/; raises `OSError`."""
    return FlowFolder(folder).read()


def staff_texts(folder: Path) -> StaffTexts:
    """Give what staff read, from the catalogs beside the flows."""
    files = sorted((folder / "locales").glob("*/LC_MESSAGES/staff.po"))
    catalogs = {path.parent.parent.name: read_catalog(path.read_text(encoding="utf-8"), path.parent.parent.name) for path in files}
    return StaffTexts.of({**WEB_WORDING, **GROUP_WORDING}, catalogs)
