"""A request that goes straight to a channel: a webhook's body is handed over and an answer comes back, without pages' machinery.

Made because most requests of a busy service are updates of one webhook (docs/performance.md). Everything else is served as before.

Rule 1: a status is written only after the channel gave it; a broken line never takes back what was handed over.
Rule 2: one request at a time on a connection; who sends the next one before its answer finds the connection closed after that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Hook: TypeAlias = Callable[[Sequence[tuple[bytes, bytes]], bytes], Awaitable[tuple[int, bytes]]]
"""Given the headers (names in small letters) and the body, gives the status of the answer, and its body: JSON, or nothing."""

LARGEST: Final = 1 << 20
"""Bytes of a body; Telegram's own limit is 64 KiB."""
RETRY_AFTER: Final = 1
"""Seconds that Telegram is told to wait after a 503. Without that it waits twice as long each time, up to two minutes."""
_CLOSE: Final = b"connection: close\r\n"
_JSON: Final = b"content-type: application/json\r\n"
_DONE: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Straight(HttpToolsProtocol):
    """Serves the application, and some paths without it. `hooks`: path → what takes its requests."""

    def __init__(self, *args: Any, hooks: Mapping[bytes, Hook], **named: Any) -> None:
        super().__init__(*args, **named)
        self._hooks = hooks
        self._hook: Hook | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._busy = False  # a hook has not answered yet
        self._ignored = False  # what is read now came too early
        self._last = False  # close after the answer

    # ── the parser's side ──
    @override
    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._hook = None

    @override
    def on_headers_complete(self) -> None:
        hook = self._hooks.get(self.url)
        if self._busy or (hook is not None and self.cycle is not None and not self.cycle.response_complete):
            self._ignored = self._last = True
            if not self._busy:
                self.cycle.keep_alive = False
        elif hook is not None:
            self._begin(hook)
        else:
            url, headers = self.url, self.headers
            super().on_message_begin()
            self.url = url
            self.headers.extend(headers)
            super().on_headers_complete()

    def _begin(self, hook: Hook) -> None:
        if self.parser.get_method() != b"POST":
            self._write(HTTPStatus.METHOD_NOT_ALLOWED)
            self._ignored = True
            return
        self._hook, self._parts, self._size = hook, [], 0
        if self.expect_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    @override
    def on_body(self, body: bytes) -> None:
        if self._ignored:
            return
        if self._hook is None:
            super().on_body(body)
            return
        self._size += len(body)
        if self._size > LARGEST:
            self._ignored = self._last = True
            self._write(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        self._parts.append(body)

    @override
    def on_message_complete(self) -> None:
        if self._ignored:
            self._ignored = self._last  # what follows a refused method is a request again
            return
        hook, self._hook = self._hook, None
        if hook is None:
            super().on_message_complete()
            return
        self._busy = True
        self._last = self._last or not self.parser.should_keep_alive()
        task = self.loop.create_task(self._served(hook, self.headers, b"".join(self._parts)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _served(self, hook: Hook, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        try:
            status, said = await hook(headers, body)
        except Exception:  # our bug hurts this one request; the log says its class and place only
            self.logger.exception("a hook failed")
            status, said = HTTPStatus.INTERNAL_SERVER_ERROR, b""
        self._busy = False
        self.server_state.total_requests += 1
        self._write(status, said)

    # ── the answer ──
    def _write(self, status: int, body: bytes = b"") -> None:
        if self.transport.is_closing():
            return
        if status == 200 and not body and not self._last:
            self.transport.write(_DONE)
        else:
            kind = _JSON if body else b""
            more = b"retry-after: %d\r\n" % RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else b""
            head = kind + more + (_CLOSE if self._last else b"")
            phrase = HTTPStatus(status).phrase.encode()
            self.transport.write(b"HTTP/1.1 %d %s\r\ncontent-length: %d\r\n%s\r\n%s" % (status, phrase, len(body), head, body))
        if self._last:
            self.transport.close()
        else:
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    @override
    def shutdown(self) -> None:
        """Stop, once a hook that is under way has answered."""
        if self._busy:
            self._last = True
        else:
            super().shutdown()


def straight(hooks: Mapping[str, Hook]) -> Callable[..., asyncio.Protocol]:
    """Give what makes the protocol of a connection, for the server."""
    by_path = {path.encode(): hook for path, hook in hooks.items()}

    def made(*args: Any, **named: Any) -> asyncio.Protocol:
        return Straight(*args, hooks=by_path, **named)

    return made
