"""How long what is kept: the arithmetic of lifetimes, in seconds and in days of daily keys.

Rule 1: these are upper limits; nothing here lengthens a life that something else has ended.
"""

from dataclasses import dataclass
from typing import Final

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
DAY_KEY_LASTS: Final = 2 * DAY
"""From the start of its day until a daily inbox key is destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """Seconds. `seen`: event ids; `receipts`: message ids; `quarantine`: what could not be worked; `route`: the way back, after the
    session ended; `case`: a closed or erased case whose end nobody set; `farewell`: the last word under its one-time key.
    """

    seen: float = 48 * HOUR
    receipts: float = 48 * HOUR
    quarantine: float = 24 * HOUR
    route: float = 7 * DAY
    case: float = 30 * DAY
    farewell: float = HOUR


def day_of(now: float) -> int:
    """Give the number of the UTC day (days since 1970) of a time in UTC seconds."""
    return int(now // DAY)


def day_key_dead(day: int, now: float) -> bool:
    """Whether the inbox key of that day must be destroyed by now."""
    return now >= day * DAY + DAY_KEY_LASTS
