"""What holds for every test: a loop does not end before the lines that are ending on it have ended.

Rule 1: a line that nobody closes is told of in the test that left it, not whenever memory is cleared up, in some other test.
Rule 2: no test of chance fails because the machine was busy while it drew.
"""

import asyncio
import warnings
from asyncio import selector_events
from typing import Any

from hypothesis import HealthCheck, settings

settings.register_profile("busy", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("busy")

GRACE = 1.0
"""Seconds in which a line that was closed, or whose other end is gone, must have ended."""

_close = selector_events.BaseSelectorEventLoop.close


def _open(loop: Any) -> list[Any]:
    return [line for line in list(loop._transports.values()) if getattr(line, "_sock", None) is not None]


async def _ended(loop: Any) -> list[Any]:
    """Wait for lines to end; give those that do not, torn."""
    until = loop.time() + GRACE
    while (left := _open(loop)) and loop.time() < until:
        await asyncio.sleep(0.01)
    for line in left:
        line.abort()
    while _open(loop):
        await asyncio.sleep(0)
    return left


def _closed_after_its_lines(loop: Any) -> None:
    left = loop.run_until_complete(_ended(loop)) if not loop.is_closed() and _open(loop) else []
    told = [f"{type(line.get_protocol()).__name__} at {line.get_extra_info('sockname')}" for line in left]
    _close(loop)
    if told:
        warnings.warn(f"left open: {', '.join(told)}", ResourceWarning, stacklevel=2)


selector_events.BaseSelectorEventLoop.close = _closed_after_its_lines  # type: ignore[assignment, method-assign]
