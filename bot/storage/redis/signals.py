"""Bells between processes, over Redis' own messages. They may be lost: whoever listens also looks for itself each second.

Rule 1: a word names no person, and is no more than a reason to look.
Rule 2: ringing never waits and never fails.
"""

import asyncio
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.storage.redis.wire import Wire

CHANNEL = "amana:bell"
AGAIN = 1.0
"""Seconds until a lost line is made anew."""


class Signals:
    """Rings through the wire, listens on a line of its own. `name`: this process, which does not hear itself."""

    def __init__(self, wire: Wire, *, url: str, name: str) -> None:
        self._wire = wire
        self._url = url
        self._name = name
        self._words: dict[str, None] = {}

    def ring(self, word: str) -> None:
        """Tell every other process: `inbox`, `case CODE`, `mail ROUTE` or `done EVENT OUTCOME`."""
        if not self._words:
            asyncio.get_running_loop().call_soon(self._flush)
        self._words[word] = None

    def _flush(self) -> None:
        words, self._words = self._words, {}
        for word in words:
            self._wire.command("meta", "PUBLISH", CHANNEL, f"{self._name} {word}").add_done_callback(_unheard)

    async def listen(self, heard: Callable[[str], None]) -> None:
        """Give what others ring, until cancelled."""
        while True:
            line: Redis = Redis.from_url(self._url, socket_connect_timeout=2.0, health_check_interval=15)
            try:
                await self._listen(line, heard)
            except (RedisError, OSError):
                await asyncio.sleep(AGAIN)
            finally:
                await line.aclose()

    async def _listen(self, line: Redis, heard: Callable[[str], None]) -> None:
        async with line.pubsub(ignore_subscribe_messages=True) as bells:
            await bells.subscribe(CHANNEL)
            async for message in bells.listen():
                name, _, word = message["data"].decode("utf-8", "replace").partition(" ")
                if name != self._name:
                    heard(word)


def _unheard(done: "asyncio.Future[object]") -> None:
    if not done.cancelled():
        done.exception()
