"""What a publish changes at once, and when a conversation may move to the new revision (design §7.8, §7.9).

Rule 1: structure is pinned: a person in the middle of a question is never moved under it by a publish.
Rule 2: what would be a wrong fact is never pinned: contacts, teams, hours, words, safety flows, better words of unchanged steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from bot.flow import program as p
from bot.flow.answers import SKIPPED, Answer, AnswerType, Choices
from bot.flow.language import ENGINE_TEXTS
from bot.flow.prints import answer_print

Frame: TypeAlias = tuple[str, str, Mapping[str, Answer]]
"""An open flow: its name, the key of the step it waits at or called from, its own answers."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """What must be known of a conversation to tell whether it may move."""

    frames: Sequence[Frame]
    shared: Mapping[str, Answer]


def compose(pinned: p.Program, current: p.Program) -> p.Program:
    """The program for a conversation begun on `pinned` while `current` is in force; `pinned` itself when they are the same."""
    if pinned.revision == current.revision:
        return pinned
    flows = _flows(pinned, current)
    ids = [*_service_ids(current), *_unchanged_ids(flows, current)]
    return replace(
        pinned,
        flows=MappingProxyType(flows),
        shared=MappingProxyType({**current.shared, **pinned.shared}),
        teams=current.teams,
        directory=current.directory,
        lexicon=current.lexicon,
        danger=current.danger,
        replies=current.replies,
        texts=pinned.texts.taking(ids, current.texts),
    )


def safety_flows(program: p.Program) -> frozenset[str]:
    """Flows that are always those in force: what danger words and `privacy` open."""
    return frozenset({program.service.on_privacy, *(group.flow for group in program.danger.values())})


def may_move(view: SessionView, pinned: p.Program, current: p.Program) -> bool:
    """Whether the conversation can go on in `current` at the same place, with the same answers, asked the same."""
    return all(_same_place(frame, pinned, current) for frame in view.frames) and all(
        _same_answer(name, value, pinned.shared, current.shared) for name, value in view.shared.items()
    )


def _same_place(frame: Frame, pinned: p.Program, current: p.Program) -> bool:
    name, step, own = frame
    before, now = pinned.flows.get(name), current.flows.get(name)
    if before is None or now is None or step not in before.prints:
        return False
    if before.prints[step] != now.prints.get(step):
        return False
    return all(_same_answer(answer, value, before.own, now.own) for answer, value in own.items())


def _same_answer(name: str, value: Answer, before: Mapping[str, AnswerType], now: Mapping[str, AnswerType]) -> bool:
    if name not in now or name not in before:
        return False
    return value == SKIPPED or answer_print(before[name]) == answer_print(now[name])


def _flows(pinned: p.Program, current: p.Program) -> dict[str, p.Flow]:
    flows = dict(pinned.flows)
    waiting = [name for name in safety_flows(current) if name in current.flows]
    for name in waiting:
        flows[name] = current.flows[name]
    # What a safety flow leads to must be there, even if the pinned revision never had it.
    while waiting:
        for name in _led_to(current.flows[waiting.pop()]):
            if name not in flows and name in current.flows:
                flows[name] = current.flows[name]
                waiting.append(name)
    return flows


def _led_to(flow: p.Flow) -> Iterator[str]:
    for step in flow.steps:
        for target in _targets(step):
            if isinstance(target, p.ToFlow):
                yield target.flow


def _targets(step: p.Step) -> Sequence[p.Target]:
    match step:
        case p.Ask(go=go, call=call, otherwise=otherwise):
            return [*go.values(), *map(p.ToFlow, call.values()), *([otherwise] if otherwise else [])]
        case p.Consent(no=target) | p.Handoff(after=target) | p.Go(to=target):
            return [target]
        case p.Decide(rows=rows):
            return [row.go for row in rows]
        case p.Call(flow=name):
            return [p.ToFlow(name)]
        case _:
            return []


def _service_ids(program: p.Program) -> Iterator[str]:
    """Ids of what belongs to no step: names of contacts, teams, countries, ready replies, and the words of the engine."""
    yield from (f"bot.{key}" for key in (*ENGINE_TEXTS, "name", "org"))
    yield from (f"directory.{id_}:{part}" for id_ in program.directory.contacts for part in ("name", "who-answers", "may-follow", "cost"))
    yield from (f"teams.{id_}:name" for id_ in program.teams.teams)
    for reply in program.replies.values():
        yield from (reply.text, reply.title)
    for country in program.service.countries.values():
        yield f"countries.{country.code}"
        yield from (f"countries.{country.code}.{place}" for place in country.places)
    yield from (choice.label for choices in program.service.sets.values() for choice in choices)
    yield from (f"hours.{part.key}" for part in program.service.hours)


def _unchanged_ids(flows: Mapping[str, p.Flow], current: p.Program) -> Iterator[str]:
    """Ids of the texts of every step that is the same in both, and of every flow that is taken from `current`."""
    for flow in flows.values():
        now = current.flows.get(flow.name)
        if now is None:
            continue
        for step in flow.steps:
            if flow is now or now.prints.get(step.key) == flow.prints[step.key]:
                yield from step_text_ids(step)


def step_text_ids(step: p.Step) -> Iterator[str]:
    """The ids of all texts that belong to a step; some may have no text."""
    yield step.id
    match step:
        case p.Ask(type=type_):
            yield from (f"{step.id}:label", f"{step.id}:help")
            if isinstance(type_, Choices) and type_.set_name is None:
                yield from (choice.label for choice in type_.choices)
        case p.Pages(pages=pages):
            yield from (f"{step.id}.{page}" for page in pages)
        case p.Contacts():
            yield f"{step.id}:none"
        case _:
            return
