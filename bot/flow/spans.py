"""Times as authors write them: `30 minutes`, `08:30-12:30 13:30-17:00`, `sun-thu`, `2026-11-20`.

Rule 1: every reader here gives a value or raises `ValueError` with a sentence for the author.
"""

import re
from datetime import date
from typing import Final

from bot.flow.language import DAYS

_MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}
_SPAN = re.compile(r"([1-9][0-9]{0,3}) (minute|hour|day)s?")
_PERIOD = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_DAY: Final = 24 * 60


def minutes_of(text: str) -> int:
    """Minutes of `30 minutes`, `24 hours`, `7 days`."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("a time is written as 30 minutes, 24 hours or 7 days")
    return int(found[1]) * _MINUTES[found[2]]


def period_of(text: str) -> tuple[int, int]:
    """(Since, until) of `08:30-12:30` in minutes after midnight; until may be 24:00, or smaller than since: it passes midnight."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError("hours are written as 08:30-12:30")
    since, until = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if since >= _DAY or until > _DAY or since == until:
        raise ValueError("hours go from 00:00 to 24:00")
    return since, until


def periods_of(text: str) -> tuple[tuple[int, int], ...]:
    """The periods of one day, `08:30-12:30 13:30-17:00`: in order, none of them inside another; only the last may pass midnight."""
    periods = tuple(period_of(part) for part in text.split())
    if not periods:
        raise ValueError("hours are written as 08:30-12:30 13:30-17:00")
    for number, (since, until) in enumerate(periods):
        last = number == len(periods) - 1
        if (until < since and not last) or (not last and periods[number + 1][0] < until):
            raise ValueError("the hours of a day stand in order, one after another")
    return periods


def days_of(text: str) -> frozenset[int]:
    """Days 0 (Monday) to 6 of `sun-thu` or `fri`; `sat-fri` is all: days run forwards round the week."""
    first, dash, last = text.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise ValueError(f"days are written as sun-thu or fri: {' '.join(DAYS)}")
    since = DAYS.index(first)
    length = (DAYS.index(last or first) - since) % 7
    return frozenset((since + step) % 7 for step in range(length + 1))


def date_of(text: str) -> date:
    """The day of `2026-11-20`."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-20") else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> date:
    raise ValueError("a day is written as 2026-11-20")
