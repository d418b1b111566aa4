"""The real clock and real chance: the only place that has them.

Rule 1: everything else gets time and chance as arguments.
"""

import secrets
import string
import time
from datetime import UTC, date, datetime

_LETTERS = string.ascii_letters + string.digits
_OF_BYTES = bytes(ord(_LETTERS[byte % len(_LETTERS)]) for byte in range(256))


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
    """Give so many random letters and digits, at least 5.6 bits each."""
    # Eight of the 62 come up five times in 256, the others four times: a little less than even, and a tenth of the time of being even.
    return secrets.token_bytes(length).translate(_OF_BYTES).decode("ascii")
