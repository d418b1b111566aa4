"""Words of others as plain characters: nothing in them steers, hides or calls.

Rule 1: what stood there and cannot be shown is marked, not dropped without a trace; direction characters are dropped.
"""

import re
import unicodedata
from typing import Final

from bot.i18n.bidi import without_direction

MARK: Final = "\ufffd"
"""Stands where a control character stood."""
_JOINER: Final = "\u2060"
_LINES: Final = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
_CALLS: Final = re.compile(r"(?<![\w/@])([/@])(?=\w)")
_SAFE: Final = frozenset("\n\t\u200c\u200d")
"""Line ends, tabs, and what joins or parts letters in Arabic writing and in emoji."""


def plain(words: str) -> str:
    """The words with line ends only as line ends, controls marked, and no direction character."""
    if words.isascii() and words.isprintable():
        return words
    lines = _LINES.sub("\n", without_direction(words))
    return "".join(c if c in _SAFE or unicodedata.category(c) not in ("Cc", "Cs", "Co") else MARK for c in lines)


def uncalled(words: str) -> str:
    """The words with no `/command` to press and no `@name` that calls anybody, where a channel makes links of such by itself."""
    return _CALLS.sub(rf"\1{_JOINER}", words)
