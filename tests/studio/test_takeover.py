"""What came now, taken over into tests that fail: only the lines that are otherwise, and no protection lost unseen."""

import pytest

from bot.checks.chat import run_chats
from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled
from bot.studio.comparing.changes import Called, Words
from bot.studio.comparing.difference import difference
from bot.studio.playing.takeover import Takeover, taken_over
from tests.checks.bundles import trying

STEPS = """\
  - say: hello
    text: |
      This is free of charge. You decide.
      Call 15.
  - ask: near
    text: Can somebody read this?
    choices: {yes: Yes, no: No, skip-it: Rather not}
    private: yes
    go: {yes: hide, skip-it: end}
  - ask: need
    text: What do you need?
    choices: {law: Legal help, bed: A bed}
  - if: need is law
    contacts: lawyers
    need: legal
    country: DZ
    none: We have no checked number today.
  - handoff: desk
    to: desk
  - say: bye
    text: Goodbye.
  - end
  - say: hide
    text: We stop here.
  - end
"""
TEST = """\
# A person who is alone finds the desk
flow: try
at: 2026-11-23 10:00   # a Monday
never: police, arrest

> (starts)
< try.hello
has: Free of charge
has: 15
< try.near [yes] [no] [skip-it]
# nobody is near
> [no]
< try.need

> [law]
< try.lawyers
< try.desk          # a person is called
< ...
< try.bye
state: waiting
case: desk normal:
"""
PATH = "flows/tests/mine.chat"
BASE = Bundle({**trying(STEPS), PATH: TEST})


def after(*swaps: tuple[str, str], chosen: dict[str, str] | None = None, test: str = TEST) -> Takeover:
    steps = STEPS
    for old, new in swaps:
        assert old in steps
        steps = steps.replace(old, new, 1)
    bundle = Bundle({**trying(steps), PATH: test})
    program = compiled(bundle).program
    assert program is not None, compiled(bundle).problems
    (found,) = taken_over(Bundle({**BASE, PATH: test}), bundle, [PATH], chosen or {})
    if found.state == "ready":
        assert all(result.passed for result in run_chats(program, {PATH: found.text}))
    return found


def lines(found: Takeover) -> list[str]:
    """What is otherwise, and nothing else is: each line as it was and is."""
    kept = [line for line in found.base.splitlines(keepends=True) if line not in {f"{swap.was_written}\n" for swap in found.swaps}]
    assert all(line in found.text for line in kept if line.startswith("#") or line == "\n")
    return [f"{swap.was_written} → {swap.now_written}" for swap in found.swaps]


def test_the_test_of_these_tests_goes_as_written() -> None:
    assert after().state == "passes"


QUESTION = (
    "  - ask: need\n",
    "  - ask: far\n    text: Is it far?\n    choices: {yes: Yes, no: No, close: Close}\n    go: {yes: end}\n  - ask: need\n",
)


def test_a_new_question_gets_the_answer_that_keeps_the_rest() -> None:
    found = after(QUESTION)

    assert lines(found) == [" → < try.far", " → > [no]"]
    assert TEST.replace("> [no]\n< try.need", "> [no]\n< try.far\n> [no]\n< try.need") == found.text
    (choice,) = found.choices
    assert [option.does for option in choice.options] == ["[yes]", "[no]", "[close]"]
    assert choice.options[0].costs > choice.options[1].costs == choice.options[2].costs


def test_another_answer_can_be_chosen_and_shows_what_comes_then() -> None:
    found = after(QUESTION, chosen={"try.far": "[yes]"})

    assert "> [no]\n< try.far\n> [yes]\n" in found.text
    assert {"handoff", "contact"} <= {swap.lost for swap in found.swaps}
    assert after(QUESTION, chosen={"try.far": "[close]"}).text.count("> [close]") == 1


def test_a_new_question_that_takes_the_old_answer_shifts_nothing() -> None:
    twin = QUESTION[1].replace("{yes: Yes, no: No, close: Close}\n    go: {yes: end}", "{law: A, bed: B}").replace("far", "kind")
    two = (QUESTION[0], twin.removesuffix(QUESTION[0]) + QUESTION[1])

    assert lines(after((QUESTION[0], twin))) == [" → < try.kind", " → > [law]"]
    assert lines(after(two)) == [" → < try.kind", " → > [law]", " → < try.far", " → > [no]"]


