"""What one file of a bundle says by itself: its tree, its model or flow, its texts, and what is wrong with its form.

Rule 1: it depends on the path and the text and on nothing else: no name of another file is looked up here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from bot.flow import sourcetexts as st
from bot.flow.bundle import FLOWS, NOT_FLOWS, flow_name
from bot.flow.draft import DraftFlow, SourceText
from bot.flow.model import Model
from bot.flow.model_service import BotModel, DirectoryModel, RepliesModel, SourcesModel, TeamsModel, WordsModel
from bot.flow.problem import Problem, Problems
from bot.flow.reading import read_as, read_flow
from bot.flow.source import read_yaml
from bot.flow.tree import Node

_MODELS: Final[Mapping[str, type[Model]]] = {
    "bot": BotModel,
    "words": WordsModel,
    "directory": DirectoryModel,
    "teams": TeamsModel,
    "sources": SourcesModel,
    "replies": RepliesModel,
}
_Read = TypeVar("_Read", bound=Model)


@dataclass(frozen=True, slots=True, eq=False)
class FileRead:
    """A file as read. `tree`, `value`: None when it cannot be read so far. `commented`: places of scalars with a comment on their line."""

    tree: Node | None
    value: Model | DraftFlow | None
    noted: tuple[Problem, ...]
    texts: tuple[SourceText, ...]
    commented: frozenset[tuple[int, int]]

    def as_(self, model: type[_Read]) -> _Read | None:
        """The file as this model, if it is one."""
        return self.value if isinstance(self.value, model) else None

    @property
    def flow(self) -> DraftFlow | None:
        """The file as a flow, if it is one."""
        return self.value if isinstance(self.value, DraftFlow) else None


def read_file(path: str, text: str) -> FileRead:
    """What the file of this path says; `words.yaml` and the others that are no flows are read by their own models."""
    problems = Problems(path)
    tree, found = read_yaml(path, text)
    problems.found.extend(found)
    if tree is None:
        return FileRead(None, None, tuple(problems.found), (), frozenset())
    name = flow_name(path)
    value: Model | DraftFlow | None = read_as(_MODELS[name], tree, problems) if name in NOT_FLOWS else read_flow(path, tree, problems)
    return FileRead(tree, value, tuple(problems.found), _texts(value, tree), st.commented_places(tree))


def path_of(name: str) -> str:
    """`bot` → `flows/bot.yaml`."""
    return f"{FLOWS}{name}.yaml"


def _texts(value: Model | DraftFlow | None, tree: Node) -> tuple[SourceText, ...]:
    match value:
        case DraftFlow():
            return tuple(st.texts_of_flow(value))
        case BotModel():
            return tuple(st.texts_of_bot(value, tree))
        case TeamsModel():
            return tuple(st.texts_of_teams(value, tree))
        case DirectoryModel():
            return tuple(st.texts_of_directory(value, tree))
        case RepliesModel():
            return tuple(st.texts_of_replies(value, tree))
        case _:
            return ()
