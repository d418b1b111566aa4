"""How texts, lists and mappings are written in YAML, so that they read as if a careful person had typed them.

Rule 1: a text is bare where it can be, under `|` when it has several lines, and in quotes only when YAML needs them.
Rule 2: `yes`, `no`, numbers and dates stay bare as words of the language; as sentences for people they are in quotes.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from bot.flow.tree import Plain

Quotes: TypeAlias = Literal["plain", "single", "double"]

STEP_IN: Final = 2
"""Columns from one level to the next."""
WIDTH: Final = 140
_FIRST: Final = re.compile(r"[-?:](?:[ ]|$)|[,\[\]{}#&*!|>'\"%@`]|---|\.\.\.")
_FIRST_INLINE: Final = re.compile(r"[-?:]")
_WORD_OF_YAML: Final = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|\.nan|[-+]?\.inf|[-+]?[0-9][0-9_,.]*(?:e[-+]?[0-9]+)?|0x[0-9a-f]+|[0-9]+(?::[0-9]{2})+"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is written at its place. `column`: of its key or dash. `inline`: it stands in brackets. `quotes`: those in use there."""

    column: int
    inline: bool = False
    sentence: bool = False
    quotes: Quotes = "plain"


def tidy(text: str) -> str:
    """What an author typed: one sort of line break and of space, none at the ends of lines, no empty lines around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    return "\n".join(line.rstrip(" ") for line in lines).strip("\n ")


def tidied(value: Plain) -> Plain:
    """The value with every text in it tidy."""
    match value:
        case str():
            return tidy(value)
        case list():
            return [tidied(item) for item in value]
        case _:
            return {tidy(key): tidied(item) for key, item in value.items()}


def needs_quotes(text: str, *, inline: bool, sentence: bool) -> bool:
    """Whether a text of one line cannot stand bare."""
    if not text or text != text.strip() or _FIRST.match(text) or ": " in text or " #" in text or text.endswith(":"):
        return True
    if inline and (re.search(r"[,\[\]{}]", text) or _FIRST_INLINE.match(text)):
        return True
    return sentence and _WORD_OF_YAML.fullmatch(text) is not None


def written(text: str, manner: Manner) -> str:
    """A text as YAML, from where it begins; further lines with their indentation."""
    if "\n" in text and not manner.inline:
        return literal(text, manner.column + STEP_IN)
    if "\n" in text:
        return quoted(text, "double")
    if manner.quotes != "plain" or needs_quotes(text, inline=manner.inline, sentence=manner.sentence):
        return quoted(text, manner.quotes)
    return text


def literal(text: str, column: int, head: str = "|") -> str:
    """A text of several lines under its sign."""
    return "\n".join((head, *(" " * column + line if line else "" for line in text.split("\n"))))


def quoted(text: str, quotes: Quotes) -> str:
    """A text in quotes: single ones where they are in use, or where they save escapes."""
    saves = quotes == "plain" and '"' in text and "'" not in text
    if "\n" not in text and (quotes == "single" or saves):
        return "'" + text.replace("'", "''") + "'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def wrapped(text: str, first: int, column: int, width: int) -> str:
    """A text of one line over several that YAML joins by spaces. `first`: the column it begins at; `column`: that of further lines."""
    lines, room = [""], width - first
    for word in re.split(r"(?<=\S) (?=\S)", text):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
            room = width - column
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return ("\n" + " " * column).join(lines)
