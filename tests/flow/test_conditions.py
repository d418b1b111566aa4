"""Conditions: what they mean, and what is said of those that mean nothing."""

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.answers import SKIPPED, Answer, Choice, Choices, CountryOf, DateOf, Hours, Number
from bot.flow.conditions import Named, compile_condition
from bot.flow.expressions import Wrong, parse
from bot.flow.program import Condition

YES_NO = Choices((Choice("yes", ""), Choice("no", "")))
NEEDS = Choices((Choice("bed", ""), Choice("food", "")), many=True)


class Names:
    """The names of these tests."""

    known: Mapping[str, Named] = {
        "fear": Named("own", YES_NO, frozenset({"yes", "no", SKIPPED})),
        "needs": Named("own", NEEDS, frozenset({"bed", "food", SKIPPED})),
        "years": Named("own", Number(0, 90), frozenset({SKIPPED})),
        "always-there": Named("own", Number(0, 90), frozenset(), always=True),
        "day": Named("own", DateOf(), frozenset()),
        "country": Named("shared", CountryOf(here=True), frozenset({"DZ", "MA", SKIPPED})),
        "abroad": Named("shared", CountryOf(here=False), None),
        "hours": Named("shared", Hours(), frozenset({"morning", "night"})),
        "language": Named("builtin", None, frozenset({"ar", "fr"})),
        "team.desk": Named("builtin", None, frozenset({"open", "closed"})),
    }

    def named(self, name: str) -> Named | Wrong:
        return self.known.get(name) or Wrong("no-such-answer", name)


def compiled(text: str) -> Condition:
    condition, wrongs = compile_condition(text, Names())
    assert wrongs == ()
    assert condition is not None
    return condition


def holds(text: str, own: Mapping[str, Answer] | None = None, shared: Mapping[str, Answer] | None = None, **builtin: str) -> bool:
    condition = compiled(text)
    found = condition(own or {}, shared or {}, lambda name: builtin.get(name.replace(".", "_")))
    assert isinstance(found, bool)
    return found


@pytest.mark.parametrize(
    ("text", "own", "expected"),
    [
        ("fear is yes", {"fear": "yes"}, True),
        ("fear is yes", {"fear": "no"}, False),
        ("fear is yes/skipped", {"fear": "skipped"}, True),
        ("fear is yes / skipped", {"fear": "no"}, False),
        ("fear is not yes/no", {"fear": "skipped"}, True),
        ("fear is not yes", {"fear": "yes"}, False),
        ("not fear is yes", {"fear": "yes"}, False),
        ("not not fear is yes", {"fear": "yes"}, True),
        ("needs has bed", {"needs": ("food", "bed")}, True),
        ("needs has bed", {"needs": ("food",)}, False),
        ("needs has bed", {"needs": "skipped"}, False),
        ("needs is skipped", {"needs": "skipped"}, True),
        ("known years and years < 18", {"years": 17}, True),
        ("known years and years < 18", {"years": 18}, False),
        ("known years and years <= 18", {"years": 18}, True),
        ("known years and years > 18", {"years": 18}, False),
        ("known years and years >= 18", {"years": 18}, True),
        ("known years and years >= 18", {"years": "skipped"}, False),
        ("years is 17", {"years": 17}, True),
        ("always-there < 5", {"always-there": 4}, True),
        ("known day and day < 2026-12-01", {"day": "2026-11-30"}, True),
        ("known day and day >= 2026-12-01", {"day": "2026-11-30"}, False),
        ("day is 2026-11-30", {"day": "2026-11-30"}, True),
        ("known fear", {"fear": "no"}, True),
        ("known fear", {"fear": "skipped"}, False),
    ],
)
def test_a_condition_means_what_it_says(text: str, own: Mapping[str, Answer], expected: bool) -> None:
    assert holds(text, own) is expected


@pytest.mark.parametrize(
    "text", ["fear is yes", "fear is yes/no", "needs has bed", "known years and years < 90", "known fear", "day is 2026-11-30"]
)
def test_an_answer_that_is_missing_fits_nothing(text: str) -> None:
    assert holds(text) is False


