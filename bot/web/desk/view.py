"""How cases look in the queue: pure, from indexes and the time.

Rule 1: a row of the queue is a code, marks and facts, never a word of the person.
Rule 2: lateness is a fact about the team's promise within its hours; danger is another thing and has another mark.
Rule 3: what is shown first is what must be done first: danger, broken promises, who waits, what is mine, what colleagues have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.conversation.alerting.alarm import LEFT
from bot.conversation.cases.view import Seen
from bot.conversation.staffing.rights import may
from bot.ports import CaseIndex
from bot.web.desk.eye import Eye

SOON = 0.75
"""From this part of the promise on, time is said to run out."""
ROWS = 50
"""Rows of a queue shown at once."""
_LOOKS = {
    "danger": ("danger", "danger"), "late": ("late", "time"), "left": ("late", "time"), "waiting": ("wait", ""),
    "mine": ("person", "human"), "others": ("person", ""), "closed": ("ok", ""), "erased": ("bin", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """How a case stands. `mark`, `look`, `words`: icon, class and words. `bar`: percent of twice the promise, or None."""

    mark: str
    look: str
    words: str
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the queue. `who`: the colleague who has it. `alert`: who was told because nobody took it."""

    code: str
    need: str
    where: str
    danger: bool
    urgent: bool
    state: State
    unread: int
    unwritten: bool
    who: str
    alert: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading. `all`: how many there are, shown or not."""

    id: str
    mark: str
    look: str
    rows: tuple[Row, ...]
    all: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue as shown. `more`: rows not shown. `closed`: when a team that somebody waits for works again, in words, by team."""

    groups: tuple[Group, ...]
    more: int
    closed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """The line above the queue."""

    danger: int
    late: int
    waiting: int
    mine: int
    all: int
    longest: str


# ── one case ──
def state(seen: Seen, eye: Eye) -> State:
    """Say how a case stands."""
    case = seen.index
    match case.state:
        case "erased":
            return State("bin", "", eye.say("desk.erased"))
        case "closed":
            return State("ok", "", eye.say("desk.closed"))
        case "claimed":
            return _claimed(seen, eye)
        case "waiting":
            return _waiting(seen, eye)


def _claimed(seen: Seen, eye: Eye) -> State:
    case = seen.index
    if case.unwritten:
        return State("lock", "time", eye.say("desk.unwritten"))
    if case.asked and case.claimant == eye.staff.name:
        since = eye.say("desk.since", time=eye.time(eye.now - case.asked))
        return State("late", "time", since) if seen.late else State("wait", "", since)
    if seen.hours and not eye.safe_now(seen.hours, seen.country):
        then = eye.safe_next(seen.hours, seen.country)
        if then is not None:
            return State("moon", "", eye.say("desk.not-before", when=eye.clock(then, seen.country)))
    if left_alone(seen, eye):
        return State("late", "time", eye.say("desk.since", time=eye.time(eye.now - case.asked)))
    mine = case.claimant == eye.staff.name
    return State("person", "human", eye.say("desk.with-me") if mine else eye.say("desk.with", name=case.claimant or ""))


def left_alone(seen: Seen, eye: Eye) -> bool:
    """Whether the supervisor who looks must see to it: its person waits, and the colleague who has the case is away or very late."""
    case = seen.index
    waits = case.state == "claimed" and bool(case.asked) and may(eye.staff, "reassign")
    return waits and (seen.used >= LEFT or case.claimant in eye.away)


