"""How a draft is: what is wrong in it, by flow, step and area, kept while nothing changes.

Rule 1: a page is drawn without waiting for the checks; what they find is put in a moment later.
Rule 2: one check of one revision and day is made once, however many pages ask.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from bot.flow.bundle import Bundle
from bot.studio.drafts.parts import Bench
from bot.studio.mending.placing import STALE, Placed, placed

KEPT = 16
"""Revisions whose problems are kept in memory."""
PATIENCE = 0.12
"""Seconds that a page waits for a check before it is drawn without."""


class Counts(NamedTuple):
    """What is wrong somewhere: what stops a publish, translations that are missing or stale, and what is only to be looked at."""

    problems: int = 0
    stale: int = 0
    warnings: int = 0


class Health:
    """What was found in one revision."""

    def __init__(self, found: Sequence[Placed]) -> None:
        self.found = found
        flows: dict[str, Counter[str]] = {}
        areas: dict[str, Counter[str]] = {}
        for each in found:
            kind = "stale" if each.problem.rule in STALE else "warnings" if each.problem.warning else "problems"
            areas.setdefault(each.area, Counter())[kind] += 1
            if kind == "stale":
                areas.setdefault("texts", Counter())[kind] += 1
            if each.flow:
                flows.setdefault(each.flow, Counter())[kind] += 1
        self.flows: Mapping[str, Counts] = {name: _counts(kinds) for name, kinds in flows.items()}
        self.areas: Mapping[str, Counts] = {name: _counts(kinds) for name, kinds in areas.items()}

    def by_step(self, flow: str) -> Mapping[str, list[Placed]]:
        """Give what is wrong in a flow, by step."""
        steps: dict[str, list[Placed]] = {}
        for each in self.found:
            if each.flow == flow:
                steps.setdefault(each.step, []).append(each)
        return steps


class Checks:
    """The checks of one process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, date], asyncio.Task[Health]] = {}

    async def health(self, bench: Bench, bundle: Bundle, on: date, *, patience: float | None = PATIENCE) -> Health | None:
        """Give what is wrong; None if it is not known in time. `patience`: seconds, None = as long as it takes."""
        key = (bundle.revision, on)
        task = self._known.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._known[key] = asyncio.get_running_loop().create_task(_checked(bench, bundle, on))
            while len(self._known) > KEPT:
                self._known.pop(next(iter(self._known)))
        try:
            return await asyncio.wait_for(asyncio.shield(task), patience)
        except TimeoutError:
            return None


async def _checked(bench: Bench, bundle: Bundle, on: date) -> Health:
    return Health(await bench(placed, bundle, on))


def _counts(kinds: Counter[str]) -> Counts:
    return Counts(kinds["problems"], kinds["stale"], kinds["warnings"])
