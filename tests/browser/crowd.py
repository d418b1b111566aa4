"""A thousand people who talk on the same store while pages are used, as a second process serves them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from bot.conversation.keeping.intake import Incoming
from bot.engine.events import AnyEvent, Pressed, Started
from bot.ports import Outgoing
from tests.browser.conftest import Site
from tests.web.stage import Stage
from tests.world import World, build_world

AT_ONCE = 25
"""People of one batch; between two, the pages have the loop for themselves."""
WAY = {
    "return.fear": "no",
    "return.asylum": "no",
    "return.under-18": "no",
    "return.situation": "none",
    "return.next": "more",
    "return.more": "wages",
    "where.country": "MA",
}
"""What leads from the question about fear to unpaid wages."""


@dataclass
class Crowd:
    """People on the flows, and what each was told."""

    world: World

    @classmethod
    async def of(cls, stage: Stage) -> "Crowd":
        """Let people in at the store of these pages."""
        await stage.door.open()
        world = await build_world(store=stage.store, clock=stage.clock)
        await stage.library.refresh()
        return cls(world)

    async def do(self, who: Sequence[int], event: Callable[[int], AnyEvent]) -> None:
        """Let each do one thing, under whatever is in force at that moment."""
        world = self.world
        for first in range(0, len(who), AT_ONCE):
            await world.library.refresh()
            world.events += 1
            number = world.events
            await world.intake.accept(
                [
                    Incoming(
                        channel="telegram",
                        identity=str(n),
                        route=str(n),
                        event_id=f"tg:{number}:{n}",
                        event=event(n),
                        message=f"{number}{n}",
                    )
                    for n in who[first : first + AT_ONCE]
                ]
            )
            await world.settle()
            await asyncio.sleep(0)

    async def press(self, who: Sequence[int], key: str) -> None:
        """Let each press this button of the last message that has it."""
        latest = {
            route: button.data for route, message in self.world.person.sent for button in message.buttons if button.data.endswith(f".{key}")
        }

        def pressed(n: int) -> Pressed:
            life, turn, _ = latest[str(n)].split(".", 2)
            return Pressed(at=self.world.clock.now(), life=life, turn=int(turn), key=key)

        await self.do(who, pressed)

    async def come(self, who: Sequence[int], language: str = "en") -> None:
        """Let each begin and come to the first list."""
        await self.do(who, lambda _: Started(at=self.world.clock.now(), language=language))
        for key in (language, "yes"):
            await self.press(who, key)

    async def to_wages(self, who: Sequence[int]) -> None:
        """Lead those who are asked about fear to the question at the end of what is said of unpaid wages."""
        for _ in range(len(WAY) + 1):
            last, asked = self.last(), defaultdict[str, list[int]](list)
            for n in who:
                asked[last[n]].append(n)
            for id_, these in asked.items():
                if id_ in WAY:
                    await self.press(these, WAY[id_])

    def heard(self, n: int) -> list[Outgoing]:
        """What reached one of them."""
        return self.world.heard(str(n))

    def last(self) -> dict[int, str]:
        """What each was told last."""
        return {int(route): message.id for route, message in self.world.person.sent}


def meanwhile(site: Site, deed: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Begin something on the loop of the pages, and go on."""

    async def begin() -> "asyncio.Task[None]":
        return asyncio.create_task(deed)

    task: asyncio.Task[None] = site.run(begin())
    return task


def over(page: Page, task: "asyncio.Task[None]", *, seconds: float = 90) -> None:
    """Wait until it is done; raises what it raised."""
    for _ in range(int(seconds * 20)):
        if task.done():
            task.result()
            return
        page.wait_for_timeout(50)
    raise AssertionError("not over in time")
