"""From an ordered message to rows that can be sent again word for word.

Rule 1: a message is rendered and split once, when it is committed; a resend is the same bytes.
Rule 2: no part is longer than 4,000 UTF-16 units, and no split falls inside a line if a line end is near.
"""

from typing import Literal

from bot.engine.effects import Send
from bot.engine.render import render
from bot.engine.session import Who
from bot.i18n.texts import Texts
from bot.ports import OutButton, OutCard, Outgoing

LONGEST = 4000
"""UTF-16 units of one part. Telegram takes 4,096 after entities; whether it counts units or code points is not documented."""


def units(text: str) -> int:
    """Give the length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, longest: int = LONGEST) -> list[str]:
    """Cut a text into parts of at most `longest` UTF-16 units, at an empty line, a line end or a space where there is one."""
    if len(text) * 2 <= longest:
        return [text]
    parts: list[str] = []
    while units(text) > longest:
        cut = _cut(text, longest)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    if text or not parts:
        parts.append(text)
    return parts


def _cut(text: str, longest: int) -> int:
    end = used = 0
    for end, c in enumerate(text):  # noqa: B007 the place where the units run out
        used += 2 if ord(c) > 0xFFFF else 1
        if used > longest:
            break
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, end // 2, end)
        if at > 0:
            return at
    return end


def message(send: Send, texts: Texts, language: str, *, stamp: tuple[str, int], who: Who | None = None) -> list[Outgoing]:
    """Give the parts of one message in this language. `stamp`: (life, turn) that a press of its buttons will bring back.

    `who`: who has the conversation after it.
    """
    rendered = render(texts, send, language)
    mark = f"{stamp[0]}.{stamp[1]}"
    buttons = tuple([OutButton(label, f"*.{key}" if glob else f"{mark}.{key}") for key, label, glob in rendered.buttons])
    cards = tuple(
        OutCard(
            name=card.name,
            numbers=card.numbers,
            chats=card.chats,
            emails=card.emails,
            lines=card.lines,
            may_follow=card.may_follow,
            checked=card.checked,
            verified=card.verified,
        )
        for card in rendered.cards
    )
    texts_ = split(rendered.text)
    last = len(texts_) - 1
    listen = send.id if send.listen else None
    return [
        Outgoing(
            kind="bot",
            language=language,
            text=text,
            id=send.id,
            listen=listen if n == 0 else None,
            buttons=buttons if n == last else (),
            cards=cards if n == last and last == 0 else (),
            who=who,
        )
        for n, text in enumerate(texts_)
    ]


def human(text: str, language: str, *, case: str) -> list[Outgoing]:
    """Give the parts of a caseworker's words, which belong to their case."""
    return [Outgoing(kind="human", language=language, text=part, id="human", case=case) for part in split(text)]


def post(case: str, language: str, text: str, *, spoiler: str = "", kind: Literal["post", "topic"] = "post") -> list[Outgoing]:
    """Give what goes to the caseworkers' group for a case; a person's words go under a spoiler."""
    if not spoiler:
        return [Outgoing(kind=kind, language=language, text=part, case=case) for part in split(text)]
    parts = split(spoiler, LONGEST - units(text))
    return [Outgoing(kind=kind, language=language, text=text, case=case, spoiler=part) for part in parts]