def _waiting(seen: Seen, eye: Eye) -> State:
    case, rules = seen.index, eye.rules(seen.index.team)
    waited = eye.now - (case.asked or case.since)
    if case.unwritten:
        return State("lock", "time", eye.say("desk.unwritten"))
    if rules is None:
        return State("wait", "", eye.say("desk.since", time=eye.time(waited)))
    if seen.asleep and case.urgency == "now":  # danger keeps no office hours: say how long they wait, and forbid nothing
        return State("wait", "time", eye.say("desk.since", time=eye.time(waited)))
    if seen.asleep:
        when = eye.opens(case.team, seen.country)
        if when:
            return State("moon", "", eye.say("desk.not-before", when=when))
    promise = rules.first_answer * 60
    bar = min(seen.used / 2 * 100, 100.0)
    if seen.late:
        return State("late", "time", eye.say("desk.late", time=eye.time(promise * (seen.used - 1) + 0.5)), bar)
    left = eye.say("desk.left", time=eye.time(promise * (1 - seen.used) + 0.5))
    return State("soon", "time", left, bar) if seen.used > SOON else State("wait", "", left, bar)


def row(seen: Seen, eye: Eye) -> Row:
    """Give a case as a row."""
    case = seen.index
    return Row(
        code=case.code,
        need=eye.need(seen.need) if seen.need else eye.team(case.team),
        where=" · ".join(part for part in (eye.tongue(case.language), eye.country(seen.country)) if part),
        danger=case.urgency == "now",
        urgent=case.urgency == "high",
        state=state(seen, eye),
        unread=case.unread,
        unwritten=case.unwritten,
        who=case.claimant or "" if case.state == "claimed" and case.claimant != eye.staff.name else "",
        alert=_alert(case, eye),
    )


def _alert(case: CaseIndex, eye: Eye) -> str:
    """Who was told, because nobody took the case."""
    rules = eye.rules(case.team)
    if case.state != "waiting" or not case.step or rules is None or not rules.alert:
        return ""
    to = rules.alert[min(case.step, len(rules.alert)) - 1].to
    return eye.say(f"desk.told.{to}") if to in ("second-line", "on-call") else eye.say("desk.told.team", team=eye.team(to))


# ── all of them ──
def group_of(seen: Seen, eye: Eye) -> str:
    """Give the heading under which a case stands."""
    case = seen.index
    if case.state in ("closed", "erased"):
        return case.state
    if case.state == "claimed":
        return "mine" if case.claimant == eye.staff.name else "left" if left_alone(seen, eye) else "others"
    if case.urgency == "now":
        return "danger"
    return "late" if seen.late else "waiting"


def queue(cases: Iterable[Seen], eye: Eye, *, limit: int = ROWS) -> Queue:
    """Give the queue under its headings, each in the order given, so many rows in all."""
    found: dict[str, list[Seen]] = {}
    for seen in cases:
        found.setdefault(group_of(seen, eye), []).append(seen)
    found.get("mine", []).sort(key=lambda seen: not seen.index.unread)
    groups: list[Group] = []
    left = limit
    for name in (name for name in _LOOKS if name in found):
        shown = found[name][:left]
        left -= len(shown)
        groups.append(Group(name, *_LOOKS[name], tuple(row(seen, eye) for seen in shown), len(found[name])))
    more = sum(group.all - len(group.rows) for group in groups)
    return Queue(tuple(group for group in groups if group.rows), more, _closed(found, eye))


def _closed(found: dict[str, list[Seen]], eye: Eye) -> tuple[tuple[str, str], ...]:
    """Teams that somebody waits for and that do not work now, each with when they do again."""
    waiting = [seen for name in ("danger", "late", "waiting") for seen in found.get(name, ())]
    shut = {seen.index.team: seen.country for seen in waiting if seen.asleep and eye.rules(seen.index.team) is not None}
    return tuple((eye.team(team), eye.opens(team, country)) for team, country in shut.items())


def counts(cases: Sequence[Seen], eye: Eye) -> Counts:
    """Give what is open, in numbers."""
    waiting = [seen for seen in cases if seen.index.state == "waiting"]
    longest = eye.time(eye.now - min(seen.index.asked or seen.index.since for seen in waiting)) if waiting else ""
    return Counts(
        danger=sum(1 for seen in cases if seen.index.urgency == "now"),
        late=sum(1 for seen in waiting if seen.late),
        waiting=len(waiting),
        mine=sum(1 for seen in cases if seen.index.claimant == eye.staff.name),
        all=len(cases),
        longest=longest,
    )
