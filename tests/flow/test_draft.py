"""The view that checks work on: places, texts, and every way out of every step."""

from bot.flow import program as p
from bot.flow.compiler import compile_bundle, read_draft
from bot.flow.draft import PAST_THE_END, Exit, exits
from bot.flow.extract import extract, texts_of
from bot.flow.problem import Place
from bot.flow.surely import surely_answered
from tests.flow.bundles import small, steps_of, with_flow


def flow_of(*lines: str) -> p.Flow:
    compiled = compile_bundle(with_flow(steps_of(*lines)))
    flow = compiled.draft.flows["try"].flow
    assert flow is not None, [str(problem) for problem in compiled.problems]
    return flow


def test_an_ask_goes_where_its_choices_lead_and_else_below() -> None:
    flow = flow_of(
        "- ask: what", "  text: What?", "  choices: {law: Law, talk: Talk, more: More}", "  skip: yes", "  otherwise: leave",
        "  go: {law: end}", "  call: {talk: person}", "- end",
    )  # fmt: skip

    assert exits(flow)[0] == (
        Exit("go", p.ToEnd(), "law", answered=True, path=("go", "law")),
        Exit("call", p.ToStep(1), "talk", calls="person", answered=True, path=("call", "talk")),
        Exit("otherwise", p.ToLeave(), path=("otherwise",)),
        Exit("next", p.ToStep(1)),
    )


def test_an_ask_whose_every_choice_leads_somewhere_has_no_way_below() -> None:
    lines = ("- ask: what", "  text: What?", "  choices: yes-no", "  go: {yes: end, no: leave}")

    assert [exit_.to for exit_ in exits(flow_of(*lines, "- end"))[0]] == [p.ToEnd(), p.ToLeave()]
    assert exits(flow_of(*lines, "  once: yes", "- end"))[0][-1].why == "next"


def test_a_step_with_if_can_be_passed_over() -> None:
    flow = flow_of("- if: known topic", "  go: end", "- end")

    assert exits(flow)[0] == (Exit("step", p.ToEnd(), path=("go",)), Exit("next", p.ToStep(1)))


def test_running_past_the_last_step_is_seen() -> None:
    assert exits(flow_of("- say: one", "  text: Hello."))[0] == (Exit("next", p.ToStep(PAST_THE_END)),)


def test_every_other_step_has_its_ways() -> None:
    flow = compile_bundle(small()).draft.flows["person"].flow
    assert flow is not None
    ways = exits(flow)

    assert ways[0] == (Exit("step", p.ToStep(1), calls="where", path=("call",)),)
    assert ways[2] == (Exit("next", p.ToStep(3), answered=True), Exit("no", p.ToStep(8), path=("no",)))
    assert ways[5] == (Exit("next", p.ToStep(6)), Exit("after", p.ToStep(1), path=("after",)))
    assert ways[7] == (Exit("step", p.ToEnd()),)


def test_forgetting_everything_is_the_end_of_all() -> None:
    assert exits(flow_of("- forget: everything", "- end"))[0] == (Exit("next", p.ToLeave()),)


def test_what_is_surely_answered_is_what_every_way_answers() -> None:
    flow = flow_of(
        "- ask: years", "  text: How many?", "  number: {from: 0, to: 9}",
        "- ask: months", "  text: How many?", "  number: {from: 0, to: 9}", "  skip: yes",
        "- if: known topic", "  ask: days", "  text: How many?", "  number: {from: 0, to: 9}",
        "- call: where", "- say: one", "  text: Hello.", "- forget: answers", "- end",
    )  # fmt: skip
    sure = surely_answered(flow)

    assert sure[0] == frozenset()
    assert sure[1] == {"years"}
    assert sure[4] == {"years"}
    assert sure[5] == {"years"}
    assert sure[6] == frozenset()


def test_a_fresh_run_after_a_case_begins_with_nothing() -> None:
    flow = flow_of(
        "- ask: years", "  text: How many?", "  number: {from: 0, to: 9}", "- handoff: alert", "  to: desk", "  after: later",
        "- say: later", "  text: OK.", "- end",
    )  # fmt: skip

    assert surely_answered(flow)[1] == {"years"}
    assert surely_answered(flow)[2] == frozenset()


def test_every_text_has_its_id_its_place_and_a_note() -> None:
    texts = {text.id: text for text in texts_of(small())}

    assert texts["menu.topic.law"].text == "Legal help"
    assert (texts["menu.topic.law"].file, texts["menu.topic.law"].line, texts["menu.topic.law"].column) == ("flows/menu.yaml", 6, 20)
    assert texts["menu.topic.law"].kind == "button"
    assert "The list" in texts["menu.topic.law"].note
    assert {
        "law:title",
        "law.lawyers-here:none",
        "law.rights.refuse",
        "where.country:label",
        "answers.yes-no.yes",
        "bot.again",
    } <= texts.keys()
    assert {"countries.DZ", "countries.DZ.oran", "hours.night", "teams.desk:name", "directory.lawyers:cost", "bot.org"} <= texts.keys()
    assert "bot.handle" not in texts


def test_a_draft_is_there_even_when_nothing_compiles() -> None:
    draft = read_draft(with_flow("  - say: one\n    txt: Hello.\n  - ends\n  - say: two\n    text: There.\n"))
    flow = draft.flows["try"]

    assert [step.key for step in flow.steps] == ["one", "#1", "two"]
    assert flow.steps[0].model is None
    assert flow.steps[2].place == Place(7, 5)
    assert flow.steps[2].at("text") == Place(8, 11)
    assert flow.steps[2].key_at("text") == Place(8, 5)
    assert flow.step("two") is flow.steps[2]
    assert not flow.sensitive
    assert draft.at("flows/try.yaml", "title") == Place(2, 8)
    assert draft.key_at("flows/try.yaml", "title") == Place(2, 1)
    assert draft.at("flows/none.yaml", "title") == draft.key_at("flows/none.yaml") == Place(1, 1)
    assert any(text.id == "try.two" for text in draft.texts)


class _File:
    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text

    def read(self) -> bytes:
        return self._text.encode()


def test_babel_is_given_each_text_with_its_context_and_note() -> None:
    text = "flow: try\ntitle: Try\nsteps:\n  - say: one\n    text: Hello.\n"
    found = list(extract(_File("/somewhere/flows/try.yaml", text), {}, (), {}))

    assert found == [
        (2, "pgettext", ("try:title", "Try"), ["for staff: what this flow is"]),
        (5, "pgettext", ("try.one", "Hello."), ["flow ‹Try›, step ‹one›"]),
    ]
