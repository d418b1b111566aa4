"""Media on the desk: shown only if its first bytes are of the closed list, run by no browser, kept by none."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from bot.conversation.cases.media import MediaGone, Why
from bot.conversation.staffing.staff import StaffMember
from bot.web.app import build
from bot.web.desk.media import FILE, kind_of
from tests.web.stage import Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


class OneFile:
    """The media of a desk with one entry, number 3."""

    def __init__(self, *pieces: bytes, why: Why | None = None) -> None:
        self.pieces, self.why = pieces, why

    async def open(self, code: str, n: int, staff: StaffMember) -> AsyncIterator[bytes] | None:
        if (code, n) != ("K7-42", 3):
            return None
        if self.why is not None:
            raise MediaGone(self.why)
        return self._given()

    async def _given(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


async def _asked(media: OneFile, path: str = "/desk/K7-42/media/3", *, signed_in: bool = True) -> httpx.Response:
    stage = Stage()
    app = build(replace(stage.parts, media=media))  # type: ignore[arg-type]  # what a desk with one entry is
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as browser:
        if signed_in:
            await browser.post("/signin", data={"token": "once"})
        return await browser.get(path)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (b"OggS\x00\x02", "audio/ogg"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (PNG, "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"<!doctype html><script>alert(1)</script>", FILE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", FILE),
        (b"%PDF-1.7", FILE),
        (b"\xff", FILE),
        (b"", FILE),
    ],
)
def test_what_it_is_its_first_bytes_say(first: bytes, kind: str) -> None:
    assert kind_of(first) == kind


async def test_a_picture_is_shown_alone_and_kept_by_no_browser() -> None:
    answer = await _asked(OneFile(PNG, b"more"))

    assert (answer.status_code, answer.content) == (200, PNG + b"more")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_what_could_run_in_a_browser_is_handed_over_as_a_file() -> None:
    answer = await _asked(OneFile(b"<html><script>alert(1)</script>"))

    assert answer.headers["content-type"] == FILE
    assert answer.headers["content-disposition"] == 'attachment; filename="file"'


@pytest.mark.parametrize(("why", "status"), [("gone", 410), ("large", 413), ("down", 502)])
async def test_what_cannot_be_given_has_a_status_of_its_own(why: Why, status: int) -> None:
    refused = await _asked(OneFile(why=why))

    assert (refused.status_code, refused.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert refused.text == Stage().says(f"desk.media.{why}")


@pytest.mark.parametrize("path", ["/desk/K7-42/media/4", "/desk/AAA-AAA/media/3"])
async def test_what_is_not_there_for_this_caseworker_is_not_found(path: str) -> None:
    assert (await _asked(OneFile(PNG), path)).status_code == 404


async def test_who_is_not_signed_in_gets_nothing() -> None:
    answer = await _asked(OneFile(PNG), signed_in=False)

    assert (answer.status_code, answer.content) == (303, b"")
