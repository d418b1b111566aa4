"""What Telegram answers, in our words. The texts are those of the open Bot API server; anything unknown is refused, not repeated for ever.

Rule 1: foreign errors stop here.
"""

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.channels.telegram.http1 import NotSent
from bot.ports import Failure, SendFailed

_BAD: tuple[tuple[str, Failure], ...] = (
    ("not enough rights", "no-rights"),
    ("have no rights", "no-rights"),
    ("need administrator rights", "no-rights"),
    ("chat_admin_required", "no-rights"),
    ("chat_write_forbidden", "no-rights"),
    ("chat is not a forum", "no-rights"),
    ("message thread not found", "no-topic"),
    ("topic_deleted", "no-topic"),
    ("topic_closed", "no-topic"),
    ("topic_id_invalid", "no-topic"),
    ("chat not found", "person-left"),
    ("peer_id_invalid", "person-left"),
    ("query is too old", "too-old"),
    ("message to edit not found", "too-old"),
    ("message can't be edited", "too-old"),
    ("message is not modified", "too-old"),
)
_FORBIDDEN: tuple[tuple[str, Failure], ...] = (
    ("kicked", "no-group"),
    ("not a member", "no-group"),
    ("group chat was deleted", "no-group"),
    ("not enough rights", "no-rights"),
    ("chat_write_forbidden", "no-rights"),
)


def in_our_words(error: TelegramError) -> SendFailed:
    """Give the failure that this error means."""
    match error:
        case RetryAfter():
            return SendFailed("slow-down", retry_after=_seconds(error))
        case ChatMigrated():
            return SendFailed("moved")
        case Forbidden():
            return SendFailed(_found(_FORBIDDEN, error) or "person-left")
        case NotSent():
            return SendFailed("network")
        case BadRequest():
            return SendFailed(_found(_BAD, error) or "refused")
        case TimedOut():
            return SendFailed("network", unknown=True)
        case InvalidToken():
            return SendFailed("server", retry_after=60.0)
        case _:
            return SendFailed("server", unknown=True)


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _found(table: tuple[tuple[str, Failure], ...], error: TelegramError) -> Failure | None:
    text = error.message.lower()
    return next((reason for part, reason in table if part in text), None)
