"""The master key is changed again and again while people write and the service is killed: nobody's words are lost, or open no more."""

import asyncio
import signal
from contextlib import suppress

import pytest

from bot import config
from bot.bootstrap.build import build_house
from bot.bootstrap.house import House
from bot.bootstrap.unlock import opened
from bot.cli import masterkeys
from bot.ports import StoreUnavailable
from tests.faults import table
from tests.faults.houses import KINDS, keep_for
from tests.faults.kills import ASKING, LEASE
from tests.faults.oracle import handoffs_lost
from tests.faults.rig import CHATS, GROUP, Rig, rigged
from tests.faults.sizes import KEPT, ROTATION_KILLS, ROTATIONS, marks

PLACES = ("storage.before_rewrap", "storage.after_rewrap", "")
"""Where the service dies; empty: anywhere."""
HANDFUL = 10

pytestmark = marks()


async def guest(rig: Rig) -> House:
    house = build_house(config.read(rig.env()), guest=True)
    await opened(house)
    return house


async def rotated(rig: Rig) -> None:
    """One change of the master, with kills in its midst, and the end of the old one."""
    known = config.read(rig.env())
    for n in range(ROTATION_KILLS):
        rig.burst(24)
        place = PLACES[n % len(PLACES)]
        child = await rig.start(
            webhook=True, crash=f"{place}:{rig.chance.randint(1, KEPT // HANDFUL // 3)}" if place else "", handful=HANDFUL
        )
        if n == 0:  # it runs, and finds the new one by itself
            await rig.until(lambda: child.ended.done() or rig.waiting < 40, 20)  # noqa: B023 waited for at once
            await masterkeys.rotate(known)
        await rig.kill(child, 4.0 + rig.store.waits if place else rig.chance.uniform(0.5, 1.5), idle=True, place=place)
    rig.burst(24)
    child = await rig.start(webhook=True, handful=HANDFUL)
    house = await guest(rig)
    try:
        old = house.vault.masters[-1]
        async with asyncio.timeout(60 + rig.store.waits):
            while (await masterkeys.counted(house))[old]:
                await asyncio.sleep(0.1)
    finally:
        await house.store.close()
    async with asyncio.timeout(30):
        dropped = False
        while not dropped:  # refused until it was used long enough
            with suppress(masterkeys.typer.Exit):
                await masterkeys.drop(known, old, yes=True)
                dropped = True
            await asyncio.sleep(0.1)
    rig.burst(8)
    await rig.kill(child, 0.2, idle=True)


async def unreadable(house: House) -> tuple[int, int]:
    """How many keys there are, and how many of them, or of the conversations under them, do not open with the newest master."""
    seen = wrong = 0
    async for page in house.store.wrapped():
        for one in page:
            seen += 1
            wrong += house.vault.under(one.wraps) != house.vault.masters[0]
            if one.kind == "person":
                record = await house.store.load(bytes.fromhex(one.row))
                keys = house.vault.person_keys(one.row, record.wraps)
                if record.session is not None:
                    wrong += not house.vault.open(keys, record.session, kind="session", row=one.row, version=record.version)
            elif one.kind == "case":
                case = await house.store.case(one.row)
                assert case is not None
                keys = house.vault.case_keys(one.row, case.wraps)
                wrong += not house.vault.open(keys, case.sealed, kind="case", row=one.row, version=case.version)
    return seen, wrong


@pytest.mark.parametrize("kind", KINDS)
async def test_a_master_that_is_changed_under_fire_costs_nobody_a_word(tmp_path, monkeypatch, kind):
    """F21."""
    monkeypatch.setattr(masterkeys, "SETTLED", 0.5)
    async with rigged(tmp_path, seed=210, keep=keep_for(kind, tmp_path, lease=LEASE)) as rig:
        for chat in ASKING:
            rig.say(chat, "human")
        rig.crowd(KEPT)
        child = await rig.start(webhook=True, handful=HANDFUL)
        await rig.until(lambda: not rig.busy, 60)
        await rig.kill(child, 0.1, idle=True)
        for _ in range(ROTATIONS):
            await rotated(rig)
        child = await rig.start(webhook=True, handful=HANDFUL)
        await rig.ready(child)
        verdict = await rig.drain(child)
        assert await child.end(signal.SIGTERM) == 0
        house = await guest(rig)
        try:
            left, (seen, wrong) = await house.store.counts(), await unreadable(house)
            masters = house.vault.masters
        finally:
            with suppress(StoreUnavailable):
                await house.store.close()
        handoffs = handoffs_lost(rig.written, rig.double.ledger, GROUP)
    rows = [
        ("rotations", ROTATIONS), ("kills", len(rig.kills)), ("of them at a named place", rig.died), ("replies", verdict.replies),
        ("lost", len(verdict.lost)), ("handoffs lost", handoffs), ("put aside", left.quarantine), ("repeated", verdict.repetitions),
        ("keys", seen), ("not under the newest, or unreadable", wrong), ("masters left", len(masters)),
    ]  # fmt: skip
    table.keep(tmp_path, f"master keys under fire, {kind}", rows)
    assert (verdict.lost, verdict.reordered, verdict.misdelivered, handoffs, left.quarantine) == ([], [], [], 0, 0)
    assert max(verdict.repeated.values(), default=0) <= 1
    assert (wrong, len(masters), len(list((tmp_path / "keys").glob("master-*.key")))) == (0, 1, 1)
    assert seen == len(CHATS) + KEPT + len(ASKING)
    assert rig.died >= ROTATIONS * ROTATION_KILLS // 3
