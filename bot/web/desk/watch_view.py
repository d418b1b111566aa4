"""The whole desk at a glance: who waits, who has what, how fast first answers were, when teams are at work. Pure, from cases and the time.

Rule 1: what is first must be done first: danger, then what is used up of a promise.
Rule 2: a count of fewer than ten is not shown, nor a figure by the hour that is made of fewer than ten.
Rule 3: a chart is drawn from the rows of its table, runs with the script, and is said in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from bot.conversation.cases.promise import Promises
from bot.conversation.cases.routing import who_could
from bot.conversation.cases.view import Seen
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember
from bot.engine.calendar import local, openings
from bot.web.desk.eye import Eye
from bot.web.desk.view import Row, row
from bot.web.pages import direction

FEW: Final = 10
"""Counts below this are not shown."""
ROWS: Final = 30
"""Waiting cases shown at once."""
PIPS: Final = 16
"""Up to this capacity, cases are drawn one by one."""
DAY: Final = 86_400.0
HEIGHT: Final = 120.0
"""Of the highest column, in pixels."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits. `could`: colleagues who could take the case, the fittest first: tree, and tree with load in words."""

    row: Row
    team: str
    taken: bool
    could: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Load:
    """What one colleague has. `pips`: filled or not, none beyond `PIPS`; `full`: no room is left; `asked`: persons who wait for them."""

    name: str
    words: str
    pips: tuple[bool, ...]
    full: bool
    asked: int
    away: str
    speaks: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A request that was answered. `came`: when it came; `took`: seconds of the team's hours until its first answer."""

    came: float
    took: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Figures of a stretch of time, in words."""

    name: str
    answers: str
    median: str
    slowest: str
    kept: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a chart: `x`, `wide` in percent, `y`, `high` in pixels; `few`: hatched; `label`: under it, where there is room."""

    x: float
    wide: float
    y: float
    high: float
    few: bool
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with what it says in words; no columns: nothing came."""

    id: str
    title: str
    lead: str
    columns: tuple[Column, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Hour:
    """One row of the table under the charts."""

    name: str
    requests: str
    median: str


@dataclass(frozen=True, slots=True)
class Shift:
    """One team's day in one country. `spans`: start and length in percent; `now` in percent; `look`, `state`: how it is now; in words."""

    team: str
    country: str
    spans: tuple[tuple[float, float], ...]
    now: float
    mark: str
    look: str
    state: str
    words: str
    hours: str


# ── who waits ──
def waiting(cases: Sequence[Seen], crew: Iterable[StaffMember], loads: Mapping[str, int], eye: Eye) -> list[Waiting]:
    """Give who waits, in order, each with who could take the case."""
    staff = [one for one in crew if may(one, "answer")]
    return [_waiting(seen, staff, loads, eye) for seen in cases[:ROWS]]


def _waiting(seen: Seen, staff: Sequence[StaffMember], loads: Mapping[str, int], eye: Eye) -> Waiting:
    fit = [one for one in who_could(seen, staff, loads, eye.now) if one.name != seen.index.claimant]
    could = tuple((one.name, eye.say("watch.give.one", name=one.name, load=_load(one, loads, eye))) for one in fit)
    return Waiting(row(seen, eye), eye.team(seen.index.team), seen.index.claimant is not None, could)


# ── who has what ──
def loads_of(crew: Iterable[StaffMember], cases: Iterable[Seen], loads: Mapping[str, int], eye: Eye) -> list[Load]:
    """Give every colleague who may answer, who is there and has most first."""
    asked: dict[str, int] = {}
    for seen in cases:
        if seen.waits and seen.index.claimant:
            asked[seen.index.claimant] = asked.get(seen.index.claimant, 0) + 1
    staff = [one for one in crew if may(one, "answer")]
    staff.sort(key=lambda one: (one.away_until > eye.now, -loads.get(one.name, 0), one.name))
    return [
        Load(
            name=one.name,
            words=_load(one, loads, eye),
            pips=_pips(loads.get(one.name, 0), one.capacity),
            full=bool(one.capacity) and loads.get(one.name, 0) >= one.capacity,
            asked=asked.get(one.name, 0),
            away=eye.clock(one.away_until) if one.away_until > eye.now else "",
            speaks=" · ".join(eye.tongue(tongue) for tongue in one.speaks),
        )
        for one in staff
    ]


