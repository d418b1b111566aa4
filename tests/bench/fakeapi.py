"""A Bot API double that is fast enough not to be measured: raw asyncio, no framework, in a process of its own.

Rule 1: it answers every method at once, counts what was sent, and says when each chat was last sent to, so that its driver can wait.
"""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import cast

import msgspec

_decode = msgspec.json.Decoder(dict).decode
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_TRUE = b'{"ok":true,"result":true}'


class FakeApi(asyncio.Protocol):
    """One connection. `sent` is called with (chat, text) for every message."""

    def __init__(self, sent: Callable[[int, dict], None], ids: count) -> None:
        self._sent = sent
        self._ids = ids
        self._rest = b""
        self._out: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            head, found, rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                return
            length = _length(head)
            if len(rest) < length:
                return
            self._rest = rest[length:]
            self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2], rest[:length])

    def _answer(self, method: bytes, body: bytes) -> None:
        assert self._out is not None
        answer = _TRUE
        if method == b"sendMessage":
            parameters = _decode(body)
            chat = int(parameters["chat_id"])
            answer = b'{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"}}}' % (next(self._ids), chat)
            self._sent(chat, parameters)
        self._out.write(_HEAD % (len(answer), answer))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(sent: Callable[[int, dict], None]) -> tuple[asyncio.Server, int]:
    """Listen on a free port of this machine; gives the server and its port."""
    ids = count(1)
    server = await asyncio.get_running_loop().create_server(lambda: FakeApi(sent, ids), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]
