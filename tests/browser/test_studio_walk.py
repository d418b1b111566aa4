"""The whole way of a change in a browser, as two new colleagues would go it, while a thousand people talk: nobody is stranded or moved."""

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from bot.flow.bundle import Bundle
from bot.studio.files.reading import text_of
from tests.browser.conftest import Site, until
from tests.browser.crowd import Crowd, meanwhile, over
from tests.browser.studio import area, author, begun, files, opened, saved

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PEOPLE, HOME, WAGES = 1000, 600, 40
"""So many are asked about fear, the others are at the first list; of the former, the last few are led on to unpaid wages."""
FEAR = {
    "ar": "لا حاجة إلى شرح الجواب.\nبعد العودة، هل هناك خوف من أذى شخص ما؟",
    "fr": "Vous pouvez ne rien expliquer.\nSi vous rentrez, avez-vous peur que quelqu’un vous fasse du mal\u00a0?",
}
TEXT = {
    "en": "Do you have a safe place to keep them?",
    "fr": "Avez-vous un endroit sûr pour les garder\u00a0?",
    "ar": "هل هناك مكان آمن لحفظها؟",
}
YES = {"en": "Yes, I have", "fr": "Oui, j’en ai un", "ar": "نعم، يوجد"}
NOT = {"en": "No, none", "fr": "Non, aucun", "ar": "لا يوجد"}
BRANCH = {
    "en": "Someone you trust can keep them for you.",
    "fr": "Une personne de confiance peut les garder pour vous.",
    "ar": "يمكن أن يحفظها شخص موثوق.",
}


def corrects_a_number(site: Site, page: Page, draft: str) -> None:
    page.locator("nav a[href$='/contacts']").first.click()
    page.locator("#c-samu-dz .numbers").click()
    page.locator("#phone").fill("3016")
    page.locator("#phone").press("Tab")
    page.locator("[aria-labelledby=h-reach] button.main").click()
    page.wait_for_url("**/contacts/samu-dz?said=saved")
    assert 'phone: ["3016"]' in files(site, draft)["flows/directory.yaml"]


def rewords(site: Site, page: Page, draft: str) -> None:
    opened(site, page, draft, "return")
    page.locator('#step-fear .text[data-text="return.fear"]').first.click()
    for language, words in FEAR.items():
        area(page, "return.fear", language).fill(words)
    page.locator("#step-fear [data-close]").click()
    saved(page)
    assert text_of(Bundle(files(site, draft)), "return.fear", "ar") == FEAR["ar"]


def adds_a_question_with_a_branch(site: Site, page: Page, draft: str) -> None:
    opened(site, page, draft, "wages")
    page.locator("#step-keep [data-add]").click()
    page.locator("[data-word=ask]").click()
    form = page.locator(".adding form.form")
    form.wait_for()
    for language, words in TEXT.items():
        form.locator(f'[data-at=text] [data-language="{language}"]').fill(words)
    for row, said in enumerate((YES, NOT)):
        for language, words in said.items():
            form.locator(".choice").nth(row).locator(f'[data-language="{language}"]').fill(words)
    form.locator(".choice").nth(1).locator("[data-lead]").select_option("new")
    for language, words in BRANCH.items():
        form.locator(".choice").nth(1).locator(f'[data-branch="{language}"]').fill(words)
    form.locator("[data-submit]").click()
    page.locator("#step-do-you-have-a").wait_for()
    saved(page)


def records_a_test(site: Site, page: Page, draft: str) -> None:
    page.goto(f"{site.url}/studio/d/{draft}/phone?flow=wages")
    screen = page.locator(".phone[lang=ar]")
    screen.locator(".bub").first.wait_for()
    for key in ("keep", "no-none"):
        screen.locator(f".qs [data-value={key}]").click()
        page.locator(".shows[aria-busy=false]").wait_for()
    expect(screen).to_contain_text(BRANCH["ar"])
    page.locator("[data-do=keep]").click()
    page.fill("#keep-name", "wages-place")
    page.locator("#keep-test [value=keep]").click()
    expect(page.locator("#keep-test")).not_to_be_visible()
    saved(page)
    assert "> [no-none]" in files(site, draft)["flows/tests/wages-place.chat"]


def mends_the_test_that_knew_no_such_question(site: Site, page: Page, draft: str) -> None:
    page.goto(f"{site.url}/studio/d/{draft}/tests/wages-all")
    field = page.locator("form.writing textarea")
    old = "has: only if that is safe\n< wages.next"
    assert old in field.input_value()
    field.fill(field.input_value().replace(old, "has: only if that is safe\n< wages.do-you-have-a\n> [yes-i-have]\n< wages.next"))
    page.locator("form.writing button.main").click()
    page.wait_for_load_state()
    assert "> [yes-i-have]" in files(site, draft)["flows/tests/wages-all.chat"]


