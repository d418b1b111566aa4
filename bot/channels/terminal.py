"""The terminal as a channel: the real engine, no store, no network; nothing is kept.

Rule 1: with a person at the keyboard it is a conversation; with lines from a pipe it gives a plain transcript of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import cast, get_args

from bot.engine.effects import Effect, Erase, OpenCase, Relay, Send
from bot.engine.events import AnyEvent, GlobalWord, Pressed, Said, Started, WordPressed
from bot.engine.render import render
from bot.engine.session import Session
from bot.engine.step import step
from bot.flow.program import Program
from bot.i18n.values import Text

WORDS: tuple[str, ...] = get_args(GlobalWord)


@dataclass(slots=True)
class Talk:
    """One conversation in the terminal. `now` gives UTC seconds, `chance` so many random letters, `out` takes lines."""

    program: Program
    language: str
    now: Callable[[], float]
    chance: Callable[[int], str]
    out: Callable[[str], None]
    session: Session | None = None
    keys: tuple[str, ...] = ()

    def begin(self, flow: str = "") -> None:
        """Open the conversation, or begin with this flow."""
        if flow:
            self.program = replace(self.program, service=replace(self.program.service, first=flow))
        self._do(Started(at=self.now(), nonce=self.chance(16), language=self.language))

    def hear(self, line: str) -> None:
        """Take one line: words, `[key]` for a button, `/word` for a global word."""
        line = line.strip()
        at, nonce = self.now(), self.chance(16)
        key = line[1:-1] if line.startswith("[") and line.endswith("]") else ""
        word = line[1:] if line.startswith("/") else key
        event: AnyEvent
        if word in WORDS and (line.startswith("/") or word not in self.keys):
            event = WordPressed(at=at, nonce=nonce, word=cast("GlobalWord", word))
        elif key and self.session is not None:
            event = Pressed(at=at, nonce=nonce, life=self.session.life, turn=self.session.turn, key=key)
        else:
            event = Said(at=at, nonce=nonce, text=line)
        self._do(event)

    def play(self, lines: Iterable[str]) -> None:
        """Take lines until they end, echoing each, for a transcript."""
        for line in lines:
            if line.strip():
                self.out(f"> {line.strip()}")
                self.hear(line)

    def _do(self, event: AnyEvent) -> None:
        done = step(self.program, self.session, event)
        self.session = done.session
        if done.session is not None:
            self.language = done.session.language
        for effect in done.effects:
            self._show(effect)

    def _show(self, effect: Effect) -> None:
        match effect:
            case Send():
                rendered = render(self.program.texts, effect, self.language)
                self.out(rendered.text)
                self.keys = tuple(key for key, _label, _glob in rendered.buttons)
                for place, (key, label, _glob) in enumerate(rendered.buttons, 1):
                    self.out(f"  {place}. {label}  [{key}]")
                self.out("")
            case Relay():
                self.out(effect.text)
            case Erase():
                self.out(self.program.texts.render(Text("bot.erased-web"), self.language))
            case OpenCase():
                self.out(f"  ({effect.team}: {effect.urgency}; {', '.join(effect.names) or '-'})")
            case _:
                pass
