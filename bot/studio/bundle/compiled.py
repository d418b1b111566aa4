"""What a draft compiles to and everything that is wrong with it, fast after a small edit.

Rule 1: what is given equals `compile_bundle` and `check`, always; only the time differs.
Rule 2: what is kept is kept by content and bounded; a bundle is its contents, so nothing here can be out of date.
"""

from datetime import date
from functools import lru_cache
from itertools import count
from typing import Final

from bot.checks import check as checker
from bot.checks.chatfile import read_chat
from bot.checks.taken import Side, taken_away
from bot.checks.wording import Fault, Limits, Said, faults_of, judged_by
from bot.flow import compiler
from bot.flow.bundle import Bundle
from bot.flow.compile_words import compile_words
from bot.flow.compiler import Compiled, resolve_flow
from bot.flow.files import FileRead, read_file
from bot.flow.names import World, world_key
from bot.flow.problem import Problem
from bot.i18n.catalog import read_catalog
from bot.studio.bundle.kept import Kept, one

CHARACTERS: Final = 2_500_000
"""So many characters of flow files, of catalogs, and of tests are kept read: some seven services as shipped in which every file differs."""
FLOWS_KEPT: Final = 256
"""So many flows are kept resolved."""
TEXTS_KEPT: Final = 12_000
"""So many texts, each in one language, are kept judged: some four services as shipped."""

_number = count().__next__
_by_names = Kept(lambda _world: _number(), key=world_key, weigh=one, most=16)
_world_number = Kept(_by_names, key=id, weigh=one, most=4)
"""The same number for worlds with the same names, and never one that was given before."""


def _resolved_by(read: FileRead, world: World, noted: tuple[Problem, ...]) -> tuple[int, int, tuple[Problem, ...]]:
    return id(read), _world_number(world), noted


def _faults(said: Said, limits: Limits) -> tuple[Fault, ...]:
    return tuple(faults_of(said, limits))


COMPILING: Final = compiler.Tools(
    read_file=Kept(read_file, key=lambda path, text: (path, text), weigh=lambda _path, text: len(text), most=CHARACTERS),
    read_catalog=Kept(read_catalog, key=lambda text, language: (text, language), weigh=lambda text, _language: len(text), most=CHARACTERS),
    compile_words=Kept(compile_words, key=id, weigh=one, most=4),
    resolve_flow=Kept(resolve_flow, key=_resolved_by, weigh=one, most=FLOWS_KEPT),
)
CHECKING: Final = checker.Tools(
    faults=Kept(_faults, key=judged_by, weigh=one, most=TEXTS_KEPT),
    read_chat=Kept(read_chat, key=str, weigh=len, most=CHARACTERS),
)


@lru_cache(maxsize=4)
def compiled(bundle: Bundle) -> Compiled:
    """As `compile_bundle`."""
    return compiler.compile_bundle(bundle, COMPILING)


@lru_cache(maxsize=16)
def findings(bundle: Bundle, on: date) -> tuple[Problem, ...]:
    """Every problem of the bundle, as `bot.checks.check.check`; contacts as of that day."""
    return checker.check_compiled(bundle, compiled(bundle), on, CHECKING)


@lru_cache(maxsize=16)
def losses(base: Bundle, bundle: Bundle) -> tuple[Problem, ...]:
    """What the bundle takes away of what protects people, against its base, as `bot.checks.taken.taken_away`."""
    return taken_away(Side(base, compiled(base)), Side(bundle, compiled(bundle)), CHECKING.read_chat)


def unsaid(base: Bundle, bundle: Bundle) -> int:
    """How much of it somebody has to answer for in words."""
    return sum(loss.warning for loss in losses(base, bundle))
