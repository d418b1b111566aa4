"""A webhook's request goes straight to its channel; pages beside it are served as before. Driven over real connections."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn

from bot.web.straight import LARGEST, straight


@dataclass
class Hooked:
    """A channel that remembers what it was given, and answers when it may."""

    status: int = 200
    said: bytes = b""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[bytes, bytes]] = field(default_factory=list)
    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, headers, body: bytes) -> tuple[int, bytes]:
        self.headers.append(dict(headers))
        self.bodies.append(body)
        await self.may.wait()
        if self.status == 0:
            raise ValueError("a bug")
        return self.status, self.said


async def page(scope, receive, send) -> None:
    """An application: says what it was asked."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    said = json.dumps([scope["method"], scope["path"], dict(scope["headers"]).get(b"x", b"").decode(), body.decode()]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})


@dataclass
class Served:
    """A server with one hook, and connections to it."""

    hook: Hooked
    port: int
    server: uvicorn.Server
    opened: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened.append(writer)
        return reader, writer


@asynccontextmanager
async def running() -> AsyncIterator[Served]:
    hook = Hooked()
    hook.may.set()
    config = uvicorn.Config(page, port=0, http=straight({"/hook": hook}), log_config=None, lifespan="off", access_log=False)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.capture_signals = __import__("contextlib").nullcontext  # type: ignore[method-assign]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    served = Served(hook, server.servers[0].sockets[0].getsockname()[1], server)
    try:
        yield served
    finally:
        for writer in served.opened:
            writer.close()
        hook.may.set()
        server.should_exit = True
        await serving


def post(body: bytes, *, path: str = "/hook", method: str = "POST", more: str = "") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers.get("content-length", 0)))


async def closed(reader: asyncio.StreamReader) -> bool:
    return await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_body_is_handed_over_whole_and_the_connection_stays() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        for n in range(3):
            body = b'{"n": %d}' % n + b" " * n * 70_000  # the larger ones come in many pieces
            writer.write(post(body))
            assert (await answer(reader))[0] == 200
            assert served.hook.bodies[n] == body
        assert served.hook.headers[0][b"x"] == b"y"


async def test_pages_are_served_on_the_same_connection_before_and_after() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        writer.write(post(b"a", path="/page?q=1"))
        assert json.loads((await answer(reader))[2]) == ["POST", "/page", "y", "a"]
        writer.write(post(b"b"))
        assert (await answer(reader))[0] == 200
        writer.write(post(b"", path="/other", method="GET"))
        assert json.loads((await answer(reader))[2]) == ["GET", "/other", "y", ""]
        assert served.hook.bodies == [b"b"]


@pytest.mark.parametrize(("status", "said"), [(200, None), (403, None), (503, "1"), (0, None)])
async def test_the_status_is_the_channels_and_a_bug_is_an_error(status: int, said: str | None) -> None:
    async with running() as served:
        served.hook.status = status
        reader, writer = await served.connect()
        writer.write(post(b"{}"))
        given, headers, _ = await answer(reader)
        assert (given, headers.get("retry-after")) == (status or 500, said)


async def test_what_the_channel_says_goes_along_as_json() -> None:
    async with running() as served:
        served.hook.said = b'{"method":"a"}'
        reader, writer = await served.connect()
        for _ in range(2):
            writer.write(post(b"{}"))
            status, headers, body = await answer(reader)
            assert (status, headers["content-type"], body) == (200, "application/json", served.hook.said)


async def test_nothing_is_answered_before_the_channel_says_so() -> None:
    async with running() as served:
        served.hook.may.clear()
        reader, writer = await served.connect()
        writer.write(post(b"{}"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        served.hook.may.set()
        assert (await answer(reader))[0] == 200


async def test_a_line_that_breaks_takes_nothing_back() -> None:
    async with running() as served:
        served.hook.may.clear()
        _, writer = await served.connect()
        writer.write(post(b"kept"))
        while not served.hook.bodies:
            await asyncio.sleep(0.01)
        writer.transport.abort()
        await asyncio.sleep(0.05)
        served.hook.may.set()
        again, writer = await served.connect()
        writer.write(post(b"next"))
        assert (await answer(again))[0] == 200
        assert served.hook.bodies == [b"kept", b"next"]


@pytest.mark.parametrize("second", ["/hook", "/page"])
async def test_who_does_not_wait_for_the_first_answer_gets_that_one_and_must_come_again(second: str) -> None:
    async with running() as served:
        served.hook.may.clear()
        reader, writer = await served.connect()
        writer.write(post(b"first") + post(b"second", path=second))
        await asyncio.sleep(0.1)
        served.hook.may.set()
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await closed(reader)
        assert served.hook.bodies == [b"first"]


async def test_an_update_sent_behind_an_unanswered_page_is_not_taken() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        writer.write(post(b"a", path="/page") + post(b"too early"))
        assert json.loads((await answer(reader))[2])[1] == "/page"
        assert await closed(reader)
        assert served.hook.bodies == []


async def test_a_body_over_one_mebibyte_is_refused_and_the_line_closed() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        writer.write(post(b"x" * (LARGEST + 1)))
        assert (await answer(reader))[0] == 413
        reader, writer = await served.connect()
        writer.write(post(b"x" * LARGEST))
        assert (await answer(reader))[0] == 200
        assert [len(body) for body in served.hook.bodies] == [LARGEST]


async def test_only_post_is_taken_and_the_line_stays_good() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        writer.write(post(b"", method="GET"))
        assert (await answer(reader))[0] == 405
        writer.write(post(b"{}"))
        assert (await answer(reader))[0] == 200


async def test_chunks_and_a_wait_for_leave_are_understood() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        writer.write(b"POST /hook HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        writer.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert (await answer(reader))[0] == 200
        assert served.hook.bodies == [b"abcde"]


async def test_who_wants_the_line_closed_has_it_closed() -> None:
    async with running() as served:
        reader, writer = await served.connect()
        writer.write(post(b"{}", more="Connection: close\r\n"))
        assert (await answer(reader))[0] == 200
        assert await closed(reader)


async def test_stopping_waits_for_what_was_handed_over() -> None:
    async with running() as served:
        served.hook.may.clear()
        reader, writer = await served.connect()
        writer.write(post(b"{}"))
        while not served.hook.bodies:
            await asyncio.sleep(0.01)
        served.server.should_exit = True
        await asyncio.sleep(0.3)
        served.hook.may.set()
        assert (await answer(reader))[0] == 200
        assert await closed(reader)
