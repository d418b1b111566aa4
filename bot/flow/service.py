"""What bot.yaml says of the service as a whole, compiled.

Rule 1: every time is in minutes, every list in the order of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.flow.answers import Choice


@dataclass(frozen=True, slots=True)
class Country:
    """A served country: its time zone name and its places (key → id of the name is `countries.<code>.<place>`)."""

    code: str
    zone: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of the day in minutes after local midnight; `until` <= `since` passes midnight. Label id: `hours.<key>`."""

    key: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Minutes of silence until the bot asks whether writing is still safe, and until all answers are forgotten."""

    ask_still_safe: int
    forget: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Minutes that a case, a route and message ids are kept."""

    case: int
    route: int
    messages: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of wording: sentences a text, words a sentence, choices a question, characters of a preview, texts in a row."""

    sentences: int
    words: int
    choices: int
    preview: int
    say_in_a_row: int


@dataclass(frozen=True, slots=True)
class Service:
    """bot.yaml. `on_*`: the flow that each of three global words opens, or that follows a case ("" = none). `sets`: choice sets by name."""

    name: str
    org: str
    handle: str
    source: str
    languages: tuple[str, ...]
    first: str
    on_menu: str
    on_human: str
    on_privacy: str
    stage: Literal["trial", "live"]
    sets: Mapping[str, tuple[Choice, ...]]
    countries: Mapping[str, Country]
    hours: tuple[PartOfDay, ...]
    silence: Silence
    keep: Keep
    limits: Limits
    on_follow_up: str = ""
