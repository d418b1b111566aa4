"""What a condition says: its text as a tree (language reference §5).

Rule 1: the language is closed: no arithmetic, no functions, no commas, no brackets but `( )`.
Rule 2: what cannot be read comes back as a `Wrong` value; nothing is raised, on any text.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

from bot.flow.problem import nearest, shown

Order: TypeAlias = Literal["<", "<=", ">", ">="]

_TOKEN: Final = re.compile(r"\s*(?:(<=|>=|<|>|\(|\)|/)|([A-Za-z0-9][A-Za-z0-9.-]*)|(\S))")
_KEYWORDS: Final = frozenset({"and", "or", "not", "is", "has", "known"})
_MAX_DEPTH: Final = 12
_MAX_TOKENS: Final = 200
_COMPARISONS: Final = "use is, is not, has, <, <=, >, >="
_INSTEAD = {
    **dict.fromkeys(",،;؛", "; join with and/or, and values with /: is yes/unsure"),
    **dict.fromkeys("\"'“”„‘’«»", "; write the value without quotes"),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong in a condition: rule, sentence, suggestion."""

    rule: str
    sentence: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Is:
    """The answer is one of the values; `opposite`: is not."""

    name: str
    values: tuple[str, ...]
    opposite: bool


@dataclass(frozen=True, slots=True)
class Has:
    """Several were chosen, and this is one of them."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Compare:
    """The answer comes before or after the value."""

    name: str
    order: Order
    value: str


@dataclass(frozen=True, slots=True)
class Known:
    """Answered, and not skipped."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """One of the parts holds."""

    parts: "tuple[Expression, ...]"


Expression: TypeAlias = Is | Has | Compare | Known | Not | All | Either


def parse(text: str) -> Expression | Wrong:
    """What the text says, or why it says nothing."""
    try:
        return _Parser(text).whole()
    except _Unreadable as error:
        return Wrong("condition", f"{shown(text)}: {error}", error.suggestion)


def known_names(expression: Expression) -> frozenset[str]:
    """The names that stand under `known` anywhere in it."""
    match expression:
        case Known(name):
            return frozenset((name,))
        case Not(part):
            return known_names(part)
        case All(parts) | Either(parts):
            return frozenset().union(*(known_names(part) for part in parts))
        case Is() | Has() | Compare():
            return frozenset()
        case _:
            assert_never(expression)


class _Unreadable(Exception):
    def __init__(self, sentence: str, suggestion: str = "") -> None:
        super().__init__(sentence)
        self.suggestion = suggestion


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        expression = self._either()
        if self._next is not None:
            raise _Unreadable(f"{shown(self._next)} stands where ‹and›, ‹or› or nothing is expected", nearest(self._next, ("and", "or")))
        return expression

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *wanted: str) -> str | None:
        token = self._next
        if token not in wanted:
            return None
        self._at += 1
        return token

    def _either(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _Unreadable("too many brackets, one inside another")
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Expression:
        opposite = False
        while self._take("not"):
            opposite = not opposite
        part = self._single()
        return Not(part) if opposite else part

    def _single(self) -> Expression:
        if self._take("("):
            inside = self._either()
            if not self._take(")"):
                raise _Unreadable("a bracket is not closed")
            return inside
        if self._take("known"):
            return Known(self._name())
        return self._comparison(self._name())

    def _comparison(self, name: str) -> Expression:
        match self._take("is", "has", "<", "<=", ">", ">="):
            case "is":
                opposite = self._take("not") is not None
                return Is(name, self._values(), opposite)
            case "has":
                return Has(name, self._value())
            case "<" | "<=" | ">" | ">=" as order:
                return Compare(name, order, self._value())
            case _:
                token = self._next
                if token is None:
                    raise _Unreadable(f"after {shown(name)} a comparison is missing; {_COMPARISONS}")
                raise _Unreadable(f"{shown(token)} is no comparison; {_COMPARISONS}")

    def _values(self) -> tuple[str, ...]:
        values = [self._value()]
        while self._take("/"):
            values.append(self._value())
        return tuple(values)

    def _value(self) -> str:
        return self._word("a value")

    def _name(self) -> str:
        return self._word("the name of an answer")

    def _word(self, what: str) -> str:
        token = self._next
        if token is None:
            raise _Unreadable(f"{what} is missing at the end")
        if token in _KEYWORDS or not token[0].isalnum():
            raise _Unreadable(f"{shown(token)} stands where {what} is expected")
        self._at += 1
        return token


def _tokens(text: str) -> tuple[str, ...]:
    tokens: list[str] = []
    for sign, word, other in _TOKEN.findall(text):
        if other in ("=", "!"):
            raise _Unreadable(f"{shown(other)} is no comparison; {_COMPARISONS}")
        if other:
            raise _Unreadable(f"{shown(other)} cannot stand in a condition{_INSTEAD.get(other, '')}")
        tokens.append(sign or word)
    if not tokens:
        raise _Unreadable("a condition is missing")
    if len(tokens) > _MAX_TOKENS:
        raise _Unreadable("a condition this long cannot be read; use decide")
    return tuple(tokens)
