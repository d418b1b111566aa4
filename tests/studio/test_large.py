"""The long flow of the tests is one that could be published."""

from datetime import date

import pytest

from bot.checks.check import check
from bot.flow.compiler import compile_bundle
from tests.studio.large import STEPS, large, shipped

ON = date(2026, 11, 23)


@pytest.mark.parametrize("steps", [24, 61, STEPS, 400])
def test_the_long_flow_has_exactly_so_many_steps_and_no_problem(steps: int):
    bundle = large(steps)
    assert len(compile_bundle(bundle).draft.flows["large"].steps) == steps
    assert [problem for problem in check(bundle, ON) if problem.file == "flows/large.yaml" or "large" in problem.sentence] == []
    rules = {(problem.rule, problem.file) for problem in check(bundle, ON)} - {(p.rule, p.file) for p in check(shipped(), ON)}
    assert not rules
