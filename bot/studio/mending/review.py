"""What whoever approves looks at: what is different, and what is wrong.

Rule 1: functions of two bundles and a day, with plain values in and out, so that they can be done on the bench.
"""

from datetime import date

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled, findings, losses, unsaid
from bot.studio.comparing.changes import Change, Value, Words
from bot.studio.comparing.difference import difference
from bot.studio.comparing.naming import Names
from bot.studio.drafts.parts import Crowd, Place
from bot.studio.mending.explain import Explained, all_explained, losses_explained


class Standing(Struct, frozen=True, kw_only=True):
    """A draft in numbers: changes, what stops a publish, what is only to be looked at, what is taken away and must be said why."""

    changes: int
    errors: int
    warnings: int
    losses: int = 0


class Review(Struct, frozen=True, kw_only=True):
    """Everything that is different, everything that is wrong, the worst first, and what is taken away of what protects people."""

    changes: tuple[Change, ...]
    problems: tuple[Explained, ...]
    losses: tuple[Explained, ...] = ()


def standing(base: Bundle, bundle: Bundle, on: date) -> Standing:
    """The numbers of a draft that was begun on that base."""
    found = findings(bundle, on)
    return Standing(
        changes=len(difference(base, bundle)),
        errors=sum(not problem.warning for problem in (*found, *losses(base, bundle))),
        warnings=sum(problem.warning for problem in found),
        losses=unsaid(base, bundle),
    )


def playable(bundle: Bundle) -> bool:
    """Whether its tests can run: there is a program, however much is wrong with its words."""
    return compiled(bundle).program is not None


def reviewed(base: Bundle, bundle: Bundle, on: date) -> Review:
    """All of it, in words."""
    told = losses_explained(base, bundle)
    wrong = (*(loss for loss in told if not loss.warning), *all_explained(bundle, on))
    return Review(changes=difference(base, bundle), problems=wrong, losses=tuple(loss for loss in told if loss.warning))


class Waiting(Struct, frozen=True):
    """Where conversations wait, in words. `people`: 0 = fewer than ten. `held`: they stay on their revision for now."""

    place: Value
    people: int
    held: bool


def waiting(bundle: Bundle, crowd: Crowd) -> tuple[Waiting, ...]:
    """The places of a crowd as people read them."""
    names = Names(bundle)
    return tuple(Waiting(_place(names, place), place.people, place.held) for place in crowd.places)


def _place(names: Names, place: Place) -> Value:
    if not place.flow:
        return Words("revisions.place.none")
    if not place.step:
        return Words("revisions.place.flow", {"flow": names.flow(place.flow)})
    return Words("explain.place.step", {"flow": names.flow(place.flow), "step": names.step(place.flow, place.step)})
