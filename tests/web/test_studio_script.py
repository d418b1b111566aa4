"""The script of a flow over HTTP: the page, its parts, the forms, and what is refused."""

import html
import re
import time

import httpx
import pytest

from bot.flow.bundle import Bundle
from bot.studio.files.reading import text_of
from tests.studio.large import large
from tests.web.stage import Stage
from tests.web.test_studio import begun

WORDS = ("say", "ask", "pages", "contacts", "consent", "handoff", "decide", "go", "call", "set", "forget", "remind", "end", "leave")


@pytest.fixture
async def draft(author: httpx.AsyncClient) -> str:
    return f"/studio/d/{await begun(author)}"


async def test_a_flow_is_shown_as_a_script_with_an_anchor_for_each_step(author: httpx.AsyncClient, draft: str) -> None:
    page = (await author.get(f"{draft}/flows/return?lang=ar")).text

    assert 'id="step-fear"' in page
    assert 'id="step-5"' in page
    assert "هل هناك خوف" in page
    assert f'href="{draft}/flows/asylum-first"' in page


async def test_there_is_no_script_of_a_flow_or_a_draft_that_is_not_there(author: httpx.AsyncClient, draft: str) -> None:
    assert (await author.get(f"{draft}/flows/nothing")).status_code == 404
    assert (await author.get("/studio/d/nothing/flows/return")).status_code == 404
    assert (await author.get(f"{draft}/flows/return/form?step=nothing")).status_code == 404


async def test_a_part_gives_only_the_steps_the_page_does_not_have(author: httpx.AsyncClient, draft: str) -> None:
    page = (await author.get(f"{draft}/flows/return/part?have=&wait=1")).text
    marks = re.findall('data-mark="([^"]+)"', page)

    rest = (await author.get(f"{draft}/flows/return/part?have={'.'.join(marks[1:])}")).text

    assert rest.count('class="line') == 1
    assert re.findall('data-mark="([^"]+)"', rest) == marks


@pytest.mark.parametrize("flow", ["return", "work", "menu", "life", "return-steps", "off-hours", "person"])
async def test_each_step_has_a_form(author: httpx.AsyncClient, draft: str, flow: str) -> None:
    page = (await author.get(f"{draft}/flows/{flow}")).text
    for key in re.findall(r'class="step" id="[^"]+" data-key="([^"]+)"', page):
        answer = await author.get(f"{draft}/flows/{flow}/form", params={"step": key})
        assert answer.status_code == 200, key
        assert 'data-mode="edit"' in answer.text


@pytest.mark.parametrize("word", WORDS)
async def test_each_kind_of_step_has_a_form_to_add_it(author: httpx.AsyncClient, draft: str, word: str) -> None:
    answer = await author.get(f"{draft}/flows/menu/add?after=bye&word={word}")

    assert answer.status_code == 200
    assert f'data-word="{word}"' in answer.text


async def test_a_condition_is_said_in_words_or_what_is_wrong_with_it(author: httpx.AsyncClient, draft: str) -> None:
    said = (await author.get(f"{draft}/flows/return/said", params={"if": "fear is yes/unsure and known country"})).json()
    wrong = (await author.get(f"{draft}/flows/return/said", params={"if": "fear = yes"})).json()

    assert said["ok"]
    assert "Oui" in said["said"]
    assert not wrong["ok"]


async def test_a_file_that_cannot_be_read_is_shown_with_a_way_to_mend_it(
    author: httpx.AsyncClient, draft: str, studio_stage: Stage
) -> None:
    edit = {"type": "file", "file": "flows/broken.yaml", "text": "flow: [\n", "base": None}
    assert (await author.post(f"{draft}/edit", json={"action": "a", "edits": [edit]})).json()["clashes"] == []

    page = (await author.get(f"{draft}/flows/broken")).text

    assert studio_stage.says("studio.unreadable.title") in page
    assert f"{draft}/flows/broken/yaml" in page
    assert (await author.get(draft)).status_code == 200


