"""Folding: one way of writing for the many ways people type the same word.

Rule 1: folding never raises, on any text, and folding twice is folding once.
Rule 2: what comes out is letters, digits, 👍 and 👎, with single spaces between words.
Rule 3: no more than LIMIT characters are looked at, and each one is folded by itself, from a table.
"""

import re
import unicodedata

LIMIT = 4096
"""Characters of a message that are looked at."""


def fold(text: str) -> str:
    """The text without case, marks, punctuation, direction and letter forms; at most `LIMIT` characters."""
    folded = " ".join(text[:LIMIT].translate(_TABLE).split())
    folded = _LONG_RUN.sub(_twice, folded)
    if folded.isascii():
        return folded[:LIMIT].rstrip()
    return _THUMBS.sub(_once, folded)[:LIMIT].rstrip()


# Functions, not templates: for a template `re` hashes its whole pattern anew at each call, which takes longer than the rest.
def _twice(run: re.Match[str]) -> str:
    return run[1] * 2


def _once(run: re.Match[str]) -> str:
    return run[1]


# A person who holds a key down says the same word: three letters or more are two. Digits are numbers and stay.
_LONG_RUN = re.compile(r"([^\W\d_])\1\1+")
_THUMBS = re.compile(r"([👍👎])(?: \1)+")

# What Unicode does not take apart but a reader takes for one letter: keyboards of neighbours, French ligatures.
_LETTER_FORMS = {
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ے": "ي",
    "ة": "ه",
    "ھ": "ه",
    "ہ": "ه",
    "ە": "ه",
    "ک": "ك",
    "ڭ": "گ",
    "ݣ": "گ",
    "œ": "oe",
    "æ": "ae",
    "\u0131": "i",  # small i without its dot
    "\u0640": "",  # tatweel only stretches a word
    "👍": " 👍 ",
    "👎": " 👎 ",
}
# Unicode calls these letters; on a phone they are the apostrophe.
_APOSTROPHES = "\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\ua78c\u07f4\u07f5"


class _Table(dict[int, str]):
    """Code point → what it folds to; filled as characters are met, and only from the basic plane, so that it stays small."""

    def __missing__(self, code: int) -> str:
        folded = _character(chr(code))
        if code <= 0xFFFF:
            self[code] = folded
        return folded


def _character(char: str) -> str:
    # Lower case may bring marks and compatibility forms back, so both are done until nothing moves.
    before, apart = "", char
    while apart != before:
        before, apart = apart, unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", apart).lower())
    return "".join(_part(part) for part in apart)


def _part(char: str) -> str:
    form = _LETTER_FORMS.get(char)
    if form is not None:
        return form
    if char in _APOSTROPHES:
        return " "
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char.isalpha():
        return char
    kind = unicodedata.category(char)
    unseen = kind.startswith("M") or kind == "Cf" or (kind == "Cc" and not char.isspace())
    return "" if unseen else " "


_TABLE = _Table()
