"""Steps of a flow by form, in a browser: added, moved, renamed, taken away, and never a line of YAML."""

import time

import pytest

from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled
from bot.studio.editing.edits import SetText
from bot.studio.files.reading import text_of
from tests.browser.conftest import Site, until
from tests.browser.studio import author, begun, files, opened, saved
from tests.browser.test_accessible import findings

pytestmark = pytest.mark.browser
TEXT = {"ar": "هل هناك مكان آمن للنوم؟", "en": "Do you have a safe place to sleep?", "fr": "Avez-vous un endroit sûr où dormir\u00a0?"}
YES = {"ar": "نعم، يوجد", "en": "Yes, I have", "fr": "Oui, j’en ai un"}
NOT = {"ar": "لا يوجد", "en": "No, I have none", "fr": "Non, aucun"}
BRANCH = {"ar": "يمكن السؤال عن سرير.", "en": "You can ask for a bed.", "fr": "Vous pouvez demander un lit."}


def test_a_question_with_two_answers_and_a_branch_is_added_in_arabic(studio_site: Site) -> None:
    page = author(studio_site, "ar")
    draft = begun(studio_site, page, "سؤال جديد")
    opened(studio_site, page, draft, "wages")
    began = time.monotonic()
    first = page.locator("#script .step").first.get_attribute("data-key")
    page.locator("#script .step [data-add]").first.click()
    page.locator("[data-word=ask]").click()
    form = page.locator(".adding form.form")
    form.wait_for()
    until(page, "document.activeElement.matches('.adding [data-language=ar]')")
    for language, words in TEXT.items():
        form.locator(f'[data-at=text] [data-language="{language}"]').fill(words)
    for row, said in enumerate((YES, NOT)):
        for language, words in said.items():
            form.locator(".choice").nth(row).locator(f'[data-language="{language}"]').fill(words)
    form.locator(".choice").nth(1).locator("[data-lead]").select_option("new")
    for language, words in BRANCH.items():
        form.locator(".choice").nth(1).locator(f'[data-branch="{language}"]').fill(words)
    assert findings(page) == []
    form.locator("[data-submit]").click()
    page.locator("#step-do-you-have-a").wait_for()
    saved(page)
    assert time.monotonic() - began < 60

    bundle = Bundle(files(studio_site, draft))
    written = bundle["flows/wages.yaml"]
    assert "- ask: do-you-have-a\n    text: Do you have a safe place to sleep?\n    choices:\n      yes-i-have: Yes, I have\n" in written
    assert compiled(bundle).program is not None, compiled(bundle).problems
    for language in ("ar", "fr"):
        assert text_of(bundle, "wages.do-you-have-a", language) == TEXT[language]
    keys = page.locator("#script .step[data-key]").evaluate_all("all => all.map(one => one.dataset.key)")
    assert keys[:2] == [first, "do-you-have-a"]
    assert keys[2:5] == ["#2", "you-can-ask-for", "#4"]  # below its question; who answers yes is led round it
    page.locator("#step-do-you-have-a .jump", has_text="سرير").wait_for()
    page.locator("#step-you-can-ask-for .from").wait_for()


def test_a_step_is_moved_renamed_and_taken_away_by_keyboard_alone(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft, "menu")
    before = page.locator("#script .step[data-key]").evaluate_all("all => all.map(one => one.dataset.key)")
    page.locator("#step-again [data-edit]").focus()
    page.keyboard.press("Alt+ArrowUp")
    saved(page)
    order = [*before]
    at = order.index("again")
    order[at - 1 : at + 1] = ["again", order[at - 1]]
    until(page, f"[...document.querySelectorAll('#script .step[data-key]')].findIndex(one => one.dataset.key === 'again') === {at - 1}")
    page.keyboard.press("Enter")
    page.locator("#step-again form").wait_for()
    page.locator("#step-again [data-rename]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("anything-else")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#step-anything-else").wait_for()
    saved(page)
    assert "- ask: anything-else" in files(studio_site, draft)["flows/menu.yaml"]
    assert "menu.anything-else" in files(studio_site, draft)["locales/ar/LC_MESSAGES/flows.po"]
    page.locator("#step-bye [data-edit]").focus()
    page.keyboard.press("Enter")
    page.locator("#step-bye form").wait_for()
    page.locator("#step-bye [data-remove]").focus()
    page.keyboard.press("Enter")
    page.locator("#step-bye").wait_for(state="detached")
    saved(page)
    assert "say: bye" not in files(studio_site, draft)["flows/menu.yaml"]
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    page.locator("#step-bye").wait_for()
    assert "say: bye" in files(studio_site, draft)["flows/menu.yaml"]


