"""What a change takes away of what protects people is told against what is in force, and nothing else is."""

import pytest

from bot.checks.taken import Side, taken_away
from bot.flow.bundle import Bundle
from bot.studio.bundle.compiled import compiled
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import RenameFlow, RenameStep
from tests.checks.bundles import CLEAN, clean
from tests.studio.large import shipped

HELLO = "flows/tests/hello.chat"


def found(before: Bundle, after: Bundle) -> set[tuple[str, bool]]:
    """Rule of each loss, and whether it only has to be answered in words."""
    return {(loss.rule, loss.warning) for loss in taken_away(Side(before, compiled(before)), Side(after, compiled(after)))}


def edited(file: str, old: str, new: str) -> Bundle:
    text = shipped()[f"flows/{file}"]
    assert old in text
    return shipped().with_file(f"flows/{file}", text.replace(old, new, 1))


def told_before_fear() -> Bundle:
    """Who can ask is said before the question of fear, under the same name."""
    told = "  - say: can-ask\n    text: People in your situation can ask.\n    source: IOM-RR\n"
    moved = edited("return.yaml", "  - say: free\n", f"{told}  - say: free\n")["flows/return.yaml"]
    return shipped().with_file("flows/return.yaml", moved.replace("  - say: can-ask\n    text: |", "  - say: asking\n    text: |"))


LOSSES = {
    "a group of danger": edited("words.yaml", "  watched:\n    flow: watched\n", "  watch:\n    flow: watched\n"),
    "some words of danger": edited("words.yaml", "want to die, wants to die, ", ""),
    "what they open": edited("words.yaml", "  medical:\n    flow: medical\n", "  medical:\n    flow: danger\n"),
    "dropping everything": edited("words.yaml", "    flow: watched\n    leave: yes\n", "    flow: watched\n"),
    "being heard": edited("words.yaml", "      en: [die with laugh,", "      en: [boss, die with laugh,"),
    "a way to write stop": edited("words.yaml", "en: [stop, stop it, ", "en: [stop, "),
    "a way to write erase": edited("words.yaml", "fr: [effacer, ", "fr: ["),
    "an answer’s spellings": edited("words.yaml", "  worry:\n", "  worries:\n"),
    "the team in a flow of danger": edited("danger.yaml", "  - handoff: alert\n    to: protection\n    urgency: now\n", ""),
    "a number in a flow of danger": edited("danger.yaml", "  - contacts: police\n    need: police\n    max: 2\n    none: No other number has been checked for this place.\n", ""),
    "a private answer": edited("return.yaml", "    choices: yes-no-unsure\n    private: yes\n    listen: yes\n", "    choices: yes-no-unsure\n    listen: yes\n"),
    "the right to skip": edited("work.yaml", "    choices: yes-no-unsure\n    private: yes\n    skip: yes\n", "    choices: yes-no-unsure\n    private: yes\n"),
    "help for any words": edited("danger.yaml", "    otherwise: call-now\n", ""),
    "who may enter": edited("return-steps.yaml", "only-from: [return]", "only-from: [return, menu]"),
    "a neutral screen": edited("work.yaml", "sensitive: yes\n", ""),
    "a word never said": edited("bot.yaml", "    - guaranteed\n", ""),
    "a flow behind fear": edited("bot.yaml", "health-and-travel, bring, arrival]", "health-and-travel, arrival]"),
    "a language": edited("bot.yaml", "languages: [ar, fr, en]", "languages: [fr, en]"),
    "the order of fear": told_before_fear(),
}  # fmt: skip


@pytest.mark.parametrize("what", LOSSES)
def test_what_protected_people_and_is_gone_is_told(what: str) -> None:
    assert ("safeguard-gone", True) in found(shipped(), LOSSES[what])


@pytest.mark.parametrize(
    "edit", [RenameStep("return", "fear", "afraid"), RenameFlow("health-and-travel", "health-travel")], ids=["step", "flow"]
)
def test_another_name_takes_nothing_away(edit: RenameStep | RenameFlow) -> None:
    done = apply(shipped(), edit)
    assert isinstance(done, Bundle)
    assert found(shipped(), done) == set()


def test_a_test_that_is_gone_or_holds_less_is_told() -> None:
    gone = shipped().without_file("flows/tests/s03-fear-yes.chat")
    path = "flows/tests/danger-no.chat"
    less = shipped().with_file(path, "flow: danger\n> (starts)\n< ...\n")

    assert found(shipped(), gone) == {("test-gone", True)}
    assert found(shipped(), less) == {("test-gone", True)}


def test_a_flow_that_loses_its_last_test_is_an_error_and_a_new_one_without_any_is_to_be_answered_for() -> None:
    before, after = Bundle(CLEAN), Bundle(CLEAN).without_file(HELLO)
    new = clean(more="flow: more\ntitle: More\nsteps:\n  - say: hello\n    text: Hello.\n  - end\n")

    assert found(before, after) == {("test-gone", True), ("untested", False)}
    assert found(before, new) == {("untested", True)}


HARMLESS = {
    "better words": edited("return.yaml", "Never pay, not even a little.", "Please never pay, not even a little."),
    "more words of danger": edited("words.yaml", "want to die, ", "want to die, i want to die now, "),
    "one more flow behind fear": edited("bot.yaml", "bring, arrival]", "bring, arrival, wages]"),
    "a stricter door": edited("bring.yaml", "sensitive: yes\n", "sensitive: yes\nonly-from: [return]\n"),
    "one more test": shipped().with_file("flows/tests/more.chat", "flow: where\n> (starts)\n< where.country\n"),
    "a question turned round": edited("scam.yaml", "      paid: I already paid\n      job: Work or study\n", "      job: Work or study\n      paid: I already paid\n"),
    "the other way round": shipped(),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_a_change_that_takes_nothing_away_is_asked_nothing(what: str) -> None:
    assert found(shipped(), HARMLESS[what]) == set()
