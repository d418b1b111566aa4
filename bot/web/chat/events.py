"""What a posted form means: the event, and what the person's own bubble says of it.

Rule 1: a form that is not one of ours means nothing; it is never guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from bot.engine.events import AnyEvent, Pressed, Said, Started, WordPressed
from bot.web.pages import LANGUAGES
from bot.web.parts import LetterLike

LONGEST = 4000
_CLIENT = re.compile(r"[A-Za-z0-9-]{8,40}")


@dataclass(frozen=True, slots=True)
class Meant:
    """The event of one form. `first`: one that must be answered before it. `label`: what was pressed, empty for typed words.

    `word`: the global word, if it was one. `language`: the one that was chosen.
    """

    event: AnyEvent
    label: str = ""
    word: str = ""
    first: AnyEvent | None = None
    language: str = ""


def client_of(form: Mapping[str, str]) -> str | None:
    """Give the client id of a form, if it is well made."""
    client = form.get("id", "")
    return client if _CLIENT.fullmatch(client) else None


def meant(form: Mapping[str, str], letters: Sequence[LetterLike], at: float) -> Meant | None:
    """Give what this form means; None if nothing."""
    for place, first in (("start", Started(at=at, language=form.get("start"))), ("speak", WordPressed(at=at, word="language"))):
        chosen = form.get(place, "")
        if chosen in LANGUAGES:
            name = LANGUAGES[chosen]
            return Meant(Said(at=at, text=name), name, first=first, language=chosen)
    if "a" in form:
        return _press(form["a"], letters, at)
    if "word" in form:
        event = _word(form["word"], at)
        return Meant(event, word=event.word) if event else None
    text = form.get("text", "").replace("\r\n", "\n").strip()
    return Meant(Said(at=at, text=text[:LONGEST])) if text else None


def _press(data: str, letters: Sequence[LetterLike], at: float) -> Meant | None:
    label = next((button.label for letter in letters for button in letter.buttons if button.data == data), "")
    if data.startswith("*."):
        event = _word(data[2:], at)
        return Meant(event, label, event.word) if event else None
    life, _, rest = data.partition(".")
    turn, _, key = rest.partition(".")
    if not (life and key and turn.isascii() and turn.isdecimal() and len(turn) < 10):
        return None
    return Meant(Pressed(at=at, life=life, turn=int(turn), key=key), label)


def _word(name: str, at: float) -> WordPressed | None:
    try:
        return msgspec.convert({"type": "WordPressed", "at": at, "word": name}, WordPressed)
    except msgspec.ValidationError:
        return None
