"""The real clock and real chance: the only place that has them.

Rule 1: everything else gets time and chance as arguments.
"""

import secrets
import string
import time
from datetime import UTC, date, datetime

_LETTERS = string.ascii_letters + string.digits


class SystemClock:
    """The real clock."""

    def now(self) -> float:
        """Give UTC seconds."""
        return time.time()

    def steady(self) -> float:
        """Give seconds that never jump."""
        return time.monotonic()

    def today(self) -> date:
        """Give the UTC day."""
        return datetime.fromtimestamp(self.now(), UTC).date()


def chance(length: int) -> str:
    """Give so many random letters and digits."""
    # Six bits a letter, the two values too many thrown away: one reading of the system's chance, not one a letter.
    found: list[str] = []
    while len(found) < length:
        found += [_LETTERS[byte & 63] for byte in secrets.token_bytes(length + 8) if byte & 63 < len(_LETTERS)]
    return "".join(found[:length])
