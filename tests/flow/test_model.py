"""The model of flow files, and its JSON Schema."""

from pathlib import Path

from jsonschema import Draft202012Validator

from bot.flow.model import STEP_MODELS, AskModel, SayModel, json_schema, keys_of, read_model, schema_text
from bot.flow.source import read_yaml
from bot.flow.tree import plain
from tests.flow.bundles import HERE, SMALL

ROOT = Path(__file__).parents[2]


def test_the_schema_beside_the_flows_is_current() -> None:
    assert (ROOT / "flows" / "schema.json").read_text("utf-8") == schema_text()


def test_the_schema_takes_what_the_compiler_takes() -> None:
    Draft202012Validator.check_schema(json_schema())
    validator = Draft202012Validator(json_schema())
    for path, text in SMALL.items():
        if path.removeprefix("flows/").removesuffix(".yaml") in ("bot", "words", "teams", "directory", "sources"):
            continue
        node, _ = read_yaml(path, text)
        assert node is not None
        assert [error.message for error in validator.iter_errors(_numbers(plain(node)))] == [], path


def test_the_schema_refuses_a_key_that_is_none() -> None:
    node, _ = read_yaml("x", (HERE / "bad" / "no-such-key-in-step.yaml").read_text("utf-8"))

    assert node is not None
    assert not Draft202012Validator(json_schema()).is_valid(plain(node))


def test_keys_are_written_as_authors_write_them() -> None:
    assert keys_of(SayModel) == ("if", "say", "text", "listen", "source")
    assert "from_" not in json_schema()["$defs"]["NumberModel"]["properties"]
    assert set(STEP_MODELS) == {"say", "ask", "pages", "contacts", "consent", "handoff", "decide", "go", "call", "set", "forget", "remind"}


def test_everything_wrong_in_a_step_is_found_at_once() -> None:
    faults = read_model(AskModel, {"ask": "What", "txt": "?", "skip": "maybe", "choices": {"A": ""}, "number": "three", "go": "menu"})

    assert isinstance(faults, tuple)
    assert {(fault.rule, fault.path) for fault in faults} == {
        ("name", ("ask",)),
        ("no-text", ()),
        ("no-such-key", ("txt",)),
        ("no-such-value", ("skip",)),
        ("name", ("choices", "A")),
        ("no-text", ("choices", "A")),
        ("yaml", ("number",)),
        ("yaml", ("go",)),
    }


def _numbers(data: object) -> object:
    """As an editor reads it: whole numbers are numbers."""
    if isinstance(data, dict):
        return {key: _numbers(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_numbers(value) for value in data]
    return int(data) if isinstance(data, str) and data.isdecimal() else data
