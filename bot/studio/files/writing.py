"""Values as lines of YAML, in the hand of the file that they go into.

Rule 1: keys of the language stand in its order, names of authors in theirs.
Rule 2: inside brackets everything is in brackets.
"""

from collections.abc import Mapping

from bot.flow.tree import Plain
from bot.studio.files.habits import Habits
from bot.studio.files.hand import STEP_IN, Manner, needs_quotes, quoted, wrapped, written
from bot.studio.files.layout import Place, below, is_sentence, order_of

NAMED = "*"


class Writer:
    """Writes values into one file. `path` of a place is its kind (`bot.studio.files.layout.pattern`)."""

    __slots__ = ("_habits",)

    def __init__(self, habits: Habits) -> None:
        self._habits = habits

    def is_inline(self, value: Plain, place: Place) -> bool:
        """Whether the value is written on the line of its key or dash."""
        if isinstance(value, str) or not value:
            return True
        return not self._habits.is_block(place) and not _has_lines(value)

    def inline(self, value: Plain, place: Place, column: int, *, inside: bool = False) -> str:
        """The value from where it begins. `column`: of its key or dash; `inside`: it stands in brackets."""
        match value:
            case str():
                quotes = self._habits.quotes.get(place, "plain")
                return self._folded(written(value, Manner(column, inside, is_sentence(place), quotes)), value, place, column)
            case list():
                items = [self.inline(item, (*place, NAMED), column, inside=True) for item in value]
                return f"[{self._broken(items, place, column)}]"
            case _:
                parts = [self._pair(key, item, place, column) for key, item in ordered(value, place).items()]
                return "{" + ", ".join(parts) + "}"

    def entry(self, key: str, value: Plain, place: Place, column: int) -> list[str]:
        """The lines of `key: value` at this column. `place`: of the value."""
        start = " " * column + written_key(key, inline=False) + ":"
        if self.is_inline(value, place):
            return f"{start} {self.inline(value, place, column)}".split("\n")
        return [start, *self.lines(value, place, column + STEP_IN)]

    def item(self, value: Plain, place: Place, column: int) -> list[str]:
        """The lines of `- value` at this column. `place`: of the value."""
        start = " " * column + "- "
        if self.is_inline(value, place):
            return f"{start}{self.inline(value, place, column)}".split("\n")
        first, *rest = self.lines(value, place, column + STEP_IN)
        return [start + first.lstrip(" "), *rest]

    def lines(self, value: Plain, place: Place, column: int) -> list[str]:
        """The lines of a list or mapping that is written line by line, the first one too with its indentation."""
        match value:
            case str():
                return [" " * column + self.inline(value, place, column)]
            case list():
                return [line for item in value for line in self.item(item, (*place, NAMED), column)]
            case _:
                pairs = ordered(value, place).items()
                return [line for key, item in pairs for line in self.entry(key, item, below(place, key), column)]

    def _pair(self, key: str, value: Plain, place: Place, column: int) -> str:
        return f"{written_key(key, inline=True)}: {self.inline(value, below(place, key), column, inside=True)}"

    def _broken(self, items: list[str], place: Place, column: int) -> str:
        """Items of a list in brackets: on several lines where lists of its kind are, and it would be too long."""
        if place not in self._habits.several_lines:
            return ", ".join(items)
        lines = [""]
        for item in items:
            longer = f"{lines[-1]}, {item}" if lines[-1].strip() else lines[-1] + item
            if len(longer) + column + len(place[-1]) > self._habits.width and lines[-1]:
                lines[-1] += ","
                lines.append(" " * (column + STEP_IN) + item)
            else:
                lines[-1] = longer
        return "\n".join(lines)

    def _folded(self, text: str, value: str, place: Place, column: int) -> str:
        folded = self._habits.folded
        first = column + len(place[-1] if place else "") + 2
        if folded is None or "\n" in value or not is_sentence(place) or first + len(text) <= folded[1]:
            return text
        if folded[0] == "folded":
            return ">-\n" + " " * (column + STEP_IN) + wrapped(value, column + STEP_IN, column + STEP_IN, folded[1])
        return wrapped(text, first, column + STEP_IN, folded[1])


def written_key(key: str, *, inline: bool) -> str:
    """A key: bare where YAML allows it."""
    return quoted(key, "plain") if needs_quotes(key, inline=inline, sentence=False) else key


def ordered(value: Mapping[str, Plain], place: Place) -> dict[str, Plain]:
    """The mapping with the keys of the language in its order; others stay where they are given."""
    order = order_of(place)
    if not order:
        return dict(value)
    return dict(sorted(value.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


def _has_lines(value: Plain) -> bool:
    """Whether a text of several lines is in it, which cannot be written well in brackets."""
    match value:
        case str():
            return "\n" in value
        case list():
            return any(_has_lines(item) for item in value)
        case _:
            return any(_has_lines(item) for item in value.values())
