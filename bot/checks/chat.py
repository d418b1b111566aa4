"""Conversations that must go as written: reads and runs `.chat` files (language reference, section 14).

Rule 1: one file serves every language: messages are known by id, buttons by key.
Rule 2: the session is saved and loaded between any two events, as in service.
Rule 3: a failure names file and line, what was expected and what was said; nothing is skipped in silence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from bot.checks.chatfile import BadChat, ChatFile, Line, minutes_of, read_chat
from bot.checks.player import MEDIA, CannotDo, Message, Player, buttons, moment, variant
from bot.engine.calendar import local
from bot.engine.effects import Send
from bot.engine.render import render
from bot.engine.step import Away
from bot.flow.program import Program
from bot.i18n.fold import fold

_SPECIALS = (
    "starts, photo, voice, file, location, silence …, edits: …, its time comes, staff: …, staff claims, closes, hands or passes …, or old …"
)
STAFF = "staff"
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
        Run(program, read_chat(text), language).through()
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


class Run:
    """One file played in one language, as a whole or line by line. `coming`: what came and no `<` line took yet."""

    def __init__(self, program: Program, chat: ChatFile, language: str) -> None:
        """Begin; raises `BadChat` on a head that cannot be."""
        self.chat = chat
        head = {key: (value, line) for key, value, line in chat.head}
        self.country = head.get("country", ("", 0))[0] or None
        self.source = program.service.source
        self.program = program
        self.never = [(key, value, line) for key, value, line in chat.head if key.startswith("never")]
        at = self._moment(*head["at"]) if "at" in head else None
        self.player = Player(program, language, country=self.country, at=at, spoken="language" in head)
        self.player.away = self._nobody(*head["away"]) if "away" in head else {}
        self.program = self.player.program = self._variant(head)
        self.coming: list[Message] = []  # not yet taken by a `<` line
        self.turn: list[Send] = []  # all of this turn
        self.loose = False  # a `< ...` stands open

    def fork(self) -> "Run":
        """Give the same conversation at this moment, to be gone on with otherwise."""
        other = copy(self)
        other.player = copy(self.player)
        other.player.asked = dict(self.player.asked)
        other.coming, other.turn = list(self.coming), list(self.turn)
        return other

    def through(self) -> None:
        """Play all of it; raises `BadChat` at the line that does not go as written."""
        for line in self.chat.lines:
            match line.kind:
                case ">":
                    self._nothing_left(line)
                    self.loose = False
                    self.coming += self.does(line)
                    self.silences(line)
                case "<":
                    self._take(line)
                case _:
                    self.check(line)
        if self.coming and not self.loose:
            raise BadChat(self.chat.lines[-1].number, "the end", self._said())

    # ── what happens ──
    def does(self, line: Line) -> Sequence[Message]:
        """Do what a `>` line says; gives what came. Raises `BadChat` where it cannot be done."""
        self.player.begins(line.number)
        self._act(line)
        self.turn = [message.send for message in self.player.came if message.id != STAFF]
        return self.player.came

    def _act(self, line: Line) -> None:
        words = line.words
        try:
            if words.startswith("(") and words.endswith(")"):
                self._special(line, words[1:-1].strip())
            elif words.startswith("[") and words.endswith("]"):
                self.player.presses(words[1:-1].strip())
            else:
                self.player.says(words)
        except CannotDo as refused:
            raise BadChat(line.number, refused.expected, refused.said) from None

    def _special(self, line: Line, what: str) -> None:
        if what == "starts":
            self.player.starts()
        elif what in MEDIA:
            self.player.sends(what)
        elif what.startswith("silence "):
            self.player.is_silent(minutes_of(line, what.removeprefix("silence ")))
        elif what.startswith("edits:"):
            self.player.corrects(what.removeprefix("edits:").strip())
        elif what == "its time comes":
            self.player.rings()
        elif what.startswith("old "):
            _, question, key = (*what.split(), "", "")[:3]
            self.player.presses_old(question, key)
        else:
            self._staff(line, what)

    def _staff(self, line: Line, what: str) -> None:
        words = what.split()
        match words:
            case ["staff:", *_]:
                self.player.staff_writes(what.removeprefix("staff:").strip())
            case ["staff", "claims"]:
                self.player.staff_claims()
            case ["staff", "closes"] | ["staff", "closes", "and", "asks", "later"]:
                self.player.staff_closes(asks_later=len(words) > 2)
            case ["staff", "hands", "back"] | ["staff", "hands", "back", "to", _]:
                self.player.staff_closes(flow=words[-1] if len(words) > 3 else "")
            case ["staff", "passes", "to", team] | ["staff", "passes", "to", team, "agreed"]:
                self.player.staff_passes(team, agreed=len(words) > 4)
            case _:
                raise BadChat(line.number, _SPECIALS, f"({what})")

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
            raise BadChat(line.number, f"< {line.words}", f"< {wanted_id} {buttons(came.keys)}")

    def _nothing_left(self, line: Line) -> None:
        if self.coming and not self.loose:
            raise BadChat(line.number, "nothing more in this turn", self._said())
        self.coming = []

    def _said(self) -> str:
        return ", ".join(f"< {came.id} {buttons(came.keys)}".rstrip() for came in self.coming)

    # ── what must hold ──
    def check(self, line: Line) -> None:
        """Look whether what a line asks for holds now; a line of time moves the clock. Raises `BadChat` where it does not hold."""
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
        texts = self.texts(language or self.source)
        if not any(_plain(line.words) in text for text in texts):
            raise BadChat(line.number, f"has: {line.words}", " | ".join(texts))

    def _not(self, line: Line, language: str) -> None:
        for text in self.texts(language or self.source):
            if _holds(text, line.words):
                raise BadChat(line.number, f"not: {line.words}", text)

    def silences(self, line: Line) -> None:
        """Look whether what was said in this turn holds nothing that must never be said; raises `BadChat`."""
        for key, value, _ in self.never:
            language = key.partition(" ")[2]
            for text in self.texts(language or self.source, labels=True):
                for words in value.split(","):
                    if words.strip() and _holds(text, words):
                        raise BadChat(line.number, f"never: {words.strip()}", text)

    def spoken(self, language: str = "") -> list[tuple[str, str]]:
        """Give what was said in this turn: id and text, in a language (else in the source), without marks of direction."""
        spoken = [(send.id, render(self.program.texts, send, language or self.source).text) for send in self.turn]
        return [(id_, text.translate(_DIRECTION)) for id_, text in spoken]

    def said_in(self, line: Line) -> str:
        """Give the id of the message of this turn that says what a `has:` line asks for; nothing if none does."""
        spoken = self.spoken(line.kind.partition(" ")[2])
        return next((id_ for id_, text in spoken if _plain(line.words) in _plain(text)), "")

    def texts(self, language: str, *, labels: bool = False) -> list[str]:
        """Give what was said in this turn, as a test writes it."""
        texts = []
        for send in self.turn:
            rendered = render(self.program.texts, send, language)
            texts.append(_plain(rendered.text))
            texts += [_plain(label) for _, label, _ in rendered.buttons if labels]
        return texts

    def _at(self, line: Line, _language: str) -> None:
        self.player.moves_to(self._moment(line.words, line.number))

    def _state(self, line: Line, _language: str) -> None:
        session = self.player.session
        self._same(line, line.words, session.who if session is not None else "bot")

    def _language(self, line: Line, _language: str) -> None:
        session = self.player.session
        self._same(line, line.words, session.language if session is not None else "")

    def _case(self, line: Line, _language: str) -> None:
        self._same(line, " ".join(line.words.split()), self.player.of_case())

    def _kept(self, line: Line, _language: str) -> None:
        wanted = [] if line.words == "nothing" else line.words.split()
        self._same(line, " ".join(sorted(wanted)) or "nothing", " ".join(self.player.held()) or "nothing")

    def _same(self, line: Line, wanted: str, is_: str) -> None:
        if wanted != is_:
            raise BadChat(line.number, f"{line.kind}: {wanted}", f"{line.kind}: {is_}")

    # ── how it begins ──
    def _nobody(self, words: str, line: int) -> Away:
        """`protection`: nobody of the team is there; `protection, child until 2026-11-24 10:00`: of both, until then."""
        named, _, until = words.partition(" until ")
        teams = [team.strip() for team in named.split(",")]
        if not all(team in self.program.teams.teams for team in teams):
            raise BadChat(line, "a team, or team until 2026-11-24 10:00", words)
        return dict.fromkeys(teams, self._moment(until, line) if until else None)

    def _moment(self, words: str, line: int) -> float:
        try:
            return moment(self.program, self.country, words)
        except ValueError:
            raise BadChat(line, "a time as 2026-11-20 23:10", words) from None

    def _variant(self, head: Mapping[str, tuple[str, int]]) -> Program:
        first, line = head.get("flow", ("", 0))
        if first and first not in self.program.flows:
            raise BadChat(line, "a flow", first)
        verified = head.get("verified", ("", 0))[0]
        today = local(self.player.at, self.country, self.program.service).date()
        return variant(self.program, flow=first, verified_on=today if verified == "all" else None, unrung=verified == "none")


def _plain(text: str) -> str:
    """Text as a test writes it: no direction marks, simple spaces, no case."""
    return " ".join(text.translate(_DIRECTION).split()).casefold()


def _holds(text: str, words: str) -> bool:
    return f" {fold(words)} " in f" {fold(text)} "
