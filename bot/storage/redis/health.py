"""How the server stands, and which worker holds how much: for gauges and `amana doctor`.

Rule 1: nothing here is asked for the sake of a message: it may fail, and nobody waits longer for it.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Final

from bot.ports import Clock
from bot.storage.redis.batch import Batches
from bot.storage.redis.cells import SHARDS, base_of, tag_of
from bot.storage.redis.keeping import info_of
from bot.storage.redis.leases import Leases
from bot.storage.redis.memory import Memory
from bot.storage.redis.wire import Script, Wire
from bot.storage.vitals import Health, Vitals

OLDEST: Final = Script(
    "oldest",
    """
local least, oldest
for _, row in ipairs(redis.call('HVALS', KEYS[1] .. ':in')) do
  local number = tonumber(string.match(row, '^%d+'))
  if not least or number < least then least, oldest = number, row end
end
return oldest
""",
)
"""Gives the oldest row of a shard's inbox: where many wait, they are not sent here to be looked at."""


async def stands(wire: Wire, clock: Clock) -> Health:
    """Ask every server in charge how it is, and give the worst of each; raises `StoreUnavailable`."""
    tags = {wire.where(tag_of(shard)): tag_of(shard) for shard in range(SHARDS)}
    each = await asyncio.gather(*(_stands(wire, tag, clock) for tag in tags.values()))
    fullest = max(each, key=lambda one: (one.used / one.limit if one.limit else 0.0, one.used))
    return Health(
        used=fullest.used, limit=fullest.limit, appends=all(one.appends for one in each), replicas=min(one.replicas for one in each),
        skew=max((one.skew for one in each), key=abs), rewriting=any(one.rewriting for one in each),
    )  # fmt: skip


async def _stands(wire: Wire, tag: str, clock: Clock) -> Health:
    asked = clock.now()
    seconds, micros = await wire.command(tag, "TIME")
    middle = (asked + clock.now()) / 2
    info = info_of(await wire.command(tag, "INFO"))
    return Health(
        used=int(info.get("used_memory", "0")), limit=int(info.get("maxmemory", "0")),
        appends=info.get("aof_last_write_status", "ok") == "ok", replicas=int(info.get("connected_slaves", "0")),
        skew=int(seconds) + int(micros) / 1e6 - middle, rewriting=info.get("aof_rewrite_in_progress", "0") == "1",
    )  # fmt: skip


def in_hand(memory: Memory, leases: Leases, batches: Batches, now: float) -> Vitals:
    """Give what this process has in hand; asks nobody."""
    waiting, hand = memory.inboxes.sizes()
    return Vitals(
        lanes=memory.lanes.sizes(now), waiting=waiting, hand=hand, held=len(memory.holds), shards=SHARDS,
        taken=leases.taken, lost=leases.lost, given_up=leases.given_up, calls=batches.calls, cells=memory.cells.bytes,
        hits=memory.cells.hits, misses=memory.cells.misses,
    )  # fmt: skip


async def holders(wire: Wire) -> Mapping[str, int]:
    """Give every worker that holds shards now, by the server's clock, and how many; those that nobody holds under an empty name."""
    seconds, micros = await wire.command("meta", "TIME")
    now = int(seconds) * 1000 + int(micros) // 1000
    asked = [wire.command(tag_of(shard), "HGET", base_of(shard), "m") for shard in range(SHARDS)]
    return Counter(_holder(held, now) for held in await asyncio.gather(*asked))


def _holder(held: bytes | None, now: int) -> str:
    _, _, rest = (held or b"").decode("utf-8", "replace").partition(" ")
    until, _, owner = rest.partition(" ")
    return owner if until and float(until) > now else ""
