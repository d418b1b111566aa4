"""What names mean: flows, steps, answers and their types, teams, contacts, needs, sources, over all files.

Rule 1: an answer is shared if bot.yaml says so, else it belongs to the flow that asks for it; there is nothing else.
Rule 2: looking a name up gives what it is or says what is wrong, with the nearest name there is.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from bot.flow.answers import SKIPPED, AnswerType, Choice, Choices, CountryOf, DateOf, Free, Hours, Language, Number, Place
from bot.flow.conditions import Named
from bot.flow.draft import Draft, DraftStep
from bot.flow.expressions import Wrong
from bot.flow.model import AskModel, ConsentModel, SayModel, SetModel
from bot.flow.model_service import BotModel
from bot.flow.problem import nearest, shown

CONSENT_TYPE = Choices((Choice("yes", "bot.yes"), Choice("no", "bot.no")))


@dataclass(slots=True)
class AnswerFacts:
    """What is known of one answer. `set_to`: values of `set` steps. `asked`: by an ask or a consent. `unread`: that was faulty."""

    type: AnswerType | None = None
    asked: bool = False
    skippable: bool = False
    private: bool = False
    first_in: str = ""
    unread: bool = False
    label: str | None = None
    set_to: dict[str, None] = field(default_factory=dict)

    def key(self) -> Hashable:
        """All of it, in its order."""
        return (
            self.type, self.asked, self.skippable, self.private, self.first_in, self.unread, self.label, tuple(self.set_to),
        )  # fmt: skip

    def settled(self) -> AnswerType | None:
        """Its type; of an answer that is only ever set, the closed list of the values it is set to."""
        if self.type is not None or not self.set_to:
            return self.type
        return Choices(tuple(Choice(value, "") for value in self.set_to))


@dataclass(frozen=True, slots=True)
class World:
    """Every name of a bundle."""

    bot: BotModel | None
    flows: frozenset[str]
    teams: frozenset[str]
    contacts: Mapping[str, bool]
    """Contact → whether it accepts referrals."""
    needs: frozenset[str]
    sources: frozenset[str]
    shared: Mapping[str, AnswerFacts]
    own: Mapping[str, Mapping[str, AnswerFacts]]
    heard: frozenset[str]
    """Keys of the choices of every ask that hears."""
    sayings: frozenset[str] = frozenset()
    """Ids of `say` steps of flows that are not sensitive: they may say back what was just written."""

    @property
    def sets(self) -> Mapping[str, Mapping[str, str]]:
        """Sets of choices of bot.yaml."""
        return self.bot.answers if self.bot else {}

    def facts(self, flow: str, name: str) -> AnswerFacts | None:
        """What is known of an answer as this flow sees it."""
        return self.shared.get(name) or self.own.get(flow, {}).get(name)

    def scope(self, flow: str, always: frozenset[str] = frozenset()) -> "Scope":
        """The names that a condition of this flow may use; `always`: those that cannot be missing there."""
        return Scope(self, flow, always)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of a condition in one flow."""

    world: World
    flow: str
    always: frozenset[str]

    def named(self, name: str) -> Named | Wrong:
        """What the name stands for."""
        built_in = self._built_in(name)
        if built_in is not None:
            return built_in
        facts = self.world.facts(self.flow, name)
        if facts is not None and facts.unread:
            return Named("own", None, None, unread=True)
        type_ = facts.settled() if facts else None
        if facts is None or type_ is None:
            return Wrong("no-such-answer", f"no answer {shown(name)} in this flow, and none is shared", nearest(name, self._names()))
        values = _values(type_, self.world)
        if values is not None and facts.skippable:
            values |= {SKIPPED}
        skipped = frozenset({SKIPPED}) if facts.skippable else frozenset()
        if isinstance(type_, Number | DateOf | Free):
            values = skipped
        return Named("shared" if name in self.world.shared else "own", type_, values, name in self.always)

    def _built_in(self, name: str) -> Named | Wrong | None:
        bot = self.world.bot
        if name == "language":
            return Named("builtin", None, frozenset(bot.languages) if bot else None)
        if name == "now":
            return Named("builtin", None, frozenset(bot.hours) if bot else None)
        if name == "heard":
            return Named("builtin", None, self.world.heard)
        if not name.startswith("team."):
            return None
        team = name.removeprefix("team.")
        if team not in self.world.teams:
            return Wrong("no-such-team", f"no team {shown(team)}", nearest(team, self.world.teams))
        return Named("builtin", None, frozenset({"open", "closed"}))

    def _names(self) -> list[str]:
        return [*self.world.own.get(self.flow, {}), *self.world.shared, "language", "now", "heard"]


def world_key(world: World) -> Hashable:
    """All that is in a world, in its order; equal: a flow is resolved the same in both. bot.yaml stands in it as the very object it is."""
    return (
        id(world.bot), world.flows, world.teams, tuple(world.contacts.items()), world.needs, world.sources, world.heard, world.sayings,
        tuple((name, facts.key()) for name, facts in world.shared.items()),
        tuple((flow, tuple((name, facts.key()) for name, facts in own.items())) for flow, own in world.own.items()),
    )  # fmt: skip


