"""The plain HTTP client: what it reads, what it reuses, and how it says what went wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram import http1
from bot.channels.telegram.http1 import Http1, NotSent

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"


class Peer:
    """A server that answers as it is told; `met`: connections, `heard`: bodies."""

    def __init__(self, answers: list[bytes], *, close_after: bool = False, pause: float = 0.0) -> None:
        self.answers = answers
        self.close_after = close_after
        self.pause = pause
        self.met = 0
        self.heard: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
                self.heard.append(await reader.readexactly(length))
                await asyncio.sleep(self.pause)
                writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
                await writer.drain()
                if self.close_after:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def client(peer: Peer, **more: int) -> AsyncIterator[Http1]:
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = Http1(urlsplit(f"http://127.0.0.1:{port}"), **more)
    try:
        yield made
    finally:
        made.close()
        server.close()
        await asyncio.sleep(0.01)


async def test_a_connection_is_used_again() -> None:
    peer = Peer([OK])
    async with client(peer) as http:
        for n in range(5):
            assert await http.post(b"/x", b"body %d" % n, 2.0) == (200, b"fine")

    assert (peer.met, len(peer.heard)) == (1, 5)


async def test_many_at_once_wait_for_a_connection_and_each_gets_its_own_answer() -> None:
    peer = Peer([OK], pause=0.01)
    async with client(peer, most=3) as http:
        answers = await asyncio.gather(*(http.post(b"/x", b"%d" % n, 5.0) for n in range(30)))

    assert answers == [(200, b"fine")] * 30
    assert peer.met == 3


async def test_an_answer_in_pieces_is_put_together() -> None:
    peer = Peer([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n2\r\n!!\r\n0\r\n\r\n"])
    async with client(peer) as http:
        assert await http.post(b"/x", b"", 2.0) == (200, b"fine!!")


async def test_a_server_that_closes_after_its_answer_is_connected_to_anew() -> None:
    peer = Peer([b"HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"], close_after=True)
    async with client(peer) as http:
        assert await http.post(b"/x", b"", 2.0) == (500, b"no")
        assert await http.post(b"/x", b"", 2.0) == (500, b"no")

    assert peer.met == 2


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\n", b"nonsense\r\n\r\n"])
async def test_an_answer_that_breaks_off_may_have_been_carried_out(answer: bytes) -> None:
    peer = Peer([answer], close_after=True)
    async with client(peer) as http:
        with pytest.raises(NetworkError) as said:
            await http.post(b"/secret", b"words", 2.0)

    assert not isinstance(said.value, NotSent)
    assert "secret" not in str(said.value)
    assert "words" not in str(said.value)


async def test_an_answer_that_does_not_end_is_waited_for_so_long_and_never_given_to_another() -> None:
    peer = Peer([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha", OK])
    async with client(peer) as http:
        with pytest.raises(TimedOut):
            await http.post(b"/x", b"first", 0.1)
        assert await http.post(b"/x", b"second", 2.0) == (200, b"fine")

    assert peer.met == 2


async def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "LARGEST", 100)
    peer = Peer([b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 500])
    async with client(peer) as http:
        with pytest.raises(NetworkError):
            await http.post(b"/x", b"", 2.0)


async def test_a_server_that_is_not_there_was_not_sent_to() -> None:
    with pytest.raises(NotSent):
        await Http1(urlsplit("http://127.0.0.1:9")).post(b"/x", b"", 2.0)


async def test_one_who_stops_waiting_leaves_no_answer_behind() -> None:
    peer = Peer([OK], pause=0.05)
    async with client(peer, most=1) as http:
        first = asyncio.create_task(http.post(b"/x", b"first", 2.0))
        await asyncio.sleep(0.02)
        first.cancel()
        assert await http.post(b"/x", b"second", 2.0) == (200, b"fine")

    assert peer.heard[-1] == b"second"


async def test_when_one_connection_fell_silent_none_that_is_as_old_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a new one it is known whether anybody is there: what is sent again then is not sent blindly."""
    monkeypatch.setattr(http1, "LOOK", 0.01)
    peer = Peer([OK], pause=0.02)
    async with client(peer) as http:
        await asyncio.gather(*(http.post(b"/x", b"", 2.0) for _ in range(3)))
        peer.pause = 1.0
        with pytest.raises(TimedOut):
            await http.post(b"/x", b"", 0.05)
        peer.pause = 0.0
        assert await http.post(b"/x", b"", 2.0) == (200, b"fine")
    assert peer.met == 4