def test_a_new_step_that_was_half_written_is_there_again_after_the_tab_was_closed(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft, "menu")
    page.locator("#step-bye [data-add]").click()
    page.locator("[data-word=ask]").click()
    page.locator(".adding form").wait_for()
    page.locator('.adding [data-at=text] [data-language="fr"]').fill("À moitié écrit")
    page.locator(".adding [data-more]").click()
    page.locator(".adding .choice").nth(2).locator('[data-language="fr"]').fill("Troisième")
    context = page.context
    page.close()
    again = studio_site.watched(context.new_page())
    opened(studio_site, again, draft, "menu")
    again.locator(".adding form").wait_for()

    until(again, "document.querySelector('.adding [data-at=text] [data-language=fr]').value === 'À moitié écrit'")
    assert again.locator(".adding .choice").nth(2).locator('[data-language="fr"]').input_value() == "Troisième"
    again.locator(".adding [data-submit]").click()
    again.locator(".adding .refused").wait_for()
    assert findings(again) == []
    again.locator(".adding [data-close]").click()
    again.reload()
    opened(studio_site, again, draft, "menu")
    assert again.locator(".adding").count() == 0


@pytest.mark.parametrize(
    ("word", "fill"),
    [
        ("say", {"[data-at=text] [data-language=en]": "Hello."}),
        ("pages", {".page-list [data-language=en]": "First page."}),
        ("contacts", {"[data-set=need]": "health"}),
        (
            "consent",
            {"[data-at=text] [data-language=en]": "A person can answer you.", "[data-set=to]": "protection", "[data-set=no]": "end"},
        ),
        ("handoff", {"[data-set=to]": "protection"}),
        ("decide", {"[data-row=new]:nth-child(1) [data-list=targets]": "bye", "[data-row=new]:nth-child(2) [data-list=targets]": "end"}),
        ("go", {"[data-set=go]": "privacy"}),
        ("call", {"[data-set=call]": "privacy"}),
        ("set", {"[data-set=set]": "reason", "[data-set=to]": "usual"}),
        ("forget", {"[data-set=forget]": "answers"}),
        ("end", {}),
        ("leave", {}),
    ],
)
def test_each_kind_of_step_can_be_added_by_form(studio_site: Site, word: str, fill: dict[str, str]) -> None:
    page = author(studio_site, "fr")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft, "menu")
    count = page.locator("#script .step[data-key]").count()
    page.locator("#step-bye [data-add]").click()
    page.locator(f"[data-word={word}]").click()
    form = page.locator(".adding form")
    form.wait_for()
    for selector, value in fill.items():
        field = form.locator(selector).first
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    if word == "decide":
        form.locator(".q, button", has_text=studio_site.stage.says("studio.js.if.add")).first.click()
        form.locator(".q").first.select_option("topic")
        form.locator(".v input").first.check()
    form.locator("[data-submit]").click()
    until(page, f"document.querySelectorAll('#script .step[data-key]').length === {count + 1}")
    saved(page)

    bundle = Bundle(files(studio_site, draft))
    form_problems = [
        str(problem)
        for problem in compiled(bundle).problems
        if not problem.warning
        and problem.rule in ("one-word", "yaml", "no-such-key", "name", "one-kind", "condition", "no-text", "decide-else")
    ]
    assert form_problems == []
    assert f"- {word}" in bundle["flows/menu.yaml"]


