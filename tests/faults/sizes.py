"""How much of each fault is made: a share that ends in minutes for every run, the full size by hand (`make soak`).

Rule 1: every size stands here, in pairs: (every run, soak).
"""

import os
from typing import TypeVar

import pytest

SOAK = os.environ.get("AMANA_SOAK") == "1"
T = TypeVar("T")


def _pick(ci: T, soak: T) -> T:
    return soak if SOAK else ci


KILLS = _pick(125, 250)
"""Kills of one part of one test; there are four tests: two stores, by polling and by webhook."""
PARTS = _pick(1, 10)
STREETS = 6
"""Services that are killed side by side where a lease must run out after each kill."""
FRESH = _pick(4, 46)
"""Kills of processes that were started by the operator's command, per store."""
STOPS = _pick(10, 100)
"""SIGTERM in a burst, per way of receiving."""
OUTAGES = _pick(1, 50)
"""Of each kind that a server can have."""
FAILOVERS = _pick(1, 300)
SENDS = _pick(300, 10_000)
"""Messages of a storm of refusals, or of bad lines."""
DOUBLES = _pick(300, 100_000)
POISON = _pick(400, 10_000)
CUTS = _pick(50, 2_000)
"""Places where the log of the file store is cut off."""
PRESSES = _pick(200, 10_000)
RUNAWAYS = _pick(1, 50)
WORKERS = _pick(1, 50)
"""Times that a worker is killed, hangs, or is added beside another."""
ENDS = _pick(1, 50)
"""Times that each way of being out of reach is met."""


def marks(seconds: float = 240.0) -> list[pytest.MarkDecorator]:
    """Give the marks of a file of faults. `seconds`: the longest that one of its tests may take in every run."""
    given = [pytest.mark.kill, pytest.mark.timeout(36_000 if SOAK else seconds)]
    return [*given, pytest.mark.soak] if SOAK else given
