"""Bringing updates to a webhook: one of a queue at a time, again after an answer that is no 2xx, later and later.

Rule 1: a queue in back-off holds its place: when twice `max_connections` queues wait, no other queue is served.
Rule 2: `Retry-After` is honoured up to an hour; an address that said 410 for 23 hours is given up.
"""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.botapi.waiting import Row, Waiting
from tests.botapi.wire import Post

FIRST, LONGEST = 1.0, (60.0, 120.0)
MOST_TOLD, WAITS_FOR_ANSWER = 3600.0, 60.0
GONE_AFTER = 23 * 3600.0


@dataclass
class Hook:
    """Where updates are brought. `hurry`: how many of Telegram's seconds of back-off go into one of ours. `said`: told what an answer asks."""

    waiting: Waiting
    now: Callable[[], float]
    hurry: float
    said: Callable[[bytes], None]
    url: str = ""
    secret: str = ""
    connections: int = 40
    delivered: list[tuple[float, Any, int]] = field(default_factory=list)
    """(when, queue, status) of each attempt; status 0: no answer."""
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    _loaded: set[Any] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _gone_since: float | None = None
    _asking: asyncio.Semaphore | None = None

    def wake(self) -> None:
        """Something is new: an update, an address, or the time."""
        self._news.set()

    def set(self, url: str, secret: str, connections: int) -> None:
        """Bring updates here from now on, or nowhere."""
        if url != self.url or connections != self.connections:
            self._asking = None
        self.url, self.secret, self.connections, self._gone_since = url, secret, connections, None
        self.wake()

    async def run(self) -> None:
        """Bring updates for as long as this runs."""
        post = Post()
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._news.clear()
                    self._load(group, post)
                    await self._news.wait()
        finally:
            post.close()

    def _load(self, group: asyncio.TaskGroup, post: Post) -> None:
        self.waiting.expire(self.now())
        if not self.url:
            return
        for row in self.waiting.heads(self._loaded):
            if len(self._loaded) >= 2 * self.connections:
                return
            self._loaded.add(row.queue)
            group.create_task(self._serve(row.queue, post))

    async def _serve(self, queue: Any, post: Post) -> None:
        """Bring one queue's updates in order until it is empty."""
        pause = 0.0
        while self.url and (rows := self.waiting.queues.get(queue)):
            pause = await self._bring(rows[0], post, pause)
            if pause:
                await asyncio.sleep(pause / self.hurry)
                self.waiting.expire(self.now())
        self._loaded.discard(queue)
        self.wake()

    async def _bring(self, row: Row, post: Post, pause: float) -> float:
        """Bring one; gives the seconds (Telegram's) until the next attempt, 0 if it was taken."""
        if self._asking is None:
            self._asking = asyncio.Semaphore(self.connections)
        body = json.dumps(row.update).encode()
        async with self._asking:
            if row.gone:
                return 0.0
            answer = await post(self.url, body, {"X-Telegram-Bot-Api-Secret-Token": self.secret}, WAITS_FOR_ANSWER)
        status, headers, said = answer or (0, {}, b"")
        self.delivered.append((self.now(), row.queue, status))
        if 200 <= status < 300:
            self.waiting.remove(row)
            self._gone_since = None
            self.said(said)
            return 0.0
        self._give_up(status)
        told = headers.get("retry-after", "")
        if told.isdigit():
            return min(float(told), MOST_TOLD) or FIRST
        return min(pause * 2, self.chance.uniform(*LONGEST)) if pause else FIRST

    def _give_up(self, status: int) -> None:
        if status != 410:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = self.now()
        elif self.now() - self._gone_since >= GONE_AFTER:
            self.url = ""
