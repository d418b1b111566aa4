"""A turn that runs away is ended; a slow one, and whatever is no turn, is left alone."""

import time

import pytest

from bot.conversation.running import watchdog
from bot.conversation.running.watchdog import Runaway, Watchdog


def burn(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        pass


def test_only_a_turn_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "EVERY", 0.02)
    dog = Watchdog()
    dog.start()
    try:
        dog.begin()
        with pytest.raises(Runaway):
            burn(5.0)
        dog.end()
        burn(0.2)  # no turn: nobody is struck
        for _ in range(20):
            dog.begin()
            burn(0.01)
            dog.end()
    finally:
        dog.stop()
