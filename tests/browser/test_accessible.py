"""No serious finding of axe on any page, in any language, light or dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
axe = Axe()


def findings(page) -> list[str]:
    page.evaluate("document.getAnimations().forEach(one => one.finish())")
    found = axe.run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_phone_page(site: Site, language: str, scheme: str) -> None:
    page = site.phone(color_scheme=scheme)
    page.goto(f"{site.url}/chat?lang={language}")
    assert findings(page) == []
    site.begin(page, language)
    assert findings(page) == []
    page.locator("button[name=a]").nth(2).click()
    page.locator(".card").wait_for()
    assert findings(page) == []
    page.locator("summary").click()
    assert findings(page) == []
    page.locator("#to-erase").click()
    assert findings(page) == []
    page.locator("#keep").click()
    page.locator(".head .person").click()
    page.locator(".hu").wait_for()
    assert findings(page) == []
    for address in (f"/chat/erase?lang={language}", f"/chat/end?lang={language}", f"/chat/nothing?lang={language}"):
        page.goto(site.url + address)
        assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_pages_of_staff(site: Site, language: str, width: int, scheme: str) -> None:
    page = site.desk(language, width=width, scheme=scheme)
    addresses = ["/desk", "/desk?show=closed", *(f"/desk/{code}" for code in ("M3-18K", "K7-42X", "E9-14G", "P6-03N", "T5-09C", "ZZ"))]
    addresses += [f"{address}lang={language}" for address in ("/?", "/signin?", "/signin?token=once&", "/nothing?")]
    for address in addresses:
        page.goto(site.url + address)
        assert findings(page) == [], address


@pytest.mark.parametrize(("language", "scheme", "width"), [("ar", "light", 360), ("fr", "dark", 1440)])
def test_the_sheets_of_the_desk(site: Site, language: str, width: int, scheme: str) -> None:
    site.stage.desk.safe_hours["K7-42X"] = ("evening",)
    page = site.desk(language, width=width, scheme=scheme)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#fold summary").click()
    assert findings(page) == []
    if width == 360:
        page.locator("#head [data-place=case]").click()
        assert findings(page) == []
    for sheet in ("transfer", "hand-back", "close", "replies", "help", "me"):
        page.evaluate("id => document.getElementById(id).showPopover()", sheet)
        assert findings(page) == [], sheet
        page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("une note")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("#covered:visible").wait_for()
    assert findings(page) == []
