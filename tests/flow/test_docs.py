"""docs/flows.md says what is so: its tables are those of the model, and its examples are met as it says."""

import re
from pathlib import Path

import pytest

from bot.flow.compiler import compile_bundle
from bot.flow.reference import tables
from bot.flow.rules import COMPILED, RULES
from tests.flow.bundles import small, with_flow

PAGE = (Path(__file__).parents[2] / "docs" / "flows.md").read_text("utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]}


@pytest.mark.parametrize("name", tables())
def test_the_tables_are_those_of_the_model(name: str) -> None:
    assert tables()[name] in PAGE


@pytest.mark.parametrize("rule", [rule for rules in RULES.values() for rule in rules])
def test_every_rule_has_a_section_that_says_how_to_mend_it(rule: str) -> None:
    assert "*To mend it:*" in SECTIONS[rule]


@pytest.mark.parametrize("rule", sorted(COMPILED))
def test_the_example_of_a_rule_is_met_with_that_rule(rule: str) -> None:
    example = re.search(r"```yaml\n(.*?)```", SECTIONS[rule], re.DOTALL)

    assert example is not None
    assert rule in {problem.rule for problem in compile_bundle(with_flow(example[1])).problems}


def test_the_first_flow_of_the_page_is_right() -> None:
    flow = re.search(r"```yaml\n(flow: shelter.*?)```", PAGE, re.DOTALL)

    assert flow is not None
    assert compile_bundle(small(shelter=flow[1])).problems == ()
