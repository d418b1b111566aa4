"""A flow read as a script: its words in every language, where it leads, from where it is reached, also when it is broken."""

from datetime import date

import pytest

from bot.flow.bundle import Bundle
from bot.studio.bundle.contents import contents
from bot.studio.mending.placing import mends_in, placed
from bot.studio.showing.builder import clauses_of, text_of
from bot.studio.showing.script import script_of
from bot.studio.showing.vocabulary import vocabulary
from tests.studio.large import large
from tests.world import real_bundle

DAY = date(2026, 11, 20)


def with_flow(text: str, name: str = "mine") -> Bundle:
    return real_bundle().with_file(f"flows/{name}.yaml", text)


def test_every_flow_is_called_by_its_title():
    assert {entry.name: entry.title for entry in contents(real_bundle(), "fr")}["return"] == "Rentrer au pays avec une aide"


def test_a_question_says_where_each_answer_leads():
    script = script_of(real_bundle(), "return", "ar")
    fear = next(step for step in script.steps if step.key == "fear")

    assert [(option.key, option.why, option.to) for option in fear.options] == [
        ("yes", "go", "asylum-first"),
        ("no", "", ""),
        ("unsure", "go", "asylum-first"),
    ]
    assert script.targets["asylum-first"].kind == "flow"
    assert fear.flags == ("private", "listen")
    assert set(fear.texts[0].says) == {"en", "ar", "fr"}
    assert fear.texts[0].state == {}


def test_a_step_knows_from_where_it_is_reached():
    script = script_of(real_bundle(), "return", "fr")
    steps = {step.key: step for step in script.steps}

    assert {ref.key for ref in steps["more"].reached} == {"next"}
    assert [ref.flow for ref in script.reached] == ["menu"]


def test_a_step_without_a_name_is_called_by_its_place():
    script = script_of(real_bundle(), "return", "fr")

    assert next(step.key for step in script.steps if step.word == "call") == "#6"
    assert script.steps[6].path == "#6"
    assert script.steps[2].path == "@fear"


def test_what_is_missing_and_what_is_stale_is_told_for_each_language():
    bundle = real_bundle()
    changed = bundle.with_file("flows/menu.yaml", bundle["flows/menu.yaml"].replace("Is there anything else?", "Is there more?"))
    again = next(step for step in script_of(changed, "menu", "ar").steps if step.key == "again")
    new = script_of(with_flow("flow: mine\ntitle: Mine\nsteps:\n  - say: hello\n    text: Hello.\n  - end\n"), "mine", "ar")

    assert dict(again.texts[0].state) == {"ar": "stale", "fr": "stale"}
    assert dict(new.steps[0].texts[0].state) == {"ar": "missing", "fr": "missing"}
    assert new.steps[0].texts[0].best("ar") == "Hello."


@pytest.mark.parametrize(
    "text",
    [
        "flow: mine\nsteps:\n  - sya: hello\n    text: 3\n  - [a, b]\n  - ask: x\n    choices: [a]\n    go: nowhere\n  - decide: y\n    rows: no\n  - pages: z\n    list: {a: b}\n",
        "flow: mine\nsteps:\n  - ask: q\n    text: {a: b}\n    choices: no-such-set\n  - say:\n  - consent: c\n    shows: country\n",
    ],
)
def test_a_flow_that_is_wrong_everywhere_is_still_read(text):
    script = script_of(with_flow(text), "mine", "fr")

    assert script is not None
    assert vocabulary(with_flow(text), "mine", "fr").places is not None


@pytest.mark.parametrize("text", ["", "flow: [", "- a\n", "flow: mine\nsteps: none\n", "\t"])
def test_a_file_that_is_no_flow_gives_no_script(text):
    assert script_of(with_flow(text), "mine", "fr") is None


def test_a_condition_can_ask_about_own_and_shared_answers_teams_and_the_time_of_day():
    asked = {each.name: each for each in vocabulary(real_bundle(), "return", "fr").asked}

    assert [value.name for value in asked["situation"].values] == ["detained", "court", "third", "before", "none", "skipped"]
    assert asked["situation"].title == "Situation"
    assert asked["safe-hours"].kind == "many"
    assert {"country", "reason", "now", "heard", "language", "team.protection"} <= set(asked)
    assert "topic" not in asked


@pytest.mark.parametrize(
    "text",
    ["a is b", "a is not b/c", "known x and not known y", "a has b or a has c", "age >= 18 and known age", "not hours has night"],
)
def test_a_condition_of_rows_reads_the_same_both_ways(text):
    clauses = clauses_of(text)

    assert clauses is not None
    assert text_of(clauses) == text


@pytest.mark.parametrize("text", ["", "a == b", "(a is b or c is d) and e is f", "not (a is b and c is d)", "a is"])
def test_a_condition_that_does_not_fit_stays_text(text):
    assert clauses_of(text) is None


def test_every_condition_of_the_shipped_flows_can_be_read_as_rows_or_is_left_alone():
    found = [step.when for entry in contents(real_bundle(), "en") for step in script_of(real_bundle(), entry.name, "en").steps if step.when]

    assert found
    assert all((clauses := clauses_of(when)) is None or text_of(clauses) for when in found)
    assert sum(clauses_of(when) is not None for when in found) > len(found) * 0.9


def test_each_problem_stands_at_its_step_also_one_of_a_catalog():
    bundle = real_bundle()
    broken = bundle.with_file(
        "flows/return.yaml",
        bundle["flows/return.yaml"]
        .replace("go: child", "go: chil")
        .replace("      People in your", "      It is guaranteed. People in your"),
    )
    found = {(each.flow, each.step, each.problem.rule) for each in placed(broken, DAY)}

    assert ("return", "#5", "no-such-place") in found
    assert ("return", "can-ask", "promise") in found
    assert ("return", "can-ask", "stale-translation") in found
    assert {each.area for each in placed(broken, DAY)} >= {"flows", "contacts"}
    mends = {step: buttons for step, _, buttons in mends_in(broken, "return", DAY)}
    assert mends["#5"]


def test_three_hundred_steps_are_read_at_once():
    script = script_of(large(), "large", "ar")

    assert len(script.steps) >= 300
    assert all(step.word for step in script.steps)
