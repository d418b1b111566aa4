"""Named places where a test may kill the process, to prove that nothing is lost there.

Rule 1: without the variable set by a test this is one comparison and nothing else.
"""

import os
import signal

_name, _left = "", 0


def arm(asked: str) -> None:
    """Take `NAME` or `NAME:N`: the process dies when it comes by that place for the N-th time. An empty word asks for nothing."""
    global _name, _left  # noqa: PLW0603 a count down to the kill, set by a test only
    _name, _, count = asked.partition(":")
    _left = int(count or "1")


def crashpoint(name: str) -> None:
    """Kill this process here if a test asked for it, at the n-th time it comes by."""
    if name != _name:
        return
    global _left  # noqa: PLW0603 see `arm`
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("AMANA_TEST_CRASH", ""))
