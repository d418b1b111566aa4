"""Reading YAML that anybody may have written: the only home of the yaml library.

Rule 1: only events of the scanner are used, and composing is bounded: size, depth, nodes. Nothing here can end the process.
Rule 2: one document of mappings, lists and text; everything else of YAML is a problem with its place.
Rule 3: this never raises, on any text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from bot.flow.problem import Place, Problem, Problems, shown
from bot.flow.tree import Entry, Items, Node, Scalar, Span, Style, Table

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
MAX_NODES = 40_000
_MAX_LINE_OF_OPENINGS = 64

_UNWANTED = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_OPENINGS = re.compile(rf"(?:[\[{{]\s*){{{_MAX_LINE_OF_OPENINGS},}}")
_COMMENT_AFTER = re.compile(r"[ ]+#")
_STYLES: Final[Mapping[str, Style]] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: str, text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The tree of a file and what is wrong with it; no tree when it cannot be read as a whole."""
    problems = Problems(file, most=50)
    text = as_read(text)
    if not _is_clean(text, problems):
        return None, tuple(problems.found)
    try:
        node = _Composer(text, problems).document()
    except _Refused:
        node = None
    except yaml.YAMLError as error:
        problems.add("yaml", _place(getattr(error, "problem_mark", None)), _sentence(error))
        node = None
    return node, tuple(problems.found)


def as_read(text: str) -> str:
    """The text that spans count in: without BOM, each line ended by one LF."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def unclean(file: str, text: str) -> tuple[Problem, ...]:
    """What may stand in no file at all, whatever it is: too much, too deep, unseen characters."""
    problems = Problems(file, most=50)
    _is_clean(as_read(text), problems)
    return tuple(problems.found)


class _Refused(Exception):
    """Reading stops here; the problem is already noted."""


def _is_clean(text: str, problems: Problems) -> bool:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        problems.add("yaml", Place(1, 1), f"a file holds at most {MAX_BYTES // 1024} kB")
        return False
    deep = _OPENINGS.search(text)
    if deep:
        problems.add("yaml", _place_in(text, deep.start()), f"more than {MAX_DEPTH} levels, one inside another")
        return False
    for found in _UNWANTED.finditer(text):
        problems.add("yaml", _place_in(text, found.start()), _unwanted(found.group()))
        if problems.full:
            break
    return not problems.found


def _unwanted(character: str) -> str:
    if character == "\t":
        return "a tab; use spaces"
    return f"the unseen character U+{ord(character):04X}; delete it"


def _place_in(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _place(mark: Any) -> Place:
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)


def _offset(mark: Any) -> int:
    return 0 if mark is None else int(mark.index)


def _sentence(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or "this cannot be read")
    if "mapping values are not allowed" in problem:
        return "a text that holds ‹: › is written in quotes or under |"
    if "cannot start any token" in problem:
        return "a text that begins with a sign of YAML is written in quotes or under |"
    if "did not find expected" in problem or "could not find expected" in problem:
        return f"this line does not fit the lines above it: look at its spaces, quotes and brackets ({problem})"
    return f"this is not YAML ({problem})"


class _Composer:
    """Makes a tree of events, with a stop for depth and for size."""

    def __init__(self, text: str, problems: Problems) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._hashed = frozenset(number for number, line in enumerate(self._lines) if " #" in line)
        self._problems = problems
        self._nodes = 0
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Node | None:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._problems.add("yaml", Place(1, 1), "this file is empty")
            return None
        if getattr(start, "version", None) or getattr(start, "tags", None):
            self._problems.add("yaml", _place(start.start_mark), "no line that begins with % is used here")
        node = self._node(next(self._events), 1)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._problems.add("yaml", _place(after.start_mark), "one document a file: no second one")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        place = _place(event.start_mark)
        if self._nodes > MAX_NODES:
            self._problems.add("yaml", place, f"a file holds at most {MAX_NODES} texts, lists and mappings")
            raise _Refused
        if isinstance(event, yaml.AliasEvent):
            self._problems.add("yaml", place, "no aliases (*name) are used here; write a text that begins with * in quotes")
            return Scalar("", place)
        if self._problems.found or getattr(event, "anchor", None) or getattr(event, "tag", None):
            self._refuse_extras(event, place)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, place, self._is_commented(event), self._span_of_text(event))
        if depth > MAX_DEPTH:
            self._problems.add("yaml", place, f"more than {MAX_DEPTH} levels, one inside another")
            raise _Refused
        return self._items(event, depth) if isinstance(event, yaml.SequenceStartEvent) else self._table(event, depth)

    def _refuse_extras(self, event: yaml.Event, place: Place) -> None:
        if getattr(event, "anchor", None):
            self._problems.add("yaml", place, "no anchors (&name) are used here; write a text that begins with & in quotes")
        if getattr(event, "tag", None):
            self._problems.add("yaml", place, "no tags (!name) are used here; write a text that begins with ! in quotes")
        if self._problems.full:
            raise _Refused

    def _items(self, start: yaml.Event, depth: int) -> Items:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Items(tuple(items), _place(start.start_mark), self._span(start, event, items[-1] if items else None))

    def _table(self, start: yaml.Event, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        value: Node | None = None
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar) or not key.text:
                self._problems.add("yaml", key.place, "a key is a word")
            elif key.text == "<<":
                self._problems.add("yaml", key.place, "no merge key (<<) is used here")
            elif key.text in entries:
                first = entries[key.text].key.place.line
                self._problems.add("yaml", key.place, f"{shown(key.text)} stands twice; the first is in line {first}")
            else:
                entries[key.text] = Entry(key, value)
        return Table(entries, _place(start.start_mark), self._span(start, event, value))

    def _span(self, start: yaml.Event, end: yaml.Event, last: Node | None) -> Span:
        """The end of what is written line by line is the end of its last thing: the parser's own mark stands below comments."""
        if getattr(start, "flow_style", False) or last is None:
            return Span(_offset(start.start_mark), _offset(end.end_mark), "flow")
        return Span(_offset(start.start_mark), last.span.end, "block")

    def _span_of_text(self, event: yaml.ScalarEvent) -> Span:
        start, end = _offset(event.start_mark), _offset(event.end_mark)
        style = _STYLES.get(event.style or "", "plain")
        if style in ("literal", "folded"):
            end = start + len(self._text[start:end].rstrip())
        return Span(start, end, style)

    def _is_commented(self, event: yaml.ScalarEvent) -> bool:
        at: Any = event.start_mark if event.style in ("|", ">") else event.end_mark
        if at.line not in self._hashed:
            return False
        look = _COMMENT_AFTER.search if event.style in ("|", ">") else _COMMENT_AFTER.match
        return look(self._lines[at.line], at.column) is not None
