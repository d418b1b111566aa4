"""The table of texts in a browser: written where it is read, by keyboard too, kept whatever happens, fit for every reader."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, until
from tests.browser.studio import author, begun, saved
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
WAS = "Help to go home is free. It is your choice.\nYou can change your mind until the day you travel."


def words(page: Page, id_: str, language: str) -> Any:
    return page.locator(f'tr[data-id="{id_}"] .cell[data-language={language}] .words')


def cell(page: Page, id_: str, language: str) -> Any:
    return page.locator(f'tr[data-id="{id_}"] .cell[data-language={language}]')


def table(site: Site, page: Page, draft: str, query: str = "flow=return") -> None:
    page.goto(f"{site.url}/studio/d/{draft}/texts?{query}")
    until(page, "!!window.studio && document.body.dataset.live === 'yes'")


def stands(site: Site, draft: str, language: str) -> str:
    return dict(site.run(site.stage.workshop.bundle(draft)))[f"locales/{language}/LC_MESSAGES/flows.po"]


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ar", 360, "light"), ("ar", 1440, "dark"), ("fr", 360, "dark"), ("fr", 1440, "light"), ("en", 1024, "light")],
)
def test_no_page_has_a_serious_finding_or_runs_over_its_edge(studio_site: Site, language: str, width: int, scheme: str) -> None:
    site = studio_site
    page = author(site, language, width=width, scheme=scheme)
    draft = begun(site, page)
    table(site, page, draft)
    source = words(page, "return.what-it-is", "en")
    source.fill(WAS.replace("is free", "costs nothing"))
    source.blur()
    cell(page, "return.what-it-is", "fr").locator(".same").wait_for()
    words(page, "return.free", "fr").fill("Vous devez payer ?")
    cell(page, "return.free", "fr").locator(".put").wait_for()
    page.locator(".looked").wait_for()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    site.shot(page, f"studio-texts-{language}-{width}-{scheme}")
    saved_sheet = page.request.get(f"{site.url}/studio/d/{draft}/texts/files/texts.csv").body()
    for address, name in (("texts?flow=units:", "units"), ("texts/files", "files"), ("", "strip")):
        page.goto(f"{site.url}/studio/d/{draft}/{address}".rstrip("/"))
        if name == "strip":
            page.locator("#strip .cover").wait_for()
        assert findings(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        site.shot(page, f"studio-texts-{name}-{language}-{width}-{scheme}")
    page.goto(f"{site.url}/studio/d/{draft}/texts/files")
    sheet = saved_sheet.replace(b"Que voulez-vous", "Que désirez-vous".encode()).replace(b"return.end,", b"return.fin,")
    sheet = sheet.replace(b"Avez-vous moins de 18 ans", "Êtes-vous mineur".encode())
    page.locator("#file").set_input_files({"name": "retour.csv", "mimeType": "text/csv", "buffer": sheet})
    page.locator("form:has(#file) button").click()
    page.locator(".taking li").first.wait_for()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    site.shot(page, f"studio-texts-intake-{language}-{width}-{scheme}")


def test_a_better_wording_is_put_in_one_tap_and_signs_are_set_by_themselves(studio_site: Site) -> None:
    site, page = studio_site, author(studio_site)
    draft = begun(site, page)
    table(site, page, draft)
    words(page, "return.fear", "fr").fill("Vous devez expliquer l'histoire ?")
    put = cell(page, "return.fear", "fr").locator(".put")
    put.wait_for()
    put.click()
    assert words(page, "return.fear", "fr").input_value() == "Vous pouvez expliquer l'histoire ?"
    until(page, "!document.querySelector('tr[data-id=\"return.fear\"] [data-language=fr] .put')")
    page.keyboard.press("Tab")
    saved(page)
    assert words(page, "return.fear", "fr").input_value() == "Vous pouvez expliquer l’histoire\u00a0?"
    assert "Vous pouvez expliquer l’histoire\u00a0?" in stands(site, draft, "fr")

    words(page, "return.fear", "ar").fill("هل العمر ١٨ سنة?")
    page.keyboard.press("Tab")
    saved(page)
    assert "هل العمر \u206618\u2069 سنة؟" in stands(site, draft, "ar")


def test_a_stale_text_shows_what_changed_and_is_confirmed_in_one_tap_or_several_at_once(studio_site: Site) -> None:
    site, page = studio_site, author(studio_site)
    draft = begun(site, page)
    table(site, page, draft)
    for id_, old, new in (("return.what-it-is", "is free", "costs nothing"), ("return.free", "Never pay", "Do not pay")):
        area = words(page, id_, "en")
        area.fill(area.input_value().replace(old, new))
        area.blur()
        cell(page, id_, "fr").locator(".same").wait_for()
    assert "is" in cell(page, "return.what-it-is", "fr").locator("del").first.inner_text()
    assert cell(page, "return.what-it-is", "fr").locator("ins").first.inner_text() == "costs"
    cell(page, "return.what-it-is", "fr").locator(".same").click()
    until(page, "document.activeElement.closest('tr')?.dataset.id === 'return.free'")
    saved(page)
    for id_, language in (("return.what-it-is", "ar"), ("return.free", "ar"), ("return.free", "fr")):
        cell(page, id_, language).locator(".pick").check()
    assert page.locator("#chosen span").first.inner_text() == "3"
    page.locator("#chosen button").click()
    saved(page)
    page.goto(f"{site.url}/studio/d/{draft}/texts?show=stale")
    assert page.locator("tr[data-id]").count() == 0


def test_by_keyboard_alone_one_goes_from_open_text_to_open_text(studio_site: Site) -> None:
    site, page = studio_site, author(studio_site)
    draft = begun(site, page)
    table(site, page, draft)
    for id_, old, new in (("return.what-it-is", "is free", "costs nothing"), ("return.asylum", "A card", "A badge")):
        area = words(page, id_, "en")
        area.fill(area.input_value().replace(old, new))
        area.blur()
        cell(page, id_, "fr").locator(".same").wait_for()
    words(page, "return.what-it-is", "fr").focus()
    page.keyboard.press("Control+Enter")
    assert (
        page.evaluate("document.activeElement.closest('tr').dataset.id + document.activeElement.closest('.cell').dataset.language")
        == "return.asylumfr"
    )
    before = words(page, "return.asylum", "fr").input_value()
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    assert words(page, "return.asylum", "fr").input_value() == before


def test_what_is_written_outlives_a_lost_line_and_a_closed_laptop(studio_site: Site) -> None:
    site, page = studio_site, author(studio_site)
    draft = begun(site, page)
    table(site, page, draft)
    page.context.set_offline(True)
    words(page, "return.free", "fr").fill("Ne payez jamais rien.")
    words(page, "return.fear", "fr").focus()
    until(page, "document.querySelector('#saved').dataset.state === 'offline'")
    words(page, "return.fear", "fr").fill("Avez-vous peur de rentrer\u00a0?")
    until(page, "!!localStorage.getItem('studio-typing:' + studio.draft)")
    page.close()

    other = site.watched(site.contexts[-1].new_page())
    other.context.set_offline(False)
    table(site, other, draft)
    saved(other)
    until(other, "!localStorage.getItem('studio-typing:' + studio.draft)")
    assert "Ne payez jamais rien." in stands(site, draft, "fr")
    assert "Avez-vous peur de rentrer" in stands(site, draft, "fr")
    until(other, "document.querySelector('tr[data-id=\"return.free\"] [data-language=fr] .words').value === 'Ne payez jamais rien.'")


def test_two_at_one_text_see_both_wordings(studio_site: Site) -> None:
    site, page = studio_site, author(studio_site)
    draft = begun(site, page)
    table(site, page, draft)
    colleague = author(site, "ar", secret="secret6")
    table(site, colleague, draft)
    words(page, "return.fear", "fr").fill("Craignez-vous de rentrer\u00a0?")
    words(page, "return.fear", "fr").blur()
    saved(page)
    words(colleague, "return.fear", "fr").fill("Avez-vous peur là-bas\u00a0?")
    words(colleague, "return.fear", "fr").blur()
    colleague.locator("#clash").wait_for()
    assert colleague.locator("#clash .theirs").inner_text() == "Craignez-vous de rentrer\u00a0?"
    colleague.locator("#clash [value=theirs]").click()
    until(colleague, "document.querySelector('tr[data-id=\"return.fear\"] [data-language=fr] .words').value.startsWith('Craignez')")
    assert "Craignez-vous" in stands(site, draft, "fr")


def test_plural_forms_are_written_together(studio_site: Site) -> None:
    site, page = studio_site, author(studio_site, "ar", secret="secret6")
    draft = begun(site, page)
    table(site, page, draft, "flow=units:")
    forms = words(page, "unit.day", "ar")
    assert forms.count() == 6
    forms.nth(2).fill("يومان")
    forms.nth(2).blur()
    saved(page)
    po = stands(site, draft, "ar")
    assert 'msgstr[2] "يومان"' in po
    assert 'msgstr[3] "{n} أيام"' in po
