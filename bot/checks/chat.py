"""Conversations that must go as written: reads and runs `.chat` files (language reference, section 14).

Rule 1: one file serves every language: messages are known by id, buttons by key.
Rule 2: the session is saved and loaded between any two events, as in service.
Rule 3: a failure names file and line, what was expected and what was said; nothing is skipped in silence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import get_args

from msgspec import structs

from bot.checks.chatfile import BadChat, ChatFile, Line, minutes_of, read_chat
from bot.engine.calendar import local
from bot.engine.effects import Effect, Erase, Relay, Send
from bot.engine.events import (
    AnyEvent,
    CaseClosed,
    GlobalWord,
    MediaSent,
    Pressed,
    Said,
    StaffWrote,
    Started,
    WordPressed,
)
from bot.engine.render import render
from bot.engine.session import Session, decode, encode
from bot.engine.step import step
from bot.flow.answers import Answer
from bot.flow.program import Program
from bot.i18n.fold import fold

_GLOBAL: frozenset[str] = frozenset(get_args(GlobalWord))
_DIRECTION = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f\u202a\u202b\u202c"))


@dataclass(frozen=True, slots=True)
class ChatResult:
    """How one file went in one language. A failure stands at `line`: `expected` was written, `said` came."""

    path: str
    language: str
    passed: bool
    line: int = 0
    expected: str = ""
    said: str = ""

    def __str__(self) -> str:
        if self.passed:
            return f"{self.path} [{self.language}]: as written"
        return f"{self.path}:{self.line}: [{self.language}] expected {self.expected}; said {self.said or 'nothing'}"


def chat_languages(program: Program, text: str) -> tuple[str, ...]:
    """The languages that a file is to be run in: those it names, else all."""
    named = [word for key, value in _head(text) if key in {"language", "languages"} for word in value.replace(",", " ").split()]
    return tuple(named) or program.service.languages


def run_chat(program: Program, path: str, text: str, language: str) -> ChatResult:
    """Run one file in one language."""
    try:
        _Run(program, read_chat(text), language).through()
    except BadChat as fault:
        return ChatResult(path, language, passed=False, line=fault.line, expected=fault.expected, said=fault.said)
    return ChatResult(path, language, passed=True)


def run_chats(program: Program, files: Mapping[str, str]) -> Iterator[ChatResult]:
    """Run files (path → text), each in each of its languages, in order of path."""
    for path in sorted(files):
        for language in chat_languages(program, files[path]):
            yield run_chat(program, path, files[path], language)


def _head(text: str) -> Sequence[tuple[str, str]]:
    try:
        return tuple((key, value) for key, value, _ in read_chat(text).head)
    except BadChat:
        return ()


@dataclass(frozen=True, slots=True)
class _Message:
    """A message that came: its id, the keys of its buttons, and what was ordered."""

    id: str
    keys: tuple[str, ...]
    send: Send


class _Run:
    def __init__(self, program: Program, chat: ChatFile, language: str) -> None:
        self.chat = chat
        head = {key: (value, line) for key, value, line in chat.head}
        self.country = head.get("country", ("", 0))[0] or None
        self.source = program.service.source
        self.never = [(key, value, line) for key, value, line in chat.head if key.startswith("never")]
        self.at = datetime(2026, 11, 23, 10, tzinfo=local(0, self.country, program.service).tzinfo).timestamp()
        if "at" in head:
            self.at = self._moment(program, *head["at"])
        self.program = _variant(program, head, local(self.at, self.country, program.service).date())
        shared: dict[str, Answer] = {"country": self.country} if self.country and "country" in program.shared else {}
        self.session: Session | None = Session(
            life="chatchatchat", revision=program.revision, language=language, shared=shared, spoken="language" in head
        )
        self.nonce = ""
        self.coming: list[_Message] = []  # not yet taken by a `<` line
        self.turn: list[Send] = []  # all of this turn
        self.loose = False  # a `< ...` stands open
        self.shown: tuple[int, tuple[str, ...]] = (0, ())
        self.asked: dict[str, int] = {}

    def through(self) -> None:
        for line in self.chat.lines:
            match line.kind:
                case ">":
                    self._nothing_left(line)
                    self.turn, self.loose = [], False
                    self.at += 1
                    self.nonce = f"chat{line.number:012d}"
                    self._act(line)
                case "<":
                    self._take(line)
                case _:
                    self._check(line)
        if self.coming and not self.loose:
            raise BadChat(self.chat.lines[-1].number, "the end", self._said())

    # ── what happens ──
    def _act(self, line: Line) -> None:
        words = line.words
        if words.startswith("(") and words.endswith(")"):
            self._special(line, words[1:-1].strip())
        elif words.startswith("[") and words.endswith("]"):
            self._press(line, words[1:-1].strip())
        else:
            self._event(line, Said(text=words, at=self.at, nonce=self.nonce))

    def _special(self, line: Line, what: str) -> None:
        case = self.session.case.code if self.session is not None and self.session.case is not None else ""
        if what == "starts":
            self._event(line, Started(at=self.at, nonce=self.nonce))
        elif what in {"photo", "voice", "file", "location"}:
            kind = what
            self._event(line, MediaSent(kind=kind, file="file", at=self.at, nonce=self.nonce))  # type: ignore[arg-type]  # one of the four
        elif what.startswith("silence "):
            self.at += minutes_of(line, what.removeprefix("silence ")) * 60
        elif what.startswith("staff:"):
            self._event(line, StaffWrote(case=case, text=what.removeprefix("staff:").strip(), at=self.at, nonce=self.nonce))
        elif what == "staff closes":
            self._event(line, CaseClosed(case=case, at=self.at, nonce=self.nonce))
        elif what.startswith("old "):
            self._old(line, what.split())
        else:
            raise BadChat(line.number, "starts, photo, voice, file, location, silence …, staff: …, staff closes or old …", f"({what})")

    def _old(self, line: Line, words: Sequence[str]) -> None:
        turn = self.asked.get(words[1]) if len(words) == 3 else None
        if turn is None or self.session is None:
            raise BadChat(line.number, f"> ({' '.join(words)})", "that question was never asked")
        self._event(line, Pressed(life=self.session.life, turn=turn, key=words[2], at=self.at, nonce=self.nonce))

    def _press(self, line: Line, key: str) -> None:
        turn, keys = self.shown
        if self.session is not None and key in keys:
            self._event(line, Pressed(life=self.session.life, turn=turn, key=key, at=self.at, nonce=self.nonce))
        elif key in _GLOBAL:
            self._event(line, WordPressed(word=key, at=self.at, nonce=self.nonce))  # type: ignore[arg-type]  # one of the nine
        else:
            raise BadChat(line.number, f"> [{key}]", f"buttons {_buttons(keys)}")

    def _event(self, line: Line, event: AnyEvent) -> None:
        done = step(self.program, self.session, event)
        self.session = None if done.session is None else decode(encode(done.session))
        for effect in done.effects:
            self._came(effect)
        self._never(line)

    def _came(self, effect: Effect) -> None:
        match effect:
            case Send():
                keys = tuple(button.key for button in effect.buttons if not button.glob)
                self._add(effect.id, effect, keys)
                if keys and self.session is not None:
                    self.shown = (self.session.turn, keys)
                    self.asked[effect.id] = self.session.turn
            case Relay():
                self.coming.append(_Message("staff", (), Send("staff", ())))
            case Erase():
                self._add(effect.farewell.id, Send(effect.farewell.id, (effect.farewell,)), ())
                self.shown = (0, ())
            case _:
                pass

    def _add(self, name: str, send: Send, keys: tuple[str, ...]) -> None:
        self.coming.append(_Message(name, keys, send))
        self.turn.append(send)

    # ── what must come ──
    def _take(self, line: Line) -> None:
        if line.words == "...":
            self.loose = True
            return
        wanted_id, *rest = line.words.split()
        if self.loose:
            while self.coming and self.coming[0].id != wanted_id:
                self.coming.pop(0)
        if not self.coming or self.coming[0].id != wanted_id:
            raise BadChat(line.number, f"< {wanted_id}", self._said())
        self.loose = False
        came = self.coming.pop(0)
        wanted = tuple(word.strip("[]") for word in rest)
        if wanted and wanted != came.keys:
            raise BadChat(line.number, f"< {line.words}", f"< {wanted_id} {_buttons(came.keys)}")

    def _nothing_left(self, line: Line) -> None:
        if self.coming and not self.loose:
            raise BadChat(line.number, "nothing more in this turn", self._said())
        self.coming = []

    def _said(self) -> str:
        return ", ".join(f"< {came.id} {_buttons(came.keys)}".rstrip() for came in self.coming)

    # ── what must hold ──
    def _check(self, line: Line) -> None:
        name, _, language = line.kind.partition(" ")
        checks: dict[str, Callable[[Line, str], None]] = {
            "has": self._has,
            "not": self._not,
            "at": self._at,
            "state": self._state,
            "language": self._language,
            "case": self._case,
            "kept": self._kept,
        }
        if name not in checks:
            raise BadChat(line.number, "has, not, at, state, language, case or kept", line.kind)
        checks[name](line, language)

    def _has(self, line: Line, language: str) -> None:
        texts = self._texts(language or self.source)
        if not any(_plain(line.words) in text for text in texts):
            raise BadChat(line.number, f"has: {line.words}", " | ".join(texts))

    def _not(self, line: Line, language: str) -> None:
        for text in self._texts(language or self.source):
            if _holds(text, line.words):
                raise BadChat(line.number, f"not: {line.words}", text)

    def _never(self, line: Line) -> None:
        for key, value, _ in self.never:
            language = key.partition(" ")[2]
            for text in self._texts(language or self.source, labels=True):
                for words in value.split(","):
                    if words.strip() and _holds(text, words):
                        raise BadChat(line.number, f"never: {words.strip()}", text)

    def _texts(self, language: str, *, labels: bool = False) -> list[str]:
        texts = []
        for send in self.turn:
            rendered = render(self.program.texts, send, language)
            texts.append(_plain(rendered.text))
            texts += [_plain(label) for _, label, _ in rendered.buttons if labels]
        return texts

    def _at(self, line: Line, _language: str) -> None:
        self.at = self._moment(self.program, line.words, line.number)
        if self.session is not None:  # the clock moves; nobody was silent
            self.session = structs.replace(self.session, seen_at=self.at)

    def _state(self, line: Line, _language: str) -> None:
        self._same(line, line.words, self.session.who if self.session is not None else "bot")

    def _language(self, line: Line, _language: str) -> None:
        self._same(line, line.words, self.session.language if self.session is not None else "")

    def _case(self, line: Line, _language: str) -> None:
        case = self.session.case if self.session is not None else None
        is_ = "none" if case is None else f"{case.team} {case.urgency}: {' '.join(case.names)}".strip()
        self._same(line, " ".join(line.words.split()), is_)

    def _kept(self, line: Line, _language: str) -> None:
        held = list(self.session.shared) if self.session is not None else []
        for frame in self.session.frames if self.session is not None else ():
            held += [f"{frame.flow}.{name}" for name in frame.own]
        wanted = [] if line.words == "nothing" else line.words.split()
        self._same(line, " ".join(sorted(wanted)) or "nothing", " ".join(sorted(set(held))) or "nothing")

    def _same(self, line: Line, wanted: str, is_: str) -> None:
        if wanted != is_:
            raise BadChat(line.number, f"{line.kind}: {wanted}", f"{line.kind}: {is_}")

    def _moment(self, program: Program, words: str, line: int) -> float:
        try:
            at = datetime.fromisoformat(words)
        except ValueError:
            raise BadChat(line, "a time as 2026-11-20 23:10", words) from None
        return at.replace(tzinfo=local(0, self.country, program.service).tzinfo).timestamp()


def _variant(program: Program, head: Mapping[str, tuple[str, int]], today: date) -> Program:
    """The program with the flow that begins, and contacts verified today if the file says so."""
    first, line = head.get("flow", (program.service.first, 0))
    if first not in program.flows:
        raise BadChat(line, "a flow", first)
    directory = program.directory
    if head.get("verified", ("", 0))[0] == "all":
        directory = replace(directory, contacts={name: replace(row, verified_on=today) for name, row in directory.contacts.items()})
    return replace(program, service=replace(program.service, first=first), directory=directory)


def _plain(text: str) -> str:
    """Text as a test writes it: no direction marks, simple spaces, no case."""
    return " ".join(text.translate(_DIRECTION).split()).casefold()


def _holds(text: str, words: str) -> bool:
    return f" {fold(words)} " in f" {fold(text)} "


def _buttons(keys: Sequence[str]) -> str:
    return " ".join(f"[{key}]" for key in keys)
