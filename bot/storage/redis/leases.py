"""Who holds which shard: each worker its share, for four seconds at a time.

Rule 1: a hold is believed for less time than the server keeps it, by the loop's steady time from before it was asked for.
Rule 2: what a worker that did not end well may have had in hand is doubtful: it counts a try before it is handed out, one at a time.
Rule 3: a shard is given up only when nothing of it is in hand or in flight, or when it is lost already.
Rule 4: whoever waits for what another holds looks again at the moment it runs out, not at the next round second.
Rule 5: a hold counts on the server that gave it, in the life in which it did: on any other it is asked for anew, under a higher number.
"""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from bot.conversation.running.crashpoint import crashpoint
from bot.ports import NotOurs, StoreUnavailable
from bot.storage.redis.batch import Batches, Heard
from bot.storage.redis.cells import DAMAGED, SHARDS, Out, arrived_from, base_of, out_from, tag_of
from bot.storage.redis.memory import Hold, Memory
from bot.storage.redis.scripts import HOLD, MEMBERS, RELEASE, SALTS, SOON, TAKE, TOLD_AT_ONCE
from bot.storage.redis.wire import Wire, unheard

LASTS: Final = 4.0
"""Seconds of a hold, by the server's clock."""
BELIEVED: Final = 3.2
EVERY: Final = 1.0
AGAIN: Final = 0.2
"""Seconds after a look that failed."""
UNSURE: Final = 30.0
"""Seconds that a write waits for its shard to be taken again, before it is believed that another has it."""
LATE: Final = 10.0
ANSWERS: Final = 0.7
"""Seconds that a look waits for one node of a cluster, while others have answered."""
MOMENT: Final = 0.005
"""Seconds after a hold of another ran out, before it is asked for."""
AT_ONCE: Final = 4
"""Shards asked for first: all that waits in them comes with the answer."""
ROWS_AT_ONCE: Final = 40_000
"""Rows that one answer may bring, as far as the last ones tell: reading them takes about half a second, a hold lasts four."""
AHEAD: Final = 120.0
"""Seconds before its time that a timer is known."""
_WORKERS: Final = "w"


