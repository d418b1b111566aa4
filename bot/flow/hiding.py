"""A choice must not take a global word away from the person.

Rule 1: a choice may be called what a global word is called only if it leads where that word leads.
"""

from collections.abc import Callable, Iterator, Mapping

from bot.flow import program as p
from bot.flow.answers import Choices
from bot.flow.draft import Draft, DraftFlow
from bot.flow.language import GLOBAL_WORDS
from bot.flow.model_service import BotModel
from bot.flow.problem import Problems, shown
from bot.i18n.catalog import Catalog
from bot.i18n.fold import fold
from bot.i18n.lexicon import Lexicon

_ALWAYS = ("stop", "erase", "human")


def hiding_problems(draft: Draft, lexicon: Lexicon | None, catalogs: Mapping[str, Catalog], problems_of: Callable[[str], Problems]) -> None:
    """Notes every choice that hides a global word."""
    if draft.bot is None:
        return
    said = {text.id: [text.text] for text in draft.texts}
    for catalog in catalogs.values():
        for id_, words in catalog.said().items():
            said.get(id_, []).append(words)
    known = _Known(draft.bot, lexicon, said)
    for flow in draft.flows.values():
        for ask in flow.flow.steps if flow.flow else ():
            if isinstance(ask, p.Ask):
                _choices(flow, ask, known, problems_of(flow.file))


class _Known:
    """What each choice is called in every language, and where global words lead."""

    def __init__(self, bot: BotModel, lexicon: Lexicon | None, said: Mapping[str, list[str]]) -> None:
        self.on = {"menu": bot.on.menu, "human": bot.on.human, "privacy": bot.on.privacy}
        self._lexicon = lexicon
        self._said = said

    def global_words(self, label: str) -> Iterator[tuple[str, str]]:
        """(Stop, erase or human; the words) of each of its names that is one."""
        for words in self._said.get(label, []):
            found = self._lexicon.global_word(fold(words)) if self._lexicon else None
            if found is not None and found[0] in _ALWAYS:
                yield found[0], words


def _choices(flow: DraftFlow, ask: p.Ask, known: _Known, problems: Problems) -> None:
    step = flow.steps[ask.index]
    own = isinstance(ask.type, Choices) and ask.type.set_name is None
    for choice in ask.type.choices if isinstance(ask.type, Choices) else ():
        place = step.at("choices", choice.key) if own else step.at("choices")
        if choice.key in GLOBAL_WORDS and not _leads(flow.flow, ask, choice.key, choice.key, known):
            problems.add(
                "hides-global", place, f"the choice ‹{choice.key}› is called as a global word and does not lead where that word leads"
            )
        for word, words in known.global_words(choice.label):
            if not _leads(flow.flow, ask, choice.key, word, known):
                problems.add(
                    "hides-global", place, f"{shown(words)} is the global word ‹{word}›, and this choice does not lead where it leads"
                )


def _leads(flow: p.Flow | None, ask: p.Ask, key: str, word: str, known: _Known) -> bool:
    """Whether choosing the key does at once what the global word does."""
    wanted = known.on.get(word)
    if key in ask.call:
        return ask.call[key] == wanted
    steps = flow.steps if flow else ()
    match ask.go.get(key, p.ToStep(ask.index + 1)):
        case p.ToFlow(name):
            return name == wanted
        case p.ToLeave():
            return word == "stop"
        case p.ToStep(index) if index < len(steps):
            return _does(steps[index], word, wanted)
        case _:
            return False


def _does(step: p.Step, word: str, wanted: str | None) -> bool:
    match step:
        case p.Leave() | p.Go(to=p.ToLeave()):
            return word == "stop"
        case p.Forget(what="everything"):
            return word == "erase"
        case p.Go(to=p.ToFlow(name)) | p.Call(flow=name):
            return name == wanted
        case _:
            return False
