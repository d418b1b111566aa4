"""Where somebody stands who is writing YAML: inside what, beside what, at a key or at a value.

Rule 1: what stands before the cursor is read line by line and never refused: half a line is what most lines are while they are written.
Rule 2: this only guides; what a file means is said by `bot.flow.source` alone.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Mode: TypeAlias = Literal["key", "value", "item", "text", "nothing"]
"""`key` a key is begun · `value` after a colon · `item` of a list: a value, or the first key of a mapping · `text` inside a text."""

_KEY: Final = re.compile(r"""("[^"]*"|'[^']*'|[^\s:#,{}\[\]&*!|>'"%@`][^:#{}\[\]]*?)\s*:(?:\s+|$)""")
_ENDS: Final = ",[]{}"
_LONGEST: Final = 256 * 1024
_TYPED: Final = re.compile(r"[^\s,\[\]{}'\"]*$")


@dataclass(slots=True)
class Level:
    """One mapping or list that is open. `entries`: key → what follows its colon on the line; `inner`: key → the mapping below it."""

    kind: Literal["map", "list"]
    indent: int
    flow: bool = False
    key: str | None = None
    entries: dict[str, str] = field(default_factory=dict)
    inner: dict[str, "Level"] = field(default_factory=dict)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a file. `path`: keys from the top, `#` for an item of a list; at a value it ends with the value's key.

    `beside`: key → value of the mapping it stands in, `step` the same of the step it stands in, `inner`: key → keys of the mapping
    below that key of the step; `typed`: what is begun there; `line`: all of the line that stands before it.
    """

    mode: Mode
    path: tuple[str, ...]
    beside: dict[str, str]
    step: dict[str, str]
    inner: dict[str, tuple[str, ...]]
    typed: str
    line: str


def cursor(before: str, after: str = "") -> Cursor:
    """The place between two halves of a text; never raises."""
    scan = _Scan()
    lines = before[-_LONGEST:].split("\n")
    for line in lines[:-1]:
        scan.line(line)
    return scan.end(lines[-1], after)


class _Scan:
    def __init__(self) -> None:
        self._open: list[Level] = []
        self._quote = ""
        self._block = -1
        self._token = ""
        """What was read of the value or item at hand, inside brackets."""

    def line(self, line: str) -> Mode:
        """Takes one line, or the first part of the last one; gives where its end stands."""
        if self._quote:
            return self._in_quotes(line, 0)
        if self._open and self._open[-1].flow:
            return self._brackets(line, 0)
        bare = line.strip(" ")
        column = len(line) - len(line.lstrip(" "))
        if self._block >= 0:
            if not bare or column > self._block:
                return "text"
            self._block = -1
        if bare.startswith("#"):
            return "nothing"
        return self._content(line, column)

    def end(self, line: str, after: str) -> Cursor:
        mode = self.line(line)
        typed = found.group() if (found := _TYPED.search(line)) else ""
        path = tuple(part for level in self._open for part in (("#",) if level.kind == "list" else (level.key,)) if part is not None)
        top = self._open[-1] if self._open else Level("map", 0)
        if mode == "key" and top.kind == "map" and top.key is not None:
            path = path[:-1]
        column = top.indent if top.kind == "map" and not top.flow else len(line)
        below = {} if top.flow or (top.kind == "list" and mode != "item") else _below(after, column)
        beside = {**below, **(top.entries if top.kind == "map" else {})}
        step = self._open[2] if len(self._open) > 2 and path[:2] == ("steps", "#") else None
        entries = beside if step is top or step is None else step.entries
        inner = {key: tuple(level.entries) for key, level in step.inner.items()} if step is not None else {}
        return Cursor(mode, path, beside, entries if path[:2] == ("steps", "#") else {}, inner, typed, line)

    def _content(self, line: str, column: int) -> Mode:
        dashed = False
        while line[column : column + 2] in ("- ", "-"):
            self._item(column)
            dashed = True
            rest = line[column + 1 :]
            column += 1 + len(rest) - len(rest.lstrip(" "))
        rest = line[column:]
        found = _KEY.match(rest)
        if found is None:
            return self._begun(rest, column, dashed=dashed)
        self._enter(column)
        return self._value(line, column + found.end(), _bare(found.group(1)))

    def _begun(self, rest: str, column: int, *, dashed: bool) -> Mode:
        """A line without a colon: a key or an item that is begun, or a text that goes on."""
        if rest[:1] in ("{", "["):
            self._leave(column)
            return self._brackets(rest, 0)
        if rest[:1] in ("'", '"') and rest.count(rest[0]) == 1:
            self._quote = rest[0]
            return "text"
        if dashed:
            return "item"
        self._leave(column + 1)
        top = self._open[-1] if self._open else None
        if top is not None and top.kind == "list":
            self._leave(column)
            top = self._open[-1] if self._open else None
        if top is not None and top.kind == "map" and top.indent < column:
            if top.key is not None and top.entries.get(top.key):
                return "text"
            self._open.append(Level("map", column))
            return "key"
        return "key"

    def _item(self, column: int) -> None:
        self._leave(column + 1)
        top = self._open[-1] if self._open else None
        if top is not None and top.kind == "map" and top.indent == column and top.key is not None and top.entries.get(top.key):
            self._leave(column)
            top = self._open[-1] if self._open else None
        if top is None or top.kind != "list" or top.indent != column:
            top = Level("list", column)
            self._open.append(top)
        top.count += 1

    def _enter(self, column: int) -> None:
        """Makes the mapping of this column the innermost one."""
        self._leave(column + 1)
        while self._open and self._open[-1].kind == "list" and self._open[-1].indent >= column:
            self._open.pop()
        if not self._open or self._open[-1].kind != "map" or self._open[-1].indent != column:
            self._push(Level("map", column))

    def _push(self, level: Level) -> None:
        if self._open and self._open[-1].kind == "map" and self._open[-1].key is not None:
            self._open[-1].inner[self._open[-1].key] = level
        self._open.append(level)

    def _leave(self, column: int) -> None:
        while self._open and self._open[-1].indent >= column:
            self._open.pop()

    def _value(self, line: str, at: int, key: str) -> Mode:
        top = self._open[-1]
        value = line[at:].strip(" ")
        top.key, top.entries[key] = key, value
        if value[:1] in ("|", ">"):
            self._block = top.indent
            return "nothing"
        if value[:1] in ("{", "["):
            return self._brackets(line, at)
        if value[:1] in ("'", '"'):
            self._quote = value[0]
            return self._in_quotes(line, line.index(value[0], at) + 1)
        return "nothing" if " #" in line[at:] else "value"

    def _in_quotes(self, line: str, at: int) -> Mode:
        close = line.find(self._quote, at)
        while self._quote == '"' and close > 0 and line[close - 1] == "\\":
            close = line.find(self._quote, close + 1)
        if close < 0:
            return "text"
        self._quote = ""
        return self._brackets(line, close + 1) if self._open and self._open[-1].flow else "nothing"

    def _brackets(self, line: str, at: int) -> Mode:
        """Reads on inside brackets, from that character of the line."""
        self._token = self._token if at == 0 else ""
        while at < len(line):
            sign = line[at]
            if sign in ("'", '"') and not self._token.strip():
                self._quote = sign
                return self._in_quotes(line, at + 1)
            if sign == "#" and line[at - 1 : at] in ("", " "):
                return "nothing"
            if sign in _ENDS:
                self._sign(sign)
                if not (self._open and self._open[-1].flow):
                    return "nothing"
            elif sign == ":" and line[at + 1 : at + 2] in ("", " ") and self._open and self._open[-1].kind == "map":
                self._open[-1].key, self._token = _bare(self._token.strip()), ""
            else:
                self._token += sign
            at += 1
        return self._inside()

    def _sign(self, sign: str) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and top.flow and top.kind == "map" and top.key is not None:
            top.entries[top.key] = self._token.strip()
        if sign in "{[":
            level = Level("map" if sign == "{" else "list", 1 << 20, flow=True)
            self._push(level)
        elif sign in "}]":
            if top is not None and top.flow:
                self._open.pop()
        elif top is not None and top.flow:
            top.key, top.count = None, top.count + 1
        self._token = ""

    def _inside(self) -> Mode:
        top = self._open[-1]
        if not top.flow:
            return "nothing"
        if top.kind == "list":
            return "item"
        return "key" if top.key is None else "value"


def _bare(key: str) -> str:
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] and key[0] in "'\"" else key


def _below(after: str, column: int) -> dict[str, str]:
    """Keys and values of the lines below that stand at the same column, as far as their mapping goes."""
    found: dict[str, str] = {}
    for line in after[:_LONGEST].split("\n")[1:]:
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if not bare or bare.startswith("#") or indent > column:
            continue
        if indent < column or bare.startswith("- "):
            break
        if match := _KEY.match(bare):
            found.setdefault(_bare(match.group(1)), bare[match.end() :].strip(" "))
    return found