def _pips(n: int, most: int) -> tuple[bool, ...]:
    return tuple(at < n for at in range(max(most, min(n, PIPS)))) if most <= PIPS else ()


def _load(one: StaffMember, loads: Mapping[str, int], eye: Eye) -> str:
    n = loads.get(one.name, 0)
    return eye.say("watch.load.of", n=n, most=one.capacity) if one.capacity else eye.say("watch.load.any", n=n)


# ── first answers ──
def answers(cases: Iterable[Seen], eye: Eye, *, since: float) -> list[Answer]:
    """Give the first answers to requests that came since then."""
    promises, found = Promises(), []
    for seen in sorted(cases, key=lambda seen: seen.index.since):
        case = seen.index
        if case.first and case.since >= since:
            took = promises.worked(eye.program, case.team, seen.country, case.since, case.first)
            rules = eye.rules(case.team)
            found.append(Answer(case.since, took, rules is None or took <= rules.first_answer * 60))
    return found


def midnight(eye: Eye) -> float:
    """Give when today began, where the service is."""
    return local(eye.now, None, eye.program.service).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def spans(found: Sequence[Answer], eye: Eye) -> list[Span]:
    """Give today and the last seven days."""
    today = midnight(eye)
    return [_span("watch.today", [one for one in found if one.came >= today], eye), _span("watch.week", found, eye)]


def _span(name: str, found: Sequence[Answer], eye: Eye) -> Span:
    if not found:
        return Span(eye.say(name), eye.say("watch.nothing"), "–", "–", "–")
    took = [one.took for one in found]
    kept = eye.say("watch.percent", n=round(100 * sum(one.kept for one in found) / len(found))) if len(found) >= FEW else "–"
    return Span(eye.say(name), count(len(found), eye), eye.time(median(took)), eye.time(max(took)), kept)


def count(n: int, eye: Eye) -> str:
    """Say a count, unless it is one that is not shown."""
    return str(n) if n == 0 or n >= FEW else eye.say("watch.few")


def by_hour(cases: Iterable[Seen], found: Sequence[Answer], eye: Eye, *, since: float) -> tuple[list[Chart], list[Hour]]:
    """Give the charts of requests and of median first answers by hour, and their table."""
    came = [0] * 24
    for seen in cases:
        if seen.index.since >= since:
            came[_hour(seen.index.since, eye)] += 1
    took: list[list[float]] = [[] for _ in range(24)]
    for one in found:
        took[_hour(one.came, eye)].append(one.took)
    hours = [hour for hour in range(24) if came[hour] or took[hour]]
    first, last = (min(hours), max(hours) + 1) if hours else (0, 0)
    names = [f"{hour:02d}:00" for hour in range(first, last)]
    requests = [(float(n), count(n, eye), 0 < n < FEW) for n in came[first:last]]
    medians = [_median(some, eye) for some in took[first:last]]
    charts = [_chart("by-hour", names, requests, eye), _chart("median-by-hour", names, medians, eye)]
    table = [Hour(name, requests[n][1], medians[n][1]) for n, name in enumerate(names) if requests[n][0] or medians[n][2]]
    return charts, table


def _median(took: Sequence[float], eye: Eye) -> tuple[float, str, bool]:
    if len(took) < FEW:
        return 0.0, eye.say("watch.few") if took else "–", bool(took)
    return median(took) / 60, eye.time(median(took)), False


