"""A new question breaks tests: what came now is taken over in a browser, in all of them at once, and can be undone."""

import pytest

from bot.studio.editing.edits import AddStep, RemoveStep
from tests.browser.conftest import Site
from tests.browser.studio import author, files
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
FAR = {"ask": "papers-now", "text": "Do you have your papers?", "choices": {"have": "I have them", "no": "No"}}
SAID = {
    "fr": {"work.papers-now": "Avez-vous vos papiers ?", "work.papers-now.have": "Je les ai", "work.papers-now.no": "Non"},
    "ar": {"work.papers-now": "هل الأوراق معك؟", "work.papers-now.have": "نعم، معي", "work.papers-now.no": "لا"},
}


def test_a_new_question_is_answered_in_all_tests_that_it_broke(studio_site: Site) -> None:
    site, stage = studio_site, studio_site.stage
    site.run(stage.door.open())
    draft = str(site.run(stage.workshop.begin("Une question de plus", by="s5")).id)
    page = author(site, "fr")
    page.set_default_timeout(60_000)
    before = files(site, draft)
    site.run(stage.workshop.edit(draft, [AddStep("work", "under-18", FAR, SAID)], by="s5", action="one"))
    page.goto(f"{site.url}/studio/d/{draft}/take?test=s01-darija-refuses&test=s13-no-bed-in-algeria")
    assert page.locator(".takes > li").count() == 2
    assert findings(page) == []
    site.shot(page, "taking-fr-1440")
    page.locator(".taking select").select_option("work.papers-now=[no]")
    page.locator(".taking .main").click()  # another answer than was shown: it is shown first
    page.locator("#said[role=alert]").wait_for()
    page.locator(".taking .main").press("Enter")
    page.locator("#said[role=status]").wait_for()

    assert "< work.papers-now\n> [no]\n< work.want\n" in files(site, draft)["flows/tests/s01-darija-refuses.chat"]
    page.locator("#undo").click()
    page.locator("#said").wait_for(state="detached")
    assert files(site, draft)["flows/tests/s13-no-bed-in-algeria.chat"] == before["flows/tests/s13-no-bed-in-algeria.chat"]

    site.run(stage.workshop.edit(draft, [RemoveStep("return", "fear")], by="s5", action="two"))
    small = author(site, "ar", width=360)
    small.set_default_timeout(60_000)
    small.goto(f"{site.url}/studio/d/{draft}/take?test=return-before")
    assert findings(small) == []
    assert small.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small.locator(".taking").scroll_into_view_if_needed()
    small.locator(".taking .lost").first.evaluate("lost => lost.scrollIntoView()")
    site.shot(small, "taking-ar-360")
    small.locator(".taking .main").click()
    small.locator("#said[role=alert]").wait_for()
    assert "< return.fear" in files(site, draft)["flows/tests/return-before.chat"]
