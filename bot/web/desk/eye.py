"""Who looks at the desk, when, and in which words: what every page of the desk says is said here.

Rule 1: pure: time, words and flows are given.
Rule 2: a name that the flows no longer know is shown as its id, never as nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.staffing.staff import StaffMember
from bot.engine.calendar import local, next_in_parts, next_opening, part_of_day
from bot.flow.program import Program
from bot.flow.teams import Team
from bot.i18n.names import country_name
from bot.i18n.values import Moment
from bot.web.pages import LANGUAGES
from bot.web.parts import Wording


@dataclass(frozen=True, slots=True)
class Eye:
    """One look: the reader, the time, the flows in force, the words, and the language of the desk. `away`: trees of who is not there."""

    staff: StaffMember
    now: float
    program: Program
    words: Wording
    language: str
    away: frozenset[str] = frozenset()

    def say(self, text_id: str, **values: str | int) -> str:
        """Give a sentence in the language of the desk."""
        return self.words.say(text_id, self.language, **values)

    # ── names ──
    def team(self, team: str) -> str:
        """Give the name of a team."""
        return self._named(f"teams.{team}:name", team)

    def hour(self, part: str) -> str:
        """Give the name of a part of the day."""
        return self._named(f"hours.{part}", part)

    def need(self, flow: str) -> str:
        """Give what a flow is about, as staff call it."""
        return self._named(f"{flow}:title", flow)

    def country(self, code: str) -> str:
        """Give the name of a country; empty for none."""
        if not code:
            return ""
        return self._named(f"countries.{code}", "") or country_name(code, self.language)

    def tongue(self, language: str) -> str:
        """Give the name of a language."""
        return self.say(f"tongue.{language}") if language in LANGUAGES else language

    def _named(self, text_id: str, otherwise: str) -> str:
        texts = self.program.texts
        return texts.say(text_id, self.language) if texts.has(text_id) else otherwise

    # ── hours ──
    def rules(self, team: str) -> Team | None:
        """Give a team as the flows describe it."""
        return self.program.teams.teams.get(team)

    def opens(self, team: str, country: str) -> str:
        """Give when the team works next, in words; empty if nobody knows."""
        opening = next_opening(self.program.teams, team, country or None, self.now, self.program.service)
        return self.program.texts.value(Moment(*opening), self.language) if opening is not None else ""

    def safe_now(self, hours: Sequence[str], country: str) -> bool:
        """Whether it is one of these parts of the day where the person is."""
        return part_of_day(self.now, country or None, self.program.service) in hours

    def safe_next(self, hours: Sequence[str], country: str) -> float | None:
        """Give when the next of these parts of the day begins."""
        return next_in_parts(self.now, country or None, hours, self.program.service)

    # ── times ──
    def time(self, seconds: float) -> str:
        """Give a length of time as it is lived: minutes, hours, days."""
        minutes = max(int(seconds // 60), 0)
        if minutes < 60:
            return self.say("desk.min", n=minutes)
        if minutes < 48 * 60:
            hours, rest = divmod(minutes, 60)
            return self.say("desk.hours", h=hours, m=f"{rest:02d}") if rest else self.say("desk.hour", n=hours)
        return self.say("desk.days", n=minutes // 1440)

    def clock(self, at: float, country: str = "") -> str:
        """Give a time of day, with the date when it is not today; in the person's country where one is given."""
        then, now = (local(when, country or None, self.program.service) for when in (at, self.now))
        return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%d/%m} {then:%H:%M}"

    def hours(self, at: float) -> str:
        """Give a time of day."""
        return f"{local(at, None, self.program.service):%H:%M}"

    def day(self, at: float) -> str:
        """Give a date."""
        return f"{local(at, None, self.program.service):%d/%m/%Y}"
