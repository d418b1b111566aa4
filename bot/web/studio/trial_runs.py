"""Author's tests, run a handful at a time, so that whoever edits meanwhile is not kept waiting; results are remembered by revision.

Rule 1: the same files give the same results, so nothing that was run is run again.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from bot.checks.chat import ChatResult
from bot.flow.bundle import Bundle
from bot.studio.bundle.trials import batches, tried
from bot.studio.drafts.parts import Bench

KEPT: Final = 8


class Tally(Struct, frozen=True):
    """How the tests went. No results: they could not run."""

    results: tuple[ChatResult, ...]

    @property
    def failed(self) -> tuple[ChatResult, ...]:
        """Those that did not go as written, in order."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.results)

    @property
    def passed(self) -> int:
        """How many went as written."""
        return self.of - len(self.failed)


class TrialRuns:
    """Runs tests and remembers the last results."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, dict[int, tuple[ChatResult, ...]]] = OrderedDict()

    def known(self, bundle: Bundle) -> Tally | None:
        """Give the results of this revision, if all of it was run."""
        found = self._known.get(bundle.revision)
        if found is None or len(found) < len(batches(bundle)):
            return None
        return Tally(tuple(result for number in sorted(found) for result in found[number]))

    def add(self, bundle: Bundle, number: int, results: Sequence[ChatResult]) -> None:
        """Remember one handful."""
        if number < len(batches(bundle)):
            self._of(bundle)[number] = tuple(results)

    async def run(self, bench: Bench, bundle: Bundle) -> Tally:
        """Run what was not run yet; may raise `TimeoutError`."""
        found = self._of(bundle)
        for number, paths in enumerate(batches(bundle)):
            if number not in found:
                found[number] = await bench(tried, bundle, paths)
        return self.known(bundle) or Tally(())

    def _of(self, bundle: Bundle) -> dict[int, tuple[ChatResult, ...]]:
        found = self._known.setdefault(bundle.revision, {})
        self._known.move_to_end(bundle.revision)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found
