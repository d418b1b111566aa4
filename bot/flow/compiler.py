"""The compiler: a bundle becomes a program, or everything that is wrong with it.

Rule 1: all files are looked at, whatever is wrong in one of them; a program is given only when nothing is.
Rule 2: it reads texts and gives values: no clock, no disk, no network.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar

from bot.flow import program as p
from bot.flow import sourcetexts as st
from bot.flow.bundle import FLOWS, NOT_FLOWS, Bundle, flow_name
from bot.flow.compile_replies import compile_replies, replies_problems
from bot.flow.compile_service import bot_problems, compile_directory, compile_service, compile_teams, directory_problems, teams_problems
from bot.flow.compile_steps import compile_flow
from bot.flow.compile_words import compile_words, words_problems
from bot.flow.draft import Draft, DraftFlow, SourceText
from bot.flow.files import FileRead, path_of, read_file
from bot.flow.hiding import hiding_problems
from bot.flow.model import Model
from bot.flow.model_service import BotModel, DirectoryModel, RepliesModel, SourcesModel, TeamsModel, WordsModel
from bot.flow.names import World, gather
from bot.flow.problem import Place, Problem, Problems, place_of
from bot.flow.reading import name_problems
from bot.flow.textvalues import value_problems
from bot.flow.tree import Node
from bot.i18n.bidi import is_right_to_left, with_isolates
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


def resolve_flow(read: FileRead, world: World, noted: tuple[Problem, ...]) -> tuple[p.Flow | None, tuple[Problem, ...]]:
    """The compiled flow of a file, if nothing is wrong with it, and its problems, those noted before first."""
    if read.flow is None:
        return None, noted
    problems = Problems(read.flow.file, found=list(noted))
    flow = compile_flow(read.flow, world, problems, {text.id: text.text for text in _written(read.texts, world.bot)})
    return flow, tuple(problems.found)


@dataclass(frozen=True, slots=True)
class Tools:
    """The costly parts of compiling, each a function of its arguments alone; who compiles often hands in ones that remember."""

    read_file: Callable[[str, str], FileRead] = read_file
    read_catalog: Callable[[str, str], Catalog] = read_catalog
    compile_words: Callable[[WordsModel], tuple[Lexicon, Mapping[str, p.DangerGroup]]] = compile_words
    resolve_flow: Callable[[FileRead, World, tuple[Problem, ...]], tuple[p.Flow | None, tuple[Problem, ...]]] = resolve_flow


PLAIN: Final = Tools()
"""Everything is done anew."""


def compile_bundle(bundle: Bundle, tools: Tools = PLAIN) -> Compiled:
    """The program of a bundle, all problems of form and names in the order of files and lines, and the draft for checks."""
    return _Work(bundle, tools).compiled()


def read_draft(bundle: Bundle) -> Draft:
    """Everything of the bundle that can be read, with its texts, without resolving a name."""
    return _Work(bundle, PLAIN).draft()


class _Work:
    def __init__(self, bundle: Bundle, tools: Tools) -> None:
        self._bundle = bundle
        self._tools = tools
        self._problems: dict[str, Problems] = {}
        self._files: dict[str, FileRead] = {}

    def compiled(self) -> Compiled:
        draft = self.draft()
        world = gather(draft, self._names())
        flows = {name: self._flow(flow, world) for name, flow in draft.flows.items()}
        draft = replace(draft, flows=MappingProxyType(flows))
        catalogs = self._catalogs()
        self._around(draft, world)
        self._texts(draft, world)
        words = self._tools.compile_words(draft.words) if draft.words else None
        hiding_problems(draft, words[0] if words else None, catalogs, self._of)
        program = None if self._failed() or words is None else self._program(draft, world, words, catalogs)
        problems = [problem for each in self._problems.values() for problem in each.found if not _follows(problem, draft)]
        return Compiled(program, tuple(sorted(problems, key=place_of)), draft, MappingProxyType(catalogs))

    def draft(self) -> Draft:
        """The draft, and problems of form noted."""
        # A service may have no replies ready: this file alone need not be there.
        others = [name for name in NOT_FLOWS if name != "replies" or st.REPLIES_FILE in self._bundle]
        for path in (*map(path_of, others), *self._bundle.flow_paths()):
            self._read(path)
        flows = {flow.name: flow for path in self._bundle.flow_paths() if (flow := self._files[path].flow) is not None}
        names = self._names()
        for flow in flows.values():
            name_problems(flow, names, self._of(flow.file))
        bot = self._as("bot", BotModel)
        return Draft(
            flows=MappingProxyType(flows),
            trees=MappingProxyType({path: read.tree for path, read in self._files.items() if read.tree is not None}),
            bot=bot,
            words=self._as("words", WordsModel),
            directory=self._as("directory", DirectoryModel),
            teams=self._as("teams", TeamsModel),
            sources=self._as("sources", SourcesModel),
            replies=self._as("replies", RepliesModel),
            texts=tuple(_written(self._all_texts(), bot)),
        )

    def _names(self) -> frozenset[str]:
        return frozenset(flow_name(path) for path in self._bundle.flow_paths())

    def _of(self, file: str) -> Problems:
        return self._problems.setdefault(file, Problems(file))

    def _failed(self) -> bool:
        return any(not problem.warning for each in self._problems.values() for problem in each.found)

    def _read(self, path: str) -> None:
        if path not in self._bundle:
            self._of(path).add("yaml", Place(1, 1), "this file is missing")
            return
        self._files[path] = read = self._tools.read_file(path, self._bundle[path])
        self._of(path).found.extend(read.noted)

    def _as(self, name: str, model: type[_Read]) -> _Read | None:
        read = self._files.get(path_of(name))
        return None if read is None else read.as_(model)

    def _all_texts(self) -> Iterator[SourceText]:
        order = (st.BOT_FILE, *self._bundle.flow_paths(), st.TEAMS_FILE, st.DIRECTORY_FILE, st.REPLIES_FILE)
        return (text for path in order if path in self._files for text in self._files[path].texts)

    def _flow(self, draft: DraftFlow, world: World) -> DraftFlow:
        noted = self._of(draft.file)
        flow, noted.found = self._resolved(draft.file, world, noted.found)
        return replace(draft, flow=flow)

    def _resolved(self, file: str, world: World, noted: list[Problem]) -> tuple[p.Flow | None, list[Problem]]:
        flow, found = self._tools.resolve_flow(self._files[file], world, tuple(noted))
        return flow, list(found)

    def _catalogs(self) -> dict[str, Catalog]:
        catalogs: dict[str, Catalog] = {}
        for language, path in self._bundle.catalog_paths().items():
            try:
                catalogs[language] = self._tools.read_catalog(self._bundle[path], language)
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
        if draft.replies:
            replies_problems(draft.replies, world, *self._beside("replies"))

    def _beside(self, name: str) -> tuple[Node, Problems]:
        read = self._files[path_of(name)]
        assert read.tree is not None  # noqa: S101 a file that has a model has a tree
        return read.tree, self._of(path_of(name))

    def _texts(self, draft: Draft, world: World) -> None:
        for text in draft.texts:
            value_problems(text, world, self._of(text.file))
            if (text.line, text.column) in self._files[text.file].commented:
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
            replies=compile_replies(draft.replies),
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


def _written(texts: Iterable[SourceText], bot: BotModel | None) -> Iterable[SourceText]:
    """The texts as they are said: isolates are unseen, so no author types them; they are put where a translator would have to."""
    if bot is None or not is_right_to_left(bot.source):
        return texts
    return (replace(text, text=with_isolates(text.text, bot.source)) for text in texts)
