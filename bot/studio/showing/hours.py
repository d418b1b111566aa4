"""Teams and their hours as an author sets them, and what somebody who writes at a given moment is told.

Rule 1: it gives as much as can be read; what stands in the file is shown as it stands.
Rule 2: what a person is told is said by the engine itself, with its calendar: holidays, Ramadan, clock changes and all.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from bot.engine.calendar import is_open, local
from bot.engine.effects import Send
from bot.engine.handoff import waiting
from bot.engine.plan import Plan
from bot.engine.render import render
from bot.engine.session import CaseView, Session
from bot.engine.turn import Turn
from bot.flow.answers import Answer
from bot.flow.bundle import Bundle
from bot.flow.draft import Draft
from bot.flow.model import ConsentModel, HandoffModel
from bot.flow.tree import Node, Plain, Table, find, plain
from bot.studio.bundle.compiled import compiled
from bot.studio.bundle.contents import tree_of
from bot.studio.bundle.said import Sayings, Text
from bot.studio.showing.week import week_of

TEAMS = "flows/teams.yaml"
LINES = ("second-line", "on-call")
"""Who may be told besides teams; operators name them in the accounts."""


class TeamRow(Struct, frozen=True):
    """One team. `weeks`, `ramadan`: country → day → periods. `uses`: (flow, title, step) that hand over to it."""

    id: str
    is_: Mapping[str, Plain]
    name: Text
    weeks: Mapping[str, Mapping[str, str]]
    ramadan: Mapping[str, Mapping[str, str]]
    uses: tuple[tuple[str, str, str], ...] = ()

    def several(self, key: str) -> tuple[str, ...]:
        """Give the values of a key that holds some."""
        value = self.is_.get(key, ())
        return tuple(each for each in value if isinstance(each, str)) if not isinstance(value, str) else (value,)

    def one(self, key: str) -> str:
        """Give the value of a key that holds one."""
        value = self.is_.get(key, "")
        return value if isinstance(value, str) else ""

    def alerts(self) -> tuple[tuple[str, str], ...]:
        """Give who is told after which time when nobody claims a case: (after, to)."""
        rows = self.is_.get("alert", ())
        kept = (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))
        return tuple((str(row.get("after", "")), str(row.get("to", ""))) for row in kept)


class Roster(Struct, frozen=True, kw_only=True):
    """All teams and calendars. `calendars`: country → what stands in the file. `languages`: the source first."""

    teams: tuple[TeamRow, ...]
    calendars: Mapping[str, Mapping[str, Plain]]
    countries: Mapping[str, str]
    languages: tuple[str, ...]
    readable: bool
    playable: bool

    def team(self, id_: str) -> TeamRow | None:
        """Give one team."""
        return next((team for team in self.teams if team.id == id_), None)


class Told(Struct, frozen=True):
    """What somebody who waits for a team is told at a moment. `open`: somebody is at work then. `says`: by language."""

    team: str
    country: str
    when: str
    open: bool
    says: Mapping[str, str]


def roster(bundle: Bundle, language: str) -> Roster:
    """Give the teams, names in that language."""
    done, sayings = compiled(bundle), Sayings(bundle)
    node = tree_of(TEAMS, bundle[TEAMS]) if TEAMS in bundle else None
    served = done.draft.bot.countries if done.draft.bot else {}
    countries = {code: sayings.text(f"countries.{code}", "", each.name).best(language) for code, each in served.items()}
    found = find(node, ("calendar",)) if node is not None else None
    calendars = plain(found) if found is not None else {}
    kept = {code: row for code, row in calendars.items() if isinstance(row, dict)} if isinstance(calendars, dict) else {}
    return Roster(
        teams=tuple(_teams(node, done.draft, sayings, language)), calendars=kept, countries=countries, languages=sayings.languages,
        readable=isinstance(node, Table), playable=done.program is not None,
    )  # fmt: skip


def told_at(bundle: Bundle, team: str, country: str, when: str) -> Told | None:
    """Give what a person of that country is told who waits for that team at a local time (`2026-11-27T23:10`).

    None if the draft cannot be played, or there is no such team, country or time.
    """
    program = compiled(bundle).program
    try:
        there = datetime.fromisoformat(when).replace(tzinfo=None)
    except ValueError:
        return None
    if program is None or team not in program.teams.teams or country not in program.service.countries:
        return None
    at = there.replace(tzinfo=local(0, country, program.service).tzinfo).timestamp()
    shared: dict[str, Answer] = {"country": country} if "country" in program.shared else {}
    case = CaseView("XXX-XXX", team, "normal", (), "", "leave", consented=False, country=country)
    session = Session(life="preview", revision=program.revision, language=program.service.source, shared=shared, who="waiting", case=case)
    text = waiting(Turn(Plan(program), session, at, "preview"))
    send = Send(text.id, (text,))
    says = {code: render(program.texts, send, code).text for code in program.service.languages}
    return Told(team, country, f"{there:%Y-%m-%dT%H:%M}", is_open(program.teams, team, country, at, program.service), says)


def _teams(node: Node | None, draft: Draft, sayings: Sayings, language: str) -> Iterator[TeamRow]:
    table = find(node, ("teams",)) if node is not None else None
    titles = {name: sayings.text(f"{name}:title", "", flow.head.title).best(language) for name, flow in draft.flows.items() if flow.head}
    for id_, entry in table.entries.items() if isinstance(table, Table) else ():
        found = plain(entry.value)
        is_ = found if isinstance(found, dict) else {}
        name = is_.get("name", "")
        text = sayings.text(f"teams.{id_}:name", "name", name if isinstance(name, str) else "")
        uses = tuple((flow, titles.get(flow, flow), step) for flow, step in _uses(draft, id_))
        yield TeamRow(id_, is_, text, _weeks(is_.get("hours")), _weeks(is_.get("ramadan")), uses)


def _weeks(value: "Plain | None") -> dict[str, Mapping[str, str]]:
    return {country: week_of(rows) for country, rows in value.items()} if isinstance(value, dict) else {}


def _uses(draft: Draft, team: str) -> Iterator[tuple[str, str]]:
    for name, flow in draft.flows.items():
        for step in flow.steps:
            if isinstance(step.model, HandoffModel | ConsentModel) and step.model.to == team:
                yield name, step.key
