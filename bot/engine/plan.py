"""A program made ready to run: every step with what it asks, says and accepts looked up once.

Rule 1: a plan adds nothing to its program and keeps nothing of a person; it may be thrown away at any time.
Rule 2: what is looked up at each event is a look into a dict here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.contacts import Shelf
from bot.engine.effects import Button, Send
from bot.engine.tongues import spellings_of
from bot.flow.answers import AnswerType, Choice, Choices, CountryOf, Free, Hours, Language, Place
from bot.flow.program import Ask, Consent, Flow, Pages, Program, Step
from bot.i18n.fold import fold
from bot.i18n.placeholders import placeholders
from bot.i18n.values import Text

DONE = "done"
SKIP = "skip"
NEXT = "next"
ENOUGH = "enough"
YES = "yes"
NO = "no"
_CONSENT = (Choice(YES, "bot.agree"), Choice(NO, "bot.refuse"))
_PAGES = (Choice(NEXT, "bot.next"), Choice(ENOUGH, "bot.enough"))
_EXTRA_SPELLINGS: Mapping[str, tuple[str, ...]] = {"bot.agree": ("bot.yes",), "bot.refuse": ("bot.no",)}


class Spot:
    """One step of one flow, with what the engine asks of it again and again.

    `name`: the answer it asks; `shared`: it is one that all flows share. `choices`: None if they depend on the person's country.
    """

    __slots__ = ("choices", "flow", "heard", "id", "index", "kind", "many", "name", "question", "shared", "steady", "step")

    def __init__(self, flow: Flow, step: Step, program: Program) -> None:
        self.flow = flow
        self.step = step
        self.kind = type(step)
        self.index = step.index
        self.id = step.id
        self.name = step.key
        self.shared = step.key in program.shared
        self.many = isinstance(step, Ask) and (isinstance(step.type, Hours) or (isinstance(step.type, Choices) and step.type.many))
        self.choices = _fixed_choices(step, program)
        self.heard = frozenset(choice.key for choice in self.choices or ()) if isinstance(step, Ask) and step.heard else frozenset()
        self.steady = isinstance(step, Ask) and not (step.when or step.once or step.heard or self.choices is None)
        self.question: Send | None = None  # ready to send, if nothing in it can change

    def choices_in(self, country: str | None, program: Program) -> tuple[Choice, ...]:
        """What can be chosen here by a person in the country."""
        if self.choices is not None:
            return self.choices
        land = program.service.countries.get(country or "")
        return tuple(Choice(place, f"countries.{land.code}.{place}") for place in land.places) if land else ()

    def offered(self, country: str | None, program: Program) -> tuple[Choice, ...]:
        """What can be pressed here, in order: choices, That is all, Skip."""
        more: tuple[Choice, ...] = ()
        if self.many:
            more += (Choice(DONE, "bot.done"),)
        if isinstance(self.step, Ask) and self.step.skip:
            more += (Choice(SKIP, "bot.skip"),)
        return self.choices_in(country, program) + more


@dataclass(frozen=True, slots=True)
class Labels:
    """How what is offered at one place can be written: keys in order of the buttons, and folded label → key."""

    keys: tuple[str, ...]
    named: Mapping[str, str]
    spelled: frozenset[str]


class Plan:
    """A program made ready."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.revision = program.revision
        self.spots: dict[str, tuple[Spot, ...]] = {
            name: tuple(Spot(flow, step, program) for step in flow.steps) for name, flow in program.flows.items()
        }
        self.at: dict[tuple[str, str], Spot] = {(name, spot.name): spot for name, spots in self.spots.items() for spot in spots}
        self.heard_keys = frozenset(key for spots in self.spots.values() for spot in spots for key in spot.heard)
        self.danger_flows = frozenset(group.flow for group in program.danger.values())
        self.ask_safe_after = program.service.silence.ask_still_safe * 60
        self.forget_after = program.service.silence.forget * 60
        self.shelf = Shelf(directory=program.directory, service=program.service, teams=program.teams)
        self.labels_of = _labels_by_name(program)
        self.free = {name: frozenset(key for key in flow.own if isinstance(flow.own[key], Free)) for name, flow in program.flows.items()}
        self._names: dict[str, tuple[str, ...]] = {}
        self._labels: dict[tuple[str, str, str, str | None], Labels] = {}
        for spots in self.spots.values():
            for spot in spots:
                spot.question = self._ready(spot)

    def names_in(self, text_id: str) -> tuple[str, ...]:
        """The names of the values that a text holds."""
        names = self._names.get(text_id)
        if names is None:
            names = self._names[text_id] = tuple(sorted(placeholders(self.program.texts.source(text_id))))
        return names

    def labels(self, spot: Spot, language: str, country: str | None) -> Labels:
        """How what is offered here can be written, in this language first."""
        key = (spot.flow.name, spot.name, language, None if spot.choices is not None else country)
        labels = self._labels.get(key)
        if labels is None:
            labels = self._labels[key] = self._read(spot.offered(country, self.program), language)
        return labels

    def own_type(self, flow: str, name: str) -> AnswerType | None:
        """The type of an answer as a flow sees it."""
        return self.program.shared.get(name) or self.program.flows[flow].own.get(name)

    def _read(self, offered: tuple[Choice, ...], language: str) -> Labels:
        named: dict[str, str] = {}
        for each in (language, *(other for other in self.program.service.languages if other != language)):
            said: dict[str, str | None] = {}
            for choice in offered:
                for spelling in self._spellings(choice, each):
                    said[spelling] = choice.key if said.get(spelling, choice.key) == choice.key else None
            for spelling, key in said.items():
                if spelling and key is not None:
                    named.setdefault(spelling, key)
        keys = tuple(choice.key for choice in offered)
        return Labels(keys, named, frozenset(keys))

    def _spellings(self, choice: Choice, language: str) -> tuple[str, ...]:
        if choice.label.startswith("languages."):
            return spellings_of(choice.key, language)
        texts = self.program.texts
        labels = (choice.label, *_EXTRA_SPELLINGS.get(choice.label, ()))
        return tuple(fold(texts.say(label, language)) for label in labels if texts.has(label))

    def _ready(self, spot: Spot) -> Send | None:
        step = spot.step
        if not isinstance(step, Ask) or spot.choices is None or not self.program.texts.has(step.id) or self.names_in(step.id):
            return None
        buttons = tuple(Button(choice.key, Text(choice.label)) for choice in spot.offered(None, self.program))
        return Send(step.id, (Text(step.id),), buttons, (), step.listen, spot.flow.sensitive)


