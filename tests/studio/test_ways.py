"""Every way through a flow: ends that were really reached, steps that none reaches, circles without an end."""

import pickle
import time

import pytest

from bot.flow.bundle import Bundle
from bot.studio.playing.playable import playable
from bot.studio.playing.preview import preview
from bot.studio.playing.ways import Ways, ways
from tests.engine.real import real_files

BUNDLE = Bundle(real_files())
PROGRAM = playable(BUNDLE).program
assert PROGRAM is not None
FLOWS = tuple(PROGRAM.flows)
SLOWEST = 4.0
"""Seconds of a processor; a flow of ours takes under two."""


def of(flow: str, *steps: str) -> Ways:
    text = "\n".join((f"flow: {flow}", "title: One", "only-from: [menu]", "steps:", *steps)) + "\n"
    return ways(BUNDLE.with_file(f"flows/{flow}.yaml", text), flow, "en")


ASK = "  - ask: one\n    text: One?\n    choices: {left: Left, right: Right}\n"


@pytest.mark.parametrize("flow", FLOWS)
def test_every_end_of_our_flows_can_be_played_again(flow: str):
    began = time.process_time()
    found = ways(BUNDLE, flow, "fr")
    assert time.process_time() - began < SLOWEST

    assert found.whole
    assert found.ends
    assert found.circles == ()
    assert found.unreached == ()
    for end in found.ends:
        phone = preview(BUNDLE, end.request).phones[0]
        assert phone.refused is None, (end, phone.refused)
        if end.kind == "flow":
            assert phone.flow == end.to or phone.flow != flow
        elif end.kind == "leave":
            assert phone.flow == ""
        said = [bubble.id for bubble in phone.bubbles if bubble.who == "bot"]
        assert not end.said or end.said in said


def test_the_shortest_way_comes_first():
    lengths = [len(end.request.deeds) for end in ways(BUNDLE, "return", "fr").ends]

    assert lengths == sorted(lengths)
    assert lengths[0] == 2


def test_ends_are_told_apart():
    found = of("mine", f"{ASK}    go: {{left: leave, right: second}}", "  - say: second\n    text: Two.", "  - go: menu")

    assert [(end.kind, end.to, end.step) for end in found.ends] == [("leave", "", "one"), ("flow", "menu", "#2")]
    assert found.ends[1].said == "mine.second"
    assert found.ends[1].words == "Two."
    assert [deed.words or deed.do for deed in found.ends[1].request.deeds] == ["starts", "right"]


def test_a_step_behind_a_condition_that_never_holds_is_not_reached():
    found = of("mine", f"{ASK}    go: {{left: end}}", "  - if: one is left\n    say: never\n    text: Never.", "  - end")

    assert found.unreached == ("never",)
    assert [end.kind for end in found.ends] == ["end", "end"]


def test_a_circle_that_only_the_way_out_ends_is_told():
    found = of(
        "mine",
        f"{ASK}    go: {{left: one, right: two}}",
        "  - ask: two\n    text: Two?\n    choices: {a: A, b: B}\n    go: {a: one, b: one}",
    )

    assert found.ends == ()
    assert found.circles == (("mine.one", "mine.two"),)


def test_circumstances_are_varied_where_they_are_asked_about():
    found = of(
        "mine",
        "  - if: team.protection is closed\n    say: night\n    text: Night.",
        "  - if: country is MA\n    say: ma\n    text: Here.",
        "  - end",
    )

    assert found.unreached == ()
    assert found.reached == ("night", "ma", "#2")


def test_answers_given_elsewhere_are_varied():
    found = of("mine", f"  - if: under-18 is yes\n    say: young\n    text: Young.\n{ASK}    go: {{left: end, right: end}}")

    assert found.reached == ("young", "one")


def test_what_comes_after_a_case_is_reached():
    assert "back-from-human" in ways(BUNDLE, "work", "fr").reached


def test_a_flow_that_does_not_compile_has_no_ways():
    found = of("mine", "  - say: a\n    text: One.", "  - go: nowhere-at-all")

    assert not found.playable
    assert ways(BUNDLE, "no-such-flow", "fr").playable is False


def test_what_was_found_goes_to_another_process():
    found = ways(BUNDLE, "where", "ar")

    assert pickle.loads(pickle.dumps(found)) == found


def test_a_very_wide_flow_is_bounded_and_says_so():
    asks = [f"  - ask: q{n}\n    text: Question {n}?\n    choices: {{a: A, b: B, c: C}}" for n in range(12)]
    last = "  - if: " + " or ".join(f"q{n} is a" for n in range(12)) + "\n    say: some\n    text: Some."
    never = "  - if: " + " and ".join(f"q{n} is a and q{n} is b" for n in range(12)) + "\n    say: none\n    text: None."
    began = time.process_time()
    found = of("mine", *asks, last, never, "  - end")

    assert time.process_time() - began < 2 * SLOWEST
    assert not found.whole
    assert found.unreached == ()
