"""Who has just started holds nobody's shards yet: that takes nothing of its pace away, or a handoff would wait a minute to be posted."""

from bot.conversation.pacing.traffic import GROUP, Traffic
from bot.ports import Pace
from tests.world import build_world


async def allowed_to_post(shares: list[float]) -> list[bool]:
    """Whether the caseworkers' group may be written to, a second after each of these parts of the people was ours."""
    world = await build_world()
    given = iter(shares)

    async def held(_: str) -> tuple[float, int]:
        return next(given), 0

    world.store.held = held  # type: ignore[method-assign]
    world.sender._traffic = Traffic(Pace(most=30, seconds=1.0), Pace(most=20, seconds=60.0), since=world.clock.steady())
    may = []
    for _ in shares:
        world.clock.pass_by(1.0)
        await world.sender._look()
        _, lanes = next(iter(world.sender._traffic.asks(world.clock.steady(), 64)))
        may.append(bool(lanes.get(GROUP)))
    return may


async def test_the_first_shards_bring_their_whole_part_of_the_pace_at_once() -> None:
    assert await allowed_to_post([0.0, 0.0, 1.0, 1.0]) == [True] * 4


async def test_who_lost_all_and_gets_some_back_waits_until_others_have_left_the_window() -> None:
    assert await allowed_to_post([1.0, 0.0, 1.0, 1.0]) == [True, False, False, False]
