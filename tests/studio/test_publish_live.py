"""A draft is published while a thousand people talk: nobody is stranded or moved under way; the count, a recall and a rollback."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from bot.conversation.keeping.intake import Incoming
from bot.engine.events import AnyEvent, Pressed, Said, Started
from bot.storage.redis.sentinel import SingleWire
from bot.storage.redis.store import RedisStore
from bot.storage.redis.wire import Address
from bot.storage.sqlite.store import SqliteStore
from bot.studio.drafts.census import Census
from bot.studio.drafts.workshop import Workshop
from bot.studio.editing.edits import RenameStep
from tests.fakes import Counted, FakeClock
from tests.redis_rig import Server
from tests.world import World, build_world

P = ParamSpec("P")
T = TypeVar("T")
PEOPLE = 1000
HOME = 600
"""So many of them are asked about going home; the others are at the first list."""
_redis: list[Server] = []


class Beside:
    """A bench that lets conversations go on."""

    async def __call__(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await asyncio.to_thread(work, *args, **named)


@pytest.fixture(params=["redis", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    clock = FakeClock()
    if request.param == "sqlite":
        store: SqliteStore | RedisStore = SqliteStore(tmp_path / "amana.db", clock=clock)
    else:
        if not _redis:
            _redis.append(Server.start())
        _redis[0].empty()
        store = RedisStore(SingleWire(Address(path=_redis[0].socket)), clock=clock, name="live")
    await store.open()
    yield await build_world(store=store, clock=clock)
    await store.close()


async def all_do(world: World, who: Sequence[int], event: Callable[[int], AnyEvent]) -> None:
    """Each of them does one thing, in batches, as a busy service sees it."""
    for first in range(0, len(who), 100):
        world.events += 1
        number = world.events
        await world.intake.accept(
            [
                Incoming(
                    channel="telegram", identity=str(n), route=str(n), event_id=f"tg:{number}:{n}", event=event(n), message=f"{number}{n}"
                )
                for n in who[first : first + 100]
            ]
        )
        await world.settle()


async def press(world: World, who: Sequence[int], key: str) -> None:
    latest: dict[str, str] = {}
    for route, message in world.person.sent:
        for button in message.buttons:
            if button.data.rpartition(".")[2] == key:
                latest[route] = button.data

    def pressed(n: int) -> Pressed:
        life, turn, _ = latest[str(n)].split(".", 2)
        return Pressed(at=world.clock.now(), life=life, turn=int(turn), key=key)

    await all_do(world, who, pressed)


async def to_menu(world: World, who: Sequence[int]) -> None:
    await all_do(world, who, lambda _: Started(at=world.clock.now(), language="en"))
    for key in ("en", "yes"):
        await press(world, who, key)


def last(world: World) -> dict[int, str]:
    """What each of them was told last."""
    return {int(route): message.id for route, message in world.person.sent}


async def approved(world: World, workshop: Workshop) -> str:
    """A draft in which a question has another name, with a second person's yes."""
    head = await workshop.begin("Rename a question", by="amina")
    done = await workshop.edit(head.id, [RenameStep("return", "fear", "afraid")], by="amina", action="a")
    assert not done.clashes
    head = await workshop.ask(head.id, by="amina", words="")
    await workshop.approve(head.id, head.revision, by="karim")
    return head.id


@pytest.mark.timeout(240)
async def test_a_thousand_people_talk_through_a_publish_a_recall_and_a_rollback(world: World) -> None:
    bench = Beside()
    workshop = Workshop(store=world.store, vault=world.vault, clock=world.clock, chance=Counted(), library=world.library, bench=bench)
    census = Census(store=world.store, vault=world.vault, clock=world.clock, library=world.library, bench=bench)
    everyone, home, others = range(PEOPLE), range(HOME), range(HOME, PEOPLE)
    first = world.library.current().revision
    draft = await approved(world, workshop)
    await to_menu(world, everyone)
    await press(world, home, "home")
    assert Counter(last(world).values()) == {"return.fear": HOME, "menu.topic": PEOPLE - HOME}

    # published while the first half answers
    publishing = asyncio.create_task(workshop.publish(draft, by="karim"))
    await press(world, home[:300], "no")
    second = await publishing
    await press(world, home[300:400], "no")
    await press(world, home[400:500], "unsure")

    told = last(world)
    assert second == world.library.current().revision != first
    assert {told[n] for n in range(400)} == {"return.asylum"}
    assert {told[n] for n in range(500, HOME)} == {"return.fear"}
    assert {told[n] for n in others} == {"menu.topic"}
    assert not {message.id for _, message in world.person.sent} & {"bot.recalled", "return.afraid"}

    # whoever comes to it now is asked the new question; whoever stands on a step that is the same goes on in the new revision
    await press(world, others[:50], "home")
    assert {last(world)[n] for n in others[:50]} == {"return.afraid"}
    counted = await census.count()
    on = {crowd.revision: crowd for crowd in counted.crowds}
    assert counted.whole
    assert on[second].people == 50
    assert on[first].people == PEOPLE - 50
    assert [(place.flow, place.held) for place in on[first].places if place.flow == "return"] == [("return", True)]

    # a recall moves those who are left, at their next turn, and says so
    await world.library.recall(first, by="karim", why="harmful")
    await all_do(world, home[500:], lambda _: Said(at=world.clock.now(), text="1"))
    recalled = {int(route) for route, message in world.person.sent if message.id == "bot.recalled"}
    assert recalled == set(home[500:])

    # and one step back is one step back
    await world.library.rollback(first, by="karim", why="hasty", recalled=True)
    await to_menu(world, range(PEOPLE, PEOPLE + 20))
    await press(world, range(PEOPLE, PEOPLE + 20), "home")
    assert {last(world)[n] for n in range(PEOPLE, PEOPLE + 20)} == {"return.fear"}
    assert world.told.poison == []
    assert world.told.crashes == []
