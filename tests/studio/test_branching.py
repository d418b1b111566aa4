"""Where a branch stands: below its question, where nobody else comes by, and who goes on is led round it."""

from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import AddStep, SetValue
from bot.studio.showing.branching import Gap, gaps_of
from bot.studio.showing.script import script_of
from tests.checks.bundles import trying

STEPS = """\
  - ask: one
    text: One?
    choices: {yes: Yes, no: No}
  - call: where
  - ask: two
    text: Two?
    choices: {yes: Yes, no: No}
    go: {yes: end, no: one}
  - ask: three
    text: Three?
    choices: {yes: Yes, no: No}
  - end
"""


def gaps(bundle: Bundle) -> dict[str, Gap]:
    script = script_of(bundle, "try", "en")
    assert script is not None
    return gaps_of(script.steps)


def test_a_place_is_the_first_that_nobody_comes_by_or_can_be_led_round() -> None:
    found = gaps(trying(STEPS))

    assert found["one"] == Gap("#1", "two")  # `call` has no name that could be led to: behind it
    assert found["two"] == Gap("two", "three")
    assert found["three"] == Gap("#4")
    assert found[""] == Gap("", "one")


def test_the_branch_stands_below_its_question_and_the_others_go_on_as_before() -> None:
    bundle = trying(STEPS.replace("    go: {yes: end, no: one}\n", ""))
    gap = gaps(bundle)["two"]
    for edit in (
        SetValue("flows/try.yaml", ("steps", "@two", "go"), {"no": "sorry"}, None),
        AddStep("try", gap.after, {"end": ""}),
        AddStep("try", gap.after, {"say": "sorry", "text": "Sorry."}),
        AddStep("try", gap.after, {"go": gap.round}),
    ):
        after = apply(bundle, edit)
        assert isinstance(after, Bundle)
        bundle = after

    assert bundle["flows/try.yaml"].endswith(
        "    go: {no: sorry}\n  - go: three\n  - say: sorry\n    text: Sorry.\n  - end\n"
        "  - ask: three\n    text: Three?\n    choices: {yes: Yes, no: No}\n  - end\n"
    )
    assert {problem.rule for problem in compiled(bundle).problems} <= {"missing-translation"}
