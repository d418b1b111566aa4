"""The page of texts: every text in every language, what is wrong with it, and the help beside it."""

import re

import httpx
import pytest

from tests.web.stage import Stage


async def begun(author: httpx.AsyncClient) -> str:
    answer = await author.post("/studio", data={"title": "Textes"})
    return answer.headers["location"].rpartition("/")[2]


async def edit(author: httpx.AsyncClient, draft: str, *edits: dict[str, object], action: str = "a1") -> dict[str, object]:
    answer = await author.post(f"/studio/d/{draft}/edit", json={"action": action, "edits": list(edits)})
    assert answer.status_code == 200
    said: dict[str, object] = answer.json()
    return said


async def test_every_text_stands_beside_itself_in_every_language(author: httpx.AsyncClient) -> None:
    draft = await begun(author)

    page = (await author.get(f"/studio/d/{draft}/texts?flow=return")).text
    assert 'id="t-return.fear"' in page
    assert "If you go back, are you afraid someone could harm you?" in page
    assert re.search(r'<td class="cell is-done" data-language="ar"[^>]*lang="ar" dir="rtl"', page)
    assert f'href="/studio/d/{draft}/flows/return#step-fear"' in page
    assert len((await author.get(f"/studio/d/{draft}/texts")).content) < 400_000


@pytest.mark.parametrize("query", ["?from=-1", "?from=99999999999", "?show=nonsense&tongue=zz", "?q=%00%FF", "?flow=../..", "?written=9e9"])
async def test_no_address_breaks_the_page(author: httpx.AsyncClient, query: str) -> None:
    assert (await author.get(f"/studio/d/{await begun(author)}/texts{query}")).status_code == 200


