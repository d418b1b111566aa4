"""What the model found wrong, in the words of the language: a rule, a path, a sentence."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic_core import ErrorDetails

from bot.flow.problem import nearest, shown


@dataclass(frozen=True, slots=True)
class Fault:
    """What the model found wrong: the rule, the path of keys to it, and the sentence. `on_key`: the key itself is wrong."""

    rule: str
    path: tuple[str | int, ...]
    sentence: str
    suggestion: str = ""
    on_key: bool = False


_SHAPES: Final = {
    "string_type": "one text stands here",
    "dict_type": "a mapping stands here: lines of ‹key: value›",
    "model_type": "a mapping stands here: lines of ‹key: value›",
    "tuple_type": "a list stands here: lines that begin with ‹- ›, or [a, b]",
    "list_type": "a list stands here: lines that begin with ‹- ›, or [a, b]",
    "too_short": "at least one stands here",
}


Path: TypeAlias = tuple[str | int, ...]


def faults_of(details: Sequence[ErrorDetails], keys_at: Callable[[Path], Collection[str]]) -> tuple[Fault, ...]:
    """Each thing the model found; `keys_at` gives the keys that may stand at a path."""
    faults = [_fault(detail, keys_at) for detail in details]
    # A list whose only item is wrong is reported as empty too: once is enough.
    begun = {fault.path[:length] for fault in faults for length in range(len(fault.path))}
    return tuple(fault for fault in faults if fault.sentence != _SHAPES["too_short"] or fault.path not in begun)


def _fault(detail: ErrorDetails, keys_at: Callable[[Path], Collection[str]]) -> Fault:
    path = tuple(part for part in detail["loc"] if not str(part).startswith("§"))
    kind = detail["type"]
    if kind == "extra_forbidden":
        key = str(path[-1])
        return Fault("no-such-key", path, f"no key {shown(key)} is used here", nearest(key, keys_at(path[:-1])), on_key=True)
    if kind == "missing":
        return Fault("no-text" if path[-1] == "text" else "no-such-key", path[:-1], f"the key ‹{path[-1]}› is missing")
    on_key = path[-1:] == ("[key]",)
    if kind == "literal_error":
        return _not_listed(path[:-1] if on_key else path, detail, on_key=on_key)
    if kind in _SHAPES:
        return Fault("yaml", path, _SHAPES[kind])
    context = detail.get("ctx", {})
    return Fault(kind, path[:-1] if on_key else path, str(context.get("sentence", detail["msg"])), context.get("suggestion", ""), on_key)


def _not_listed(path: tuple[str | int, ...], detail: ErrorDetails, *, on_key: bool) -> Fault:
    listed = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
    word = detail["input"] if isinstance(detail["input"], str) else ""
    meant = nearest(word, listed)
    if not word:
        return Fault("yaml", path, f"one of {', '.join(listed)} stands here")
    return Fault("no-such-key" if on_key else "no-such-value", path, f"{shown(word)} is none of {', '.join(listed)}", meant, on_key)
