"""The phone page in a real browser: 360 px, two scripts, bad networks, and nothing left behind."""

import pytest

from bot.engine.events import Pressed, Said, WordPressed
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
LANGUAGES = ("ar", "fr")


def widest(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conversation_goes_from_hello_to_a_contact(site: Site, language: str) -> None:
    page = site.phone()
    site.begin(page, language)
    site.shot(page, f"chat-question-{language}")
    page.locator("button[name=a]").nth(2).click()
    page.locator(".card .call").first.wait_for()
    site.shot(page, f"chat-contact-{language}")

    assert page.get_attribute("html", "dir") == {"ar": "rtl", "fr": "ltr"}[language]
    assert widest(page) <= 360
    assert page.locator(".card .call").first.get_attribute("href") == "tel:+213000123456"
    assert page.locator(".me .meta").last.inner_text().strip() == site.stage.says("chat.received", language)
    assert page.locator("button[name=a]:has(.k)").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_can_be_touched(site: Site, language: str) -> None:
    page = site.phone()
    site.begin(page, language)

    for button in page.locator(".q button").all():
        assert button.bounding_box()["height"] >= 52
    for button in page.locator(".head button, .foot .sq").all():
        box = button.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_scripts_all_of_it_works(site: Site, language: str) -> None:
    page = site.phone(java_script_enabled=False)
    site.begin(page, language)
    page.locator("button[name=a]").nth(1).click()
    page.locator("textarea").fill("2")
    page.locator(".send").click()
    page.locator(".head .person").click()
    page.locator(".hu").wait_for()
    site.shot(page, f"chat-no-scripts-{language}")

    events = [item.event for item in site.stage.bot.taken]
    assert isinstance(events[2], Pressed)
    assert isinstance(events[3], Said)
    assert events[3].text == "2"
    assert isinstance(events[4], WordPressed)
    page.locator("summary").click()
    page.locator("#to-erase").click()
    page.locator("button[value=erase]").click()
    assert "/chat/end" in page.url
    page.goto(f"{site.url}/chat")
    assert page.locator("button[name=start]").count() == 3


def test_what_is_written_without_a_network_waits_and_goes_once(site: Site) -> None:
    page = site.phone()
    site.begin(page, "fr")
    page.context.set_offline(True)
    page.locator("textarea").fill("jai peur")
    page.locator(".send").click()
    page.locator('.me[data-is="waits"]').wait_for()
    site.shot(page, "chat-offline-fr")

    assert page.locator('[data-state="offline"]').is_visible()
    assert page.locator(".me .own").last.inner_text() == "jai peur"
    page.context.set_offline(False)
    page.locator('.me[data-is="received"]', has_text="jai peur").wait_for()
    page.locator('[data-state="bot"]').wait_for()
    assert [item.event.text for item in site.stage.bot.taken if isinstance(item.event, Said)][1:] == ["jai peur"]
    assert page.locator(".me .own", has_text="jai peur").count() == 1


def test_a_message_whose_receipt_was_lost_is_sent_again_under_the_same_id(site: Site) -> None:
    page = site.phone()
    site.begin(page, "fr")
    lost = []

    def lose_the_answer(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/chat/say", lose_the_answer)
    page.locator("textarea").fill("une seule fois")
    page.locator(".send").click()
    page.locator('.me[data-is="received"]', has_text="une seule fois").wait_for()

    assert len(lost) == 1
    assert [item.event.text for item in site.stage.bot.taken if isinstance(item.event, Said)][1:] == ["une seule fois"]
    assert page.locator(".me .own", has_text="une seule fois").count() == 1


def test_what_the_server_cannot_keep_now_is_tried_again(site: Site) -> None:
    page = site.phone()
    site.begin(page, "fr")
    site.stage.bot.down = True
    page.locator("textarea").fill("plus tard")
    page.locator(".send").click()
    page.locator('.me[data-is="waits"]').wait_for()
    site.stage.bot.down = False
    page.locator('.me[data-is="received"]', has_text="plus tard").wait_for()

    assert site.stage.bot.taken[-1].event.text == "plus tard"


def test_a_caseworkers_words_arrive_by_themselves(site: Site) -> None:
    page = site.phone()
    site.begin(page, "ar")
    site.run(site.stage.bot.human(site.stage.bot.taken[0].route))
    page.locator(".hu").wait_for()
    site.shot(page, "chat-human-ar")

    assert page.locator('[data-state="human"]').is_visible()
    assert page.locator("button[name=a]").count() == 0
    bar = page.evaluate("getComputedStyle(document.querySelector('.hu')).borderRightWidth")
    assert bar == "4px"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_sees_that_a_caseworker_writes_until_the_words_are_there(site: Site, language: str) -> None:
    page = site.phone()
    site.begin(page, language)
    route = site.stage.bot.taken[0].route
    site.run(site.stage.bot.human(route))
    page.locator(".hu").wait_for()
    for _ in range(3):
        site.run(site.stage.chat.readers.show_writing(route))
        page.locator(".dots.hu").wait_for()
    site.shot(page, f"chat-writes-{language}")

    assert page.locator(".dots").count() == 1
    assert page.locator(".dots").inner_text().strip() == site.stage.says("chat.writes", language)
    site.run(site.stage.bot.human(route))
    page.locator(".dots").wait_for(state="detached")


def test_a_human_being_and_nobody_else_is_told_that_the_person_types_and_never_what(site: Site) -> None:
    page = site.phone()
    told: list[str | None] = []
    page.on("request", lambda request: told.append(request.post_data) if request.url.endswith("/chat/typing") else None)
    site.begin(page, "fr")
    page.locator("textarea").press_sequentially("pour la machine")
    assert told == []

    site.run(site.stage.bot.human(site.stage.bot.taken[0].route))
    page.locator(".hu").wait_for()
    page.locator("textarea").press_sequentially("pour un humain")
    page.wait_for_timeout(200)
    assert told == [None]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ["button", "word"])
def test_erase_leaves_nothing_of_before(site: Site, language: str, way: str) -> None:
    page = site.phone()
    site.begin(page, language)
    if way == "button":
        page.locator("summary").click()
        page.locator("#to-erase").click()
        site.shot(page, f"chat-erase-{language}")
        assert page.evaluate("document.activeElement.id") == "keep"
        page.locator("#erase button.risk").click()
    else:
        page.locator("textarea").fill("erase")
        page.locator(".send").click()
    page.wait_for_url("**/chat/end**")
    site.shot(page, f"chat-end-{language}")

    shown = page.content()
    assert {"ar": "خوف", "fr": "peur"}[language] not in shown
    assert page.locator("form, textarea").count() == 0
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length].join()") == "0,0"
    assert page.evaluate("caches.keys().then(k => k.length)") == 0
    page.go_back()
    page.wait_for_load_state()
    assert {"ar": "خوف", "fr": "peur"}[language] not in page.content()


