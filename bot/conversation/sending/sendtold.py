"""Whom the sender tells what became of a row, and whom it asks about notices.

Rule 1: nothing that is told names anybody or says anything.
"""

from typing import Protocol

from bot.conversation.group.groupstate import GroupTold
from bot.conversation.notices.notice import Fate


class SendTold(GroupTold, Protocol):
    """What the sender tells the operator's counters."""

    def sent(self, channel: str, result: str, wait: float | None = None) -> None:
        """One call to a channel ended as `sent` or with a reason; `wait`: it asked to be left alone for so many seconds."""

    def gave_up(self, reason: str) -> None:
        """One message will not be tried again."""

    def crashed(self, kind: str) -> None:
        """A channel failed in a way it has no word for; `kind` is the class of the error."""


class NoticeFates(Protocol):
    """What is known of notices (`bot.conversation.notices.notices.Notices`)."""

    def fate(self, row: str) -> Fate:
        """Give what is to become of a row."""

    def count(self, name: str, end: str) -> None:
        """A row ended otherwise than sent."""
