"""The supervisor's page and the search in a browser: accessible, current by itself, workable by keyboard, in three languages."""

from typing import Any

import pytest
from playwright.sync_api import expect

from bot.ports import CaseIndex
from tests.browser.conftest import Site
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
HOUR = 3600.0


def chief(site: Site, language: str = "fr", **options: Any) -> Any:
    page = site.desk(language, **{"width": 1440, **options})
    site.run(site.stage.me(roles=("supervisor",)))
    return page


async def answered(site: Site, n: int) -> None:
    """So many requests of this week that were answered."""
    now = site.stage.clock.now()
    for i in range(n):
        came = now - (i % 6) * 24 * HOUR - (i % 9) * HOUR - 4 * HOUR
        site.stage.desk.cases[f"Z{i}"] = CaseIndex(f"Z{i}", "safe", "normal", "closed", came, "fr", first=came + 60.0 * (i % 40))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_nothing_serious_is_found_and_nothing_runs_over(site: Site, language: str, width: int, scheme: str) -> None:
    site.run(answered(site, 200))
    page = chief(site, language, width=width, scheme=scheme)
    for address in ("/desk/watch", "/desk/find?q=M3", "/desk/find?q=nothing"):
        page.goto(site.url + address)
        assert findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto(f"{site.url}/desk/watch?said=done")
    page.locator("details.rows summary").click()
    page.locator("details.re summary").first.click()
    assert findings(page) == []
    site.shot(page, f"watch-{language}-{width}-{scheme}")


def test_the_page_keeps_itself_current_and_says_a_new_danger(site: Site) -> None:
    page = chief(site)
    page.goto(f"{site.url}/desk/watch")
    page.locator('li[data-code="H4-66W"]').wait_for()

    async def danger() -> None:
        stage, now = site.stage, site.stage.clock.now()
        stage.desk.cases["N9-11N"] = CaseIndex("N9-11N", "safe", "now", "waiting", now, "ar", asked=now)
        stage.desk.entries["N9-11N"] = []
        stage.desk.ring("N9-11N", "new")

    site.run(danger())
    page.locator('li[data-code="N9-11N"]').wait_for()
    expect(page.locator("#say")).to_have_text(site.stage.says("watch.new-danger"))


def test_what_is_being_used_stays_until_it_is_left(site: Site) -> None:
    page = chief(site)
    page.goto(f"{site.url}/desk/watch")
    page.locator('details.re[data-code="R2-77Q"] summary').click()

    async def gone() -> None:
        site.stage.desk.cases.pop("H4-66W")
        site.stage.desk.ring("H4-66W")

    site.run(gone())
    page.wait_for_timeout(2600)
    assert page.locator('li[data-code="H4-66W"]').count() == 1
    page.locator('details.re[data-code="R2-77Q"] summary').click()
    page.locator("h1").click()
    page.locator('li[data-code="H4-66W"]').wait_for(state="detached")


def test_a_case_is_given_on_by_keyboard_alone(site: Site) -> None:
    page = chief(site)
    page.goto(f"{site.url}/desk/watch")
    page.locator('details.re[data-code="B8-31T"] summary').focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.locator("#said").wait_for()
    assert site.stage.desk.cases["B8-31T"].claimant in ("Arganier", "Cèdre", "Thuya")


def test_a_case_is_found_from_the_bar_and_stays_found_beside_its_thread(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk")
    page.locator(".bar .find input").fill("d2 55f")
    page.keyboard.press("Enter")
    row = page.locator('#queue li[data-code="D2-55F"] a')
    row.wait_for()
    assert page.locator("#queue li").count() == 1
    row.click()
    page.locator('#talk[data-code="D2-55F"]').wait_for()
    assert page.locator("#queue li").count() == 1
    page.wait_for_timeout(2600)
    assert page.locator("#queue li").count() == 1
