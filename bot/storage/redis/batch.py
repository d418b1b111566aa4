"""What is asked of one script in one turn of the loop goes out as one call, whoever asked.

Rule 1: on one server one call may hold operations of many shards; on a cluster one call holds those of one shard.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from bot.storage.redis.cells import tag_of
from bot.storage.redis.wire import Script, Wire, Word

Heard: TypeAlias = Callable[[Any, BaseException | None], None]
_Asked: TypeAlias = "tuple[tuple[Word, ...], asyncio.Future[Any], Heard | None]"
MOST: Final = 128
"""Operations in one call: more would let one script keep the server from others for too long."""


class Batches:
    """Gathers operations. `calls`: how many calls went out (for measuring)."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: dict[tuple[Script, int], list[_Asked]] = {}
        self.calls = 0

    def ask(self, script: Script, shard: int, *fields: Word, heard: Heard | None = None) -> "asyncio.Future[Any]":
        """Have one operation done; raises `StoreUnavailable`: it is not known then whether it was.

        `heard`: told the answer (None and the error otherwise) even if the caller does not wait any more.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.setdefault((script, -1 if self._wire.single else shard), []).append((fields, future, heard))
        return future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for (script, shard), asked in waiting.items():
            for first in range(0, len(asked), MOST):
                self._call(script, max(shard, 0), asked[first : first + MOST])

    def _call(self, script: Script, shard: int, asked: "list[_Asked]") -> None:
        args: list[Word] = [len(asked)]
        for fields, _, _ in asked:
            args += fields
        self.calls += 1
        self._wire.script(script, tag_of(shard), *args).add_done_callback(lambda done: _deliver(done, asked))


def _deliver(done: "asyncio.Future[Any]", asked: "list[_Asked]") -> None:
    error = done.exception()
    for n, (_, future, heard) in enumerate(asked):
        if heard is not None:
            heard(None if error is not None else done.result()[n], error)
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(done.result()[n])
