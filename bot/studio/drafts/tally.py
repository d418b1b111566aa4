"""What may be told of how many conversations are where.

Rule 1: no count under ten leaves this file; nor can one be found by taking the others from a sum that is told.
Rule 2: of a sensitive flow only the flow is told, never a step.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled
from bot.studio.drafts.parts import Crowd, Place

FEWEST: Final = 10
Spot: TypeAlias = tuple[str, str]
"""A flow and the key of a step in it; nothing where nothing is open."""


class Facts(Struct, frozen=True):
    """What must be known of a revision to tell of it: its sensitive flows, and the print of each step by flow."""

    sensitive: frozenset[str]
    prints: dict[str, dict[str, str]]


def facts_of(bundle: Bundle) -> Facts | None:
    """Give the facts of a bundle; None if this version cannot read it."""
    program = compiled(bundle).program
    if program is None:
        return None
    flows = program.flows
    sensitive = frozenset(name for name, flow in flows.items() if flow.sensitive)
    return Facts(sensitive, {name: dict(flow.prints) for name, flow in flows.items()})


def crowd(revision: str, spots: Mapping[Spot, int], facts: Facts | None, now: Facts | None) -> Crowd:
    """Give how many are on a revision and where; `now`: the facts of what is in force, by which some steps hold them."""
    total = sum(spots.values())
    counts: Counter[Spot] = Counter()
    held: dict[Spot, bool] = {}
    for (flow, step), people in spots.items():
        told = (flow, "" if _hidden(flow, facts, now) else step)
        counts[told] += people
        held[told] = held.get(told, False) or _holds(flow, step, facts, now)
    veiled = _veiled(counts, total)
    places = [Place(flow, step, people, held=held[flow, step]) for (flow, step), people in veiled.items()]
    places.sort(key=lambda place: (-place.people, place.flow, place.step))
    return Crowd(revision, shown(total), tuple(places))


def shown(people: int) -> int:
    """Give the count, or 0 where there are fewer than ten."""
    return people if people >= FEWEST else 0


def _veiled(counts: Mapping[Spot, int], total: int) -> dict[Spot, int]:
    """The counts; where what is not told together could be found from the sum, the smallest that is told is not told either."""
    told = {spot: shown(people) for spot, people in counts.items()}
    if total >= FEWEST and 0 < total - sum(told.values()) < FEWEST and any(told.values()):
        told[min(_told(told), key=lambda spot: told[spot])] = 0
    return told


def _told(counts: Mapping[Spot, int]) -> Iterable[Spot]:
    return [spot for spot, people in counts.items() if people]


def _hidden(flow: str, *facts: Facts | None) -> bool:
    """Whether only the flow is told: what cannot be read may be sensitive."""
    return any(known is None or flow in known.sensitive for known in facts)


def _holds(flow: str, step: str, facts: Facts | None, now: Facts | None) -> bool:
    """Whether who waits there stays on the revision: the step is not the same in what is in force."""
    if facts is None or now is None:
        return True
    return bool(flow) and facts.prints.get(flow, {}).get(step) != now.prints.get(flow, {}).get(step, "")
