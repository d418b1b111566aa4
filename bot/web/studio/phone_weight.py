"""What the chat page weighs: its own bytes, and those of each message, as they go over the line.

Rule 1: nothing is estimated that can be made: the page, its files and each message are rendered by the templates of the page itself.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from starlette.datastructures import MutableHeaders

from bot.ports import OutButton, OutCard
from bot.studio.playing.screens import Bubble
from bot.studio.showing.slow import TWO_G, answered, opened
from bot.web.chat.view import bubbles
from bot.web.guard import harden
from bot.web.pages import LANGUAGES, Pages

REQUEST: Final = 700
"""Bytes of one request of a phone's browser: its line, headers and the form, about."""
STATUS: Final = 120
"""Bytes of a status line, date and length, about."""
FILES: Final = ("chat.css", "chat.js")
_NAME: Final = "xxxxxxxxxxxxxxxx"


class Letter(NamedTuple):
    """One message as the chat page gets it."""

    n: int
    kind: Literal["bot", "human", "me"]
    language: str
    id: str
    text: str
    buttons: tuple[OutButton, ...] = ()
    cards: tuple[OutCard, ...] = ()
    listen: str | None = None
    client: str = ""
    label: str = ""


class Weight(NamedTuple):
    """Bytes, and seconds on 2G."""

    size: int
    seconds: float


class Page(NamedTuple):
    """What opening the page costs: the page and its files, and all of it."""

    page: int
    files: int
    whole: Weight


@lru_cache(maxsize=1)
def headers() -> int:
    """Bytes of the headers of every answer."""
    made = MutableHeaders()
    harden(made, "/chat", secure=True)
    return STATUS + sum(len(name) + len(value) + 4 for name, value in made.items())


def page_weight(pages: Pages, language: str, say: Callable[[str], str]) -> Page:
    """What the page weighs when it is opened for the first time."""
    text = pages.text(
        "chat.html", language, who="bot", bubbles=[], first_new=0, cursor=0, seated=False, fresh=_NAME,
        hello={code: pages.words("chat.hello", code) for code in LANGUAGES}, say=say,
    )  # fmt: skip
    page = len(text.encode()) + headers()
    files = [pages.assets.weight(name) + headers() for name in FILES]
    return Page(page, sum(files), Weight(page + sum(files), opened(TWO_G, page, REQUEST, files)))


def turn_weight(pages: Pages, came: Sequence[Bubble]) -> Weight:
    """What the messages of one turn weigh together, and how long they take from the press."""
    size = len(_sent(pages, came)) + headers() + len('{"ok":true}') + headers()
    return Weight(size, answered(TWO_G, REQUEST, size))


def _sent(pages: Pages, came: Sequence[Bubble]) -> bytes:
    language = came[0].language if came else "ar"
    drawn = bubbles([_letter(n, bubble) for n, bubble in enumerate(came, 1)], human=False, has_recording=frozenset())
    letters = []
    for bubble in drawn:
        names = ("bubble.html", "choices.html") if bubble.choices else ("bubble.html",)
        letters.append({"client": "", "html": "".join(pages.text(name, language, bubble=bubble, fresh=_NAME) for name in names)})
    body = {"cursor": 1, "who": "bot", "lang": language, "writes": False, "letters": letters}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _letter(n: int, bubble: Bubble) -> Letter:
    cards = tuple(
        OutCard(
            name=card.name, numbers=card.numbers, chats=card.chats, emails=card.emails, lines=card.lines, may_follow=card.may_follow,
            checked=card.checked, verified=card.verified,
        )
        for card in bubble.cards
    )  # fmt: skip
    buttons = tuple(OutButton(label=choice.label.said, data="x" * choice.data) for choice in bubble.choices)
    words = bubble.words or "\n\n".join(part.said for part in bubble.parts)
    blocks = ["\n".join((card.name, *card.numbers, *card.lines)) for card in bubble.cards]
    return Letter(n, "human" if bubble.who == "human" else "bot", bubble.language, bubble.id, "\n\n".join((words, *blocks)), buttons, cards)
