"""Who is on which revision: counted right, told only where nobody can be found by it, and never in one go."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.studio.drafts.census import AT_ONCE, Census
from bot.studio.drafts.parts import Crowd, Place
from bot.studio.drafts.tally import Facts, crowd
from tests.fakes import InlineBench
from tests.world import World, build_world, real_bundle

PLAIN = Facts(frozenset({"work"}), {"menu": {"menu": "a", "more": "b"}, "work": {"papers": "c"}})


def census(world: World) -> Census:
    return Census(store=world.store, vault=world.vault, clock=world.clock, library=world.library, bench=InlineBench())


def renamed(path: str, old: str, new: str):
    return real_bundle().with_file(path, real_bundle()[path].replace(old, new))


async def to_menu(world: World, who: str) -> None:
    await world.start("en", who=who)
    for key in ("en", "yes"):
        await world.press(key, who=who)


async def test_conversations_are_counted_by_revision_and_by_the_step_that_holds_them() -> None:
    world = await build_world(bundle=renamed("flows/menu.yaml", "sensitive: yes", "sensitive: no"))
    first = world.library.current().revision
    for number in range(23):
        await to_menu(world, str(number))
    for number in range(11):
        await world.press("home", who=str(number))
    other = (await world.library.bundle(first))["flows/menu.yaml"].replace("What do you need?", "What is it about?")
    await world.library.publish(real_bundle().with_file("flows/menu.yaml", other), by="test", why="clearer")
    second = world.library.current().revision
    for number in range(40, 43):
        await to_menu(world, str(number))

    counted = await census(world).look()

    assert counted is not None
    assert counted.whole
    assert counted.on(first) == Crowd(first, 23, (Place("menu", "topic", 12, held=True), Place("return", "", 11)))
    assert counted.on(second) == Crowd(second, 0, (Place("menu", "topic", 0),))
    assert counted.on("unknown") is None


async def test_who_has_no_conversation_is_nowhere() -> None:
    world = await build_world()
    for number in range(12):
        await world.start("en", who=str(number))
    await world.word("erase", who="1")
    world.clock.pass_by(3 * 86400)
    await world.start("en", who="20")

    counted = await census(world).count()

    assert [one.people for one in counted.crowds] == [0]


async def test_of_very_many_people_the_first_are_counted_and_it_says_so(monkeypatch) -> None:
    monkeypatch.setattr("bot.studio.drafts.census.MOST", AT_ONCE)
    world = await build_world()
    for number in range(AT_ONCE + 1):
        await world.start("en", who=str(number))

    counted = await census(world).count()

    assert not counted.whole
    assert sum(one.people for one in counted.crowds) == AT_ONCE


async def test_many_who_ask_are_given_one_count_and_nobody_waits_long() -> None:
    world = await build_world()
    for number in range(12):
        await world.start("en", who=str(number))
    made = census(world)

    first, second = await asyncio.gather(made.look(), made.look())
    late = await census(world).look(wait=0.0)

    assert first is second
    assert first is await made.look()
    assert late is None


def test_of_a_sensitive_flow_only_the_flow_is_told() -> None:
    made = crowd("r", {("menu", "menu"): 30, ("work", "papers"): 25}, PLAIN, PLAIN)

    assert made.places == (Place("menu", "menu", 30), Place("work", "", 25))


def test_what_cannot_be_read_any_more_is_told_by_flow_and_holds() -> None:
    made = crowd("r", {("menu", "menu"): 30}, None, PLAIN)

    assert made.places == (Place("menu", "", 30, held=True),)


SPOTS = st.dictionaries(
    st.tuples(st.sampled_from(["menu", "work", "gone"]), st.sampled_from(["menu", "more", "papers"])), st.integers(1, 40), min_size=1
)


@given(SPOTS)
def test_no_count_under_ten_can_be_found(spots: dict[tuple[str, str], int]) -> None:
    made = crowd("r", spots, PLAIN, PLAIN)
    told = [place.people for place in made.places]

    assert all(people == 0 or people >= 10 for people in (made.people, *told))
    rest = made.people - sum(told)
    assert made.people == 0 or rest == 0 or rest >= 10 or not any(told)