def test_a_question_that_is_gone_takes_its_answer_along() -> None:
    near = STEPS[STEPS.index("  - ask: near") : STEPS.index("  - ask: need")]
    found = after((near, ""), ("  - say: hide\n    text: We stop here.\n  - end\n", ""))

    assert lines(found) == ["< try.near [yes] [no] [skip-it] → ", "> [no] → "]
    assert "# nobody is near\n< try.need\n" in found.text
    assert [swap.lost for swap in found.swaps] == ["question", ""]


@pytest.mark.parametrize(
    ("swap", "told", "lost"),
    [
        (("This is free of charge.", "No money is asked for this."), "has: Free of charge → has: No money is asked for this", ""),
        (("      Call 15.\n", "      Call us.\n"), "has: 15 → ", "contact"),
        (("Goodbye.", "Goodbye. No police."), "never: police, arrest → never: arrest", "silence"),
        ((", skip-it: Rather not", ""), None, "way-out"),
        (("  - handoff: desk\n    to: desk\n", ""), "< try.desk → ", "handoff"),
        (("  - say: bye", "  - say: see-you"), "< try.bye → < try.see-you", ""),
        (("    to: desk\n", "    to: desk\n    urgency: high\n"), "case: desk normal: → case: desk high:", ""),
        (("{law: Legal help,", "{lawyer: Legal help,"), "> [law] → > [lawyer]", ""),
    ],
)  # fmt: skip
def test_a_line_is_written_anew_and_says_what_it_no_longer_watches(swap, told, lost) -> None:
    more = [("skip-it: end}", "no: need}")] if "skip-it" in swap[0] else [("need is law", "need is lawyer")] if "lawyer" in swap[1] else []
    found = after(swap, *more)

    assert found.state == "ready"
    assert told is None or told in lines(found)
    assert lost in {each.lost for each in found.swaps}
    assert lost or not found.lost


def test_comments_of_a_line_stay_with_it() -> None:
    found = after(("  - say: bye", "  - say: see-you"), test=TEST.replace("< try.bye", "< try.bye   # the end"))

    assert "< try.see-you   # the end\n" in found.text


def test_what_protects_and_comes_later_is_said() -> None:
    contacts = STEPS[STEPS.index("  - if: need is law") : STEPS.index("  - handoff")]
    found = after((contacts, ""), ("  - say: bye\n    text: Goodbye.\n", "  - say: bye\n    text: Goodbye.\n" + contacts))

    assert "later" in {swap.lost for swap in found.swaps}


def test_tests_that_fail_for_the_same_reason_have_the_same_cause() -> None:
    other = TEST.replace("# A person", "# Another")
    steps = STEPS.replace(*QUESTION)
    bundle = Bundle({**trying(steps), PATH: TEST, "flows/tests/other.chat": other})
    one, two = taken_over(BASE, bundle, [PATH, "flows/tests/other.chat"], {})

    assert one.cause == two.cause != after(("  - say: bye", "  - say: see-you")).cause


def test_what_cannot_be_read_or_run_says_so() -> None:
    bundle = Bundle({**trying(STEPS), PATH: "flow: try\n> (starts)\nwhat\n"})
    broken = Bundle({**trying(STEPS.replace("go: {yes: hide", "go: {yes: hied")), PATH: TEST})

    assert [found.state for found in taken_over(BASE, bundle, [PATH], {})] == ["unreadable"]
    assert [found.state for found in taken_over(BASE, broken, [PATH], {})] == ["stops"]


def test_who_approves_reads_what_a_test_now_expects() -> None:
    said = difference(BASE, Bundle({**BASE, PATH: TEST.replace("> [no]\n< try.need", "> [no]\n< try.far\n> [yes]\n< try.need")}))
    lost = difference(BASE, Bundle({**BASE, PATH: TEST.replace("< try.lawyers\n", "")}))

    assert [change.says.id for change in said] == ["difference.test-line-more", "difference.test-does-more"]
    assert [change.says.id for change in lost] == ["difference.test-lost.contact"]
    assert said[1].says.values["now"] == Words(
        "line.presses", {"answer": Words("difference.quoted", {"word": Called("yes", {"en": "Yes"})})}
    )