def test_stop_empties_the_page_before_the_network_answers(site: Site) -> None:
    page = site.phone()
    site.begin(page, "fr")
    page.context.set_offline(True)
    page.locator(".head .leave").click()

    assert "peur" not in page.locator("body").inner_text()
    page.context.set_offline(False)
    page.wait_for_url("**/chat/end**")
    assert isinstance(site.stage.bot.taken[-1].event, WordPressed)


def test_a_digit_can_be_typed(site: Site) -> None:
    page = site.phone()
    site.begin(page, "fr")
    page.locator("textarea").fill("2")
    page.locator(".send").click()
    page.locator(".me").nth(1).wait_for()

    assert page.locator(".me .own").last.inner_text() == "2"
    assert site.stage.bot.taken[-1].event.text == "2"


def test_after_a_language_change_the_page_turns_round(site: Site) -> None:
    page = site.phone()
    site.begin(page, "fr")
    site.stage.bot.language[site.stage.bot.taken[0].route] = "ar"
    page.locator("summary").click()
    page.locator("button[name=speak][value=ar]").click()
    page.locator("html[dir=rtl]").wait_for()

    assert page.locator(".head .leave").inner_text().strip() == "توقف"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_long_answer_is_read_from_its_beginning(site: Site, scripts: bool) -> None:
    page = site.phone(java_script_enabled=scripts)
    site.begin(page, "ar")
    page.locator("button[name=a]").nth(2).click()
    page.locator(".card").wait_for()
    first = page.locator(".m:not(.me)").nth(1 if page.locator(".m:not(.me)").count() > 2 else 0)
    box = first.bounding_box()

    assert 70 < box["y"] < 360
    assert page.locator(".head .leave").is_visible()


def test_the_first_load_weighs_little_and_asks_nobody_else(site: Site) -> None:
    page = site.phone()
    weights: dict[str, int] = {}
    page.on("response", lambda answer: weights.__setitem__(answer.url, len(answer.body())))
    page.goto(f"{site.url}/chat?lang=ar")
    page.wait_for_load_state("networkidle")

    assert sum(weights.values()) < 60_000
    assert len(weights) <= 4


def test_the_keyboard_reaches_everything(site: Site) -> None:
    page = site.watched(site.context().new_page())
    site.begin(page, "fr")
    page.goto(f"{site.url}/chat")
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.name || document.activeElement.className || document.activeElement.tagName"))

    order = ["word", "word", "log", "a", "a", "a", "sq", "text"]
    named = [one for one in seen if one in (*order, "sq send")]
    # Where the round begins is the browser's choice (some begin at what was scrolled to); the order of the round is the page's.
    assert any(named[n : n + len(order)] == order for n in range(len(named))), named
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
