"""What of a conversation can still make a difference: the questions that conditions yet to come can ask of it.

Rule 1: two conversations at one place are one if every such question has the same answer in both.
Rule 2: where it is not known what a condition asks, everything it names makes a difference.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from bot.checks.graph import Graph
from bot.engine.calendar import is_open, part_of_day
from bot.engine.session import Session
from bot.flow import program as p
from bot.flow.answers import SKIPPED, Answer
from bot.flow.bundle import Bundle
from bot.flow.draft import PAST_THE_END, Draft
from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Wrong, parse
from bot.flow.tree import Items, Node, Scalar, Table
from bot.studio.bundle.compiled import compiled

Atom: TypeAlias = tuple[Literal["is", "has", "known", "there", "value"], str, tuple[str, ...]]
"""One question about the answer of this name: what is asked, the name, the values asked for."""
Atoms: TypeAlias = frozenset[Atom]
_NAME: Final = re.compile(r"[a-z][a-z0-9.-]*")
_NONE: Final[Atoms] = frozenset()


@dataclass(frozen=True, slots=True)
class _Here:
    """What can still be asked at one place: of the own answers of each open flow, of the shared ones, of time and teams."""

    own: tuple[tuple[Atom, ...], ...]
    shared: tuple[Atom, ...]
    around: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """What a flow and those it calls ask of the world. `live`: by flow and step, what can still be asked from there on.

    `named`: every name that is asked about. `elsewhere`: shared answers among them that none of these flows asks for itself.
    """

    program: p.Program
    live: Mapping[tuple[str, str], Atoms]
    named: frozenset[str]
    elsewhere: tuple[str, ...]
    hands_over: bool
    kept: dict[object, "_Here"] = field(default_factory=dict)
    around: dict[object, object] = field(default_factory=dict)

    def of(self, session: Session, at: float, away: tuple[str, ...]) -> object:
        """All of a conversation that can still make a difference, at this moment, with nobody of these teams there."""
        places = tuple([(frame.flow, frame.step) for frame in session.frames])
        here = self.kept.get(places)
        if here is None:
            here = self.kept[places] = self._here(places)
        own = tuple([(frame.page, frame.over, _truths(atoms, frame.own)) for frame, atoms in zip(session.frames, here.own, strict=True)])
        case = session.case
        held = (case.team, case.flow, case.after) if case is not None else None
        question = session.question.kind if session.question is not None else ""
        around = self._around(here.around, session, at, away) if here.around else None
        return places, own, _truths(here.shared, session.shared), session.who, held, question, bool(session.picked), session.heard, around

    def _here(self, places: tuple[tuple[str, str], ...]) -> "_Here":
        """What can still be asked by who stands at these steps of open flows."""
        live = [self.live.get(place, _NONE) for place in places]
        asked = places[-1][1] if places else ""
        own = [_still(atoms, asked) if number == len(live) else atoms for number, atoms in enumerate(live, 1)]
        every = _still(_NONE.union(*live), asked)
        around = sorted({name for _, name, _ in every if name == "now" or name.startswith("team.")})
        shared = self.program.shared
        return _Here(
            own=tuple(tuple(sorted(atom for atom in atoms if atom[1] not in shared)) for atoms in own),
            shared=tuple(sorted(atom for atom in every if atom[1] in shared)),
            around=tuple(around),
        )

    def _around(self, names: tuple[str, ...], session: Session, at: float, away: tuple[str, ...]) -> object:
        """Of the time and the teams what is asked about."""
        country = session.shared.get("country")
        key = (names, country, at, away)
        if key not in self.around:
            land = country if isinstance(country, str) and country != SKIPPED else None
            service, teams = self.program.service, self.program.teams
            asked = [name.removeprefix("team.") for name in names if name.startswith("team.")]
            there = tuple(team not in away and is_open(teams, team, land, at, service) for team in asked)
            self.around[key] = there, part_of_day(at, land, service) if "now" in names else ""
        return self.around[key]


def matters(bundle: Bundle, program: p.Program, flow: str) -> Matters:
    """What the flow and those it calls ask of the world."""
    draft = compiled(bundle).draft
    flows = called_from(program, flow)
    steps = {name: [_asked_at(draft, name, step) for step in program.flows[name].steps] for name in flows}
    every = {name: _NONE.union(*atoms) for name, atoms in steps.items()}
    whole = {name: _NONE.union(*(every[each] for each in called_from(program, name))) for name in flows}
    named = frozenset(name for _, name, _ in whole[flow])
    asks = {step.key for name in flows for step in program.flows[name].steps if isinstance(step, p.Ask)}
    return Matters(
        program=program,
        live=MappingProxyType(dict(_live(draft, program, steps, whole))),
        named=named,
        elsewhere=tuple(sorted((named & program.shared.keys()) - asks - {"country"})),
        hands_over=any(isinstance(step, p.Handoff) for name in flows for step in program.flows[name].steps),
    )


def called_from(program: p.Program, flow: str) -> frozenset[str]:
    """The flow, and every flow that is called from it."""
    found, waiting = {flow}, [flow]
    while waiting:
        for step in program.flows[waiting.pop()].steps:
            waiting += [name for name in _called(step) if name not in found]
            found.update(_called(step))
    return frozenset(found)


def _still(atoms: Atoms, asked: str) -> Atoms:
    """What is still asked of an answer once it is given anew: the question that waits overwrites it."""
    return frozenset(atom for atom in atoms if atom[1] != asked) if asked else atoms


def _live(
    draft: Draft, program: p.Program, steps: Mapping[str, list[Atoms]], whole: Mapping[str, Atoms]
) -> Iterator[tuple[tuple[str, str], Atoms]]:
    """What can still be asked behind each step, until an answer is given anew: the oldest of analyses, from the end to the beginning."""
    graph = Graph.of(draft)
    for name, asked in steps.items():
        there = program.flows[name].steps
        called = [_NONE.union(*(whole[each] for each in _called(step))) for step in there]
        onward = [
            tuple(way.to.index for way in graph.ways[name][step.index] if isinstance(way.to, p.ToStep) and way.to.index != PAST_THE_END)
            for step in there
        ]
        before = list(asked)
        moved = True
        while moved:
            moved = False
            for step in reversed(there):
                behind = called[step.index].union(*(before[index] for index in onward[step.index]))
                now = asked[step.index] | (_still(behind, step.key) if _gives_anew(step) else behind)
                moved = moved or now != before[step.index]
                before[step.index] = now
        for step in there:
            yield (name, step.key), called[step.index].union(*(before[index] for index in onward[step.index]))


def _gives_anew(step: p.Step) -> bool:
    """Whether who comes by here gives the answer of this name anew, whatever it was."""
    return step.when is None and (isinstance(step, p.Consent) or (isinstance(step, p.Ask) and not step.once))


def _called(step: p.Step) -> tuple[str, ...]:
    return (step.flow,) if isinstance(step, p.Call) else tuple(step.call.values()) if isinstance(step, p.Ask) else ()


def _asked_at(draft: Draft, flow: str, step: p.Step) -> Atoms:
    """What one step asks: its conditions, its own answer if it is asked once, the yes it stands on."""
    there = draft.flows.get(flow)
    atoms = {atom for text in _conditions(there.steps[step.index].node) for atom in _of_text(text)} if there is not None else set()
    match step:
        case p.Ask(once=True, key=key):
            atoms.add(("value" if step.go or step.call else "there", key, ()))
        case p.Handoff(consent=str(key)) | p.Remind(consent=key):
            atoms.add(("is", key, ("yes",)))
        case _:
            pass
    return frozenset(atoms)


def _of_text(text: str) -> Iterator[Atom]:
    expression = parse(text)
    if isinstance(expression, Wrong):
        yield from (("value", name, ()) for name in _NAME.findall(text))
    else:
        yield from _of(expression)


def _of(expression: Expression) -> Iterator[Atom]:
    match expression:
        case Is(name, values):
            yield "is", name, tuple(sorted(values))
        case Has(name, value):
            yield "has", name, (value,)
        case Known(name):
            yield "known", name, ()
        case Compare(name):
            yield "value", name, ()
        case Not(part):
            yield from _of(part)
        case All(parts) | Either(parts):
            for each in parts:
                yield from _of(each)


def _truths(atoms: Sequence[Atom], answers: Mapping[str, Answer]) -> tuple[object, ...]:
    """What these answers say to each of the atoms."""
    return tuple([_truth(atom, answers.get(atom[1])) for atom in atoms])


def _truth(atom: Atom, answer: Answer | None) -> object:
    if answer is None:
        return None
    match atom[0]:
        case "is":
            return str(answer) in atom[2]
        case "has":
            return isinstance(answer, tuple | list) and atom[2][0] in answer
        case "known":
            return answer != SKIPPED
        case "there":
            return True
        case _:
            return (answer,)


def _conditions(node: Node) -> Iterator[str]:
    match node:
        case Table(entries=entries):
            for key, entry in entries.items():
                if key == "if" and isinstance(entry.value, Scalar):
                    yield entry.value.text
                yield from _conditions(entry.value)
        case Items(items=items):
            for item in items:
                yield from _conditions(item)
        case _:
            return