def test_answers_are_added_put_in_order_and_taken_away(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft, "return")
    page.locator("#step-more [data-edit]").click()
    page.locator("#step-more form").wait_for()
    page.locator("#step-more .choice[data-choice=list] [data-drop]").click()
    page.locator("#step-more .choice[data-choice=bring] [data-up]").click()
    page.locator("#step-more [data-more]").click()
    new = page.locator('#step-more .choice[data-choice=""]')
    new.locator('[data-language="en"]').fill("My papers")
    new.locator('[data-language="fr"]').fill("Mes papiers")
    new.locator("[data-lead]").select_option("go:waiting")
    page.locator("#step-more [data-commit]").click()
    page.locator('#step-more .edit .choice[data-choice="my-papers"]').wait_for()
    saved(page)

    written = files(studio_site, draft)["flows/return.yaml"]
    more = written[written.index("- ask: more") : written.index("- say: how-to-ask")]
    assert "list:" not in more
    assert more.index("bring:") < more.index("wages:")
    assert "      my-papers: My papers\n" in more
    assert "go: {my-papers: waiting}" in more
    assert text_of(Bundle(files(studio_site, draft)), "return.more.my-papers", "fr") == "Mes papiers"


def test_a_flow_is_added_and_taken_away(studio_site: Site) -> None:
    page = author(studio_site, "ar")
    draft = begun(studio_site, page)
    page.locator("#new summary").click()
    page.locator("[name=title-en]").fill("Cold nights")
    page.locator("[name=title-ar]").fill("الليالي الباردة")
    page.locator("#new button").click()
    page.wait_for_url("**/flows/cold-nights")
    page.locator("h1", has_text="الليالي الباردة").wait_for()
    assert page.locator("#script .step").count() == 1
    page.locator("#about .opt > summary").click()
    assert findings(page) == []
    page.locator("#about .b.risk").click()
    page.wait_for_url(f"**/studio/d/{draft}")
    assert "flows/cold-nights.yaml" not in files(studio_site, draft)


def test_a_flow_gets_another_name_by_keyboard_and_keeps_what_a_colleague_writes(studio_site: Site) -> None:
    page = author(studio_site, "fr")
    draft = begun(studio_site, page)
    theirs = author(studio_site, "ar", secret="secret6", width=360)
    opened(studio_site, theirs, draft, "wages")
    opened(studio_site, page, draft, "wages")
    page.locator("#about summary").press("Enter")
    page.locator("#rename [name=name]").fill("fear")
    page.locator("#rename [name=name]").press("Enter")
    page.locator("#rename-wrong").wait_for()
    assert findings(page) == []
    studio_site.shot(page, "rename-flow-fr-1440")
    page.locator("#rename [name=name]").fill("unpaid")
    page.locator("#rename [name=name]").press("Enter")
    page.wait_for_url("**/flows/unpaid?said=renamed")
    studio_site.run(
        studio_site.stage.workshop.edit(
            draft,
            [SetText("wages.keep", "fr", "Gardez-les.", text_of(Bundle(files(studio_site, draft)), "unpaid.keep", "fr"))],
            by="s6",
            action="late",
        )
    )
    theirs.wait_for_url("**/flows/unpaid", timeout=20_000)
    theirs.locator("#about summary").click()
    assert theirs.evaluate("document.documentElement.scrollWidth <= innerWidth")
    theirs.locator("#rename").scroll_into_view_if_needed()
    studio_site.shot(theirs, "rename-flow-ar-360")
    page.locator("#undo").click()
    page.wait_for_url("**/flows/wages")

    assert text_of(Bundle(files(studio_site, draft)), "wages.keep", "fr") == "Gardez-les."
