"""What authors do in a hurry or with the best of wills: the harmful is stopped, each by its rule, and the harmless is not."""

import pytest

from bot.checks.dangers import danger_problems
from bot.checks.fear import fear_problems
from bot.checks.graph import Graph
from bot.checks.wording import Limits, Said, problems_of
from bot.flow.draft import SourceText
from bot.studio.bundle.compiled import compiled
from tests.checks.harmful_edits import EDITS
from tests.checks.harmful_words import HARMFUL, HARMLESS, TRANSLATED, TRANSLATED_WELL
from tests.studio.large import shipped

HARM = {"promise", "promised-time", "promised-help", "asks-too-much", "never-said", "lost-meaning", "lost-words"}


def rules(text: str, language: str, source: str = "", origin: str = "") -> set[str]:
    """The rules of harm that one text breaks."""
    of = SourceText("a.b", source or text, "flows/a.yaml", 1, "")
    return {problem.rule for problem in problems_of(Said(of, language, text, "x", 1, origin=origin), Limits())} & HARM


@pytest.mark.parametrize(("rule", "language", "text"), HARMFUL)
def test_harmful_words_are_stopped(rule: str, language: str, text: str) -> None:
    assert rule in rules(text, language)


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_harmless_words_pass(language: str, text: str) -> None:
    assert rules(text, language) == set()


@pytest.mark.parametrize(("rule", "source", "language", "text"), TRANSLATED)
def test_a_translation_that_says_less_or_the_opposite_is_stopped(rule: str, source: str, language: str, text: str) -> None:
    assert rule in rules(text, language, source, "en")


@pytest.mark.parametrize(("source", "language", "text"), TRANSLATED_WELL)
def test_a_free_translation_passes(source: str, language: str, text: str) -> None:
    assert rules(text, language, source, "en") == set()


@pytest.mark.parametrize(("rule", "file", "old", "new"), [edit[1:] for edit in EDITS], ids=[edit[0] for edit in EDITS])
def test_a_harmful_edit_of_the_flows_is_stopped(rule: str, file: str, old: str, new: str) -> None:
    path = f"flows/{file}.yaml"
    assert old in shipped()[path]
    draft = compiled(shipped().with_file(path, shipped()[path].replace(old, new, 1))).draft
    graph = Graph.of(draft)

    assert rule in {problem.rule for problem in (*fear_problems(draft, graph), *danger_problems(draft, graph)) if not problem.warning}


def test_the_shipped_flows_keep_to_both() -> None:
    draft = compiled(shipped()).draft
    graph = Graph.of(draft)

    assert [*fear_problems(draft, graph), *danger_problems(draft, graph)] == []
