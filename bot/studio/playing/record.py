"""What was just done, as a test: a `.chat` file that says what was done and what came.

Rule 1: what was pressed is written as its key, and words only where they mean the same in every language, so that one file serves all.
Rule 2: a recorded test has been run before it is shown; where a language goes another way, the test names the languages it is for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from bot.checks.chat import ChatResult, run_chat
from bot.checks.player import CannotDo, Player, buttons
from bot.flow.bundle import TESTS, Bundle
from bot.flow.program import Program
from bot.i18n.fold import fold
from bot.studio.editing.edits import WriteFile
from bot.studio.playing.deeds import Deed, Request, do, understood
from bot.studio.playing.playable import playable
from bot.studio.playing.preview import Stage

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_COMMENT: Final = re.compile(r"(^|\s)#")
_WRAPPED: Final = re.compile(r"\(.*\)|\[.*\]", re.DOTALL)
Why = Literal["", "nothing", "stops", "known", "refused", "fails", "name", "taken"]


class Recorded(Struct, frozen=True, kw_only=True):
    """A test that was made. `languages`: it passes in these; `every`: that is all of them.

    `why`: nothing, or why there is none: `nothing` was done, the draft `stops` from being played whole, it began with `known` answers,
    a deed was `refused`, it `fails` (`said` tells how), its `name` cannot be one, or is `taken`.
    """

    text: str = ""
    languages: tuple[str, ...] = ()
    every: bool = False
    why: Why = ""
    said: str = ""


def recorded(bundle: Bundle, request: Request, title: str = "") -> Recorded:
    """Give what was done as a test. `title`: its first line, for who reads it."""
    play = playable(bundle)
    if all(deed.do == "clock" for deed in request.deeds):
        return Recorded(why="nothing")
    if play.program is None or play.stops:
        return Recorded(why="stops")
    if request.known:
        return Recorded(why="known")
    stage = Stage.of(bundle, play.program, request)
    try:
        body = _Recorder(stage, request).body()
    except CannotDo as refused:
        return Recorded(why="refused", said=f"{refused.expected}; {refused.said}")
    return _tried(play.program, stage, request, title, body)


def named(bundle: Mapping[str, str], name: str) -> tuple[str, Why]:
    """Give the path of a test of this name, and what is wrong with the name."""
    path = f"{TESTS}{name}.chat"
    return path, "name" if not NAME.fullmatch(name) else "taken" if path in bundle else ""


def written(path: str, test: Recorded) -> WriteFile:
    """Give the edit that puts the test into the draft."""
    return WriteFile(path, test.text, None)


def _tried(program: Program, stage: Stage, request: Request, title: str, body: Sequence[str]) -> Recorded:
    head = list(_head(stage, request, title))
    every = program.service.languages
    results: dict[str, ChatResult] = {language: run_chat(program, "", "\n".join((*head, *body)), language) for language in every}
    passed = tuple(language for language, result in results.items() if result.passed)
    if not passed:
        return Recorded(why="fails", said=str(next(iter(results.values()))))
    if len(passed) < len(every):
        head.append(f"languages: {' '.join(passed)}")
    return Recorded(text="\n".join((*head, *body)) + "\n", languages=passed, every=len(passed) == len(every))


def _head(stage: Stage, request: Request, title: str) -> Iterator[str]:
    if title.strip():
        yield f"# {' '.join(title.split())}"
    if stage.flow:
        yield f"flow: {stage.flow}"
    yield f"at: {stage.words}"
    if stage.country:
        yield f"country: {stage.country}"
    if request.verified:
        yield "verified: all"
    if stage.away:
        yield f"away: {', '.join(stage.away)}"


class _Recorder:
    """Plays in every language at once, so that what is written means the same in each."""

    def __init__(self, stage: Stage, request: Request) -> None:
        self.request = request
        languages = stage.program.service.languages
        first = request.languages[0] if request.languages and request.languages[0] in languages else languages[0]
        self.players = {language: stage.player(language) for language in dict.fromkeys((first, *languages))}
        self.first = self.players[first]

    def body(self) -> list[str]:
        lines: list[str] = []
        for number, deed in enumerate(self.request.deeds):
            written = self._plain(deed)
            for player in self.players.values():
                self._play(player, written, number)
            lines.append(line_of(written))
            lines += [f"< {message.id} {buttons(message.keys)}".rstrip() for message in self.first.came]
        return [*lines, *_stands(self.first)]

    def _play(self, player: Player, deed: Deed, number: int) -> None:
        try:
            do(player, deed, number)
        except CannotDo:
            if player is self.first:
                raise

    def _plain(self, deed: Deed) -> Deed:
        """The deed as the test does it: words that do not mean the same everywhere become the key of what they meant."""
        if deed.do != "writes":
            return deed
        words = _one_line(deed.words)
        typed = self.players.get(deed.language, self.first)
        meant = understood(typed, words)
        same = all(understood(player, words) == meant for player in self.players.values())
        if not same and meant.kind in {"answer", "word"} and (meant.kind == "word" or meant.key in typed.shown[1]):
            return Deed("presses", meant.key)
        return Deed("writes", words, deed.language)


def line_of(deed: Deed) -> str:
    """One deed as a line of a test."""
    words = _one_line(deed.words)
    match deed.do:
        case "starts":
            return "> (starts)"
        case "writes":
            return f"> {words}"
        case "presses":
            return f"> [{deed.words}]"
        case "clock":
            return f"at: {deed.words}"
        case "silent":
            return f"> (silence {deed.minutes} minutes)"
        case _:
            return _special(deed, words)


def _special(deed: Deed, words: str) -> str:
    match deed.do:
        case "sends":
            return f"> ({words})"
        case "edits":
            return f"> (edits: {words})"
        case "rings":
            return "> (its time comes)"
        case "old":
            return f"> (old {deed.question} {deed.words})"
        case _:
            return _staff(deed, words)


def _staff(deed: Deed, words: str) -> str:
    match deed.do:
        case "staff-writes":
            return f"> (staff: {words})"
        case "staff-claims":
            return "> (staff claims)"
        case "staff-passes":
            return f"> (staff passes to {deed.words}{' agreed' if deed.more else ''})"
        case _ if deed.words:
            return f"> (staff hands back to {deed.words})"
        case _:
            return "> (staff closes and asks later)" if deed.more else "> (staff closes)"


def _stands(player: Player) -> Iterator[str]:
    """How it stands at the end."""
    session = player.session
    yield f"state: {session.who if session is not None else 'bot'}"
    yield f"case: {player.of_case()}"
    yield f"kept: {' '.join(player.held()) or 'nothing'}"


def _one_line(words: str) -> str:
    """Words as one line can hold them; what a test would read as something else is written as it is read (folded)."""
    line = " ".join(words.split())
    return fold(line) or "?" if _COMMENT.search(line) or _WRAPPED.fullmatch(line) or not line else line
