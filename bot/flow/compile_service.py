"""bot.yaml, teams.yaml and directory.yaml: from their models to what the engine reads, and what is wrong in them.

Rule 1: every name of another file is looked up; every country, place, zone and language is one that is served.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from bot.flow import model_service as ms
from bot.flow.answers import Choice
from bot.flow.directory import Contact, Directory
from bot.flow.language import DAYS, ENGINE_TEXTS, NEWER_TEXTS
from bot.flow.model import OpeningModel
from bot.flow.names import World
from bot.flow.problem import Problems, nearest, shown
from bot.flow.service import Country, Keep, Limits, PartOfDay, Service, Silence
from bot.flow.teams import AlertStep, Calendar, Opening, Team, Teams
from bot.flow.tree import Node, Path, place_at, place_of_key

_ROLES = ("second-line", "on-call")
_Names: TypeAlias = Collection[str]
_Value = TypeVar("_Value")


def compile_service(bot: ms.BotModel) -> Service:
    """bot.yaml as the engine reads it."""
    return Service(
        name=bot.name,
        org=bot.org or bot.name,
        handle=bot.handle or "",
        source=bot.source,
        languages=bot.languages,
        first=bot.first,
        on_menu=bot.on.menu,
        on_human=bot.on.human,
        on_privacy=bot.on.privacy,
        stage=bot.stage,
        sets=_frozen({name: tuple(Choice(key, f"answers.{name}.{key}") for key in listed) for name, listed in bot.answers.items()}),
        countries=_frozen({code: Country(code, country.zone, tuple(country.places)) for code, country in bot.countries.items()}),
        hours=tuple(PartOfDay(key, since, until) for key, (since, until) in bot.hours.items()),
        silence=Silence(bot.silence.ask_still_safe, bot.silence.forget),
        keep=Keep(bot.keep.case, bot.keep.route, bot.keep.messages),
        limits=Limits(bot.limits.sentences, bot.limits.words, bot.limits.choices, bot.limits.preview, bot.limits.say_in_a_row),
        on_follow_up=bot.on.follow_up or "",
    )


def compile_teams(teams: ms.TeamsModel) -> Teams:
    """teams.yaml as the engine reads it."""
    return Teams(
        _frozen({id_: _team(id_, team) for id_, team in teams.teams.items()}),
        _frozen({code: _calendar(calendar) for code, calendar in teams.calendar.items()}),
    )


def compile_directory(directory: ms.DirectoryModel) -> Directory:
    """directory.yaml as the engine reads it."""
    return Directory(directory.needs, _frozen({id_: _contact(id_, row) for id_, row in directory.contacts.items()}))


def _frozen(items: dict[str, _Value]) -> Mapping[str, _Value]:
    return MappingProxyType(items)


def _team(id_: str, team: ms.TeamModel) -> Team:
    return Team(
        id=id_,
        languages=team.languages,
        hours=_frozen({code: _openings(rows) for code, rows in team.hours.items()}),
        ramadan=_frozen({code: _openings(rows) for code, rows in team.ramadan.items()}),
        first_answer=team.first_answer,
        alert=tuple(AlertStep(step.after, step.to) for step in team.alert),
        same_person=team.same_person,
    )


def _openings(rows: tuple[OpeningModel, ...]) -> tuple[Opening, ...]:
    return tuple(Opening(row.days, row.open) for row in rows)


def _calendar(calendar: ms.CalendarModel) -> Calendar:
    return Calendar(
        weekend=frozenset(DAYS.index(day) for day in calendar.weekend),
        ramadan=tuple((span.from_, span.to) for span in calendar.ramadan),
        holidays=frozenset(calendar.holidays),
    )


def _contact(id_: str, row: ms.ContactModel) -> Contact:
    return Contact(
        id=id_,
        country=row.country,
        needs=frozenset(row.needs),
        phone=row.phone,
        whatsapp=row.whatsapp,
        email=row.email,
        address=row.address,
        places=frozenset(row.places),
        languages=row.languages,
        hours=row.hours if isinstance(row.hours, str) else _openings(row.hours),
        free=row.cost == "free",
        source=row.source,
        expires=row.expires,
        verified_on=row.verified_on,
        accepts_referral="referral" in row.accepts,
    )


class Looker:
    """Looks names up for one file, and notes what is not there."""

    def __init__(self, node: Node, problems: Problems) -> None:
        self._node = node
        self._problems = problems

    def add(self, rule: str, path: Path, sentence: str, suggestion: str = "", *, warning: bool = False) -> None:
        """Notes a problem at the value of the path."""
        self._problems.add(rule, place_at(self._node, path), sentence, suggestion, warning=warning)

    def add_key(self, rule: str, path: Path, sentence: str, suggestion: str = "", *, warning: bool = False) -> None:
        """Notes a problem at the key of the path."""
        self._problems.add(rule, place_of_key(self._node, path), sentence, suggestion, warning=warning)

    def one(self, rule: str, what: str, path: Path, name: str, names: _Names) -> None:
        """Notes the name if it is none of the names."""
        if name not in names:
            self.add(rule, path, f"no {what} {shown(name)}", nearest(name, list(names)))

    def each(self, rule: str, what: str, path: Path, given: tuple[str, ...], names: _Names) -> None:
        """Notes every name of a list that is none of the names."""
        for number, name in enumerate(given):
            self.one(rule, what, (*path, number), name, names)

    def keys(self, rule: str, what: str, path: Path, given: _Names, names: _Names) -> None:
        """Notes every key of a mapping that is none of the names."""
        for name in given:
            if name not in names:
                self.add_key(rule, (*path, name), f"no {what} {shown(name)}", nearest(name, list(names)))


def _fear(look: Looker, bot: ms.BotModel, world: World) -> None:
    if bot.fear_first is not None:
        look.one("no-such-place", "flow", ("fear-first", "leads"), bot.fear_first.leads, world.flows)
        look.each("no-such-place", "flow", ("fear-first", "flows"), bot.fear_first.flows, world.flows)


def bot_problems(bot: ms.BotModel, world: World, node: Node, problems: Problems) -> None:
    """Notes what is wrong in bot.yaml."""
    look = Looker(node, problems)
    look.one("no-such-place", "flow", ("first",), bot.first, world.flows)
    for word, flow in bot.on.flows():
        look.one("no-such-place", "flow", ("on", word), flow, world.flows)
    look.one("no-such-value", "language of this service", ("source",), bot.source, bot.languages)
    for code, country in bot.countries.items():
        if not _is_zone(country.zone):
            look.one("no-such-value", "time zone", ("countries", code, "zone"), country.zone, available_timezones())
    _fear(look, bot, world)
    look.keys("no-such-value", "part of the day", ("parts-of-day",), bot.parts_of_day, bot.hours)
    look.keys("no-such-key", "text of the engine", ("texts",), bot.texts, ENGINE_TEXTS)
    for key in ENGINE_TEXTS:
        if key not in bot.texts:
            look.add_key("no-text", ("texts",), f"the text ‹{key}› is missing; the engine says it", warning=key in NEWER_TEXTS)
    for number, name in enumerate(bot.shared):
        facts = world.shared[name]
        if facts.settled() is None and not facts.unread:
            look.add("no-such-answer", ("shared", number), f"no flow asks for {shown(name)}")
    _sets(bot, look)


def _is_zone(name: str) -> bool:
    # Asking for one is far cheaper than listing all of them.
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not known; not a name of a zone; a folder of zones
        return False
    return True


def _sets(bot: ms.BotModel, look: Looker) -> None:
    for name, listed in bot.answers.items():
        if len(listed) > bot.limits.choices:
            look.add_key("too-many-choices", ("answers", name), f"{len(listed)} choices; at most {bot.limits.choices} can be chosen from")
        if not listed:
            look.add_key("no-such-choice", ("answers", name), "at least one choice stands here")


def teams_problems(teams: ms.TeamsModel, world: World, node: Node, problems: Problems) -> None:
    """Notes what is wrong in teams.yaml."""
    look = Looker(node, problems)
    countries, languages = _served(world)
    look.keys("no-such-value", "served country", ("calendar",), teams.calendar, countries)
    for code, calendar in teams.calendar.items():
        for number, span in enumerate(calendar.ramadan):
            if span.to < span.from_:
                look.add("no-such-value", ("calendar", code, "ramadan", number), "it ends before it begins")
    for id_, team in teams.teams.items():
        look.each("no-such-value", "language of this service", ("teams", id_, "languages"), team.languages, languages)
        for key, hours in (("hours", team.hours), ("ramadan", team.ramadan)):
            look.keys("no-such-value", "served country", ("teams", id_, key), hours, countries)
        for number, alert in enumerate(team.alert):
            look.one("no-such-team", "team", ("teams", id_, "alert", number, "to"), alert.to, (*teams.teams, *_ROLES))
        _weekends(teams, id_, team, look)


def _weekends(teams: ms.TeamsModel, id_: str, team: ms.TeamModel, look: Looker) -> None:
    for code, rows in team.hours.items():
        calendar = teams.calendar.get(code)
        weekend = {DAYS.index(day) for day in calendar.weekend} if calendar else set()
        for number, row in enumerate(rows):
            days = ", ".join(DAYS[day] for day in sorted(row.days & weekend))
            if days:
                look.add(
                    "no-such-value",
                    ("teams", id_, "hours", code, number, "days"),
                    f"{days} is weekend in {code}; is that meant?",
                    warning=True,
                )


def directory_problems(directory: ms.DirectoryModel, world: World, node: Node, problems: Problems) -> None:
    """Notes what is wrong in directory.yaml."""
    look = Looker(node, problems)
    countries, _ = _served(world)
    for id_, row in directory.contacts.items():
        look.one("no-such-value", "served country", ("contacts", id_, "country"), row.country, countries)
        look.each("no-such-need", "need", ("contacts", id_, "needs"), row.needs, directory.needs)
        look.one("no-such-source", "source", ("contacts", id_, "source"), row.source, world.sources)
        look.each("no-such-value", "kind of request", ("contacts", id_, "accepts"), row.accepts, ("referral",))
        if (row.verified_by is None) != (row.verified_on is None):
            look.add_key("no-such-key", ("contacts", id_), "‹verified-by› and ‹verified-on› stand together: who checked it, and when")


def _served(world: World) -> tuple[_Names, _Names]:
    return (tuple(world.bot.countries), world.bot.languages) if world.bot else ((), ())
