"""What the caseworkers' group is told of a case as one event changes it: posts in its topic, and the topic's title.

Rule 1: a person's words, what they shared, and a caseworker's words stand under a spoiler; what stands open says nothing of them.
Rule 2: the title follows the case: it is set again when what it says has changed, and at no other time.
Rule 3: a post on how the case stands has the buttons that the case has after this event, and so has the first one.
"""

from typing import Literal

from msgspec import structs

from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.presses import actions
from bot.conversation.group.told import CAME, OPENED, REOPENED, SHUT, STANDS, WROTE, Fields, about, summary, words_of, written
from bot.engine.render import spoken
from bot.i18n.texts import Texts
from bot.i18n.values import Ref
from bot.ports import CaseIndex, Outgoing


class Posts:
    """Gathers what one event posts about one case. `texts`: of the flows, for what was consented and the names of teams."""

    def __init__(self, words: GroupWords, texts: Texts) -> None:
        self._words = words
        self._texts = texts
        self._made: list[Outgoing] = []

    def team(self, team: str) -> str:
        """Give a team's name in the group's language."""
        name = f"teams.{team}:name"
        return self._texts.say(name, self._words.language) if self._texts.has(name) else team

    def opened(self, index: CaseIndex, fields: Fields) -> None:
        """The case is new: say whose it is, how urgent, and what was shared."""
        words = self._words
        speaks = spoken(self._texts, Ref(f"languages.{index.language}"), words.language)
        urgency, how = words.say(f"topic.urgency.{index.urgency}"), words.say("topic.how")
        lead = f"{urgency}\n{how}\n{words.say('topic.shared' if fields else 'topic.nothing-shared')}"
        shared = summary(self._texts, fields, words.language)
        self._made += about(words, index.code, OPENED, lead=lead, hidden=shared, team=self.team(index.team), speaks=speaks)

    def shared(self, code: str, fields: Fields) -> None:
        """More was consented: this is what may be seen now."""
        self._made += about(self._words, code, "topic.added", hidden=summary(self._texts, fields, self._words.language))

    def tell(self, case: str, id_: str, *, spoiler: str = "", **values: str) -> None:
        """Post a staff text. `spoiler`: words of somebody."""
        if id_ == WROTE:
            self._made += written(self._words, case, spoiler)
        else:
            self._made += about(self._words, case, id_, hidden=words_of(spoiler), **values)

    def forget(self) -> None:
        """Say nothing of what was gathered so far."""
        self._made.clear()

    def leave(self, before: CaseIndex | None, after: CaseIndex | None) -> list[Outgoing]:
        """Give what goes to the group, in order: the case was so before this event, and is so after it."""
        if after is None or self._words.groups.of(after.team) is None:
            return []
        under = actions(self._words, after)
        posts = [structs.replace(one, actions=under) if one.id in STANDS or one.id == OPENED else one for one in self._made]
        if before is None:
            return [self._title("topic", after), *posts]
        if self._words.groups.of(before.team) != self._words.groups.of(after.team):
            return [self._title("topic", after, CAME), *posts] if after.state != "closed" else []
        if after.state == "erased" or self._words.title(before) == self._words.title(after):
            return posts
        if before.state == "closed":
            return [self._title("title", after, REOPENED), *posts]
        return [*posts, self._title("title", after, SHUT if after.state == "closed" else "")]

    def left(self, index: CaseIndex, team: str) -> list[Outgoing]:
        """Give what the group is told whose case goes to a team with another group, or with none: where it went, and nothing more."""
        title = self._words.say("topic.title.moved", code=index.code)
        told = about(self._words, index.code, "topic.moved-away", team=self.team(team))
        return [*told, Outgoing(kind="title", language=self._words.language, text=title, id=SHUT, case=index.code)]

    def _title(self, kind: Literal["topic", "title"], index: CaseIndex, id_: str = "") -> Outgoing:
        return Outgoing(kind=kind, language=self._words.language, text=self._words.title(index), id=id_, case=index.code)
