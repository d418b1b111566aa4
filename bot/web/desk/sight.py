"""What one signed-in request sees: who asks, the queue they picked, and a case made ready for its page.

Rule 1: nothing is read that is not shown; the queue never opens a case.
Rule 2: what is picked stands in the address and is checked against what there is; a strange value picks nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from msgspec import structs
from starlette.requests import Request

from bot.conversation.cases.desk import CasePage
from bot.conversation.cases.routing import next_case
from bot.conversation.cases.view import Seen, Show
from bot.conversation.staffing.rights import Act, may
from bot.conversation.staffing.staff import StaffMember
from bot.web.desk import card as desk_card
from bot.web.desk import find as desk_find
from bot.web.desk import thread as desk_thread
from bot.web.desk.eye import Eye
from bot.web.desk.find import LONGEST
from bot.web.desk.view import ROWS, counts, queue, row
from bot.web.pages import LANGUAGES, Pages
from bot.web.parts import WebParts
from bot.web.signin import staff_of

SHOWN: Mapping[str, Show] = {"open": "all", "mine": "mine", "waiting": "waiting", "closed": "closed"}
MOST_ROWS = 500
NARROW = ("team", "language", "country")


@dataclass(frozen=True, slots=True)
class Pick:
    """Which part of the queue is asked for. `q`: what is searched for; then all else but the narrowing is left aside."""

    show: str = "open"
    team: str = ""
    language: str = ""
    country: str = ""
    rows: int = ROWS
    q: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Pick":
        """Read it from an address."""
        show, rows = asked.get("show", ""), asked.get("rows", "")
        count = int(rows) if rows.isascii() and rows.isdecimal() and len(rows) < 5 else ROWS
        narrow = {name: asked.get(name, "")[:60] for name in NARROW}
        sought = " ".join(asked.get("q", "")[:LONGEST].split())
        return cls(show=show if show in SHOWN else "open", rows=min(max(count, ROWS), MOST_ROWS), q=sought, **narrow)

    @property
    def narrowed(self) -> int:
        """How many filters are set."""
        return sum(1 for name in NARROW if getattr(self, name))

    @property
    def _said(self) -> dict[str, str]:
        named = (("show", self.show), ("q", self.q), *((name, getattr(self, name)) for name in NARROW))
        return {name: value for name, value in named if value}

    @property
    def query(self) -> str:
        """Give the address's part for the same pick; empty for the usual one."""
        said = {name: value for name, value in self._said.items() if (name, value) != ("show", "open")}
        return "?" + urlencode(said) if said else ""

    @property
    def further(self) -> str:
        """Give the query for more rows."""
        return urlencode({**self._said, "rows": str(min(self.rows + 2 * ROWS, MOST_ROWS))})

    def takes(self, seen: Seen) -> bool:
        """Whether a case is among what is asked for, apart from its state."""
        wanted = ((self.team, seen.index.team), (self.language, seen.index.language), (self.country, seen.country))
        return all(not asked or asked == found for asked, found in wanted)


ACTION = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What the name of an act looks like: it stands in the names of events."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One signed-in request: who, the parts, and how they see."""

    request: Request
    parts: WebParts
    pages: Pages
    staff: StaffMember
    eye: Eye
    pick: Pick

    def action(self, given: str) -> str:
        """Give the name of an act, by which doing it twice is once: as a form of ours gave it, else a new one."""
        return given if ACTION.fullmatch(given) else self.parts.chance(16)


async def sight_of(request: Request, act: Act | None = "see-queue") -> Sight | None:
    """Give what this request may see; None if nobody is signed in, or somebody who may not do this."""
    staff = await staff_of(request)
    if staff is None or (act is not None and not may(staff, act)):
        return None
    parts: WebParts = request.app.state.parts
    asked = request.query_params.get("lang", "")
    language = asked if asked in LANGUAGES else (staff.language if staff.language in LANGUAGES else "en")
    eye = Eye(staff=staff, now=parts.clock.now(), program=parts.program(), words=parts.words, language=language)
    return Sight(request, parts, request.app.state.pages, staff, eye, Pick.of(request.query_params))


