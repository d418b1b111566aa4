"""A message in one language: whole texts, labels and contacts as a person reads them.

Rule 1: nothing is glued from pieces: each part is a whole text on its own lines.
Rule 2: the text holds everything, contacts too, for channels that show text only; each number stands alone on its line.
"""

from typing import TypeAlias

from msgspec import Struct

from bot.engine.effects import Button, Card, Send
from bot.engine.tongues import name_in, own_name
from bot.i18n.texts import Texts
from bot.i18n.values import Code, Ref, Several, Text, Value, Words

RenderedButton: TypeAlias = tuple[str, str, bool]
"""Key, label, whether it is a global word."""
_LANGUAGE = "languages."


class RenderedCard(Struct, frozen=True, array_like=True):
    """A contact in one language. `country`: only where it must be told apart."""

    name: str
    country: str
    numbers: tuple[str, ...]
    chats: tuple[str, ...]
    emails: tuple[str, ...]
    lines: tuple[str, ...]
    may_follow: str
    checked: str
    verified: bool = False  # someone rang it


class Rendered(Struct, frozen=True, array_like=True):
    """A message in one language."""

    text: str
    buttons: tuple[RenderedButton, ...]
    cards: tuple[RenderedCard, ...]


def render(texts: Texts, send: Send, language: str) -> Rendered:
    """Give the message in the language, values isolated; raises `KeyError` on a text that does not exist."""
    cards = tuple(_card(texts, card, language) for card in send.cards)
    parts = [_say(texts, part, language) for part in send.parts]
    parts += [_lines(card) for card in cards]
    buttons = tuple((button.key, _label(texts, button, language), button.glob) for button in send.buttons)
    return Rendered("\n\n".join(parts), buttons, cards)


def spoken(texts: Texts, value: Value, language: str) -> str:
    """Give one value as staff or people read it."""
    return texts.value(_known(texts, value, language), language)


def _say(texts: Texts, text: Text, language: str) -> str:
    if not text.values:
        return texts.render(text, language)
    return texts.render(Text(text.id, tuple((name, _known(texts, value, language)) for name, value in text.values)), language)


def _known(texts: Texts, value: Value, language: str) -> Value:
    """Names of languages are no texts of the flows: they are known here."""
    match value:
        case Ref(id) if id.startswith(_LANGUAGE) and not texts.has(id):
            return Words(name_in(id.removeprefix(_LANGUAGE), language))
        case Several(values):
            return Several(tuple(_known(texts, each, language) for each in values))
        case _:
            return value


def _label(texts: Texts, button: Button, language: str) -> str:
    label = button.label.id
    if label.startswith(_LANGUAGE) and not texts.has(label):
        return own_name(label.removeprefix(_LANGUAGE))
    return _say(texts, button.label, language)


def _card(texts: Texts, card: Card, language: str) -> RenderedCard:
    return RenderedCard(
        name=_say(texts, card.name, language),
        country=_say(texts, card.country, language) if card.country is not None else "",
        numbers=tuple(texts.value(Code(number), language) for number in card.numbers),
        chats=tuple(texts.value(Code(number), language) for number in card.chats),
        emails=tuple(texts.value(Code(address), language) for address in card.emails),
        lines=tuple(_say(texts, line, language) for line in card.lines),
        may_follow=_say(texts, card.may_follow, language),
        checked=_say(texts, card.checked, language),
        verified=card.checked.id == "bot.contact-checked",
    )


def _lines(card: RenderedCard) -> str:
    head = (card.country, card.name) if card.country else (card.name,)
    chats = tuple(f"WhatsApp: {number}" for number in card.chats)
    return "\n".join((*head, *card.numbers, *chats, *card.emails, *card.lines, card.may_follow, card.checked))
