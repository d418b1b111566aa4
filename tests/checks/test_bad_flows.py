"""Broken flows, each with exactly the problems that the checks find in it."""

from pathlib import Path

import pytest

from bot.checks.check import check
from bot.flow.bundle import Bundle
from tests.checks.bundles import CLEAN, ON, clean
from tests.flow.bundles import HERE

BAD = sorted((HERE / "bad" / "checks").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_broken_flow_is_met_with_exactly_these_problems(path: Path) -> None:
    found = check(clean(**{"try": path.read_text("utf-8")}), ON)

    assert "".join(f"{problem}\n" for problem in found) == path.with_suffix(".expected").read_text("utf-8")
    assert found


def test_the_service_they_are_tried_in_has_no_problem() -> None:
    assert check(Bundle(CLEAN), ON) == ()
