"""The desk in a real browser: two sizes, three languages, live, by keyboard."""

import pytest
from msgspec import structs

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_queue_and_case_fit_the_screen(site: Site, language: str, width: int, scheme: str) -> None:
    page = site.desk(language, width=width, scheme=scheme)
    for name, address in (("queue", "/desk"), ("case", "/desk/K7-42X"), ("danger", "/desk/M3-18K"), ("erased", "/desk/E9-14G")):
        page.goto(site.url + address)
        site.shot(page, f"desk-{name}-{width}-{language}-{scheme}")

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_attribute("html", "lang") == language


def test_a_new_case_appears_by_itself_and_the_draft_stays(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#answer").fill("un brouillon")
    site.stage.desk.add("K7-42X", "person", "vous etes la ?", "", site.stage.clock.now())
    page.wait_for_timeout(300)
    site.stage.desk.ring("K7-42X")
    page.locator("#thread", has_text="vous etes la ?").wait_for()

    assert page.locator("#answer").input_value() == "un brouillon"
    assert page.evaluate("document.activeElement.id") == "answer"


def test_a_case_can_be_found_taken_answered_and_left_by_keyboard_alone(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.parentNode.dataset.code") == "M3-18K"
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/M3-18K")
    page.keyboard.press("r")
    page.keyboard.type("Bonjour.")
    page.keyboard.press("Control+Enter")
    page.locator(".msg.staff[data-n]", has_text="Bonjour.").wait_for()

    assert [(code, verb, text) for code, verb, text, _ in site.stage.desk.done] == [("M3-18K", "answer", "Bonjour.")]
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.locator("#covered").is_visible()


def test_single_keys_do_nothing_inside_a_field(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#answer").focus()
    page.keyboard.type("jkrcn x")

    assert page.locator("#answer").input_value() == "jkrcn x"
    assert site.stage.desk.done == []


def test_a_lost_line_is_said_and_the_text_stays(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#answer").fill("un brouillon")
    page.context.set_offline(True)
    page.locator("#lost", has_text=site.stage.says("desk.line-lost", time="·").split("·")[0][:20]).wait_for()
    site.shot(page, "desk-lost-fr")

    assert page.locator("#answer").input_value() == "un brouillon"
    page.context.set_offline(False)
    page.locator("#lost").wait_for(state="hidden")


@pytest.mark.parametrize("claimant", ["Arganier", "Cèdre", None])
def test_a_case_erased_while_it_is_open_leaves_nothing_in_the_page(site: Site, claimant: str | None) -> None:
    state = "claimed" if claimant else "waiting"
    site.stage.desk.cases["K7-42X"] = structs.replace(site.stage.desk.cases["K7-42X"], state=state, claimant=claimant)
    page = site.desk("fr", width=360)
    page.goto(f"{site.url}/desk/K7-42X")
    page.wait_for_timeout(300)
    assert "bjr c moi" in page.content()
    site.stage.desk.cases["K7-42X"] = structs.replace(site.stage.desk.cases["K7-42X"], state="erased")
    site.stage.desk.ring("K7-42X")
    page.locator("#write[data-kind=erased]").wait_for()

    assert page.locator("#answer").count() == 0
    assert "bjr c moi" not in page.content()
    assert "Place d’hébergement" not in page.content()


def test_of_an_erased_case_no_draft_stays_though_another_is_open(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/M3-18K")
    page.locator("#answer").fill("la porte bleue")
    page.locator('li[data-code="K7-42X"] a').click()
    page.locator('#talk[data-code="K7-42X"]').wait_for()
    assert "la porte bleue" in page.evaluate("JSON.stringify({...sessionStorage})")
    site.stage.desk.cases["M3-18K"] = structs.replace(site.stage.desk.cases["M3-18K"], state="erased")
    site.stage.desk.ring("M3-18K", "erased")
    page.locator('li[data-code="M3-18K"]').wait_for(state="detached")

    assert "la porte bleue" not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_without_scripts_a_case_can_be_answered(site: Site) -> None:
    page = site.desk("ar", width=360, java_script_enabled=False)
    page.goto(f"{site.url}/desk")
    page.locator('li[data-code="H4-66W"] a').click()
    page.locator("#answer").fill("أهلاً")
    page.locator("#send").click()
    page.locator(".said.good").wait_for()

    assert [(code, verb, text) for code, verb, text, _ in site.stage.desk.done] == [("H4-66W", "answer", "أهلاً")]


def test_signing_in_by_a_link(site: Site) -> None:
    page = site.watched(site.context().new_page())
    page.goto(f"{site.url}/signin?token=once&lang=fr")
    page.locator("main button").click()
    page.wait_for_url("**/desk")

    assert page.locator(".case").count() > 0
