"""A file as its text in a browser: offered, marked, explained, saved and merged; nothing typed is lost, nothing uploaded is written."""

import os
import time
from typing import Any

import pytest
from playwright.sync_api import Page

from bot.studio.editing.edits import WriteFile
from tests.browser.conftest import Site, until
from tests.browser.studio import author, begun, files, saved
from tests.browser.test_accessible import findings
from tests.studio.large import large

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
RETURN = "flows/return.yaml"
SLOW = float(os.environ.get("AMANA_SLOW", "8"))
"""How much slower than the promise a shared machine may be; 1 on a quiet one."""


def opened(site: Site, page: Page, draft: str, file: str = RETURN) -> None:
    page.goto(f"{site.url}/studio/d/{draft}/files/{file}")
    until(page, "!!window.studioText", seconds=20)
    until(page, "!document.querySelector('#problems').hidden", seconds=30)


def text(page: Page) -> str:
    return str(page.evaluate("studioText.view.state.doc.toString()"))


def write(page: Page, old: str, new: str) -> None:
    """Put the cursor behind a piece of the text, and type in its place."""
    page.evaluate(
        "([old]) => { const at = studioText.view.state.doc.toString().indexOf(old);"
        " studioText.view.dispatch({ selection: { anchor: at, head: at + old.length }, scrollIntoView: true }); studioText.view.focus(); }",
        [old],
    )
    page.keyboard.insert_text(new)


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    saved(page)


def edited(site: Site, draft: str, old: str, new: str, *, by: str = "s6", file: str = RETURN) -> None:
    """Another author changes the file meanwhile."""
    base = files(site, draft)[file]
    assert old in base
    site.run(site.stage.workshop.edit(draft, [WriteFile(file, base.replace(old, new), base)], by=by, action=f"other {old}"))


def with_long_flow(site: Site, draft: str) -> None:
    there = files(site, draft)
    new = [WriteFile(path, body, there.get(path)) for path, body in large().items() if path.endswith(".yaml") and there.get(path) != body]
    assert site.run(site.stage.workshop.edit(draft, new, by="s5", action="long")).clashes == ()


