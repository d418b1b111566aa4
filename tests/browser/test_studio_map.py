"""The map of a flow in a browser: drawn at once, walked by keys, mirrored in Arabic, and there without a picture too."""

import os
from typing import Any

import pytest
from playwright.sync_api import Page

from bot.studio.editing.edits import WriteFile
from tests.browser.conftest import Site, until
from tests.browser.studio import author, begun, files
from tests.browser.test_accessible import findings
from tests.browser.test_studio_text import with_long_flow

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SLOW = float(os.environ.get("AMANA_SLOW", "8"))


def opened(site: Site, page: Page, draft: str, flow: str = "return") -> None:
    page.goto(f"{site.url}/studio/d/{draft}/flows/{flow}/map" if flow else f"{site.url}/studio/d/{draft}/map")
    until(page, "!!document.querySelector('#inner').dataset.ms", seconds=30)


def place(page: Page, id_: str) -> Any:
    return page.locator(f'.place[data-id="{id_}"]')


def middle(page: Page, id_: str) -> float:
    box = place(page, id_).bounding_box()
    assert box is not None
    return float(box["x"] + box["width"] / 2)


def test_a_place_is_a_link_to_its_step_and_the_arrows_walk_along_the_ways(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    assert place(page, "fear").get_attribute("href") == f"/studio/d/{draft}/flows/return#step-fear"
    assert place(page, "fear/flow/asylum-first").get_attribute("href") == f"/studio/d/{draft}/flows/asylum-first/map"
    page.locator("#map").focus()
    page.keyboard.press("Home")
    for there in ("from/menu", "what-it-is", "free", "fear"):
        assert page.evaluate("document.activeElement.dataset.id") == there
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.id") == "fear"
    assert page.locator(".way.on").count() >= 3
    page.keyboard.press("Enter")
    page.wait_for_url("**/flows/return#step-fear")


def test_a_jump_is_named_at_both_ends_and_leads_there(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    jump = page.locator('.place.k-jump[data-id$="/next"]').first
    jump.scroll_into_view_if_needed()
    jump.click()
    assert page.evaluate("document.activeElement.dataset.id") == "next"
    came = page.locator(".came").first
    assert "," in str(came.get_attribute("aria-label"))
    came.click()
    assert page.evaluate("document.activeElement.dataset.id") != "next"


def test_a_step_is_found_by_its_words_and_shown(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    page.locator("#find").fill("moins de 18")
    page.locator("#hits li").first.wait_for()
    page.locator("#find").press("Enter")
    assert page.evaluate("document.activeElement.dataset.id") == "under-18"
    inside = page.evaluate(
        "(() => { const a = document.activeElement.getBoundingClientRect(), b = document.getElementById('map').getBoundingClientRect(); return a.top >= b.top && a.bottom <= b.bottom && a.left >= b.left && a.right <= b.right; })()"
    )
    assert inside
    size = page.locator("#size").inner_text()
    page.keyboard.press("+")
    assert page.locator("#size").inner_text() != size
    page.locator("#fit").click()


def test_the_map_is_mirrored_where_one_reads_from_right_to_left(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    assert middle(page, "fear/flow/asylum-first") > middle(page, "asylum")
    page = author(studio_site, "ar")
    opened(studio_site, page, draft)
    assert middle(page, "fear/flow/asylum-first") < middle(page, "asylum")
    studio_site.shot(page, "studio-map-ar")


def test_what_nothing_leads_to_and_what_never_ends_is_seen_and_said(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    text = files(studio_site, draft)["flows/return.yaml"]
    more = "  - say: lone\n    text: Alone.\n  - say: round\n    text: Round.\n  - go: lone\n"
    studio_site.run(studio_site.stage.workshop.edit(draft, [WriteFile("flows/return.yaml", text + more, text)], by="s5", action="lone"))
    opened(studio_site, page, draft)
    assert "bad" in str(place(page, "lone").get_attribute("class"))
    assert "new" in str(place(page, "lone").get_attribute("class"))
    assert page.locator(".sums .danger").count() == 1
    until(page, "!!document.querySelector('.place[data-id=lone] .tally')", seconds=30)
    assert findings(page) == []
    studio_site.shot(page, "studio-map-lone-fr")


def test_without_scripts_the_same_ways_stand_in_a_list(studio_site: Site) -> None:
    draft = begun(studio_site, author(studio_site))
    page = author(studio_site, java_script_enabled=False)
    page.goto(f"{studio_site.url}/studio/d/{draft}/flows/return/map")
    outline = page.locator("#outline")
    assert outline.locator("li").count() > 30
    assert outline.locator(f'a[href="/studio/d/{draft}/flows/return#step-fear"]').first.is_visible()
    assert not page.locator("#canvas").is_visible()


def test_a_flow_of_300_steps_is_drawn_at_once_and_can_be_folded(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    with_long_flow(studio_site, draft)
    took = []
    for _ in range(3):
        opened(studio_site, page, draft, "large")
        took.append(int(str(page.locator("#inner").get_attribute("data-ms"))))
    print(f"a map of 300 steps is drawn in {sorted(took)[1]} ms")
    assert min(took) < 1000 * SLOW
    folded = int(str(page.locator("#inner").get_attribute("data-places")))
    page.locator("#fold").uncheck()
    assert int(str(page.locator("#inner").get_attribute("data-places"))) > folded
    assert page.locator("#mini").is_visible()
    assert findings(page) == []
    studio_site.shot(page, "studio-map-large-fr")


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("ar", "light", 360), ("ar", "dark", 1440), ("fr", "dark", 360), ("en", "light", 1440)]
)
def test_the_maps_have_no_serious_finding(studio_site: Site, language: str, scheme: Any, width: int) -> None:
    page = author(studio_site, language, width=width, scheme=scheme)
    draft = begun(studio_site, page)
    for flow in ("menu", ""):
        opened(studio_site, page, draft, flow)
        assert findings(page) == [], flow
        page.locator("#outline summary").click()
        assert findings(page) == [], flow
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), flow
    studio_site.shot(page, f"studio-house-{language}-{scheme}-{width}")
