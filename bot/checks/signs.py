"""The signs of each language: direction, digits, vowels, apostrophes, spaces before marks.

Rule 1: each function judges one text and gives sentences for its author; nothing here knows where the text stands.
Rule 2: a value `{name}` is isolated by the renderer and is never judged.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.i18n.bidi import RUN
from bot.i18n.placeholders import cut

_ISOLATED: Final = re.compile("[\u2066\u2067\u2068][^\u2066-\u2069]*\u2069")
_ANY_ISOLATE: Final = re.compile("[\u2066-\u2069]")
_OPENING: Final = frozenset("\u2066\u2067\u2068")
_CLOSING: Final = "\u2069"
_MARKS: Final = re.compile("[\u200e\u200f\u061c\u202a-\u202e]")
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_RUN: Final = re.compile(RUN)
_EASTERN: Final = re.compile("[٠-٩۰-۹]")
_VOWEL: Final = re.compile("([كت])[\u064e\u064f\u0650](?![\u0621-\u064a\u064b-\u0652])")
_GAP: Final = re.compile(r"(?<=[^\s\u00a0])[ \u202f]?([;?!»]|:(?!\d|//))")
_EMOJI: Final = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]")


def isolate_faults(text: str) -> Iterator[str]:
    """What is wrong with the isolates, in any language."""
    if text.isascii():
        return
    if _MARKS.search(text):
        yield "only isolates give direction; take the direction mark out"
    depth = 0
    for char in _ANY_ISOLATE.findall(text):
        depth += (char in _OPENING) - (char == _CLOSING)
        if depth < 0:
            break
    if depth:
        yield "an isolate is opened and not closed, or closed and not opened"


def arabic_faults(text: str) -> Iterator[str]:
    """Isolates and digits of an Arabic text; a text without any Arabic letter (the name of a language) is left alone."""
    if eastern := _EASTERN.search(text):
        yield f"digits are 0–9 everywhere, not ‹{eastern.group()}›"
    if _ARABIC.search(text):
        bare = _ISOLATED.sub(" ", "\u2066 \u2069".join(cut(text)[::2]))
        for run in _RUN.finditer(bare):
            yield f"‹{run.group()}› stands in no isolate (U+2066 before, U+2069 after)"


def vowel_faults(text: str) -> Iterator[str]:
    """Vowels on the last «ك» or «ت», which would say whether a man or a woman reads."""
    for vowel in _VOWEL.finditer(text):
        yield f"no vowel on «{vowel.group(1)}»: it says whether a man or a woman reads"


def french_faults(text: str) -> Iterator[str]:
    """Apostrophes and no-break spaces of a French text."""
    if "'" in text:
        yield "the apostrophe is ’ (U+2019)"
    if "\u202f" in text:
        yield "some telephones draw U+202F as a box; the no-break space is U+00A0"
    for gap in _GAP.finditer(text):
        yield f"a no-break space (U+00A0) stands before ‹{gap.group(1)}›"
        break
    if re.search("«(?!\u00a0)", text):
        yield "a no-break space (U+00A0) stands after «"
    if re.search(r"\w·\w|\(e\)|\(s\)", text):
        yield "no midpoints and no brackets inside words; choose a word that fits everyone"


def loud_faults(text: str, *, button: bool) -> Iterator[str]:
    """Exclamation marks and emoji; a button may bear 🔊."""
    if "!" in text:
        yield "no exclamation marks: they sound like an order"
    if not text.isascii() and (emoji := _EMOJI.search(text.replace("🔊", "") if button else text)):
        yield f"no emoji: ‹{emoji.group()}›"
