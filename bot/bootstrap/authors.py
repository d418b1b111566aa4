"""Wiring of what serves authors: the workshop of drafts, and the bench where they are checked and tried.

Rule 1: long work on what somebody typed is never done where people are answered.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from bot.bootstrap.bench import ProcessBench
from bot.bootstrap.system import chance
from bot.conversation.keeping.library import StoreLibrary
from bot.conversation.keeping.vault import Vault
from bot.conversation.running.keeper import every
from bot.ports import Clock, Store, StoreUnavailable
from bot.studio.drafts.census import Census
from bot.studio.drafts.parts import StudioParts
from bot.studio.drafts.workshop import Workshop

SWEEP = 3600.0


@dataclass(frozen=True, slots=True)
class StudioSide:
    """What serves authors in one process."""

    workshop: Workshop
    census: Census
    bench: ProcessBench
    parts: StudioParts

    async def run(self, stopping: asyncio.Event) -> None:
        """Remove what drafts that are over left behind, each hour until stopped."""
        while await every(SWEEP, stopping):
            with suppress(StoreUnavailable):
                await self.workshop.sweep()


def studio_side(*, store: Store, vault: Vault, library: StoreLibrary, clock: Clock) -> StudioSide:
    """Wire it."""
    bench = ProcessBench()
    workshop = Workshop(store=store, vault=vault, clock=clock, chance=chance, library=library, bench=bench)
    census = Census(store=store, vault=vault, clock=clock, library=library, bench=bench)
    return StudioSide(workshop, census, bench, StudioParts(workshop=workshop, bench=bench, revisions=library, census=census))
