"""What changed in the files beside flows: contacts, teams, words, settings, sources, replies.

Rule 1: every place that differs gives a change, said of the thing it belongs to; a file of another form is said key by key.
"""

from collections.abc import Iterator
from typing import Final

from bot.flow.tree import Plain
from bot.studio.comparing.changes import Area, Called, Change, Value, Words, listed, stripped
from bot.studio.comparing.naming import Names
from bot.studio.comparing.settings_said import field, value
from bot.studio.comparing.textdiff import Texts
from bot.studio.comparing.treediff import Diff, diffs, words_changed
from bot.studio.editing.edits import Path

FILES: Final[dict[str, Area]] = {
    "flows/bot.yaml": "settings",
    "flows/words.yaml": "words",
    "flows/directory.yaml": "contacts",
    "flows/teams.yaml": "teams",
    "flows/sources.yaml": "sources",
    "flows/replies.yaml": "replies",
}
_TEXTS_OF_CONTACT: Final = ("name", "who-answers", "may-follow", "cost")


class ServiceDiff:
    """The differences of one of those files."""

    def __init__(self, before: Names, after: Names, file: str, texts: Texts) -> None:
        self._before, self._after, self._file, self._texts = before, after, file, texts

    def changes(self, old: Plain, new: Plain) -> Iterator[Change]:
        """Every change between the two trees of the file."""
        for diff in diffs(old, new):
            yield from self._told(diff)

    def _told(self, diff: Diff) -> Iterator[Change]:
        id_ = text_id(self._file, diff.path)
        if id_ and self._is_text(diff):
            yield from self._texts.rest([id_])
            return
        yield self._order(diff) if diff.kind == "order" else self._said(diff)

    def _is_text(self, diff: Diff) -> bool:
        """Whether the place holds a text that people read, which is told as one."""
        if not all(isinstance(side, str | None) for side in (diff.before, diff.after)):
            return False
        id_ = text_id(self._file, diff.path)
        same = isinstance(diff.before, str) and isinstance(diff.after, str) and stripped(diff.before) == stripped(diff.after)
        return same or bool(self._texts.waiting(id_)) or id_ in self._texts.told

    def _said(self, diff: Diff) -> Change:
        area = FILES[self._file]
        match area, diff.path:
            case "contacts" | "teams" | "replies", ("contacts" | "teams" | "replies", id_):
                return self._whole(area, id_, diff)
            case "contacts" | "teams" | "replies", ("contacts" | "teams" | "replies", id_, *_):
                return self._part(area, id_, diff)
            case "teams", ("calendar", code, *_):
                return self._of("calendar", self._after.country(code), diff, diff.path[2:])
            case "words", _:
                return self._words(diff)
            case "sources", ("sources",):
                return self._list(Words("difference.list.sources"), diff)
            case _:
                return self._setting(diff)

    # ── whole things ──
    def _whole(self, area: Area, id_: str, diff: Diff) -> Change:
        names = self._after if diff.after is not None else self._before
        side = "added" if diff.before is None else "removed" if diff.after is None else "other"
        belongs = f"{'directory' if area == 'contacts' else area}.{id_}"
        values: dict[str, Value] = {"name": _called(area, id_, names)}
        if area == "contacts":
            there = diff.after if diff.after is not None else diff.before
            values["number"] = value(("phone",), (there.get("phone") if isinstance(there, dict) else None) or None, names)
        says = Words(f"difference.{area}-{side}", values)
        return Change(says=says, area=area, file=self._file, path=diff.path, texts=self._texts.take(*self._texts.waiting(belongs)))

    # ── parts of things ──
    def _part(self, area: Area, id_: str, diff: Diff) -> Change:
        name, key = _called(area, id_, self._after), diff.path[2]
        if area == "contacts" and len(diff.path) == 3 and key in ("phone", "expires", "verified-by", "verified-on"):
            kind = "removed" if diff.after is None else "added" if diff.before is None else "changed"
            return self._change(Words(f"difference.contact.{key}.{kind}", {"name": name, **self._both(diff)}), diff)
        return self._of(area, name, diff, diff.path[2:])

    def _of(self, kind: str, name: Value, diff: Diff, within: Path) -> Change:
        says = Words(f"difference.{kind}-field", {"name": name, "field": self._field(within), **self._both(diff)})
        return self._change(says, diff)

    def _field(self, within: Path) -> Value:
        """What a key of a thing is called; hours stand by country."""
        code = next((part for part in within if len(part) == 2 and part.isupper()), "")
        told = field(tuple(part for part in within if part != code))
        return Words("difference.field.in", {"field": told, "country": self._after.country(code)}) if code else told

    def _both(self, diff: Diff) -> dict[str, Value]:
        return {"value": value(diff.path, diff.after, self._after), "was": value(diff.path, diff.before, self._before)}

    def _setting(self, diff: Diff) -> Change:
        if isinstance(diff.before, list) and isinstance(diff.after, list):
            return self._list(field(diff.path), diff)
        says = Words("difference.setting", {"field": self._field(diff.path), **self._both(diff)})
        return self._change(says, diff)

    # ── words that people type ──
    def _words(self, diff: Diff) -> Change:
        match diff.path:
            case ("danger", group, key, *_) if key not in ("words", "unless"):
                return self._of("danger", Called(group), diff, diff.path[2:])
            case ("danger", group):
                side = "added" if diff.before is None else "removed" if diff.after is None else "other"
                return self._change(Words(f"difference.danger-{side}", {"group": Called(group)}), diff)
            case _:
                what = self._words_of(diff.path)
                return self._setting(diff) if what is None else self._list(what, diff)

    def _words_of(self, path: Path) -> "Value | None":
        match path:
            case ("global", name, *_):
                return Words("difference.list.global", {"word": Words(f"difference.global.{name}")})
            case ("danger", group, kind, *_):
                return Words(f"difference.list.danger-{kind}", {"group": Called(group)})
            case ("answers", key, *_):
                return Words("difference.list.answers", {"choice": self._after.choice("", "", key)})
            case ("filler",):
                return Words("difference.list.filler")
            case _:
                return None

    def _list(self, what: Value, diff: Diff) -> Change:
        gone, new = words_changed(_flat(diff.before), _flat(diff.after))
        values: dict[str, Value] = {"list": what, "new": _quoted(new), "gone": _quoted(gone)}
        kind = "both" if gone and new else "new" if new else "gone" if gone else "order"
        return self._change(Words(f"difference.list-{kind}", values), diff)

    def _order(self, diff: Diff) -> Change:
        where: Value = field(diff.path) if diff.path else Words("difference.file", {"file": self._file})
        order = diff.after if isinstance(diff.after, list) else []
        names = [self._after.contact(str(item)) if diff.path == ("contacts",) else Called(str(item)) for item in order[:12]]
        return self._change(Words("difference.order", {"list": where, "value": listed(names)}), diff)

    def _change(self, says: Words, diff: Diff) -> Change:
        return Change(says=says, area=FILES[self._file], file=self._file, path=diff.path)


