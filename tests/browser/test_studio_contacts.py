"""Contacts and teams in a browser: a number is right again in three presses, who rang is noted, and what a late writer is told is seen."""

from datetime import UTC, datetime, timedelta
from difflib import ndiff
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.studio import author, begun, files
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
DIRECTORY, TEAMS = "flows/directory.yaml", "flows/teams.yaml"


def draft_at(site: Site, page: Page, where: str) -> str:
    """A draft, and this page of it."""
    page.set_default_timeout(30_000)
    draft = begun(site, page, "Un numéro")
    page.goto(f"{site.url}/studio/d/{draft}/{where}")
    return draft


def changed(site: Site, draft: str, file: str) -> list[str]:
    """The lines that are not as in what the draft was begun on."""
    before = site.run(site.stage.workshop.base(draft))[file]
    return [line for line in ndiff(before.splitlines(), files(site, draft)[file].splitlines()) if line[0] in "+-"]


def narrow_enough(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_number_is_corrected_in_three_presses(studio_site: Site) -> None:
    page = author(studio_site, "ar", width=360)
    draft = draft_at(studio_site, page, "contacts")
    page.locator("#c-samu-dz .numbers").click()
    page.locator("#phone").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("3016")
    page.locator("[aria-labelledby=h-reach] .b.main").click()
    page.wait_for_url("**/contacts/samu-dz?said=saved")

    assert changed(studio_site, draft, DIRECTORY) == ['-     phone: ["115"]', '+     phone: ["3016"]']
    expect(page.locator(".done")).to_be_visible()
    expect(page.locator(".beside-form .bub[lang=ar]")).to_contain_text("3016")
    page.goto(f"{studio_site.url}/studio/d/{draft}/contacts")
    expect(page.locator("#c-samu-dz .numbers")).to_contain_text("3016")


def test_a_number_is_corrected_by_keyboard_alone_and_a_wrong_one_is_said_at_its_field(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = draft_at(studio_site, page, "contacts")
    page.locator("#c-samu-dz .numbers").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/samu-dz#phone")
    page.locator("#phone").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("appelez")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#w-phone")).to_be_visible()
    assert page.locator("#phone").get_attribute("aria-describedby") == "w-phone"
    assert page.locator("#phone").input_value() == "appelez"
    assert findings(page) == []
    assert changed(studio_site, draft, DIRECTORY) == []

    page.locator("#phone").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("3016")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/samu-dz?said=saved")
    assert changed(studio_site, draft, DIRECTORY) == ['-     phone: ["115"]', '+     phone: ["3016"]']


def test_i_rang_it_today_is_one_press_in_the_table(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = draft_at(studio_site, page, "contacts")
    page.locator("#c-samu-dz form button").click()
    page.wait_for_url("**/contacts?said=rang")

    today = datetime.fromtimestamp(studio_site.stage.clock.now(), UTC)
    days = {(today + timedelta(hours=hours)).date().isoformat() for hours in (0, 2)}
    lines = changed(studio_site, draft, DIRECTORY)
    assert "+     verified-by: Figuier" in lines
    assert any(f"+     verified-on: {day}" in lines for day in days)
    expect(page.locator("#c-samu-dz .st.good")).to_contain_text("Figuier")


def test_the_week_of_a_team_is_changed_and_friday_at_ten_past_eleven_is_tried(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = draft_at(studio_site, page, "teams")
    page.locator("main section.box .head .b").first.click()
    field = page.locator("input[name$='.fri']").first
    team = page.url.rpartition("/")[2]
    field.fill("22h – 23h30")
    page.locator(".foot .b.main").click()
    page.wait_for_url("**said=*")
    assert any("22:00-23:30" in line for line in changed(studio_site, draft, TEAMS))

    page.goto(f"{studio_site.url}/studio/d/{draft}/teams")
    page.locator("aside select[name=team]").select_option(team)
    for when, open_ in (("2026-11-27T23:10", True), ("2026-11-27T23:45", False)):
        page.locator("aside input[name=when]").fill(when)
        page.locator("aside form button").click()
        page.locator("aside .bub[lang=ar]").wait_for()
        expect(page.locator(f"aside .st.{'good' if open_ else 'time'}")).to_be_visible()
        assert page.locator("aside input[name=when]").input_value() == when


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_no_page_has_a_serious_finding_or_runs_over_its_edge(studio_site: Site, language: str, width: int, scheme: Any) -> None:
    page = author(studio_site, language, width=width, scheme=scheme)
    draft = draft_at(studio_site, page, "contacts")
    team = next(iter(studio_site.run(studio_site.stage.workshop.base(draft))[TEAMS].partition("teams:\n")[2].split(":")), "").strip()
    for where in ("contacts", "contacts?need=police", "contacts/samu-dz", "contacts/new", "teams?when=2026-11-27T23:10", f"teams/{team}"):
        page.goto(f"{studio_site.url}/studio/d/{draft}/{where}")
        for summary in page.locator("main summary").all():
            summary.click()
        assert findings(page) == [], where
        assert narrow_enough(page), where
        studio_site.shot(page, f"studio-{where}-{language}-{width}-{scheme}")
