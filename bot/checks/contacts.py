"""Contacts: nobody is given a number that is out of date, and somebody stands behind every need in every country.

Rule 1: a need is in use when a `contacts` step or `{number.<need>}` names it; a country, when the step's own `if` lets it be.
Rule 2: in a trial an unverified row is a warning; live, a need without a verified row stops a publish.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never

from bot.flow.draft import Draft, DraftFlow, SourceText
from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Wrong, parse
from bot.flow.model import ContactsModel
from bot.flow.model_service import BotModel, ContactModel, DirectoryModel
from bot.flow.problem import Problem
from bot.i18n.placeholders import cut

_FILE: Final = "flows/directory.yaml"
_NUMBER: Final = "number."
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class _Use:
    """A need in use. `call`: its telephone number is said in a text. `condition`: the `if` of the step, if it has one."""

    need: str
    file: str
    line: int
    column: int
    call: bool
    country: str | None = None
    condition: str | None = None


def contact_problems(draft: Draft, on: date) -> Iterator[Problem]:
    """Every row whose date is past on that day, and every need in use that nobody, or nobody verified, stands behind."""
    if draft.directory is None:
        return
    yield from _expired(draft, draft.directory, on)
    if draft.bot is None:
        return
    if draft.bot.stage == "trial":
        yield from _unverified(draft, draft.directory, on)
    yield from _needs(draft.bot, draft.directory, _uses(draft), on)


def _expired(draft: Draft, directory: DirectoryModel, on: date) -> Iterator[Problem]:
    for id_, row in directory.contacts.items():
        if on > row.expires:
            place = draft.at(_FILE, "contacts", id_, "expires")
            sentence = f"‹{id_}› was to be checked again by {row.expires}; it is hidden from people until somebody rings it"
            yield Problem("contact-expired", _FILE, place.line, place.column, sentence)


def _unverified(draft: Draft, directory: DirectoryModel, on: date) -> Iterator[Problem]:
    """One warning for all rows together: in a trial each is shown as not yet checked."""
    rows = [id_ for id_, row in directory.contacts.items() if row.verified_on is None and on <= row.expires]
    if rows:
        place = draft.key_at(_FILE, "contacts")
        named = ", ".join(rows[:_SHOWN]) + (", …" if len(rows) > _SHOWN else "")
        sentence = f"nobody has verified {len(rows)} of {len(directory.contacts)} contacts ({named}); people read “not yet checked”"
        yield Problem("contact-unverified", _FILE, place.line, place.column, sentence, warning=True)


def _needs(bot: BotModel, directory: DirectoryModel, uses: Sequence[_Use], on: date) -> Iterator[Problem]:
    told: set[tuple[str, str, str]] = set()
    for use in uses:
        for country in bot.countries:
            found = _missing(use, country, directory, bot.stage, on)
            if found is not None and (found[0], use.need, country) not in told:
                told.add((found[0], use.need, country))
                warning = found[0] == "no-contact"
                yield Problem(found[0], use.file, use.line, use.column, found[1], warning=warning)


def _missing(use: _Use, country: str, directory: DirectoryModel, stage: str, on: date) -> tuple[str, str] | None:
    """Rule and sentence when nobody stands behind the need there."""
    if use.need not in directory.needs or not _asked_in(use, country):
        return None
    rows = [row for row in directory.contacts.values() if _serves(row, use, country, on)]
    if stage == "live" and not any(row.verified_on for row in rows):
        return "contact-unverified", f"no verified contact for ‹{use.need}› in {country}, so nobody would be named there"
    if not rows:
        numbers = " with a telephone" if use.call else ""
        return "no-contact", f"no contact{numbers} for ‹{use.need}› in {country}"
    return None


def _serves(row: ContactModel, use: _Use, country: str, on: date) -> bool:
    return use.need in row.needs and row.country == country and on <= row.expires and (bool(row.phone) or not use.call)


def _asked_in(use: _Use, country: str) -> bool:
    if use.country is not None:
        return use.country == country
    expression = None if use.condition is None else parse(use.condition)
    return expression is None or isinstance(expression, Wrong) or _may(expression, country)[0]


def _may(expression: Expression, country: str) -> tuple[bool, bool]:
    """Whether a condition may hold, and whether it may fail, in this country; other answers may be anything."""
    match expression:
        case Is("country", values, opposite):
            holds = (country in values) != opposite
            return holds, not holds
        case Known("country"):
            return True, False
        case Is() | Has() | Compare() | Known():
            return True, True
        case Not(part):
            holds, fails = _may(part, country)
            return fails, holds
        case All(parts):
            each = [_may(part, country) for part in parts]
            return all(may for may, _ in each), any(fail for _, fail in each)
        case Either(parts):
            each = [_may(part, country) for part in parts]
            return any(may for may, _ in each), all(fail for _, fail in each)
        case _:
            assert_never(expression)


def _uses(draft: Draft) -> Sequence[_Use]:
    """Every use of a need, `contacts` steps first, each in the order of files."""
    conditions = {step.id: step.model.if_ for flow in draft.flows.values() for step in flow.steps if step.model is not None}
    return [
        *(use for flow in draft.flows.values() for use in _in_steps(flow)),
        *(use for text in draft.texts for use in _in_text(text, conditions)),
    ]


def _in_steps(flow: DraftFlow) -> Iterator[_Use]:
    for step in flow.steps:
        if isinstance(step.model, ContactsModel):
            place = step.at("need")
            yield _Use(
                step.model.need, flow.file, place.line, place.column, call=False, country=step.model.country, condition=step.model.if_
            )


def _in_text(text: SourceText, conditions: Mapping[str, str | None]) -> Iterator[_Use]:
    if _NUMBER not in text.text:
        return
    step = ".".join(text.id.split(":")[0].split(".")[:2])
    for name in cut(text.text)[1::2]:
        if name.startswith(_NUMBER):
            need = name.removeprefix(_NUMBER)
            yield _Use(need, text.file, text.line, text.column, call=True, condition=conditions.get(step))
