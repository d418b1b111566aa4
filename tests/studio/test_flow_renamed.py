"""A flow under another name: everywhere it is meant and nowhere else, its translations kept, a colleague's words with it."""

import pytest

from bot.checks.chat import run_chats
from bot.studio.bundle.compiled import compiled
from bot.studio.comparing.difference import difference
from bot.studio.editing.apply import apply
from bot.studio.editing.bringing import brought_onto
from bot.studio.editing.edits import AddStep, Clash, RenameFlow, SetText
from bot.studio.files.reading import text_of
from tests.studio.shipped import changed_files, in_step_with_sources, shipped_bundle
from tests.studio.shop import shop


@pytest.fixture(scope="module")
def shipped():
    return shipped_bundle()


def renamed(bundle, flow="return", to="going-home"):
    after = apply(bundle, RenameFlow(flow, to))
    assert not isinstance(after, Clash), after
    return after


def test_every_place_that_means_it_is_renamed(shipped):
    after = renamed(shipped)
    done = compiled(after)

    assert done.program is not None, done.problems[:3]
    assert "flow: going-home\n" in after["flows/going-home.yaml"]
    assert "call: {home: going-home," in after["flows/menu.yaml"]
    assert "asks: [going-home.fear, travel-desk.fear]" in after["flows/bot.yaml"]
    assert "needs: [going-home, return-steps," in after["flows/replies.yaml"]
    assert text_of(after, "going-home.fear", "ar") == text_of(shipped, "return.fear", "ar") != ""
    assert in_step_with_sources(after)
    path = "flows/tests/s02-soon-18.chat"
    assert all(result.passed for result in run_chats(done.program, {path: after[path]}))
    assert "< going-home.fear\n" in after[path]


@pytest.mark.parametrize("flow", ["return", "danger", "menu", "work", "privacy"])
def test_named_back_every_byte_is_as_it_was(shipped, flow):
    there = renamed(shipped, flow, "another-name")
    assert compiled(there).program is not None

    assert changed_files(shipped, renamed(there, "another-name", flow)) == set()


@pytest.mark.parametrize(("to", "why"), [("menu", "taken"), ("fear", "step"), ("end", "name"), ("Going", "name"), ("bot", "name")])
def test_a_name_that_cannot_be_is_refused(shipped, to, why):
    clash = apply(shipped, RenameFlow("return", to))

    assert isinstance(clash, Clash)
    assert clash.theirs.endswith(f": name: {why}")


def test_the_difference_says_the_new_name_and_no_more(shipped):
    said = difference(shipped, renamed(shipped))

    assert [change.says.id for change in said] == ["difference.flow-renamed"]


async def test_what_a_colleague_writes_under_the_old_name_goes_to_the_new_and_undo_keeps_it():
    made = await shop()
    head = await made.begin()
    await made.workshop.edit(head.id, [RenameFlow("try", "probe")], by="amina", action="one")

    theirs = await made.workshop.edit(
        head.id,
        [SetText("try.hello", "en", "Good day.", "Hello."), AddStep("try", "hello", {"say": "more", "text": "More."})],
        by="karim",
        action="two",
    )
    assert theirs.clashes == ()
    assert "text: Good day." in theirs.bundle["flows/probe.yaml"]
    assert "say: more" in theirs.bundle["flows/probe.yaml"]

    back = await made.workshop.undo(head.id, by="amina")
    assert back.clashes == ()
    assert "text: Good day." in back.bundle["flows/try.yaml"]
    assert "flows/probe.yaml" not in back.bundle


def test_a_draft_is_brought_onto_a_flow_that_was_renamed_meanwhile(shipped):
    mine = apply(shipped, SetText("return.fear", "en", "Are you afraid?", text_of(shipped, "return.fear", "en")))

    for bundle, clashes in (brought_onto(shipped, mine, renamed(shipped)), brought_onto(shipped, renamed(shipped), mine)):
        assert clashes == ()
        assert "flows/return.yaml" not in bundle
        assert text_of(bundle, "going-home.fear", "en") == "Are you afraid?"
