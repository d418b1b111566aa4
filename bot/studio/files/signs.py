"""The signs of a language, set right as one leaves a text: what no keyboard has and nobody should have to know.

Rule 1: only signs are changed, never a word; set twice is set once.
Rule 2: what is set is what the checks ask for; what they ask and this cannot know (a midpoint, a loose isolate) stays for its author.
"""

import re
from collections.abc import Mapping
from typing import Final

from bot.i18n.bidi import with_isolates
from bot.i18n.placeholders import cut

_NO_BREAK: Final = "\u00a0"
_BEFORE: Final = re.compile(r"(?<=[^\s\u00a0])[ \u202f\u00a0]*([;?!»]|:(?!\d|//))")
_AFTER: Final = re.compile("«[ \u202f\u00a0]*(?=[^\n])")
LATIN_DIGITS: Final[Mapping[int, str]] = {
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
}
"""Digits of other scripts → digits as we write them, for `str.translate`."""
_ARABIC_MARKS: Final = (
    (re.compile(r"(?<=[\u0600-\u06ff]) *\?"), "؟"),
    (re.compile(r"(?<=[\u0600-\u06ff]),(?=\s|$)"), "،"),
    (re.compile(r"(?<=[\u0600-\u06ff]);"), "؛"),
)


def mended_signs(text: str, language: str, *, isolates: bool = True) -> str:
    """The text with the signs of its language; `isolates`: also those of direction (an Arabic source gets them by itself)."""
    match language:
        case "fr":
            return "".join(part if place % 2 else _french(part) for place, part in enumerate(_cut(text)))
        case "ar":
            return _arabic(text, isolates=isolates)
        case _:
            return text


def _cut(text: str) -> list[str]:
    """Words and places `{…}` in turn, the places with their braces."""
    return [f"{{{part}}}" if place % 2 else part for place, part in enumerate(cut(text))]


def _french(text: str) -> str:
    text = text.replace("'", "’").replace("\u202f", _NO_BREAK)
    text = _BEFORE.sub(rf"{_NO_BREAK}\1", text)
    return _AFTER.sub(f"«{_NO_BREAK}", text)


def _arabic(text: str, *, isolates: bool) -> str:
    text, before = text.translate(LATIN_DIGITS), ""
    while text != before:  # a sign that was set makes the one behind it stand after Arabic, too
        before = text
        for pattern, sign in _ARABIC_MARKS:
            text = pattern.sub(sign, text)
    return with_isolates(text, "ar") if isolates else text
