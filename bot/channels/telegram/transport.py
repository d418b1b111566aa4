"""The way to the Bot API: python-telegram-bot's request seam over a fast HTTP client.

Rule 1: this file is the only one that knows the HTTP client; every error is python-telegram-bot's, made by it from Telegram's answer.
Rule 2: no address (it holds the token) and no body ever enters an error or a log.
"""

import json
import os
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Raw, Struct
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from typing_extensions import override

from bot.channels.telegram.http1 import Http1

os.environ.setdefault("PTB_TIMEDELTA", "1")  # else python-telegram-bot warns at every 429 that RetryAfter will change its type
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class FastRequest(BaseRequest):
    """Carries python-telegram-bot's requests to one server. `seconds`: the longest a request may take; long polls pass their own."""

    def __init__(self, *, seconds: float = 20.0, connections: int = 64) -> None:
        self._seconds = seconds
        self._connections = connections
        self._client: Http1 | None = None
        self._origin = ""

    @property
    @override
    def read_timeout(self) -> float:
        return self._seconds

    @override
    async def initialize(self) -> None:
        """Nothing is opened before it is needed."""

    @override
    async def shutdown(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @override
    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **named: Any
    ) -> tuple[int, bytes]:
        body = request_data.json_payload if request_data is not None else b"{}"
        longest = named.get("read_timeout")
        return await self.post_bytes(url, body, float(longest) if isinstance(longest, int | float) else self._seconds)

    async def post_bytes(self, url: str, body: bytes, seconds: float | None = None) -> tuple[int, bytes]:
        """Give status and body of the answer; raises `NotSent`, `TimedOut`, `NetworkError`."""
        client = self.client(url)
        return await client.post(url[len(self._origin) - 1 :].encode("ascii"), body, seconds or self._seconds)

    def client(self, url: str) -> Http1:
        """Give the client for the server of this address."""
        if self._client is None or not url.startswith(self._origin):
            parts = urlsplit(url)
            self._origin = f"{parts.scheme}://{parts.netloc}/"
            self._client = Http1(parts, most=self._connections)
        return self._client

    @staticmethod
    @override
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            answer = _decode(payload)
        except (msgspec.DecodeError, RecursionError):
            answer = _leniently(payload)
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


def _leniently(payload: bytes) -> Any:
    """Read an answer that holds half a character somewhere, so that only that update is unreadable and not the ninety-nine beside it."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise TelegramError("Invalid server response") from None


class _Answered(FastRequest):
    """An answer that has come already, for python-telegram-bot to make its error of."""

    def __init__(self, status: int, payload: bytes) -> None:
        super().__init__()
        self._given = status, payload

    @override
    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **named: Any
    ) -> tuple[int, bytes]:
        return self._given


class _MessageId(Struct):
    message_id: int


class _Sent(Struct):
    """The one thing that is read of a message just sent. An edit of an inline message answers `true` instead."""

    result: _MessageId | bool


class _Updates(Struct):
    """The answer to a poll; each update is read by itself, so that a broken one breaks no other."""

    result: list[Raw]


_sent = msgspec.json.Decoder(_Sent).decode
_updates = msgspec.json.Decoder(_Updates).decode


class BotApi:
    """Calls methods of the Bot API; raises python-telegram-bot's errors."""

    def __init__(self, *, token: str, url: str, request: FastRequest) -> None:
        self._base = f"{url.rstrip('/')}/bot{token}/"
        self._path = urlsplit(self._base).path.encode("ascii")
        self._files = f"{url.rstrip('/')}/file/bot{token}/"
        self._request = request

    async def call(self, method: str, *, seconds: float | None = None, **parameters: Any) -> Any:
        """Call one method and give its result. `seconds`: the longest to wait, for long polls."""
        payload = await self._posted(method, parameters, seconds)
        return self._request.parse_json_payload(payload)["result"]

    async def do(self, method: str, *, seconds: float | None = None, **parameters: Any) -> None:
        """Call one method of which only matters that it went well."""
        await self._posted(method, parameters, seconds)

    async def send(self, method: str, **parameters: Any) -> str | None:
        """Call a method that sends or edits a message, and give the message's id (None if it names none)."""
        payload = await self._posted(method, parameters, None)
        try:
            result = _sent(payload).result
        except msgspec.DecodeError:
            raise NetworkError("Invalid server response") from None  # it says that it went well: it may have been carried out
        return str(result.message_id) if isinstance(result, _MessageId) else None

    def file_address(self, path: str) -> str:
        """Give the address of a file that `getFile` named; it holds the token: for asking only."""
        return self._files + quote(path.lstrip("/"))

    async def updates(self, *, seconds: float, **parameters: Any) -> Sequence[bytes | Raw]:
        """Ask for updates, and give them as they came."""
        payload = await self._posted("getUpdates", parameters, seconds)
        try:
            return _updates(payload).result
        except (msgspec.DecodeError, RecursionError):
            answer = _leniently(payload)
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, list):
            raise TelegramError("Invalid server response")
        return [json.dumps(update).encode() for update in result]

    async def _posted(self, method: str, given: Mapping[str, Any], seconds: float | None) -> bytes:
        """Give the answer of a call that went well; what did not is made python-telegram-bot's error by python-telegram-bot."""
        kept = {name: value for name, value in given.items() if value is not None}
        path = self._path + method.encode("ascii")
        status, payload = await self._request.client(self._base).post(path, _encode(kept), seconds or self._request.read_timeout)
        if status == HTTPStatus.OK and payload.startswith((b'{"ok":true', b'{"ok": true')):
            return payload
        await _Answered(status, payload).post(method)
        return payload

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()
