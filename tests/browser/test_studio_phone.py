"""The phones of a draft in a browser: pressed in one they answer in both, a text is written where it is seen, what was done is kept."""

import pytest
from playwright.sync_api import Page, expect

from bot.flow.bundle import Bundle
from bot.studio.editing.edits import WriteFile
from bot.studio.files.reading import text_of
from tests.browser.conftest import Site
from tests.browser.studio import author, begun, files
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
NARROW, WIDE = 360, 1440


def phones(site: Site, page: Page, draft: str, query: str = "flow=return") -> Page:
    page.goto(f"{site.url}/studio/d/{draft}/phone?{query}")
    page.locator(".phone .bub").first.wait_for()
    return page


def screen(page: Page, language: str):
    return page.locator(f".phone[lang={language}]")


def test_a_press_in_one_phone_answers_in_both(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page))
    screen(page, "fr").locator(".ans").nth(1).click()

    expect(screen(page, "ar").locator(".me")).to_have_count(1)
    expect(screen(page, "fr").locator(".me p").first).to_have_text("Non")
    expect(screen(page, "fr").locator(".ans").first).to_be_focused()


def test_a_digit_answers_and_enter_sends(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page))
    screen(page, "ar").locator(".screen").focus()
    page.keyboard.press("2")
    expect(screen(page, "fr").locator(".me")).to_have_count(1)
    box = screen(page, "fr").locator(".try input")
    box.fill("oui")
    box.press("Enter")

    expect(screen(page, "fr").locator(".m-answer")).to_have_count(1)
    expect(screen(page, "ar").locator(".me")).to_have_count(2)
    expect(screen(page, "fr").locator(".try input")).to_be_focused()
    expect(screen(page, "fr").locator(".try input")).to_have_value("")


def test_what_is_half_typed_in_the_other_phone_stays(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page))
    screen(page, "ar").locator(".try input").fill("لا أ")
    screen(page, "fr").locator(".ans").nth(1).click()
    expect(screen(page, "fr").locator(".me")).to_have_count(1)

    expect(screen(page, "ar").locator(".try input")).to_have_value("لا أ")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_text_is_written_where_it_is_seen(studio_site: Site, width: int) -> None:
    page = author(studio_site, "ar", width=width)
    draft = begun(studio_site, page)
    phones(studio_site, page, draft)
    part = screen(page, "ar").locator('[data-text="return.fear"]')
    part.click()
    box = page.locator(".edit-part textarea")
    expect(box).to_be_focused()
    assert box.evaluate("box => getComputedStyle(box).direction") == "rtl"
    expect(page.locator(".edit-part [data-length]")).to_contain_text("/ 170")
    box.fill("هل هناك خوف من العودة؟")
    box.press("Control+Enter")

    expect(screen(page, "ar").locator('[data-text="return.fear"]')).to_have_text("هل هناك خوف من العودة؟")
    page.locator("#saved[data-state=saved]").wait_for()
    assert text_of(Bundle(files(studio_site, draft)), "return.fear", "ar") == "هل هناك خوف من العودة؟"


def test_escape_leaves_a_text_as_it_was(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    before = files(studio_site, draft)
    phones(studio_site, page, draft)
    part = screen(page, "fr").locator('[data-text="return.free"]')
    said = part.inner_text()
    part.click()
    page.locator(".edit-part textarea").fill("autre")
    page.locator(".edit-part textarea").press("Escape")

    expect(page.locator(".edit-part")).to_have_count(0)
    expect(part).to_be_focused()
    assert part.inner_text() == said
    assert files(studio_site, draft) == before


def test_a_changed_source_makes_the_others_stale(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page))
    page.locator(".stage summary").click()
    page.locator("[data-languages] input[value=en]").check()
    screen(page, "en").locator('[data-text="return.free"]').click()
    page.locator(".edit-part textarea").fill("Never pay.")
    page.locator(".edit-part .main").click()

    expect(screen(page, "en").locator('[data-text="return.free"]')).to_have_text("Never pay.")
    expect(screen(page, "fr").locator('.p-stale[data-text="return.free"]')).to_have_count(1)
    expect(screen(page, "ar").locator('.p-stale[data-text="return.free"]')).to_have_count(1)
    screen(page, "fr").locator('[data-confirm="return.free"]').click()
    expect(screen(page, "fr").locator('.p-stale[data-text="return.free"]')).to_have_count(0)
    expect(screen(page, "ar").locator('.p-stale[data-text="return.free"]')).to_have_count(1)


def test_every_path_is_listed_and_shown(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page))
    page.locator(".ways summary").click()
    page.locator("[data-play]").nth(1).click()

    expect(screen(page, "fr").locator(".me")).not_to_have_count(0)
    expect(page.locator(".ph-note.bad")).to_have_count(0)


