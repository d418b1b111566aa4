"""Single posts for the caseworkers' group: a sentence of ours, and below it, hidden, the words of others.

Rule 1: words of a person, of a colleague and what was consented stand under a spoiler and nowhere else; no line of ours is made of them.
"""

from typing import Final, TypeAlias

from msgspec import structs

from bot.conversation.group.groupwords import GroupWords
from bot.conversation.pacing.outgoing import post
from bot.engine.render import spoken
from bot.i18n.plain import plain, uncalled
from bot.i18n.texts import Texts
from bot.i18n.values import Text, Value
from bot.ports import Outgoing

Fields: TypeAlias = tuple[tuple[Text, Value], ...]
STANDS: Final = frozenset(
    (
        "topic.claimed", "topic.assigned", "topic.closed", "topic.do-not-write", "topic.may-write", "topic.left", "topic.queued",
        "topic.moved", "topic.reopened", "topic.only-after",
    )
)  # fmt: skip
"""Ids of posts on how a case stands: where a later one waits behind it, it need not go."""
SHUT: Final = "topic.shut"
REOPENED: Final = "topic.opened-again"
"""Ids of a title with which the topic is closed, or opened again."""
CAME: Final = "topic.came"
"""Id of the topic of a case that comes from a team with another group."""
OPENED: Final = "topic.opened"
"""Id of the first post of a case."""
WROTE: Final = "topic.person"
"""Id of the first post of what the person wrote at one time; with an end of its own, what they changed."""


def about(words: GroupWords, case: str, id_: str, *, lead: str = "", hidden: str = "", **values: str) -> list[Outgoing]:
    """Give a staff text as posts. `lead`: more of ours below it; `hidden`: what stands under the spoiler, as it shall be shown."""
    text = words.say(id_, **{"code": case, **values})
    parts = post(case, words.language, f"{text}\n{lead}" if lead else text, spoiler=hidden)
    return [structs.replace(part, id=id_ if n == 0 else "") for n, part in enumerate(parts)]


def words_of(text: str) -> str:
    """Give words of others as they stand under a spoiler: nothing in them steers the text, calls anybody or can be pressed."""
    return uncalled(plain(text))


def written(words: GroupWords, code: str, text: str, media: str | None = None) -> list[Outgoing]:
    """Give what the person wrote, or the word for what they sent, as posts."""
    if media is None:
        return about(words, code, WROTE, hidden=words_of(text))
    return about(words, code, f"topic.media.{media}")


def from_person(post: Outgoing) -> bool:
    """Whether a post is the first of something that a person wrote, changed or sent: one entry of the thread."""
    return post.id.startswith((WROTE, "topic.media."))


def summary(texts: Texts, fields: Fields, language: str) -> str:
    """Give the consented fields, one on a line, in this language: no answer of several lines looks like another field."""
    said = ((texts.render(label, language), " · ".join(spoken(texts, value, language).splitlines())) for label, value in fields)
    return "\n".join(uncalled(f"{label}: {value}") for label, value in said)