def gather(draft: Draft, names: frozenset[str]) -> World:
    """The names of all files. `names`: of every flow there is, also of those that could not be read."""
    flows, bot, teams, directory, sources = draft.flows, draft.bot, draft.teams, draft.directory, draft.sources
    unread = names != frozenset(flows)
    shared = {name: AnswerFacts(unread=unread) for name in (bot.shared if bot else ())}
    own: dict[str, dict[str, AnswerFacts]] = {name: {} for name in flows}
    heard: set[str] = set()
    sets = bot.answers if bot else {}
    for flow in flows.values():
        for step in flow.steps:
            _note(flow.name, step, shared, own[flow.name], sets)
            if isinstance(step.model, AskModel) and step.model.heard:
                heard.update(choice_keys(step.model, sets))
    return World(
        bot=bot,
        flows=names,
        teams=frozenset(teams.teams if teams else ()),
        contacts={id_: "referral" in row.accepts for id_, row in directory.contacts.items()} if directory else {},
        needs=frozenset(directory.needs if directory else ()),
        sources=frozenset(sources.sources if sources else ()),
        shared=shared,
        own=own,
        heard=frozenset(heard),
        sayings=frozenset(
            step.id for flow in flows.values() if not flow.sensitive for step in flow.steps if isinstance(step.model, SayModel)
        ),
    )


def _note(
    flow: str, step: DraftStep, shared: Mapping[str, AnswerFacts], own: dict[str, AnswerFacts], sets: Mapping[str, Mapping[str, str]]
) -> None:
    match step.model:
        case AskModel() as ask:
            facts = shared.get(ask.ask) or own.setdefault(ask.ask, AnswerFacts())
            _note_ask(flow, ask, facts, sets)
        case ConsentModel(consent=name):
            facts = own.setdefault(name, AnswerFacts())
            facts.type, facts.asked = CONSENT_TYPE, True
        case SetModel(set=name, to=value):
            facts = shared.get(name) or own.setdefault(name, AnswerFacts())
            facts.set_to[value] = None
        case None if step.word in ("ask", "consent"):
            facts = shared.get(step.key) or own.setdefault(step.key, AnswerFacts())
            facts.unread = facts.asked = True
        case _:
            pass


def _note_ask(flow: str, ask: AskModel, facts: AnswerFacts, sets: Mapping[str, Mapping[str, str]]) -> None:
    if facts.type is None:
        facts.type = answer_type(flow, ask, sets)
        facts.first_in = flow
    facts.asked = True
    facts.unread |= facts.type is None
    facts.skippable |= ask.skip
    facts.private |= ask.private
    if facts.label is None and ask.label is not None:
        facts.label = f"{flow}.{ask.ask}:label"


def choice_keys(ask: AskModel, sets: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """The keys of the choices of an ask; none when it has no choices or names no set."""
    if ask.choices is None:
        return ()
    return tuple(sets.get(ask.choices, {}) if isinstance(ask.choices, str) else ask.choices)


def answer_type(flow: str, ask: AskModel, sets: Mapping[str, Mapping[str, str]]) -> AnswerType | None:
    """The type of an ask, or None when it has none or names a set that is not there."""
    match ask:
        case AskModel(choices=str() as name):
            listed = sets.get(name)
            return None if listed is None else Choices(tuple(Choice(key, f"answers.{name}.{key}") for key in listed), ask.many, name)
        case AskModel(choices=dict() as listed):
            return Choices(tuple(Choice(key, f"{flow}.{ask.ask}.{key}") for key in listed), ask.many)
        case AskModel(number=bounds) if bounds is not None:
            return Number(bounds.from_, bounds.to)
        case AskModel(date=bounds) if bounds is not None:
            return DateOf(bounds.from_, bounds.to)
        case _:
            return _plain_type(ask)


def _plain_type(ask: AskModel) -> AnswerType | None:
    if ask.country is not None:
        return CountryOf(ask.country == "here")
    if ask.free is not None:
        return Free(ask.free.max)
    if ask.place is not None:
        return Place()
    if ask.hours is not None:
        return Hours()
    return Language() if ask.language is not None else None


def same_type(one: AnswerType, other: AnswerType) -> bool:
    """Whether two asks take the same answers; the words of their choices may differ."""
    if isinstance(one, Choices) and isinstance(other, Choices):
        return [choice.key for choice in one.choices] == [choice.key for choice in other.choices] and one.many == other.many
    return one == other


def _values(type_: AnswerType, world: World) -> frozenset[str] | None:
    """Every value that the type can have; None when it is not a list."""
    bot = world.bot
    match type_:
        case Choices(choices):
            return frozenset(choice.key for choice in choices)
        case CountryOf(here):
            return frozenset(bot.countries) if here and bot else None
        case Place():
            return frozenset(place for country in bot.countries.values() for place in country.places) if bot else None
        case Hours():
            return frozenset(bot.hours) if bot else None
        case Language():
            return frozenset(bot.languages) if bot else None
        case Number() | DateOf() | Free():
            return frozenset()
