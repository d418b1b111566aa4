"""Files of a chat, fetched when a caseworker opens them.

Rule 1: a file is streamed: no more of it is here at a time than one piece.
Rule 2: no address (it holds the token) enters an error or a log.
"""

from collections.abc import AsyncGenerator
from http import HTTPStatus

import httpx
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.transport import BotApi
from bot.conversation.cases.media import MediaGone

PIECE = 64 * 1024
LARGEST = 20 * 1024 * 1024
"""Bytes of a file that the Bot API gives (core.telegram.org/bots/api#getfile)."""
LONGEST = 20.0
"""Seconds without a byte after which it is given up."""


class TelegramFiles:
    """Gives files by their handle. A server that hands out paths of its own disk (`--local`) is asked over HTTP all the same."""

    def __init__(self, api: BotApi, client: httpx.AsyncClient | None = None) -> None:
        self._api = api
        self._client = client

    async def fetch(self, file: str) -> AsyncGenerator[bytes, None]:
        """Give the pieces of a file; raises `MediaGone`."""
        address = self._api.file_address(await self._path(file))
        size = 0
        try:
            async with self._http().stream("GET", address) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise MediaGone("gone" if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else "down")
                async for piece in answer.aiter_bytes(PIECE):
                    size += len(piece)
                    if size > LARGEST:
                        raise MediaGone("large")
                    yield piece
        except httpx.HTTPError:
            raise MediaGone("down") from None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _path(self, file: str) -> str:
        try:
            found = await self._api.call("getFile", file_id=file)
        except BadRequest as error:
            raise MediaGone("large" if "too big" in error.message.lower() else "gone") from None
        except TelegramError:
            raise MediaGone("down") from None
        if not isinstance(found, dict) or not isinstance(found.get("file_path"), str):
            raise MediaGone("gone")
        return str(found["file_path"])

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:  # made when it is first needed: most services never open a file
            self._client = httpx.AsyncClient(timeout=LONGEST, follow_redirects=False, trust_env=False)
        return self._client
