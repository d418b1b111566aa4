"""Conditions as rows that can be chosen: question, comparison, values; and back to the text of the language.

Rule 1: only what reads the same both ways is given as rows; anything else stays text, and is not changed by being looked at.
"""

from collections.abc import Sequence

from msgspec import Struct

from bot.flow.expressions import All, Compare, Either, Expression, Has, Is, Known, Not, Wrong, parse

MOST = 12
"""Rows that a form shows; longer ones are read as text."""


class Clause(Struct, frozen=True):
    """One row. `test`: `is is-not has has-not known unknown < <= > >=`."""

    name: str
    test: str
    values: tuple[str, ...] = ()


class Clauses(Struct, frozen=True):
    """Rows that hold all together, or one of which holds."""

    rows: tuple[Clause, ...]
    any: bool = False


def clauses_of(text: str) -> Clauses | None:
    """Give a condition as rows; None if it does not fit into them."""
    read = parse(text)
    if isinstance(read, Wrong):
        return None
    parts = read.parts if isinstance(read, All | Either) else (read,)
    rows = [_clause(part) for part in parts]
    if len(rows) > MOST or any(row is None for row in rows):
        return None
    found = Clauses(tuple(row for row in rows if row is not None), isinstance(read, Either))
    return found if parse(text_of(found)) == read else None


def text_of(clauses: Clauses) -> str:
    """Give the text of rows, in the language of conditions."""
    return (" or " if clauses.any else " and ").join(_written(row) for row in clauses.rows)


def _clause(part: Expression) -> Clause | None:
    match part:
        case Is(name, values, opposite):
            return Clause(name, "is-not" if opposite else "is", values)
        case Has(name, value):
            return Clause(name, "has", (value,))
        case Not(Has(name, value)):
            return Clause(name, "has-not", (value,))
        case Known(name):
            return Clause(name, "known")
        case Not(Known(name)):
            return Clause(name, "unknown")
        case Compare(name, order, value):
            return Clause(name, order, (value,))
        case _:
            return None


def _written(row: Clause) -> str:
    values = _values(row.values)
    match row.test:
        case "known":
            return f"known {row.name}"
        case "unknown":
            return f"not known {row.name}"
        case "has":
            return f"{row.name} has {values}"
        case "has-not":
            return f"not {row.name} has {values}"
        case "is-not":
            return f"{row.name} is not {values}"
        case _:
            return f"{row.name} {row.test} {values}"


def _values(values: Sequence[str]) -> str:
    return "/".join(values)
