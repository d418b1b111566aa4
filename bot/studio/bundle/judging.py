"""What is wrong with one text in one language, while it is written: the findings of the checks, each with its place in the text.

Rule 1: it finds what `amana check` finds, no more and no less; a finding that is about words says where they stand.
Rule 2: a better wording is offered to be put there in one tap only if it can stand there: it brings no place `{…}` that the source has not.
"""

from functools import lru_cache
from typing import Final

from msgspec import Struct

from bot.checks.phrases import found_phrases
from bot.checks.wording import Limits, Said, faults_of
from bot.i18n.fold import fold
from bot.i18n.placeholders import placeholders

_MOST_WORDS: Final = 8
_EDGES: Final = ' \n\t\u00a0\u2066\u2067\u2068\u2069.,;:?!؟،؛«»"()…·-–'


class Finding(Struct, frozen=True):
    """Something to mend. `rule`: one of `bot.checks`. `start`, `end`: characters of the text it is about (both 0: all of it).

    `better`: what is said in its place, `put`: the same as it would stand there, or nothing if it cannot be put there as it is.
    """

    rule: str
    word: str = ""
    better: str = ""
    put: str = ""
    start: int = 0
    end: int = 0
    n: int = 0
    most: int = 0


@lru_cache(maxsize=30_000)
def judged(said: Said, limits: Limits) -> tuple[Finding, ...]:
    """Everything that is wrong with this text, in the order of the text."""
    found: dict[Finding, None] = {}
    for fault in faults_of(said, limits):
        start, end = place_of_phrase(said.text, fault.word) if fault.word else (0, 0)
        put = _put(said, said.text[start:end], fault.word, fault.better) if end else ""
        found[Finding(fault.rule, fault.word, fault.better, put, start, end, fault.n, fault.most)] = None
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end)))


def place_of_phrase(text: str, phrase: str) -> tuple[int, int]:
    """Where the phrase stands, as `found_phrases` finds it: first and last character; (0, 0) if it stands nowhere."""
    bare = phrase.removesuffix("…")
    words = _words(text)
    for length in range(1, min(_MOST_WORDS, len(words)) + 1):
        for first in range(len(words) - length + 1):
            start, end = words[first][0], words[first + length - 1][1]
            if found_phrases(text[start:end], (bare,)):
                return start, end
    return 0, 0


def _words(text: str) -> list[tuple[int, int]]:
    """Start and end of every word, without the marks around it."""
    found: list[tuple[int, int]] = []
    start = -1
    for place, char in enumerate(f"{text} "):
        if char in _EDGES:
            if start >= 0:
                found.append((start, place))
            start = -1
        elif start < 0:
            start = place
    return found


def _put(said: Said, stands: str, word: str, better: str) -> str:
    """The better words as they stand in the place of these: with the case, and with what is joined before an Arabic word."""
    if not better or placeholders(better) - placeholders(said.source.text):
        return ""
    if said.language == "ar":
        return _joined(stands, word, better)
    return better[0].upper() + better[1:] if stands[:1].isupper() else better


def _joined(stands: str, word: str, better: str) -> str:
    """«وترحيل» → «والعودة»: the letters before the word stay before the better one."""
    bare = fold(word)
    before = next((stands[:cut] for cut in range(3) if fold(stands[cut:]) == bare), None)
    if before is None and bare.startswith("ال"):
        before = stands[: stands.find("لل") + 1]
    before = before or ""
    return before + (better.removeprefix("ا") if before.endswith("ل") and better.startswith("ال") else better)