async def test_a_changed_source_makes_its_translations_stale_and_shows_what_changed(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    was = "Help to go home is free. It is your choice.\nYou can change your mind until the day you travel."
    now = was.replace("is free", "costs nothing")
    said = await edit(author, draft, {"type": "text", "id": "return.what-it-is", "language": "en", "text": now, "was": was})
    assert said["clashes"] == []

    page = (await author.get(f"/studio/d/{draft}/texts?show=stale&tongue=fr")).text
    assert re.search(r"<del>.*is.*free.*</del>", page, re.DOTALL)
    assert studio_stage.says("texts.same") in page
    said = await edit(author, draft, {"type": "confirm", "id": "return.what-it-is", "language": "fr", "was": now}, action="a2")
    assert said["clashes"] == []
    assert "t-return.what-it-is" not in (await author.get(f"/studio/d/{draft}/texts?show=stale&tongue=fr")).text
    assert "t-return.what-it-is" in (await author.get(f"/studio/d/{draft}/texts?show=stale&tongue=ar")).text


async def test_a_wording_is_judged_while_it_is_written_and_nothing_is_kept(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    answer = await author.post(
        f"/studio/d/{draft}/texts/try", json={"id": "return.fear", "language": "fr", "text": "Vous devez répondre ?"}
    )

    assert answer.status_code == 200
    assert studio_stage.says("texts.put", better="Vous pouvez") in answer.text
    assert 'data-mended="Vous devez répondre\u00a0?"' in answer.text
    assert "Vous devez" not in (await author.get(f"/studio/d/{draft}/texts?flow=return")).text
    for wrong in ({"id": "no.such", "language": "fr", "text": ""}, {"id": "return.fear", "language": "zz", "text": ""}):
        assert (await author.post(f"/studio/d/{draft}/texts/try", json=wrong)).status_code == 404
    assert (await author.post(f"/studio/d/{draft}/texts/try", content=b"{")).status_code == 422


async def test_the_screen_and_the_terms_stand_beside_the_text(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    look = (await author.get(f"/studio/d/{draft}/texts/look?id=return.fear&tongue=ar")).text
    assert 'class="bub bot here"' in look
    assert look.index('lang="ar" dir="rtl"') < look.index('lang="en" dir="ltr"')
    counted = (await author.get(f"/studio/d/{draft}/texts/row?id=unit.day")).text
    for form in ("zero", "one", "two", "few", "many", "other"):
        assert studio_stage.says(f"texts.form.{form}") in counted
    assert (await author.get(f"/studio/d/{draft}/texts/look?id=no.such")).status_code == 404
    assert (await author.get(f"/studio/d/{draft}/texts/row?id=")).status_code == 404


async def test_a_search_finds_words_in_any_language(author: httpx.AsyncClient) -> None:
    draft = await begun(author)
    assert 'id="t-return.free"' in (await author.get(f"/studio/d/{draft}/texts", params={"q": "même un peu"})).text


async def test_a_file_is_sent_comes_back_is_shown_and_only_then_written(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    sent = await author.get(f"/studio/d/{draft}/texts/files/texts.csv")
    assert "attachment" in sent.headers["content-disposition"]
    sheet = sent.content.replace("Ne payez jamais, même un peu.".encode(), "Ne payez jamais, pas même un peu.".encode())

    shown = await author.post(f"/studio/d/{draft}/texts/files", files={"file": ("retour.csv", sheet)})
    assert shown.status_code == 200
    assert "pas même un peu" in shown.text
    assert "pas même un peu" not in (await author.get(f"/studio/d/{draft}/texts?flow=return")).text

    fields = dict(re.findall(r'name="(packed|action)" value="([^"]*)"', shown.text))
    answer = await author.post(f"/studio/d/{draft}/texts/take", data={**fields, "take": ["0"]})
    assert answer.headers["location"] == f"/studio/d/{draft}/texts?written=1&clashed=0"
    assert "pas même un peu" in (await author.get(f"/studio/d/{draft}/texts?flow=return")).text
    again = await author.post(f"/studio/d/{draft}/texts/take", data={**fields, "action": "other", "take": ["0"]})
    assert again.status_code == 303
    nothing = await author.post(f"/studio/d/{draft}/texts/take", data={**fields, "action": "none"})
    assert nothing.headers["location"] == f"/studio/d/{draft}/texts?written=0&clashed=0"


@pytest.mark.parametrize("name", ["texts.xlsx", "fr.po", "ar.po"])
async def test_each_kind_of_file_is_sent_and_taken_back_as_nothing_new(author: httpx.AsyncClient, studio_stage: Stage, name: str) -> None:
    draft = await begun(author)
    content = (await author.get(f"/studio/d/{draft}/texts/files/{name}")).content
    shown = await author.post(f"/studio/d/{draft}/texts/files", files={"file": (name, content)})
    assert studio_stage.says("texts.intake.none") in shown.text


async def test_a_file_that_cannot_be_taken_is_refused_with_its_place(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    draft = await begun(author)
    wrong = {
        "a.csv": (b"id,source,fr\nreturn.fear,a,=1\n", studio_stage.says("texts.intake.no.cell", row=2, column="fr")),
        "a.exe": (b"MZ", studio_stage.says("texts.intake.no.kind")),
    }
    for name, (content, sentence) in wrong.items():
        answer = await author.post(f"/studio/d/{draft}/texts/files", files={"file": (name, content)})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert (await author.post(f"/studio/d/{draft}/texts/files", files={"file": ("a.csv", b"x" * 50_000_000)})).status_code == 413
    assert (await author.post(f"/studio/d/{draft}/texts/files", data={"x": "y"})).status_code == 422
    assert (await author.get(f"/studio/d/{draft}/texts/files/de.po")).status_code == 404


@pytest.mark.parametrize("packed", ["", "!!!", "eJwDAAAAAAE=", "W10="])
async def test_a_plan_that_is_none_writes_nothing(author: httpx.AsyncClient, packed: str) -> None:
    assert (await author.post(f"/studio/d/{await begun(author)}/texts/take", data={"packed": packed, "take": "rest"})).status_code == 422


@pytest.mark.parametrize(
    ("language", "typed", "set_"),
    [("fr", "C'est tout ?", "C’est tout\u00a0?"), ("ar", "هل هذا كل شيء?", "هل هذا كل شيء؟"), ("en", "It's all?", "It's all?")],
)
async def test_a_text_gets_its_signs_before_it_has_an_id(author: httpx.AsyncClient, language: str, typed: str, set_: str) -> None:
    draft = await begun(author)
    said = await author.post(f"/studio/d/{draft}/texts/signs", json={"id": "", "language": language, "text": typed})

    assert said.json() == {"mended": set_}
