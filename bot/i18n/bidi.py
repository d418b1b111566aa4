"""Direction: what keeps a telephone number in its order inside an Arabic sentence.

Rule 1: only isolates (LRI or FSI, then PDI) are used, never marks or embeddings.
Rule 2: what a person typed loses its direction characters before it is isolated, so that it cannot turn a sentence round.
"""

import re
from typing import Final

LRI: Final = "\u2066"
FSI: Final = "\u2068"
PDI: Final = "\u2069"

_RIGHT_TO_LEFT_LANGUAGES = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_right_to_left(language: str) -> bool:
    """Whether the language is written from right to left."""
    return language in _RIGHT_TO_LEFT_LANGUAGES


def without_direction(words: str) -> str:
    """The words without any direction character."""
    return words if words.isascii() else _DIRECTION.sub("", words)


def isolated_code(code: str, language: str) -> str:
    """A number, handle or date, isolated left to right where the sentence or the code itself runs the other way."""
    return f"{LRI}{code}{PDI}" if code and _needs_isolate(code, language) else code


def isolated_words(words: str, language: str) -> str:
    """Words of any script, isolated by their first strong letter where sentence and words may run different ways."""
    return f"{FSI}{words}{PDI}" if words and _needs_isolate(words, language) else words


def _needs_isolate(value: str, language: str) -> bool:
    return is_right_to_left(language) or (not value.isascii() and _RIGHT_TO_LEFT.search(value) is not None)
