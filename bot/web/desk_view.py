"""How cases look on the desk: pure, from indexes and the time.

Rule 1: a row of the queue is a code, marks and facts, never a word of the person.
Rule 2: a person's text is shown as typed, less signs that can hide or turn it; what was taken out is said.
Rule 3: lateness is a fact about the team's promise within its hours; danger is another thing and has another mark.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.desk import CasePage, Entry
from bot.conversation.staff import StaffMember
from bot.engine.calendar import is_open, local, next_opening, part_of_day
from bot.flow.program import Program
from bot.i18n.values import Moment
from bot.ports import CaseIndex
from bot.web.pages import LANGUAGES
from bot.web.parts import Wording

SOON = 0.75
"""From this part of the promise on, time is said to run out."""
THERE = 1800.0
"""Seconds after their last words in which a person is taken to be there."""
_KEPT_FORMAT = "\u200c\u200d"  # joiners belong to the spelling of some words and signs
_UNSEEN = ("Cc", "Cf", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the queue. `mark`, `look`, `words`: icon, class and words of its state. `bar`: percent of twice the promise, or None."""

    code: str
    team: str
    language: str
    danger: bool
    urgent: bool
    mark: str
    look: str
    words: str
    bar: float | None
    unread: int
    unwritten: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    id: str
    mark: str
    look: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The line above the queue."""

    danger: int
    late: int
    waiting: int
    longest: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a thread. `stripped`: how many hidden signs were taken out."""

    n: int
    kind: str
    text: str
    by: str
    time: str
    stripped: int