KEPT = 16
"""Plans kept at once."""
_plans: dict[int, Plan] = {}


def plan_of(program: Program) -> Plan:
    """The plan of a program, made at first use and kept while the program is among the latest few."""
    plan = _plans.get(id(program))
    if plan is None or plan.program is not program:
        if len(_plans) >= KEPT:
            _plans.clear()
        plan = _plans[id(program)] = Plan(program)
    return plan


def _fixed_choices(step: Step, program: Program) -> tuple[Choice, ...] | None:
    match step:
        case Ask(type=Choices(choices=choices)):
            return choices
        case Ask(type=CountryOf(here=True)):
            return tuple(Choice(code, f"countries.{code}") for code in program.service.countries)
        case Ask(type=Hours()):
            return tuple(Choice(part.key, f"hours.{part.key}") for part in program.service.hours)
        case Ask(type=Language()):
            return tuple(Choice(code, f"languages.{code}") for code in program.service.languages)
        case Ask(type=Place()):
            return None
        case Consent():
            return _CONSENT
        case Pages():
            return _PAGES
        case _:
            return ()


def _labels_by_name(program: Program) -> dict[tuple[str, str], str]:
    """(Flow, answer) → id of its label; the flow `` holds labels of shared answers, from whichever flow asks them."""
    labels: dict[tuple[str, str], str] = {}
    for name, flow in program.flows.items():
        for step in flow.steps:
            if isinstance(step, Ask) and step.label is not None:
                labels[name, step.key] = step.label
                labels.setdefault(("", step.key), step.label)
    return labels
