"""HTTP as the double speaks it: a server that can also break the line, and a client for webhooks. Both are bare, so that they cost little.

Rule 1: a request that came whole is carried out, also when its sender is dead by then.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httptools

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
}


class Line(asyncio.Protocol):
    """One connection to the double. `asked`: is told (line, path, parameters) of each whole request."""

    def __init__(self, asked: "Callable[[Line, str, dict[str, Any]], None]", lines: "set[Line]") -> None:
        self._asked = asked
        self._lines = lines
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._body = b"", b""
        self.transport: asyncio.Transport | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.open = transport, True
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._lines.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def on_message_begin(self) -> None:
        self._url, self._body = b"", b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode().partition("?")
        given = json.loads(self._body) if self._body.strip() else dict(parse_qsl(query))
        self._asked(self, path, given)

    # ── what the double may do with it ──
    def reply(self, status: int, body: bytes, kind: str = "application/json", promised: int | None = None) -> None:
        """Answer; `promised`: the length to name instead of the true one."""
        length = len(body) if promised is None else promised
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        self.write(head.encode() + body)

    def write(self, data: bytes) -> None:
        """Send bytes, if somebody is still there."""
        if self.open and self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        """Close the line."""
        if self.transport is not None:
            self.transport.close()

    def reset(self) -> None:
        """Tear the line: the other side reads an error, not an end."""
        if self.transport is not None:
            sock = self.transport.get_extra_info("socket")
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()


class Post:
    """Posts JSON to one address over kept connections; gives status, headers and body, or None if there was no answer."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {}

    async def __call__(self, url: str, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, dict[str, str], bytes] | None:
        parts = urlsplit(url)
        place = parts.hostname or "", parts.port or 80
        lines = [
            f"POST {parts.path or '/'} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(place, head + body)
        except (OSError, TimeoutError, EOFError, ValueError):
            return None

    async def _exchange(self, place: tuple[str, int], request: bytes) -> tuple[int, dict[str, str], bytes]:
        kept = self._kept.setdefault(place, [])
        while kept and kept[-1][0].at_eof():
            kept.pop()[1].close()
        reader, writer = kept.pop() if kept else await asyncio.open_connection(*place)
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await self._rest(reader, headers)
        except BaseException:
            writer.close()
            raise
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            kept.append((reader, writer))
        return int(head[0].split()[1]), headers, body

    async def _rest(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return body

    def close(self) -> None:
        """Close all connections."""
        for kept in self._kept.values():
            for _reader, writer in kept:
                writer.close()
        self._kept.clear()
