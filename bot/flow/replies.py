"""Replies that stand ready: what caseworkers often say, written, checked and translated like everything that people receive.

Rule 1: a caseworker reads the title in their own language; the person gets the text in theirs.
Rule 2: nothing is filled into a reply: it says the same to everyone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply. Text ids: `replies.<id>` what is sent, `replies.<id>:title` its name for staff. `teams`, `needs`: empty = everywhere."""

    id: str
    teams: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The id of what is sent."""
        return f"replies.{self.id}"

    @property
    def title(self) -> str:
        """The id of its name for staff."""
        return f"{self.text}:title"


def replies_for(replies: Mapping[str, Reply], team: str, need: str) -> Sequence[Reply]:
    """Give the replies for a case of this team and need: those made for this need first, then in the order of the file."""
    fitting = [each for each in replies.values() if (not each.teams or team in each.teams) and (not each.needs or need in each.needs)]
    return sorted(fitting, key=lambda each: not each.needs)
