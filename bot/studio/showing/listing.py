"""The directory as a table: every contact with what is known of it, how long it still holds, where it is shown, and who is missing.

Rule 1: it gives as much as can be read: a row that is wrong is listed with what stands in it.
Rule 2: what a person would see is asked of the engine, never worked out here.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct

from bot.engine.calendar import local
from bot.engine.contacts import Seeker, Shelf
from bot.engine.effects import Send
from bot.engine.render import RenderedCard, render
from bot.flow.bundle import Bundle
from bot.flow.draft import Draft
from bot.flow.model import ContactsModel
from bot.flow.program import Program
from bot.flow.spans import date_of
from bot.flow.tree import Node, Plain, Table, find, plain
from bot.i18n.placeholders import cut
from bot.studio.bundle.compiled import compiled
from bot.studio.bundle.contents import tree_of
from bot.studio.bundle.said import Sayings, Text, short

DIRECTORY = "flows/directory.yaml"
SOON = 30
"""Days before its last day in which a contact is said to expire soon."""
HOLDS = 182
"""Days for which a contact that was rung today holds, unless somebody says otherwise: half a year."""
SAID = ("name", "who-answers", "may-follow", "cost")
"""What people read of a contact, each in every language."""
PLAIN = (
    "country",
    "needs",
    "phone",
    "whatsapp",
    "email",
    "address",
    "places",
    "languages",
    "hours",
    "source",
    "source-date",
    "expires",
    "accepts",
)
"""Keys of a row that are no texts."""

State: TypeAlias = Literal["past", "soon", "unchecked", "checked", "unreadable"]
ORDER: tuple[State, ...] = ("unreadable", "past", "soon", "unchecked", "checked")
"""What must be looked at first."""


class Row(Struct, frozen=True):
    """One contact. `is_`: key → what stands in the file. `days`: until it hides itself (negative: since then)."""

    id: str
    state: State
    is_: Mapping[str, Plain]
    texts: Mapping[str, Text]
    days: int = 0

    def several(self, key: str) -> tuple[str, ...]:
        """Give the values of a key that holds one or more."""
        value = self.is_.get(key, ())
        return (value,) if isinstance(value, str) else tuple(each for each in value if isinstance(each, str))

    def one(self, key: str) -> str:
        """Give the value of a key that holds one."""
        value = self.is_.get(key, "")
        return value if isinstance(value, str) else ""


class Use(Struct, frozen=True):
    """A step that names a need. `says`: by its number in a text, else as cards. `country`: the only one it is for, or nothing."""

    flow: str
    step: str
    title: str
    need: str
    says: bool
    country: str = ""


class Shown(Struct, frozen=True):
    """What a person reads of a contact, by language."""

    cards: Mapping[str, RenderedCard]


class Listing(Struct, frozen=True, kw_only=True):
    """The whole directory.

    `gaps`: (country, need) that a flow asks for and nobody in date serves.
    `languages`: of what people receive, the source first. `readable`: the file can be read.
    `playable`: nothing in the draft keeps the engine from running it.
    """

    rows: tuple[Row, ...]
    needs: tuple[str, ...]
    countries: Mapping[str, str]
    places: Mapping[str, Mapping[str, str]]
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    stage: str
    uses: tuple[Use, ...]
    gaps: tuple[tuple[str, str], ...] = ()
    readable: bool = True
    playable: bool = True

    def row(self, id_: str) -> Row | None:
        """Give one contact."""
        return next((row for row in self.rows if row.id == id_), None)

    def uses_of(self, row: Row) -> tuple[Use, ...]:
        """Give the steps that may show this contact."""
        needs, country = row.several("needs"), row.one("country")
        return tuple(
            use for use in self.uses if use.need in needs and use.country in ("", country) and (row.several("phone") or not use.says)
        )

    def left_alone(self, row: Row) -> tuple[str, ...]:
        """Give the needs that nobody else in its country serves."""
        others = [each for each in self.rows if each.id != row.id and each.one("country") == row.one("country") and each.state != "past"]
        used = {use.need for use in self.uses}
        return tuple(need for need in row.several("needs") if need in used and not any(need in each.several("needs") for each in others))


def listing(bundle: Bundle, at: float, language: str) -> Listing:
    """Give the directory as it is at that time (UTC seconds), names in that language."""
    done = compiled(bundle)
    draft, sayings = done.draft, Sayings(bundle)
    node = tree_of(DIRECTORY, bundle[DIRECTORY]) if DIRECTORY in bundle else None
    bot = draft.bot
    countries = (
        {code: sayings.text(f"countries.{code}", "", each.name).best(language) for code, each in bot.countries.items()} if bot else {}
    )
    places = {
        code: {key: sayings.text(f"countries.{code}.{key}", "", name).best(language) for key, name in each.places.items()}
        for code, each in (bot.countries.items() if bot else ())
    }
    program, today = done.program, _day(done.program, at)
    rows = tuple(_rows(node, sayings, today))
    needs = _list(node, "needs")
    uses = tuple(_uses(draft, sayings, language))
    return Listing(
        rows=rows, needs=needs, countries=countries, places=places, languages=sayings.languages,
        sources=tuple(draft.sources.sources) if draft.sources else (), stage=bot.stage if bot else "trial", uses=uses,
        gaps=tuple(_gaps(rows, uses, countries)), readable=isinstance(node, Table),
        playable=program is not None,
    )  # fmt: skip


def cards_of(bundle: Bundle, id_: str, at: float) -> Shown | None:
    """Give what a person reads of one contact now, in every language; None while the draft cannot be played or the contact is hidden."""
    program = compiled(bundle).program
    row = program.directory.contacts.get(id_) if program else None
    if program is None or row is None:
        return None
    shelf = Shelf(directory=program.directory, service=program.service, teams=program.teams)
    seeker = Seeker(at=at, country=row.country, place=None)
    for need in row.needs:
        for card in shelf.shown(need, seeker, len(program.directory.contacts)):
            if card.name.id == f"directory.{id_}:name":
                send = Send("contact", (), cards=(card,))
                return Shown({code: render(program.texts, send, code).cards[0] for code in program.service.languages})
    return None


def _day(program: Program | None, at: float) -> date:
    return local(at, None, program.service).date() if program else datetime.fromtimestamp(at, UTC).date()


def _rows(node: Node | None, sayings: Sayings, today: date) -> Iterator[Row]:
    table = find(node, ("contacts",)) if node is not None else None
    for id_, entry in table.entries.items() if isinstance(table, Table) else ():
        found = plain(entry.value)
        is_ = found if isinstance(found, dict) else {}
        texts = {key: sayings.text(f"directory.{id_}:{key}", key, _text(is_, key)) for key in SAID}
        days = _days(is_, today)
        state: State = "unreadable" if days is None else _state(is_, days)
        yield Row(id_, state, is_, texts, days or 0)


def _text(is_: Mapping[str, Plain], key: str) -> str:
    value = is_.get(key, "")
    return value if isinstance(value, str) else ""


def _days(is_: Mapping[str, Plain], today: date) -> int | None:
    try:
        return (date_of(_text(is_, "expires")) - today).days
    except ValueError:
        return None


def _state(is_: Mapping[str, Plain], days: int) -> State:
    if days < 0:
        return "past"
    if days <= SOON:
        return "soon"
    return "checked" if is_.get("verified-on") else "unchecked"


def _list(node: Node | None, key: str) -> tuple[str, ...]:
    found = find(node, (key,)) if node is not None else None
    value = plain(found) if found is not None else []
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _uses(draft: Draft, sayings: Sayings, language: str) -> Iterator[Use]:
    titles = {name: sayings.text(f"{name}:title", "", flow.head.title).best(language) for name, flow in draft.flows.items() if flow.head}
    for name, flow in draft.flows.items():
        for step in flow.steps:
            if isinstance(step.model, ContactsModel):
                yield Use(name, step.key, titles.get(name, name), step.model.need, says=False, country=step.model.country or "")
    said = {(name, step, need) for text in draft.texts for name, step, need in _numbers(text.id, text.text) if name in draft.flows}
    yield from (Use(name, step, titles.get(name, name), need, says=True) for name, step, need in sorted(said))


def _numbers(id_: str, text: str) -> Iterator[tuple[str, str, str]]:
    if "number." in text:
        flow, step = [*id_.partition(":")[0].split("."), ""][:2]
        yield from ((flow, step, name.removeprefix("number.")) for name in cut(text)[1::2] if name.startswith("number."))


def _gaps(rows: tuple[Row, ...], uses: tuple[Use, ...], countries: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for need in dict.fromkeys(use.need for use in uses):
        for country in countries:
            asked = any(use.need == need and use.country in ("", country) for use in uses)
            served = any(need in row.several("needs") and row.one("country") == country and row.state != "past" for row in rows)
            if asked and not served:
                yield country, need


def rung(today: date, days: int = HOLDS) -> tuple[str, str]:
    """Give the day of today and the last day on which a contact that was rung today is shown, as files have them."""
    return today.isoformat(), (today + timedelta(days=days)).isoformat()


def called(row: Row, language: str) -> str:
    """Give what a contact is called in this language."""
    return short(row.texts["name"].best(language)) or row.id
