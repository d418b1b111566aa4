"""One's own account: settings, absence, password, sessions, Telegram."""

import httpx
import pytest

from bot.web.visits import form_token
from tests.web.stage import Stage

PHRASE, OTHER = "quatre chats gris", "trois ânes bleus"


async def with_password(stage: Stage) -> None:
    await stage.door._put_password((await stage.me()).id, PHRASE)


async def test_what_is_saved_is_how_one_works_and_not_what_one_may(stage: Stage, staff: httpx.AsyncClient) -> None:
    before = await stage.me()
    done = await staff.post(
        "/desk/me/save",
        data={
            "language": "ar",
            "speaks": ["ar", "en", "de"],
            "mail": "a@example.org",
            "sound": "on",
            "roles": "operator",
            "teams": "safe",
            "epoch": "x",
        },
    )
    now = await stage.me()

    assert done.headers["location"] == "/desk/me?said=saved#said"
    assert (now.language, now.speaks, now.mail, now.sound, now.mailed, now.keys) == (
        "ar",
        ("ar", "en"),
        "a@example.org",
        True,
        False,
        False,
    )
    assert (now.roles, now.teams, now.epoch) == (before.roles, before.teams, before.epoch)
    assert stage.says("me.said.saved", "ar") in (await staff.get("/desk/me?said=saved")).text


@pytest.mark.parametrize("mail", ["nobody", "a@b", "a b@example.org", "a@example.org\r\nBcc: x@example.org", "x" * 250 + "@example.org"])
async def test_what_is_no_address_is_said_at_its_field(stage: Stage, staff: httpx.AsyncClient, mail: str) -> None:
    refused = await staff.post("/desk/me/save", data={"mail": mail})

    assert refused.status_code == 422
    assert stage.says("me.mail-wrong") in refused.text
    assert (await stage.me()).mail == ""


async def test_an_absence_has_an_end_and_ends_at_once_when_one_is_back(stage: Stage, staff: httpx.AsyncClient) -> None:
    refused = await staff.post("/desk/me/away", data={"until": "2020-01-01T08:00"})
    assert refused.status_code == 422
    assert stage.says("me.until-wrong") in refused.text

    await staff.post("/desk/me/away", data={"until": "2027-01-31T08:00"})
    assert (await stage.me()).away_until == 1801378800.0  # 07:00 UTC, 08:00 in Casablanca
    assert stage.says("me.away", time="31/01 08:00") in (await staff.get("/desk/me")).text
    await staff.post("/desk/me/back")
    assert (await stage.me()).away_until == 0


async def test_a_first_password_needs_no_old_one_and_a_second_does(stage: Stage, staff: httpx.AsyncClient) -> None:
    assert 'name="old"' not in (await staff.get("/desk/me")).text
    await staff.post("/desk/me/password", data={"new": PHRASE})
    assert 'name="old"' in (await staff.get("/desk/me")).text
    refused = await staff.post("/desk/me/password", data={"old": "mauvaise", "new": OTHER})
    weak = await staff.post("/desk/me/password", data={"old": PHRASE, "new": "court"})

    assert stage.says("me.old-wrong.wrong") in refused.text
    assert stage.says("signin.weak.short") in weak.text
    assert PHRASE not in weak.text
    assert (await staff.post("/desk/me/password", data={"old": PHRASE, "new": OTHER})).headers[
        "location"
    ] == "/desk/me?said=password-set#said"


async def test_other_sessions_are_shown_and_ended_one_or_all(stage: Stage, staff: httpx.AsyncClient) -> None:
    await with_password(stage)
    others = [
        (await stage.door.enter("s1", PHRASE, address="10.0.0.1", device=device)).secret for device in ("Safari, iPhone", "Edge, Windows")
    ]
    page = await staff.get("/desk/me")
    assert "Safari, iPhone" in page.text
    assert "10.0.0" not in page.text

    first = await stage.door.who(others[0])
    await staff.post("/desk/me/end", data={"session": first.id})
    assert [bool(await stage.door.who(one)) for one in others] == [False, True]
    await staff.post("/desk/me/end-others")
    assert await stage.door.who(others[1]) is None
    assert (await staff.get("/desk/me")).status_code == 200


async def test_a_code_for_telegram_is_shown_once(stage: Stage, staff: httpx.AsyncClient) -> None:
    page = await staff.post("/desk/me/code")
    code = page.text.partition('class="once">/me ')[2][:8]
    assert code not in (await staff.get("/desk/me")).text

    await stage.staff.linked("ab12", code)
    assert stage.says("me.telegram-linked") in (await staff.get("/desk/me")).text
    await staff.post("/desk/me/unlink")
    assert await stage.staff.by_telegram("ab12") is None


async def test_who_is_not_in_is_led_to_the_door(web: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/desk/me"),
        ("POST", "/desk/me/save"),
        ("GET", "/desk/staff"),
        ("POST", "/desk/staff"),
        ("POST", "/desk/staff/s2/remove"),
    ):
        assert (await web.request(method, path)).headers["location"] == "/signin"


async def test_what_the_address_says_was_done_is_of_a_closed_list(staff: httpx.AsyncClient) -> None:
    assert 'id="said"' not in (await staff.get("/desk/me?said=<b>hacked")).text


async def test_an_unknown_deed_changes_nothing(stage: Stage, staff: httpx.AsyncClient) -> None:
    before = await stage.me()
    await staff.post("/desk/me/become-operator", data={"form": form_token("secret")})

    assert await stage.me() == before
