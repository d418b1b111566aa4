"""The signs of French and Arabic, set as one leaves a text: in a step, in a new one, on a phone; the words are kept first where they are late."""

import time

import pytest

from bot.flow.bundle import Bundle
from bot.studio.files.reading import text_of
from tests.browser.conftest import Site, until
from tests.browser.studio import area, author, begun, files, opened, saved

pytestmark = pytest.mark.browser
ASK = "menu.again"


def said(site: Site, draft: str, id_: str, language: str) -> str:
    return text_of(Bundle(files(site, draft)), id_, language)


def test_signs_are_set_where_steps_are_written_and_on_the_phone(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    page.set_default_timeout(20_000)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    page.locator("#step-again [data-edit]").click()
    area(page, ASK, "fr").fill("C'est tout ?")
    area(page, ASK, "ar").fill("هل هذا كل شيء?")
    page.locator("#step-again [data-close]").click()
    until(page, "!studio.pending()")
    page.locator("#step-again .text", has_text="C’est tout\u00a0?").wait_for()
    page.wait_for_timeout(200)
    assert (said(studio_site, draft, ASK, "fr"), said(studio_site, draft, ASK, "ar")) == ("C’est tout\u00a0?", "هل هذا كل شيء؟")

    # late: the words are kept before their signs, which come after
    page.route("**/texts/signs", lambda route: (time.sleep(2.5), route.continue_()))
    page.locator("#step-bye [data-add]").click()
    page.locator("[data-word=say]").click()
    form = page.locator(".adding form")
    form.wait_for()
    form.locator('[data-language="en"]').fill("All is said.")
    form.locator('[data-language="fr"]').fill("Tout est dit !")
    form.locator("[data-submit]").click()
    page.locator("#step-all-is-said").wait_for()
    assert said(studio_site, draft, "menu.all-is-said", "fr") == "Tout est dit !"
    page.locator("#step-all-is-said .text", has_text="Tout est dit\u00a0!").wait_for()
    saved(page)
    assert said(studio_site, draft, "menu.all-is-said", "fr") == "Tout est dit\u00a0!"
    page.unroute("**/texts/signs")

    bubble = page.locator('#phone [data-language="fr"] [data-text="menu.topic"]').first
    bubble.click()
    page.locator("#phone .edit-part textarea").fill("Que vous faut-il ?")
    page.keyboard.press("Control+Enter")
    page.locator('#phone [data-language="fr"] [data-text="menu.topic"]', has_text="Que vous faut-il").first.wait_for()
    until(page, "document.querySelector('#phone [data-language=\"fr\"] [data-text=\"menu.topic\"]').textContent.includes('\\u00a0?')")
    saved(page)
    assert said(studio_site, draft, "menu.topic", "fr") == "Que vous faut-il\u00a0?"
