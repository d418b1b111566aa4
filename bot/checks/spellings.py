"""Global words: everybody's spelling of them is known, and each spelling means one thing.

Rule 1: spellings are counted and compared as they are heard: folded.
"""

from collections.abc import Iterator
from typing import Final

from bot.flow.draft import Draft
from bot.flow.model_service import WordsModel
from bot.flow.problem import Problem, shown
from bot.i18n.fold import fold

ENOUGH: Final = 15
"""So many folded spellings each global word has at least."""
FEWEST: Final = 4
"""So many of them in each language of the service, whatever its letters."""
_FILE: Final = "flows/words.yaml"


def spelling_problems(draft: Draft) -> Iterator[Problem]:
    """Every global word with too few spellings, and every spelling of two of them."""
    if draft.words is not None:
        yield from _few(draft, draft.words)
        yield from _silent(draft, draft.words)
        yield from _two_meanings(draft, draft.words)


def _few(draft: Draft, words: WordsModel) -> Iterator[Problem]:
    for name, spellings in words.global_.items():
        count = len({fold(words) for listed in spellings.values() for words in listed} - {""})
        if count < ENOUGH:
            place = draft.key_at(_FILE, "global", name)
            sentence = f"‹{name}› has {count} spellings; people write it in at least {ENOUGH} ways"
            yield Problem("few-spellings", _FILE, place.line, place.column, sentence)


def _silent(draft: Draft, words: WordsModel) -> Iterator[Problem]:
    """A language in which a word that must always work is hardly known."""
    for name, spellings in words.global_.items():
        for language in draft.bot.languages if draft.bot is not None else ():
            listed = {fold(each) for script, some in spellings.items() if script.partition("-")[0] == language for each in some} - {""}
            if len(listed) < FEWEST:
                place = draft.key_at(_FILE, "global", name)
                sentence = f"‹{name}› has {len(listed)} spellings in {language}; people who write it would not be heard"
                yield Problem("few-spellings", _FILE, place.line, place.column, sentence)


def _two_meanings(draft: Draft, words: WordsModel) -> Iterator[Problem]:
    meant: dict[str, str] = {}
    for name, spellings in words.global_.items():
        for script, listed in spellings.items():
            for number, spelling in enumerate(listed):
                other = meant.setdefault(fold(spelling), name)
                if other != name and fold(spelling):
                    place = draft.at(_FILE, "global", name, script, number)
                    sentence = f"{shown(spelling)} means ‹{other}› too; one spelling means one thing"
                    yield Problem("two-meanings", _FILE, place.line, place.column, sentence)
