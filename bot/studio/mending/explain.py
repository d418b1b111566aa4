"""A problem explained to somebody who has never seen the files: what is wrong, whom it can hurt, what to do, and a button that does it.

Rule 1: every rule that `bot.checks` and `bot.flow` can find has its words; the words stand in the wording tables, not here.
Rule 2: only a mend that was proved is given: made on a copy it takes the problem away, and brings none but a translation to look at.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bot.checks.notices import RULES as NOTICE_RULES
from bot.flow.bundle import Bundle
from bot.flow.problem import Problem
from bot.flow.rules import RULES
from bot.studio.bundle.compiled import compiled, findings, losses
from bot.studio.bundle.whereabouts import Where, where
from bot.studio.comparing.changes import Called, Words
from bot.studio.comparing.naming import Names
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import Clash
from bot.studio.mending.mends import Case, Mend, mends_of
from bot.studio.mending.mends_texts import text_mends

EXPLAINED: Final = frozenset(rule for family in RULES.values() for rule in family) | frozenset(NOTICE_RULES)
"""The rules that have words of their own; any other is explained in general."""
_COUNTED: Final = re.compile(r"(\d+) (?:sentences|words|characters).*?the most is (\d+)")
_SHOWN: Final = re.compile("‹([^›]+)›")
MOST_PROVED: Final = 16
"""So many problems of one look have their mends proved; those after them have buttons once these are mended."""
SAFE: Final = frozenset({"stale-translation"})
"""Rules whose mend needs no proof: to confirm a translation changes no text."""


class Explained(Struct, frozen=True, kw_only=True):
    """A problem in words. `quoted`: what it is about, as it stands in the file. `sentence`: as the checks say it, in English."""

    rule: str
    what: Words
    harm: Words
    do: Words
    where: Where
    place: Words
    warning: bool
    sentence: str
    quoted: tuple[str, ...] = ()
    suggestion: str = ""
    mends: tuple[Mend, ...] = ()


@lru_cache(maxsize=512)
def explained(problem: Problem, bundle: Bundle, on: date | None = None) -> Explained:
    """The problem in words, with its mends; without a day they are proposals that nobody has proved."""
    rule = problem.rule if problem.rule in EXPLAINED else "other"
    counted = _COUNTED.search(problem.sentence)
    values = {"n": counted[1], "most": counted[2]} if counted else {}
    stands = where(problem, bundle, compiled(bundle))
    mends = tuple(_mends(Case(problem, stands, bundle, compiled(bundle))))
    return Explained(
        rule=problem.rule,
        what=Words(f"explain.{rule}", {**values}),
        harm=Words(f"explain.{rule}.harm"),
        do=Words(f"explain.{rule}.do"),
        where=stands,
        place=_place(stands, Names(bundle)),
        warning=problem.warning,
        sentence=problem.sentence,
        quoted=tuple(dict.fromkeys(_SHOWN.findall(problem.sentence))),
        suggestion=problem.suggestion,
        mends=mends if on is None or rule in SAFE else _proved(mends, problem, bundle, on),
    )


def all_explained(bundle: Bundle, on: date) -> tuple[Explained, ...]:
    """Everything that is wrong with the bundle, what stops a publish first."""
    found: list[Explained] = []
    proven = 0
    for problem in sorted(findings(bundle, on), key=lambda problem: problem.warning):
        told = explained(problem, bundle)
        if told.mends and problem.rule not in SAFE:
            told = explained(problem, bundle, on) if proven < MOST_PROVED else replace(told, mends=())
            proven += 1
        found.append(told)
    return tuple(found)


def losses_explained(base: Bundle, bundle: Bundle) -> tuple[Explained, ...]:
    """What is taken away of what protects people; nothing mends it but putting it back."""
    return tuple(explained(loss, bundle) for loss in sorted(losses(base, bundle), key=lambda loss: loss.warning))


def _proved(mends: tuple[Mend, ...], problem: Problem, bundle: Bundle, on: date) -> tuple[Mend, ...]:
    """Those that were proved, one for each button."""
    found: list[Mend] = []
    for mend in mends:
        if all(mend.says != other.says for other in found) and proved(mend, problem, bundle, on):
            found.append(mend)
    return tuple(found)


def _mends(case: Case) -> Iterator[Mend]:
    yield from text_mends(case)
    yield from mends_of(case)


def proved(mend: Mend, problem: Problem, bundle: Bundle, on: date) -> bool:
    """Whether the mend, made on a copy, takes this problem away and brings no other."""
    after = made(mend, bundle)
    if after is None:
        return False
    before, then = _counted(findings(bundle, on)), _counted(findings(after, on))
    more = {key for key, count in then.items() if count > before.get(key, 0)}
    return then.get(_key(problem), 0) < before[_key(problem)] and all(_is_look_again(key) for key in more)


def made(mend: Mend, bundle: Bundle) -> Bundle | None:
    """The bundle with the mend made; None if an edit of it does not fit."""
    for edit in mend.edits:
        done = apply(bundle, edit)
        if isinstance(done, Clash):
            return None
        bundle = done
    return bundle


def _place(stands: Where, names: Names) -> Words:
    """Where it stands, as people read it."""
    if stands.flow:
        step = {"step": names.step(stands.flow, stands.step)} if stands.step else {}
        return Words("explain.place.step" if step else "explain.place.flow", {"flow": names.flow(stands.flow), **step})
    if stands.contact:
        return Words("explain.place.contact", {"name": names.contact(stands.contact)})
    if stands.team:
        return Words("explain.place.team", {"name": names.team(stands.team)})
    if stands.text:
        return Words("explain.place.text", {"text": names.text(stands.text, stands.text)})
    return Words("explain.place.file", {"file": Called(stands.file)})


_Key = tuple[str, str, str]


def _key(problem: Problem) -> _Key:
    """What a problem is, wherever its line has gone to."""
    return problem.rule, problem.file, problem.sentence


def _counted(problems: tuple[Problem, ...]) -> dict[_Key, int]:
    counts: dict[_Key, int] = {}
    for problem in problems:
        counts[_key(problem)] = counts.get(_key(problem), 0) + 1
    return counts


def _is_look_again(key: _Key) -> bool:
    """Whether it only says that a translation is to be looked at, since its source says something else now."""
    return key[0] == "stale-translation"
