"""Remembering what pure functions gave, by what they were given, and never more than is said.

Rule 1: what is kept depends on the arguments alone, so it can be forgotten at any time and is never out of date.
Rule 2: the arguments are kept with it: a key may name one by its identity, which nothing else has while it is kept.
"""

from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Kept(Generic[P, T]):
    """A function that remembers. `most`: what it may hold, counted as `weigh` says; the longest unused goes first."""

    def __init__(self, work: Callable[P, T], *, key: Callable[..., Hashable], weigh: Callable[..., int], most: int) -> None:
        self._work = work
        self._key = key
        self._weigh = weigh
        self._most = most
        self._held: dict[Hashable, tuple[T, object, int]] = {}
        self._weight = 0

    def __call__(self, *args: P.args, **named: P.kwargs) -> T:
        """Give what the function gives; raises what it raises, which is not remembered."""
        key = self._key(*args, **named)
        found = self._held.pop(key, None)
        if found is not None:
            self._held[key] = found  # used just now: the last to go
            return found[0]
        given = self._work(*args, **named)
        weight = self._weigh(*args, **named)
        self._held[key] = given, (args, named), weight
        self._weight += weight
        while self._weight > self._most and len(self._held) > 1:
            self._weight -= self._held.pop(next(iter(self._held)))[2]
        return given

    @property
    def held(self) -> int:
        """How much is remembered, counted as it is weighed."""
        return self._weight


def one(*_args: object, **_named: object) -> int:
    """Each counts for one."""
    return 1
