"""Resolving the names that one flow uses: targets, flows, conditions, sources; each unknown name is noted with the nearest one."""

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.flow import program as p
from bot.flow.conditions import compile_condition
from bot.flow.draft import DraftFlow, DraftStep
from bot.flow.expressions import Wrong
from bot.flow.names import World
from bot.flow.problem import Place, Problems, nearest, shown


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition as it stands in a step, to be looked at again once the paths are known."""

    index: int
    text: str
    place: Place


@dataclass(slots=True)
class Resolver:
    """The names of one flow. `conditions`: every condition met."""

    draft: DraftFlow
    world: World
    problems: Problems
    conditions: list[Asked] = field(default_factory=list)

    @property
    def flow(self) -> str:
        """The name of the flow."""
        return self.draft.name

    def add(self, wrong: Wrong, place: Place) -> None:
        """Notes what is wrong."""
        self.problems.add(wrong.rule, place, wrong.sentence, wrong.suggestion)

    def unknown(self, rule: str, place: Place, what: str, name: str, names: Collection[str]) -> None:
        """Notes a name that is not there."""
        self.problems.add(rule, place, f"no {what} {shown(name)}", nearest(name, names))

    def target(self, name: str, place: Place) -> p.Target | None:
        """Where the name leads: `end`, `leave`, a named step of this flow, or a flow."""
        if name in ("end", "leave"):
            return p.ToEnd() if name == "end" else p.ToLeave()
        step = self.draft.step(name)
        if step is not None and not name.startswith("#"):
            return p.ToStep(step.index)
        if name in self.world.flows:
            return p.ToFlow(name)
        steps = [step.key for step in self.draft.steps if not step.key.startswith("#")]
        self.unknown("no-such-place", place, "step or flow", name, [*steps, *self.world.flows, "end", "leave"])
        return None

    def called(self, name: str, place: Place) -> str | None:
        """The flow of that name; a step cannot be called."""
        if name in self.world.flows:
            return name
        if self.draft.step(name) is not None:
            self.problems.add("no-such-place", place, f"{shown(name)} is a step; only a flow can be called")
        else:
            self.unknown("no-such-place", place, "step or flow", name, self.world.flows)
        return None

    def condition(self, draft: DraftStep, text: str, *path: str | int) -> p.Condition | None:
        """The condition at that path of the step."""
        place = draft.at(*path)
        self.conditions.append(Asked(draft.index, text, place))
        every = frozenset((*self.world.shared, *self.world.own[self.flow]))
        condition, wrongs = compile_condition(text, self.world.scope(self.flow, every))
        for wrong in wrongs:
            self.add(wrong, place)
        return condition

    def sources(self, draft: DraftStep, keys: tuple[str, ...], *path: str | int) -> None:
        """Notes sources that sources.yaml does not name."""
        for number, key in enumerate(keys):
            if key not in self.world.sources:
                self.unknown("no-such-source", draft.at(*path, number), "source", key, self.world.sources)

    def team(self, name: str, place: Place) -> str | None:
        """The team of that name."""
        if name in self.world.teams:
            return name
        self.unknown("no-such-team", place, "team", name, self.world.teams)
        return None
