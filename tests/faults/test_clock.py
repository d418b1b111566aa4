"""A clock that jumps: timers ring once, nothing ends before its time, and everybody is answered meanwhile.

F11. The wall clock is wrong by what the test says; steady time goes on.
"""

import asyncio
import signal
from pathlib import Path

import pytest

from bot.conversation.running.bells import Bell
from bot.conversation.running.keeper import HOLD, JUMP, Keeper
from bot.ports import Arrival, Commit, Person, Store, Timer
from bot.storage.redis.store import RedisStore
from bot.storage.redis.topology import wire_for
from bot.storage.sqlite.store import SqliteStore
from tests.fakes import FakeClock
from tests.faults.houses import KINDS, ServerKeep, counts, keep_for
from tests.faults.nursery import CLOCK_HOLD
from tests.faults.rig import CHATS, Rig, rigged
from tests.faults.sizes import JUMPS, marks

DAY = 86_400.0
PERSON: Person = bytes(range(16))
FAR = (JUMP + 1, -JUMP - 1, 30 * DAY, -30 * DAY)

pytestmark = marks()


@pytest.fixture
async def clock():
    return FakeClock()


@pytest.fixture(params=KINDS)
async def store(request, tmp_path, clock):
    server = ServerKeep(tmp_path) if request.param == "server" else None
    if server is not None:
        await server.start()
    one: Store = SqliteStore(tmp_path / "a.db", clock=clock) if server is None else RedisStore(wire_for(server.url), clock=clock)
    await one.open()
    yield one
    await one.close()
    if server is not None:
        await server.stop()


async def remembered(store: Store, now: float, *, due: float, ends: float) -> None:
    """Keep a person with a timer and an end."""
    await store.accept([Arrival(PERSON, "first", b"sealed", now)])
    [taken] = await store.take(1)
    timer = Timer("remind:a", due, b"sealed")
    await store.commit(
        Commit(person=PERSON, version=0, event="first", taken=taken.row, wraps=(("server", b"key"),), session=b"s", route=b"r",
               timers=(timer,), expires=ends)
    )  # fmt: skip


async def rung(store: Store) -> list[str]:
    """The timers that have become events, taken out."""
    taken = await store.take(10)
    for one in taken:
        await store.quarantine(one.row, None, one.at)
    return [one.event for one in taken]


async def look(keeper: Keeper, store: Store, clock: FakeClock) -> None:
    """What the keeper does in one round."""
    if keeper.trusted():
        await keeper.wake()
        await store.sweep(clock.now())


@pytest.mark.parametrize("jump", FAR)
async def test_after_a_jump_nothing_rings_or_ends_until_the_clock_has_held_and_then_once(store, clock, jump):
    now = clock.now()
    await remembered(store, now, due=now + 60.0, ends=now + DAY)
    keeper = Keeper(store=store, clock=clock, inbox=Bell())
    await look(keeper, store, clock)

    clock.jump(jump)
    for _ in range(9):
        await look(keeper, store, clock)
        clock.pass_by(HOLD / 10)
    assert await rung(store) == []
    assert (await store.load(PERSON)).session == b"s"

    clock.pass_by(HOLD + max(0.0, -jump))  # as long as it takes until the timer is due by the new clock
    for _ in range(3):
        await look(keeper, store, clock)
        clock.pass_by(HOLD + 1)
    assert await rung(store) == ["remind:a"]
    await look(keeper, store, clock)
    assert await rung(store) == []


async def test_a_clock_that_comes_back_in_time_has_ended_nothing(store, clock):
    now = clock.now()
    await remembered(store, now, due=now + 2 * DAY, ends=now + DAY)
    keeper = Keeper(store=store, clock=clock, inbox=Bell())
    for jump in (30 * DAY, -30 * DAY):
        clock.jump(jump)
        await look(keeper, store, clock)
        clock.pass_by(1.0)
    clock.pass_by(2 * HOLD)
    await look(keeper, store, clock)
    assert await rung(store) == []
    assert (await store.load(PERSON)).session == b"s"


@pytest.mark.parametrize("small", [JUMP - 60, -(JUMP - 60)], ids=["summer", "winter"])
async def test_less_than_an_hour_is_no_jump(store, clock, small):
    now = clock.now()
    await remembered(store, now, due=now + 60.0, ends=now + DAY)
    keeper = Keeper(store=store, clock=clock, inbox=Bell())
    clock.jump(small)
    clock.pass_by(61.0 + max(0.0, -small))
    await look(keeper, store, clock)
    assert await rung(store) == ["remind:a"]


@pytest.mark.parametrize("kind", KINDS)
async def test_while_the_clock_jumps_everybody_is_answered_and_nobody_is_forgotten(tmp_path, kind):
    """After an hour, as it seems, the bot asks whether writing is still safe: an answer too."""
    wrong = tmp_path / "clock"
    _set(wrong, 0.0)
    async with rigged(tmp_path, seed=50, keep=keep_for(kind, tmp_path, lease=1.0)) as rig:
        child = await rig.start(webhook=True, clock=wrong)
        await rig.ready(child)
        await rig.until(lambda: not rig.busy, 20)
        for n in range(JUMPS):
            for seconds in (FAR[n % len(FAR)], 0.0):
                _set(wrong, seconds)
                await asyncio.sleep(CLOCK_HOLD / 8)  # twice as long as a keeper that believed it would need to end what is over
                await everybody_is_answered(rig)
        await nothing_waits(rig)
        assert await child.end(signal.SIGTERM) == 0
        left = await counts(rig.env())
    assert (left.people, left.inbox, left.outbox, left.quarantine) == (len(CHATS), 0, 0, 0)
    assert "part failed" not in rig.log.read_text()


async def everybody_is_answered(rig: Rig) -> None:
    """All eight write once, and each is sent something. Of an answer's two messages the second may be committed and not yet sent."""
    before = {chat: len(rig.double.sent(chat)) for chat in CHATS}
    for chat in CHATS:
        rig.double.push(rig.double.text(chat, "17"))
    await rig.until(lambda: all(len(rig.double.sent(chat)) > before[chat] for chat in CHATS) and not rig.double.under_way, 20)


async def nothing_waits(rig: Rig) -> None:
    """All that was put out has been sent."""
    async with asyncio.timeout(20):
        while (await counts(rig.env())).outbox:
            await asyncio.sleep(0.1)


def _set(wrong: Path, seconds: float) -> None:
    fresh = wrong.with_suffix(".new")
    fresh.write_text(str(seconds))
    fresh.rename(wrong)
