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


KILLS = _pick(210, 420)
"""Kills in a backlog, of one part of one test; there are four tests: two stores, by polling and by webhook."""
TALKS = _pick(80, 160)
"""Kills while eight persons talk, of one part, per store: with the two tests above, 500 in every run and 5,000 in a soak."""
PARTS = _pick(1, 5)
STREETS = 6
"""Services that are killed side by side in a backlog."""
QUARTERS = 8
"""And while people talk."""
FRESH = _pick(50, 200)
"""Kills of processes that were started by the operator's command, per store."""
LANES = 8
"""Of these, side by side."""
STOPS = _pick(25, 100)
"""SIGTERM in a burst, of each store and way of receiving: a hundred in every run."""
OUTAGES = _pick(1, 50)
"""Of each kind that a server can have."""
FAILOVERS = _pick(1, 300)
LINES = _pick(1, 6)
"""Times that each way of losing packets is met."""
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
TOLD = _pick(600, 10_000)
"""People of a notice, of whom one in ten has blocked the bot."""
TOLD_A_SECOND = _pick(100, 30)
TOLD_KILLS = _pick(2, 20)
ASKERS = _pick(20, 200)
"""People who talk to caseworkers at the same time."""
ANSWERS = _pick(200, 10_000)
"""Of the caseworkers, mixed."""
MIXED = _pick(2_000, 10_000)
"""Answers of twenty caseworkers by web and topic together."""
MIXED_PEOPLE = _pick(100, 200)
ERASURES = _pick(1, 12)
"""Times that an erasure dies at each of its places."""
ROTATIONS = _pick(1, 50)
"""Times that the master key is changed, of each store."""
ROTATION_KILLS = _pick(5, 6)
"""Kills in the midst of each."""
KEPT = _pick(100, 2_000)
"""People whose keys are wrapped again each time."""
BACKLOG = _pick(1_000, 10_000)
"""Messages that wait when a service starts."""
JUMPS = _pick(4, 20)
"""Times that the clock of a running service goes wrong and comes back."""
ENDS = _pick(1, 50)
"""Times that each way of being out of reach is met."""


def marks(seconds: float = 240.0) -> list[pytest.MarkDecorator]:
    """Give the marks of a file of faults. `seconds`: the longest that one of its tests may take in every run."""
    given = [pytest.mark.kill, pytest.mark.timeout(36_000 if SOAK else seconds)]
    return [*given, pytest.mark.soak] if SOAK else given
