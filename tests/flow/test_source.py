"""Reading YAML that anybody may have written."""

import time
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.flow.problem import Place
from bot.flow.source import MAX_BYTES, read_yaml
from bot.flow.tree import Items, Scalar, Table, find, place_at, place_of_key, plain, text_at

HOSTILE = {
    "100,000 brackets": "[" * 100_000,
    "1,000,000 brackets": "[" * 1_000_000,
    "brackets with words between": "[a," * 80_000,
    "brackets on lines": "[a,\n" * 60_000,
    "100,000 braces": "{a: " * 60_000,
    "20,000 lists deep": "- " * 20_000,
    "100,000 lists deep": "- " * 100_000,
    "questions": "? " * 100_000,
    "a text of 5 MB": "a: " + "x" * 5_000_000,
    "100,000 keys": "\n".join(f"k{number}: v" for number in range(100_000)),
    "as many keys as fit": "\n".join(f"{number}:" for number in range(36_000)),
    "the same key again and again": "a: b\n" * 50_000,
    "a bomb of aliases": "a: &a [x, x]\n" + "\n".join(f"k{n}: &k{n} [*a, *a]" for n in range(2_000)),
    "anchors": "- &a x\n" * 30_000,
    "tags": "- !!python/object/apply:os.system [x]\n" * 5_000,
    "a tag": "a: !!python/object/apply:os.system [x]",
    "directives": "%YAML 1.1\n" * 20_000,
    "an open quote": '"' * 200_001,
    "empty texts": "[" + '"",' * 80_000,
    "closed brackets": "[]," * 80_000,
    "colons": ": " * 100_000,
    "one line of dashes": "-\n" * 100_000,
    "merge keys": "<<: {a: b}\n" * 20_000,
    "a surrogate": "a: \ud800",
    "nothing": "",
    "only comments": "#" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_yaml_is_refused_at_its_place_within_a_second(text: str) -> None:
    began = time.process_time()
    _, problems = read_yaml("flows/x.yaml", text)

    assert time.process_time() - began < 1
    assert 1 <= len(problems) <= 50
    assert all(problem.line >= 1 and problem.column >= 1 and problem.file == "flows/x.yaml" for problem in problems)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: b\nc:\td\n", (2, 3)),
        ("a: b\0c", (1, 5)),
        ("a: \u202eb", (1, 4)),
        ("a: \u2066b", (1, 4)),
        ("a: b\rc: d", (1, 5)),
        ("مرحبا: &x b", (1, 8)),
        ("a: *x", (1, 4)),
        ("a: 1\nb: {c: 2, c: 3}", (2, 11)),
        ("a: b\n---\nc: d", (2, 1)),
        ("a: [1, [2, [3, [4, [5, [6, [7, [8]]]]]]]]", (1, 32)),
        ("[a, b]: c", (1, 1)),
        ("'': c", (1, 1)),
        ("a: @b", (1, 4)),
        ("a: 'b", (1, 6)),
    ],
)
def test_what_flows_do_not_use_is_a_problem_at_its_place(text: str, place: tuple[int, int]) -> None:
    _, problems = read_yaml("x", text)

    assert (problems[0].line, problems[0].column) == place
    assert problems[0].rule == "yaml"


def test_every_scalar_is_text() -> None:
    node, problems = read_yaml("x", "[yes, no, 0123, 2026-01-01, 1.5, null, ~, '', on, 0x10, .inf]")

    assert problems == ()
    assert node is not None
    assert plain(node) == ["yes", "no", "0123", "2026-01-01", "1.5", "null", "~", "", "on", "0x10", ".inf"]


def test_eight_levels_are_read() -> None:
    node, problems = read_yaml("x", "[[[[[[[[x]]]]]]]]")

    assert problems == ()
    assert node is not None


def test_a_mark_at_the_beginning_and_ends_of_lines_of_windows_are_taken() -> None:
    node, problems = read_yaml("x", "\ufeffa: b\r\nc: |\r\n  d\r\n  e\r\n")

    assert problems == ()
    assert node is not None
    assert plain(node) == {"a": "b", "c": "d\ne\n"}


def test_columns_count_characters_and_not_bytes() -> None:
    node, _ = read_yaml("x", "{مرحبا: 👍🏽 x, b: c}")

    assert node is not None
    assert place_of_key(node, ("b",)) == Place(1, 15)
    assert place_at(node, ("b",)) == Place(1, 18)


@pytest.mark.parametrize(
    ("text", "commented"),
    [
        ("a: Hello # there", True),
        ("a: 'Hello' # there", True),
        ("a: |  # there\n  Hello", True),
        ("a: Hello#there", False),
        ("a: |\n  Hello # there", False),
        ("# there\na: Hello\n# there", False),
        ("a: Hello\n  again # there", True),
    ],
)
def test_a_comment_on_the_line_of_a_text_is_seen(text: str, commented: bool) -> None:
    node, _ = read_yaml("x", text)
    scalar = find(node, ("a",)) if node else None

    assert isinstance(scalar, Scalar)
    assert scalar.commented is commented


def test_what_is_not_there_has_the_place_of_what_is_above_it() -> None:
    node, _ = read_yaml("x", "a:\n  b: [c, d]\n")

    assert node is not None
    assert place_at(node, ("a", "b", 1)) == Place(2, 10)
    assert place_at(node, ("a", "b", 7, "x")) == Place(2, 6)
    assert place_of_key(node, ("a", "x")) == Place(2, 3)
    assert text_at(node, "a", "b", 0) == "c"
    assert text_at(node, "a") is None
    assert text_at(None, "a") is None


def test_a_file_of_exactly_the_size_allowed_is_read() -> None:
    text = "a: " + "x" * (MAX_BYTES - 3)

    assert read_yaml("x", text)[1] == ()
    assert read_yaml("x", text + "x")[1] != ()


@given(st.text())
def test_no_text_raises(text: str) -> None:
    node, problems = read_yaml("x", text)

    assert node is not None or problems


@given(st.text(alphabet=" \n-:[]{}'\"|>#&*!%@ab,?", max_size=60))
def test_no_text_of_signs_raises(text: str) -> None:
    node, problems = read_yaml("x", text)

    assert node is not None or problems


_WORDS = st.text(alphabet="abc éم0-'\"", min_size=1, max_size=12).map(str.strip).filter(bool)
_TREES = st.recursive(_WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4), max_leaves=12)


@given(_TREES)
def test_what_another_library_writes_is_read_as_it_was_meant(tree: object) -> None:
    out = StringIO()
    try:
        writer = YAML(typ="safe", pure=True)
        writer.default_flow_style, writer.width = False, 4096
        writer.dump({"root": tree}, out)
    except YAMLError:
        return
    node, problems = read_yaml("x", out.getvalue())
    if any("more than 8 levels" in problem.sentence for problem in problems):
        return

    assert problems == ()
    assert isinstance(node, Table)
    assert plain(node) == {"root": tree}
    assert not isinstance(node, Items)
