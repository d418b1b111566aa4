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
RUN: Final = r"[@/+]?[A-Za-z0-9À-ɏ](?:[A-Za-z0-9À-ɏ+/:.’'\-]*[A-Za-z0-9À-ɏ])?"
"""A pattern of Latin letters and digits that belong together: a word, a number, an address."""
_APART = re.compile(rf"(?P<kept>[\u2066-\u2068][^\u2066-\u2069]*\u2069|\{{[^{{}}\n]*\}})|{RUN}(?:[ \u00a0]{RUN})*")
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


def with_isolates(text: str, language: str) -> str:
    """A text as its author wrote it, with every Latin or digit run isolated, if its language runs the other way.

    What stands in an isolate already, and values `{name}`, stay as they are; a text without a letter of that direction does too.
    """
    if not is_right_to_left(language) or _RIGHT_TO_LEFT.search(text) is None:
        return text
    return _APART.sub(lambda part: part[0] if part["kept"] else f"{LRI}{part[0]}{PDI}", text)


def without_isolates(text: str, language: str) -> str:
    """The text as an author writes it: without the isolates that `with_isolates` puts there, if nothing else is said by that."""
    bare = without_direction(text)
    return bare if with_isolates(bare, language) == text else text


def _needs_isolate(value: str, language: str) -> bool:
    return is_right_to_left(language) or (not value.isascii() and _RIGHT_TO_LEFT.search(value) is not None)
