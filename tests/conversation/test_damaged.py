"""One damaged case is that case's trouble: the sender goes on for everybody else."""

import asyncio

from msgspec import structs

from tests.world import build_world


async def test_one_bit_of_one_case_does_not_end_the_sender():
    world = await build_world()
    sent_all = world.sender.idle

    async def nothing() -> None:
        """Nothing is sent before the case is damaged."""

    world.sender.idle = nothing  # type: ignore[method-assign]
    await world.start()
    await sent_all()
    await world.word("human")
    await sent_all()
    for key in ("worry", "DZ", "yes", "skip"):
        await world.press(key)
        if key != "skip":
            await sent_all()
    [kept] = world.store.cases_.values()  # type: ignore[attr-defined]
    kept.record = structs.replace(kept.record, wraps=tuple((holder, key[:-1] + bytes([key[-1] ^ 1])) for holder, key in kept.record.wraps))
    world.vault._ready.clear()

    running = asyncio.ensure_future(world.sender.run())
    await asyncio.sleep(0.3)
    assert not running.done()
    world.sender.stop()
    await running
