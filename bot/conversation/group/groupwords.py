"""What a group of caseworkers is told, in its language: sentences, and the title of a case's topic.

Rule 1: a title stands in the preview of a notification: it holds the case's code, how the case stands and a tree; no need, no country,
no word of the person.
"""

from typing import Literal, TypeAlias

from bot.conversation.group.groups import ONE, Groups
from bot.i18n.staff import StaffTexts
from bot.ports import CaseIndex

Standing: TypeAlias = Literal["waiting", "claimed", "do-not-write", "closed"]


class GroupWords:
    """Says things to groups of caseworkers in their language. `on` False: there is none, and nothing is posted."""

    def __init__(self, *, on: bool, language: str, staff: StaffTexts, groups: Groups | None = None) -> None:
        self.groups = (groups or ONE) if on else Groups()
        self.language = language
        self._staff = staff

    def say(self, id_: str, **values: str) -> str:
        """Give a staff text in the group's language."""
        return self._staff.say(id_, self.language, **values)

    def title(self, index: CaseIndex) -> str:
        """Give the title of the case's topic as the case stands now."""
        now = standing(index)
        danger = "now." if index.urgency == "now" and now != "closed" else ""
        return self.say(f"topic.title.{danger}{now}", code=index.code, by=index.claimant or "")


def standing(index: CaseIndex) -> Standing:
    """Give the one word for how a case stands; that nobody may write comes before who has it."""
    if index.state in ("closed", "erased"):
        return "closed"
    if index.unwritten:
        return "do-not-write"
    return "claimed" if index.state == "claimed" else "waiting"
