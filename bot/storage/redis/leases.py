"""Who holds which shard: each worker its share, for four seconds at a time.

Rule 1: a hold is believed for less time than the server keeps it, by the loop's steady time from before it was asked for.
Rule 2: what a worker that did not end well may have had in hand is doubtful: it counts a try before it is handed out, one at a time.
Rule 3: a shard is given up only when nothing of it is in hand or in flight, or when it is lost already.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from bot.ports import NotOurs, StoreUnavailable
from bot.storage.redis.batch import Batches
from bot.storage.redis.cells import SHARDS, base_of, in_from, out_from
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.scripts import HOLD, MEMBERS, RELEASE, TAKE
from bot.storage.redis.wire import Wire

LASTS: Final = 4.0
"""Seconds of a hold, by the server's clock."""
BELIEVED: Final = 3.2
EVERY: Final = 1.0
UNSURE: Final = 30.0
"""Seconds that a write waits for its shard to be taken again, before it is believed that another has it."""
LATE: Final = 10.0
_WORKERS: Final = "w"


class Leases:
    """Holds shards for this worker. `name`: unique for each process."""

    def __init__(self, *, wire: Wire, batches: Batches, memory: Memory, name: str) -> None:
        self._wire = wire
        self._batches = batches
        self._memory = memory
        self._name = name
        self._turn = sum(name.encode()) % SHARDS
        self._again = asyncio.Event()
        self._unsure: dict[int, float] = {}  # shards dropped that may still be ours → until when that is thought

    async def run(self) -> None:
        """Renew, take and give up, each second and whenever something was dropped."""
        while True:
            with suppress(StoreUnavailable):
                await self.round()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._again.wait()
            self._again.clear()

    def hurry(self) -> None:
        """Look again now."""
        self._again.set()

    async def round(self) -> None:
        """One look: renew what is held, then take or give up what the share asks for; hear of rows that others accepted."""
        workers = await self._wire.script(MEMBERS, _WORKERS, self._name, int(LASTS * 1000))
        await self._renew()
        share = -(-SHARDS // max(1, workers))
        await self._give_up(len(self._memory.holds) - share)
        if len(self._memory.holds) < share:
            await self._take(share - len(self._memory.holds))
        await self.look(list(self._memory.holds))

    def hold(self, shard: int) -> Hold | None:
        """Give the hold of a shard, if it is held and still believed."""
        hold = self._memory.holds.get(shard)
        if hold is not None and asyncio.get_running_loop().time() > hold.until:
            self.lose(shard)
            return None
        return hold

    def wrong(self, shard: int) -> Exception:
        """Give what to raise for a shard that is not held: perhaps it is ours again in a moment, else it is another's."""
        until = self._unsure.get(shard, 0.0)
        if asyncio.get_running_loop().time() < until:
            return StoreUnavailable("The shard is being taken again.")
        self._unsure.pop(shard, None)
        return NotOurs()

    def lose(self, shard: int) -> None:
        """It is not known what became of a write to this shard: read it again."""
        self._memory.drop(shard)
        self._unsure[shard] = asyncio.get_running_loop().time() + UNSURE
        self.hurry()

    def unknown(self, hold: Hold | None) -> None:
        """A write under this hold was not answered."""
        if hold is not None and self._memory.holds.get(hold.shard) is hold:
            self.lose(hold.shard)

    async def look(self, shards: Sequence[int]) -> None:
        """Hear of rows that other processes accepted."""
        holds = [hold for shard in shards if (hold := self.hold(shard)) is not None]
        answers = await asyncio.gather(*(self._batches.ask(TAKE, one.shard, base_of(one.shard), one.fence) for one in holds))
        for hold, rows in zip(holds, answers, strict=True):
            if rows and self._memory.holds.get(hold.shard) is hold:
                self._arrive(hold.shard, rows)

    def _arrive(self, shard: int, flat: list[bytes]) -> list[int]:
        rows = []
        for name, row in zip(flat[::2], flat[1::2], strict=True):
            number, _, body = row.partition(b" ")
            rows.append((int(number), name, in_from(body)))
        self._memory.arrive(shard, rows)
        return [number * SHARDS + shard for number, _, _ in rows]

    async def _renew(self) -> None:
        holds = list(self._memory.holds.values())
        asked = asyncio.get_running_loop().time()
        answers = await self._ask([(hold.shard, hold.fence) for hold in holds])
        for hold, answer in zip(holds, answers, strict=True):
            if answer[0] == hold.fence:
                hold.until = asked + BELIEVED
            else:
                self._memory.drop(hold.shard)

    async def _take(self, wanted: int) -> None:
        free = [shard for n in range(SHARDS) if (shard := (self._turn + n) % SHARDS) not in self._memory.holds]
        self._turn = (self._turn + 7) % SHARDS
        asked = asyncio.get_running_loop().time()
        for first in range(0, len(free), max(1, wanted)):
            some = free[first : first + wanted]
            for shard, answer in zip(some, await self._ask([(shard, 0) for shard in some]), strict=True):
                self._unsure.pop(shard, None)
                if answer[0]:
                    self._held(shard, answer, asked)
                    wanted -= 1
            if wanted <= 0:
                return

    async def _ask(self, shards: list[tuple[int, int]]) -> list[Any]:
        """Ask for holds (shard, own number or 0). The owner stands before the operations, so a call is made for each batch by itself."""
        if not shards:
            return []
        groups = [shards] if self._wire.single else [[one] for one in shards]
        answers = await asyncio.gather(*(self._call(group) for group in groups))
        return [answer for group in answers for answer in group]

    async def _call(self, group: list[tuple[int, int]]) -> Any:
        fields = [word for shard, fence in group for word in (base_of(shard), fence, "")]
        return await self._wire.script(HOLD, f"a:{group[0][0]:02d}", self._name, int(LASTS * 1000), len(group), *fields)

    def _held(self, shard: int, answer: list[Any], asked: float) -> None:
        fence, dirty, inbox, tried, outbox, timers = answer
        memory = self._memory
        # Numbers of outbox rows grow over all holds: one in flight since an earlier hold is never mistaken for a new one.
        hold = memory.holds[shard] = Hold(shard, fence, asked + BELIEVED, next_out=fence << 20)
        seqs = self._arrive(shard, inbox)
        counts = dict(zip(tried[::2], tried[1::2], strict=True))
        heads: dict[bytes, int] = {}
        for seq in sorted(seqs):
            name = memory.rows[seq][0]
            if name in counts:
                memory.tries[seq] = int(counts[name])
            heads.setdefault(name[:16], seq)
        if dirty:
            memory.doubtful |= {seq for seq in heads.values() if seq not in memory.hand}
        memory.put_out(hold, sorted((int(n), out_from(row)) for n, row in zip(outbox[::2], outbox[1::2], strict=True)))
        for member, due in zip(timers[::2], timers[1::2], strict=True):
            memory.set_timer(hold, member, float(due))

    async def _give_up(self, surplus: int) -> None:
        if surplus <= 0:
            return
        idle = [hold for hold in self._memory.holds.values() if not self._memory.busy(hold.shard)][:surplus]
        for hold in idle:  # nothing of it is handed out from here on
            self._memory.drop(hold.shard)
        await asyncio.gather(*(self._batches.ask(RELEASE, hold.shard, base_of(hold.shard), hold.fence) for hold in idle))

    async def leave(self) -> None:
        """Give everything up: nothing is in hand any more, or whoever comes next must doubt it."""
        with suppress(StoreUnavailable):
            await self._give_up(SHARDS)
            await self._wire.script(MEMBERS, _WORKERS, self._name, 0)
