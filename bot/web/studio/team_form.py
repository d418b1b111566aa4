"""The form of one team and of a country's calendar: what it shows, and which edits make the file what was written.

Rule 1: a field that was not touched is not written; hours that say the same leave their rows as they stand.
Rule 2: what cannot be is said at its field, and nothing that was typed is lost.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from bot.flow.language import DAYS
from bot.flow.spans import date_of, minutes_of
from bot.studio.editing.edits import Edit, SetText, SetValue
from bot.studio.files.signs import LATIN_DIGITS
from bot.studio.showing.hours import TEAMS, Roster, TeamRow
from bot.studio.showing.week import is_hours, rows_of, tidied_or_same
from bot.web.studio.frame import day_of

ALERTS = 4
"""Steps of an alert that the form has room for."""
KINDS = ("hours", "ramadan")
_DATE = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")


def fields_of(team: TeamRow | None, roster: Roster) -> dict[str, str]:
    """Give every field of a team as the form has it: name → text; of none, those of a new team."""
    said = team.name.says if team is not None else {}
    fields = {f"name.{code}": said.get(code, "") for code in roster.languages}
    fields |= {"languages": " ".join(team.several("languages") if team is not None else roster.languages)}
    fields |= _times("first", team.one("first-answer") if team is not None else "1 hour")
    fields["same-person"] = (team.one("same-person") if team is not None else "") or "reopen"
    alerts = team.alerts() if team is not None else ()
    for n in range(ALERTS):
        after, to = alerts[n] if n < len(alerts) else ("", "")
        fields |= {**_times(f"alert.{n}", after), f"alert.{n}.to": to}
    for kind in KINDS:
        weeks = (team.weeks if kind == "hours" else team.ramadan) if team is not None else {}
        for country in roster.countries:
            week = weeks.get(country, {})
            fields |= {f"{kind}.{country}.{day}": week.get(day, "") for day in DAYS}
    return fields


def fields_from(form: FormData, now: Mapping[str, str]) -> dict[str, str]:
    """Give what was written; a field that did not come at all stays as it was."""
    fields = {name: " ".join(str(form[name]).split())[:600] if name in form else text for name, text in now.items()}
    chosen = [str(each) for each in form.getlist("languages")]
    before = now["languages"].split()
    fields["languages"] = " ".join([*(each for each in before if each in chosen), *(each for each in chosen if each not in before)])
    return fields


def faults(fields: Mapping[str, str], roster: Roster) -> dict[str, str]:
    """Give what cannot be: field → the id of what is wrong with it."""
    wrong = {name: "must" for name in (f"name.{roster.languages[0]}", "languages") if not fields[name]}
    if _time("first", fields) is None:
        wrong["first"] = "time"
    for n in range(ALERTS):
        if bool(fields[f"alert.{n}.n"]) != bool(fields[f"alert.{n}.to"]) or (
            fields[f"alert.{n}.n"] and _time(f"alert.{n}", fields) is None
        ):
            wrong[f"alert.{n}"] = "alert"
    wrong |= {name: "hours" for name in fields if name.split(".")[0] in KINDS and not is_hours(fields[name])}
    return wrong


def edits_for(id_: str, fields: Mapping[str, str], seen: Mapping[str, str], team: TeamRow, roster: Roster) -> list[Edit]:
    """Give the edits of what is not as its author saw it."""
    changed = {name for name, text in fields.items() if text != seen.get(name, "")}
    edits: list[Edit] = [
        SetText(f"teams.{id_}:name", code, fields[f"name.{code}"], seen.get(f"name.{code}", ""))
        for code in roster.languages
        if f"name.{code}" in changed
    ]
    if "languages" in changed:
        edits.append(_set(id_, "languages", fields["languages"].split(), seen.get("languages", "").split()))
    if changed & {"first.n", "first.unit"}:
        edits.append(_set(id_, "first-answer", _time("first", fields), team.is_.get("first-answer")))
    if "same-person" in changed:
        edits.append(_set(id_, "same-person", fields["same-person"], team.is_.get("same-person")))
    if any(name.startswith("alert.") for name in changed):
        edits.append(_set(id_, "alert", _alerts(fields) or None, team.is_.get("alert")))
    return [*edits, *_weeks(id_, fields, changed, team, roster)]


def _weeks(id_: str, fields: Mapping[str, str], changed: set[str], team: TeamRow, roster: Roster) -> list[Edit]:
    edits: list[Edit] = []
    for kind in KINDS:
        stood = team.is_.get(kind)
        kept: dict[str, Any] = stood if isinstance(stood, dict) else {}
        mine = {country: _rows(kind, country, fields, kept.get(country)) for country in roster.countries}
        touched = [country for country in roster.countries if any(f"{kind}.{country}.{day}" in changed for day in DAYS)]
        if not kept and any(mine[country] for country in touched):
            edits.append(_set(id_, kind, {country: rows for country, rows in mine.items() if rows}, stood))
        elif touched and kept and not any(mine.get(country, rows) for country, rows in kept.items()) and kind == "ramadan":
            edits.append(_set(id_, kind, None, stood))
        elif kept:
            edits += [
                SetValue(TEAMS, ("teams", id_, kind, country), mine[country] or None, kept.get(country))
                for country in touched
                if (mine[country] or None) != kept.get(country)
            ]
    return edits


def added(id_: str, fields: Mapping[str, str], roster: Roster) -> list[Edit]:
    """Give the edits that make a new team."""
    source, tongues = roster.languages[0], roster.languages[1:]
    whole: dict[str, Any] = {"name": fields[f"name.{source}"], "languages": fields["languages"].split()}
    for kind in KINDS:
        weeks = {country: rows for country in roster.countries if (rows := _rows(kind, country, fields, None))}
        whole |= {kind: weeks} if weeks or kind == "hours" else {}
    whole |= {"first-answer": _time("first", fields) or "1 hour"}
    whole |= {"alert": _alerts(fields)} if _alerts(fields) else {}
    whole["same-person"] = fields["same-person"]
    named = [SetText(f"teams.{id_}:name", code, fields[f"name.{code}"], "") for code in tongues if fields[f"name.{code}"]]
    return [SetValue(TEAMS, ("teams", id_), whole, None), *named]


# ── calendars ──
def calendar_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Give the fields of a country's calendar."""
    spans = [
        f"{day_of(str(each.get('from', '')))} – {day_of(str(each.get('to', '')))}"
        for each in row.get("ramadan", ())
        if isinstance(each, dict)
    ]
    days = [day_of(each) for each in row.get("holidays", ()) if isinstance(each, str)]
    weekend = [each for each in row.get("weekend", ()) if isinstance(each, str)]
    return {"weekend": " ".join(weekend), "ramadan": "\n".join(spans), "holidays": "\n".join(days)}


