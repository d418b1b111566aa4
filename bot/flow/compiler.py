"""The compiler: a bundle becomes a program, or everything that is wrong with it.

Rule 1: all files are looked at, whatever is wrong in one of them; a program is given only when nothing is.
Rule 2: it reads texts and gives values: no clock, no disk, no network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar

from bot.flow import program as p
from bot.flow import sourcetexts as st
from bot.flow.bundle import FLOWS, Bundle, flow_name
from bot.flow.compile_service import bot_problems, compile_directory, compile_service, compile_teams, directory_problems, teams_problems
from bot.flow.compile_steps import compile_flow
from bot.flow.compile_words import compile_words, words_problems
from bot.flow.draft import Draft, DraftFlow, SourceText
from bot.flow.hiding import hiding_problems
from bot.flow.model import Model
from bot.flow.model_service import BotModel, DirectoryModel, SourcesModel, TeamsModel, WordsModel
from bot.flow.names import World, gather
from bot.flow.problem import Place, Problem, Problems, place_of
from bot.flow.reading import name_problems, read_as, read_flow
from bot.flow.source import read_yaml
from bot.flow.textvalues import value_problems
from bot.flow.tree import Node
from bot.i18n.catalog import Catalog, CatalogError, read_catalog
from bot.i18n.lexicon import Lexicon
from bot.i18n.texts import Texts
from bot.i18n.units import UNIT_CONTEXTS

_Read = TypeVar("_Read", bound=Model)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a bundle. `program`: None when a problem (no warning) was found. `catalogs`: by language, those that could be read."""

    program: p.Program | None
    problems: tuple[Problem, ...]
    draft: Draft
    catalogs: Mapping[str, Catalog]


def compile_bundle(bundle: Bundle) -> Compiled:
    """The program of a bundle, all problems of form and names in the order of files and lines, and the draft for checks."""
    return _Work(bundle).compiled()


def read_draft(bundle: Bundle) -> Draft:
    """Everything of the bundle that can be read, with its texts, without resolving a name."""
    return _Work(bundle).draft()


