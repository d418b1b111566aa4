"""Which contacts are shown, in which order, and what a person reads of each.

Rule 1: a row past its date is never shown, nor, when the service is live, one that nobody verified.
Rule 2: the order is reachable, the person's place, open now, free, the order of the file; nothing else is weighed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.engine.calendar import local, open_until, opens_next
from bot.engine.effects import Card
from bot.flow.directory import Contact, Directory
from bot.flow.program import Program
from bot.flow.service import Service
from bot.flow.teams import Calendar, Teams
from bot.i18n.values import Code, Day, Moment, Ref, Several, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """Who looks for a contact, where and when. `country`, `place`: None if not known. `at`: UTC seconds."""

    at: float
    country: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where contacts are looked for: the directory, the service and the calendars."""

    directory: Directory
    service: Service
    teams: Teams

    def shown(self, need: str, seeker: Seeker, most: int) -> tuple[Card, ...]:
        """Cards of the contacts for this need, at most so many a country."""
        cards: list[Card] = []
        for country in self._countries(seeker):
            now = local(seeker.at, country, self.service)
            rows = [row for row in self._of(need, country) if self._visible(row, now.date())]
            rows.sort(key=lambda row: self._rank(row, seeker, now))
            cards += [self._card(row, now, named=seeker.country is None) for row in rows[:most]]
        return tuple(cards)

    def past(self, need: str, seeker: Seeker) -> tuple[str, ...]:
        """Ids of the contacts for this need that are hidden because their date is past."""
        return tuple(
            row.id
            for country in self._countries(seeker)
            for row in self._of(need, country)
            if local(seeker.at, country, self.service).date() > row.expires
        )

    def first_number(self, need: str, seeker: Seeker) -> str | None:
        """The first telephone number in date for this need, in the order of the file."""
        for country in self._countries(seeker):
            today = local(seeker.at, country, self.service).date()
            for row in self._of(need, country):
                if row.phone and self._visible(row, today):
                    return row.phone[0]
        return None

    def partners(self, seeker: Seeker) -> tuple[Contact, ...]:
        """Contacts in date that take requests from this service."""
        taking = [row for row in self.directory.contacts.values() if row.accepts_referral]
        here = [(country, local(seeker.at, country, self.service).date()) for country in self._countries(seeker)]
        return tuple(row for country, today in here for row in taking if row.country == country and self._visible(row, today))

    def _countries(self, seeker: Seeker) -> tuple[str, ...]:
        return tuple(self.service.countries) if seeker.country is None else (seeker.country,)

    def _of(self, need: str, country: str) -> Iterator[Contact]:
        return (row for row in self.directory.contacts.values() if need in row.needs and row.country == country)

    def _visible(self, row: Contact, today: date) -> bool:
        return today <= row.expires and (self.service.stage == "trial" or row.verified_on is not None)

    def _rank(self, row: Contact, seeker: Seeker, now: datetime) -> tuple[bool, bool, bool, bool]:
        silent = not (row.phone or row.whatsapp or row.email)
        return (silent, seeker.place not in row.places, not _open_now(row, self.teams.calendars.get(row.country), now), not row.free)

    def _card(self, row: Contact, now: datetime, *, named: bool) -> Card:
        row_id = f"directory.{row.id}"
        checked = Text("bot.contact-unchecked")
        if row.verified_on is not None:
            checked = Text("bot.contact-checked", (("date", Day(row.verified_on)),))
        return Card(
            name=Text(f"{row_id}:name"),
            country=Text(f"countries.{row.country}") if named else None,
            numbers=row.phone,
            chats=row.whatsapp,
            emails=row.email,
            lines=(
                _hours(row, self.teams.calendars, now),
                Text("bot.contact-free") if row.free else Text("bot.contact-paid", (("cost", Ref(f"{row_id}:cost")),)),
                Text("bot.contact-languages", (("languages", Several(tuple(Ref(f"languages.{code}") for code in row.languages))),)),
                Text("bot.contact-who", (("who", Ref(f"{row_id}:who-answers")),)),
            ),
            may_follow=Text("bot.contact-may-follow", (("what", Ref(f"{row_id}:may-follow")),)),
            checked=checked,
        )


def partners_for(program: Program, country: str, at: float) -> tuple[Contact, ...]:
    """Give the contacts to which a case of this country may be passed now, by country; not served or not known: of every country."""
    shelf = Shelf(directory=program.directory, service=program.service, teams=program.teams)
    served = country if country in program.service.countries else None
    return shelf.partners(Seeker(at=at, country=served, place=None))


def _open_now(row: Contact, calendar: Calendar | None, now: datetime) -> bool:
    match row.hours:
        case "always":
            return True
        case "unknown":
            return False
        case hours:
            return open_until(hours, calendar, now) is not None


def _hours(row: Contact, calendars: Mapping[str, Calendar], now: datetime) -> Text:
    if row.hours == "always":
        return Text("bot.contact-always")
    if row.hours == "unknown":
        return Text("bot.contact-hours-unknown")
    calendar = calendars.get(row.country)
    until = open_until(row.hours, calendar, now)
    if until is not None:
        return Text("bot.contact-open", (("until", Code(f"{until:%H:%M}")),))
    opens = opens_next(row.hours, calendar, now)
    if opens is None:
        return Text("bot.contact-hours-unknown")
    return Text("bot.contact-opens", (("next", Moment(opens, row.country)),))
