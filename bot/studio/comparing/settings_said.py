"""Keys of the files and what stands at them, as people say them: *opening hours*, *Sunday to Thursday 08:30–12:30*, *30 minutes*.

Rule 1: a key or a value that is not known here is said as it is written, never left out.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.flow.language import DAYS
from bot.flow.tree import Plain
from bot.studio.comparing.changes import Called, Value, Words, listed
from bot.studio.comparing.naming import Names
from bot.studio.editing.edits import Path

FIELDS: Final = frozenset(
    (
        "title", "sensitive", "only-from", "flow", "steps", "text", "listen", "source", "label", "skip", "once", "private", "heard",
        "otherwise", "help", "choices", "many", "number", "date", "country", "place", "hours", "language", "free", "need", "max", "none",
        "to", "shows", "no", "keep", "with", "urgency", "after", "set", "forget", "in", "from", "list", "rows", "if", "go", "call",
        "name", "needs", "phone", "whatsapp", "email", "address", "places", "languages", "cost", "who-answers", "may-follow",
        "source-date", "expires", "verified-by", "verified-on", "accepts", "first-answer", "alert", "same-person", "ramadan", "weekend",
        "holidays", "org", "handle", "first", "shared", "stage", "zone", "ask-still-safe", "forget-after", "case", "route", "messages",
        "sentences", "words", "preview", "say-in-a-row", "promise", "not-first", "menu", "human", "privacy", "follow-up", "leave",
        "unless", "days", "open", "silence", "limits", "wording", "on", "calendar", "teams", "contacts", "replies", "sources", "global",
        "danger", "answers", "countries", "texts", "filler", "parts-of-day", "fear-first", "asks", "leads", "flows",
    )
)  # fmt: skip
"""Keys that have a word for them, `difference.field.<key>`."""
_FLAGS: Final = frozenset({"sensitive", "listen", "skip", "once", "private", "heard", "many", "place", "language", "leave"})
_SPAN: Final = re.compile(r"([1-9][0-9]{0,3}) (minute|hour|day)s?")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_SAID: Final[dict[str, frozenset[str]]] = {
    "urgency": frozenset({"normal", "high", "now"}),
    "stage": frozenset({"trial", "live"}),
    "same-person": frozenset({"reopen", "new"}),
    "forget": frozenset({"answers", "reminders", "everything"}),
    "hours": frozenset({"always", "unknown"}),
}


def field(path: Path) -> Value:
    """What a key is called: the last key of the path that is a word, and the key it stands in if that says more."""
    keys = [key for key in path if not key.startswith(("#", "@"))]
    if not keys:
        return Words("difference.field.list")
    told = _field("forget-after" if keys[-2:] == ["silence", "forget"] else keys[-1])
    within = [key for key in keys[:-1] if key in FIELDS and key not in ("steps", "list", "rows")]
    return Words("difference.field.within", {"field": told, "outer": _field(within[-1])}) if within else told


def _field(key: str) -> Value:
    return Words(f"difference.field.{key}") if key in FIELDS else Called(key)


def value(path: Path, there: "Plain | None", names: Names, flow: str = "") -> Value:
    """What stands at a path, in words; nothing is *nothing*."""
    key = next((part for part in reversed(path) if not part.startswith(("#", "@"))), "")
    match there:
        case None:
            return Words("difference.nothing")
        case str():
            return _word(key, there, names, flow)
        case list():
            return _several(key, there, names, flow)
        case dict():
            return _table(there, names, flow)


def _word(key: str, word: str, names: Names, flow: str) -> Value:
    if key in _FLAGS and word in ("yes", "no"):
        return Words(f"difference.{word}")
    if word in _SAID.get(key, ()):
        return Words(f"difference.{key}.{word}")
    if spanned := _SPAN.fullmatch(word):
        return Words(f"difference.{spanned[2]}s", {"n": int(spanned[1])})
    if day := _DAY.fullmatch(word):
        return Called(f"{day[3]}/{day[2]}/{day[1]}")
    if key in ("days", "weekend"):
        return _days(word)
    return _named(key, word, names, flow) or (Called(word) if word else Words("difference.nothing"))


def _named(key: str, word: str, names: Names, flow: str) -> "Value | None":
    """The name of what the word is an id of."""
    match key:
        case "country":
            return Words(f"difference.country.{word}") if word in ("here", "any") else names.country(word)
        case "languages":
            return Words(f"difference.tongue.{word}") if word in ("ar", "fr", "en") else None
        case "shows" | "set" | "shared":
            return names.answer(flow, word)
        case "to":
            return _receiver(word, names)
        case "go" | "call" | "no" | "otherwise" | "after":
            return names.target(flow, word)
        case "only-from" | "first" | "menu" | "human" | "privacy" | "follow-up" | "flow" if word in names.draft.flows:
            return names.flow(word)
        case _:
            return None


def _receiver(word: str, names: Names) -> "Value | None":
    if names.draft.teams is not None and word in names.draft.teams.teams:
        return names.team(word)
    if names.draft.directory is not None and word in names.draft.directory.contacts:
        return names.contact(word)
    return Words(f"difference.to.{word}") if word in ("me", "second-line", "on-call") else None


def _several(key: str, items: Sequence[Plain], names: Names, flow: str) -> Value:
    return listed([value((key,), item, names, flow) for item in items])


def _table(table: dict[str, Plain], names: Names, flow: str) -> Value:
    if set(table) == {"days", "open"} and isinstance(table["days"], str):
        return Words("difference.opening", {"days": _days(table["days"]), "hours": Called(str(table["open"]))})
    if set(table) == {"after", "to"} and isinstance(table["after"], str):
        return Words("difference.alert", {"time": _word("in", table["after"], names, flow), "to": value(("to",), table["to"], names, flow)})
    if set(table) == {"from", "to"}:
        return Words("difference.span", {"since": Called(str(table["from"])), "until": Called(str(table["to"]))})
    pairs = [(_field(name), value((name,), item, names, flow)) for name, item in table.items()]
    return listed([Words("difference.pair", {"key": name, "value": told}) for name, told in pairs])


def _days(word: str) -> Value:
    first, dash, last = word.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        return Called(word)
    since = Words(f"difference.day.{first}")
    return Words("difference.day-range", {"first": since, "last": Words(f"difference.day.{last}")}) if dash else since