@dataclass(frozen=True, slots=True)
class Eye:
    """Who looks, when, with which program and words."""

    staff: StaffMember
    now: float
    program: Program
    words: Wording
    language: str

    def say(self, text_id: str, **values: str | int) -> str:
        """Give a sentence in the language of the desk."""
        return self.words.say(text_id, self.language, **values)

    def team(self, team: str) -> str:
        """Give the name of a team."""
        texts, name = self.program.texts, f"teams.{team}:name"
        return texts.say(name, self.language) if texts.has(name) else team

    def hour(self, part: str) -> str:
        """Give the name of a part of the day."""
        texts, name = self.program.texts, f"hours.{part}"
        return texts.say(name, self.language) if texts.has(name) else part

    def time(self, seconds: float) -> str:
        """Give a length of time as it is lived: minutes, hours, days."""
        minutes = max(int(seconds // 60), 0)
        if minutes < 60:
            return self.say("desk.min", n=minutes)
        if minutes < 48 * 60:
            hours, rest = divmod(minutes, 60)
            return self.say("desk.hours", h=hours, m=f"{rest:02d}") if rest else self.say("desk.hour", n=hours)
        return self.say("desk.days", n=minutes // 1440)

    def clock(self, at: float) -> str:
        """Give a time of day, with the date when it is not today."""
        then, now = (local(when, None, self.program.service) for when in (at, self.now))
        return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%d/%m} {then:%H:%M}"


# ── the queue ──
def row(case: CaseIndex, eye: Eye) -> Row:
    """Give a case as a row."""
    mark, look, words, bar = _state(case, eye)
    return Row(
        code=case.code,
        team=eye.team(case.team),
        language=eye.say(f"tongue.{case.language}") if case.language in LANGUAGES else case.language,
        danger=case.urgency == "now",
        urgent=case.urgency == "high",
        mark=mark,
        look=look,
        words=words,
        bar=bar,
        unread=case.unread,
        unwritten=case.unwritten,
    )


def _state(case: CaseIndex, eye: Eye) -> tuple[str, str, str, float | None]:
    match case.state:
        case "erased":
            return "bin", "", eye.say("desk.erased"), None
        case "closed":
            return "ok", "", eye.say("desk.closed"), None
        case "claimed":
            mine = case.claimant == eye.staff.name
            words = eye.say("desk.with-me") if mine else eye.say("desk.with", name=case.claimant or "")
            return "person", "human", words, None
        case "waiting":
            return _waiting(case, eye)


def _waiting(case: CaseIndex, eye: Eye) -> tuple[str, str, str, float | None]:
    waited = eye.now - case.since
    team = eye.program.teams.teams.get(case.team)
    if team is None:
        return "wait", "", eye.say("desk.since", time=eye.time(waited)), None
    if not is_open(eye.program.teams, case.team, None, eye.now, eye.program.service):
        opening = next_opening(eye.program.teams, case.team, None, eye.now, eye.program.service)
        if opening is not None:
            when = eye.program.texts.value(Moment(*opening), eye.language)
            return "moon", "", eye.say("desk.not-before", when=when), None
    promise = team.first_answer * 60
    bar = min(waited / promise / 2 * 100, 100.0) if promise else 100.0
    if waited > promise:
        return "late", "time", eye.say("desk.late", time=eye.time(waited - promise)), bar
    left = eye.say("desk.left", time=eye.time(promise - waited))
    return ("soon", "time", left, bar) if waited > promise * SOON else ("wait", "", left, bar)


def groups(cases: Sequence[CaseIndex], eye: Eye) -> list[Group]:
    """Give the queue under its headings, waiting cases first: danger, broken promises, the others; then mine, then colleagues'."""
    drawn = [(case, row(case, eye)) for case in cases]
    found: dict[str, list[Row]] = {}
    for case, one in drawn:
        found.setdefault(_group(case, one, eye), []).append(one)
    looks = {
        "danger": ("danger", "danger"), "late": ("late", "time"), "waiting": ("wait", ""), "mine": ("person", "human"),
        "others": ("person", ""), "closed": ("ok", ""), "erased": ("bin", ""),
    }  # fmt: skip
    return [Group(name, *looks[name], tuple(found[name])) for name in looks if name in found]


def _group(case: CaseIndex, drawn: Row, eye: Eye) -> str:
    if case.state in ("closed", "erased"):
        return case.state
    if case.state == "claimed":
        return "mine" if case.claimant == eye.staff.name else "others"
    if case.urgency == "now":
        return "danger"
    return "late" if drawn.mark == "late" else "waiting"


def counts(cases: Sequence[CaseIndex], eye: Eye) -> Counts:
    """Give what waits, in numbers."""
    waiting = [case for case in cases if case.state == "waiting"]
    late = sum(1 for case in waiting if _state(case, eye)[0] == "late")
    longest = eye.time(eye.now - min(case.since for case in waiting)) if waiting else ""
    danger = sum(1 for case in cases if case.urgency == "now" and case.state in ("waiting", "claimed"))
    return Counts(danger=danger, late=late, waiting=len(waiting), longest=longest)


# ── one case ──
def lines(page: CasePage, eye: Eye) -> list[Line]:
    """Give the thread."""
    return [_line(entry, eye) for entry in page.entries]


def _line(entry: Entry, eye: Eye) -> Line:
    text, stripped = clean(entry.text)
    if entry.media is not None:
        text = eye.say(f"desk.media.{entry.media}")
    elif entry.kind == "state":
        text = _event(entry, eye)
    return Line(n=entry.n, kind=entry.kind, text=text, by=entry.by, time=eye.clock(entry.at), stripped=stripped)


def _event(entry: Entry, eye: Eye) -> str:
    values = {"name": entry.by} if entry.text == "claimed" else {}
    return eye.say(f"desk.event.{entry.text}", **values)


def clean(text: str) -> tuple[str, int]:
    """Give the text without control and direction signs, and how many were taken out."""
    kept = "".join(c for c in text if c in "\n\t" or c in _KEPT_FORMAT or unicodedata.category(c) not in _UNSEEN)
    return kept, len(text.replace("\r\n", "\n")) - len(kept)


def lock(page: CasePage, eye: Eye) -> str:
    """Why this caseworker cannot answer this case now, in words; empty if they can."""
    index = page.index
    if page.erased or index.state == "erased":
        return eye.say("desk.lock.erased")
    if index.state == "closed":
        return eye.say("desk.lock.closed")
    if page.left:
        return eye.say("desk.lock.left")
    if index.claimant not in (None, eye.staff.name):
        return eye.say("desk.lock.taken", name=index.claimant or "")
    return eye.say("desk.lock.unwritten") if index.unwritten else ""


def safety(page: CasePage, eye: Eye) -> tuple[str, str]:
    """Whether now is an hour that the person called safe: `good`, `time` (it is not) or nothing said; and the sentence.

    Somebody who wrote within the half hour is there now, whatever hours they named.
    """
    if not page.safe_hours:
        return "", ""
    hours = ", ".join(eye.hour(hour) for hour in page.safe_hours)
    wrote = max((entry.at for entry in page.entries if entry.kind == "person"), default=0.0)
    if part_of_day(eye.now, None, eye.program.service) in page.safe_hours:
        return "good", eye.say("desk.safe", hours=hours)
    if eye.now - wrote < THERE:
        return "good", eye.say("desk.safe-there")
    return "time", eye.say("desk.unsafe", hours=hours)


def promise(case: CaseIndex, eye: Eye) -> str:
    """What the case's team promises."""
    team = eye.program.teams.teams.get(case.team)
    return eye.say("desk.promise.value", time=eye.time(team.first_answer * 60)) if team is not None else ""
