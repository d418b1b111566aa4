"""Contacts: who can be rung or written to, and until when that was checked.

Rule 1: a contact past its date, or (live) never verified, is not shown; `bot.engine.contacts` decides, this file only holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bot.flow.teams import Opening

ContactHours: TypeAlias = Literal["always", "unknown"] | tuple[Opening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One row. Text ids: `directory.<id>:name`, `:who-answers`, `:may-follow`, `:cost`. `free`: the cost says free."""

    id: str
    country: str
    needs: frozenset[str]
    phone: tuple[str, ...]
    whatsapp: tuple[str, ...]
    email: tuple[str, ...]
    address: str | None
    places: frozenset[str]
    languages: tuple[str, ...]
    hours: ContactHours
    free: bool
    source: str
    expires: date
    verified_on: date | None
    accepts_referral: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """The closed list of needs and the contacts in the order of the file."""

    needs: tuple[str, ...]
    contacts: Mapping[str, Contact]
