"""The queue as this process sees it: every open case, in order, in memory, so that no page of a queue reads the store.

Rule 1: bells say which case to read again; they may be lost, so that all are looked at again every few seconds.
Rule 2: what a row shows of the sealed file is opened beside the work, and forgotten the moment the case is closed or erased.
Rule 3: the order is danger, then the part of the team's promise that is used up, then time; everyone has the same.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Literal, Protocol, TypeAlias

import msgspec

from bot.conversation.cases.feed import Feed, Kind
from bot.conversation.cases.promise import Promises
from bot.conversation.cases.rows import ENDED, OPEN, Face, Seen, kinds_between, place, sees, waits
from bot.conversation.cases.spoken import heard_as
from bot.conversation.keeping.envelope import file_from
from bot.conversation.keeping.vault import Tampered, Vault
from bot.conversation.running.bells import Bell, Changes
from bot.conversation.staffing.staff import StaffMember
from bot.ports import CaseIndex, CaseRecord, CaseState, Clock, Library, StoreUnavailable

__all__ = ["QueueView", "Seen", "Show", "sees", "waits"]

Show: TypeAlias = Literal["all", "waiting", "mine", "closed"]
LOOK = 3.0
"""Seconds between two looks at all open cases."""
A_SECOND = 2000
"""Open cases that are looked at in a second, at most: of more, the looks are rarer."""
PAUSE = 1.0
"""Seconds until a store that is down, or a bug of ours, is met again."""
ENDED_LOOK = 60.0
"""And at those that have ended, while somebody asks for them."""
ENDED_KEPT = 600.0
"""Seconds after the last question until they are dropped from memory."""
ENDED_MOST = 2000
AT_ONCE = 64
STALE = 1.0
"""Seconds that an order holds when nothing changed: the promises grow older."""
EVERY = 1_000_000
_BLANK = Face()


class Cases(Protocol):
    """What is read of a store (`bot.ports.Store`)."""

    async def cases(
        self, *, states: Sequence[CaseState], teams: Sequence[str] | None, since: float = 0.0, limit: int = 200
    ) -> Sequence[CaseIndex]:
        """Give case indexes."""
        ...

    async def case(self, code: str) -> CaseRecord | None:
        """Give one case, or None."""
        ...


class Told(Protocol):
    """What the queue tells the operator's counters."""

    def crashed(self, kind: str) -> None:
        """A bug of ours was met: the class of the error."""


