"""Files fetched from the Bot API: whole, in pieces, and never with the token in an error."""

import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.files import LARGEST, TelegramFiles
from bot.channels.telegram.transport import BotApi, FastRequest
from bot.conversation.cases.media import MediaGone
from tests.botapi.fault import Fault
from tests.botapi.server import BotApiServer, serving

TOKEN = "123456:TESTTOKEN"


class OneApi(BotApi):
    """Answers `getFile` as it is told; the rest is the real one."""

    def __init__(self, answer: object) -> None:
        super().__init__(token=TOKEN, url="http://api.test", request=FastRequest())
        self.answer = answer

    async def call(self, method: str, *, seconds: float | None = None, **parameters: object) -> object:
        assert (method, parameters) == ("getFile", {"file_id": "f1"})
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def _files(body: bytes = b"x", *, status: int = 200, answer: object = None) -> TelegramFiles:
    async def give(request: Request) -> Response:
        assert request.url.path == f"/file/bot{TOKEN}/voice/file 1.oga"
        return Response(body, status)

    app = Starlette(routes=[Route("/{path:path}", give)])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
    return TelegramFiles(OneApi(answer or {"file_id": "f1", "file_path": "voice/file 1.oga"}), client)


async def _all(files: TelegramFiles) -> bytes:
    return b"".join([piece async for piece in files.fetch("f1")])


async def test_a_file_comes_whole_and_in_pieces() -> None:
    body = bytes(range(256)) * 2000

    assert await _all(_files(body)) == body


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [(404, None, "gone"), (502, None, "down"), (200, {"file_id": "f1"}, "gone"), (200, ["?"], "gone")],
)
async def test_what_cannot_be_given_says_why(status: int, answer: object, why: str) -> None:
    with pytest.raises(MediaGone) as gone:
        await _all(_files(status=status, answer=answer))

    assert gone.value.why == why


async def test_no_more_is_passed_than_the_bot_api_may_give() -> None:
    with pytest.raises(MediaGone) as gone:
        await _all(_files(b"x" * (LARGEST + 1)))

    assert gone.value.why == "large"


async def test_a_server_that_is_not_there_is_down_and_the_token_is_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = OneApi({"file_id": "f1", "file_path": "voice/x.oga"})
    api._files = f"http://127.0.0.1:9/file/bot{TOKEN}/"
    files = TelegramFiles(api)

    with pytest.raises(MediaGone) as gone:
        await _all(files)
    await files.close()

    assert gone.value.why == "down"
    assert "TESTTOKEN" not in f"{gone.value!r} {gone.value.__cause__!r}"
    assert not [
        record for record in caplog.records if "TESTTOKEN" in record.getMessage() and not record.name.startswith(("httpx", "httpcore"))
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [("Bad Request: file is too big", "large"), ("Bad Request: wrong file_id or the file is temporarily unavailable", "gone")],
)
async def test_what_telegram_refuses_is_told_in_our_words(text: str, why: str) -> None:
    async with serving(BotApiServer()) as double:
        double.faults.append(Fault("getFile", 400, text))
        files = TelegramFiles(BotApi(token=TOKEN, url=double.url, request=FastRequest()))
        with pytest.raises(MediaGone) as gone:
            await _all(files)
        await files.close()

    assert gone.value.why == why
