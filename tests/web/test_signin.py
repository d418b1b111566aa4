"""Coming in, and the token without which nothing is changed."""

import re

import httpx
import pytest
from starlette.routing import Route

from bot.web.visits import form_token
from tests.web.conftest import client_of
from tests.web.stage import Stage

PHRASE = "quatre chats gris"


async def invited(stage: Stage, id_: str = "amina") -> str:
    member = await stage.staff.add(id_)
    return await stage.door.link(member, "invite")


async def test_who_is_invited_opens_the_link_sets_a_password_and_is_in(stage: Stage, web: httpx.AsyncClient) -> None:
    token = await invited(stage)
    page = await web.get(f"/signin?token={token}&lang=fr")
    refused = await web.post("/signin?lang=fr", data={"token": token, "password": "court"})
    entered = await web.post("/signin", data={"token": token, "password": PHRASE})

    assert stage.says("signin.set-title") in page.text
    assert "amina" in page.text
    assert (refused.status_code, "set-cookie" in refused.headers) == (422, False)
    assert stage.says("signin.weak.short") in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert "court" not in refused.text.replace("plus court", "")
    assert entered.headers["location"] == "/desk"
    assert (await web.get("/desk")).status_code == 200


async def test_account_and_password_let_in_and_the_cookies_are_for_us_alone(stage: Stage, web: httpx.AsyncClient) -> None:
    await web.post("/signin", data={"token": await invited(stage), "password": PHRASE})
    web.cookies.clear()
    entered = await web.post("/signin", data={"name": "Amina", "password": PHRASE})
    session, known = entered.headers.get_list("set-cookie")

    assert entered.status_code == 303
    assert session.startswith("desk=")
    assert known.startswith("known=")
    assert all("HttpOnly" in one and "Path=/" in one for one in (session, known))
    assert ("SameSite=lax" in session, "SameSite=strict" in known) == (True, True)


