"""Patience with a store that is down: asked again and again until it answers, or until the one who waits is cancelled.

Rule 1: only what may safely be asked twice is asked this way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.ports import StoreUnavailable

T = TypeVar("T")
FIRST, LONGEST = 0.2, 1.5


async def until_up(ask: Callable[[], Awaitable[T]]) -> T:
    """Give what the store answers, however long it is down. What is in hand or in flight would otherwise wait for the next start."""
    pause = FIRST
    while True:
        try:
            return await ask()
        except StoreUnavailable:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST)