def text_id(file: str, path: Path) -> str:
    """The id of the text that stands at a path of one of these files; empty if none does."""
    match file, path:
        case "flows/bot.yaml", _:
            return _bot_id(path)
        case "flows/teams.yaml", ("teams", id_, "name"):
            return f"teams.{id_}:name"
        case "flows/directory.yaml", ("contacts", id_, key) if key in _TEXTS_OF_CONTACT:
            return f"directory.{id_}:{key}"
        case "flows/replies.yaml", ("replies", id_, "title" | "text" as key):
            return f"replies.{id_}:title" if key == "title" else f"replies.{id_}"
        case _:
            return ""


def _bot_id(path: Path) -> str:
    match path:
        case ("name" | "org" as key,) | ("texts", key):
            return f"bot.{key}"
        case ("answers", name, key):
            return f"answers.{name}.{key}"
        case ("parts-of-day", part):
            return f"hours.{part}"
        case ("countries", code, "name"):
            return f"countries.{code}"
        case ("countries", code, "places", place):
            return f"countries.{code}.{place}"
        case _:
            return ""


def _called(area: Area, id_: str, names: Names) -> Value:
    if area == "contacts":
        return names.contact(id_)
    return names.team(id_) if area == "teams" else names.text(f"replies.{id_}:title", id_)


def _flat(node: "Plain | None") -> list[Plain]:
    """Every word anywhere in it."""
    if isinstance(node, dict):
        return [word for part in node.values() for word in _flat(part)]
    if isinstance(node, list):
        return [word for part in node for word in _flat(part)]
    return [] if node is None else [node]


def _quoted(words: tuple[str, ...]) -> Value:
    most = 12
    told: list[Value] = [Words("difference.quoted", {"word": Called(word)}) for word in words[:most]]
    if len(words) > most:
        told.append(Words("difference.more", {"n": len(words) - most}))
    return listed(told)
