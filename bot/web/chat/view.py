"""How letters become bubbles: pure, so that the page with scripts and the page without show the same.

Rule 1: only the last question can be pressed, until the bot says something after an answer, and never while a human has the conversation.
Rule 2: a contact is drawn once: as a card, not again in the text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n.bidi import without_direction
from bot.ports import OutButton, OutCard
from bot.web.pages import direction
from bot.web.parts import LetterLike


@dataclass(frozen=True, slots=True)
class Choice:
    """A button as drawn. `number`: what typing it takes, empty for a global word. `chosen`: pressed already (several may be chosen)."""

    number: str
    label: str
    data: str
    language: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A way to reach a contact: its address for the phone, what is shown, and which kind it is."""

    href: str
    shown: str
    kind: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A contact as drawn. `country`: only where it must be told apart."""

    name: str
    country: str
    lines: tuple[str, ...]
    may_follow: str
    checked: str
    verified: bool
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as drawn. `blocks`: paragraphs of lines. `own`: the person's button, or empty for words that are not kept."""

    n: int
    kind: str
    lang: str
    dir: str
    blocks: tuple[tuple[str, ...], ...]
    cards: tuple[CardView, ...]
    choices: tuple[Choice, ...]
    client: str
    own: str
    listen: str


def bubbles(letters: Sequence[LetterLike], *, human: bool, has_recording: frozenset[tuple[str, str]]) -> list[Bubble]:
    """Give the bubbles of these letters. `human`: a caseworker has the conversation. `has_recording`: (language, id) pairs."""
    pressable, chosen = _pressable(letters) if not human else (-1, frozenset())
    return [_bubble(letter, has_recording=has_recording, chosen=chosen if letter.n == pressable else None) for letter in letters]


def first_unanswered(letters: Sequence[LetterLike]) -> int:
    """The first message since the person last said something: where reading begins. 0 if there is none."""
    first = 0
    for letter in letters:
        first = 0 if letter.kind == "me" else first or letter.n
    return first


def _pressable(letters: Sequence[LetterLike]) -> tuple[int, frozenset[str]]:
    """The question that waits, and the labels already pressed on it; a question for several answers says nothing between two presses."""
    chosen: set[str] = set()
    spoken = False
    for letter in reversed(letters):
        if letter.kind == "me" and letter.label:
            if spoken:
                break
            chosen.add(letter.label)
        elif letter.kind != "me":
            if letter.buttons:
                return letter.n, frozenset(chosen)
            spoken = True
    return -1, frozenset()


def _bubble(letter: LetterLike, *, has_recording: frozenset[tuple[str, str]], chosen: frozenset[str] | None) -> Bubble:
    blocks, drawn = _paragraphs(letter)
    listen = letter.listen or ""
    return Bubble(
        n=letter.n,
        kind=letter.kind,
        lang=letter.language,
        dir=direction(letter.language),
        blocks=tuple(tuple(block.split("\n")) for block in blocks),
        cards=tuple(_card(card, block) for card, block in zip(letter.cards, drawn, strict=True)),
        choices=_choices(letter.buttons, chosen) if chosen is not None else (),
        client=letter.client,
        own=letter.label,
        listen=f"/chat/voice/{letter.language}/{listen}.ogg" if (letter.language, listen) in has_recording else "",
    )


def _paragraphs(letter: LetterLike) -> tuple[list[str], list[str]]:
    """The paragraphs of a message, and apart those of its contacts: the text holds them too, one each, after everything else."""
    blocks = [block for block in re.split(r"\n\s*\n", letter.text.strip()) if block]
    own = len(blocks) - len(letter.cards)
    if own >= 0 and all(card.name in block for card, block in zip(letter.cards, blocks[own:], strict=True)):
        return blocks[:own], blocks[own:]
    return blocks, ["" for _ in letter.cards]


def _choices(buttons: Sequence[OutButton], chosen: frozenset[str]) -> tuple[Choice, ...]:
    number = 0
    choices = []
    for button in buttons:
        glob = button.data.startswith("*.")
        number += not glob
        shown = "" if glob else str(number)
        choices.append(Choice(shown, button.label, button.data, _script(button.label), button.label in chosen))
    return tuple(choices)


def _script(label: str) -> str:
    """The language of a button whose script is not the page's (names of languages stand in their own), or empty."""
    arabic = any("ARABIC" in unicodedata.name(c, "") for c in label)
    return "ar" if arabic else ""


def _card(card: OutCard, block: str) -> CardView:
    calls = [Call(f"tel:{_dialled(number)}", number, "call") for number in card.numbers]
    calls += [Call(f"https://wa.me/{_dialled(chat).lstrip('+')}", chat, "chat") for chat in card.chats]
    calls += [Call(f"mailto:{without_direction(email)}", email, "email") for email in card.emails]
    country = block.partition(card.name)[0].strip()
    return CardView(
        name=card.name, country=country, lines=card.lines, may_follow=card.may_follow,
        checked=card.checked, verified=card.verified, calls=tuple(calls),
    )  # fmt: skip


def _dialled(number: str) -> str:
    return "".join(c for c in number if c.isdecimal() or c == "+")
