"""From the change to what people receive, in a browser: two people, three languages, a keyboard, and no box of the browser."""

import pytest
from playwright.sync_api import Page

from bot.conversation.keeping.library import Deed
from bot.studio.editing.edits import WriteFile
from tests.browser.conftest import Site, until
from tests.browser.studio import author
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
DIRECTORY, RETURN = "flows/directory.yaml", "flows/return.yaml"


def publisher(site: Site, language: str = "ar", *, width: int = 1440, scheme: str = "light") -> Page:
    """A page of whoever may approve and publish."""
    return author(site, language, width=width, scheme=scheme, secret="secret6")


def drafted(site: Site, *changes: tuple[str, str, str]) -> str:
    """A draft of s5 with these replacements."""
    site.run(site.stage.door.open())
    head = site.run(site.stage.workshop.begin("Nouveaux horaires", by="s5"))
    for file, old, new in changes:
        text = site.run(site.stage.workshop.bundle(head.id))[file]
        assert old in text
        site.run(site.stage.workshop.edit(head.id, [WriteFile(file, text.replace(old, new, 1), text)], by="s5", action=new))
    return str(head.id)


HOURS = (DIRECTORY, "hours: unknown", "hours: [{days: sun-thu, open: 08:30-16:30}]")
LOUD = (RETURN, "Help to go home is free.", "Help to go home is free!")


def narrow_enough(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def calm(page: Page) -> None:
    """Wait until the tests that a page of a change runs by itself have run."""
    until(page, "!document.querySelector('[data-untested]')", seconds=90)


def test_one_asks_another_approves_and_publishes_by_keyboard(studio_site: Site) -> None:
    draft = drafted(studio_site, HOURS)
    page = author(studio_site, "fr")
    page.set_default_timeout(30_000)
    page.goto(f"{studio_site.url}/studio/d/{draft}")
    page.locator("#gatebar .gatebar-in").wait_for()
    page.locator("#gatebar .b.main").click()
    page.locator("#gate [popovertarget=ask]").press("Enter")
    page.locator("#ask textarea").wait_for()
    page.keyboard.type("Appelé ce matin.")
    page.locator("#ask button.main").press("Enter")
    page.locator("#said").wait_for()
    calm(page)
    assert page.locator("#gate .main").get_attribute("aria-disabled") == "true"

    other = publisher(studio_site)
    other.goto(f"{studio_site.url}/studio/d/{draft}/publish")
    assert "Appelé ce matin." in other.locator("#gate").inner_text()
    other.locator("#gate [popovertarget=approve]").press("Enter")
    other.locator("#approve button.main").press("Enter")
    other.set_default_timeout(60_000)
    other.locator("#gate [popovertarget=publish]").press("Enter")
    other.locator("#publish button.main").press("Enter")
    other.wait_for_url("**/studio/revisions?said=published")
    force = studio_site.run(studio_site.stage.library.look())
    assert (force.deeds[-1].draft, force.deeds[-1].by) == (draft, "s6")


def test_a_button_that_cannot_act_says_why_and_a_mend_frees_it(studio_site: Site) -> None:
    draft = drafted(studio_site, LOUD)
    page = author(studio_site, "fr")
    page.goto(f"{studio_site.url}/studio/d/{draft}/publish")
    page.locator("#gate .main").press("Enter")
    until(page, "document.getElementById('say').textContent !== ''")
    page.set_default_timeout(30_000)
    page.locator("#problems form button").first.click()
    page.locator("#said").wait_for()
    calm(page)

    assert page.locator("#problems .trouble:not(.warns)").count() == 0


def test_going_back_is_one_press_and_says_what_it_changes(studio_site: Site) -> None:
    studio_site.run(studio_site.stage.door.open())
    first = studio_site.run(studio_site.stage.library.look()).revision
    bundle = studio_site.run(studio_site.stage.workshop.bundle(drafted(studio_site, HOURS)))
    deed = Deed(at=studio_site.stage.clock.now(), by="s6", why="Horaires", revision=bundle.revision)
    studio_site.run(studio_site.stage.library.put_in_force(bundle, deed))
    page = publisher(studio_site, "fr")
    page.goto(f"{studio_site.url}/studio/revisions")
    page.locator("[popovertarget=roll-back]").first.click()
    assert "SAMU" in page.locator("#roll-back").inner_text()
    assert findings(page) == []
    page.locator("#roll-back textarea").fill("Ils ne répondent pas.")
    page.locator("#roll-back button.main").click()
    page.wait_for_url("**/studio/revisions?said=rollback")

    assert studio_site.run(studio_site.stage.library.look()).revision == first


def test_tests_run_with_their_progress(studio_site: Site) -> None:
    draft = drafted(studio_site, ("flows/tests/arrival-morocco.chat", "< arrival.what", "< arrival.kinds"))
    page = author(studio_site, "fr")
    page.set_default_timeout(90_000)
    page.goto(f"{studio_site.url}/studio/d/{draft}/tests")
    page.locator("#meter button").click()
    page.locator("#meter .counted .st").wait_for()
    page.locator("#only input").check()
    assert page.locator("#trials .trial:visible").count() == 1
    page.locator("#trials .trial:visible a").click()
    page.locator(".code-lines .bad .came").first.wait_for()
    assert findings(page) == []


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ar", 360, "dark"), ("ar", 1440, "light"), ("fr", 1440, "dark"), ("fr", 360, "light"), ("en", 1440, "light")],
)
def test_no_page_has_a_serious_finding_or_runs_over_its_edge(studio_site: Site, language: str, width: int, scheme: str) -> None:
    draft = drafted(studio_site, HOURS, LOUD, (RETURN, "unsure: asylum-first", "unsure: situation"))
    revision = studio_site.run(studio_site.stage.library.look()).revision
    page = publisher(studio_site, language, width=width, scheme=scheme)
    for address in (
        f"/studio/d/{draft}/publish",
        "/studio/revisions",
        f"/studio/revisions/{revision}",
        f"/studio/d/{draft}/tests",
        f"/studio/d/{draft}/tests/danger-no",
    ):
        page.goto(studio_site.url + address)
        for summary in page.locator("main summary").all()[:3]:
            summary.click()
        assert findings(page) == [], address
        assert narrow_enough(page), address
        studio_site.shot(page, f"publish-{address.strip('/').replace(draft, 'd').replace(revision, 'one')}-{language}-{width}-{scheme}")
