"""What came now, taken over into tests that fail: each line that is written otherwise, in words, and the test as it is written then.

Rule 1: a test is given as written anew only if it then passes in each of its languages; else it is said in which it does not.
Rule 2: comments, empty lines and lines that still hold keep their bytes.
Rule 3: a line by which protection is lost says which; whoever takes it over has seen it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from bot.checks.chat import Run, chat_languages, run_chat
from bot.checks.chatfile import BadChat, ChatFile, read_chat
from bot.flow.bundle import Bundle
from bot.flow.program import Program
from bot.studio.bundle.compiled import compiled
from bot.studio.comparing.changes import Value
from bot.studio.comparing.chatlines import line_said, message_said
from bot.studio.comparing.guards import Guards, Lost, message_of, new_messages
from bot.studio.comparing.naming import Names
from bot.studio.playing.aligning import Op
from bot.studio.playing.retaking import Pick, Way, homes_of, retaken

State = Literal["ready", "passes", "differs", "unreadable", "stops"]
_LINE: Final = re.compile(r"(\s*)(.*?)((?:\s+#.*)?\s*)$", re.DOTALL)


class Swap(Struct, frozen=True):
    """One line otherwise: as it was and is, in words and as written. `line`: its number; 0: a new one. `lost`: what protects no more."""

    line: int
    was: Value
    now: Value
    was_written: str
    now_written: str
    lost: Lost = ""


class Option(Struct, frozen=True):
    """One answer that a new question can get. `does`: as the test writes it. `costs`: how much of the rest is then written otherwise."""

    does: str
    says: Value
    costs: int


class Choice(Struct, frozen=True):
    """A new question, and which answer the test gives to it."""

    question: str
    says: Value
    options: tuple[Option, ...]
    chosen: str


class Takeover(Struct, frozen=True, kw_only=True):
    """One test. `text`: as it is written anew. `cause`: the same for tests that fail for the same reason. `languages`: where it differs."""

    path: str
    state: State
    base: str = ""
    text: str = ""
    cause: str = ""
    swaps: tuple[Swap, ...] = ()
    choices: tuple[Choice, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def lost(self) -> tuple[int, ...]:
        """Places of the swaps by which protection is lost."""
        return tuple(place for place, swap in enumerate(self.swaps) if swap.lost)


def taken_over(base: Bundle, bundle: Bundle, paths: Sequence[str], chosen: Mapping[str, str]) -> tuple[Takeover, ...]:
    """Give these tests as they go now. `base`: what the draft was begun on; `chosen`: question → the answer that it gets."""
    program = compiled(bundle).program
    if program is None:
        return tuple(Takeover(path=path, state="stops") for path in paths)
    work = _Work(program, compiled(base).program, Names(bundle), Names(base))
    return tuple(work.of(path, bundle[path], chosen) for path in paths if path in bundle)


class _Work:
    def __init__(self, program: Program, old: Program | None, names: Names, before: Names) -> None:
        self._program, self._old, self._names, self._before = program, old, names, before
        self._guards = Guards(before, names)

    def of(self, path: str, text: str, chosen: Mapping[str, str]) -> Takeover:
        languages = chat_languages(self._program, text)
        failed = [language for language in languages if not run_chat(self._program, path, text, language).passed]
        if not failed:
            return Takeover(path=path, state="passes")
        left: tuple[str, ...] = ()
        for language in failed:
            try:
                way = self._way(text, language, chosen)
            except BadChat:
                return Takeover(path=path, state="unreadable")
            new = rewritten(text, way.ops)
            left = tuple(each for each in languages if not run_chat(self._program, path, new, each).passed)
            if not left:
                return self._told(path, text, new, way)
        return Takeover(path=path, state="differs", languages=left)

    def _way(self, text: str, language: str, chosen: Mapping[str, str]) -> Way:
        chat = read_chat(text)
        return retaken(Run(self._program, chat, language), chat, chosen, self._homes(chat, language))

    def _homes(self, chat: ChatFile, language: str) -> Mapping[int, str]:
        try:
            return homes_of(Run(self._old, chat, language), chat) if self._old is not None else {}
        except BadChat:  # it begins with a flow that is new
            return {}

    def _told(self, path: str, text: str, new: str, way: Way) -> Takeover:
        ops = sorted(way.ops, key=lambda op: op.number or op.below + 0.5)
        added = new_messages((op.was, op.now) for op in ops)
        choices = tuple(self._choice(pick) for pick in way.picks)
        questions = _questions(text, ops)
        swaps = tuple(self._swap(op, added, question) for op, question in zip(ops, questions, strict=True))
        return Takeover(path=path, state="ready", base=text, text=new, cause=_cause(ops), swaps=swaps, choices=choices)

    def _swap(self, op: Op, added: frozenset[str], question: str) -> Swap:
        # What is gone is called as it was before the draft, what is new as it is now.
        was, now = line_said(op.was, self._before, question), line_said(op.now, self._names, question)
        return Swap(op.number, was, now, op.was, op.now, self._guards.lost(op.was, op.now, added) if op.was else "")

    def _choice(self, pick: Pick) -> Choice:
        options = tuple(Option(does, line_said(f"> {does}", self._names, pick.question), costs) for does, costs in pick.answers)
        return Choice(pick.question, message_said(pick.question, self._names), options, pick.chosen)


def _questions(text: str, ops: Sequence[Op]) -> list[str]:
    """The question that each line stands after, by which an answer is called."""
    lines, asked, found, at = text.splitlines(), "", [], 0
    for op in ops:
        end = op.number or op.below + 1
        asked = next((named for line in reversed(lines[at : end - 1]) if (named := message_of(line))), asked)
        at = max(at, end - 1)
        found.append(asked)
        asked = message_of(op.now) or asked
    return found


def _cause(ops: Sequence[Op]) -> str:
    """What the first line that is otherwise is about: tests of which it is the same fail for the same reason."""
    first = next(iter(ops), Op(0, 0, "", "", 0))
    kind = (first.was or first.now).split()[:1]
    return "|".join((*kind, _head(first.was), _head(first.now)))


def _head(line: str) -> str:
    return line.split()[1] if line.startswith("<") else line


def rewritten(text: str, ops: Sequence[Op]) -> str:
    """The test with these lines otherwise, and every other byte as it is."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    changed = {op.number: op.now for op in ops if op.number}
    put: dict[int, list[str]] = {}
    for op in ops:
        if not op.number:
            put.setdefault(op.below, []).append(f"{op.now}\n")
    return "".join(
        (_with(line, changed[number]) if number in changed else line) + "".join(put.get(number, ())) for number, line in enumerate(lines, 1)
    )


def _with(line: str, words: str) -> str:
    """A line with other words and its own comment; nothing if there are none."""
    found = _LINE.match(line)
    return f"{found[1]}{words}{found[3]}" if found is not None and words else ""
