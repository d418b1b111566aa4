"""The phones over HTTP: what was done comes in, both phones come out; what is no deed is refused."""

import re

import httpx
import pytest

from bot.web.studio.phone_weight import headers, page_weight
from tests.web.conftest import client_of
from tests.web.stage import Stage
from tests.web.test_studio import begun

STARTS = {"do": "starts"}


async def shown(author: httpx.AsyncClient, draft: str, **request) -> dict:
    answer = await author.post(f"/studio/d/{draft}/phone", json={"flow": "return", "country": "DZ", "deeds": [STARTS], **request})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_both_phones_stand_in_their_own_language(author: httpx.AsyncClient) -> None:
    said = await shown(author, await begun(author))

    assert said["shown"] == ["ar", "fr"]
    assert '<article class="phone" lang="ar" dir="rtl"' in said["html"]
    assert '<article class="phone" lang="fr" dir="ltr"' in said["html"]
    assert 'data-text="return.fear"' in said["html"]
    assert said["refused"] == -1


async def test_what_was_done_is_played(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    said = await shown(author, await begun(author), deeds=[STARTS, {"do": "writes", "words": "oui", "language": "fr"}], slow=True)

    assert "m-answer" in said["html"]
    assert studio_stage.says("studio.phone.slow.line", down=40, up=16, trip="0,8") in said["html"]
    assert said["last"]["fr"] != said["last"]["ar"] != ""


async def test_a_place_and_a_time_are_given_where_none_is_known(author: httpx.AsyncClient) -> None:
    draft = await begun(author)
    assert (await shown(author, draft, country="?"))["country"] == "DZ"
    assert (await shown(author, draft, country="?", flow=""))["country"] == ""
    assert "T" in (await shown(author, draft))["at"]


async def test_words_are_escaped(author: httpx.AsyncClient) -> None:
    said = await shown(author, await begun(author), deeds=[STARTS, {"do": "writes", "words": "<script>x</script>", "language": "fr"}])

    assert "<script>" not in said["html"]
    assert "&lt;script&gt;" in said["html"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"deeds":[{"do":"eval"}]}',
        b'{"deeds":[{"do":"silent","minutes":-5}]}',
        b"\xff",
        b'{"there":"everybody"}',
        b'{"flow":7}',
    ],
)
async def test_what_is_no_request_is_refused(author: httpx.AsyncClient, body: bytes) -> None:
    draft = await begun(author)

    assert (await author.post(f"/studio/d/{draft}/phone", content=body)).status_code == 422


async def test_too_many_deeds_and_too_long_words_are_refused(author: httpx.AsyncClient) -> None:
    draft = await begun(author)
    for deeds in ([STARTS] * 401, [{"do": "writes", "words": "x" * 4001, "language": "fr"}]):
        assert (await author.post(f"/studio/d/{draft}/phone", json={"deeds": deeds})).status_code == 422


@pytest.mark.parametrize(
    "deed",
    [
        {"do": "presses", "words": "nothing"},
        {"do": "sends", "words": "a horse"},
        {"do": "clock", "words": "later"},
        {"do": "rings"},
        {"do": "old", "question": "x", "words": "y"},
        {"do": "staff-writes", "words": "hello"},
        {"do": "staff-passes", "words": "nobody"},
    ],
)
async def test_what_cannot_be_done_there_is_said(author: httpx.AsyncClient, deed: dict) -> None:
    said = await shown(author, await begun(author), deeds=[STARTS, deed])

    assert said["refused"] == 1
    assert 'data-cut="1"' in said["html"]


