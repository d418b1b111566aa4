"""The door, one's own account and the colleagues in a browser: read by a screen reader, done by keyboard, in every language, width and light."""

import pytest

from tests.browser.conftest import Site, until
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
PHRASE = "quatre chats gris"
EVERYTHING = ("caseworker", "supervisor", "operator")


def narrow_enough(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_no_page_has_a_serious_finding_or_runs_over_its_edge(site: Site, language: str, width: int, scheme: str) -> None:
    page = site.desk(language, width=width, scheme=scheme)
    site.run(site.stage.me(roles=EVERYTHING))
    karim = site.run(site.stage.staff.add("karim", teams=("safe",), speaks=("ar",)))
    token = site.run(site.stage.door.link(karim, "invite"))
    for address in (
        "/desk/me",
        "/desk/staff",
        "/desk/staff/karim",
        "/desk/staff-record",
        f"/signin?lang={language}",
        f"/signin?lang={language}&token={token}",
        f"/signin?lang={language}&token=never",
    ):
        page.goto(site.url + address)
        assert findings(page) == [], address
        assert narrow_enough(page), address
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        site.shot(page, f"staff-{address.strip('/').replace(token, 'invite')}-{language}-{width}-{scheme}")
    page.goto(f"{site.url}/desk/me")
    page.fill("#until", "2026-01-01T08:00")
    page.evaluate("document.getElementById('until').form.noValidate = true")
    page.locator("#until").press("Enter")
    page.locator("#until-wrong").wait_for()
    assert findings(page) == []
    page.locator("#telegram button").first.click()
    page.locator(".once").wait_for()
    assert findings(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_an_invitation_is_made_and_followed_by_keyboard_alone(site: Site, scripts: bool) -> None:
    page = site.desk("fr", width=1440, java_script_enabled=scripts)
    site.run(site.stage.me(roles=EVERYTHING))
    page.goto(f"{site.url}/desk/staff")
    page.locator("#id").focus()
    until(page, "document.activeElement.matches('input')")
    page.keyboard.type("amina")
    page.keyboard.press("Enter")
    page.locator("#link").wait_for()
    link = page.locator("#link").input_value()
    assert link.startswith("http://127.0.0.1:8000/signin?token=")

    invited = site.watched(site.context(java_script_enabled=scripts).new_page())
    invited.goto(site.url + "/signin?" + link.partition("?")[2] + "&lang=fr")
    until(invited, "document.activeElement.matches('input')")
    invited.keyboard.type("court")
    invited.locator("form").evaluate("form => { form.noValidate = true; }")
    invited.keyboard.press("Enter")
    invited.locator("#password-wrong").wait_for()
    assert invited.evaluate("document.activeElement.id") == "password"
    invited.keyboard.type(PHRASE)
    invited.keyboard.press("Enter")
    invited.wait_for_url(f"{site.url}/desk")
    assert len(site.run(site.stage.door.sessions(site.run(site.stage.staff.member("amina"))))) == 1


def test_a_wrong_password_is_said_at_its_field_and_the_account_stays(site: Site) -> None:
    page = site.phone()
    page.goto(f"{site.url}/signin?lang=ar")
    until(page, "document.activeElement.id === 'name'")
    page.keyboard.type("s1")
    page.keyboard.press("Tab")
    page.keyboard.type("mauvaise phrase")
    page.keyboard.press("Enter")
    page.locator("#wrong").wait_for()

    assert page.locator("#name").input_value() == "s1"
    assert page.locator("#password").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "password"
    assert findings(page) == []


def test_a_session_that_is_ended_elsewhere_leads_to_the_door(site: Site) -> None:
    page, other = site.desk("fr", width=1440), site.desk("fr", width=360)
    other.context.clear_cookies()
    other.context.add_cookies([{"name": "desk", "value": "secret", "url": site.url}])
    site.run(site.stage.door.end_all(site.run(site.stage.me())))
    for one in (page, other):
        one.goto(f"{site.url}/desk/me")
        assert one.url == f"{site.url}/signin"


def test_the_page_of_a_case_leads_to_the_account_and_supervisors_to_colleagues(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk")
    page.locator("[popovertarget=me]").click()
    assert page.locator("#me a[href='/desk/staff']").count() == 0
    page.locator("#me a[href='/desk/me']").click()
    page.wait_for_url(f"{site.url}/desk/me")
    site.run(site.stage.me(roles=EVERYTHING))
    page.goto(f"{site.url}/desk")
    page.locator("[popovertarget=me]").click()
    page.locator("#me a[href='/desk/staff']").click()
    page.wait_for_url(f"{site.url}/desk/staff")
