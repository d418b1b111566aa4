"""What may be put into a sentence, and the sentence before it has a language.

Rule 1: a sentence is an id with named values until a language is known; nothing is ever glued from pieces.
Rule 2: every value says what it is, so that the renderer can isolate its direction and write it as the reader does.
"""

from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Unit: TypeAlias = Literal["day", "hour", "minute"]


class Words(Struct, frozen=True, array_like=True, tag=True):
    """Words that may be of any script (a name, a quoted answer): isolated by first strong letter (FSI)."""

    words: str


class Code(Struct, frozen=True, array_like=True, tag=True):
    """A telephone number, handle, address, code or plain number: isolated left to right (LRI)."""

    code: str


class Ref(Struct, frozen=True, array_like=True, tag=True):
    """Another text, said in the reader's language (the name of a team, the label of an answer)."""

    id: str


class Count(Struct, frozen=True, array_like=True, tag=True):
    """A number of days, hours or minutes, with the plural of the reader's language."""

    n: int
    unit: Unit


class Day(Struct, frozen=True, array_like=True, tag=True):
    """A calendar day, written dd/mm/yyyy."""

    day: date


class Moment(Struct, frozen=True, array_like=True, tag=True):
    """A local time that is near: week day, day and month, time. `country` picks the names in use there."""

    at: datetime
    country: str


class Several(Struct, frozen=True, array_like=True, tag=True):
    """A list of values, joined as the reader's language joins."""

    values: tuple["Value", ...]


Value: TypeAlias = Words | Code | Ref | Count | Day | Moment | Several


class Text(Struct, frozen=True, array_like=True):
    """A whole sentence: its id (the gettext context, language reference §11) and its named values."""

    id: str
    values: tuple[tuple[str, Value], ...] = ()
