"""A value put at a path of a YAML text, by as few small changes as make it so.

Rule 1: what stays the same in a list or a mapping is not written again.
Rule 2: what was written is read back; a text that says anything else than was asked is never given.
"""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from bot.flow.outline import outline
from bot.flow.tree import Items, Node, Plain, Scalar, Table, plain, text_at
from bot.studio.files.layout import order_of, pattern
from bot.studio.files.yamltext import Page

Path = tuple[str, ...]
_GOES_WITH_ITS_LAST: Final = frozenset({("flow", "steps", "*", "go"), ("flow", "steps", "*", "call"), ("flow", "steps", "*", "choices")})
"""Mappings of a step that are not left behind empty."""


def with_value(file: str, text: str, path: Path, value: "Plain | None") -> str | None:
    """The text with this value at the path (None: nothing there). None: there is no such place, or it cannot be."""
    node = outline(text).node(path)
    if value is None:
        return None if node is None or not path else _without(file, text, path)
    return _added(file, text, path, value) if node is None else _refitted(file, text, path, value)


def bare(node: Node) -> Plain:
    """The value of a node; texts as people get them, without the line break that `|` leaves at the end."""
    return _bare(plain(node))


def _bare(value: Plain) -> Plain:
    match value:
        case str():
            return value.strip("\n ")
        case list():
            return [_bare(item) for item in value]
        case _:
            return {key: _bare(item) for key, item in value.items()}


def _without(file: str, text: str, path: Path) -> str:
    spot = outline(text).spot(path)
    holder = spot.holder if spot else None
    count = len(outline(text).children(holder)) if holder else 0
    if count > 1:
        return Page(file, text).without(path)
    if pattern(file, path[:-1]) in _GOES_WITH_ITS_LAST:
        return _without(file, text, path[:-1])
    return Page(file, text).with_value(path[:-1], {} if isinstance(holder, Table) else [])


def _added(file: str, text: str, path: Path, value: Plain) -> str | None:
    if not path:
        return None
    holder = outline(text).node(path[:-1])
    match holder:
        case None:
            return None if path[-1].startswith(("#", "@")) else _added(file, text, path[:-1], {path[-1]: value})
        case Table():
            if path[-1].startswith(("#", "@")):
                return None
            number = _with_its_country(holder, value) if pattern(file, path[:-1]) == ("directory", "contacts") else None
            return Page(file, text).with_key(path[:-1], path[-1], value, number)
        case Items(items):
            fits = path[-1] == f"#{len(items)}" or (path[-1].startswith("@") and _is_called(value, path[-1][1:]))
            return Page(file, text).with_item(path[:-1], value, len(items)) if fits else None
        case Scalar(said):
            return Page(file, text).with_value(path[:-1], {path[-1]: value}) if not said else None


def _with_its_country(contacts: Table, value: Plain) -> int | None:
    """Below the last contact of its country; None where there is none."""
    country = value.get("country") if isinstance(value, dict) else None
    same = [number for number, entry in enumerate(contacts.entries.values(), 1) if text_at(entry.value, "country") == country]
    return same[-1] if country and same else None


def _is_called(value: Plain, name: str) -> bool:
    if isinstance(value, str):
        return value == name
    return isinstance(value, dict) and name in value.values()


def _refitted(file: str, text: str, path: Path, value: Plain) -> str:
    node = _node(text, path)
    if bare(node) == value and list(_keys(node)) == list(_keys_of(value)):
        return text
    match node, value:
        case Scalar(), str():
            return Page(file, text).with_text(path, value)
        case Table(entries), dict() if entries and value:
            return _table(file, text, path, tuple(entries), value)
        case Items(items), list() if items and value:
            return _items(file, text, path, items, value)
        case _:
            return Page(file, text).with_value(path, value)


def _keys(node: Node) -> Sequence[str]:
    return tuple(node.entries) if isinstance(node, Table) else ()


def _keys_of(value: Plain) -> Sequence[str]:
    return tuple(value) if isinstance(value, dict) else ()


def _table(file: str, text: str, path: Path, keys: Sequence[str], value: dict[str, Plain]) -> str:
    free = not order_of(pattern(file, path))
    if not set(keys) & set(value) and not (free and len(keys) == len(value)):
        return Page(file, text).with_value(path, value)
    if free:
        text = _renamed(file, text, path, value)
    for key in _keys(_node(text, path)):
        if key not in value:
            text = Page(file, text).without((*path, key))
    for number, (key, item) in enumerate(value.items()):
        there = list(_keys(_node(text, path)))
        if free and key in there and there.index(key) != number:
            text = Page(file, text).without((*path, key))
        if key in _keys(_node(text, path)):
            text = _refitted(file, text, (*path, key), item)
        else:
            text = Page(file, text).with_key(path, key, item, number if free else None)
    return Page(file, text).with_order(path, list(value)) if free else text


def _node(text: str, path: Path) -> Node:
    node = outline(text).node(path)
    if node is None:
        raise KeyError(path)
    return node


def _renamed(file: str, text: str, path: Path, value: dict[str, Plain]) -> str:
    """Keys that stand at the same place with another name keep what is theirs."""
    keys = _keys(_node(text, path))
    if len(keys) != len(value):
        return text
    for old, new in zip(keys, value, strict=True):
        if old != new and old not in value and new not in keys:
            text = Page(file, text).with_name((*path, old), new)
    return text


def _items(file: str, text: str, path: Path, items: Sequence[Node], value: list[Plain]) -> str:
    was, now = [json.dumps(bare(item)) for item in items], [json.dumps(item) for item in value]
    for tag, start, end, first, last in reversed(SequenceMatcher(None, was, now, autojunk=False).get_opcodes()):
        if tag == "equal":
            continue
        same = min(end - start, last - first)
        for number in range(end - 1, start + same - 1, -1):
            text = _without(file, text, (*path, f"#{number}"))
        for number in range(same):
            text = _refitted(file, text, (*path, f"#{start + number}"), value[first + number])
        for number in range(first + same, last):
            text = Page(file, text).with_item(path, value[number], start + number - first)
    return text
