"""What is offered while somebody writes YAML: what the check would take, from the draft as it is, whatever half a line stands there."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.studio.completing.completion import complete, explain
from bot.studio.completing.cursor import cursor
from tests.studio.large import large, shipped

HEAD = "flow: return\ntitle: T\nsteps:\n"


def offered(text: str, file: str = "flows/return.yaml") -> list[str]:
    before, mark, after = text.partition("‸")
    assert mark
    return [option.label for option in complete(shipped(), file, before, after).options]


@pytest.mark.parametrize(
    ("text", "some", "none"),
    [
        ("‸", {"flow", "title", "steps", "only-from"}, {"say"}),
        ("flow: return\n‸\nsteps:\n", {"title", "sensitive"}, {"flow", "steps"}),
        (HEAD + "  - ‸", {"say", "ask", "decide", "end", "leave", "if"}, {"text"}),
        (HEAD + "  ‸", {"- say", "- ask", "- end"}, {"say"}),
        (HEAD + "  - ask: fear\n    ‸\n    text: x\n", {"choices", "skip", "go", "private"}, {"text", "ask", "rows", "need"}),
        (HEAD + "  - ask: fear\n    skip: ‸", {"yes", "no"}, {"true"}),
        (HEAD + "  - ask: fear\n    choices: ‸", {"yes-no", "yes-no-unsure"}, set()),
        (HEAD + "  - ask: fear\n    choices: {a: A, b: B}\n    go: {a: end, ‸}", {"b"}, {"a", "yes"}),
        (HEAD + "  - ask: fear\n    choices:\n      a: A\n      b: B\n    skip: yes\n    go:\n      ‸", {"a", "b", "skip"}, {"yes"}),
        (HEAD + "  - ask: fear\n    choices: yes-no\n    go: {yes: ‸}", {"end", "leave", "asylum-first", "fear"}, {"return", "yes"}),
        (HEAD + "  - ask: fear\n    choices: yes-no\n    call: {yes: ‸}", {"where", "asylum-first"}, {"end", "fear"}),
        (HEAD + "  - contacts: x\n    need: ‸", {"legal", "consulate", "return"}, set()),
        (HEAD + "  - say: x\n    source: [IOM-RR, ‸]", {"FORAS-FAQ"}, set()),
        (HEAD + "  - handoff: x\n    urgency: ‸", {"normal", "high", "now"}, set()),
        (HEAD + "  - consent: share\n  - handoff: x\n    with: ‸", {"share"}, {"fear"}),
        (HEAD + "  - consent: share\n    shows: [‸", {"country", "situation"}, set()),
        (HEAD + "  - consent: share\n    to: ‸", {"return-desk", "me"}, set()),
        (HEAD + "  - if: ‸", {"known", "fear", "country", "team.return-desk"}, {"is"}),
        (HEAD + "  - if: under-18 ‸", {"is", "is not"}, {"yes"}),
        (HEAD + "  - if: under-18 is ‸", {"yes", "no", "skipped", "not"}, {"fear"}),
        (HEAD + "  - if: under-18 is yes/‸", {"no", "skipped"}, {"fear"}),
        (HEAD + "  - decide: x\n    rows:\n      - {if: situation is ‸", {"detained", "court"}, {"fear"}),
        (HEAD + "  - decide: x\n    rows:\n      - {if: a is b, ‸}", {"go", "source"}, {"if", "text"}),
        (HEAD + "  - set: reason\n    to: ‸", {"health", "usual"}, set()),
        (HEAD + '  - say: x\n    text: "Call {‸', {"bot.name", "number.legal", "team.return-desk.next"}, {"fear"}),
        (HEAD + "  - say: x\n    text: Hello ‸", set(), {"yes", "fear"}),
        (HEAD + "  # a remark ‸", set(), {"say"}),
        ("only-from: [‸", {"menu", "start"}, set()),
    ],
)
def test_a_flow_is_completed_from_the_model_and_the_draft(text: str, some: set[str], none: set[str]):
    found = offered(text)
    assert some <= set(found)
    assert not none & set(found)


@pytest.mark.parametrize(
    ("file", "text", "some"),
    [
        ("bot", "stage: ‸", {"trial", "live"}),
        ("bot", "first: ‸", {"start", "menu"}),
        ("bot", "texts:\n  ‸", {"again", "story"}),
        ("words", "global:\n  ‸", {"stop", "erase", "privacy"}),
        ("words", "danger:\n  now:\n    flow: ‸", {"danger"}),
        ("directory", "contacts:\n  x:\n    ‸", {"name", "phone", "expires", "verified-on"}),
        ("directory", "contacts:\n  x:\n    hours: ‸", {"always", "unknown"}),
        ("directory", "contacts:\n  x:\n    needs: [‸", {"legal"}),
        ("teams", "teams:\n  x:\n    hours:\n      DZ:\n        - {days: ‸", {"mon", "sun-thu"}),
        ("teams", "teams:\n  x:\n    alert: [{after: 5 minutes, to: ‸", {"second-line", "on-call", "protection"}),
        ("replies", "replies:\n  x:\n    needs: [‸", {"return"}),
        ("tests/x.chat", "flow: ‸", {"start", "return"}),
        ("tests/x.chat", "> hello\n< ‸", {"return.fear", "bot.again"}),
        ("tests/x.chat", "> [‸", {"yes", "no", "stop"}),
        ("tests/x.chat", "> hello\n‸", {"has", "not", "> "}),
    ],
)
def test_every_other_file_is_completed_too(file: str, text: str, some: set[str]):
    path = f"flows/{file}" if file.endswith(".chat") else f"flows/{file}.yaml"
    assert some <= set(offered(text, path))


def test_what_is_begun_is_replaced_and_a_key_brings_its_colon():
    done = complete(shipped(), "flows/return.yaml", HEAD + "  - ask: fear\n    cho")
    assert done.typed == "cho"
    assert next(option for option in done.options if option.label == "choices").then == ": "
    assert complete(shipped(), "flows/return.yaml", HEAD + "  - if: under-18 is yes/n").typed == "n"


def test_a_step_that_is_only_being_written_can_be_led_to_at_once():
    assert "brand-new" in offered(HEAD + "  - go: ‸\n  - say: brand-new\n    text: Hello.\n")


def test_a_key_and_a_name_are_explained():
    key = explain(shipped(), "flows/return.yaml", HEAD + "  - ask: fear\n    ", "skip", "skip: yes\n")
    assert key is not None
    assert (key.kind, key.help) == ("key", "ask.skip")
    flow = explain(shipped(), "flows/return.yaml", HEAD + "  - go: ", "asylum-first", "asylum-first\n")
    assert flow is not None
    assert flow.more
    assert explain(shipped(), "flows/return.yaml", HEAD + "  - go: ", "nowhere", "nowhere\n") is None


FILES = [path for path in large() if path.startswith("flows/")]
SIGNS = st.text(st.sampled_from(" \n:-{}[]'\"|>#,ab\t\x00مé؟😀"), max_size=80)


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(FILES), cut=st.floats(0, 1), drop=st.integers(0, 40), noise=SIGNS)
def test_no_text_and_no_place_in_it_is_too_broken(file: str, cut: float, drop: int, noise: str):
    text = shipped().get(file, "")
    at = int(cut * len(text))
    for before, after in ((text[:at], text[at + drop :]), (text[:at] + noise, text[at:]), (noise, text), (noise, noise)):
        done = complete(shipped(), file, before, after)
        assert before.endswith(done.typed)
        assert len(done.options) <= 2000


@settings(max_examples=300, deadline=None)
@given(before=SIGNS, after=SIGNS)
def test_a_cursor_stands_somewhere_in_any_text(before: str, after: str):
    assert cursor(before, after).mode in ("key", "value", "item", "text", "nothing")


def test_every_place_of_the_shipped_flows_offers_what_stands_there():
    """At each value of a flow that names something, that name is offered."""
    missed = []
    for path in shipped().flow_paths():
        lines = shipped()[path].split("\n")
        for number, line in enumerate(lines):
            key, colon, value = line.strip().removeprefix("- ").partition(": ")
            if (
                colon
                and key in ("go", "call", "need", "with", "otherwise", "no", "after", "urgency", "skip", "private")
                and value[:1] not in "{[|"
            ):
                before = "\n".join([*lines[:number], line[: len(line) - len(value)]])
                after = "\n".join([value, *lines[number + 1 :]])
                if value not in [option.label for option in complete(shipped(), path, before, after).options]:
                    missed.append(f"{path}:{number + 1}: {line}")
    assert missed == []


def test_a_line_of_nothing_but_spaces_holds_nobody_up() -> None:
    began = time.process_time()

    complete(shipped(), "flows/return.yaml", f"flow: return\n{' ' * 60_000}\nsteps:\n")

    assert time.process_time() - began < 2