class _Work:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._problems: dict[str, Problems] = {}
        self._trees: dict[str, Node] = {}

    def compiled(self) -> Compiled:
        draft = self.draft()
        world = gather(draft, self._names())
        texts = {text.id: text.text for text in draft.texts}
        flows = {name: self._flow(flow, world, texts) for name, flow in draft.flows.items()}
        draft = replace(draft, flows=MappingProxyType(flows))
        catalogs = self._catalogs()
        self._around(draft, world)
        self._texts(draft, world)
        words = compile_words(draft.words) if draft.words else None
        hiding_problems(draft, words[0] if words else None, catalogs, self._of)
        program = None if self._failed() or words is None else self._program(draft, world, words, catalogs)
        problems = [problem for each in self._problems.values() for problem in each.found if not _follows(problem, draft)]
        return Compiled(program, tuple(sorted(problems, key=place_of)), draft, MappingProxyType(catalogs))

    def draft(self) -> Draft:
        """The draft, and problems of form noted."""
        bot, words = self._read("bot", BotModel), self._read("words", WordsModel)
        directory, teams = self._read("directory", DirectoryModel), self._read("teams", TeamsModel)
        sources = self._read("sources", SourcesModel)
        flows = {flow.name: flow for path in self._bundle.flow_paths() if (flow := self._read_flow(path)) is not None}
        for flow in flows.values():
            name_problems(flow, self._names(), self._of(flow.file))
        draft = Draft(MappingProxyType(flows), MappingProxyType(self._trees), bot, words, directory, teams, sources)
        return replace(draft, texts=tuple(_texts(draft)))

    def _names(self) -> frozenset[str]:
        return frozenset(flow_name(path) for path in self._bundle.flow_paths())

    def _of(self, file: str) -> Problems:
        return self._problems.setdefault(file, Problems(file))

    def _failed(self) -> bool:
        return any(not problem.warning for each in self._problems.values() for problem in each.found)

    def _tree(self, path: str) -> Node | None:
        if path not in self._bundle:
            self._of(path).add("yaml", Place(1, 1), "this file is missing")
            return None
        node, problems = read_yaml(path, self._bundle[path])
        self._of(path).found.extend(problems)
        if node is not None:
            self._trees[path] = node
        return node

    def _read(self, name: str, model: type[_Read]) -> _Read | None:
        path = f"{FLOWS}{name}.yaml"
        node = self._tree(path)
        return None if node is None else read_as(model, node, self._of(path))

    def _read_flow(self, path: str) -> DraftFlow | None:
        node = self._tree(path)
        return None if node is None else read_flow(path, node, self._of(path))

    def _flow(self, draft: DraftFlow, world: World, texts: Mapping[str, str]) -> DraftFlow:
        return replace(draft, flow=compile_flow(draft, world, self._of(draft.file), texts))

    def _catalogs(self) -> dict[str, Catalog]:
        catalogs: dict[str, Catalog] = {}
        for language, path in self._bundle.catalog_paths().items():
            try:
                catalogs[language] = read_catalog(self._bundle[path], language)
            except CatalogError as error:
                self._of(path).add("yaml", Place(error.line, 1), f"this catalog cannot be read: {error.sentence}")
        return catalogs

    def _around(self, draft: Draft, world: World) -> None:
        """The files beside the flows."""
        if draft.bot:
            bot_problems(draft.bot, world, *self._beside("bot"))
        if draft.words:
            words_problems(draft.words, world, *self._beside("words"))
        if draft.teams:
            teams_problems(draft.teams, world, *self._beside("teams"))
        if draft.directory:
            directory_problems(draft.directory, world, *self._beside("directory"))

    def _beside(self, name: str) -> tuple[Node, Problems]:
        path = f"{FLOWS}{name}.yaml"
        return self._trees[path], self._of(path)

    def _texts(self, draft: Draft, world: World) -> None:
        commented = {file: st.commented_places(node) for file, node in self._trees.items()}
        for text in draft.texts:
            value_problems(text, world, self._of(text.file))
            if (text.line, text.column) in commented[text.file]:
                sentence = "a comment stands on the line of this text; YAML may have cut the text there: write the comment above it"
                self._of(text.file).add("comment-cuts-text", Place(text.line, text.column), sentence)

    def _program(
        self, draft: Draft, world: World, words: tuple[Lexicon, Mapping[str, p.DangerGroup]], catalogs: Mapping[str, Catalog]
    ) -> p.Program | None:
        flows = {name: flow.flow for name, flow in draft.flows.items() if flow.flow is not None}
        if not (draft.bot and draft.directory and draft.teams):
            return None
        lexicon, danger = words
        shared = {name: type_ for name, facts in world.shared.items() if (type_ := facts.settled()) is not None}
        return p.Program(
            revision=self._bundle.revision,
            service=compile_service(draft.bot),
            flows=MappingProxyType(flows),
            shared=MappingProxyType(shared),
            teams=compile_teams(draft.teams),
            directory=compile_directory(draft.directory),
            lexicon=lexicon,
            danger=danger,
            texts=_said(draft, draft.bot, catalogs),
        )


_NAMED_IN: Final[Mapping[str, frozenset[str]]] = {
    "bot": frozenset({"no-such-answers", "no-such-answer", "no-such-value", "no-such-choice", "shared-differs"}),
    "teams": frozenset({"no-such-team"}),
    "directory": frozenset({"no-such-team", "no-such-need"}),
    "sources": frozenset({"no-such-source"}),
}
"""File → rules about the names that it gives to other files."""


def _follows(problem: Problem, draft: Draft) -> bool:
    """Whether a name is missed only because the file that gives it could not be read: that file's own problems come first."""
    unread = {"bot": draft.bot, "teams": draft.teams, "directory": draft.directory, "sources": draft.sources}
    return any(
        model is None and problem.rule in _NAMED_IN[name] and problem.file != f"{FLOWS}{name}.yaml" for name, model in unread.items()
    )


def _said(draft: Draft, bot: BotModel, catalogs: Mapping[str, Catalog]) -> Texts:
    said = {language: catalogs[language].said() if language in catalogs else {} for language in bot.languages if language != bot.source}
    units = {language: forms for language, catalog in catalogs.items() if len(forms := catalog.units()) == len(UNIT_CONTEXTS)}
    return Texts.of({text.id: text.text for text in draft.texts}, said, bot.source, units)


def _texts(draft: Draft) -> list[SourceText]:
    texts: list[SourceText] = []
    if draft.bot:
        texts += st.texts_of_bot(draft.bot, draft.trees[st.BOT_FILE])
    for flow in draft.flows.values():
        texts += st.texts_of_flow(flow)
    if draft.teams:
        texts += st.texts_of_teams(draft.teams, draft.trees[st.TEAMS_FILE])
    if draft.directory:
        texts += st.texts_of_directory(draft.directory, draft.trees[st.DIRECTORY_FILE])
    return texts
