"""A day at the desk in a real browser: taking, answering, noting, passing on, handing back, closing; two desks at once; hostile words."""

import re

import pytest
from msgspec import structs
from playwright.sync_api import Page

from bot.ports import CaseIndex
from tests.browser.conftest import Site, until

pytestmark = pytest.mark.browser
LANGUAGES = ("ar", "fr", "en")


def answer(page: Page, text: str) -> None:
    page.locator("#answer").fill(text)
    page.locator("#send").click()
    page.locator(".msg.staff[data-n]", has_text=text).wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_caseworkers_race_for_a_case_and_one_has_it(site: Site, language: str) -> None:
    first, second = site.desk(language, width=1440), site.colleague(language)
    for page in (first, second):
        page.goto(f"{site.url}/desk/B8-31T")
        page.locator("#claim").wait_for()
    second.route(
        "**/claim",
        lambda route: (
            first.locator("#claim").click(),
            first.locator("#write[data-kind=open] >> text=B8-31T").first.wait_for(),
            route.continue_(),
        ),
    )
    second.locator("#claim").click()
    second.locator("#write[data-kind=taken]").wait_for()

    assert site.stage.desk.cases["B8-31T"].claimant == "Arganier"
    assert [verb for _, verb, *_ in site.stage.desk.done] == ["claim"]
    assert site.stage.says("desk.lock.taken", language, name="Arganier") in second.locator("#write").inner_text()
    assert second.locator("#claim").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_is_taken_answered_noted_passed_on_and_closed(site: Site, language: str) -> None:
    page = site.desk(language, width=1440)
    page.goto(f"{site.url}/desk")
    page.locator('li[data-code="B8-31T"] a').click()
    page.locator("#claim").click()
    page.locator("#head [popovertarget=close]").wait_for()
    answer(page, "Je vous lis.")
    page.locator("#as-note").click()
    assert page.locator("#write.noting").count() == 1
    page.locator("#answer").fill("à suivre")
    page.locator("#send").click()
    page.locator(".note[data-n]", has_text="à suivre").wait_for()
    page.locator("#head [popovertarget=close]").click()
    page.locator("#close [value=referred]").check()
    page.locator("#close [name=follow]").check()
    page.locator("#close .wide").click()
    page.locator("#write[data-kind=closed]").wait_for()

    done = site.stage.desk.done
    assert [one[1] for one in done] == ["claim", "answer", "note", "close"]
    assert {one[0] for one in done} == {"B8-31T"}
    assert done[3][3:5] == ("referred", "True") or done[3][2:4] == ("referred", "True")


def test_a_case_goes_to_a_colleague_with_a_note(site: Site) -> None:
    page = site.desk("fr", width=360)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#head [data-place=case]").click()
    page.locator("#side [popovertarget=transfer]").click()
    page.locator("#transfer [value='c:Cèdre']").check()
    page.locator("#transfer textarea").fill("elle écrit entre 14 h et 17 h")
    site.shot(page, "desk-transfer-360-fr")
    page.locator("#transfer .wide").click()
    page.locator("#transfer").wait_for(state="hidden")

    assert site.stage.desk.cases["K7-42X"].claimant == "Cèdre"
    assert site.stage.desk.done[0][1] == "transfer"
    assert "elle écrit entre 14 h et 17 h" in site.stage.desk.done[0]


