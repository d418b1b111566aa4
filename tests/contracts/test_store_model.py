"""Every durable store behaves as the one in memory, whatever is done to it in whatever order."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from bot.ports import AlreadySeen, Arrival, Audit, CaseIndex, CaseWrite, Commit, Due, OutRow, Sent, Stale, Store, Taken, Timer
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock, MemoryStore

PEOPLE = st.sampled_from([bytes([n]) * 16 for n in (1, 1, 2, 3)])
NAMES = st.sampled_from([f"e{n}" for n in range(40)])
CODES = st.sampled_from(["C1", "C2", "C3"])
SMALL = st.integers(0, 3)
LANES = st.sampled_from(["person", "person", "group"])
STATES = st.sampled_from(["waiting", "claimed", "closed", "erased"])
ALL_STATES = ("waiting", "claimed", "closed", "erased")
OUT = st.lists(st.tuples(NAMES, LANES, st.integers(-9, 9)), max_size=3)
FATES = st.sampled_from(["sent", "again", "failed", "bound"])
STEPS = st.sampled_from([1.0, 20.0, 3600.0, 40_000.0, 86400.0, 8 * 86400.0, 31 * 86400.0])


class TwoStores(RuleBasedStateMachine):
    """Does everything to both, and compares what they say."""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = FakeClock()
        self.model = MemoryStore(self.clock)
        self.real = SqliteStore(self.folder / "amana.db", clock=self.clock)
        self.runner.run(self.real.open())
        self.taken: list[Taken] = []
        self.flying: list[Due] = []
        self.events = 0

    def teardown(self) -> None:
        if hasattr(self, "real"):
            self.compare()
            self.look()
            self.runner.run(self.real.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def both(self, ask: Callable[[Store], Awaitable[Any]]) -> Any:
        said = [self.runner.run(self._answer(ask, store)) for store in (self.model, self.real)]
        assert said[0] == said[1], said
        return said[1]

    async def _answer(self, ask: Callable[[Store], Awaitable[Any]], store: Store) -> Any:
        try:
            answer = await ask(store)
        except (Stale, AlreadySeen) as refused:
            return type(refused)
        return list(answer) if isinstance(answer, (list, tuple)) else answer

    @rule(rows=st.lists(st.tuples(PEOPLE, NAMES), min_size=1, max_size=4))
    def accept(self, rows: list[tuple[bytes, str]]) -> None:
        self.both(lambda store: store.accept([Arrival(person, event, event.encode(), self.clock.now()) for person, event in rows]))

    @rule(limit=st.integers(1, 3))
    def take(self, limit: int) -> None:
        self.taken += self.both(lambda store: store.take(limit))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if self.taken:
            one = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
            self.both(lambda store: store.release([one.row]))

    @rule(data=st.data(), sealed=st.sampled_from([None, b"x"]))
    def quarantine(self, data: st.DataObject, sealed: bytes | None) -> None:
        if self.taken:
            one = self.taken.pop(data.draw(st.integers(0, len(self.taken) - 1)))
            self.both(lambda store: store.quarantine(one.row, sealed, self.clock.now()))

    @rule(data=st.data(), person=PEOPLE)
    def turns(self, data: st.DataObject, person: bytes) -> None:
        for _ in range(data.draw(st.integers(1, 5))):
            self.events += 1
            self.commit(data, f"turn{self.events}", person, 0)
            if data.draw(st.booleans()):
                self.due(1)
            if data.draw(st.booleans()):
                self.settle(data, data.draw(FATES))

    @rule(data=st.data(), event=NAMES, person=PEOPLE, off=st.sampled_from([0, 0, 0, 0, 1]))
    def commit(self, data: st.DataObject, event: str, person: bytes, off: int) -> None:
        one = self.taken.pop(0) if self.taken and data.draw(st.booleans()) else None
        if one is not None:
            event, person = one.event, one.person
        version = self.runner.run(self.model.load(person)).version + off
        commit = self._wanted(data, person, version, event, None if one is None else one.row)
        said = self.both(lambda store: store.commit(commit))
        if one is not None and said in (Stale, AlreadySeen):
            self.both(lambda store: store.release([one.row]))

    def _wanted(self, data: st.DataObject, person: bytes, version: int, event: str, taken: int | None) -> Commit:
        now = self.clock.now()
        erase = data.draw(st.integers(0, 9)) == 0
        rows = tuple(OutRow(f"{id_}/{lane[0]}", id_.encode(), now + due, lane) for id_, lane, due in data.draw(OUT))
        if erase:
            return Commit(
                person=person, version=version, event=event, taken=taken, erase=True, outbox=rows, farewell_wraps=(("server", b"f"),)
            )
        timers = tuple(Timer(name, now + 30, b"t") for name in data.draw(st.lists(NAMES, max_size=2)))
        return Commit(
            person=person,
            version=version,
            event=event,
            taken=taken,
            wraps=(("server", person),),
            session=data.draw(st.sampled_from([None, b"s"])),
            route=b"r",
            outbox=rows,
            timers=timers,
            drop_timers=data.draw(st.booleans()),
            case=self._case(data),
            audit=(Audit(now, "bot", "did", event),),
            receipts=event.encode(),
            expires=data.draw(st.sampled_from([None, now + 86400])),
        )

    def _case(self, data: st.DataObject) -> CaseWrite | None:
        if not data.draw(st.booleans()):
            return None
        code, state = data.draw(CODES), data.draw(STATES)
        held = self.runner.run(self.model.case(code))
        index = CaseIndex(
            code, data.draw(st.sampled_from(["t1", "t2"])), data.draw(st.sampled_from(["normal", "now"])), state, self.clock.now(), "fr",
            asked=data.draw(st.sampled_from([0.0, self.clock.now()])), tags=data.draw(st.sampled_from([(), ("0" * 16, "f" * 16)])),
        )  # fmt: skip
        add = tuple(data.draw(st.lists(st.binary(max_size=3), max_size=2)))
        topic = data.draw(st.sampled_from([None, b"place"]))
        keep = data.draw(st.sampled_from([None, self.clock.now() + 86400]))
        version = held.version if held else 0
        erase = data.draw(st.integers(0, 9)) == 0
        return CaseWrite(index, (("server", b"c"),), b"sum", version, add, topic, erase, keep)

    @rule(limit=st.integers(1, 3))
    def due_again(self, limit: int) -> None:
        self.due(limit)

    @rule(limit=st.integers(1, 3))
    def due(self, limit: int) -> None:
        self.flying += self.both(lambda store: store.due(self.clock.now(), limit))

    @rule(data=st.data(), fate=FATES)
    def settle(self, data: st.DataObject, fate: str) -> None:
        if self.flying:
            one = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
            now = self.clock.now()
            sent = {
                "sent": Sent(one.person, one.row.id, now, receipt=b"m"),
                "again": Sent(one.person, one.row.id, now, retry_at=now + 10),
                "failed": Sent(one.person, one.row.id, now, failed="refused"),
                "bound": Sent(one.person, one.row.id, now, topic=("C1", b"there")),
            }[fate]
            self.both(lambda store: store.settle([sent]))

    @rule(limit=st.integers(1, 3))
    def timers(self, limit: int) -> None:
        self.both(lambda store: store.timers_due(self.clock.now(), limit))

    @rule(
        key=st.sampled_from(["a/1", "a/2", "b"]), version=st.sampled_from([None, 0, 1, 2]), value=st.sampled_from([None, b"v"]), ends=SMALL
    )
    def note(self, key: str, version: int | None, value: bytes | None, ends: int) -> None:
        expires = None if ends == 0 else self.clock.now() + ends * 15
        self.both(lambda store: store.put_note("s", key, value, version=version, expires=expires))

    @rule(seconds=STEPS)
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    @rule()
    def sweep(self) -> None:
        self.both(lambda store: store.sweep(self.clock.now()))

    @rule(really=st.sampled_from([False, False, False, True]))
    def restart(self, really: bool) -> None:
        if not really:
            return
        self.runner.run(self.real.close())
        self.runner.run(self.real.open())
        self.model.in_hand.clear()
        self.model.in_flight.clear()
        self.taken.clear()
        self.flying.clear()

    @rule()
    def seen_from_outside(self) -> None:
        self.compare()
        self.look()

    def compare(self) -> None:
        self.both(lambda store: store.counts())
        self.both(lambda store: store.people())
        self.both(lambda store: store.cases(states=ALL_STATES, teams=None))
        self.both(lambda store: store.notes("s", "a/"))
        self.both(lambda store: store.audit())

    def look(self) -> None:
        for n in (1, 2, 3):
            self.both(lambda store, n=n: store.load(bytes([n]) * 16))
            self.both(lambda store, n=n: store.case(f"C{n}"))
            self.both(lambda store, n=n: store.thread(f"C{n}"))


TestTwoStores = pytest.mark.timeout(240)(TwoStores.TestCase)
# Not made smaller when it fails: that takes longer than anyone waits, and the answers that differ are in the message.
TestTwoStores.settings = settings(
    max_examples=80, stateful_step_count=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)
