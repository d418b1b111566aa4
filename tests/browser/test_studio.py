"""The script of a flow in a browser, as a new author would use it: nothing typed is lost, nobody's words are written over."""

import pytest
from playwright.sync_api import Page

from bot.flow.bundle import Bundle
from bot.studio.files.reading import text_of
from tests.browser.conftest import Site, until
from tests.browser.studio import area, author, begun, files, opened, saved
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
ASK = "menu.again"


def said(site: Site, draft: str, id_: str, language: str) -> str:
    return text_of(Bundle(files(site, draft)), id_, language)


def edit(page: Page, key: str) -> None:
    page.locator(f"#step-{key} [data-edit]").click()
    page.locator(f"#step-{key} form.form").wait_for()


def test_a_question_is_reworded_in_arabic_and_in_french(studio_site: Site) -> None:
    page = author(studio_site, "ar")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    page.locator(f'#step-again .text[data-text="{ASK}"]').click()
    area(page, ASK, "ar").fill("هل هناك شيء آخر الآن؟")
    area(page, ASK, "fr").fill("Y a-t-il encore autre chose\u00a0?")
    page.locator("#step-again [data-close]").click()
    saved(page)

    assert said(studio_site, draft, ASK, "ar") == "هل هناك شيء آخر الآن؟"
    assert said(studio_site, draft, ASK, "fr") == "Y a-t-il encore autre chose\u00a0?"
    page.locator("#step-again .text", has_text="هل هناك شيء آخر الآن؟").wait_for()
    assert page.locator("#step-again").evaluate("step => step.contains(document.activeElement)")


