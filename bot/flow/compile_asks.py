"""Asks: their type, where each choice leads, and what an answer of that kind may not do."""

from typing import TypedDict

from bot.flow import program as p
from bot.flow.answers import AnswerType, Choices, CountryOf, Free, Language
from bot.flow.draft import DraftStep
from bot.flow.model import AskModel, ConsentModel, SayModel
from bot.flow.names import AnswerFacts, answer_type, same_type
from bot.flow.problem import nearest, shown
from bot.flow.resolving import Resolver
from bot.i18n.placeholders import placeholders


class Base(TypedDict):
    """What every step has."""

    index: int
    key: str
    id: str
    when: p.Condition | None
    line: int


def compile_ask(names: Resolver, draft: DraftStep, ask: AskModel, base: Base) -> p.Ask | None:
    """The compiled ask, or None when something of it cannot be resolved."""
    names.sources(draft, ask.source, "source")
    type_ = _type(names, draft, ask)
    if type_ is not None:
        _several_problems(names, draft, ask, type_)
        _use_problems(names, draft, ask, type_)
    keys = _led_keys(names, ask, type_)
    go = _go(names, draft, ask, keys)
    call = _call(names, draft, ask, keys)
    otherwise = None if ask.otherwise is None else names.target(ask.otherwise, draft.at("otherwise"))
    if type_ is None:
        return None
    return p.Ask(
        **base,
        type=type_,
        label=None if ask.label is None else f"{draft.id}:label",
        skip=ask.skip,
        once=ask.once,
        private=ask.private,
        heard=ask.heard,
        otherwise=otherwise,
        help=None if ask.help is None else f"{draft.id}:help",
        go=go,
        call=call,
        listen=ask.listen,
    )


def _type(names: Resolver, draft: DraftStep, ask: AskModel) -> AnswerType | None:
    if isinstance(ask.choices, str) and ask.choices not in names.world.sets:
        names.unknown("no-such-answers", draft.at("choices"), "set of answers", ask.choices, names.world.sets)
        return None
    type_ = answer_type(names.flow, ask, names.world.sets)
    facts = names.world.facts(names.flow, ask.ask)
    if type_ is not None and facts is not None and ask.ask in names.world.shared:
        _shared_problems(names, draft, type_, facts)
    return type_


def _shared_problems(names: Resolver, draft: DraftStep, type_: AnswerType, facts: AnswerFacts) -> None:
    if facts.type is not None and not same_type(type_, facts.type):
        sentence = f"the shared answer ‹{draft.key}› has another type or other choices than in the flow ‹{facts.first_in}›"
        names.problems.add("shared-differs", draft.place, sentence)
    if isinstance(draft.model, AskModel) and draft.model.private:
        names.problems.add("private", draft.at("private"), f"‹{draft.key}› is shared by bot.yaml, so it cannot be private")


def _several_problems(names: Resolver, draft: DraftStep, ask: AskModel, type_: AnswerType) -> None:
    if not isinstance(type_, Choices):
        if ask.heard:
            names.problems.add("one-kind", draft.key_at("heard"), "‹heard› belongs to ‹choices›")
        return
    keys = [choice.key for choice in type_.choices]
    most = names.world.bot.limits.choices if names.world.bot else len(keys)
    if len(keys) > most:
        names.problems.add("too-many-choices", draft.at("choices"), f"{len(keys)} choices; at most {most} can be chosen from")
    if len(keys) < 1:
        names.problems.add("no-such-choice", draft.at("choices"), "at least one choice stands here")
    for key in keys:
        if key in ("skip", "skipped") or (key == "done" and ask.many):
            place = draft.key_at("choices", key) if isinstance(ask.choices, dict) else draft.at("choices")
            names.problems.add("name", place, f"‹{key}› is a button of the engine and cannot be a choice here")


def _use_problems(names: Resolver, draft: DraftStep, ask: AskModel, type_: AnswerType) -> None:
    if isinstance(type_, Free):
        consents = [step.model for step in names.draft.steps if isinstance(step.model, ConsentModel)]
        if ask.ask in names.world.shared or not (any(ask.ask in consent.shows for consent in consents) or _said_back(names, ask.ask)):
            names.problems.add("free-words", draft.key_at("free"), f"free words are kept only if a consent of this flow shows ‹{ask.ask}›")


def _said_back(names: Resolver, answer: str) -> bool:
    """Whether a text says these words back at once, and nobody keeps them."""
    says = [step.model.text for step in names.draft.steps if isinstance(step.model, SayModel) and step.id in names.world.sayings]
    return any(answer in placeholders(text) for text in says)


def _led_keys(names: Resolver, ask: AskModel, type_: AnswerType | None) -> frozenset[str]:
    """The keys that `go` and `call` may name; all that they name when the type could not be read."""
    skip = frozenset({"skip"}) if ask.skip else frozenset()
    bot = names.world.bot
    match type_:
        case None:
            return frozenset((*ask.go, *ask.call))
        case Choices(choices, many=False):
            return skip | {choice.key for choice in choices}
        case CountryOf(here=True) if bot:
            return skip | frozenset(bot.countries)
        case Language() if bot:
            return skip | frozenset(bot.languages)
        case _:
            return skip


def _go(names: Resolver, draft: DraftStep, ask: AskModel, keys: frozenset[str]) -> dict[str, p.Target]:
    led: dict[str, p.Target] = {}
    for key, name in ask.go.items():
        _choice_problem(names, draft, ("go", key), keys)
        target = names.target(name, draft.at("go", key))
        if target is not None:
            led[key] = target
    return led


def _call(names: Resolver, draft: DraftStep, ask: AskModel, keys: frozenset[str]) -> dict[str, str]:
    led: dict[str, str] = {}
    for key, name in ask.call.items():
        _choice_problem(names, draft, ("call", key), keys)
        if key in ask.go:
            names.problems.add("name-twice", draft.key_at("call", key), f"the choice ‹{key}› stands in ‹go› too; it leads to one place")
        flow = names.called(name, draft.at("call", key))
        if flow is not None:
            led[key] = flow
    return led


def _choice_problem(names: Resolver, draft: DraftStep, path: tuple[str, str], keys: frozenset[str]) -> None:
    key = path[1]
    if key in keys:
        return
    if isinstance(draft.model, AskModel) and draft.model.many:
        sentence = f"‹{draft.key}› takes several choices, so none of them leads anywhere; use ‹if› or ‹decide› after it"
        names.problems.add("no-such-choice", draft.key_at(*path), sentence)
        return
    names.problems.add("no-such-choice", draft.key_at(*path), f"‹{draft.key}› has no choice {shown(key)}", nearest(key, keys))
