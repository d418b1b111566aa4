"""Steps put in, moved, taken away and given another name, in the shipped flows."""

from datetime import date

import pytest

from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled, findings
from bot.studio.bundle.trials import tried
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import AddStep, MoveStep, RemoveStep, RenameStep
from bot.studio.files.reading import text_of
from tests.studio.shipped import AR, FR, changed_files, difference, in_step_with_sources, shipped_bundle, updated


@pytest.fixture(scope="module")
def shipped():
    return shipped_bundle()


FLOWS = ("asylum-first", "danger", "menu", "return", "scam", "where", "work")
QUESTION = {
    "ask": "papers",
    "go": {"yes": "next"},
    "choices": {"yes": "Yes", "later": "Not now: later"},
    "text": "One more thing.\nDo you have your papers?",
    "if": "known country",
}


def test_a_step_is_written_in_the_order_of_the_language(shipped):
    after = apply(shipped, AddStep("return", "free", QUESTION, {"fr": {"return.papers": "Vos papiers ?", "return.papers.yes": "Oui"}}))

    assert difference(shipped, after, "flows/return.yaml") == [
        "+",
        "+  - if: known country",
        "+    ask: papers",
        "+    text: |",
        "+      One more thing.",
        "+      Do you have your papers?",
        "+    choices:",
        '+      yes: "Yes"',
        '+      later: "Not now: later"',
        "+    go: {yes: next}",
    ]
    assert updated(after) == after
    assert text_of(after, "return.papers", "fr") == "Vos papiers ?"
    assert [line for line in difference(shipped, after, FR) if line.startswith("-")] == []


def test_a_step_stands_as_close_as_its_neighbours(shipped):
    close = apply(shipped, AddStep("return", "what-it-is", {"say": "x", "text": "Hello"}))
    top = apply(shipped, AddStep("bring", "", {"say": "x", "text": "Hello"}))
    last = apply(shipped, AddStep("bring", "#3", {"end": ""}))

    assert difference(shipped, close, "flows/return.yaml") == ["+  - say: x", "+    text: Hello"]
    assert "steps:\n  - say: x\n    text: Hello\n  - say: papers\n" in top["flows/bring.yaml"]
    assert last["flows/bring.yaml"] == shipped["flows/bring.yaml"] + "  - end\n"


def test_a_step_taken_away_is_as_if_it_had_never_been(shipped):
    for after in ("", "what-it-is", "free", "situation", "#38"):
        more = apply(shipped, AddStep("return", after, QUESTION))
        less = apply(more, RemoveStep("return", "papers"))
        assert less == shipped, after


def test_a_step_takes_its_comments_along_and_comes_back(shipped):
    moved = apply(shipped, MoveStep("return", "fear", "under-18"))
    lines = moved["flows/return.yaml"].split("\n")

    assert lines[lines.index("  - ask: fear") - 1].startswith("  # A yes or a doubt ends this flow here")
    assert apply(moved, MoveStep("return", "fear", "free")) == shipped
    assert updated(moved) == moved
    assert sorted(moved[FR].split("\n")) == sorted(shipped[FR].split("\n"))


def test_the_first_step_goes_and_comes(shipped):
    moved = apply(shipped, MoveStep("menu", "#0", "topic"))

    assert "steps:\n  - ask: topic\n" in moved["flows/menu.yaml"]
    assert "\n\n  # First words that named something of the second list go there at once.\n  - if: heard" in moved["flows/menu.yaml"]
    assert apply(moved, MoveStep("menu", "#1", "")) == shipped


@pytest.mark.parametrize("name", FLOWS)
def test_every_step_can_go_anywhere_and_back(shipped, name):
    keys = [step.key for step in compiled(shipped).draft.flows[name].steps]
    for key in [key for key in keys if not key.startswith("#")]:
        before = keys[keys.index(key) - 1] if keys.index(key) else ""
        for target in ("", keys[len(keys) // 2]):
            if target != key and not target.startswith("#") and not before.startswith("#"):
                moved = apply(shipped, MoveStep(name, key, target))
                assert apply(moved, MoveStep(name, key, before)) == shipped, (key, target)


def test_what_stands_apart_stays_apart(shipped):
    after = apply(shipped, RemoveStep("return", "court"))

    assert "  - go: next\n\n  - contacts: court-legal\n" in after["flows/return.yaml"]
    assert updated(after) == after


def test_a_renamed_step_is_renamed_wherever_it_is_meant(shipped):
    after = apply(shipped, RenameStep("return", "can-ask", "may-ask"))

    assert difference(shipped, after, "flows/return.yaml") == [
        "-      - {go: can-ask, source: IOM-RR}",
        "+      - {go: may-ask, source: IOM-RR}",
        "-  - say: can-ask",
        "+  - say: may-ask",
    ]
    assert text_of(after, "return.may-ask", "ar") == text_of(shipped, "return.can-ask", "ar")
    assert difference(shipped, after, AR) == [
        "-#. flow ‹Going home with help›, step ‹can-ask›",
        "+#. flow ‹Going home with help›, step ‹may-ask›",
        '-msgctxt "return.can-ask"',
        '+msgctxt "return.may-ask"',
    ]
    assert any(path.endswith(".chat") for path in changed_files(shipped, after))
    assert updated(after) == after
    assert apply(after, RenameStep("return", "may-ask", "can-ask")) == shipped


def test_a_renamed_answer_is_renamed_in_conditions_consents_and_tests(shipped):
    after = apply(shipped, RenameStep("return", "situation", "standing"))
    text = after["flows/return.yaml"]

    assert "{if: standing is detained, go: detained, source: IOM-SK}" in text
    assert "shows: [country, standing, safe-hours]" in text
    assert any("case: return-desk normal: country safe-hours standing" in after[path] for path in after.test_paths())
    assert not compiled(after).problems
    assert all(trial.passed for trial in tried(after))
    assert apply(after, RenameStep("return", "standing", "situation")) == shipped


@pytest.mark.parametrize("name", FLOWS)
def test_any_step_can_be_renamed_and_everything_still_fits(shipped, name):
    bundle = shipped
    for step in compiled(shipped).draft.flows[name].steps:
        if not step.key.startswith("#"):
            done = apply(bundle, RenameStep(name, step.key, f"z-{step.key}"[:40]))
            bundle = done if isinstance(done, Bundle) else bundle
    after, before = (findings(each, date(2026, 11, 29)) for each in (bundle, shipped))
    assert [(each.file, each.line, each.rule) for each in after] == [(each.file, each.line, each.rule) for each in before]
    assert in_step_with_sources(bundle)


@pytest.mark.parametrize("to", ["free", "menu", "end", "Big", "", "x" * 41, "a\nb", "\u202e"])
def test_a_name_that_cannot_be_is_refused(shipped, to):
    assert apply(shipped, RenameStep("return", "fear", to)).why == "form"


def test_a_shared_answer_is_not_renamed_in_one_flow(shipped):
    assert apply(shipped, RenameStep("return", "under-18", "minor")).why == "form"


def test_what_is_gone_is_a_clash(shipped):
    assert apply(shipped, AddStep("return", "nowhere", QUESTION)).why == "gone"
    assert apply(shipped, AddStep("nowhere", "", QUESTION)).why == "gone"
    assert apply(shipped, MoveStep("return", "fear", "nowhere")).why == "gone"
    assert apply(shipped, RenameStep("return", "nowhere", "x")).why == "gone"
    assert apply(shipped, AddStep("return", "", {"say": "free", "text": "x"})).why == "changed"
