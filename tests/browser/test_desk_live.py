"""The desk in a real browser while things happen: a lost line, drafts, long threads, many rows, the keyboard alone."""

import time

import pytest
from msgspec import structs

from bot.ports import CaseIndex
from bot.web.pages import STATIC
from tests.browser.conftest import Site, until

pytestmark = pytest.mark.browser


def says(site: Site, code: str, text: str) -> None:
    """The person writes, on the loop of the service."""

    async def write() -> None:
        site.stage.desk.says(code, text)

    site.run(write())


@pytest.mark.parametrize(("language", "seconds"), [("ar", 31), ("fr", 0), ("en", 0)])
def test_after_a_lost_line_nothing_is_missing(site: Site, language: str, seconds: int) -> None:
    page = site.desk(language, width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.wait_for_timeout(200)
    page.context.set_offline(True)
    page.locator("#lost:visible").wait_for()
    site.shot(page, f"desk-lost-1440-{language}")
    for n in range(25):
        says(site, "K7-42X", f"mot {n}")
        page.wait_for_timeout(seconds * 1000 / 25)
    says(site, "H4-66W", "encore moi")
    page.locator("#answer").fill("je reviens")
    page.locator("#send").click()
    page.locator("#pending .msg", has_text="je reviens").wait_for()
    assert site.stage.desk.done == []
    page.context.set_offline(False)
    page.locator(".msg.staff[data-n]", has_text="je reviens").wait_for()
    page.locator("#lost").wait_for(state="hidden")

    shown = page.locator(".msg.person .words").all_text_contents()
    assert [text for text in shown if text.startswith("mot ")] == [f"mot {n}" for n in range(25)]
    assert [verb for _, verb, *_ in site.stage.desk.done] == ["answer"]
    page.locator('li[data-code="H4-66W"] .new').wait_for()
    assert page.locator("#pending .msg").count() == 0


def test_an_answer_whose_receipt_was_lost_is_sent_again_and_counts_once(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    lost = []

    def lose_the_receipt(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    page.route("**/answer", lose_the_receipt)
    page.locator("#answer").fill("une seule fois")
    page.locator("#send").click()
    until(page, "!sessionStorage.getItem('outbox')")
    page.locator("#pending .msg").wait_for(state="detached")

    assert len(lost) == 1
    assert page.locator(".msg.staff .words", has_text="une seule fois").count() == 1
    assert len(site.stage.desk.done) == 1


def test_a_draft_outlives_a_reload_and_a_waiting_answer_too(site: Site) -> None:
    page = site.desk("fr", width=360)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#answer").fill("un brouillon")
    page.reload()
    assert page.locator("#answer").input_value() == "un brouillon"
    page.goto(f"{site.url}/desk/M3-18K")
    assert page.locator("#answer").input_value() == ""
    page.locator("#answer").fill("pour M3")
    page.goto(f"{site.url}/desk/K7-42X")
    assert page.locator("#answer").input_value() == "un brouillon"
    site.stage.desk.down = True
    page.locator("#send").click()
    page.locator("#pending .msg", has_text="un brouillon").wait_for()
    page.reload()
    page.locator("#pending .msg", has_text="un brouillon").wait_for()
    site.stage.desk.down = False
    page.locator(".msg.staff[data-n]", has_text="un brouillon").wait_for()

    assert [(code, text) for code, _, text, _ in site.stage.desk.done] == [("K7-42X", "un brouillon")]
    assert page.evaluate("Object.keys(sessionStorage).sort().join()") == "draft:M3-18K,me"
    page.goto(f"{site.url}/desk")
    page.locator("[popovertarget=me]").click()
    page.locator("form[action='/signout'] button").click()
    page.wait_for_url("**/signin**")
    assert page.evaluate("sessionStorage.length") == 0


def test_ten_thousand_messages_open_at_once_and_scroll(site: Site) -> None:
    desk, now = site.stage.desk, site.stage.clock.now()
    desk.entries["K7-42X"] = []
    for n in range(10_000):
        desk.add(
            "K7-42X",
            "staff" if n % 3 == 0 else "person",
            f"message {n + 1} " + "mot " * (n % 40),
            "Arganier" if n % 3 == 0 else "",
            now - 100_000 + n * 10,
        )
    page = site.desk("fr", width=1440)
    began = time.monotonic()
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator('[data-n="10000"]').wait_for()
    assert time.monotonic() - began < 5
    assert page.evaluate("(t => t.scrollHeight - t.clientHeight - t.scrollTop)(document.querySelector('#thread'))") < 5
    assert page.locator("#thread .msg").count() <= 210

    # Up through two thousand: each step waits for a frame, as a finger does.
    page.evaluate(
        """() => { window.slow = []; let last = performance.now(); const tick = now => { window.slow.push(now - last); last = now; window.going && requestAnimationFrame(tick); };
        window.going = true; requestAnimationFrame(tick); }"""
    )
    box = page.locator("#thread").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    first = 10_000
    for _ in range(400):
        page.mouse.wheel(0, -1500)
        page.wait_for_timeout(16)
        first = (
            int(page.locator(".chunk [data-n]").first.get_attribute("data-n") or first)
            if page.locator(".chunk [data-n]").count()
            else first
        )
        if first <= 8_000:
            break
    slow = sorted(page.evaluate("window.going = false, window.slow"))
    assert first <= 8_000
    assert slow[int(len(slow) * 0.95)] < 60, slow[-20:]
    assert page.locator("#thread .msg").count() < 1200

    # What is read stays where it is when older ones are put above it.
    page.wait_for_timeout(400)
    before = page.evaluate(
        "(e => [e.dataset.n, e.getBoundingClientRect().top])([...document.querySelectorAll('.chunk [data-n]')].find(e => e.getBoundingClientRect().top > 200))"
    )
    page.wait_for_timeout(600)
    after = page.evaluate('n => document.querySelector(`[data-n="${n}"]`).getBoundingClientRect().top', before[0])
    assert abs(after - before[1]) < 4
    says(site, "K7-42X", "je suis là")
    page.locator("#below:visible").click()
    page.locator('[data-n="10001"]').wait_for()
    assert page.locator('[data-n="10001"]').is_visible()


def test_a_queue_of_fifty_rows_weighs_little_and_shows_more(site: Site) -> None:
    now = site.stage.clock.now()
    for n in range(300):
        code = f"A{n // 100}-{n % 100:02d}Y"
        site.stage.desk.cases[code] = CaseIndex(
            code,
            ("safe", "desk")[n % 2],
            ("normal", "high", "now")[n % 17 == 0 and 2],
            "waiting",
            now - n * 60,
            "ar",
            unread=n % 4,
            asked=now - n * 60,
            step=n % 3,
        )
        site.stage.desk.entries[code] = []
    page = site.desk("ar", width=360)
    weights: dict[str, int] = {}
    page.on(
        "response",
        lambda answer: weights.__setitem__(answer.url.removeprefix(site.url), len(answer.body())) if "events" not in answer.url else None,
    )
    page.goto(f"{site.url}/desk")
    page.wait_for_load_state("load")
    scripts = sum(path.stat().st_size for path in STATIC.glob("desk*.js"))

    assert page.locator(".case").count() == 50
    assert weights["/desk"] < 60_000
    assert scripts < 40_000
    page.locator("#further").click()
    until(page, "document.querySelectorAll('.case').length === 150")
    says(site, "A0-00Y", "je suis là")
    page.locator('li[data-code="A0-00Y"] .new').wait_for()
    parts = [size for url, size in weights.items() if url.startswith("/desk/rows") and "only=" in url]
    assert parts
    assert max(parts) < 20_000


def test_a_row_comes_to_its_new_rank_and_the_title_counts(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk")
    page.wait_for_timeout(200)
    before = page.title()
    case = site.stage.desk.cases["H4-66W"]
    site.stage.desk.cases["H4-66W"] = structs.replace(case, urgency="now")
    says(site, "H4-66W", "aidez moi")
    page.locator('[data-group=danger] li[data-code="H4-66W"]').wait_for()

    assert page.title() != before
    assert page.title().startswith("(3) ")
    assert "aidez" not in page.content()
    until(page, "document.querySelector('#shout').textContent.includes('H4-66W')")


def test_someone_else_who_writes_here_is_named(site: Site) -> None:
    page, other = site.desk("fr", width=1440), site.colleague("fr")
    for one in (page, other):
        one.goto(f"{site.url}/desk/B8-31T")
        one.wait_for_timeout(200)
    other.locator("#answer").press_sequentially("Bon")
    page.locator("#also", has_text="Cèdre").wait_for()

    assert other.locator("#also:visible").count() == 0


def test_everything_can_be_done_by_keyboard(site: Site) -> None:
    page = site.desk("en", width=1440)
    page.goto(f"{site.url}/desk")
    page.keyboard.press("g")
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.parentNode.dataset.code") == "M3-18K"
    page.keyboard.press("Enter")
    page.locator('#write[data-code="M3-18K"]').wait_for()
    page.keyboard.press("c")
    page.locator("#head [popovertarget=close]").wait_for()
    page.keyboard.press("n")
    page.keyboard.type("by hand")
    page.keyboard.press("Control+Enter")
    page.locator(".note[data-n]", has_text="by hand").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    assert page.locator("#fold[open]").count() == 1
    page.keyboard.press("t")
    page.locator("#transfer:popover-open").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("#help:popover-open").wait_for()
    page.keyboard.press("Escape")
    places = []
    for _ in range(4):
        page.keyboard.press("F6")
        places.append(page.evaluate("document.activeElement.closest('#queue, #thread, #write, #side')?.id"))
    assert set(places) == {"queue", "thread", "write", "side"}
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("x")
    page.keyboard.press("Space")
    page.locator("#close:popover-open").wait_for()
    page.keyboard.press("Enter")
    page.locator("#write[data-kind=closed]").wait_for()

    assert [verb for _, verb, *_ in site.stage.desk.done] == ["claim", "note", "close"]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("#covered:visible").wait_for()
    site.shot(page, "desk-covered")
    assert page.locator("#queue").is_hidden() or page.evaluate("document.querySelector('main').inert")
    page.keyboard.press("a")
    page.locator("#covered").wait_for(state="hidden")


def test_single_keys_can_be_turned_off(site: Site) -> None:
    page = site.desk("fr", width=1440)
    site.run(site.stage.me(keys=False))
    page.goto(f"{site.url}/desk/B8-31T")
    for key in ("c", "n", "x", "1"):
        page.keyboard.press(key)
    page.keyboard.press("F6")

    assert site.stage.desk.done == []
    assert page.locator(":popover-open").count() == 0
    assert page.evaluate("document.activeElement.tagName") != "BODY"


def test_on_a_phone_one_view_shows_at_a_time_and_back_leads_back(site: Site) -> None:
    page = site.desk("ar", width=360)
    page.goto(f"{site.url}/desk")
    page.locator('li[data-code="K7-42X"] a').click()
    page.locator("#answer").wait_for()
    assert not page.locator("#queue").is_visible()
    assert not page.locator(".foot").is_visible()
    page.locator("#head [data-place=case]").click()
    assert page.locator("#side").is_visible()
    page.locator(".foot [data-place=thread]").click()
    assert page.locator("#answer").is_visible()
    page.locator("#head [data-place=queue]").click()
    assert page.locator("#queue").is_visible()
    page.locator(".foot [data-place=thread]").click()
    page.go_back()
    page.locator("#queue").wait_for()

    assert page.url.endswith("/desk")


@pytest.mark.parametrize("width", [360, 1440])
def test_without_scripts_card_and_sheets_are_reached(site: Site, width: int) -> None:
    page = site.desk("fr", width=width, java_script_enabled=False)
    page.goto(f"{site.url}/desk/K7-42X")
    if width == 360:
        page.locator("#head [data-place=case]").click()
        page.locator("#side").wait_for()
        page.locator("#side [popovertarget=close]").click()
    else:
        page.locator("#head [popovertarget=close]").click()
    page.locator("#close [value=answered]").check()
    page.locator("#close .wide").click()

    assert site.stage.desk.done[0][1] == "close"
    assert page.locator("#write.locked").count() == 1


def test_words_of_one_account_are_not_sent_by_another_in_the_same_tab(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#answer").fill("mes mots")
    page.reload()
    until(page, "document.querySelector('#answer').value === 'mes mots'")
    fields = "{action: 'a1', text: 'mes mots', token: ''}"
    page.evaluate(
        f"sessionStorage.setItem('outbox', JSON.stringify([{{code: 'K7-42X', verb: 'answer', text: 'mes mots', fields: {fields}}}]))"
    )
    site.run(site.stage.me("s2", language="fr"))
    page.context.add_cookies([{"name": "desk", "value": "secret2", "url": site.url}])
    page.goto(f"{site.url}/desk/K7-42X")
    page.wait_for_timeout(500)

    assert page.locator("#answer").input_value() == ""
    assert "mes mots" not in page.evaluate("JSON.stringify(sessionStorage)")
    assert site.stage.desk.done == []