async def test_a_draft_that_does_not_compile_says_where(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    text = (await studio_stage.workshop.bundle(draft))["flows/return.yaml"]
    edit = {"type": "file", "file": "flows/return.yaml", "text": text.replace("asylum-first", "asylum-frist", 1), "base": text}
    await author.post(f"/studio/d/{draft}/edit", json={"action": "a", "edits": [edit]})

    said = await shown(author, draft)

    assert said["stops"] > 0
    assert f'href="/studio/d/{draft}/flows/return#step-fear"' in said["html"]
    assert "n-stopped" in said["html"]


async def test_there_is_a_page_of_its_own(author: httpx.AsyncClient) -> None:
    draft = await begun(author)
    page = (await author.get(f"/studio/d/{draft}/phone?flow=return")).text

    assert 'id="phone"' in page
    assert 'data-flow="return"' in page


async def test_who_writes_no_flows_gets_no_phones(studio_stage: Stage) -> None:
    async with client_of(studio_stage, "nobody") as nobody, client_of(studio_stage, "secret") as caseworker:
        assert (await nobody.post("/studio/d/d1/phone", json={})).status_code == 401
        assert (await caseworker.post("/studio/d/d1/phone", json={})).status_code == 404


async def test_every_path_is_listed_and_can_be_shown(author: httpx.AsyncClient) -> None:
    draft = await begun(author)
    said = (await author.post(f"/studio/d/{draft}/phone/ways", json={"flow": "return"})).json()

    assert said["ends"] == len(said["requests"]) > 3
    assert said["html"].count("data-play=") == said["ends"]
    for request in said["requests"]:
        assert (await shown(author, draft, **request))["refused"] == -1


async def test_a_flow_that_is_none_has_no_paths(author: httpx.AsyncClient) -> None:
    said = (await author.post(f"/studio/d/{await begun(author)}/phone/ways", json={"flow": "nothing"})).json()

    assert said["ends"] == 0


async def test_what_was_done_is_kept_as_a_test(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    done = {"flow": "return", "country": "DZ", "at": "2026-11-23 10:00", "deeds": [STARTS, {"do": "presses", "words": "no"}]}
    said = (await author.post(f"/studio/d/{draft}/phone/keep", json={**done, "name": "no-fear", "title": "No fear"})).json()

    assert said["why"] == ""
    assert said["path"] == "flows/tests/no-fear.chat"
    assert said["text"].startswith("# No fear\nflow: return\n")
    assert said["where"] == studio_stage.says("studio.phone.keep.every")
    edit = {"type": "file", "file": said["path"], "text": said["text"], "base": None}
    answer = (await author.post(f"/studio/d/{draft}/edit", json={"action": "a", "edits": [edit]})).json()
    assert answer["clashes"] == []
    again = (await author.post(f"/studio/d/{draft}/phone/keep", json={**done, "name": "no-fear"})).json()
    assert again["why"] == "taken"


@pytest.mark.parametrize(("name", "why"), [("", ""), ("A B", "name"), ("../../x", "name"), ("old-button", "taken")])
async def test_the_name_of_a_test_is_looked_at(author: httpx.AsyncClient, name: str, why: str) -> None:
    said = (
        await author.post(f"/studio/d/{await begun(author)}/phone/keep", json={"flow": "return", "deeds": [STARTS], "name": name})
    ).json()

    assert said["why"] == why
    assert bool(said["said"]) is bool(why)


async def test_a_test_is_told_again(author: httpx.AsyncClient) -> None:
    draft = await begun(author)
    said = (await author.post(f"/studio/d/{draft}/phone/test", json={"path": "flows/tests/old-button.chat", "language": "fr"})).json()

    assert said["state"] == "passed"
    assert (await shown(author, draft, **said["request"]))["refused"] == -1
    page = (await author.get(f"/studio/d/{draft}/phone?test=flows/tests/old-button.chat&language=fr")).text
    assert 'data-test="flows/tests/old-button.chat" data-spoken="fr"' in page
    assert (await author.post(f"/studio/d/{draft}/phone/test", json={"path": "flows/bot", "language": "fr"})).status_code == 404


@pytest.mark.parametrize("at", ["0001-01-01 00:00", "9999-12-31 23:59", "soon", "2026-13-45 99:99"])
async def test_a_time_that_cannot_be_is_no_failure(author: httpx.AsyncClient, at: str) -> None:
    draft = await begun(author)

    assert (await shown(author, draft, at=at))["refused"] == -1
    assert (await shown(author, draft, deeds=[STARTS, {"do": "clock", "words": at}]))["refused"] == 1


async def test_a_very_long_silence_is_played(author: httpx.AsyncClient) -> None:
    deeds = [STARTS, *[{"do": "silent", "minutes": 86400}] * 390, {"do": "writes", "words": "oui", "language": "fr"}]

    assert (await shown(author, await begun(author), deeds=deeds))["refused"] == -1


async def test_the_page_weighs_what_is_sent(web: httpx.AsyncClient, stage: Stage) -> None:
    """The numbers of the 2G view are those of the page itself."""
    pages, text = stage.app.state.pages, stage.parts.program().texts
    for language in ("ar", "fr"):
        answer = await web.get(f"/chat?lang={language}")
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text)
        sent = [await web.get(address, headers={"Accept-Encoding": "gzip"}) for address in files]
        weight = page_weight(pages, language, lambda id_, of=language: text.say(id_, of))

        assert len(files) == 2
        assert abs(weight.page - headers() - len(answer.content)) < 200
        assert weight.files - 2 * headers() == sum(int(each.headers["content-length"]) for each in sent)
        whole = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        assert abs(headers() - whole) < 300
        assert weight.whole.seconds > (weight.page + weight.files) * 8 / 40_000
