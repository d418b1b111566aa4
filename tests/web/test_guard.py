"""What stands before every page."""

import re

import httpx
import pytest

from bot.web.guard import LARGEST
from bot.web.pages import STATIC
from tests.web.stage import Stage

PAGES = ["/", "/chat", "/chat/end?lang=fr", "/signin", "/desk", "/nothing", "/healthz"]


@pytest.mark.parametrize("address", PAGES)
async def test_every_answer_carries_the_headers(web: httpx.AsyncClient, address: str) -> None:
    page = await web.get(address)

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert page.headers["x-frame-options"] == "DENY"


async def test_the_phone_page_sends_no_referer_at_all(web: httpx.AsyncClient) -> None:
    page = await web.get("/chat")

    assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("address", ["/", "/chat", "/chat/erase", "/chat/end", "/signin?token=once", "/desk", "/desk/K7-42X", "/nothing"])
async def test_no_page_has_anything_inline_or_from_outside(staff: httpx.AsyncClient, address: str) -> None:
    page = await staff.get(address)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page.text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page.text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "http://amana.test"}, 303),
        ({"Origin": "null"}, 403),
        ({}, 303),
    ],
)
async def test_staff_forms_are_taken_only_from_our_own_pages(staff: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    answered = await staff.post("/desk/H4-66W/claim", data={"action": "x"}, headers=headers)

    assert answered.status_code == status


async def test_an_old_browser_that_hides_where_it_comes_from_can_still_write(web: httpx.AsyncClient) -> None:
    answered = await web.post("/chat/say", data={"start": "fr", "id": "begin-000"}, headers={"Origin": "null"})

    assert answered.status_code == 303


async def test_what_is_refused_from_another_site_changes_nothing(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.post("/desk/H4-66W/claim", data={"action": "x"}, headers={"Sec-Fetch-Site": "cross-site", "Accept-Language": "fr"})

    assert stage.desk.done == []
    assert stage.says("error.403.what") in page.text


async def test_too_much_at_once_is_refused_before_it_is_read(stage: Stage, web: httpx.AsyncClient) -> None:
    page = await web.post("/chat/say", data={"text": "x" * LARGEST, "lang": "fr"}, headers={"Accept-Language": "fr"})

    assert page.status_code == 413
    assert stage.says("error.413.title") in page.text


async def test_too_much_without_an_announced_length_is_refused_as_it_comes(stage: Stage, web: httpx.AsyncClient) -> None:
    async def endless():
        for _ in range(200):
            yield b"text=" + b"x" * 1024 + b"&"

    page = await web.post("/chat/say", content=endless(), headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert page.status_code == 413
    assert stage.bot.taken == []


async def test_the_longest_message_in_arabic_fits(stage: Stage, web: httpx.AsyncClient) -> None:
    answered = await web.post("/chat/say", data={"text": "خ" * 4000, "id": "typed-0001"})

    assert answered.status_code == 303
    assert len(stage.bot.taken[-1].event.text) == 4000


async def test_a_bug_of_ours_shows_a_page_and_nothing_of_itself(
    stage: Stage, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(**asked: object) -> None:
        raise RuntimeError("a secret in a message")

    monkeypatch.setattr(stage.view, "ready", broken)
    web.cookies.set("desk", "secret")
    page = await web.get("/desk", headers={"Accept-Language": "fr"})

    assert page.status_code == 500
    assert stage.says("error.500.title") in page.text
    assert "secret in a message" not in page.text
    assert "Traceback" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(("method", "address", "status"), [("GET", "/nothing", 404), ("POST", "/", 405), ("GET", "/chat/say", 405)])
async def test_errors_say_what_happened_in_the_readers_language(
    stage: Stage, web: httpx.AsyncClient, method: str, address: str, status: int
) -> None:
    page = await web.request(method, address, headers={"Accept-Language": "ar"})

    assert page.status_code == status
    assert 'lang="ar" dir="rtl"' in page.text
    assert stage.says(f"error.{status}.what", "ar") in page.text


async def test_static_files_are_named_by_what_they_hold_and_kept(web: httpx.AsyncClient) -> None:
    page = await web.get("/chat")
    address = re.search(r'href="(/static/[^"]+chat\.css)"', page.text)
    assert address is not None
    sheet = await web.get(address[1])
    stale = await web.get("/static/000000000000/chat.css")

    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert sheet.headers["content-type"].startswith("text/css")
    assert stale.status_code == 404


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_never_say_left_or_right(path) -> None:
    found = re.findall(r"[^{};]*\b(?:left|right)\b[^{};]*", path.read_text())

    assert found == []


KEPT = {
    "desk_write.js": ("sessionStorage",),  # a caseworker's draft outlives a reload, for a day at most and in its tab alone
    # What authors write holds no word of a person; it outlives a closed tab until the server has it.
    "studio.js": ("localStorage",),
    "studio_yaml.js": ("localStorage",),
    "studio_phone.js": ("sessionStorage", "localStorage"),
    "studio_texts.js": ("localStorage",),
}


@pytest.mark.parametrize("path", sorted(path for path in STATIC.iterdir() if path.is_file()), ids=lambda path: path.name)
def test_static_files_ask_nothing_of_other_hosts_and_keep_nothing_in_the_browser(path) -> None:
    text = path.read_text()
    for kept in KEPT.get(path.name, ()):
        text = text.replace(kept, "")

    assert not re.search(r"https?://|@import|localStorage|sessionStorage|indexedDB|serviceWorker|document\.cookie|\beval\b", text)