def test_another_team_needs_a_note_and_what_was_shared_goes_only_if_agreed(site: Site) -> None:
    page = site.desk("ar", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("#head [popovertarget=transfer]").click()
    page.locator("#transfer [value='t:desk']").check()
    page.locator("#transfer .wide").click()
    page.locator("#transfer .said.bad", has_text=site.stage.says("desk.said.note", "ar")).wait_for()
    assert site.stage.desk.done == []
    page.locator("#transfer textarea").fill("السؤال عن العودة")
    page.locator("#transfer .wide").click()
    page.locator("#transfer").wait_for(state="hidden")

    assert site.stage.desk.cases["K7-42X"].team == "desk"
    assert "False" in site.stage.desk.done[0]


def test_a_case_is_handed_back_to_a_flow(site: Site) -> None:
    page = site.desk("en", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.keyboard.press("b")
    page.locator("#hand-back select").select_option("wages")
    page.locator("#hand-back .wide").click()
    page.locator("#write[data-kind=closed]").wait_for()

    assert site.stage.desk.done[0][:2] == ("K7-42X", "back")
    assert "wages" in site.stage.desk.done[0]


def test_a_ready_reply_goes_in_the_persons_language(site: Site) -> None:
    page = site.desk("ar", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.keyboard.press("r")
    page.keyboard.press("2")
    assert page.locator("#answer").input_value() == "Cette aide est gratuite."
    page.locator("#send").click()
    page.locator("#pending .msg").wait_for(state="detached")
    assert "free" in site.stage.desk.done[0]
    page.locator("#answer").focus()
    page.keyboard.press("/")
    page.keyboard.type("papiers")
    assert page.locator("#replies li:visible").count() == 1
    page.locator("#replies li:visible button").click()
    page.locator("#answer").press("End")
    page.keyboard.type(" Gratuit.")
    page.locator("#send").click()
    page.locator(".msg.staff[data-n]", has_text="Gratuit.").wait_for()

    assert "Vous pouvez demander de l’aide sans vos papiers. Gratuit." in site.stage.desk.done[1]


def test_outside_the_safe_hours_an_answer_waits_and_can_be_withdrawn(site: Site) -> None:
    site.stage.desk.safe_hours["T5-09C"] = ("evening",)
    site.stage.desk.cases["T5-09C"] = structs.replace(site.stage.desk.cases["T5-09C"], claimant="Arganier")
    page = site.desk("fr", width=360)
    page.goto(f"{site.url}/desk/T5-09C")
    assert "18:00" in page.locator("#send").inner_text()
    page.locator("#answer").fill("À ce soir.")
    site.shot(page, "desk-later-360-fr")
    page.locator("#send").click()
    page.locator(".msg.later", has_text="À ce soir.").wait_for()
    assert site.stage.desk.done == []
    page.locator(".msg.later button").click()
    page.locator(".msg.later").wait_for(state="detached")

    assert site.stage.desk.later["T5-09C"] == []


def test_two_hundred_cases_and_two_desks_each_answer_in_its_own_thread(site: Site) -> None:
    desk, now = site.stage.desk, site.stage.clock.now()
    codes = [f"{letter}{n // 25}-{10 + n % 25}Z" for letter in "AB" for n in range(100)]
    for place, code in enumerate(codes):
        name = ("Arganier", "Cèdre")[place % 2]
        desk.cases[code] = CaseIndex(code, "safe", "normal", "claimed", now - place, "fr", claimant=name, asked=now)
        desk.entries[code] = []
        desk.add(code, "person", f"je suis {code}", "", now)
    pages = (site.desk("fr", width=1440), site.colleague("fr"))
    for page in pages:
        page.goto(f"{site.url}/desk?show=mine&rows=500")
    for place in range(0, 200, 20):
        for offset, page in enumerate(pages):
            code = codes[place + offset]
            page.locator(f'li[data-code="{code}"] a').click()
            page.locator(f'#write[data-code="{code}"]').wait_for()
            desk_says(site, codes[(place + 5) % 200])
            page.locator("#answer").fill(f"pour {code}")
            page.keyboard.press("Control+Enter")
    for page in pages:
        page.locator(".pending").wait_for(state="detached")
        until(page, "!sessionStorage.getItem('outbox')")

    answers = [(code, text) for code, verb, text, _ in desk.done if verb == "answer"]
    assert len(answers) == 20
    assert [one for one in answers if one[1] != f"pour {one[0]}"] == []


def desk_says(site: Site, code: str) -> None:
    async def says() -> None:
        site.stage.desk.says(code, "encore")

    site.run(says())


def test_hostile_words_are_words(site: Site) -> None:
    desk, now = site.stage.desk, site.stage.clock.now()
    hostile = [
        "</p></div><p class=event>Arganier a clos le dossier</p><script>document.title='x'</script>",
        "\u202eright to left\u202c and \u2066isolates\u2069 \u200f\u200e",
        "<img src=x onerror=\"document.title='x'\">",
        "\n\n— Note d’équipe · Thuya · 11:06 —\nFermer ce dossier",
        "a" * 3000,
        "\u0000\u0007\u001b[31m",
        "[object Object] {{ 7*7 }} ${7*7}",
    ]
    for text in hostile:
        desk.add("K7-42X", "person", text, "", now)
    for width in (360, 1440):
        page = site.desk("ar", width=width)
        page.goto(f"{site.url}/desk/K7-42X")
        site.shot(page, f"desk-hostile-{width}-ar")
        shown = page.locator(".msg.person .words").all_text_contents()

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#thread img, #thread script").count() == 0
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u0000-\u0008\u001b]", "".join(shown))
        assert any("</p></div><p class=event>" in text for text in shown)
        assert page.locator(".event", has_text="a clos le dossier").count() == 0
        assert page.locator(".msg.person .words").evaluate_all("all => all.every(e => getComputedStyle(e).unicodeBidi === 'plaintext')")
        page.context.close()
        site.contexts.remove(page.context)


def test_what_was_sent_along_is_asked_for_only_when_it_is_opened(site: Site) -> None:
    page = site.desk("fr", width=1440)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/media/" in request.url else None)
    page.goto(f"{site.url}/desk/M3-18K")
    page.locator("a[data-media=voice]").wait_for()
    assert asked == []
    assert page.locator("audio, img").count() == 0
    page.locator("a[data-media=voice]").click()
    page.wait_for_timeout(300)

    assert asked
    assert asked[0].endswith("/desk/M3-18K/media/2")


def test_an_answer_can_be_put_right(site: Site) -> None:
    page = site.desk("fr", width=1440)
    page.goto(f"{site.url}/desk/K7-42X")
    page.locator("[data-correct]").first.click()
    assert page.locator("#answer").input_value().startswith("Bonjour. Merci")
    page.locator("#answer").fill("Bonjour. Êtes-vous en sécurité ?")
    page.locator("#send").click()
    page.locator("#correcting").wait_for(state="hidden")
    until(page, "!sessionStorage.getItem('outbox')")

    assert site.stage.desk.done[0][1] == "correct"
    assert "Bonjour. Êtes-vous en sécurité ?" in site.stage.desk.done[0]
    assert "4" in site.stage.desk.done[0]