async def test_what_is_written_is_data_on_the_page(author: httpx.AsyncClient, draft: str) -> None:
    text = "<script>alert(1)</script> \"'><b>"
    edit = {"type": "text", "id": "menu.again", "language": "fr", "text": text, "was": "Avez-vous besoin d’autre chose\u00a0?"}
    assert (await author.post(f"{draft}/edit", json={"action": "a", "edits": [edit]})).json()["clashes"] == []

    for address in (f"{draft}/flows/menu", f"{draft}/flows/menu/form?step=again"):
        page = (await author.get(address)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


async def test_an_act_is_taken_back(author: httpx.AsyncClient, draft: str, studio_stage: Stage) -> None:
    id_ = draft.rpartition("/")[2]
    before = await studio_stage.workshop.bundle(id_)
    edit = {"type": "text", "id": "menu.again", "language": "fr", "text": "Encore ?", "was": text_of(before, "menu.again", "fr")}
    await author.post(f"{draft}/edit", json={"action": "a", "edits": [edit]})
    assert text_of(await studio_stage.workshop.bundle(id_), "menu.again", "fr") == "Encore ?"

    answer = await author.post(f"{draft}/undo")

    assert answer.status_code == 200
    assert await studio_stage.workshop.bundle(id_) == before


async def test_who_else_changed_the_draft_is_told_with_the_answer_to_an_edit(
    author: httpx.AsyncClient, publisher: httpx.AsyncClient, draft: str
) -> None:
    seen = (await author.get(f"{draft}/state")).json()["revision"]
    other = {"type": "text", "id": "menu.again", "language": "ar", "text": "شيء آخر؟", "was": "هل هناك حاجة إلى شيء آخر؟"}
    mine = {"type": "file", "file": "flows/tests/mine.chat", "text": "flow: start\n", "base": None}
    await publisher.post(f"{draft}/edit", json={"action": "o", "edits": [{**other, "was": text_of(Bundle(large()), "menu.again", "ar")}]})

    told = (await author.post(f"{draft}/edit", json={"action": "m", "edits": [mine], "seen": seen})).json()

    assert told["by"] == "Olivier"


@pytest.mark.parametrize(
    ("titles", "name", "wrong"),
    [({}, "", "title"), ({"title-en": "A"}, "Bad Name", "name"), ({"title-en": "A"}, "return", "name"), ({"title-en": "A"}, "end", "name")],
)
async def test_a_flow_that_cannot_be_added_is_given_back(
    author: httpx.AsyncClient, draft: str, titles: dict[str, str], name: str, wrong: str, studio_stage: Stage
) -> None:
    answer = await author.post(f"{draft}/flows", data={**titles, "title-fr": "Gardé", "name": name})

    assert answer.status_code == 422
    assert studio_stage.says(f"studio.flow.no.{wrong}") in answer.text
    assert "Gardé" in answer.text


async def test_a_new_flow_has_its_titles_and_an_end(author: httpx.AsyncClient, draft: str, studio_stage: Stage) -> None:
    answer = await author.post(f"{draft}/flows", data={"title-en": "Cold nights: where to sleep", "title-ar": "الليالي الباردة"})

    assert answer.headers["location"] == f"{draft}/flows/cold-nights-where-to"
    bundle = await studio_stage.workshop.bundle(draft.rpartition("/")[2])
    assert 'title: "Cold nights: where to sleep"' in bundle["flows/cold-nights-where-to.yaml"]
    assert text_of(bundle, "cold-nights-where-to:title", "ar") == "الليالي الباردة"


async def test_a_flow_of_three_hundred_steps_is_shown_quickly(author: httpx.AsyncClient, studio_stage: Stage) -> None:
    await studio_stage.door.open()
    await studio_stage.library.publish(large(), by="operator", why="a long one")
    draft = await begun(author)
    await author.get(f"/studio/d/{draft}/flows/large")

    began = time.process_time()
    page = await author.get(f"/studio/d/{draft}/flows/large")

    assert page.text.count('class="step"') >= 300
    assert time.process_time() - began < 0.3


async def test_a_flow_gets_another_name_and_who_still_has_the_old_one_is_led_there(author: httpx.AsyncClient, draft: str) -> None:
    answer = await author.post(f"{draft}/flows/wages/rename", data={"name": "unpaid"})

    assert answer.headers["location"] == f"{draft}/flows/unpaid?said=renamed"
    assert 'id="step-keep"' in (await author.get(f"{draft}/flows/unpaid")).text
    old = await author.get(f"{draft}/flows/wages/part?have=x")
    assert (old.status_code, old.headers["location"]) == (303, f"{draft}/flows/unpaid/part?have=x")
    await author.post(f"{draft}/undo")
    assert (await author.get(f"{draft}/flows/wages")).status_code == 200


@pytest.mark.parametrize(("name", "why"), [("menu", "taken"), ("fear", "step"), ("Not a name", "name")])
async def test_a_name_that_a_flow_cannot_have_is_refused_in_a_sentence(
    author: httpx.AsyncClient, draft: str, studio_stage: Stage, name: str, why: str
) -> None:
    answer = await author.post(f"{draft}/flows/wages/rename", data={"name": name})
    page = (await author.get(answer.headers["location"].partition("#")[0])).text

    assert studio_stage.says(f"studio.flow.rename.no.{why}", language="fr") in html.unescape(page)
    assert f'value="{name}"' in page