def calendar_from(form: FormData) -> dict[str, str]:
    """Give what was written."""
    lines = {
        name: "\n".join(found for each in str(form.get(name, "")).splitlines() if (found := " ".join(each.split())))
        for name in ("ramadan", "holidays")
    }
    return {**lines, "weekend": " ".join(day for day in DAYS if day in form.getlist("weekend"))}


def calendar_edits(country: str, fields: Mapping[str, str], row: Mapping[str, Any]) -> list[Edit]:
    """Give the edits of a country's calendar; raises `ValueError` with the line that is no day."""
    days = [_day(line) for line in fields["holidays"].split("\n") if line]
    spans = []
    for line in (each for each in fields["ramadan"].split("\n") if each):
        ends = [part for part in re.split(r"\s*(?:–|—|\s-\s|\bà\b|إلى)\s*", line.translate(LATIN_DIGITS)) if part]
        if len(ends) != 2 or _day(ends[1]) < _day(ends[0]):
            raise ValueError(line)
        spans.append({"from": _day(ends[0]), "to": _day(ends[1])})
    values: Mapping[str, Any] = {"weekend": fields["weekend"].split(), "ramadan": spans, "holidays": sorted(days)}
    if not row:
        return [SetValue(TEAMS, ("calendar", country), {key: value for key, value in values.items() if value}, None)]
    before = calendar_of(row)
    return [
        SetValue(TEAMS, ("calendar", country, key), value or None, row.get(key))
        for key, value in values.items()
        if (sorted(fields[key].split()) if key == "weekend" else fields[key])
        != (sorted(before[key].split()) if key == "weekend" else before[key])
    ]


def _day(text: str) -> str:
    found = _DATE.fullmatch(text.translate(LATIN_DIGITS).strip())
    iso = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else text.translate(LATIN_DIGITS).strip()
    try:
        return date_of(iso).isoformat()
    except ValueError:
        raise ValueError(text) from None


# ── small things ──
def _set(id_: str, key: str, value: Any, was: Any) -> SetValue:
    return SetValue(TEAMS, ("teams", id_, key), value, was)


def _times(name: str, text: str) -> dict[str, str]:
    count, _, unit = text.partition(" ")
    return {f"{name}.n": count, f"{name}.unit": unit.removesuffix("s") or "minute"}


def _time(name: str, fields: Mapping[str, str]) -> str | None:
    count, unit = fields[f"{name}.n"].translate(LATIN_DIGITS), fields[f"{name}.unit"]
    text = f"{count} {unit}{'' if count == '1' else 's'}"
    try:
        return text if minutes_of(text) else None
    except ValueError:
        return None


def _alerts(fields: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"after": _time(f"alert.{n}", fields) or "", "to": fields[f"alert.{n}.to"]} for n in range(ALERTS) if fields[f"alert.{n}.to"]]


def _rows(kind: str, country: str, fields: Mapping[str, str], was: Any) -> list[Any]:
    return rows_of({day: tidied_or_same(fields[f"{kind}.{country}.{day}"]) for day in DAYS}, was)
