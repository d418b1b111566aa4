"""What changed in the rows of a decision: each row is known by its condition, so that a new row above it does not change it."""

from collections.abc import Iterator

from bot.flow.tree import Plain
from bot.studio.comparing.changes import Change, Value, Words
from bot.studio.comparing.conditions_said import condition
from bot.studio.comparing.naming import Names
from bot.studio.comparing.settings_said import field, value
from bot.studio.comparing.sides import Sides
from bot.studio.comparing.treediff import diffs


def row_changes(sides: Sides, step: str, old: "Plain | None", new: "Plain | None") -> Iterator[Change]:
    """Every row that is new, gone, elsewhere, leads elsewhere or rests on another source."""
    was, now = _rows(old), _rows(new)
    if was is None or now is None:
        yield _other(sides, step, (), old, new)
        return
    was, now = _paired(was, now)
    for key in dict.fromkeys((*was, *now)):
        yield from _row(sides, step, list(now if key in now else was).index(key), was.get(key), now.get(key))
    if [key for key in was if key in now] != [key for key in now if key in was]:
        yield sides.change(Words("difference.rows-order", sides.at(step)), step=step, path=("rows",))


_Row = dict[str, Plain]


def _row(sides: Sides, step: str, place: int, old: _Row | None, new: _Row | None) -> Iterator[Change]:
    path = ("rows", f"#{place}")
    if old is None or new is None:
        there, names, kind = (new, sides.after, "added") if new is not None else (old, sides.before, "removed")
        says = Words(f"difference.row-{kind}", {**sides.at(step), **_told(there or {}, names, sides.flow)})
        yield sides.change(says, step=step, path=path)
        return
    if old.get("if") != new.get("if"):
        values = {"value": condition(new.get("if"), sides.flow, sides.after), "was": condition(old.get("if"), sides.flow, sides.before)}
        to = _told(new, sides.after, sides.flow)["to"]
        yield sides.change(Words("difference.row-if", {**sides.at(step), **values, "to": to}), step=step, path=(*path, "if"))
    if old.get("go") != new.get("go"):
        values = {**_told(new, sides.after, sides.flow), "was": _told(old, sides.before, sides.flow)["to"]}
        yield sides.change(Words("difference.row-leads", {**sides.at(step), **values}), step=step, path=(*path, "go"))
    for key in dict.fromkeys((*old, *new)):
        if key not in ("if", "go") and old.get(key) != new.get(key):
            yield _other(sides, step, (f"#{place}", key), old.get(key), new.get(key))


def _other(sides: Sides, step: str, path: tuple[str, ...], old: "Plain | None", new: "Plain | None") -> Change:
    whole = ("rows", *path)
    first = next(diffs(old, new, whole))
    was, now = value(first.path, first.before, sides.before, sides.flow), value(first.path, first.after, sides.after, sides.flow)
    says = Words("difference.step-field", {**sides.at(step), "field": field(whole), "value": now, "was": was})
    return sides.change(says, step=step, path=whole)


def _told(row: _Row, names: Names, flow: str) -> dict[str, Value]:
    return {"if": condition(row.get("if"), flow, names), "to": names.target(flow, str(row.get("go", "")))}


def _rows(value: "Plain | None") -> dict[str, _Row] | None:
    """Rows by their conditions; None when two have the same or one is no row."""
    items = value if isinstance(value, list) else []
    rows = {str(item.get("if", "")): item for item in items if isinstance(item, dict)}
    return rows if isinstance(value, list) and len(rows) == len(items) else None


def _paired(was: dict[str, _Row], now: dict[str, _Row]) -> tuple[dict[str, _Row], dict[str, _Row]]:
    """The same rows; a condition that is gone is taken for the one that came in its place and leads to the same step."""
    gone, came = [key for key in was if key not in now], [key for key in now if key not in was]
    renamed: dict[str, str] = {}
    for key in gone:
        twin = next((new for new in came if key and new and _same_but_if(was[key], now[new])), None)
        if twin is not None:
            came.remove(twin)
            renamed[key] = twin
    return {renamed.get(key, key): row for key, row in was.items()}, now


def _same_but_if(one: _Row, other: _Row) -> bool:
    return {**one, "if": ""} == {**other, "if": ""}
