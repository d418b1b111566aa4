"""Named places where a test may kill the process, to prove that nothing is lost there.

Rule 1: without the variable set by a test this is one comparison and nothing else.
"""

import os
import signal

_NAME, _, _COUNT = os.environ.get("AMANA_TEST_CRASH", "").partition(":")
_left = int(_COUNT or "1")


def crashpoint(name: str) -> None:
    """Kill this process here if a test asked for it, at the n-th time it comes by."""
    if name != _NAME:
        return
    global _left  # noqa: PLW0603 a count down to the kill, set once by a test
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
