"""What is wrong with something an author wrote: a value, never an exception.

Rule 1: a problem names its rule and its place, and says in one sentence what to mend.
Rule 2: all problems are shown at once; nothing here stops at the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from typing_extensions import override

_LIKE = 0.5
_SHOWN = 40


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file: line and column, both from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. A `warning` is shown and stops nothing."""

    rule: str
    file: str
    line: int
    column: int
    sentence: str
    suggestion: str = ""
    warning: bool = False

    @override
    def __str__(self) -> str:
        """The line that `amana check` prints."""
        meant = f"; did you mean ‹{self.suggestion}›?" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {self.rule}: {self.sentence}{meant}"


def place_of(problem: Problem) -> tuple[str, int, int, str]:
    """The order in which problems are shown: file, line, column, rule."""
    return problem.file, problem.line, problem.column, problem.rule


@dataclass(slots=True)
class Problems:
    """Collects the problems of one file; after `most` of them the rest are only counted away."""

    file: str
    most: int = 200
    found: list[Problem] = field(default_factory=list)

    def add(self, rule: str, place: Place, sentence: str, suggestion: str = "", *, warning: bool = False) -> None:
        """Notes one problem; the same one at the same place is noted once."""
        problem = Problem(rule, self.file, place.line, place.column, sentence, suggestion, warning)
        if len(self.found) < self.most and problem not in self.found:
            self.found.append(problem)

    @property
    def full(self) -> bool:
        """Whether nothing more is taken."""
        return len(self.found) >= self.most


def nearest(word: str, names: Iterable[str]) -> str:
    """The name most like the word, or nothing when none is alike."""
    like = DamerauLevenshtein.normalized_similarity  # two letters changed places: one mistake, the commonest of all
    found = process.extractOne(word[:_SHOWN], sorted(names), scorer=like, score_cutoff=_LIKE)
    return found[0] if found and found[0] != word else ""


def shown(text: str) -> str:
    """What an author wrote, short and on one line, in the quotes that problems use."""
    line = " ".join(text.split())
    return f"‹{line[:_SHOWN]}…›" if len(line) > _SHOWN else f"‹{line}›"