class Leases:
    """Holds shards for this worker. `name`: unique for each process. `lasts`: of a hold, in place of the four seconds."""

    def __init__(self, *, wire: Wire, batches: Batches, memory: Memory, name: str, lasts: float = LASTS) -> None:
        self._lasts, self._believed, self._every = lasts, BELIEVED * lasts / LASTS, EVERY * lasts / LASTS
        self._wire = wire
        self._batches = batches
        self._memory = memory
        self._name = name
        self._turn = sum(name.encode()) % SHARDS
        self._again = asyncio.Event()
        self._floors: dict[int, int] = {}  # shard → highest number ever had: a server that lost some shall not give one twice
        wire.moved = self._moved
        self._unsure: dict[int, float] = {}  # shards dropped that may still be ours → until when that is thought
        self._pause = self._every
        self._timers = asyncio.Lock()
        self.taken = self.lost = self.given_up = self.stumbled = 0  # so often since the start
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def _patience(self) -> float | None:
        """Seconds that a look waits for a server; None: as long as its line does, where no hold runs out meanwhile or all would."""
        return None if self._wire.single or not self._memory.holds else ANSWERS * self._lasts / LASTS

    def _now(self) -> float:
        """The loop's steady time."""
        if self._loop is None:  # asked for once: in Python 3.11 each time is a call of the system
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    async def run(self) -> None:
        """Renew, take and give up, each second and whenever something was dropped."""
        while True:
            pause = self._every
            try:
                await self.round()
            except StoreUnavailable:
                pause = AGAIN
            except Exception:  # noqa: BLE001 whatever one look met, without the next ones every hold runs out
                self.stumbled += 1
                pause = self._every
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause, self._pause)):
                    await self._again.wait()
            self._again.clear()

    def hurry(self) -> None:
        """Look again now."""
        self._again.set()

    async def round(self) -> None:
        """One look: renew what is held, hear of rows that others accepted, then take or give up what the share asks for."""
        self._pause = self._every
        counted = self._wire.script(MEMBERS, _WORKERS, self._name, int(self._lasts * 1000))
        counted.add_done_callback(unheard)
        await self._renew()  # also where the node of a cluster that counts the workers is away
        workers, silent = await self._in_time(counted)
        self._soon(silent)
        await self._in_time(self.look(list(self._memory.holds)))
        share = -(-SHARDS // max(1, workers))
        await self._give_up(len(self._memory.holds) - share)
        if len(self._memory.holds) < share:
            async with self._timers:
                await self._take(share - len(self._memory.holds))

    async def _in_time(self, asked: Awaitable[Any]) -> Any:
        """Wait for an answer, on a cluster not so long that holds on other nodes run out; raises `StoreUnavailable`."""
        try:
            async with asyncio.timeout(self._patience):
                return await asked
        except TimeoutError:
            raise StoreUnavailable("A node does not answer.") from None

    def _soon(self, milliseconds: int) -> None:
        """Something of another runs out then."""
        self._pause = min(self._pause, max(0, milliseconds) / 1000 + MOMENT)

    def hold(self, shard: int) -> Hold | None:
        """Give the hold of a shard, if it is held and still believed."""
        hold = self._memory.holds.get(shard)
        if hold is not None and self._now() > hold.until:
            self.lose(shard)
            return None
        return hold

    def wrong(self, shard: int) -> Exception:
        """Give what to raise for a shard that is not held: perhaps it is ours again in a moment, else it is another's."""
        until = self._unsure.get(shard, 0.0)
        if self._now() < until:
            return StoreUnavailable("The shard is being taken again.")
        self._unsure.pop(shard, None)
        return NotOurs()

    def lose(self, shard: int) -> None:
        """It is not known what became of a write to this shard: read it again."""
        self._memory.drop(shard)
        self.lost += 1
        self._unsure[shard] = self._now() + UNSURE
        self.hurry()

    def _moved(self) -> None:
        """Some shards are on another server, or on one that was started anew: what was known of them counts no more."""
        for hold in list(self._memory.holds.values()):
            if self._wire.home(tag_of(hold.shard)) != hold.home:
                self.lose(hold.shard)

    def unknown(self, hold: Hold | None) -> None:
        """A write under this hold was not answered."""
        if hold is not None and self._memory.holds.get(hold.shard) is hold:
            self.lose(hold.shard)

    async def look(self, shards: Sequence[int]) -> None:
        """Hear of rows that other processes accepted. Their names are told once: when the answer is lost, the shard is read again."""
        left = list(shards)
        while left:
            holds = [hold for shard in left if (hold := self.hold(shard)) is not None]
            asked = [self._batches.ask(TAKE, one.shard, base_of(one.shard), one.fence, heard=self._hears(one)) for one in holds]
            for one in asked:
                await asyncio.wait([one])
            left = [hold.shard for hold, one in zip(holds, asked, strict=True) if len(one.result()) >= 2 * TOLD_AT_ONCE]

    async def timers_until(self, then: float) -> None:
        """Know the timers until this time."""
        async with self._timers:
            holds, known = list(self._memory.holds.values()), self._memory.horizon
            self._memory.horizon = then  # what is committed meanwhile is known by that
            groups = [holds] if self._wire.single else [[one] for one in holds]
            asked = [
                (group, self._wire.script(SOON, f"a:{group[0].shard:02d}", repr(known), repr(then), len(group), *map(_base, group)))
                for group in groups
                if group
            ]
            for group, one in asked:
                await self._timers_of(group, one)

    async def _timers_of(self, group: list[Hold], asked: "asyncio.Future[Any]") -> None:
        try:
            answers = await asked
        except StoreUnavailable:
            for hold in group:
                self.unknown(hold)
            return
        for hold, flat in zip(group, answers, strict=True):
            if self._memory.holds.get(hold.shard) is hold:
                self._know_timers(hold, flat)

    def _know_timers(self, hold: Hold, flat: list[bytes]) -> None:
        for member, due in zip(flat[::2], flat[1::2], strict=True):
            self._memory.set_timer(hold, member, float(due))

    def _hears(self, hold: Hold) -> Heard:
        def heard(rows: list[bytes] | None, error: BaseException | None) -> None:
            if error is not None:
                self.unknown(hold)
            elif rows and self._memory.holds.get(hold.shard) is hold:
                self._arrive(hold.shard, rows)

        return heard

    def _arrive(self, shard: int, flat: list[bytes]) -> list[int]:
        rows = []
        for name, row in zip(flat[::2], flat[1::2], strict=True):
            number, kept = arrived_from(row)
            rows.append((number, name, kept))
        self._memory.arrive(shard, rows)
        return [number * SHARDS + shard for number, _, _ in rows]

    async def _renew(self) -> None:
        holds = list(self._memory.holds.values())
        asked = self._now()
        answers = await self._ask([(hold.shard, hold.fence) for hold in holds])
        for hold, answer in zip(holds, answers, strict=True):
            if answer is None:
                continue  # it is believed as long as it was
            if answer[0] == hold.fence:
                hold.until = asked + self._believed
            else:
                self._memory.drop(hold.shard)
                self.lost += 1

    async def _take(self, wanted: int) -> None:
        free = [shard for n in range(SHARDS) if (shard := (self._turn + n) % SHARDS) not in self._memory.holds]
        self._turn = (self._turn + 7) % SHARDS
        renewed, first, many = self._now(), 0, AT_ONCE
        while first < len(free) and wanted > 0:
            if self._now() - renewed > self._every:  # a long backlog takes its time to read: what is held already shall not run out
                renewed = self._now()
                await self._renew()
            some = free[first : first + min(many, wanted)]
            taken, rows = await self._take_some(some)
            first, wanted = first + len(some), wanted - taken
            many = max(1, ROWS_AT_ONCE * len(some) // max(rows, len(some) * ROWS_AT_ONCE // SHARDS))

    async def _take_some(self, some: list[int]) -> tuple[int, int]:
        """Ask for these; gives how many are ours now, and how many rows came with them."""
        asked, taken, rows = self._now(), 0, 0
        homes = [self._wire.home(tag_of(shard)) for shard in some]
        for shard, home, answer in zip(some, homes, await self._ask([(shard, 0) for shard in some]), strict=True):
            if answer is None or home != self._wire.home(tag_of(shard)):
                continue
            self._unsure.pop(shard, None)
            if answer[0]:
                self._held(shard, answer, asked, home)
                taken, rows = taken + 1, rows + (len(answer[2]) + len(answer[4])) // 2
            elif len(answer) > 1:
                self._soon(answer[1])
        return taken, rows

    async def _ask(self, shards: list[tuple[int, int]]) -> list[Any]:
        """Ask for holds (shard, own number or 0). The owner stands before the operations, so a call is made for each batch by itself.

        Gives None for shards whose server does not answer, if others do; raises `StoreUnavailable` if none does.
        """
        if not shards:
            return []
        groups = [shards] if self._wire.single else [[one] for one in shards]
        crashpoint("storage.before_hold")
        asked = [self._call(group) for group in groups]
        await asyncio.wait(asked, timeout=self._patience)
        crashpoint("storage.after_hold")
        answers = [_outcome(one) for one in asked]
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        for error in failed:
            if len(failed) == len(groups) or not isinstance(error, StoreUnavailable):
                raise error
        lists = [[None] * len(group) if isinstance(one, BaseException) else one for group, one in zip(groups, answers, strict=True)]
        return [answer for some in lists for answer in some]

    def _call(self, group: list[tuple[int, int]]) -> "asyncio.Future[Any]":
        fields = [word for shard, fence in group for word in (base_of(shard), fence, self._floors.get(shard, 0))]
        head = self._name, int(self._lasts * 1000), repr(self._memory.horizon), len(group)
        return self._wire.script(HOLD, f"a:{group[0][0]:02d}", *head, *fields)

    def _held(self, shard: int, answer: list[Any], asked: float, home: str) -> None:
        fence, dirty, inbox, tried, outbox, timers = answer
        memory = self._memory
        # Numbers of outbox rows grow over all holds: one in flight since an earlier hold is never mistaken for a new one.
        hold = memory.holds[shard] = Hold(shard, fence, asked + self._believed, next_out=(fence // SALTS) << 20, home=home)
        self._floors[shard] = max(fence, self._floors.get(shard, 0))
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
        memory.put_out(hold, sorted(self._readable(outbox), key=lambda one: one[0]))
        self._know_timers(hold, timers)
        self.taken += 1

    def _readable(self, flat: list[bytes]) -> Iterator[tuple[int, Out]]:
        """The rows to send that can be read: one that was damaged keeps nobody else's shard from being held."""
        for number, row in zip(flat[::2], flat[1::2], strict=True):
            try:
                yield int(number), out_from(row)
            except DAMAGED:
                self.stumbled += 1

    async def _give_up(self, surplus: int) -> None:
        if surplus <= 0:
            return
        idle = [hold for hold in self._memory.holds.values() if not self._memory.busy(hold.shard)][:surplus]
        for hold in idle:  # nothing of it is handed out from here on
            self._memory.drop(hold.shard)
        self.given_up += len(idle)
        await asyncio.gather(*(self._batches.ask(RELEASE, hold.shard, base_of(hold.shard), hold.fence) for hold in idle))

    async def leave(self) -> None:
        """Give everything up: nothing is in hand any more, or whoever comes next must doubt it."""
        with suppress(StoreUnavailable):
            await self._give_up(SHARDS)
            await self._wire.script(MEMBERS, _WORKERS, self._name, 0)


def _outcome(asked: "asyncio.Future[Any]") -> Any:
    """The answer, the error, or what stands for an answer that is not there yet: a hold that is granted late counts for nothing."""
    if not asked.done():
        asked.cancel()
        return StoreUnavailable("A node does not answer.")
    return asked.exception() or asked.result()


def _base(hold: Hold) -> str:
    return base_of(hold.shard)