def test_undo_takes_the_last_act_back(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    before = files(studio_site, draft)
    edit(page, "again")
    area(page, ASK, "fr").fill("Encore\u00a0?")
    area(page, ASK, "fr").blur()
    page.locator("#step-again .text", has_text="Encore\u00a0?").wait_for()
    page.reload()  # what can be taken back is known by the server
    page.locator("#undo").click()
    page.locator("#step-again .text", has_text="Encore\u00a0?").wait_for(state="detached")
    page.locator("#undo").wait_for(state="hidden")

    assert files(studio_site, draft) == before


def test_what_is_typed_while_the_line_is_down_is_sent_when_it_is_back(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    edit(page, "again")
    page.context.set_offline(True)
    for words in ("Autre", "Autre chose", "Autre chose encore\u00a0?"):
        area(page, ASK, "fr").fill(words)
        area(page, ASK, "fr").blur()
    page.locator("#saved[data-state=offline]").wait_for()
    assert findings(page) == []
    page.context.set_offline(False)
    saved(page)

    assert said(studio_site, draft, ASK, "fr") == "Autre chose encore\u00a0?"


def test_what_was_typed_in_a_tab_that_was_closed_is_sent_by_the_next_one(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    edit(page, "again")
    page.context.set_offline(True)
    area(page, ASK, "fr").fill("Gardé dans le navigateur\u00a0?")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    context = page.context
    page.close()
    context.set_offline(False)
    again = studio_site.watched(context.new_page())
    again.goto(f"{studio_site.url}/studio/d/{draft}")
    saved(again)

    assert said(studio_site, draft, ASK, "fr") == "Gardé dans le navigateur\u00a0?"


def test_two_authors_at_one_text_see_both_wordings_and_choose(studio_site: Site) -> None:
    one = author(studio_site)
    draft = begun(studio_site, one)
    opened(studio_site, one, draft)
    edit(one, "again")
    other = author(studio_site, secret="secret6")
    opened(studio_site, other, draft)
    edit(other, "again")
    area(other, ASK, "fr").fill("Texte d’Olivier\u00a0?")
    one.context.set_offline(True)
    area(one, ASK, "fr").fill("Texte de Figuier\u00a0?")
    area(one, ASK, "fr").blur()
    area(other, ASK, "fr").blur()
    saved(other)
    one.context.set_offline(False)
    one.locator("#clash[open]").wait_for()
    assert one.locator("#clash .mine").inner_text() == "Texte de Figuier\u00a0?"
    assert one.locator("#clash .theirs").inner_text() == "Texte d’Olivier\u00a0?"
    assert findings(one) == []
    one.locator("#clash [value=mine]").click()
    saved(one)

    assert said(studio_site, draft, ASK, "fr") == "Texte de Figuier\u00a0?"
    other.locator("#elsewhere", has_text="Figuier").wait_for()
    other.locator("#step-again .text", has_text="Texte de Figuier\u00a0?").wait_for()


def test_what_another_author_changes_comes_without_touching_what_is_being_typed(studio_site: Site) -> None:
    one, other = author(studio_site), author(studio_site, secret="secret6")
    draft = begun(studio_site, one)
    opened(studio_site, one, draft)
    edit(one, "again")
    area(one, ASK, "fr").press_sequentially(" et")
    opened(studio_site, other, draft)
    edit(other, "again")
    area(other, ASK, "ar").fill("شيء آخر؟")
    area(other, ASK, "ar").blur()
    saved(other)
    until(one, """document.querySelector('.edit [data-id="menu.again"][data-language="ar"]').value === 'شيء آخر؟'""", seconds=12)

    assert area(one, ASK, "fr").input_value().endswith(" et")
    assert area(one, ASK, "fr").evaluate("area => area === document.activeElement")
    one.locator("#step-again .by", has_text="Olivier").wait_for()
    saved(one)
    assert said(studio_site, draft, ASK, "fr").endswith(" et")


def test_an_answer_leads_elsewhere_and_a_condition_is_built_from_the_questions(studio_site: Site) -> None:
    page = author(studio_site, "ar")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    edit(page, "again")
    page.locator('#step-again .choice[data-choice="no"] [data-lead]').select_option("call:privacy")
    saved(page)
    assert "call: {no: privacy}" in files(studio_site, draft)["flows/menu.yaml"]
    page.locator("#step-again [data-close]").click()
    edit(page, "bye")
    page.locator("#step-bye summary", has_text=studio_site.stage.says("studio.form.only-if", "ar")).click()
    cond = page.locator('#step-bye .cond[data-set="if"]')
    cond.locator("button").first.click()
    cond.locator(".q").select_option("topic")
    cond.locator(".v input[value=home]").check()
    cond.locator(".v input[value=worry]").check()
    saved(page)
    assert "- if: topic is home/worry\n    say: bye" in files(studio_site, draft)["flows/menu.yaml"]
    page.locator("#step-bye .when").wait_for()
    cond.locator(".off").click()
    saved(page)
    assert "if: topic is home/worry" not in files(studio_site, draft)["flows/menu.yaml"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_no_page_of_the_script_has_a_serious_finding_or_runs_over_its_edge(
    studio_site: Site, language: str, width: int, scheme: str
) -> None:
    page = author(studio_site, language, width=width, scheme=scheme)
    page.goto(f"{studio_site.url}/studio")
    assert findings(page) == []
    draft = begun(studio_site, page)
    assert findings(page) == []
    for flow, keys in (("return", ("fear", "path", "share", "desk", "offices")), ("return-steps", ())):
        opened(studio_site, page, draft, flow)
        assert findings(page) == [], flow
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), flow
        for key in keys:
            edit(page, key)
            assert findings(page) == [], key
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), key
            studio_site.shot(page, f"studio-{key}-{language}-{width}-{scheme}")
    page.locator(".adds [data-add]").click()
    page.locator(".kind-of").first.wait_for()
    assert findings(page) == []
    page.locator("[data-word=ask]").click()
    page.locator(".adding form").wait_for()
    assert findings(page) == []


def test_a_problem_is_explained_in_its_step_and_mended_with_one_button(studio_site: Site) -> None:
    page = author(studio_site, "ar")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft, "return")
    edit(page, "can-ask")
    field = area(page, "return.can-ask", "en")
    field.fill(field.input_value().replace("can ask", "are guaranteed"))
    field.blur()
    saved(page)
    promise = page.locator('#step-can-ask .problem[data-rule="promise"]')
    promise.wait_for()
    page.locator('.flows [data-flow="return"] .st.danger').wait_for()
    assert findings(page) == []
    promise.locator("[data-mend]").click(timeout=20000)
    promise.wait_for(state="detached")
    assert "guaranteed" not in said(studio_site, draft, "return.can-ask", "en")