def test_what_is_missing_is_not_any_value() -> None:
    assert holds("fear is not yes")
    assert holds("fear is not yes/no")
    assert holds("country is not DZ")
    assert holds("language is not ar")


def test_and_binds_closer_than_or_and_brackets_closest() -> None:
    own = {"fear": "yes"}

    assert holds("fear is yes or fear is no and known years", own)
    assert not holds("(fear is yes or fear is no) and known years", own)
    assert holds("known years or known day or fear is yes", own)
    assert not holds("fear is yes and fear is yes and known day", own)


def test_shared_and_built_in_names_are_read_where_they_are() -> None:
    assert holds("country is DZ", {"country": "MA"}, {"country": "DZ"})
    assert holds("abroad is FR", {}, {"abroad": "FR"})
    assert holds("hours has night", {}, {"hours": ("night",)})
    assert holds("language is fr", language="fr")
    assert holds("team.desk is closed", team_desk="closed")
    assert not holds("known language")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "condition"),
        ("fear", "condition"),
        ("fear = yes", "condition"),
        ("fear is", "condition"),
        ("fear is yes/", "condition"),
        ("is yes", "condition"),
        ("(fear is yes", "condition"),
        ("fear is yes)", "condition"),
        ("fear is yes and", "condition"),
        ("known", "condition"),
        ("fear is {yes}", "condition"),
        ("fear has yes", "condition"),
        ("needs is bed", "condition"),
        ("fear < yes", "condition"),
        ("known years and years < skipped", "condition"),
        ("(" * 200 + "fear is yes" + ")" * 200, "condition"),
        ("not " * 500 + "fear is yes", "condition"),
        ("fear is yess", "no-such-value"),
        ("years is 91", "no-such-value"),
        ("years is many", "no-such-value"),
        ("day is tomorrow", "no-such-value"),
        ("fer is yes", "no-such-answer"),
        ("years < 18", "may-be-unknown"),
        ("known fear and years < 18", "may-be-unknown"),
    ],
)
def test_what_means_nothing_is_named(text: str, rule: str) -> None:
    condition, wrongs = compile_condition(text, Names())

    assert condition is None
    assert wrongs[0].rule == rule


def test_everything_wrong_in_one_condition_is_found_at_once() -> None:
    _, wrongs = compile_condition("fear is yess and fer is no and years < 3", Names())

    assert [wrong.rule for wrong in wrongs] == ["no-such-value", "no-such-answer", "may-be-unknown"]


_WORDS = "fear needs years day country language team.desk is not and or has known ( ) / < >= yes no bed 17 2026-11-30 DZ skipped x"
_PARTS = st.sampled_from(_WORDS.split())
_VALUES = st.sampled_from(["yes", "no", "skipped", ("bed",), ("food", "bed"), 17, 0, "2026-11-30", "DZ"])


@given(st.text())
def test_no_text_raises(text: str) -> None:
    parse(text)


@given(st.lists(_PARTS, max_size=14), st.dictionaries(st.sampled_from(list(Names.known)), _VALUES))
def test_whatever_compiles_gives_yes_or_no_for_any_answers(parts: list[str], answers: dict[str, Answer]) -> None:
    condition, wrongs = compile_condition(" ".join(parts), Names())

    assert (condition is None) == bool(wrongs)
    if condition is not None:
        once = condition(answers, answers, lambda name: None)
        assert once is condition(answers, answers, lambda name: None)
        assert isinstance(once, bool)


@given(st.sampled_from(["yes", "no", "skipped", None]), st.sampled_from(["yes", "yes/no", "no/skipped"]))
def test_is_not_is_exactly_the_opposite_of_is(answer: str | None, values: str) -> None:
    own = {} if answer is None else {"fear": answer}

    assert holds(f"fear is {values}", own) is not holds(f"fear is not {values}", own)


def test_a_condition_costs_no_more_than_some_microseconds() -> None:
    condition, own = compiled("fear is yes"), {"fear": "yes"}
    best = 1.0
    for _ in range(5):
        began = time.process_time()
        for _ in range(20_000):
            condition(own, own, None)  # type: ignore[arg-type]
        best = min(best, (time.process_time() - began) / 20_000)

    assert best < 1e-5
