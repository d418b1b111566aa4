"""From a draft to what people receive: who may do which step, what is said of it, and that nobody approves what they did not see."""

import re

import httpx
import pytest

from bot.studio.editing.edits import WriteFile
from tests.web.stage import Stage

DIRECTORY = "flows/directory.yaml"


async def drafted(stage: Stage, *, old: str = '"115"', new: str = '"116"', file: str = DIRECTORY, by: str = "s5") -> str:
    """A draft with one change; gives its id."""
    await stage.door.open()
    head = await stage.workshop.begin("Nouveau numéro", by=by)
    text = (await stage.workshop.bundle(head.id))[file]
    done = await stage.workshop.edit(head.id, [WriteFile(file, text.replace(old, new, 1), text)], by=by, action="a")
    assert not done.clashes
    return str(head.id)


async def page_of(client: httpx.AsyncClient, draft: str) -> str:
    answer = await client.get(f"/studio/d/{draft}/publish")
    assert answer.status_code == 200
    return answer.text


def lead_of(page: str) -> str:
    """The line that says who wrote in it."""
    found = re.search(r'<p class="lead">(.*?)</p>', page)
    assert found is not None
    return found[1]


async def test_what_changes_is_said_in_the_language_of_whoever_looks(author, publisher, studio_stage) -> None:
    draft = await drafted(studio_stage)

    french, arabic = await page_of(author, draft), await page_of(publisher, draft)

    assert "Le numéro de" in french
    assert "رقم" in arabic
    for page in (french, arabic):
        assert "116" in page
        assert "115" in page
        assert "SAMU" in page


async def test_an_author_asks_and_another_approves_and_publishes(author, publisher, studio_stage) -> None:
    draft = await drafted(studio_stage)
    asked = await author.post(f"/studio/d/{draft}/publish/ask", data={"words": "Appelé ce matin"})
    assert asked.headers["location"] == f"/studio/d/{draft}/publish?said=asked"

    page = await page_of(publisher, draft)
    assert "Appelé ce matin" in page
    revision = re.search(r'name="revision" value="(\w+)"', page)
    assert revision is not None
    assert (await publisher.post(f"/studio/d/{draft}/publish/approve", data={"revision": revision[1]})).status_code == 303
    assert lead_of(await page_of(publisher, draft)) == lead_of(page), "whoever said yes wrote nothing"
    done = await publisher.post(f"/studio/d/{draft}/publish/publish")

    assert done.headers["location"] == "/studio/revisions?said=published"
    head = await studio_stage.library.look()
    assert head.revision == revision[1]
    assert (head.deeds[-1].by, head.deeds[-1].approved, head.deeds[-1].authors) == ("s6", "s6", ("s5",))
    assert studio_stage.says("publish.over.published", "ar") in await page_of(publisher, draft)


async def test_what_protects_people_goes_only_with_words_of_whoever_approves(publisher, studio_stage) -> None:
    draft = await drafted(studio_stage, old="want to die, ", new="", file="flows/words.yaml")
    head = await studio_stage.workshop.ask(draft, by="s5", words="")

    page = await page_of(publisher, draft)
    assert studio_stage.says("publish.losses", "ar") in page
    assert studio_stage.says("publish.approve.words", "ar") in page
    refused = await publisher.post(f"/studio/d/{draft}/publish/approve", data={"revision": head.revision})
    assert (refused.status_code, studio_stage.says("publish.no.unsaid", "ar") in refused.text) == (422, True)
    await publisher.post(f"/studio/d/{draft}/publish/approve", data={"revision": head.revision, "words": "Elle est dite autrement"})

    assert (await studio_stage.workshop.head(draft)).state == "approved"
    assert "Elle est dite autrement" in await page_of(publisher, draft)


async def test_a_yes_is_worth_nothing_once_who_said_it_may_say_it_no_more(publisher, studio_stage) -> None:
    """An account that was taken over, removed, or lost its role leaves no yes behind."""
    draft = await drafted(studio_stage)
    head = await studio_stage.workshop.ask(draft, by="s5", words="")
    await studio_stage.workshop.approve(draft, head.revision, by="s9")  # nobody of this name is there any more

    page = await page_of(publisher, draft)
    assert f'action="/studio/d/{draft}/publish/approve"' in page
    refused = await publisher.post(f"/studio/d/{draft}/publish/publish")
    assert refused.status_code == 422
    assert (await studio_stage.workshop.head(draft)).state == "approved"

    await publisher.post(f"/studio/d/{draft}/publish/approve", data={"revision": head.revision})
    done = await publisher.post(f"/studio/d/{draft}/publish/publish")
    assert done.headers["location"] == "/studio/revisions?said=published"


async def test_nobody_approves_their_own(publisher, studio_stage) -> None:
    draft = await drafted(studio_stage, by="s6")
    await publisher.post(f"/studio/d/{draft}/publish/ask", data={"words": ""})

    page = await page_of(publisher, draft)
    assert studio_stage.says("publish.why.own", "ar") in page
    head = await studio_stage.workshop.head(draft)
    answer = await publisher.post(f"/studio/d/{draft}/publish/approve", data={"revision": head.revision})

    assert answer.status_code == 422
    assert studio_stage.says("publish.no.own", "ar") in answer.text


