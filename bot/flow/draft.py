"""What authors wrote, with its places: the view that checks work on, there even when nothing can be compiled.

Rule 1: a draft never changes; it holds every file that could be read, and every step with its place.
Rule 2: `DraftFlow.flow` is there only when the whole flow could be resolved; checks of paths walk those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from bot.flow import program as p
from bot.flow.answers import Choices
from bot.flow.model import AnyStepModel, FlowModel
from bot.flow.model_service import BotModel, DirectoryModel, RepliesModel, SourcesModel, TeamsModel, WordsModel
from bot.flow.problem import Place
from bot.flow.tree import Node, Table, place_at, place_of_key


@dataclass(frozen=True, slots=True)
class SourceText:
    """One text that people or staff receive, as its author wrote it. `note` tells translators what it is and where it stands."""

    id: str
    text: str
    file: str
    line: int
    note: str
    column: int = 1
    kind: Literal["text", "button", "page", "label", "help", "none", "title", "engine", "contact", "name", "reply"] = "text"


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One step as written. `model`: None for `end`, `leave` and for what could not be read. `key`: its name, else `#<index>`."""

    index: int
    key: str
    id: str
    word: str
    node: Node
    model: AnyStepModel | None

    @property
    def place(self) -> Place:
        """Where the step is: its word."""
        return place_of_key(self.node, (self.word,)) if isinstance(self.node, Table) and self.word else self.node.place

    def at(self, *path: str | int) -> Place:
        """The place of the value at this path of keys, or of the nearest thing above it."""
        return place_at(self.node, path)

    def key_at(self, *path: str | int) -> Place:
        """The place of the key that the path ends with."""
        return place_of_key(self.node, path)


@dataclass(frozen=True, slots=True)
class DraftFlow:
    """One flow as written. `flow`: compiled, when nothing of it is wrong."""

    name: str
    file: str
    node: Node
    head: FlowModel | None
    steps: tuple[DraftStep, ...]
    flow: p.Flow | None = None

    @property
    def sensitive(self) -> bool:
        """Whether its texts must be neutral at first sight."""
        return self.head is not None and self.head.sensitive

    def step(self, key: str) -> DraftStep | None:
        """The step of that name, or None."""
        return next((step for step in self.steps if step.key == key), None)


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of a bundle that could be read. `trees`: file → its tree, for places. `texts`: every source text, in order."""

    flows: Mapping[str, DraftFlow] = field(default_factory=dict)
    trees: Mapping[str, Node] = field(default_factory=dict)
    bot: BotModel | None = None
    words: WordsModel | None = None
    directory: DirectoryModel | None = None
    teams: TeamsModel | None = None
    sources: SourcesModel | None = None
    replies: RepliesModel | None = None
    texts: tuple[SourceText, ...] = ()

    def at(self, file: str, *path: str | int) -> Place:
        """The place of the value at this path of a file; line 1 if the file could not be read."""
        return place_at(self.trees[file], path) if file in self.trees else Place(1, 1)

    def key_at(self, file: str, *path: str | int) -> Place:
        """The place of the key at this path of a file; line 1 if the file could not be read."""
        return place_of_key(self.trees[file], path) if file in self.trees else Place(1, 1)


Why: TypeAlias = Literal["next", "go", "call", "otherwise", "no", "row", "after", "step"]


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a step.

    `why`: `next` the step below (also when its `if` does not hold) · `step` a go or call step · `go`, `call` a choice of an ask,
    `key` says which · `otherwise`, `no`, `row` (`key` is its number) · `after` where a fresh run begins once a case is closed.
    `calls`: the flow runs first, and at its end goes on at `to`. `answered`: an answer was given on this way (not skipped).
    `path`: the keys in the step that wrote it, for its place.
    """

    why: Why
    to: p.Target
    key: str = ""
    calls: str | None = None
    answered: bool = False
    path: tuple[str | int, ...] = ()


PAST_THE_END = -1
"""`ToStep(PAST_THE_END)`: the path runs past the last step."""


def exits(flow: p.Flow) -> tuple[tuple[Exit, ...], ...]:
    """For each step, every way out of it; conditions are not weighed (either way is possible)."""
    return tuple(_with_if(step, _exits(step, _below(flow, step)), _below(flow, step)) for step in flow.steps)


def _below(flow: p.Flow, step: p.Step) -> p.ToStep:
    return p.ToStep(step.index + 1 if step.index + 1 < len(flow.steps) else PAST_THE_END)


def _with_if(step: p.Step, ways: tuple[Exit, ...], below: p.ToStep) -> tuple[Exit, ...]:
    plain = Exit("next", below)
    return (*ways, plain) if step.when is not None and plain not in ways else ways


def _exits(step: p.Step, below: p.ToStep) -> tuple[Exit, ...]:
    match step:
        case p.Say() | p.Pages() | p.Contacts() | p.Set() | p.Remind():
            return (Exit("next", below),)
        case p.Forget(what=what):
            return (Exit("next", p.ToLeave() if what == "everything" else below),)
        case p.Ask():
            return _ask_exits(step, below)
        case p.Consent(no=no):
            return Exit("next", below, answered=True), Exit("no", no, path=("no",))
        case p.Handoff(after=after):
            return Exit("next", below), Exit("after", after, path=("after",))
        case p.Decide(rows=rows):
            return tuple(Exit("row", row.go, str(number), path=("rows", number, "go")) for number, row in enumerate(rows))
        case _:
            return (_only_exit(step, below),)


def _only_exit(step: p.Go | p.Call | p.End | p.Leave, below: p.ToStep) -> Exit:
    match step:
        case p.Go(to=to):
            return Exit("step", to, path=("go",))
        case p.Call(flow=called):
            return Exit("step", below, calls=called, path=("call",))
        case p.End():
            return Exit("step", p.ToEnd())
        case p.Leave():
            return Exit("step", p.ToLeave())
        case _:
            assert_never(step)


def _ask_exits(ask: p.Ask, below: p.ToStep) -> tuple[Exit, ...]:
    led = {*ask.go, *ask.call}
    ways = [Exit("go", to, key, answered=key != "skip", path=("go", key)) for key, to in ask.go.items()]
    ways += [Exit("call", below, key, calls=flow, answered=key != "skip", path=("call", key)) for key, flow in ask.call.items()]
    if ask.otherwise is not None:
        ways.append(Exit("otherwise", ask.otherwise, path=("otherwise",)))
    if not _leads_everywhere(ask, led):
        ways.append(Exit("next", below, answered=not ask.skip or "skip" in led))
    return tuple(ways)


def _leads_everywhere(ask: p.Ask, led: set[str]) -> bool:
    """Whether every answer leads somewhere, so that nothing falls to the step below."""
    if not isinstance(ask.type, Choices) or ask.type.many or ask.once or (ask.skip and "skip" not in led):
        return False
    return all(choice.key in led for choice in ask.type.choices)