async def test_over_https_the_cookies_belong_to_this_host() -> None:
    stage = Stage(secure=True)
    transport = httpx.ASGITransport(app=stage.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://amana.test") as web:
        entered = await web.post("/signin", data={"token": "once"})

    for cookie in entered.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie


@pytest.mark.parametrize(
    "data", [{"name": "s1", "password": "mauvaise phrase"}, {"name": "nobody", "password": "mauvaise phrase"}, {"name": "", "password": ""}]
)
async def test_what_was_wrong_is_said_at_the_field_and_tells_nothing(stage: Stage, web: httpx.AsyncClient, data: dict[str, str]) -> None:
    refused = await web.post("/signin?lang=fr", data=data)

    assert refused.status_code == 403
    assert stage.says("signin.wrong") in refused.text
    assert 'aria-describedby="wrong"' in refused.text
    assert "mauvaise" not in refused.text
    assert "set-cookie" not in refused.headers


async def test_who_guesses_waits_and_is_told_how_long(stage: Stage, web: httpx.AsyncClient) -> None:
    for _ in range(4):
        refused = await web.post("/signin?lang=fr", data={"name": "s1", "password": "mauvaise phrase"})

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert stage.says("signin.late", n=1) in refused.text


async def test_a_used_link_still_shows_how_to_enter(stage: Stage, web: httpx.AsyncClient) -> None:
    page = await web.get("/signin?token=never&lang=fr")

    assert page.status_code == 403
    assert stage.says("signin.bad-title") in page.text
    assert 'name="password"' in page.text


# ── the token of the forms ──
def posts(stage: Stage) -> list[str]:
    """Every address of staff that takes a form, but the door itself."""
    routes = [one for one in stage.app.routes if isinstance(one, Route) and "POST" in (one.methods or ())]
    paths = [re.sub(r"\{(\w+)(:\w+)?\}", r"\1", one.path) for one in routes]
    return [path for path in paths if not path.startswith("/chat") and path not in ("/signin", "/")]


async def test_nothing_is_changed_without_the_token_of_the_session(stage: Stage, staff: httpx.AsyncClient) -> None:
    found = posts(stage)
    assert {"/signout", "/desk/language", "/desk/me/what", "/desk/staff", "/desk/staff/id/what", "/desk/code/verb"} <= set(found)
    for token in ("", form_token("another")):
        staff.headers["x-form-token"] = token
        for path in found:
            for body in ({}, {"form": token}):
                refused = await staff.post(path, data={**body, "lang": "ar"})
                assert refused.status_code == 409, path
    assert (await stage.me()).language == "fr"
    assert await stage.door.who("secret")


async def test_every_form_of_a_page_brings_the_token_of_its_session(stage: Stage, staff: httpx.AsyncClient) -> None:
    await stage.me(roles=("caseworker", "supervisor", "operator"))
    await stage.staff.add("karim")
    for path in ("/desk", "/desk/K7-42X", "/desk/me", "/desk/staff", "/desk/staff/karim"):
        page = await staff.get(path)
        forms = re.findall(r'<form\b[^>]*method="post"[^>]*>(<input type="hidden" name="form" value="([0-9a-f]{32})">)?', page.text)
        assert forms, path
        assert {token for _, token in forms} == {form_token("secret")}, path


async def test_the_field_alone_is_enough_also_in_a_form_of_parts(stage: Stage, staff: httpx.AsyncClient) -> None:
    del staff.headers["x-form-token"]
    token = form_token("secret")
    assert (await staff.post("/desk/language", data={"lang": "ar", "form": token})).status_code == 303
    assert (await stage.me()).language == "ar"
    await staff.post("/desk/language", files={"lang": (None, "en"), "form": (None, token)})
    assert (await stage.me()).language == "en"


async def test_who_is_not_in_gets_no_token(web: httpx.AsyncClient) -> None:
    for path in ("/signin", "/signin?token=once", "/", "/chat"):
        page = await web.get(path)
        assert 'name="form"' not in page.text
        assert "form-token" not in page.text


async def test_a_body_without_end_is_refused_before_the_token_is_looked_for(staff: httpx.AsyncClient) -> None:
    refused = await staff.post(
        "/desk/me/save", content=b"x" * 70_000, headers={"content-type": "application/x-www-form-urlencoded", "content-length": ""}
    )

    assert refused.status_code == 413


async def test_a_store_that_does_not_answer_is_said_so(stage: Stage, staff: httpx.AsyncClient) -> None:
    await stage.door.open()
    stage.store.down = True
    page = await staff.get("/desk/me")

    assert page.status_code == 503


async def test_a_link_to_the_studio_opens_it_and_works_beside_the_one_to_the_desk(studio_stage: Stage) -> None:
    await studio_stage.door.open()
    member = await studio_stage.staff.add("first", roles=("caseworker", "flow-admin"))
    desk, studio = await studio_stage.door.link(member, "enter"), await studio_stage.door.link(member, "enter", beside=True)
    async with client_of(studio_stage, "") as web:
        page = await web.get(f"/signin?token={studio}&to=studio&lang=fr")
        to_studio = await web.post("/signin", data={"token": studio, "to": "studio"})
        to_desk = await web.post("/signin", data={"token": desk})

    assert studio_stage.says("signin.enter-studio") in page.text
    assert 'name="to" value="studio"' in page.text
    assert (to_studio.headers["location"], to_desk.headers["location"]) == ("/studio", "/desk")


async def test_whoever_only_writes_flows_comes_to_them_and_nobody_to_what_they_may_not_open(studio_stage: Stage) -> None:
    await studio_stage.door.open()
    async with client_of(studio_stage, "") as web:
        author = await web.post("/signin", data={"token": "once-s5"})
        caseworker = await web.post("/signin", data={"token": "once", "to": "studio"})
        elsewhere = await web.post("/signin", data={"token": "once-s2", "to": "//evil.example"})

    assert [one.headers["location"] for one in (author, caseworker, elsewhere)] == ["/studio", "/desk", "/desk"]
