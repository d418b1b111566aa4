"""Bells: a line that dies, however it says so, or without a word, is made anew."""

import asyncio
from typing import Any, Self

import pytest

from bot.storage.redis import signals
from bot.storage.redis.signals import Signals
from bot.storage.redis.wire import Address


class Wire:
    """A wire that knows where it is listened."""

    def where(self, tag: str) -> Address:
        return Address()


class Bells:
    """A line of its own for each making: it dies with an error, or rings."""

    def __init__(self, said: Any, closing: Exception | None) -> None:
        self.said = said
        self.closing = closing

    def pubsub(self, **_: Any) -> "Bells":
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def subscribe(self, channel: str) -> None: ...

    async def ping(self) -> None: ...

    async def get_message(self, timeout: float) -> dict[str, Any] | None:
        await asyncio.sleep(0)
        if isinstance(self.said, Exception):
            raise self.said
        if self.said is None:
            return None
        return {"type": "message", "data": b"another " + self.said}

    async def aclose(self) -> None:
        if self.closing is not None:
            raise self.closing


DEAD = RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")
"""What uvloop says when a line is lost between being made and being greeted: seen while a master was replaced."""


@pytest.mark.parametrize("said", [DEAD, OSError("reset"), None], ids=["the loop's own", "the system's", "nothing"])
async def test_a_line_that_dies_ends_no_listening(monkeypatch: pytest.MonkeyPatch, said: Exception | None) -> None:
    """One that says nothing any more, not even when it is asked, is one whose packets are lost."""
    lines = iter((Bells(said, said), Bells(b"inbox", None)))
    monkeypatch.setattr(signals, "AGAIN", 0.001)
    monkeypatch.setattr(signals, "SILENT", 0.02)
    monkeypatch.setattr(signals, "_line", lambda _: next(lines))
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(Signals(Wire(), name="one").listen(heard.put_nowait))  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        assert await heard.get() == "inbox"
    listening.cancel()
