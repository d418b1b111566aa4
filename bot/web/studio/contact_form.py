"""The form of one contact: what it shows of a row, and which edits make the row what was written.

Rule 1: a field that was not touched is not written; one that another changed meanwhile is a clash, and both stay readable.
Rule 2: what cannot be is said at its field, in words, and nothing that was typed is lost.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
from starlette.datastructures import FormData

from bot.flow.language import DAYS
from bot.studio.editing.edits import Edit, SetText, SetValue
from bot.studio.files.signs import LATIN_DIGITS
from bot.studio.showing.listing import DIRECTORY, HOLDS, SAID, Listing, Row
from bot.studio.showing.week import is_hours, rows_of, tidied_or_same, week_of

_NUMBER = re.compile(r"\+?[0-9][0-9 ]{0,24}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST = 600
"""Characters of one text of a contact."""
LINES = ("phone", "whatsapp", "email")
TICKED = ("needs", "places", "languages")
UNTICKED = (*TICKED, "accepts")
"""Fields of which a browser sends nothing when nothing is ticked."""
SHORT = ("country", "source", "source-date", "expires", "address")
MUST = ("country", "needs", "languages", "source", "source-date", "expires")


def blank(listed: Listing, today: date) -> dict[str, str]:
    """Give the fields of a contact that is not there yet."""
    fields = {f"{key}.{code}": "" for key in SAID for code in listed.languages}
    fields |= dict.fromkeys((*LINES, *TICKED, *SHORT), "") | {f"day.{day}": "" for day in DAYS}
    return {
        **fields, "country": next(iter(listed.countries), ""), "languages": " ".join(listed.languages[1:] or listed.languages),
        "hours": "unknown", "accepts": "", "source-date": today.isoformat(), "expires": (today + timedelta(days=HOLDS)).isoformat(),
    }  # fmt: skip


def fields_of(row: Row, listed: Listing) -> dict[str, str]:
    """Give every field of a row as the form has it: name → text."""
    hours = row.is_.get("hours", "unknown")
    week = week_of(hours)
    fields = {f"{key}.{code}": row.texts[key].says.get(code, "") for key in SAID for code in listed.languages}
    fields |= {key: "\n".join(row.several(key)) for key in LINES} | {key: " ".join(row.several(key)) for key in TICKED}
    fields |= {key: row.one(key) for key in SHORT} | {f"day.{day}": week.get(day, "") for day in DAYS}
    return {**fields, "hours": hours if isinstance(hours, str) else "days", "accepts": "referral" if row.several("accepts") else ""}


def fields_from(form: FormData, names: Mapping[str, str]) -> dict[str, str]:
    """Give what was written; a field that did not come at all (half a page) stays as it was. `names`: each with its value now."""
    fields = {}
    for name, now in names.items():
        given = _ticked([str(each) for each in form.getlist(name)], now.split()) if name in TICKED else str(form.get(name, ""))
        written = "\n".join(line.strip() for line in given.replace("\r", "").strip().split("\n"))[: 4 * LONGEST]
        fields[name] = written if name in form or name in UNTICKED else now
    for name in LINES:
        fields[name] = "\n".join(line for line in fields[name].translate(LATIN_DIGITS).split("\n") if line)
    return fields


def _ticked(chosen: list[str], now: list[str]) -> str:
    """What is ticked, in the order of the file; what is new comes last."""
    return " ".join([*(each for each in now if each in chosen), *(each for each in chosen if each not in now)])


def faults(fields: Mapping[str, str], source: str) -> dict[str, str]:
    """Give what cannot be: field → the id of what is wrong with it."""
    wrong = {key: "must" for key in MUST if not fields[key]}
    wrong |= {f"{key}.{source}": "must" for key in SAID if not fields[f"{key}.{source}"]}
    wrong |= {name: "long" for name, text in fields.items() if len(text) > LONGEST}
    wrong |= {key: "number" for key in ("phone", "whatsapp") if not all(_NUMBER.fullmatch(each) for each in _lines(fields[key]))}
    if not all(_MAIL.fullmatch(each) for each in _lines(fields["email"])):
        wrong["email"] = "mail"
    wrong |= {key: "date" for key in ("expires",) if fields[key] and not _is_day(fields[key])}
    if fields["hours"] == "days":
        wrong |= {f"day.{day}": "hours" for day in DAYS if not is_hours(fields[f"day.{day}"])}
        if not any(fields[f"day.{day}"] for day in DAYS):
            wrong["hours"] = "no-day"
    return wrong


def edits_for(id_: str, fields: Mapping[str, str], seen: Mapping[str, str], row: Row, listed: Listing) -> list[Edit]:
    """Give the edits of the fields that are not what their author saw. `row`: as it is now, for what the form shows in another shape."""
    changed = {name for name, text in fields.items() if text != seen.get(name, "")}
    texts = ((key, code, f"{key}.{code}") for key in SAID for code in listed.languages)
    edits: list[Edit] = [
        SetText(f"directory.{id_}:{key}", code, fields[name], seen.get(name, "")) for key, code, name in texts if name in changed
    ]
    for key in (*LINES, *TICKED, *SHORT):
        if key in changed:
            shape = row.is_.get(key)
            edits.append(_set(id_, key, _value(key, fields, shape), _value(key, seen, shape)))
    if changed & {"hours", *(f"day.{day}" for day in DAYS)}:
        edits.append(_set(id_, "hours", _hours(fields, row), _hours(seen, row)))
    if "accepts" in changed:
        edits.append(_set(id_, "accepts", fields["accepts"] or None, row.is_.get("accepts")))
    return edits


def added(id_: str, fields: Mapping[str, str], listed: Listing) -> list[Edit]:
    """Give the edits that put a new contact into the directory."""
    source, tongues = listed.languages[0], listed.languages[1:]
    whole: dict[str, Any] = {"name": fields[f"name.{source}"], "country": fields["country"], "needs": fields["needs"].split()}
    whole |= {key: _lines(fields[key]) for key in LINES if fields[key] or key == "phone"}
    whole |= {"address": fields["address"]} if fields["address"] else {}
    whole |= {"places": fields["places"].split()} if fields["places"] else {}
    whole |= {"languages": fields["languages"].split(), "hours": _hours(fields, None)}
    whole |= {key: fields[f"{key}.{source}"] for key in SAID[3:] + SAID[1:3]}
    whole |= {key: fields[key] for key in ("source", "source-date", "expires")} | ({"accepts": "referral"} if fields["accepts"] else {})
    texts = [
        SetText(f"directory.{id_}:{key}", code, fields[f"{key}.{code}"], "") for key in SAID for code in tongues if fields[f"{key}.{code}"]
    ]
    return [SetValue(DIRECTORY, ("contacts", id_), whole, None), *texts]


def seen_of(form: FormData) -> dict[str, str]:
    """Give the fields as the author saw them; nothing if the form lost them."""
    try:
        return msgspec.json.decode(str(form.get("seen", "{}")), type=dict[str, str])
    except msgspec.MsgspecError:
        return {}


def packed(fields: Mapping[str, str]) -> str:
    """Give the fields as the form carries them."""
    return msgspec.json.encode(fields).decode()


def _set(id_: str, key: str, value: Any, was: Any) -> SetValue:
    return SetValue(DIRECTORY, ("contacts", id_, key), value, was)


def _value(key: str, fields: Mapping[str, str], shape: Any) -> Any:
    """What the file has for a field: one or several, as it stood."""
    text = fields.get(key, "")
    if key in LINES:
        several = _lines(text)
        return (
            [] if not several and key == "phone" else (several or None) if len(several) != 1 or not isinstance(shape, str) else several[0]
        )
    if key in TICKED:
        return text.split() or (None if key == "places" else [])
    return text or None


def _hours(fields: Mapping[str, str], row: Row | None) -> Any:
    if fields.get("hours") != "days":
        return fields.get("hours", "unknown")
    was = row.is_.get("hours") if row is not None else None
    return rows_of({day: tidied_or_same(fields.get(f"day.{day}", "")) for day in DAYS}, was)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
