"""A condition as a person says it: *the answer to “Are you under 18?” is Yes*."""

from typing import assert_never

from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Wrong, parse
from bot.flow.tree import Plain
from bot.studio.comparing.changes import Called, Value, Words, listed
from bot.studio.comparing.naming import Names

_ORDERS = {"<": "below", "<=": "at-most", ">": "above", ">=": "at-least"}


def condition(text: "Plain | None", flow: str, names: Names) -> Value:
    """The condition in words; *always* when there is none, and its own text when it cannot be read."""
    if text is None:
        return Words("difference.if.always")
    read = parse(text) if isinstance(text, str) else None
    return Called(str(text)) if read is None or isinstance(read, Wrong) else _said(read, flow, names)


def _said(read: Expression, flow: str, names: Names) -> Value:
    match read:
        case Is(name, values, opposite):
            told = listed([names.choice(flow, name, value) for value in values], "difference.or")
            return Words("difference.if.is-not" if opposite else "difference.if.is", {"answer": names.answer(flow, name), "value": told})
        case Has(name, value):
            return Words("difference.if.has", {"answer": names.answer(flow, name), "value": names.choice(flow, name, value)})
        case Compare(name, order, value):
            return Words(f"difference.if.{_ORDERS[order]}", {"answer": names.answer(flow, name), "value": value})
        case Known(name):
            return Words("difference.if.known", {"answer": names.answer(flow, name)})
        case Not(part):
            return Words("difference.if.not", {"part": _said(part, flow, names)})
        case All(parts):
            return _joined([_inside(part, flow, names) for part in parts], "difference.if.and")
        case Either(parts):
            return _joined([_said(part, flow, names) for part in parts], "difference.if.or")
        case _:
            assert_never(read)


def _inside(part: Expression, flow: str, names: Names) -> Value:
    told = _said(part, flow, names)
    return Words("difference.if.brackets", {"part": told}) if isinstance(part, Either) else told


def _joined(parts: list[Value], word: str) -> Value:
    told = parts[0]
    for part in parts[1:]:
        told = Words(word, {"first": told, "second": part})
    return told
