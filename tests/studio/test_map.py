"""The map of a flow: every way with both its ends, what is not reached, what never ends, and what is new."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks.graph import Graph
from bot.flow import program as p
from bot.flow.bundle import Bundle, flow_name
from bot.studio.bundle.compiled import compiled
from bot.studio.showing.house import house_of
from bot.studio.showing.map import Map, map_of
from tests.flow.bundles import with_flow
from tests.studio.large import large, shipped

HEAD = "  - ask: a\n    text: One?\n    choices: {x: X, y: Y}\n"


def of(steps: str, base: Bundle | None = None) -> Map:
    found = map_of(with_flow(steps), "try", "en", base)
    assert found is not None
    return found


def ways(found: Map) -> set[tuple[str, str, str]]:
    return {(edge.source, edge.target, edge.why) for edge in found.edges}


def test_a_choice_leads_to_a_step_a_flow_and_back_and_each_end_is_there():
    found = of(HEAD + "    go: {x: b}\n    call: {y: where}\n  - say: b\n    text: Two.\n  - end\n")

    assert ways(found) == {("a", "b", "go"), ("a", "a/call/where", "call"), ("a/call/where", "b", "back"), ("b", "b/end", "go")} - {
        ("b", "b/end", "go")
    } | {("b", "b/end", "next")}
    assert {node.kind for node in found.nodes} == {"step", "call", "end"}


def test_plain_ways_are_lines_and_conditions_are_places():
    found = of(HEAD + "  - if: a is x\n    go: b\n  - go: c\n  - say: b\n    text: Two.\n  - say: c\n    text: Three.\n  - leave\n")

    assert ("a+1", "b", "if") in ways(found)
    assert ("a+1", "c", "else") in ways(found)
    assert [node.id for node in found.nodes if node.word == "go"] == ["a+1"]
    assert ("c", "c/leave", "next") in ways(found)


def test_a_way_to_nowhere_and_past_the_end_is_on_the_map():
    found = of(HEAD + "    go: {x: nowhere}\n")

    assert {node.id for node in found.nodes if node.kind == "lost"} == {"a/lost/nowhere", "a/lost/"}


def test_what_nothing_leads_to_and_what_never_ends_is_marked():
    found = of(HEAD + "    go: {x: a, y: b}\n  - say: lone\n    text: Alone.\n  - go: lone\n  - say: b\n    text: B.\n  - go: b\n")

    assert {node.id for node in found.unreached} == {"lone"}
    assert {node.id for node in found.endless} == {"a", "b"}


def test_a_way_that_nothing_leads_to_is_a_place_so_that_it_is_seen():
    found = of("  - say: a\n    text: A.\n  - end\n  - go: a\n")

    assert {(node.id, node.word) for node in found.unreached} == {("a+2", "go")}


def test_what_leads_here_from_other_flows_and_words_is_on_the_map():
    found = map_of(shipped(), "menu", "fr")
    assert found is not None
    kinds = {(node.kind, node.key) for node in found.nodes if node.kind in ("entry", "from")}

    assert ("entry", "menu") in kinds
    assert ("from", "start") in kinds


def test_new_steps_and_new_ways_are_marked_and_nothing_else():
    text = shipped()["flows/return.yaml"]
    changed = text.replace("go: {yes: asylum-first, unsure: asylum-first}", "go: {yes: asylum-first, unsure: next}", 1)
    found = map_of(shipped().with_file("flows/return.yaml", changed), "return", "en", shipped())
    assert found is not None
    assert {node.id for node in found.nodes if node.changed} == {"fear"}
    assert {edge.source for edge in found.edges if edge.changed} == {"fear"}
    same = map_of(shipped(), "return", "en", shipped())
    assert same is not None
    assert not any(node.changed for node in same.nodes)
    assert not any(edge.changed for edge in same.edges)


def test_a_step_put_in_between_marks_itself_and_the_ways_around_it_only():
    text = shipped()["flows/return.yaml"]
    more = text.replace("  - say: free\n", "  - say: fresh\n    text: New.\n  - say: free\n", 1)
    found = map_of(shipped().with_file("flows/return.yaml", more), "return", "en", shipped())
    assert found is not None
    assert {node.id for node in found.nodes if node.changed} == {"fresh"}
    assert {(edge.source, edge.target) for edge in found.edges if edge.changed} == {("what-it-is", "fresh"), ("fresh", "free")}


@pytest.mark.parametrize("name", [flow_name(path) for path in shipped().flow_paths()])
def test_the_map_and_the_checks_agree_on_what_is_reached(name: str):
    """Every step that the checks reach is on the map, reached; no shipped flow has a place that is not, or that never ends."""
    found = map_of(shipped(), name, "ar")
    assert found is not None
    assert (found.unreached, found.endless) == ((), ())
    flow = compiled(shipped()).draft.flows[name].flow
    assert flow is not None
    reached = Graph.of(compiled(shipped()).draft).reached(name, 0)
    shown = {node.key for node in found.nodes if node.kind in ("step", "call")}
    plain = {step.key for step in flow.steps if isinstance(step, p.Go | p.End | p.Leave) and step.when is None}
    assert {flow.steps[index].key for index in reached} - plain <= shown


def test_a_long_flow_is_read_at_once_and_its_straight_runs_are_known():
    found = map_of(large(), "large", "ar", shipped())
    assert found is not None
    assert len({node.head for node in found.nodes if node.head}) > 10
    assert any(edge.far for edge in found.edges)
    assert (found.unreached, found.endless) == ((), ())


def test_the_house_shows_every_flow_and_which_one_nothing_opens():
    lone = shipped().with_file("flows/lone.yaml", "flow: lone\ntitle: Lone\nsteps:\n  - say: a\n    text: A.\n  - end\n")
    found = house_of(lone, "fr", shipped())

    assert {node.key for node in found.nodes if node.kind == "flow"} == {flow_name(path) for path in lone.flow_paths()}
    assert [node.key for node in found.unreached] == ["lone"]
    assert [node.key for node in found.nodes if node.changed] == ["lone"]


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 8000), drop=st.integers(0, 60), noise=st.text(st.sampled_from(" \n:-{}[]ab#|"), max_size=12))
def test_a_broken_flow_has_a_map_or_none_and_both_ends_of_every_way(cut: int, drop: int, noise: str):
    text = shipped()["flows/return.yaml"]
    at = cut % len(text)
    found = map_of(shipped().with_file("flows/return.yaml", text[:at] + noise + text[at + drop :]), "return", "fr", shipped())
    if found is not None:
        ids = [node.id for node in found.nodes]
        assert len(set(ids)) == len(ids)
        assert {end for edge in found.edges for end in (edge.source, edge.target)} <= set(ids)