class QueueView:
    """The open cases of this process, and on demand those that ended lately. `feed`: what desks are told of them."""

    def __init__(self, *, store: Cases, vault: Vault, library: Library, clock: Clock, changes: Changes, told: Told, epoch: str) -> None:
        self._told = told
        self.feed = Feed(epoch)
        self._store = store
        self._vault = vault
        self._library = library
        self._clock = clock
        self._open: dict[str, CaseIndex] = {}
        self._ended: dict[str, CaseIndex] | None = None
        self._asked = 0.0  # when somebody last asked for those that ended
        self._faces: dict[str, tuple[int, Face]] = {}
        self._blank: dict[str, CaseIndex] = {}  # open cases whose face is not known
        self._dirty: dict[str, list[Kind]] = {}
        self._lock = asyncio.Lock()
        self._promises = Promises()
        self._order: list[Seen] = []
        self._ordered = -STALE
        self._moved: set[str] = set()  # changed since they were put in order
        self._bell = Bell()
        self._looked = False
        self._stopping = False
        self._next = 0.0
        self._next_ended = 0.0
        changes.also = self.heard

    # ── being told ──
    def heard(self, code: str, kind: str) -> None:
        """A case changed: what is shown of it is read again; of an erased one nothing stays."""
        known: Kind = kind if kind in ("words", "note", "staff", "new", "erased") else "state"  # type: ignore[assignment]  # as listed
        if known == "erased":
            self._forget(code, None)
            self._moved.add(code)
        kinds = self._dirty.setdefault(code, [])
        if known not in kinds:
            kinds.append(known)
        self._bell.ring()

    def missed(self) -> None:
        """The line to other processes was lost: everything is looked at again, and desks look for themselves."""
        self._next = 0.0
        self.feed.missed()
        self._bell.ring()

    def stop(self) -> None:
        """Let `run` and every listener end."""
        self._stopping = True
        self._bell.ring()
        self.feed.wake()

    # ── keeping current ──
    async def run(self) -> None:
        """Keep the queue current until stopped."""
        while not self._stopping:
            try:
                await self.catch_up()
            except StoreUnavailable:
                await asyncio.sleep(PAUSE)
            except Exception as wrong:  # noqa: BLE001 our bug must not end the whole process; it is counted, and the queue is read anew
                self._told.crashed(type(wrong).__name__)
                self._next = 0.0
                await asyncio.sleep(PAUSE)
            else:
                await self._bell.wait(0.0 if self._blank else max(self._next - self._clock.steady(), 0.01))

    async def catch_up(self) -> None:
        """Read what changed, look at everything when it is time, and open a few faces that are not known yet."""
        async with self._lock:
            if self._dirty:
                await self._read(list(self._dirty))
            now = self._clock.steady()
            if now >= self._next:
                await self._look()
                self._next = now + max(LOOK, len(self._open) / A_SECOND)
            if self._ended is not None and now >= self._next_ended:
                await self._look_at_ended(now)
            if self._blank:
                await self._open_faces()

    async def _read(self, codes: Sequence[str]) -> None:
        for first in range(0, len(codes), AT_ONCE):
            some = codes[first : first + AT_ONCE]
            kinds = {code: self._dirty.pop(code, []) for code in some}
            try:
                records = await asyncio.gather(*(self._store.case(code) for code in some))
            except StoreUnavailable:
                for code, lost in kinds.items():
                    self._dirty[code] = [*lost, *(kind for kind in self._dirty.get(code, ()) if kind not in lost)]
                raise
            for code, record in zip(some, records, strict=True):
                self._take(code, record.index if record is not None else None, kinds[code])
                if record is not None and code in self._blank:
                    self._show(record)

    async def _look(self) -> None:
        """All open cases as they are in the store; what was told of meanwhile is newer, and read by itself."""
        found = {index.code: index for index in await self._store.cases(states=OPEN, teams=None, limit=EVERY)}
        first = not self._looked
        for code, index in found.items():
            if code not in self._dirty and self._open.get(code) != index:
                self._take(code, index, [], told=not first)
        gone = [code for code in self._open if code not in found and code not in self._dirty]
        if gone:
            await self._read(gone)
        self._looked = True

    async def _look_at_ended(self, now: float) -> None:
        if now > self._asked + ENDED_KEPT:
            self._ended = None
            return
        self._next_ended = now + ENDED_LOOK
        found = await self._store.cases(states=ENDED, teams=None, limit=EVERY)
        latest = sorted(found, key=lambda index: index.since, reverse=True)[:ENDED_MOST]
        self._ended = {index.code: index for index in latest if index.code not in self._open}

    def _take(self, code: str, index: CaseIndex | None, kinds: Sequence[Kind], *, told: bool = True) -> None:
        """Put a case in its place, and tell the desks."""
        old = self._open.pop(code, None)
        ended = self._ended if self._ended is not None else {}
        before = old or ended.pop(code, None)
        self._blank.pop(code, None)
        self._moved.add(code)
        if index is None or index.state not in OPEN:
            self._forget(code, index)
            if index is not None:
                ended[code] = index
        else:
            self._open[code] = index
            if (self._faces.get(code) or (-1,))[0] != index.face:
                self._faces.pop(code, None)  # it may be what the team that has the case now must not see
                self._blank[code] = index
        if told:
            self._tell(code, before, index, kinds)

    def _tell(self, code: str, old: CaseIndex | None, new: CaseIndex | None, kinds: Sequence[Kind]) -> None:
        either = [index for index in (old, new) if index is not None]
        if not either:
            return
        teams = tuple(dict.fromkeys(index.team for index in either))
        state = new.state if new is not None else "erased"
        for kind in kinds_between(old, new, kinds):
            self.feed.changed(code, state, kind, teams)

    # ── faces ──
    async def _open_faces(self) -> None:
        """Open the next few that are not known: danger first, then who waits longest."""
        wanted = heapq.nsmallest(AT_ONCE, self._blank.values(), key=lambda index: (index.urgency != "now", index.since))
        for record in await asyncio.gather(*(self._store.case(index.code) for index in wanted)):
            if record is not None and record.index.code in self._blank:
                self._show(record)
        for index in wanted:
            if self._blank.get(index.code) is index:  # swept away meanwhile, or about to be read anyhow
                del self._blank[index.code]

    def _show(self, record: CaseRecord) -> None:
        """Keep the face of an open case; what is told of at this moment may be an erasure, and is read again first."""
        code = record.index.code
        if code not in self._dirty and record.index.state in OPEN:
            self._faces[code] = record.index.face, self._face(record)
            self._blank.pop(code, None)
            self._moved.add(code)

    def _forget(self, code: str, index: CaseIndex | None) -> None:
        self._faces.pop(code, None)
        self._order = [seen for seen in self._order if seen.index.code != code]
        if index is None or index.state == "erased":
            self._vault.forget_ready_keys()

    def _face(self, record: CaseRecord) -> Face:
        code = record.index.code
        with suppress(Tampered, msgspec.DecodeError, msgspec.ValidationError):  # a damaged one is shown by its index alone
            keys = self._vault.case_keys_once(code, record.wraps)
            file = file_from(self._vault.open(keys, record.sealed, kind="case", row=code, version=record.version))
            return Face(need=file.need, country=file.country, hours=file.safe_hours)
        return Face()

    # ── looking ──
    async def ready(self, *, ended: bool = False) -> None:
        """Wait until the first look is done; `ended`: and those that ended lately are known as well. Raises `StoreUnavailable`."""
        if ended:
            self._asked = self._clock.steady()
        if self._looked and (not ended or self._ended is not None):
            return
        async with self._lock:
            if not self._looked:
                await self._look()
            if ended and self._ended is None:
                await self._look_at_ended(self._asked)

    def rows(
        self, staff: StaffMember, *, show: Show = "all", team: str = "", language: str = "", country: str = "", tag: str = ""
    ) -> Sequence[Seen]:
        """Give the cases of this caseworker's teams in order. `tag`: blind. `closed` asks for `ready(ended=True)` before."""
        cases: Iterable[Seen] = self._all() if show != "closed" else self._all_ended()
        return [
            seen
            for seen in cases
            if sees(staff, seen.index)
            and (show != "waiting" or seen.waits)
            and (show != "mine" or seen.index.claimant == staff.name)
            and (not team or seen.index.team == team)
            and (not language or seen.index.language == language)
            and (not country or seen.country == country)
            and (not tag or tag in seen.index.tags)
        ]

    def find(self, text: str, staff: StaffMember) -> Sequence[Seen]:
        """Give the case whose code sounds like this; else the cases of this tag (in clear) or state; else those with it in their code."""
        said, tag = heard_as(text), " ".join(text.split()).casefold()
        if not tag:
            return []
        mine = [seen for seen in (*self._all(), *self._all_ended()) if sees(staff, seen.index)]
        exact = [seen for seen in mine if heard_as(seen.index.code) == said]
        blind = self._vault.tag(tag)
        named = exact or [seen for seen in mine if blind in seen.index.tags or tag == seen.index.state]
        return named or [seen for seen in mine if len(said) > 1 and said in heard_as(seen.index.code)]

    def seen(self, code: str) -> Seen | None:
        """Give one open case as the queue shows it."""
        return next((seen for seen in self._all() if seen.index.code == code), None)

    def index(self, code: str) -> CaseIndex | None:
        """Give the index of an open case."""
        return self._open.get(code)

    def loads(self) -> Mapping[str, int]:
        """Give how many open cases each caseworker has, by tree."""
        return Counter(index.claimant for index in self._open.values() if index.claimant is not None)

    def _all(self) -> Sequence[Seen]:
        """Every open case in order; what changed is put in its place at once, and the promises grow older each second."""
        now = self._clock.steady()
        if now >= self._ordered + STALE:
            self._order = [self._seen(index) for index in self._open.values()]
            self._ordered = now
        elif self._moved:
            self._order = [seen for seen in self._order if seen.index.code not in self._moved]
            self._order += [self._seen(self._open[code]) for code in self._moved if code in self._open]
        else:
            return self._order
        self._moved.clear()
        self._order.sort(key=place)
        return self._order

    def _all_ended(self) -> Sequence[Seen]:
        ended = self._ended.values() if self._ended is not None else ()
        return [Seen(index) for index in sorted(ended, key=lambda index: index.since, reverse=True)]

    def _seen(self, index: CaseIndex) -> Seen:
        _, face = self._faces.get(index.code) or (0, _BLANK)
        program, now = self._library.current(), self._clock.now()
        used, at_work = self._promises.used(program, index.team, face.country, waits(index) or now, now)
        return Seen(index, face.need, face.country, face.hours, used, not at_work)
