"""A text in clauses, as rules about what is promised and asked read it: each by itself, folded, with what takes the edge off it.

Rule 1: a *no* holds for its own clause: *do not worry, you will fly on Monday* promises all the same.
Rule 2: what only tells what others say, or asks, or says *perhaps*, promises nothing.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from bot.i18n.fold import fold
from bot.i18n.placeholders import cut

_ENDS: Final = re.compile(r"(?<=[.?!؟。])(?:[»\u00a0\u2069]*)(?:\s+|$)")
_PARTS: Final = re.compile(r"[,;:،؛–—]|\n|\b(?:but|mais)\b|(?<= )(?:لكن|ولكن)(?= )")
_MARKS: Final = re.compile(r"(?<=\d)[.\u00a0 ](?=\d{3}(?!\d))")
"""What stands between thousands."""
_MONEY: Final[Mapping[int, str]] = {ord("$"): " dollars ", ord("€"): " euros ", ord("£"): " pounds "}
_MOST: Final = 8
"""So many words of a clause are shown, and looked for in the text."""


class Clause(NamedTuple):
    """`words`: folded, a space at both ends. `part`: as it stands. `asks`: it belongs to a question."""

    words: str
    part: str
    asks: bool

    @property
    def said(self) -> str:
        """Its first words as they stand, as problems quote them."""
        words = self.part.split()
        return " ".join(words[:_MOST]).strip(" .?!؟") + ("…" if len(words) > _MOST else "")


@lru_cache(maxsize=64)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text, in order; values in braces count as the word *value*."""
    found = []
    for sentence in _ENDS.split(" value ".join(cut(text)[::2])):
        asks = sentence.rstrip("»\u00a0\u2069 \n").endswith(("?", "؟"))
        for part in _PARTS.split(_MARKS.sub("", sentence)):
            words = fold(part.translate(_MONEY))
            if words:
                found.append(Clause(f" {words} ", part, asks))
    return tuple(found)


def whole(pattern: str) -> re.Pattern[str]:
    """A pattern of folded words, found between spaces; a space in it is one space."""
    return re.compile(rf"(?<= )(?:{' '.join(pattern.split())})(?= )")
