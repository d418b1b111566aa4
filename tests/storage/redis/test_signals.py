"""Bells: a line that dies, however it says so, or without a word, is made anew."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.storage.redis import signals
from bot.storage.redis.signals import CHANNEL, Signals
from bot.storage.redis.wire import Address

SUBSCRIBED = b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n" % (len(CHANNEL), CHANNEL.encode())
BELL = b"*3\r\n$7\r\nmessage\r\n$%d\r\n%s\r\n$13\r\nanother inbox\r\n" % (len(CHANNEL), CHANNEL.encode())


class Wire:
    """A wire that knows where it is listened."""

    def __init__(self, port: int) -> None:
        self.at = Address(port=port)

    def where(self, tag: str) -> Address:
        return self.at


@asynccontextmanager
async def server(*lives: bytes | None) -> AsyncIterator[int]:
    """A server that says this on its first line, on its second…, the last on all that follow; None: it closes it. Nothing more is said."""
    left = list(lives)
    lines: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)
        said = left.pop(0) if len(left) > 1 else left[0]
        if said is None:
            writer.transport.abort()
        else:
            writer.write(said)

    door = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield door.sockets[0].getsockname()[1]
    finally:
        door.close()
        for line in lines:
            line.transport.abort()


@pytest.mark.parametrize(
    "first",
    [None, b"-NOAUTH Authentication required.\r\n", b"?", b"", SUBSCRIBED],
    ids=["closed", "refused", "no Redis", "silent from the first", "silent from then on"],
)
async def test_a_line_that_dies_ends_no_listening(monkeypatch: pytest.MonkeyPatch, first: bytes | None) -> None:
    """One that says nothing, not even when it is asked for a sign of life, is one whose packets are lost."""
    monkeypatch.setattr(signals, "AGAIN", 0.01)
    monkeypatch.setattr(signals, "SILENT", 0.05)
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with server(first, SUBSCRIBED + BELL) as port:
        listening = asyncio.create_task(Signals(Wire(port), name="one").listen(heard.put_nowait))  # type: ignore[arg-type]
        async with asyncio.timeout(5):
            said = await until(heard, "inbox")
        listening.cancel()
    assert said[-2:] == ["again", "inbox"]


async def test_a_bell_that_cannot_be_heard_begins_a_new_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "AGAIN", 0.01)
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with server(SUBSCRIBED + BELL) as port:
        listening = asyncio.create_task(Signals(Wire(port), name="one").listen(fails_once(heard.put_nowait)))  # type: ignore[arg-type]
        async with asyncio.timeout(5):
            await until(heard, "inbox")
        listening.cancel()


def fails_once(then: Callable[[str], None]) -> Callable[[str], None]:
    """Fail at the first bell, and hear all others."""
    failed: list[str] = []

    def heard(word: str) -> None:
        if word == "inbox" and not failed:
            failed.append(word)
            raise KeyError(word)
        then(word)

    return heard


async def until(heard: "asyncio.Queue[str]", word: str) -> list[str]:
    """Wait for this word; give all that were heard."""
    said = [await heard.get()]
    while said[-1] != word:
        said.append(await heard.get())
    return said
