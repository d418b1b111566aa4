"""The phone page without scripts: whole, discreet, and empty after the end."""

import re

import httpx
import pytest

from bot.engine.events import Pressed, Said, Started, WordPressed
from bot.ports import Outgoing
from tests.web.stage import Stage

JSON = {"Accept": "application/json"}


async def begun(web: httpx.AsyncClient, language: str = "fr") -> httpx.Response:
    return await web.post("/chat/say", data={"start": language, "id": "begin-000", "lang": language}, follow_redirects=True)


def buttons(page: httpx.Response) -> list[str]:
    return re.findall(r'name="a" value="([^"]+)"', page.text)


def hidden(page: httpx.Response, place: str) -> str:
    return re.findall(rf'name="id" value="([^"]+-{place})"', page.text)[0]


async def test_the_first_page_asks_for_the_language_and_keeps_nothing(stage: Stage, web: httpx.AsyncClient) -> None:
    page = await web.get("/chat")

    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert stage.bot.taken == []
    for language in ("ar", "fr", "en"):
        assert stage.says("chat.hello", language) in page.text


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
async def test_the_page_is_written_in_the_language_asked_for(web: httpx.AsyncClient, language: str, direction: str) -> None:
    page = await web.get(f"/chat?lang={language}")

    assert f'<html lang="{language}" dir="{direction}">' in page.text


async def test_without_a_known_language_the_page_is_arabic(web: httpx.AsyncClient) -> None:
    page = await web.get("/chat", headers={"Accept-Language": "zz, xx;q=0.5"})

    assert 'lang="ar" dir="rtl"' in page.text


async def test_choosing_a_language_begins_a_conversation_in_it(stage: Stage, web: httpx.AsyncClient) -> None:
    page = await begun(web, "ar")

    assert [type(item.event) for item in stage.bot.taken] == [Started, Said]
    assert stage.bot.taken[0].event.language == "ar"
    assert 'lang="ar" dir="rtl"' in page.text
    assert "هل هناك خوف" in page.text
    assert len(buttons(page)) == 3


async def test_a_button_is_a_plain_form_and_answers(stage: Stage, web: httpx.AsyncClient) -> None:
    page = await begun(web)
    pressed = buttons(page)[1]
    answered = await web.post("/chat/say", data={"a": pressed, "id": "press-0001"})

    assert answered.status_code == 303
    assert answered.headers["location"] == "/chat#new"
    event = stage.bot.taken[-1].event
    assert isinstance(event, Pressed)
    assert (event.life, event.turn, event.key) == ("life1", 1, "no")
    after = await web.get("/chat")
    assert '<p class="own" dir="auto">Non</p>' in after.text


async def test_only_the_last_question_can_be_pressed(web: httpx.AsyncClient) -> None:
    first = await begun(web)
    await web.post("/chat/say", data={"a": buttons(first)[0], "id": "press-0001"})
    second = await web.get("/chat")

    assert not set(buttons(first)) & set(buttons(second))
    assert len(buttons(second)) == 3


async def test_a_second_press_of_the_same_form_is_one_press(stage: Stage, web: httpx.AsyncClient) -> None:
    page = await begun(web)
    form = {"a": buttons(page)[0], "id": hidden(page, r"\d+")}
    await web.post("/chat/say", data=form)
    await web.post("/chat/say", data=form)

    assert sum(isinstance(item.event, Pressed) for item in stage.bot.taken) == 1


