"""Broken flows, each with exactly the problems that are found in it."""

from pathlib import Path

import pytest

from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.flow.rules import COMPILED
from tests.flow.bundles import HERE, SMALL

BAD = sorted((HERE / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_broken_flow_is_met_with_exactly_these_problems(path: Path) -> None:
    compiled = compile_bundle(Bundle({**SMALL, "flows/try.yaml": path.read_text("utf-8")}))

    assert "".join(f"{problem}\n" for problem in compiled.problems) == path.with_suffix(".expected").read_text("utf-8")
    assert compiled.program is None


def test_there_is_a_broken_flow_for_every_rule_of_form_and_names() -> None:
    shown = {line.split(": ")[1] for path in BAD for line in path.with_suffix(".expected").read_text("utf-8").splitlines()}

    assert shown == COMPILED


def test_no_broken_flow_is_without_its_problems() -> None:
    assert [path.name for path in BAD if not path.with_suffix(".expected").read_text("utf-8")] == []
