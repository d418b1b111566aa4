"""Running the tests of authors on a draft, all at once or a handful at a time.

Rule 1: what is given equals `bot.checks.chat.run_chats`, always; only the time differs.
Rule 2: what was run on a bundle is remembered by its contents: the page that shows it and the publish that asks again run it once.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from bot.checks.chat import ChatResult, run_chats
from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled

Trial: TypeAlias = ChatResult
"""How one file went in one language; a failure stands at `line`: `expected` was written, `said` came."""


AT_ONCE: Final = 12
"""Files of one turn on the bench: some 100 ms, so that whoever edits meanwhile is not kept waiting."""


def tried(bundle: Bundle, files: Collection[str] | None = None) -> tuple[Trial, ...]:
    """Run these tests (paths; all if None), each in each of its languages, in order of path; none runs when the bundle has problems."""
    return _tried(bundle, tuple(path for path in bundle.test_paths() if files is None or path in files))


def batches(bundle: Bundle) -> Sequence[tuple[str, ...]]:
    """Give the tests in handfuls, in order of path."""
    paths = bundle.test_paths()
    return [paths[begin : begin + AT_ONCE] for begin in range(0, len(paths), AT_ONCE)]


@lru_cache(maxsize=128)
def _tried(bundle: Bundle, paths: tuple[str, ...]) -> tuple[Trial, ...]:
    program = compiled(bundle).program
    return tuple(run_chats(program, {path: bundle[path] for path in paths})) if program is not None else ()
