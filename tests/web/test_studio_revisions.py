"""What is and was in force: who and why, what it changed, the way back with what it changes, and the recall with its warning."""

import pytest

from bot.conversation.keeping.library import Deed
from bot.studio.drafts.parts import TooMuch
from tests.fakes import InlineBench
from tests.web.stage import Stage


async def published(stage: Stage, old: str, new: str, why: str) -> str:
    """Another revision in force; gives its name."""
    await stage.door.open()
    head = await stage.library.look()
    bundle = await stage.library.bundle(head.revision)
    bundle = bundle.with_file("flows/directory.yaml", bundle["flows/directory.yaml"].replace(old, new, 1))
    deed = Deed(at=stage.clock.now(), by="s6", why=why, revision=bundle.revision, draft="x", authors=("s5",), approved="s6")
    await stage.library.put_in_force(bundle, deed)
    return str(bundle.revision)


@pytest.fixture
async def two(studio_stage) -> tuple[str, str]:
    """The first revision, and one after it."""
    await studio_stage.door.open()
    first = (await studio_stage.library.look()).revision
    return first, await published(studio_stage, "hours: unknown", "hours: always", "Ils répondent la nuit")


async def test_each_says_who_when_and_why(author, studio_stage, two) -> None:
    page = (await author.get("/studio/revisions")).text

    assert "Ils répondent la nuit" in page
    assert studio_stage.says("revisions.wrote", names="Figuier") in page
    assert studio_stage.says("revisions.approved", name="Olivier") in page
    assert studio_stage.says("revisions.by.operator") in page
    assert page.index(two[1]) < page.index(two[0])


async def test_what_one_changed_is_said_against_the_one_before(author, studio_stage, two) -> None:
    page = (await author.get(f"/studio/revisions/{two[1]}")).text

    assert "jour et nuit" in page
    assert studio_stage.says("revisions.before", revision=two[0][:12]) in page
    assert studio_stage.says("revisions.first") in (await author.get(f"/studio/revisions/{two[0]}")).text
    assert (await author.get("/studio/revisions/nothing")).status_code == 404


async def test_going_back_says_what_it_changes_and_is_one_press(publisher, studio_stage, two) -> None:
    page = (await publisher.get("/studio/revisions")).text
    assert studio_stage.says("revisions.back.what", "ar", n=1) in page
    assert f'action="/studio/revisions/{two[0]}/rollback"' in page

    answer = await publisher.post(f"/studio/revisions/{two[0]}/rollback", data={"why": "Erreur"})

    assert answer.headers["location"] == "/studio/revisions?said=rollback"
    deed = (await studio_stage.library.look()).deeds[-1]
    assert (deed.revision, deed.kind, deed.by, deed.why) == (two[0], "rollback", "s6", "Erreur")


async def test_the_way_back_waits_for_no_bench(publisher, studio_stage, two, monkeypatch) -> None:
    """Whoever must go back at once is not held up by what a draft, or what is in force, does to the bench."""

    async def stuck(*_: object, **__: object) -> None:
        raise TooMuch

    monkeypatch.setattr(InlineBench, "__call__", stuck)

    for page in ("/studio/revisions", f"/studio/revisions/{two[0]}", f"/studio/revisions/{two[1]}"):
        answer = await publisher.get(page)
        assert answer.status_code == 200
        assert studio_stage.says("revisions.back.unknown", "ar") in answer.text
    assert f'action="/studio/revisions/{two[0]}/rollback"' in (await publisher.get("/studio/revisions")).text


async def test_a_recall_warns_and_moves_everybody_off(publisher, studio_stage, two) -> None:
    page = (await publisher.get("/studio/revisions")).text
    assert studio_stage.says("revisions.recall.what", "ar") in page

    await publisher.post(f"/studio/revisions/{two[0]}/recall", data={"why": "Faux numéro"})

    assert two[0] in (await studio_stage.library.look()).recalled
    assert studio_stage.says("revisions.recalled", "ar") in (await publisher.get("/studio/revisions")).text


async def test_what_was_recalled_comes_back_only_with_a_ticked_box(publisher, studio_stage, two) -> None:
    await publisher.post(f"/studio/revisions/{two[0]}/recall", data={"why": "Faux numéro"})

    refused = await publisher.post(f"/studio/revisions/{two[0]}/rollback", data={"why": "Vite"})
    assert refused.status_code == 422
    assert studio_stage.says("revisions.no.recalled", "ar") in refused.text
    assert (await studio_stage.library.look()).revision == two[1]
    assert 'name="recalled" value="yes" required' in (await publisher.get(f"/studio/revisions/{two[0]}")).text
    assert 'name="recalled"' not in (await publisher.get("/studio/revisions")).text

    await publisher.post(f"/studio/revisions/{two[0]}/rollback", data={"why": "Le numéro répond", "recalled": "yes"})
    head = await studio_stage.library.look()
    assert (head.revision, head.recalled) == (two[0], ())


async def test_what_is_in_force_is_not_recalled_and_what_is_unknown_not_found(publisher, studio_stage, two) -> None:
    for revision, act in ((two[1], "recall"), ("nothing", "recall"), ("nothing", "rollback")):
        answer = await publisher.post(f"/studio/revisions/{revision}/{act}", data={"why": ""})
        assert answer.status_code == 422
        assert studio_stage.says("revisions.no.unknown", "ar") in answer.text
    assert (await publisher.post(f"/studio/revisions/{two[0]}/other")).status_code == 404


async def test_who_only_writes_moves_nothing(author, studio_stage, two) -> None:
    assert "rollback" not in (await author.get("/studio/revisions")).text
    for act in ("rollback", "recall"):
        assert (await author.post(f"/studio/revisions/{two[0]}/{act}", data={"why": "x"})).status_code == 403
    assert (await studio_stage.library.look()).revision == two[1]