def test_what_was_done_is_kept_as_a_test(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    phones(studio_site, page, draft)
    screen(page, "fr").locator(".ans").nth(1).click()
    expect(screen(page, "fr").locator(".me")).to_have_count(1)
    page.locator("[data-do=keep]").click()
    page.fill("#keep-name", "Sans Peur")
    page.locator("#keep-test [value=keep]").click()
    expect(page.locator("#keep-wrong")).to_be_visible()
    page.fill("#keep-name", "sans-peur")
    page.locator("#keep-test [value=keep]").click()
    expect(page.locator("#keep-test")).not_to_be_visible()
    page.locator("#saved[data-state=saved]").wait_for()

    assert "> [no]" in files(studio_site, draft)["flows/tests/sans-peur.chat"]
    phones(studio_site, page, draft, "test=flows/tests/sans-peur.chat&language=fr")
    expect(page.locator(".good-test")).to_have_count(1)


def test_silence_staff_and_another_country(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page), "flow=off-hours")
    page.locator(".deeds summary").click()
    page.locator('[data-deed=silent][data-minutes="45"]').click()
    expect(screen(page, "fr").locator(".n-silence")).to_have_count(1)
    page.locator("[data-do=restart]").click()
    for key in ("team", "yes", "here", "done"):
        screen(page, "fr").locator(f".qs [data-value={key}]").click()
        page.locator(".shows[aria-busy=false]").wait_for()
    expect(screen(page, "fr").locator(".n-case")).to_have_count(1)
    page.locator("[data-staff] input").fill("Bonjour")
    page.locator("[data-staff] button").click()
    expect(screen(page, "ar").locator(".bub.hu")).to_have_count(1)
    expect(screen(page, "ar").locator(".ph-state.h")).to_have_count(1)
    page.locator(".stage summary").click()
    page.select_option("[name=country]", "MA")
    expect(page.locator("[data-now]")).to_contain_text("Maroc")


def test_a_lost_line_is_said_and_nothing_is_lost(studio_site: Site) -> None:
    page = author(studio_site)
    phones(studio_site, page, begun(studio_site, page))
    page.context.set_offline(True)
    screen(page, "fr").locator(".ans").first.click()
    expect(page.locator("[data-failed][role=alert]")).to_be_visible()
    page.context.set_offline(False)
    page.locator("[role=alert][data-failed] .b").click()

    expect(screen(page, "fr").locator(".me")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_no_serious_finding(studio_site: Site, language: str, width: int, scheme: str) -> None:
    page = author(studio_site, language, width=width, scheme=scheme)
    phones(studio_site, page, begun(studio_site, page))
    page.locator(".stage summary").click()
    page.locator("[name=details]").check()
    page.locator("[name=slow]").check()
    page.locator(".slow").first.wait_for()
    screen(page, "fr").locator(".try input").fill("ils vont me tuer")
    screen(page, "fr").locator(".try input").press("Enter")
    page.locator(".m-danger").first.wait_for()
    page.locator(".ways summary").click()
    page.locator("[data-play]").first.wait_for()
    page.locator(".deeds summary").click()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screen(page, language).locator("button.part").first.click()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-do=keep]").click()
    page.locator("[data-where]:not(:empty)").wait_for()
    assert findings(page) == []


def test_what_is_written_is_judged_and_outlives_a_closed_tab(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    phones(studio_site, page, draft)
    screen(page, "fr").locator('[data-text="return.free"]').click()
    page.locator(".edit-part textarea").fill("C’est garanti, ne payez jamais.")
    expect(page.locator(".edit-part .found li")).not_to_have_count(0)
    phones(studio_site, page, draft)
    screen(page, "fr").locator('[data-text="return.free"]').click()

    expect(page.locator(".edit-part textarea")).to_have_value("C’est garanti, ne payez jamais.")
    page.locator(".edit-part textarea").press("Escape")
    screen(page, "fr").locator('[data-text="return.free"]').click()
    expect(page.locator(".edit-part textarea")).not_to_have_value("C’est garanti, ne payez jamais.")


def test_a_failing_test_is_shown_up_to_its_line(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    text = "flow: return\ncountry: DZ\n> (starts)\n< ...\n< return.fear\n> [no]\n< return.nothing\n"
    bundle = [WriteFile("flows/tests/wrong.chat", text, None)]
    studio_site.run(studio_site.stage.workshop.edit(draft, bundle, by="s5", action="t1"))
    phones(studio_site, page, draft, "test=flows/tests/wrong.chat&language=fr")

    expect(page.locator(".told")).to_contain_text("Ligne 7")
    expect(screen(page, "fr").locator(".me")).to_have_count(1)
