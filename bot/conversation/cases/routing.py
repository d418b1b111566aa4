"""Who should take which case: by language, country, need and load. It proposes; caseworkers decide.

Rule 1: danger is proposed to everyone who may answer it, however much they have; whoever is away or full is proposed nothing else.
Rule 2: a language or country that an account does not name is no reason to refuse; not to speak the person's language is.
Rule 3: the need has chosen the team already (the flow's handoff). Broken promises go in order; before that, cases of the caseworker's
countries, and of needs they have at hand, go first.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.conversation.cases.view import QueueView, Seen, sees
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember


def next_case(view: QueueView, staff: StaffMember, now: float) -> Seen | None:
    """Give the case that this caseworker should take next: the first in order that nobody has and that they can answer."""
    free = [seen for seen in view.rows(staff, show="waiting") if seen.index.claimant is None and can_answer(staff, seen)]
    if not free:
        return None
    if free[0].danger:
        return free[0]
    if not has_room(staff, view.loads(), now):
        return None
    if free[0].late:
        return free[0]
    at_hand = {seen.need for seen in view.rows(staff, show="mine") if seen.need}
    return min(free, key=lambda seen: (not _near(staff, seen), seen.need not in at_hand))


def who_could(seen: Seen, crew: Iterable[StaffMember], loads: Mapping[str, int], now: float) -> Sequence[StaffMember]:
    """Give the colleagues who could take this case, the one who should first: not away, with room, near, with little at hand."""
    fit = [one for one in crew if may(one, "answer") and sees(one, seen.index) and can_answer(one, seen) and one.away_until <= now]
    return sorted(
        fit,
        key=lambda one: (not has_room(one, loads, now), not _near(one, seen), not one.speaks, loads.get(one.name, 0), one.name),
    )


def can_answer(staff: StaffMember, seen: Seen) -> bool:
    """Whether the caseworker speaks the language of this case's person, as far as their account says."""
    return not staff.speaks or seen.index.language in staff.speaks


def has_room(staff: StaffMember, loads: Mapping[str, int], now: float) -> bool:
    """Whether the caseworker is there and may be given one more case."""
    return staff.away_until <= now and (staff.capacity == 0 or loads.get(staff.name, 0) < staff.capacity)


def _near(staff: StaffMember, seen: Seen) -> bool:
    return not staff.countries or not seen.country or seen.country in staff.countries
