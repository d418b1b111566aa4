"""The way to the Bot API: python-telegram-bot's request seam over a fast HTTP client.

Rule 1: this file is the only one that knows the HTTP client; its errors become python-telegram-bot's.
Rule 2: no address (it holds the token) and no body ever enters an error or a log.
"""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import msgspec
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import ConnectError, ConnectTimeoutError, PoolTimeoutError, PyreqwestError, RequestTimeoutError
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from typing_extensions import override

os.environ.setdefault("PTB_TIMEDELTA", "1")  # else python-telegram-bot warns at every 429 that RetryAfter will change its type
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class NotSent(NetworkError):
    """The request never left: nobody was reached."""


class Body:
    """A prepared JSON body. python-telegram-bot hands a request's data to `do_request` unread, and only ours reads it."""

    __slots__ = ("json_payload",)

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.json_payload = _encode(parameters)

    def as_data(self) -> RequestData:
        """Give it as the type that python-telegram-bot names (and closed to inheritance)."""
        return cast("RequestData", self)


class FastRequest(BaseRequest):
    """Carries python-telegram-bot's requests over pyreqwest. `seconds`: the longest a request may take; long polls pass their own."""

    def __init__(self, *, seconds: float = 20.0, connections: int = 64) -> None:
        self._seconds = seconds
        self._connections = connections
        self._client: Client | None = None

    @property
    @override
    def read_timeout(self) -> float:
        return self._seconds

    @override
    async def initialize(self) -> None:
        if self._client is None:
            builder = ClientBuilder().max_connections(self._connections).timeout(timedelta(seconds=self._seconds))
            self._client = builder.connect_timeout(timedelta(seconds=5)).build()

    @override
    async def shutdown(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    @override
    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **named: Any
    ) -> tuple[int, bytes]:
        if self._client is None:
            await self.initialize()
        assert self._client is not None  # noqa: S101 set just above
        body = request_data.json_payload if request_data is not None else b"{}"
        builder = self._client.post(url).header("Content-Type", "application/json").body_bytes(body)
        longest = named.get("read_timeout")
        if isinstance(longest, int | float):
            builder = builder.timeout(timedelta(seconds=longest))
        try:
            response = await builder.build().send()
            return response.status, bytes(await response.bytes())
        except (ConnectError, ConnectTimeoutError, PoolTimeoutError):
            raise NotSent("not reached") from None
        except RequestTimeoutError:
            raise TimedOut from None
        except PyreqwestError as error:
            raise NetworkError(type(error).__name__) from None

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


class BotApi:
    """Calls methods of the Bot API; raises python-telegram-bot's errors."""

    def __init__(self, *, token: str, url: str, request: BaseRequest) -> None:
        self._base = f"{url.rstrip('/')}/bot{token}/"
        self._request = request

    async def call(self, method: str, *, seconds: float | None = None, **parameters: Any) -> Any:
        """Call one method and give its result. `seconds`: the longest to wait, for long polls."""
        given = {name: value for name, value in parameters.items() if value is not None}
        if seconds is None:
            return await self._request.post(self._base + method, Body(given).as_data())
        return await self._request.post(self._base + method, Body(given).as_data(), read_timeout=seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()