async def test_typed_words_arrive_and_are_not_shown_again(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    await web.post("/chat/say", data={"text": "  jai peur\r\nde lui ", "id": "typed-0001"})
    page = await web.get("/chat")

    assert stage.bot.taken[-1].event == Said(at=stage.clock.now(), text="jai peur\nde lui")
    assert "jai peur" not in page.text
    assert stage.says("chat.wrote") in page.text


async def test_first_words_need_no_choice_of_language(stage: Stage, web: httpx.AsyncClient) -> None:
    answered = await web.post("/chat/say", data={"text": "au secours", "id": "typed-0001", "lang": "fr"})

    assert "m=" in answered.headers["set-cookie"]
    assert [item.event.text for item in stage.bot.taken] == ["au secours"]


async def test_an_empty_message_is_no_message(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    before = len(stage.bot.taken)
    answered = await web.post("/chat/say", data={"text": "   ", "id": "typed-0001"})

    assert answered.status_code == 303
    assert len(stage.bot.taken) == before


@pytest.mark.parametrize("data", ["life.x.key", "..", "life.1", "*.dance", "a" * 5000, "life.99999999999.key"])
async def test_a_form_that_is_not_ours_means_nothing(stage: Stage, web: httpx.AsyncClient, data: str) -> None:
    await begun(web)
    before = len(stage.bot.taken)
    answered = await web.post("/chat/say", data={"a": data, "id": "press-0001"}, headers=JSON)

    assert answered.status_code == 400
    assert len(stage.bot.taken) == before


async def test_stop_and_human_stand_in_the_header_of_every_page_of_the_conversation(web: httpx.AsyncClient) -> None:
    for page in (await web.get("/chat?lang=fr"), await begun(web)):
        header = page.text.split("<header")[1].split("</header>")[0]

        assert 'name="word" value="human"' in header
        assert 'name="word" value="stop"' in header
        assert "Arrêter" in header


async def test_a_contact_is_a_card_whose_number_is_the_button(web: httpx.AsyncClient) -> None:
    page = await begun(web)
    await web.post("/chat/say", data={"a": buttons(page)[2], "id": "press-0001"})
    shown = await web.get("/chat")

    assert 'href="tel:+213000123456"' in shown.text
    assert shown.text.count("Bureau d’écoute (exemple)</h2>") == 1
    assert shown.text.count("+213 000 12 34 56") == 1
    assert "Ce qui peut suivre" in shown.text


async def test_a_caseworkers_words_say_that_a_person_writes(web: httpx.AsyncClient) -> None:
    await begun(web)
    await web.post("/chat/say", data={"word": "human", "id": "press-0001"})
    page = await web.get("/chat")

    assert '<div class="m hu"' in page.text
    assert re.search(r'data-state="human">', page.text)
    assert buttons(page) == []


async def test_what_people_write_is_escaped(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    route = stage.bot.taken[0].route
    await stage.chat.send(route, Outgoing(kind="human", language="fr", text="<script>alert(1)</script> & \"'", id="human"))
    page = await web.get("/chat")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_the_language_can_be_changed_at_any_time(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    stage.bot.language[stage.bot.taken[0].route] = "ar"
    await web.post("/chat/say", data={"speak": "ar", "id": "speak-0001"})

    assert [type(item.event) for item in stage.bot.taken[-2:]] == [WordPressed, Said]
    page = await web.get("/chat")
    assert 'lang="ar" dir="rtl"' in page.text


async def test_the_cookie_is_closed_to_scripts_and_other_sites(web: httpx.AsyncClient) -> None:
    answered = await web.post("/chat/say", data={"start": "fr", "id": "begin-000"})

    cookie = answered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age" not in cookie
    assert "expires" not in cookie


async def test_on_https_the_cookie_is_bound_to_the_host() -> None:
    stage = Stage(secure=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=stage.app), base_url="https://amana.test") as web:
        answered = await web.post("/chat/say", data={"start": "fr", "id": "begin-000"})

    assert answered.headers["set-cookie"].startswith("__Host-m=")
    assert "secure" in answered.headers["set-cookie"].lower()
    assert "max-age=" in answered.headers["strict-transport-security"]


@pytest.mark.parametrize("word", ["stop", "erase"])
async def test_stop_and_erase_leave_nothing_in_the_browser(stage: Stage, web: httpx.AsyncClient, word: str) -> None:
    await begun(web)
    left = await web.post("/chat/say", data={"word": word, "id": "leave-0001", "lang": "fr"})
    end = await web.get(left.headers["location"])

    assert stage.bot.taken[-1].event == WordPressed(at=stage.clock.now(), word=word)
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert 'm=""' in left.headers["set-cookie"] or "max-age=0" in left.headers["set-cookie"].lower()
    assert "peur" not in end.text
    assert ("effacé" in end.text) is (word == "erase")
    again = await web.get("/chat?lang=fr")
    assert 'name="start"' in again.text
    assert "peur" not in again.text


@pytest.mark.parametrize("word", ["stop", "erase"])
async def test_typed_stop_and_erase_end_the_page_too(web: httpx.AsyncClient, word: str) -> None:
    await begun(web)
    await web.post("/chat/say", data={"text": word, "id": "typed-0001"})
    page = await web.get("/chat")

    assert page.status_code == 303
    assert page.headers["location"].startswith("/chat/end")
    assert page.headers["clear-site-data"]


async def test_leaving_without_a_conversation_is_quiet(stage: Stage, web: httpx.AsyncClient) -> None:
    left = await web.post("/chat/say", data={"word": "stop", "id": "leave-0001", "lang": "ar"})

    assert left.headers["location"] == "/chat/end?lang=ar"
    assert stage.bot.taken == []


async def test_erase_asks_once_on_a_page_of_its_own(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    sheet = await web.get("/chat/erase?lang=fr")

    assert sheet.text.count('name="word" value="erase"') == 1
    assert stage.says("chat.erase.keep") in sheet.text


async def test_while_the_store_is_down_the_words_stay_with_the_person(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    stage.bot.down = True
    answered = await web.post("/chat/say", data={"text": "garde ceci", "id": "typed-0001", "lang": "fr"})

    assert answered.status_code == 503
    assert "garde ceci</textarea>" in answered.text
    assert 'name="id" value="typed-0001"' in answered.text
    stage.bot.down = False
    await web.post("/chat/say", data={"text": "garde ceci", "id": "typed-0001", "lang": "fr"})
    assert stage.bot.taken[-1].event_id == "web:typed-0001"


async def test_a_page_with_scripts_reads_what_is_new_as_drawn(web: httpx.AsyncClient) -> None:
    await begun(web)
    news = (await web.get("/chat/new?after=0&now=1")).json()

    assert news["who"] == "bot"
    assert news["lang"] == "fr"
    assert [bool(letter["client"]) for letter in news["letters"]] == [True, False]
    assert "Avez-vous peur" in news["letters"][1]["html"]
    later = (await web.get(f"/chat/new?after={news['cursor']}&now=1")).json()
    assert later["letters"] == []


async def test_a_page_whose_session_ended_by_itself_is_told(web: httpx.AsyncClient) -> None:
    web.cookies.set("m", "nobody")
    news = await web.get("/chat/new?after=0")

    assert news.status_code == 410


async def test_words_written_after_the_session_ended_begin_a_new_one(stage: Stage, web: httpx.AsyncClient) -> None:
    web.cookies.set("m", "long-gone", domain="amana.test")
    answered = await web.post("/chat/say", data={"text": "toujours la", "id": "typed-0001", "lang": "fr"}, headers=JSON)

    assert answered.json() == {"ok": True}
    assert "m=" in answered.headers["set-cookie"]
    assert stage.bot.taken[-1].event.text == "toujours la"


async def test_no_page_of_the_conversation_says_what_it_is_about(stage: Stage, web: httpx.AsyncClient) -> None:
    await begun(web)
    for address in ("/chat", "/chat/erase", "/chat/end?lang=fr", "/chat/nothing"):
        page = await web.get(address)
        head = page.text.split("</head>")[0]

        assert any(f"<title>{stage.says('chat.title', language)}</title>" in head for language in ("ar", "fr"))
        assert "amana" not in head.lower()
        assert 'name="robots" content="noindex"' in head


async def test_a_recording_is_offered_only_where_there_is_one(tmp_path) -> None:
    (tmp_path / "fr" / "voice").mkdir(parents=True)
    (tmp_path / "fr" / "voice" / "return.fear.ogg").write_bytes(b"OggS")
    stage = Stage(recordings=tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=stage.app), base_url="http://amana.test") as web:
        french = await begun(web)
        sound = await web.get("/chat/voice/fr/return.fear.ogg")
        missing = await web.get("/chat/voice/fr/other.ogg")
        sly = await web.get("/chat/voice/fr/..%2f..%2fsecret.ogg")
        stage.bot.language[stage.bot.taken[0].route] = "ar"
        await stage.bot.ask(stage.bot.taken[0].route)
        arabic = await web.get("/chat")

    assert "/chat/voice/fr/return.fear.ogg" in french.text
    assert "/chat/voice/ar/" not in arabic.text
    assert sound.content == b"OggS"
    assert sound.headers["content-type"] == "audio/ogg"
    assert missing.status_code == sly.status_code == 404
