"""A Bot API double that is fast enough not to be measured: raw asyncio, no framework.

Rule 1: it answers every method at once, and says of every message to whom and what, so that its driver can wait and judge.
Rule 2: it reads whatever a bot library sends: JSON, a form, parts of a form, whole or in chunks.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec

_decode = msgspec.json.Decoder(dict).decode
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_TRUE = b'{"ok":true,"result":true}'
_ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Bot","username":"bench_bot","can_join_groups":false,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
_SENT = b'{"ok":true,"result":{"message_id":%d,"date":1795000000,"chat":{"id":%d,"first_name":"A","type":"private"},"from":{"id":1,"is_bot":true,"first_name":"Bot"},"text":"-"}}'
Sent = Callable[[int, dict[str, Any], int], None]
"""Called with the chat, the parameters and the number of each message."""


class FakeApi(asyncio.Protocol):
    """One connection."""

    def __init__(self, double: "Double") -> None:
        self._double = double
        self._rest = b""
        self._out: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast("asyncio.Transport", transport)
        self._double.open.add(self._out)

    def connection_lost(self, _error: Exception | None) -> None:
        assert self._out is not None
        self._double.open.discard(self._out)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            head, found, rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                return
            fields = _fields(head)
            body = (
                _chunked(rest)
                if b"chunked" in fields.get(b"transfer-encoding", b"")
                else _whole(rest, int(fields.get(b"content-length", b"0")))
            )
            if body is None:
                return
            self._rest = body[1]
            self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2].decode(), body[0], fields.get(b"content-type", b""))

    def _answer(self, method: str, body: bytes, kind: bytes) -> None:
        assert self._out is not None
        name = method.lower()
        self._double.calls[name] += 1
        answer = _ME if name == "getme" else _TRUE
        if name == "sendmessage":
            parameters = parameters_of(body, kind)
            chat, number = int(parameters["chat_id"]), next(self._double.ids)
            answer = _SENT % (number, chat)
            self._double.sent(chat, parameters, number)
        self._out.write(_HEAD % (len(answer), answer))


def parameters_of(body: bytes, kind: bytes) -> dict[str, Any]:
    """What was sent, however it was put."""
    if kind.startswith(b"application/json"):
        return _decode(body)
    parameters: dict[str, Any] = (
        _parts(body, kind) if kind.startswith(b"multipart/") else dict(parse_qsl(body.decode(), keep_blank_values=True))
    )
    if isinstance(parameters.get("reply_markup"), str):
        parameters["reply_markup"] = json.loads(parameters["reply_markup"])
    return parameters


def _parts(body: bytes, kind: bytes) -> dict[str, Any]:
    boundary = b"--" + kind.partition(b"boundary=")[2].strip(b'"')
    found = {}
    for part in body.split(boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        found[head.partition(b'name="')[2].partition(b'"')[0].decode()] = value[:-2].decode()
    return found


def _fields(head: bytes) -> dict[bytes, bytes]:
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.lower(): value.strip() for name, _, value in lines}


def _whole(rest: bytes, length: int) -> tuple[bytes, bytes] | None:
    return (rest[:length], rest[length:]) if len(rest) >= length else None


def _chunked(rest: bytes) -> tuple[bytes, bytes] | None:
    body = b""
    while True:
        line, found, rest = rest.partition(b"\r\n")
        if not found:
            return None
        length = int(line, 16)
        if len(rest) < length + 2:
            return None
        body, rest = body + rest[:length], rest[length + 2 :]
        if not length:
            return body, rest


class Double:
    """The server. `calls`: how often each method was called; `open`: its connections."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.ids = count(1)
        self.calls: Counter[str] = Counter()
        self.open: set[asyncio.Transport] = set()
        self.server: asyncio.Server | None = None

    async def close(self) -> None:
        """Listen no more, and end every connection."""
        if self.server is not None:
            self.server.close()
        for out in self.open:
            out.abort()
        while self.open:
            await asyncio.sleep(0)


async def serve(sent: Sent) -> tuple[Double, int]:
    """Listen on a free port of this machine; gives the double and its port."""
    double = Double(sent)
    double.server = await asyncio.get_running_loop().create_server(lambda: FakeApi(double), "127.0.0.1", 0)
    return double, double.server.sockets[0].getsockname()[1]
