"""Ready replies: read, offered where they belong, checked like every text, and live at once."""

from collections.abc import Sequence
from datetime import date

import pytest

from bot.checks.check import check
from bot.flow.compiler import Compiled, compile_bundle
from bot.flow.live import compose
from bot.flow.replies import replies_for
from tests.flow.bundles import small

REPLIES = """replies:
  free:
    title: It is free
    text: This help is free.
  fear:
    title: Fear
    text: Are you afraid?
    needs: [law]
  other:
    title: For others
    text: Another text.
    teams: [nobody]
"""


def _compiled(text: str) -> Compiled:
    return compile_bundle(small(replies=text))


def _lines(compiled: Compiled) -> Sequence[str]:
    return [str(problem) for problem in compiled.problems]


def test_replies_are_offered_by_team_and_need_those_for_the_need_first() -> None:
    program = _compiled(REPLIES.replace("nobody", "desk")).program
    assert program is not None

    assert [one.id for one in replies_for(program.replies, "desk", "law")] == ["fear", "free", "other"]
    assert [one.id for one in replies_for(program.replies, "desk", "")] == ["free", "other"]
    assert [one.id for one in replies_for(program.replies, "elsewhere", "law")] == ["fear", "free"]
    assert program.texts.source(program.replies["free"].text) == "This help is free."
    assert program.texts.source(program.replies["free"].title) == "It is free"


def test_a_service_without_replies_is_whole() -> None:
    program = compile_bundle(small()).program
    assert program is not None
    assert not program.replies


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("nobody", "dest", "flows/replies.yaml:12:13: no-such-team: no team ‹dest›; did you mean ‹desk›?"),
        ("[law]", "[lawe]", "flows/replies.yaml:8:13: no-such-place: no flow ‹lawe›; did you mean ‹law›?"),
        ("    text: This help is free.\n", "", "no-text"),
        ("title: Fear", "titel: Fear", "no-such-key: no key ‹titel› is used here; did you mean ‹title›?"),
        ("This help is free.", "Are you in {country}?", "a ready reply says the same to everyone: nothing in braces stands in it"),
    ],
)
def test_what_is_wrong_in_a_reply_is_found_where_it_stands(old: str, new: str, expected: str) -> None:
    compiled = _compiled(REPLIES.replace(old, new))

    assert compiled.program is None
    assert any(expected in line for line in _lines(compiled)), _lines(compiled)


def test_a_reply_that_promises_or_runs_on_is_refused_like_every_text() -> None:
    bundle = small(replies=REPLIES.replace("nobody", "desk").replace("This help is free.", "It is guaranteed. One. Two. Three."))

    found = {problem.rule for problem in check(bundle, date(2026, 11, 23)) if problem.file == "flows/replies.yaml"}

    assert {"promise", "too-many-sentences"} <= found


def test_a_conversation_of_an_older_revision_has_the_replies_of_today() -> None:
    old, new = compile_bundle(small()).program, _compiled(REPLIES.replace("nobody", "desk")).program
    assert old is not None
    assert new is not None

    both = compose(old, new)

    assert both.texts.say(both.replies["free"].text, "en") == "This help is free."
