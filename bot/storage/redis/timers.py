"""Timers whose time has come, made arrivals: known in memory a while ahead, rung by one script each.

Rule 1: memory learns of what rang where its answer is heard, whether or not the caller still waits.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.conversation.running.crashpoint import crashpoint
from bot.ports import Arrival, Clock
from bot.storage.redis.batch import Batches, Heard
from bot.storage.redis.cells import base_of, event_name, in_from, pack, second_of
from bot.storage.redis.leases import AHEAD, Leases
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.scripts import RING


class Timers:
    """Rings the timers of the shards held."""

    def __init__(self, *, batches: Batches, memory: Memory, leases: Leases, clock: Clock) -> None:
        self._batches = batches
        self._memory = memory
        self._leases = leases
        self._clock = clock

    async def due(self, now: float, limit: int) -> Sequence[Arrival]:
        """Move timers whose time has come into inboxes and give them."""
        if now > self._memory.horizon - AHEAD / 2:
            await self._leases.timers_until(now + AHEAD)
        asked: list[tuple[bytes, asyncio.Future[Any]]] = []
        for hold, member in self._memory.timers_until(now, limit):
            person, event = member[:16], member[16:].decode()
            name = event_name(person, event)
            fields = (base_of(hold.shard), hold.fence, member, name, second_of(self._clock.now()), b"\x93" + pack(event), pack(now))
            asked.append((name, self._batches.ask(RING, hold.shard, *fields, heard=self._rung(hold, name))))
        if asked:
            crashpoint("storage.before_ring")
            await asyncio.wait([one for _, one in asked])
            crashpoint("storage.after_ring")
        rang = [(name, *one.result()) for name, one in asked]
        rows = [(name, in_from(blob)) for name, number, blob in rang if number > 0]
        return [Arrival(name[:16], row.event, row.sealed, row.at) for name, row in rows]

    def _rung(self, hold: Hold, name: bytes) -> Heard:
        def heard(answer: Any, error: BaseException | None) -> None:
            if error is not None:
                self._leases.unknown(hold)
            elif answer[0] < 0:
                self._leases.unknown(hold)  # it ran out unnoticed: the timers are there still, and are read again
            elif answer[0] and self._memory.holds.get(hold.shard) is hold:
                self._memory.arrive(hold.shard, [(answer[0], name, in_from(answer[1]))])

        return heard
