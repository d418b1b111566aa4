"""words.yaml: the lexicon, the danger groups, and which flows they open."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.flow.compile_service import Looker
from bot.flow.language import GLOBAL_WORDS
from bot.flow.model_service import Spellings, WordsModel
from bot.flow.names import World
from bot.flow.problem import Problems
from bot.flow.program import DangerGroup
from bot.flow.tree import Node
from bot.i18n.lexicon import Lexicon, compile_lexicon


def compile_words(words: WordsModel) -> tuple[Lexicon, Mapping[str, DangerGroup]]:
    """The lexicon, and each danger group in the order of the file."""
    lexicon = compile_lexicon(
        words.filler,
        dict(words.global_.items()),
        {name: {"words": group.words, "unless": group.unless} for name, group in words.danger.items()},
        words.answers,
    )
    return lexicon, MappingProxyType({name: DangerGroup(name, group.flow, group.leave) for name, group in words.danger.items()})


def words_problems(words: WordsModel, world: World, node: Node, problems: Problems) -> None:
    """Notes what is wrong in words.yaml."""
    look = Looker(node, problems)
    for name in GLOBAL_WORDS:
        if name not in words.global_:
            look.add_key("no-text", ("global",), f"the global word ‹{name}› is missing")
    for name, group in words.danger.items():
        look.one("no-such-place", "flow", ("danger", name, "flow"), group.flow, world.flows)
        _scripts(look, ("danger", name, "words"), group.words, world)
        _scripts(look, ("danger", name, "unless"), group.unless, world)
    for name, spellings in words.global_.items():
        _scripts(look, ("global", name), spellings, world)
    for name, spellings in words.answers.items():
        _scripts(look, ("answers", name), spellings, world)


def _scripts(look: Looker, path: tuple[str, ...], spellings: Spellings, world: World) -> None:
    """A way of writing is a language of the service, or `ar-latn`."""
    if world.bot:
        languages = world.bot.languages
        scripts = [script for script in spellings if script.partition("-")[0] in languages]
        look.keys("no-such-value", "language of this service", path, spellings, (*languages, *scripts))
