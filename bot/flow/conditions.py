"""Conditions: `under-18 is yes/skipped and not known country` becomes a function of the answers.

Rule 1: an answer that is missing fits nothing: `is`, `has` and every order are false, so `is not` is true.
Rule 2: what is wrong comes back as `Wrong` values; nothing is raised, on any text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias, assert_never

from bot.flow.answers import SKIPPED, AnswerType, Choices, DateOf, Hours, Number
from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Order, Wrong, known_names, parse
from bot.flow.problem import nearest, shown
from bot.flow.program import Condition

Home: TypeAlias = Literal["own", "shared", "builtin"]


@dataclass(frozen=True, slots=True)
class Named:
    """What a name in a condition stands for. `values`: all it can be, or None when any word of its type is allowed."""

    home: Home
    type: AnswerType | None
    values: frozenset[str] | None
    always: bool = False
    """It cannot be missing or skipped."""
    unread: bool = False
    """Its ask could not be read, so nothing is known of its values, and nothing is said of them."""


class Names(Protocol):
    """The names that a condition may use."""

    def named(self, name: str) -> "Named | Wrong":
        """What the name stands for, or what is wrong with it."""
        ...


def compile_condition(text: str, names: Names) -> tuple[Condition | None, tuple[Wrong, ...]]:
    """The condition as a function, or all that is wrong with it."""
    expression = parse(text)
    if isinstance(expression, Wrong):
        return None, (expression,)
    wrong = tuple(_wrongs(expression, names, known_names(expression)))
    return (None, wrong) if wrong else (build(expression, names), ())


def _wrongs(expression: Expression, names: Names, known: frozenset[str]) -> list[Wrong]:
    match expression:
        case Not(part):
            return _wrongs(part, names, known)
        case All(parts) | Either(parts):
            return [wrong for part in parts for wrong in _wrongs(part, names, known)]
        case Is() | Has() | Compare() | Known():
            named = names.named(expression.name)
            if isinstance(named, Wrong):
                return [named]
            return [] if named.unread else _wrongs_of(expression, named, known)
        case _:
            assert_never(expression)


def _wrongs_of(expression: Is | Has | Compare | Known, named: Named, known: frozenset[str]) -> list[Wrong]:
    match expression:
        case Known():
            return []
        case Is(name, values):
            if is_several(named.type) and set(values) != {SKIPPED}:
                return [Wrong("condition", f"‹{name}› can hold several values: use has")]
            return _unfit(name, values, named)
        case Has(name, value):
            if not is_several(named.type):
                return [Wrong("condition", f"‹{name}› holds one value: use is")]
            return _unfit(name, (value,), named)
        case Compare():
            return _wrongs_of_order(expression, named, known)
        case _:
            assert_never(expression)


def _wrongs_of_order(compare: Compare, named: Named, known: frozenset[str]) -> list[Wrong]:
    name, order, value = compare.name, compare.order, compare.value
    if not isinstance(named.type, Number | DateOf):
        return [Wrong("condition", f"‹{name}› is no number and no date: {order} cannot be used with it")]
    if value == SKIPPED:
        return [Wrong("condition", f"‹{name} {order} {value}› orders nothing")]
    wrong = _unfit(name, (value,), named)
    if not named.always and name not in known:
        wrong.append(Wrong("may-be-unknown", f"‹{name}› may be missing or skipped: write ‹known {name} and …›"))
    return wrong


def _unfit(name: str, values: tuple[str, ...], named: Named) -> list[Wrong]:
    return [wrong for value in values if (wrong := unfit_value(name, value, named)) is not None]


def unfit_value(name: str, value: str, named: Named) -> Wrong | None:
    """What is wrong with the value for that answer, or None when it can have it."""
    allowed = named.values or frozenset()
    if value in allowed:
        return None
    match named.type:
        case Number(low, high):
            if re.fullmatch(r"[0-9]{1,9}", value) is None:
                return Wrong("no-such-value", f"‹{name}› is a whole number, never {shown(value)}")
            return None if low <= int(value) <= high else Wrong("no-such-value", f"‹{name}› is from {low} to {high}, never {shown(value)}")
        case DateOf():
            fits = re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", value) is not None
            return None if fits else Wrong("no-such-value", f"‹{name}› is a day as 2026-11-20, never {shown(value)}")
        case _:
            if named.values is None:
                return None
            return Wrong("no-such-value", f"‹{name}› is never {shown(value)}", nearest(value, allowed))


def is_several(type_: AnswerType | None) -> bool:
    """Whether such an answer holds several values at once."""
    return isinstance(type_, Hours) or (isinstance(type_, Choices) and type_.many)


def build(expression: Expression, names: Names) -> Condition:
    """The function of a condition that is free of wrongs."""
    match expression:
        case Not(part):
            inner = build(part, names)
            return lambda own, shared, builtin: not inner(own, shared, builtin)
        case All(parts):
            return _all([build(part, names) for part in parts])
        case Either(parts):
            return _either([build(part, names) for part in parts])
        case Is() | Has() | Compare() | Known():
            named = names.named(expression.name)
            if isinstance(named, Wrong):
                raise TypeError(named.sentence)
            return _leaf(expression, named)
        case _:
            assert_never(expression)


def _all(parts: list[Condition]) -> Condition:
    if len(parts) == 2:
        one, two = parts
        return lambda own, shared, builtin: one(own, shared, builtin) and two(own, shared, builtin)
    return lambda own, shared, builtin: all(part(own, shared, builtin) for part in parts)


def _either(parts: list[Condition]) -> Condition:
    if len(parts) == 2:
        one, two = parts
        return lambda own, shared, builtin: one(own, shared, builtin) or two(own, shared, builtin)
    return lambda own, shared, builtin: any(part(own, shared, builtin) for part in parts)


def _leaf(expression: Is | Has | Compare | Known, named: Named) -> Condition:
    match expression:
        case Is(name, values, opposite):
            return _is(name, frozenset(_stored(value, named.type) for value in values), named.home, opposite=opposite)
        case Has(name, value):
            return _tested(name, named.home, lambda given: isinstance(given, tuple) and value in given)
        case Compare(name, order, value):
            return _tested(name, named.home, _ordered(order, _stored(value, named.type)))
        case Known(name):
            return _tested(name, named.home, lambda given: given is not None and given != SKIPPED)
        case _:
            assert_never(expression)


def _stored(value: str, type_: AnswerType | None) -> str | int:
    return int(value) if isinstance(type_, Number) and value != SKIPPED else value


def _is(name: str, values: frozenset[str | int], home: Home, *, opposite: bool) -> Condition:
    # The commonest of all conditions, so each home has its own function: no call but one look-up.
    if len(values) == 1 and home != "builtin":
        (value,) = values
        if home == "own":
            return (lambda own, _, __: own.get(name) != value) if opposite else (lambda own, _, __: own.get(name) == value)
        return (lambda _, shared, __: shared.get(name) != value) if opposite else (lambda _, shared, __: shared.get(name) == value)
    if opposite:
        return _tested(name, home, lambda given: given not in values)
    return _tested(name, home, lambda given: given in values)


def _tested(name: str, home: Home, test: Callable[[object], bool]) -> Condition:
    match home:
        case "own":
            return lambda own, _, __: test(own.get(name))
        case "shared":
            return lambda _, shared, __: test(shared.get(name))
        case "builtin":
            return lambda _, __, builtin: test(builtin(name))
        case _:
            assert_never(home)


def _ordered(order: Order, bound: str | int) -> Callable[[object], bool]:
    compare = _ORDERS[order]
    if isinstance(bound, int):
        return lambda given: isinstance(given, int) and compare(given, bound)
    return lambda given: isinstance(given, str) and given != SKIPPED and compare(given, bound)


def _before(given: "int | str", bound: "int | str") -> bool:
    return given < bound  # type: ignore[operator]


def _not_after(given: "int | str", bound: "int | str") -> bool:
    return given <= bound  # type: ignore[operator]


_ORDERS: Final[Mapping[Order, Callable[[int | str, int | str], bool]]] = {
    "<": _before,
    "<=": _not_after,
    ">": lambda given, bound: not _not_after(given, bound),
    ">=": lambda given, bound: not _before(given, bound),
}