async def test_what_was_edited_meanwhile_is_not_approved(publisher, studio_stage) -> None:
    draft = await drafted(studio_stage)
    seen = await studio_stage.workshop.ask(draft, by="s5", words="")
    text = (await studio_stage.workshop.bundle(draft))[DIRECTORY]
    await studio_stage.workshop.edit(draft, [WriteFile(DIRECTORY, text.replace('"1548"', '"1549"'), text)], by="s5", action="b")
    await studio_stage.workshop.ask(draft, by="s5", words="")

    answer = await publisher.post(f"/studio/d/{draft}/publish/approve", data={"revision": seen.revision})

    assert studio_stage.says("publish.no.changed", "ar") in answer.text
    assert (await studio_stage.workshop.head(draft)).state == "asked"


async def test_who_only_writes_can_neither_approve_nor_publish_nor_send_back(author, studio_stage) -> None:
    draft = await drafted(studio_stage, by="s6")

    for act in ("approve", "publish", "back"):
        assert (await author.post(f"/studio/d/{draft}/publish/{act}", data={"words": "x"})).status_code == 403
    assert (await author.post(f"/studio/d/{draft}/publish/other")).status_code == 404


async def test_it_is_sent_back_with_words_and_never_without(author, publisher, studio_stage) -> None:
    draft = await drafted(studio_stage)
    await studio_stage.workshop.ask(draft, by="s5", words="")

    empty = await publisher.post(f"/studio/d/{draft}/publish/back", data={"words": " "})
    assert studio_stage.says("publish.no.words", "ar") in empty.text
    await publisher.post(f"/studio/d/{draft}/publish/back", data={"words": "Vérifiez le second numéro"})

    assert "Vérifiez le second numéro" in await page_of(author, draft)


PROMISE = {"old": "Help to go home is free.", "new": "Help to go home is free!", "file": "flows/return.yaml"}


async def test_a_problem_is_explained_and_stops_the_asking(author, studio_stage) -> None:
    draft = await drafted(studio_stage, **PROMISE)

    page = await page_of(author, draft)
    assert studio_stage.says("explain.loud") in page
    assert studio_stage.says("explain.loud.harm") in page
    assert f'href="/studio/d/{draft}/flows/return#step-what-it-is"' in page
    assert 'aria-disabled="true"' in page
    answer = await author.post(f"/studio/d/{draft}/publish/ask", data={"words": "quand même"})
    assert answer.status_code == 422
    assert "quand même" in answer.text


async def test_a_button_mends(author, studio_stage) -> None:
    draft = await drafted(studio_stage, **PROMISE)
    page = await page_of(author, draft)
    edits = re.search(r'name="edits" value="([^"]+)"', page)
    assert edits is not None

    answer = await author.post(f"/studio/d/{draft}/mend", data={"edits": edits[1].replace("&#34;", '"'), "action": "m1"})

    assert answer.headers["location"].endswith("?said=mended")
    assert studio_stage.says("explain.loud") not in await page_of(author, draft)


@pytest.mark.parametrize("edits", ["", "{", "[]x", '[{"type":"nonsense"}]'])
async def test_a_strange_mend_is_refused(author, studio_stage, edits) -> None:
    draft = await drafted(studio_stage)

    assert (await author.post(f"/studio/d/{draft}/mend", data={"edits": edits, "action": "m"})).status_code == 422


async def test_the_bar_counts_and_says_what_is_missing(author, studio_stage) -> None:
    draft = await drafted(studio_stage, old="hours: unknown", new="hours: always")

    first = (await author.get(f"/studio/d/{draft}/bar")).text
    assert studio_stage.says("publish.n.changes", n=1) in first
    assert studio_stage.says("publish.tests.unknown") in first
    second = (await author.get(f"/studio/d/{draft}/bar?tests")).text
    assert studio_stage.says("publish.tests.unknown") not in second
    assert f'href="/studio/d/{draft}/publish#gate"' in second


async def test_a_draft_that_another_overtook_is_brought_up(author, publisher, studio_stage) -> None:
    draft = await drafted(studio_stage)
    other = await drafted(studio_stage, old="hours: unknown", new="hours: always")
    asked = await studio_stage.workshop.ask(other, by="s5", words="")
    await studio_stage.workshop.approve(other, asked.revision, by="s6")
    await studio_stage.workshop.publish(other, by="s6")

    page = await page_of(author, draft)
    assert studio_stage.says("publish.behind") in page
    assert studio_stage.says("publish.why.behind") in page
    answer = await author.post(f"/studio/d/{draft}/publish/freshen")

    assert answer.headers["location"].endswith("?said=freshened")
    assert studio_stage.says("publish.behind") not in await page_of(author, draft)


async def test_it_is_given_up(author, studio_stage) -> None:
    draft = await drafted(studio_stage)

    await author.post(f"/studio/d/{draft}/publish/drop")

    assert (await studio_stage.workshop.head(draft)).state == "dropped"


async def test_where_both_changed_the_same_lines_both_are_shown(author, studio_stage) -> None:
    draft = await drafted(studio_stage, old="hours: unknown", new="hours: [{days: sun-thu, open: 08:30-16:30}]")
    other = await drafted(studio_stage, old="hours: unknown", new="hours: always")
    bundle = await studio_stage.workshop.bundle(other)
    await studio_stage.library.publish(bundle, by="operator", why="")

    page = (await author.post(f"/studio/d/{draft}/publish/freshen")).text

    assert studio_stage.says("publish.clashes") in page
    assert "08:30-16:30" in page
