"""How a store stands, for whoever runs it: what is in hand, what it stands on, and how long it takes.

Rule 1: measuring costs an update less than a microsecond: what is only counted is read when somebody looks, what is timed is timed now
and then.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct

T = TypeVar("T")
APART: Final = 0.02
"""Seconds between two measurements of one operation: at rest everything is timed, under load fifty a second."""


class Vitals(Struct, frozen=True, kw_only=True):
    """What one process has in hand. `lanes`, by name: how many are ready, in flight, and resting until their time comes.

    `waiting`: persons with an event waiting or in hand; `hand`: events in hand. `held` of all `shards`; `taken`, `lost`, `given_up`: so
    often since the start. `calls` of scripts; `cells`: bytes of conversations in memory, `hits` and `misses` of looking there.
    """

    lanes: Mapping[str, tuple[int, int, int]]
    waiting: int
    hand: int
    held: int = 1
    shards: int = 1
    taken: int = 0
    lost: int = 0
    given_up: int = 0
    calls: int = 0
    cells: int = 0
    hits: int = 0
    misses: int = 0


class Health(Struct, frozen=True, kw_only=True):
    """What the store stands on. `used` bytes of `limit` (0: none known); `free` bytes of its disk, None when that is not seen from here.

    `appends`: the last write to its file went well; `rewriting`: the file is being written anew. `skew`: seconds that its clock is ahead.
    """

    used: int
    limit: int = 0
    free: int | None = None
    appends: bool = True
    replicas: int = 0
    skew: float = 0.0
    rewriting: bool = False


def timed(call: Callable[..., Awaitable[T]], told: Callable[[float], None], now: Callable[[], float]) -> Callable[..., Awaitable[T]]:
    """Give the same operation, timed now and then. `now`: seconds that never jump, fine ones."""
    due = 0.0

    def asked(*words: Any) -> Awaitable[T]:
        nonlocal due
        began = now()
        if began < due:
            return call(*words)
        due = began + APART
        return measured(call(*words), began)

    async def measured(done: Awaitable[T], began: float) -> T:
        try:
            return await done
        finally:
            told(now() - began)

    return asked
