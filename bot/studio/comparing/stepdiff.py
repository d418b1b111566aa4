"""What changed in one step: its words, choices, ways, conditions, rows, pages and settings.

Rule 1: every key that differs gives a change; a key that is not known here is said as it is written.
"""

from collections.abc import Iterator

from bot.flow.draft import DraftStep
from bot.flow.tree import Plain, plain
from bot.studio.comparing.changes import Beside, Change, Value, Words, listed, stripped
from bot.studio.comparing.conditions_said import condition
from bot.studio.comparing.naming import Names
from bot.studio.comparing.rowsdiff import row_changes
from bot.studio.comparing.settings_said import field, value
from bot.studio.comparing.sides import Sides
from bot.studio.comparing.treediff import diffs, same

TEXT_KEYS = {"text": "", "label": ":label", "help": ":help", "none": ":none"}
_WAYS = ("no", "otherwise", "after", "go", "call")


class StepDiff:
    """The differences of one step."""

    def __init__(self, sides: Sides, before: DraftStep, after: DraftStep) -> None:
        self._sides, self._was, self._is = sides, before, after
        self._old, self._new = _keys(before), _keys(after)
        self._at = sides.at(after.key)

    def changes(self) -> Iterator[Change]:
        """Every change of the step."""
        yield from self._word()
        keys = [key for key in dict.fromkeys((*self._old, *self._new)) if not same(self._old.get(key), self._new.get(key))]
        for key in keys:
            if key in (self._was.word, self._is.word) and key != self._way_word():
                continue
            yield from self._key(key, self._old.get(key), self._new.get(key))
        if {"go", "call"} & set(keys) and self._is.word == "ask":
            yield from self._choices_lead()
        if not keys and plain(self._was.node) != plain(self._is.node) and self._was.word == self._is.word and not self._new:
            yield self._change(Words("difference.step-changed", self._at))

    def _way_word(self) -> str:
        return self._is.word if self._is.word in ("go", "call") and self._was.word == self._is.word else ""

    def _word(self) -> Iterator[Change]:
        if self._was.word != self._is.word:
            values = {**self._at, "value": Words(f"difference.word.{self._is.word}"), "was": Words(f"difference.word.{self._was.word}")}
            yield self._change(Words("difference.step-kind", values))
        elif self._is.word in ("set", "forget") and self._old.get(self._is.word) != self._new.get(self._is.word):
            yield self._field((self._is.word,), self._old.get(self._is.word), self._new.get(self._is.word))

    def _key(self, key: str, old: "Plain | None", new: "Plain | None") -> Iterator[Change]:
        if self._is.word == "ask" and key in ("go", "call") and _is_ways(old) and _is_ways(new):
            return
        match key:
            case "if":
                yield self._if(old, new)
            case "choices":
                yield from self._choices(old, new)
            case "rows":
                yield from row_changes(self._sides, self._is.key, old, new)
            case "list":
                yield from self._pages(old, new)
            case _ if key in TEXT_KEYS and self._text(key, old, new):
                yield from self._words(key, old, new)
            case _ if key in _WAYS and isinstance(old, str | None) and isinstance(new, str | None):
                yield self._way(key, old, new)
            case _:
                yield from self._fields(key, old, new)

    def _words(self, key: str, old: "Plain | None", new: "Plain | None") -> Iterator[Change]:
        texts = self._sides.texts.take(f"{self._is.id}{TEXT_KEYS[key]}")
        kind = "changed" if old and new else "added" if new else "removed"
        if texts:
            says = Words(f"difference.text-of-step.{kind}", {**self._at, "part": Words(f"difference.part.{key}")})
            yield self._change(says, path=(key,), texts=texts)

    def _text(self, key: str, old: "Plain | None", new: "Plain | None") -> bool:
        """Whether the key holds a text that `Texts` knows by its id, or knew."""
        id_ = f"{self._is.id}{TEXT_KEYS[key]}"
        same = isinstance(old, str) and isinstance(new, str) and stripped(old) == stripped(new)
        return same or id_ in self._sides.texts.waiting(id_) or id_ in self._sides.texts.told

    def _if(self, old: "Plain | None", new: "Plain | None") -> Change:
        sides = self._sides
        was, now = condition(old, sides.flow, sides.before), condition(new, sides.flow, sides.after)
        kind = "changed" if old is not None and new is not None else "added" if new is not None else "removed"
        return self._change(Words(f"difference.if-{kind}", {**self._at, "value": now, "was": was}), path=("if",))

    def _way(self, key: str, old: str | None, new: str | None) -> Change:
        sides = self._sides
        nowhere = Words("difference.to.leave") if key == "after" else Words("difference.to.again")
        was = sides.before.target(sides.flow, old) if old else nowhere
        now = sides.after.target(sides.flow, new) if new else nowhere
        return self._change(Words(f"difference.way.{key}", {**self._at, "to": now, "was": was}), path=(key,))

    def _choices_lead(self) -> Iterator[Change]:
        sides = self._sides
        was, now = _ways(self._old), _ways(self._new)
        for key in dict.fromkeys((*was, *now)):
            if was.get(key) == now.get(key):
                continue
            names = sides.after if key in now else sides.before
            values: dict[str, Value] = {
                **self._at,
                "choice": names.choice(sides.flow, self._is.key, key),
                "to": _lead(sides.after, sides.flow, self._is.key, now.get(key)),
                "was": _lead(sides.before, sides.flow, self._was.key, was.get(key)),
            }
            yield self._change(Words("difference.choice-leads", values), path=(now.get(key, was.get(key, ("go", "")))[0], key))

    def _choices(self, old: "Plain | None", new: "Plain | None") -> Iterator[Change]:
        if not isinstance(old, dict) or not isinstance(new, dict):
            both = {"value": self._all_choices(new, self._sides.after), "was": self._all_choices(old, self._sides.before)}
            texts = self._sides.texts.take(*(f"{self._is.id}.{key}" for key in (*_table(old), *_table(new))))
            yield self._change(Words("difference.choices", {**self._at, **both}), path=("choices",), texts=texts)
            return
        yield from self._choice_keys(old, new)

    def _choice_keys(self, old: dict[str, Plain], new: dict[str, Plain]) -> Iterator[Change]:
        sides = self._sides
        for key in dict.fromkeys((*old, *new)):
            if old.get(key) == new.get(key):
                continue
            kind = "changed" if key in old and key in new else "added" if key in new else "removed"
            names = sides.after if key in new else sides.before
            values: dict[str, Value] = {**self._at, "choice": names.choice(sides.flow, self._is.key, key)}
            if kind == "added":
                values["to"] = _lead(sides.after, sides.flow, self._is.key, _ways(self._new).get(key))
            yield self._change(
                Words(f"difference.choice-{kind}", values), path=("choices", key), texts=sides.texts.take(f"{self._is.id}.{key}")
            )
        if [key for key in old if key in new] != [key for key in new if key in old]:
            yield self._change(
                Words("difference.choices-order", {**self._at, "value": self._all_choices(new, self._sides.after)}), path=("choices",)
            )

    def _all_choices(self, choices: "Plain | None", names: Names) -> Value:
        if isinstance(choices, str):
            return names.choice_set(choices)
        return listed([names.choice(self._sides.flow, self._is.key, key) for key in _table(choices)])

    def _pages(self, old: "Plain | None", new: "Plain | None") -> Iterator[Change]:
        was, now = _pages(old), _pages(new)
        if was is None or now is None:
            yield from self._fields("list", old, new)
            return
        sides = self._sides
        for key in dict.fromkeys((*was, *now)):
            texts = sides.texts.take(f"{self._is.id}.{key}")
            if key not in was or key not in now:
                kind = "added" if key in now else "removed"
                yield self._change(Words(f"difference.page-{kind}", {**self._at, "page": key}), path=("list", f"@{key}"), texts=texts)
            elif texts:
                yield self._change(Words("difference.page-changed", {**self._at, "page": key}), path=("list", f"@{key}"), texts=texts)
            for diff in diffs({**was.get(key, {}), "text": ""}, {**now.get(key, {}), "text": ""}):
                if key in was and key in now:
                    yield self._field(("list", f"@{key}", *diff.path), diff.before, diff.after)
        if [key for key in was if key in now] != [key for key in now if key in was]:
            yield self._change(Words("difference.pages-order", self._at), path=("list",))

    def _fields(self, key: str, old: "Plain | None", new: "Plain | None") -> Iterator[Change]:
        for diff in diffs(old, new, (key,)):
            yield self._field(diff.path, diff.before, diff.after)

    def _field(self, path: tuple[str, ...], old: "Plain | None", new: "Plain | None") -> Change:
        was, now = value(path, old, self._sides.before, self._sides.flow), value(path, new, self._sides.after, self._sides.flow)
        return self._change(Words("difference.step-field", {**self._at, "field": field(path), "value": now, "was": was}), path=path)

    def _change(self, says: Words, *, path: tuple[str, ...] = (), texts: tuple[Beside, ...] = ()) -> Change:
        return self._sides.change(says, step=self._is.key, path=path, texts=texts)