def asks(site: Site, page: Page, draft: str) -> None:
    page.goto(f"{site.url}/studio/d/{draft}/publish")
    while page.locator("#problems .trouble:not(.warns) form button").count():
        page.locator("#problems .trouble:not(.warns) form button").first.click()
        page.locator("#said").wait_for()
    assert page.locator("#problems .trouble:not(.warns)").count() == 0, page.locator("#problems").inner_text()
    page.locator("#gate [popovertarget=ask]").click()
    page.locator("#ask textarea").fill("Appelé ce matin, et une question de plus.")
    page.locator("#ask button.main").click()
    page.locator("#said").wait_for()


def approves(site: Site, page: Page, draft: str) -> None:
    page.goto(f"{site.url}/studio")
    page.locator(f'main a[href="/studio/d/{draft}"]').first.click()
    page.goto(f"{site.url}/studio/d/{draft}/publish")
    until(page, "!document.querySelector('[data-untested]')", seconds=120)
    assert page.locator("#failed").count() == 0
    page.locator("#gate [popovertarget=approve]").click()
    page.locator("#approve button.main").click()
    page.locator("#gate [popovertarget=publish]").wait_for()


def goes_back(page: Page, site: Site) -> None:
    for _ in range(40):  # until they are counted: the page never waits long for it
        page.goto(f"{site.url}/studio/revisions")
        if page.locator(".revision .places").count():
            break
        page.wait_for_timeout(250)
    assert page.locator(".revision .places").count()
    page.locator("[popovertarget=roll-back]").first.click()
    page.locator("#roll-back textarea").fill("Le numéro a encore changé.")
    page.locator("#roll-back button.main").click()
    page.wait_for_url("**/studio/revisions?said=rollback")


def test_a_change_is_made_approved_published_and_taken_back_while_a_thousand_talk(studio_site: Site) -> None:
    site = studio_site
    crowd: Crowd = site.run(Crowd.of(site.stage))
    everyone, home, others = range(PEOPLE), range(HOME), range(HOME, PEOPLE)
    wages, asked = home[-WAGES:], home[:-WAGES]

    async def gather() -> None:
        await crowd.come(everyone)
        await crowd.press(home, "home")
        await crowd.to_wages(wages)

    gathering = meanwhile(site, gather())
    page = author(site, "fr")
    page.set_default_timeout(60_000)
    draft = begun(site, page, "Un endroit sûr")
    corrects_a_number(site, page, draft)
    rewords(site, page, draft)
    adds_a_question_with_a_branch(site, page, draft)
    mends_the_test_that_knew_no_such_question(site, page, draft)
    records_a_test(site, page, draft)
    asks(site, page, draft)

    other = author(site, "ar", secret="secret6")
    other.set_default_timeout(60_000)
    approves(site, other, draft)
    over(page, gathering)
    assert Counter(crowd.last().values()) == {"return.fear": len(asked), "wages.next": WAGES, "menu.topic": len(others)}
    first = crowd.world.library.current().revision

    # published while they answer
    async def answer() -> None:
        await crowd.press(asked[:300], "no")

    answering = meanwhile(site, answer())
    other.locator("#gate [popovertarget=publish]").click()
    other.locator("#publish button.main").click()
    other.wait_for_url("**/studio/revisions?said=published")
    over(other, answering)
    force = site.run(site.stage.library.look())
    assert (force.deeds[-1].draft, force.deeds[-1].by, force.deeds[-1].authors) == (draft, "s6", ("s5",))

    async def go_on() -> None:
        await crowd.press(asked[300:400], "no")
        await crowd.press(wages[:20], "done")
        await crowd.press(others[:50], "home")
        await crowd.to_wages(others[:20])
        await crowd.press(others[:20], "keep")

    over(other, meanwhile(site, go_on()))
    told = crowd.last()
    assert crowd.world.library.current().revision == force.revision != first
    assert {told[n] for n in asked[:400]} == {"return.asylum"}
    assert {told[n] for n in asked[400:]} == {"return.fear"}
    assert {told[n] for n in wages[:20]} == {"return.next"}
    assert {told[n] for n in wages[20:]} == {"wages.next"}
    assert {told[n] for n in others[:20]} == {"wages.do-you-have-a"}
    assert {told[n] for n in others[50:]} == {"menu.topic"}

    # taken back while some stand at the new question: they are answered by what they began with
    async def answer_the_new_one() -> None:
        await crowd.press(others[:10], "no-none")

    answering = meanwhile(site, answer_the_new_one())
    goes_back(other, site)
    over(other, answering)

    async def end() -> None:
        await crowd.press(others[10:20], "no-none")
        await crowd.press(asked[400:], "no")
        await crowd.press(wages[20:], "done")
        await crowd.come(range(PEOPLE, PEOPLE + 10))

    over(other, meanwhile(site, end()))
    told = crowd.last()
    assert crowd.world.library.current().revision == first
    assert {told[n] for n in asked} == {"return.asylum"}
    assert {told[n] for n in wages} == {"return.next"}
    assert all("wages.someone-you-trust-can" in [message.id for message in crowd.heard(n)] for n in others[:20])
    assert not {message.id for _, message in crowd.world.person.sent} & {"bot.recalled"}
    assert crowd.world.told.poison == []
    assert crowd.world.told.crashes == []
