"""The types that an answer can have, and the values it can take.

Rule 1: an answer is a key, a whole number, a date as text, or a tuple of keys; never what a person typed, but for `Free`.
Rule 2: a skipped answer is the word `skipped`; an answer that was never given is absent.
"""

from dataclasses import dataclass
from typing import TypeAlias

Answer: TypeAlias = str | int | tuple[str, ...]
SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its key and the id of its label."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Choices:
    """One key of a closed list; with `many`, several keys in the order of the flow. `set_name`: a set of bot.yaml, if it is one."""

    choices: tuple[Choice, ...]
    many: bool = False
    set_name: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `low` to `high`, both allowed."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class DateOf:
    """A day `YYYY-MM-DD`; bounds are such days, or `today`, or None."""

    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class CountryOf:
    """An ISO country code: `here` = the countries of bot.yaml as buttons; otherwise any country by name."""

    here: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place key of the country that is known."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Parts of the day of bot.yaml, always several."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language code; answering also switches the conversation."""


@dataclass(frozen=True, slots=True)
class Free:
    """Words of the person, at most `longest` characters; kept only if a consent of the flow shows them."""

    longest: int


AnswerType: TypeAlias = Choices | Number | DateOf | CountryOf | Place | Hours | Language | Free