async def queue_values(sight: Sight) -> dict[str, Any]:
    """Give what the queue's page shows."""
    pick, view = sight.pick, sight.parts.view
    absent = {one.name for one in await sight.parts.staff.all() if one.away_until > sight.eye.now}
    eye = replace(sight.eye, away=frozenset(absent))
    await view.ready(ended=pick.show == "closed" or bool(pick.q))
    everything = view.rows(sight.staff)
    teams = {seen.index.team for seen in everything if seen.index.state == "waiting" and not seen.asleep}
    shown = everything if pick.show == "open" else view.rows(sight.staff, show=SHOWN[pick.show])
    if pick.q:
        shown = desk_find.found(pick.q, sight.staff, view, sight.parts.words)
    return {
        "pick": pick,
        "more": pick.query,
        "queue": queue((seen for seen in shown if pick.takes(seen)), eye, limit=pick.rows),
        "counts": counts(everything, eye),
        "absent": [eye.team(team) for team in sorted(teams) if not await sight.parts.staff.present(team, eye.now)],
        "choices": _choices(shown, eye),
        "next": next_case(view, sight.staff, eye.now) is not None,
    }


def _choices(cases: Sequence[Seen], eye: Eye) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give what the queue can be narrowed by: only what is in it, and only where there is a choice."""
    found = {
        "team": {team: eye.team(team) for team in {seen.index.team for seen in cases}},
        "language": {language: eye.tongue(language) for language in {seen.index.language for seen in cases}},
        "country": {country: eye.country(country) for country in {seen.country for seen in cases} if country},
    }
    return [(name, sorted(options.items(), key=lambda one: one[1])) for name, options in found.items() if len(options) > 1]


async def case_values(sight: Sight, page: CasePage) -> dict[str, Any]:
    """Give what the page of one case shows."""
    eye, index = sight.eye, page.index
    known = sight.parts.view.seen(index.code) or Seen(index, "", page.country, page.safe_hours)
    seen = structs.replace(known, index=index)  # the queue may be a moment behind what was just opened
    found = desk_thread.lines(page, eye)
    older, newer = desk_thread.spans(found, page)
    reason, sentence = desk_card.lock(page, eye)
    is_open = index.state in ("waiting", "claimed")
    rules = eye.rules(index.team)
    return {
        "index": index,
        "row": row(seen, eye),
        "need": page.need,
        "team": eye.team(index.team),
        "tongue": eye.tongue(index.language),
        "country": eye.country(page.country),
        "fields": page.fields,
        "withheld": page.withheld,
        "lines": found,
        "older": older,
        "newer": newer,
        "total": page.total,
        "later": desk_thread.waiting(page, eye),
        "lock": (reason, sentence),
        "safety": desk_card.safety(page, eye),
        "strip": desk_card.strip(page, eye),
        "hours": ", ".join(eye.hour(hour) for hour in page.safe_hours),
        "way": page.way,
        "phrase": page.phrase,
        "tags": page.tags,
        "notes": desk_thread.notes(page, eye),
        "aloud": desk_card.aloud(index.code, eye),
        "waited": eye.time(eye.now - index.asked) if index.asked and is_open else "",
        "promise": eye.time(rules.first_answer * 60) if rules is not None and is_open else "",
        "outcome": desk_card.ended(page, eye),
        "channel": eye.say(f"desk.channel.{page.channel}") if page.channel in ("web", "telegram") else "",
        "erased": page.erased,
        "open": is_open and not page.erased,
        "replies": desk_card.ready(index.team, seen.need, index.language, eye) if is_open else (),
        "acts": is_open and not page.erased and (index.claimant == sight.staff.name or may_reassign(sight)),
    }


def may_reassign(sight: Sight) -> bool:
    """Whether this caseworker may pass on what a colleague has."""
    return may(sight.staff, "reassign")


async def sheet_values(sight: Sight, page: CasePage) -> dict[str, Any]:
    """Give what the sheets of a case offer: colleagues, teams, flows, partners."""
    eye, index, parts = sight.eye, page.index, sight.parts
    return {
        "colleagues": desk_card.colleagues(index.team, index.language, await parts.staff.all(), parts.view.loads(), eye),
        "teams": [(team, eye.team(team)) for team in eye.program.teams.teams if team != index.team],
        "flows": parts.desk.flows(eye.language),
        "partners": desk_card.partners(page, eye),
    }
