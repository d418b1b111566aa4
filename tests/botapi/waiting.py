"""The updates that wait for a bot: in one order for polls, in a queue per chat or person for a webhook, each for as long as Telegram keeps it.

Rule 1: a message lives a day, a press 150 seconds; what is over is gone without a word (a test finds it in `expired`).
Rule 2: it knows no clock; the present is an argument.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DAY = 86_400.0
LIVES = {"callback_query": 150.0, "shipping_query": 150.0, "inline_query": 30.0}
MOST = 100_000
"""Events of one bot that Telegram keeps; what comes on top is dropped."""
_PRESSES, _MEMBERS, _REACTIONS = 3 << 33, 5 << 33, 8 << 33


@dataclass(eq=False, slots=True)
class Row:
    """One update. `queue`: what it stands in for a webhook. `until`: when it is over. `gone`: confirmed or over."""

    update: dict[str, Any]
    queue: Any
    until: float
    gone: bool = False

    @property
    def id(self) -> Any:
        """The update's number."""
        return self.update.get("update_id")


@dataclass
class Waiting:
    """What a bot has not confirmed."""

    rows: dict[int, Row] = field(default_factory=dict)
    queues: dict[Any, deque[Row]] = field(default_factory=dict)
    expired: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    _earliest: float = 0.0

    def __len__(self) -> int:
        return len(self.rows)

    def push(self, update: dict[str, Any], now: float) -> None:
        """Let an update wait."""
        if len(self.rows) >= MOST:
            self.dropped.append(update)
            return
        kind = next((name for name in update if name != "update_id"), "message")
        row = Row(update, queue_of(update), now + LIVES.get(kind, DAY))
        self._earliest = min(self._earliest, row.until) if self.rows else row.until
        self.rows[id(row)] = row
        self.queues.setdefault(row.queue, deque()).append(row)

    def remove(self, row: Row) -> None:
        """It was taken, or it is over."""
        row.gone = True
        self.rows.pop(id(row), None)
        queue = self.queues.get(row.queue)
        while queue and queue[0].gone:
            queue.popleft()
        if queue is not None and not queue:
            del self.queues[row.queue]

    def expire(self, now: float) -> None:
        """Forget what is over."""
        if now < self._earliest:
            return
        for row in [row for row in self.rows.values() if row.until <= now]:
            self.expired.append(row.update)
            self.remove(row)
        self._earliest = min((row.until for row in self.rows.values()), default=now + DAY)

    def confirm(self, offset: int) -> None:
        """Forget all below this number; a negative one forgets all but so many of the last."""
        over = list(self.rows.values())[:offset] if offset < 0 else list(self._below(offset))
        for row in over:
            self.remove(row)

    def _below(self, offset: int) -> Iterator[Row]:
        for row in self.rows.values():
            if not isinstance(row.id, int):
                continue
            if row.id >= offset:
                return
            yield row

    def first(self, limit: int, kinds: list[str] | None = None) -> list[dict[str, Any]]:
        """Give the first so many, in order of arrival; `kinds`: only these."""
        given: list[dict[str, Any]] = []
        for row in self.rows.values():
            if kinds and not any(kind in row.update for kind in kinds) and len(row.update) > 1:
                continue
            given.append(row.update)
            if len(given) >= limit:
                break
        return given

    def heads(self, without: set[Any]) -> Iterator[Row]:
        """Give the head of each queue that is not in hand."""
        for queue, rows in list(self.queues.items()):
            if queue not in without:
                yield rows[0]


def queue_of(update: dict[str, Any]) -> Any:
    """Give the queue an update stands in: its chat for messages; for presses its person, so that a press may overtake a message."""
    for kind, apart in (("callback_query", _PRESSES), ("my_chat_member", _MEMBERS), ("message_reaction", _REACTIONS)):
        if kind in update:
            sender = update[kind].get("from") if isinstance(update[kind], dict) else None
            number = sender.get("id") if isinstance(sender, dict) else None
            return number + apart if isinstance(number, int) else kind
    message = update.get("message") or update.get("edited_message")
    chat = message.get("chat") if isinstance(message, dict) else None
    return chat["id"] if isinstance(chat, dict) and isinstance(chat.get("id"), int) else "other"