def _hour(at: float, eye: Eye) -> int:
    return local(at, None, eye.program.service).hour


def _chart(id_: str, names: Sequence[str], values: Sequence[tuple[float, str, bool]], eye: Eye) -> Chart:
    """A chart of (number, the same in words, whether it is hidden), one for each hour; above a column stands the number alone."""
    title, lead = eye.say(f"watch.{id_}"), eye.say(f"watch.{id_}.lead")
    shown = [value for value, _, few in values if not few]
    most = max(shown, default=0.0)
    step = 100 / max(len(names), 1)
    columns = []
    for n, (name, (value, _, few)) in enumerate(zip(names, values, strict=True)):
        at = len(names) - 1 - n if direction(eye.language) == "rtl" else n
        high = HEIGHT / 6 if few else HEIGHT * value / most if most else 0.0
        column = Column(
            x=round(at * step + step * 0.14, 2), wide=round(step * 0.72, 2), y=round(HEIGHT - high, 1), high=round(high, 1), few=few,
            value="" if few or not value else str(round(value)), label=name[:2] if int(name[:2]) % 3 == 0 or len(names) < 9 else "",
        )  # fmt: skip
        columns.append(column)
    rows = zip(names, values, strict=True)
    said = [eye.say("watch.chart.value", hour=name, value=words) for name, (value, words, few) in rows if value or few]
    nothing = eye.say("watch.chart.none")
    between = eye.say("staff.and")
    words = eye.say("watch.chart", title=title, values=between.join(said) or nothing)
    return Chart(id_, title, lead, tuple(columns) if said else (), words)


# ── the teams' day ──
def shifts(teams: Iterable[str], present: Mapping[str, bool], eye: Eye) -> list[Shift]:
    """Give the day of each team in each country it serves."""
    known = ((team, rules) for team in teams if (rules := eye.rules(team)) is not None)
    return [_shift(team, country, eye, there=present.get(team, True)) for team, rules in known for country in rules.hours]


def _shift(team: str, country: str, eye: Eye, *, there: bool) -> Shift:
    service = eye.program.service
    now = local(eye.now, country, service)
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = begin + timedelta(days=1)
    found = openings(eye.program.teams, team, country, since=begin.timestamp(), until=begin.timestamp(), service=service)
    today = [(max(a, begin.timestamp()), min(b, end.timestamp())) for a, b in found if a < end.timestamp() and b > begin.timestamp()]
    rtl = direction(eye.language) == "rtl"
    places = [_placed(_part(a, begin, end), _part(b, begin, end), rtl=rtl) for a, b in today]
    hours = ", ".join(f"{_clock(a, begin)}–{_clock(b, begin)}" for a, b in today) or eye.say("watch.day.shut")
    is_open = any(a <= eye.now < b for a, b in today)
    if is_open:
        mark, look, state = ("ok", "good", eye.say("watch.open")) if there else ("warn", "time", eye.say("watch.nobody"))
    else:
        opens = eye.opens(team, country)
        mark, look, state = "moon", "", eye.say("watch.shut-until", when=opens) if opens else eye.say("watch.shut")
    at = _part(eye.now, begin, end)
    return Shift(
        eye.team(team), eye.country(country), tuple(places), 100 - at if rtl else at, mark, look, state,
        eye.say("watch.day", hours=hours, now=f"{now:%H:%M}"), hours,
    )  # fmt: skip


def _part(at: float, begin: datetime, end: datetime) -> float:
    return round((at - begin.timestamp()) * 100 / (end.timestamp() - begin.timestamp()), 2)


def _placed(since: float, until: float, *, rtl: bool) -> tuple[float, float]:
    return (round(100 - until, 2) if rtl else since), round(until - since, 2)


def _clock(at: float, begin: datetime) -> str:
    then = datetime.fromtimestamp(at, begin.tzinfo)
    return "24:00" if then.date() > begin.date() else f"{then:%H:%M}"
