"""Opening hours as a week: what a person who sets them sees, seven days with periods, and how a file writes them.

Rule 1: a week that says the same leaves what stands in the file as it stands.
Rule 2: days with the same periods that follow each other are one row, as an author would write it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.flow.language import DAYS
from bot.flow.spans import days_of, periods_of
from bot.flow.teams import Opening
from bot.flow.tree import Plain
from bot.studio.files.signs import LATIN_DIGITS

_BETWEEN = re.compile(r"\s*(?:[–—−]|\bto\b|\bà\b|إلى)\s*|\s*-\s*")
_HOUR = re.compile(r"(?<![0-9:])([0-9]{1,2})(?:[hH:.]([0-9]{2})?|\s[hH](?:\s([0-9]{2})(?!\s?[hH:]))?)?(?![0-9])")


def week_of(rows: "Plain | None") -> dict[str, str]:
    """Give day → periods (`08:30-12:30 13:30-17:00`) of rows as a file has them; a day that no row names is not in it."""
    week: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else ():
        days, periods = (row.get("days"), row.get("open")) if isinstance(row, dict) else (None, None)
        if not isinstance(days, str) or not isinstance(periods, str):
            continue
        try:
            named = days_of(days)
        except ValueError:
            continue
        for day in sorted(named):
            week[DAYS[day]] = f"{week[DAYS[day]]} {periods}" if DAYS[day] in week else " ".join(periods.split())
    return {day: week[day] for day in DAYS if day in week}


def tidied(written: str) -> str:
    """Give periods as files have them, out of `8h30 – 12h30, 13:30-17` and the like; raises `ValueError` if they are none."""
    text = _BETWEEN.sub("-", written.translate(LATIN_DIGITS).replace(",", " ").replace("،", " ").replace(";", " "))
    text = _HOUR.sub(lambda found: f"{int(found[1]):02d}:{found[2] or found[3] or '00'}", text)
    text = re.sub(r"\s*-\s*", "-", " ".join(text.split()))
    if text:
        periods_of(text)
    return text


def tidied_or_same(written: str) -> str:
    """Give periods as files have them; what are none as it was written."""
    try:
        return tidied(written)
    except ValueError:
        return written


def is_hours(written: str) -> bool:
    """Whether these are periods, or nothing."""
    try:
        return bool(tidied(written)) or not written
    except ValueError:
        return False


def rows_of(week: Mapping[str, str], was: "Plain | None" = None) -> list[Any]:
    """Give the rows of a week, in tidy periods; `was` itself where it says the same."""
    if isinstance(was, list) and week_of(was) == {day: week[day] for day in DAYS if week.get(day)}:
        return was
    first = _first(week)
    order = [DAYS[(first + ahead) % 7] for ahead in range(7)]
    rows: list[dict[str, str]] = []
    spans: list[list[str]] = []
    for day in order:
        periods = week.get(day, "")
        if not periods:
            continue
        before = order[order.index(day) - 1] if order.index(day) else ""
        if spans and rows[-1]["open"] == periods and spans[-1][-1] == before:
            spans[-1].append(day)
        else:
            rows.append({"days": "", "open": periods})
            spans.append([day])
    for row, span in zip(rows, spans, strict=True):
        row["days"] = span[0] if len(span) == 1 else f"{span[0]}-{span[-1]}"
    return rows


def _first(week: Mapping[str, str]) -> int:
    """The day on which a week begins: the first open one after a closed one, so that days off do not cut a row."""
    opened = [bool(week.get(day)) for day in DAYS]
    return next((n for n in range(7) if opened[n] and not opened[n - 1]), 0)


def openings(week: Mapping[str, str]) -> tuple[Opening, ...]:
    """Give the week as the calendar reads it; raises `ValueError`."""
    return tuple(Opening(frozenset({DAYS.index(day)}), periods_of(periods)) for day, periods in week.items() if periods)


def strips(week: Mapping[str, str]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Give day → (begin, end) of each period in minutes, for drawing; one that passes midnight is cut there and goes on the next day."""
    drawn: dict[str, list[tuple[int, int]]] = {day: [] for day in DAYS}
    for day, periods in week.items():
        try:
            spans: Sequence[tuple[int, int]] = periods_of(periods) if periods else ()
        except ValueError:
            continue
        for since, until in spans:
            drawn[day].append((since, until if until > since else 24 * 60))
            if until < since and until:
                drawn[DAYS[(DAYS.index(day) + 1) % 7]].append((0, until))
    return {day: tuple(sorted(spans)) for day, spans in drawn.items()}