def test_what_may_stand_at_a_place_is_offered_and_saved_as_it_was_typed(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    before = files(studio_site, draft)[RETURN]
    write(page, "    help: Yes if you are 17 or less. No if you are 18 or more.\n", "    ")
    page.keyboard.type("otherw", delay=20)
    offered = page.locator(".cm-tooltip-autocomplete li").first
    offered.wait_for()
    assert offered.inner_text().startswith("otherwise")
    page.locator(".cm-completionInfo").wait_for()
    assert page.locator(".cm-completionInfo").inner_text() == studio_site.stage.says("studio.key.ask.otherwise", "fr")
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    page.keyboard.type("waiti", delay=20)
    page.locator(".cm-tooltip-autocomplete li", has_text="waiting").first.wait_for()
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    page.keyboard.insert_text("\n")
    save(page)

    after = files(studio_site, draft)[RETURN]
    assert after == before.replace("    help: Yes if you are 17 or less. No if you are 18 or more.\n", "    otherwise: waiting\n")
    until(page, "document.querySelector('#dirty').textContent === ''")


def test_a_problem_is_marked_at_its_place_in_the_readers_language_and_led_to(studio_site: Site) -> None:
    page = author(studio_site, "ar")
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    write(page, "go: waiting\n\n  - say: third", "go: wating\n\n  - say: third")
    page.locator("#found li").wait_for()

    assert studio_site.stage.says("explain.no-such-place", "ar") in page.locator("#found").inner_text()
    assert "waiting" in page.locator("#found").inner_text()
    assert page.locator(".cm-lintRange-error").inner_text() == "go: wating"
    page.evaluate("studioText.view.dispatch({ selection: { anchor: 0 } })")
    page.locator("#found button").click()
    assert page.evaluate("studioText.view.state.sliceDoc(studioText.view.state.selection.main.head).startsWith('go: wating')")
    studio_site.shot(page, "studio-yaml-problem-ar")
    page.keyboard.press("Control+z")
    until(page, "!document.querySelector('#none').hidden")


def test_a_key_says_what_it_does_under_the_pointer(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    page.locator(".cm-line", has_text="sensitive: yes").locator("span").first.hover()
    page.locator(".cm-help").wait_for()
    assert studio_site.stage.says("studio.key.flow.sensitive", "fr") in page.locator(".cm-help").inner_text()


def test_unsaved_text_outlives_a_closed_tab_and_merges_with_what_was_saved_meanwhile(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    write(page, "You ask, you sign, you can refuse.", "You ask. You sign. You can refuse.")
    page.wait_for_timeout(400)
    context = page.context
    page.close()
    edited(studio_site, draft, "Never pay, not even a little.", "Never pay, not a little.")

    again = studio_site.watched(context.new_page())
    opened(studio_site, again, draft)
    assert "You ask. You sign." in text(again)
    assert again.locator("#restored").is_visible()
    again.locator(".cm-content").click()
    save(again)
    until(again, "studioText.view.state.doc.toString().includes('not a little')")
    now = files(studio_site, draft)[RETURN]
    assert "You ask. You sign." in now
    assert "Never pay, not a little." in now


def test_two_who_write_one_line_see_both_and_choose(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    edited(studio_site, draft, "Never pay, not even a little.", "Theirs stands here.")
    write(page, "Never pay, not even a little.", "Mine stands here.")
    page.keyboard.press("Control+s")
    page.locator("#hunks .hunk").wait_for()

    assert "Theirs stands here." in page.locator("#hunks .theirs").inner_text()
    assert "Mine stands here." in page.locator("#hunks .mine").inner_text()
    assert not page.locator("#clash").is_visible()
    assert findings(page) == []
    studio_site.shot(page, "studio-yaml-both-fr")
    page.locator("#hunks button").click()
    assert "Theirs stands here." in text(page)
    page.keyboard.press("Control+z")
    page.locator("#save").click()
    saved(page)
    assert "Mine stands here." in text(page) or "Theirs stands here." in files(studio_site, draft)[RETURN]


def test_an_upload_is_shown_with_its_lines_and_written_nowhere_until_it_is_saved(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    before = files(studio_site, draft)[RETURN]
    for body, line in ((b"flow: return\ntitle: T\nsteps:\n  - say: \xff\n", 4), (b"flow: return\nsteps: " + b"[" * 50_000, 2)):
        page.set_input_files("#upload", {"name": "x.yaml", "mimeType": "text/yaml", "buffer": body})
        until(page, f"!!document.querySelector('#found') && document.querySelector('#found').textContent.includes('{line}')", seconds=20)
        assert page.locator("#restored").is_visible()
        assert files(studio_site, draft)[RETURN] == before
    assert "UTF-8" not in page.locator("#restored").inner_text()
    page.set_input_files("#upload", {"name": "x.yaml", "mimeType": "text/yaml", "buffer": b"x" * 300_000})
    until(page, "document.querySelector('#restored').textContent.includes('256')")
    good = before.replace("Never pay, not even a little.", "Never pay anything.")
    page.set_input_files("#upload", {"name": "x.yaml", "mimeType": "text/yaml", "buffer": good.encode()})
    until(page, "studioText.view.state.doc.toString().includes('pay anything')")
    page.locator("#save").click()
    saved(page)
    assert files(studio_site, draft)[RETURN] == good


def test_escape_then_tab_leaves_the_text_and_tab_alone_does_not(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    page.locator(".cm-content").click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "editor"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "editor"
    assert "return.yaml" in str(page.locator(".cm-content").get_attribute("aria-label"))


def test_arabic_inside_yaml_reads_from_right_to_left_between_its_signs(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    write(page, "title: Going home with help", 'title: "مرحبا {bot.name}، كيف الحال؟"')
    where = """([piece]) => { const root = document.querySelector('#editor').shadowRoot, walk = document.createTreeWalker(root.querySelector('.cm-content'), 4);
      for (let node; (node = walk.nextNode());) { const at = node.data.indexOf(piece); if (at < 0) continue; const range = document.createRange();
        range.setStart(node, at); range.setEnd(node, at + piece.length); const box = range.getBoundingClientRect(); return (box.left + box.right) / 2; } }"""
    until(page, "!!document.querySelector('#editor').shadowRoot.querySelector('.cm-rtl')")
    first, hole, last, key = (page.evaluate(where, [piece]) for piece in ("مرحبا", "bot.name", "الحال", "title"))
    assert key < last < hole < first


def test_without_scripts_a_file_is_a_field_that_is_checked_and_saved(studio_site: Site) -> None:
    draft = begun(studio_site, author(studio_site))
    page = author(studio_site, java_script_enabled=False)
    page.goto(f"{studio_site.url}/studio/d/{draft}/files/{RETURN}")
    field = page.locator("#text")
    before = files(studio_site, draft)[RETURN]
    field.fill(before.replace("go: waiting", "go: wating", 1))
    page.locator("#check").click()
    assert page.locator("#found li").count() == 1
    assert files(studio_site, draft)[RETURN] == before
    page.locator("#text").fill(before.replace("Never pay, not even a little.", "Never pay anything."))
    page.locator("#save").click()
    page.wait_for_url("**saved=1")
    assert files(studio_site, draft)[RETURN] == before.replace("Never pay, not even a little.", "Never pay anything.")


def test_a_key_stroke_in_a_flow_of_300_steps_is_checked_at_once(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    with_long_flow(studio_site, draft)
    opened(studio_site, page, draft, "flows/large.yaml")
    page.evaluate(
        "studioText.view.dispatch({ selection: { anchor: studioText.view.state.doc.toString().indexOf('part 1201') + 9 }, scrollIntoView: true })"
    )
    page.evaluate("studioText.view.focus()")
    took: list[float] = []
    page.on("requestfinished", lambda request: took.append(request.timing["responseEnd"]) if request.url.endswith("/look") else None)
    for _ in range(6):
        page.keyboard.insert_text("x")
        began = len(took)
        ends = time.monotonic() + 20
        while len(took) == began and time.monotonic() < ends:
            page.wait_for_timeout(10)
    took.sort()
    print(f"a key stroke of 300 steps is checked in {took[len(took) // 2]:.0f} ms")
    assert took[len(took) // 2] < 150 * SLOW


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("ar", "light", 1440), ("ar", "dark", 360), ("fr", "dark", 1440), ("fr", "light", 360)]
)
def test_the_pages_of_files_have_no_serious_finding(studio_site: Site, language: str, scheme: Any, width: int) -> None:
    page = author(studio_site, language, width=width, scheme=scheme)
    draft = begun(studio_site, page)
    page.goto(f"{studio_site.url}/studio/d/{draft}/files")
    assert findings(page) == []
    for file in ("flows/menu.yaml", "flows/tests/danger-no.chat", "locales/ar/LC_MESSAGES/flows.po"):
        opened(studio_site, page, draft, file)
        assert findings(page) == [], file
    opened(studio_site, page, draft)
    write(page, "go: waiting\n\n  - say: third", "go: wating\n\n  - say: third")
    page.locator("#found li").wait_for()
    assert findings(page) == []
    page.keyboard.press("Control+f")
    page.locator(".cm-search").wait_for()
    assert findings(page) == []
    page.keyboard.press("Escape")
    studio_site.shot(page, f"studio-yaml-{language}-{scheme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_was_saved_while_the_line_was_down_arrives_and_is_no_clash_with_oneself(studio_site: Site) -> None:
    page = author(studio_site)
    draft = begun(studio_site, page)
    opened(studio_site, page, draft)
    page.route("**/edit", lambda route: route.abort())
    write(page, "Never pay, not even a little.", "Never pay once.")
    page.keyboard.press("Control+s")
    page.wait_for_timeout(500)
    page.unroute("**/edit")
    opened(studio_site, page, draft)
    saved(page)
    until(page, "document.querySelector('#dirty').textContent === ''")
    assert "Never pay once." in files(studio_site, draft)[RETURN]
    write(page, "Never pay once.", "Never pay twice.")
    save(page)
    until(page, "document.querySelector('#dirty').textContent === ''")
    assert not page.locator("#both").is_visible()
    assert "Never pay twice." in files(studio_site, draft)[RETURN]
