"""Sentences with names in them, as a page shows them: the names stand out, their ids beside them.

Rule 1: every name and every value is escaped, and set apart by its direction.
Rule 2: a sentence that has no words (a file may hold anything) is shown by its id, never an error.
"""

import re
from collections.abc import Callable
from typing import Final

from markupsafe import Markup, escape

from bot.studio.comparing.changes import Called, Value, Words
from bot.studio.files.worddiff import Mark, line_marks, word_marks
from bot.web.pages import direction
from bot.web.wording.words import WORDING

_FIRST = 0xE000
"""Letters of nobody's script stand for the values until the sentence is whole."""
_MARK: Final = re.compile("[\ue000-\ue0ff]")
_OPENS: Final = "\u2066\u2067\u2068"
_TAGS: dict[Mark, Markup] = {"gone": Markup("<del>{}</del>"), "new": Markup("<ins>{}</ins>"), "kept": Markup("{}")}


class Sentences:
    """Says differences and explanations in one language."""

    def __init__(self, say: Callable[..., str], language: str) -> None:
        self._say = say
        self.language = language

    def __call__(self, value: Value, *, inner: bool = False) -> Markup:
        """Give the sentence, or the part of one, as markup. `inner`: inside another, where ids would be in the way."""
        match value:
            case Words():
                return self._words(value, inner=inner)
            case Called():
                return self._called(value, inner=inner)
            case int():
                return Markup('<bdi class="n">{}</bdi>').format(value)
            case _:
                return Markup('<b dir="auto">{}</b>').format(value)

    def _words(self, words: Words, *, inner: bool) -> Markup:
        if words.id not in WORDING:
            return Markup('<b class="id">{}</b>').format(words.id.rpartition(".")[2])
        nested = inner or words.id.partition(".")[2].split(".")[0] in ("if", "to", "step", "and", "or", "comma", "quoted", "field", "place")
        parts = {name: self(value, inner=nested) for name, value in words.values.items() if not isinstance(value, int)}
        marks = {name: chr(_FIRST + place) for place, name in enumerate(parts)}
        by_mark = {mark: name for name, mark in marks.items()}
        numbers = {name: value for name, value in words.values.items() if isinstance(value, int)}
        told = str(escape(self._say(words.id, self.language, **marks, **numbers)))
        for name, mark in marks.items():
            for opens in _OPENS if isinstance(words.values[name], Words) else "":
                # A part in the same language: set apart, one that begins with a name would run from left to right.
                told = told.replace(f"{opens}{mark}\u2069", mark)
        # All at once: a value that holds such a letter itself is shown as it is.
        return Markup(_MARK.sub(lambda found: parts[by_mark[found[0]]] if found[0] in by_mark else found[0], told))  # noqa: S704 all escaped

    def _called(self, called: Called, *, inner: bool) -> Markup:
        name = self.name(called)
        if not name:
            return Markup("")
        language = next((each for each in (self.language, *called.said) if called.said.get(each) == name), "")
        if language:  # by its language, not by its first letter: an Arabic name may begin with a Latin one
            told = Markup('<b lang="{}" dir="{}">{}</b>').format(language, direction(language), name)
        else:
            told = Markup('<b dir="auto">{}</b>').format(name)
        if inner or not called.said or name == called.id or not called.id:
            return told
        return told + Markup(' <span class="id">{}</span>').format(called.id)

    def name(self, called: Called) -> str:
        """Give the name in this language, else in the first that has one, else the id."""
        return called.said.get(self.language) or next(iter(called.said.values()), "") or called.id


def words_marked(before: str, after: str) -> Markup:
    """Give both texts as one, what is gone struck out and what is new underlined."""
    return _marked(word_marks(before, after))


def lines_marked(before: str, after: str) -> list[tuple[Mark, str]]:
    """Give the lines that differ, with the lines beside them; an empty one stands for those between."""
    return list(line_marks(before, after))


def _marked(pieces: tuple[tuple[Mark, str], ...]) -> Markup:
    told = Markup("")
    for mark, text in pieces:
        told += _TAGS[mark].format(text)
    return told
