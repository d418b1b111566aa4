"""What is asked of one script in one turn of the loop goes out as one call, whoever asked.

Rule 1: on one server one call may hold operations of many shards; on a cluster one call holds those of one shard.
Rule 2: what is asked of one shard is done in the order it was asked, whatever scripts it needs: a settled row writes the cell that the
commit before it made.
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
        self._waiting: list[tuple[Script, int, list[_Asked]]] = []
        self._open: dict[tuple[Script, int], int] = {}  # script (and shard) → place of the last call that may still grow
        self._last: dict[int, int] = {}  # shard → place of the call that has its last operation
        self._loop: asyncio.AbstractEventLoop | None = None
        self.calls = 0

    def ask(self, script: Script, shard: int, *fields: Word, heard: Heard | None = None) -> "asyncio.Future[Any]":
        """Have one operation done; raises `StoreUnavailable`: it is not known then whether it was.

        `heard`: told the answer (None and the error otherwise) even if the caller does not wait any more.
        """
        loop = self._loop
        if loop is None:  # asked for once: in Python 3.11 each time is a call of the system
            loop = self._loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        key = script, -1 if self._wire.single else shard
        place = self._open.get(key, -1)
        if place < self._last.get(shard, 0):
            place = self._open[key] = len(self._waiting)
            self._waiting.append((script, shard, []))
        self._last[shard] = place
        self._waiting[place][2].append((fields, future, heard))
        return future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._open.clear()
        self._last.clear()
        for script, shard, asked in waiting:
            for first in range(0, len(asked), MOST):
                self._call(script, shard, asked[first : first + MOST])

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
            try:
                heard(None if error is not None else done.result()[n], error)
            except Exception as wrong:  # noqa: BLE001 what one of them cannot read shall not keep the answers of its neighbours
                if not future.done():
                    future.set_exception(wrong)
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
            future.exception()  # who asked for many and heard of one failure need not hear of the others
        else:
            future.set_result(done.result()[n])
