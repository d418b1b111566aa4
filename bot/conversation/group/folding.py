"""What waits for the caseworkers' group, put together: the group takes twenty messages a minute, and an hour of danger brings more.

Rule 1: no word of a person or of staff is left out, and what belongs to one case keeps its order.
Rule 2: of several titles only the newest is set; a post on how the case stands is left out where a later one waits behind it.
Rule 3: what was hidden alone is hidden together: each stretch by itself, counted in UTF-16 units. Pure.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, structs

from bot.conversation.group.told import SHUT, STANDS
from bot.conversation.pacing.outgoing import LONGEST, units
from bot.ports import OutButton, Outgoing

MOST_HIDDEN: Final = 90
"""Stretches of one message; Telegram reads a hundred entities."""


class Folded(Struct, frozen=True):
    """One message for several that waited. `covers`: their places, 0 for the first; what is not among them waits on."""

    message: Outgoing
    covers: tuple[int, ...]


def fold(waiting: Sequence[Outgoing]) -> Folded:
    """Give what the first of these becomes together with those behind it."""
    first = waiting[0]
    if first.case is None or first.kind not in ("topic", "title", "post"):
        return Folded(first, (0,))
    mine = list(_of_one_case(waiting))
    return _posts(mine) if first.kind == "post" else _titles(mine)


def joined(posts: Sequence[Outgoing]) -> Folded:
    """Give as many of these posts as fit, from the first on, as one message."""
    return _posts(list(enumerate(posts)))


def _of_one_case(waiting: Sequence[Outgoing]) -> Iterator[tuple[int, Outgoing]]:
    for place, one in enumerate(waiting):
        if place and (one.case != waiting[0].case or one.kind not in ("title", "post")):
            return
        yield place, one


def _titles(mine: Sequence[tuple[int, Outgoing]]) -> Folded:
    """The newest title; a topic is closed only after what was to be posted before that."""
    _, newest = mine[0]
    covers, posts = [0], False
    for place, one in mine[1:]:
        if one.kind == "post":
            posts = True
        elif one.id == SHUT and (posts or newest.kind == "topic"):
            newest = structs.replace(newest, text=one.text)
            break
        else:
            newest = structs.replace(newest, text=one.text, id=one.id or newest.id)
            covers.append(place)
    return Folded(newest, tuple(covers))


def _posts(mine: Sequence[tuple[int, Outgoing]]) -> Folded:
    posts = [(place, one) for place, one in mine if one.kind == "post"]
    latest = max((place for place, one in posts if one.id in STANDS), default=-1)
    page, covers = _Page(), list[int]()
    for place, one in posts:
        if not (one.id in STANDS and place < latest) and not page.takes(one):
            break
        covers.append(place)
    return Folded(page.message(posts[0][1]), tuple(covers))


class _Page:
    """One message as it grows."""

    def __init__(self) -> None:
        self._posts: list[Outgoing] = []
        self._text = ""
        self._units = 0
        self._hidden: list[tuple[int, int]] = []
        self._actions: tuple[OutButton, ...] = ()

    def takes(self, post: Outgoing) -> bool:
        """Add a post, if there is room for it; the first always has."""
        last = self._posts[-1] if self._posts else None
        if last is not None and last.spoiler and last.text == post.text and post.spoiler:
            head = "\n"
        else:
            head = ("\n\n" if last is not None else "") + post.text + ("\n" if post.spoiler else "")
        before, length = units(head), units(post.spoiler)
        if last is not None and (self._units + before + length > LONGEST or len(self._hidden) >= MOST_HIDDEN):
            return False
        if post.spoiler:
            self._hidden.append((self._units + before, length))
        self._text += head + post.spoiler
        self._units += before + length
        self._actions = post.actions or self._actions
        self._posts.append(post)
        return True

    def message(self, first: Outgoing) -> Outgoing:
        """Give what it has become."""
        if len(self._posts) == 1:
            return self._posts[0]
        return structs.replace(first, id="", text=self._text, spoiler="", hidden=tuple(self._hidden), actions=self._actions)
