"""What erased persons leave in a server's append-only file: the file is written anew, so that their keys are in it no more.

A row that is deleted stays in that file, sealed, and so does the wrapped key that opens it. Whoever has the file and the master key could
still read. A mark beside the shard says that something was erased since; it outlives a kill.

Rule 1: a mark goes only when a rewriting that began after it has ended well.
Rule 2: nobody waits for this, and a server that forbids it stops nothing (docs/storage.md says what an operator does then).
"""

from contextlib import suppress
from typing import Final

from bot.ports import StoreUnavailable
from bot.storage.redis.cells import base_of, tag_of
from bot.storage.redis.keeping import info_of
from bot.storage.redis.memory import Memory
from bot.storage.redis.wire import Script, ScriptFailed, Wire

CLEARED: Final = Script(
    "cleared",
    """
if redis.call('GET', KEYS[1] .. ':er') == ARGV[1] then return redis.call('DEL', KEYS[1] .. ':er') end
return 0
""",
)
"""The mark as it was seen: a later one stays."""


class Traces:
    """Has files written anew for the shards held."""

    def __init__(self, *, wire: Wire, memory: Memory) -> None:
        self._wire = wire
        self._memory = memory
        self._asked: dict[str, dict[int, bytes]] = {}  # server → marks that stood when its rewriting was asked for

    async def sweep(self) -> None:
        """Ask for what must be written anew, and take away the marks of what was."""
        shards = list(self._memory.holds)
        marks = {shard: await self._wire.command(tag_of(shard), "GET", f"{base_of(shard)}:er") for shard in shards}
        by_server: dict[str, dict[int, bytes]] = {}
        for shard, mark in marks.items():
            if mark is not None:
                by_server.setdefault(self._wire.home(tag_of(shard)), {})[shard] = mark
        for server, marked in by_server.items():
            with suppress(ScriptFailed, StoreUnavailable):  # one is under way already, or the server forbids it
                await self._on(server, marked)

    async def _on(self, server: str, marked: dict[int, bytes]) -> None:
        tag = tag_of(next(iter(marked)))
        info = info_of(await self._wire.command(tag, "INFO", "persistence"))
        if info.get("aof_enabled") != "1" or info.get("aof_rewrite_in_progress") == "1" or info.get("aof_rewrite_scheduled") == "1":
            return
        asked = self._asked.pop(server, None)
        if asked is not None and info.get("aof_last_bgrewrite_status") == "ok":
            for shard, mark in asked.items():
                await self._wire.script(CLEARED, tag_of(shard), mark)
            marked = {shard: mark for shard, mark in marked.items() if asked.get(shard) != mark}
        if marked:
            await self._wire.command(tag, "BGREWRITEAOF")
            self._asked[server] = marked
