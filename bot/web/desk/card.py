"""What stands beside a thread: whether and when it may be answered, the card of the case, and what can be done with it: pure.

Rule 1: a case that may not be answered says why, in one sentence.
Rule 2: who wrote within the half hour is there now, whatever hours they named.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.conversation.cases.desk import CasePage
from bot.conversation.cases.refusals import THERE
from bot.conversation.staffing.rights import may
from bot.conversation.staffing.staff import StaffMember
from bot.engine.calendar import local
from bot.engine.contacts import partners_for
from bot.flow.replies import replies_for
from bot.web.desk.eye import Eye
from bot.web.wording.desk import DESK

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether now is a safe hour: `good`, `time` (it is not) or nothing said; in words; and when one begins, if now is none."""

    look: str = ""
    words: str = ""
    opens: float = 0.0
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A day as a line. `safe`: (start, length) in percent; `now` in percent; `words`: the same in words."""

    safe: tuple[tuple[float, float], ...]
    now: float
    words: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who could have the case: how many cases they have, of how many; when they are back, if they are away."""

    name: str
    load: int
    capacity: int
    speaks: str
    away: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A reply that stands ready: its name and words in the language of the desk, and its words as the person gets them."""

    id: str
    title: str
    text: str
    theirs: str


def lock(page: CasePage, eye: Eye) -> tuple[str, str]:
    """Why this caseworker cannot answer this case now: the reason and its sentence; two empty ones if they can."""
    index = page.index
    if page.erased or index.state == "erased":
        return "erased", eye.say("desk.lock.erased")
    if index.state == "closed":
        return "closed", eye.say("desk.lock.closed")
    if page.left:
        return "left", eye.say("desk.lock.left")
    if index.claimant not in (None, eye.staff.name):
        return "taken", eye.say("desk.lock.taken", name=index.claimant or "")
    return ("unwritten", eye.say("desk.lock.unwritten")) if index.unwritten else ("", "")


def safety(page: CasePage, eye: Eye) -> Safety:
    """Say whether now is an hour that the person called safe."""
    if not page.safe_hours:
        return Safety()
    hours = ", ".join(eye.hour(hour) for hour in page.safe_hours)
    if eye.safe_now(page.safe_hours, page.country):
        return Safety("good", eye.say("desk.safe", hours=hours))
    if eye.now - page.wrote_at < THERE:
        return Safety("good", eye.say("desk.safe-there"))
    opens = eye.safe_next(page.safe_hours, page.country) or 0.0
    return Safety("time", eye.say("desk.unsafe", hours=hours), opens, eye.clock(opens, page.country) if opens else "")


def strip(page: CasePage, eye: Eye) -> Strip | None:
    """Draw the person's day: where it is safe, and where now is."""
    parts = [part for part in eye.program.service.hours if part.key in page.safe_hours]
    if not parts:
        return None
    spans: list[tuple[float, float]] = []
    for part in parts:
        ends = ((part.since, part.until),) if part.since < part.until else ((part.since, DAY), (0, part.until))
        spans += [(round(since * 100 / DAY, 2), round((until - since) * 100 / DAY, 2)) for since, until in ends]
    now = local(eye.now, page.country or None, eye.program.service)
    hours = ", ".join(f"{part.since // 60:02d}:{part.since % 60:02d}–{part.until // 60:02d}:{part.until % 60:02d}" for part in parts)
    words = eye.say("desk.strip", hours=hours, now=f"{now:%H:%M}")
    return Strip(tuple(sorted(spans)), round((now.hour * 60 + now.minute) * 100 / DAY, 2), words)


def aloud(code: str, eye: Eye) -> list[str]:
    """Say how a code is spoken: sign by sign, digits as words."""
    return [eye.say(f"desk.digit.{sign}") if sign.isdecimal() else sign for sign in code if sign.isalnum()]


def colleagues(team: str, language: str, staff: Iterable[StaffMember], loads: Mapping[str, int], eye: Eye) -> list[Colleague]:
    """Give who could have a case of this team: who is there and can take one more first, then by load."""
    found = []
    for one in staff:
        if one.name == eye.staff.name or not may(one, "answer") or (one.teams and team not in one.teams):
            continue
        away = eye.clock(one.away_until) if one.away_until > eye.now else ""
        speaks = " · ".join(eye.tongue(tongue) for tongue in one.speaks)
        found.append(Colleague(one.name, loads.get(one.name, 0), one.capacity, speaks, away, not one.speaks or language in one.speaks))
    return sorted(found, key=lambda one: (bool(one.away), not one.fits, _full(one), one.load, one.name))


def _full(one: Colleague) -> bool:
    return bool(one.capacity) and one.load >= one.capacity


def ended(page: CasePage, eye: Eye) -> str:
    """Say how the case ended; empty while it has not."""
    if page.index.state != "closed" or not page.outcome:
        return ""
    outcome = eye.say(f"desk.outcome.{page.outcome}") if f"desk.outcome.{page.outcome}" in DESK else page.outcome
    said = eye.say("desk.ended-as", outcome=outcome)
    return f"{said} · {_partner(page.partner, eye)}" if page.partner else said


def partners(page: CasePage, eye: Eye) -> list[tuple[str, str]]:
    """Give the contacts to which a case can be passed: those of the person's country, in date, that take requests."""
    fitting = partners_for(eye.program, page.country, eye.now)
    return sorted(((one.id, _partner(one.id, eye)) for one in fitting), key=lambda one: one[1])


def _partner(contact: str, eye: Eye) -> str:
    texts, name = eye.program.texts, f"directory.{contact}:name"
    return texts.say(name, eye.language) if texts.has(name) else contact


def ready(team: str, need: str, language: str, eye: Eye) -> list[Ready]:
    """Give the replies for a case of this team and need."""
    texts, found = eye.program.texts, replies_for(eye.program.replies, team, need)
    said = ((one, texts.say(one.title, eye.language), texts.say(one.text, eye.language), texts.say(one.text, language)) for one in found)
    return [Ready(one.id, title, text, theirs) for one, title, text, theirs in said]
