"""Edits at different places go together in any order; what is hostile is refused with its line; the checks see what was written."""

from datetime import date
from functools import cache

import pytest

from bot.checks.check import check
from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import findings
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import AddStep, Clash, Confirm, MoveStep, RemoveFile, RemoveStep, RenameStep, SetText, SetValue, WriteFile
from bot.studio.files.reading import text_of, value_at
from tests.studio.edits_at_random import Author
from tests.studio.shipped import FR, shipped_bundle

ON = date(2026, 11, 29)


@pytest.fixture(scope="module")
def shipped():
    return shipped_bundle()


def a_few(bundle):
    phone = ("contacts", "unhcr-dz", "phone", "#0")
    return (
        SetText("return.free", "en", "Never pay.", text_of(bundle, "return.free", "en")),
        SetText("return.fear", "en", "Are you afraid: of anybody?", text_of(bundle, "return.fear", "en")),
        SetText("return.fear", "fr", "Avez-vous peur ?", text_of(bundle, "return.fear", "fr")),
        SetText("menu.topic.home", "ar", "العودة", text_of(bundle, "menu.topic.home", "ar")),
        SetValue("flows/directory.yaml", phone, "+213 1", value_at(bundle, "flows/directory.yaml", phone)),
        SetValue("flows/return.yaml", ("steps", "@asylum", "help"), "Yes or no.", None),
        SetValue("flows/return.yaml", ("steps", "@next", "choices", "new"), "New", None),
        AddStep("return", "court", {"say": "court-more", "text": "More."}, {"fr": {"return.court-more": "Plus."}}),
        MoveStep("return", "not-forced", "waiting"),
        RemoveStep("return", "before"),
        RenameStep("return", "how-to-ask", "asking"),
        WriteFile("flows/bring.yaml", bundle["flows/bring.yaml"] + "# mine\n", bundle["flows/bring.yaml"]),
    )


@cache
def alone(number):
    return apply(shipped_bundle(), a_few(shipped_bundle())[number])


@pytest.mark.parametrize("number", range(1, 12))
def test_edits_at_different_places_go_together_in_any_order(shipped, number):
    edits = a_few(shipped)
    for before in range(number):
        if (before, number) != (1, 2):  # a source and its translation
            assert apply(alone(before), edits[number]) == apply(alone(number), edits[before]), edits[before]


@pytest.mark.parametrize("seed", range(6))
def test_the_checks_of_the_studio_are_those_of_the_command(shipped, seed):
    author, bundle = Author(seed + 500), shipped
    for _ in range(4):
        made = author.act(bundle)
        after = apply(bundle, made.edit) if made else None
        bundle = after if isinstance(after, Bundle) else bundle
    assert findings(bundle, ON) == check(bundle, ON)


HOSTILE = ["[" * 100_000, "{" * 100_000, "a\x00b", "a\u202eb", "\u2067a", "a\x85b", "a\ufeffb", "\ud800", "x" * 10_000_000, "- " * 60_000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:4]))
def test_nothing_hostile_raises_and_its_line_is_told(shipped, text):
    for edit in (
        WriteFile("flows/menu.yaml", text, shipped["flows/menu.yaml"]),
        WriteFile("flows/new.yaml", text, None),
        WriteFile("flows/tests/new.chat", text, None),
        WriteFile(FR, text, shipped[FR]),
        SetText("menu.again", "en", text, text_of(shipped, "menu.again", "en")),
        SetText("menu.again", "fr", text, text_of(shipped, "menu.again", "fr")),
        SetText(text, "fr", "x", ""),
        SetText("menu.again", text, "x", ""),
        Confirm(text, text, text),
        SetValue("flows/menu.yaml", ("title",), text, "What the person wants"),
        SetValue("flows/menu.yaml", ("steps", "@topic", "choices", text), "x", None),
        SetValue("flows/menu.yaml", (text,) * 100, "x", None),
        SetValue(text, ("title",), "x", None),
        AddStep("menu", "", {"say": text, "text": text}),
        AddStep("menu", text, {"say": "x", "text": "x"}),
        AddStep("menu", "", {"say": "x", "text": "x"}, {"fr": {"menu.x": text}, text: {text: text}}),
        MoveStep("menu", text, text),
        RemoveStep(text, text),
        RenameStep("menu", "topic", text),
        RemoveFile(text, text),
    ):
        outcome = apply(shipped, edit)
        assert isinstance(outcome, Bundle | Clash)
        if isinstance(outcome, Clash) and outcome.why == "form":
            assert any(part.isdecimal() for part in outcome.theirs.split(":")), edit


def test_a_file_keeps_its_own_line_breaks_whatever_a_page_sends(shipped):
    was = shipped["flows/menu.yaml"]
    sent = was.replace("What the person wants", "The menu").replace("\n", "\r\n")

    assert apply(shipped, WriteFile("flows/menu.yaml", sent, was))["flows/menu.yaml"] == was.replace("What the person wants", "The menu")
    assert apply(shipped, WriteFile("flows/menu.yaml", sent, was.replace("\n", "\r\n")))["flows/menu.yaml"].count("\r") == 0