def _lead(names: Names, flow: str, ask: str, way: tuple[str, str] | None) -> Value:
    if way is None:
        return names.below(flow, ask)
    if way[0] == "call":
        return Words("difference.to.call", {"flow": names.flow(way[1])})
    return names.target(flow, way[1])


def _ways(keys: dict[str, Plain]) -> dict[str, tuple[str, str]]:
    """Choice → the key that leads it on, and where."""
    found: dict[str, tuple[str, str]] = {}
    for key in ("go", "call"):
        led = keys.get(key)
        found |= {choice: (key, to) for choice, to in (led.items() if isinstance(led, dict) else ()) if isinstance(to, str)}
    return found


def _keys(step: DraftStep) -> dict[str, Plain]:
    node = plain(step.node)
    return node if isinstance(node, dict) else {}


def _is_ways(value: "Plain | None") -> bool:
    return value is None or (isinstance(value, dict) and all(isinstance(to, str) for to in value.values()))


def _table(value: "Plain | None") -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _pages(value: "Plain | None") -> dict[str, dict[str, Plain]] | None:
    """Pages by their names; None when one has none or two have one."""
    items = value if isinstance(value, list) else []
    pages = {str(item.get("page", "")): item for item in items if isinstance(item, dict)}
    return pages if len(pages) == len(items) and "" not in pages else None
