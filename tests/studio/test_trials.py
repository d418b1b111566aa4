"""Running authors' tests on a draft gives what running them from a folder gives."""

from bot.checks.chat import run_chats
from bot.flow.compiler import compile_bundle
from bot.studio.bundle.trials import tried
from tests.checks.bundles import changed, clean

CHAT = "flow: where\n> (starts)\n< where.nobody\n"


def test_each_test_is_run_in_each_language_and_the_failing_line_is_named() -> None:
    bundle = clean().with_file("flows/tests/wrong.chat", CHAT)
    program = compile_bundle(bundle).program
    assert program is not None

    trials = tried(bundle)

    assert trials == tuple(run_chats(program, {path: bundle[path] for path in bundle.test_paths()}))
    assert [(trial.path, trial.passed, trial.line) for trial in trials] == [
        ("flows/tests/hello.chat", True, 0),
        ("flows/tests/wrong.chat", False, 3),
    ]


def test_some_can_be_run_alone_and_none_on_what_cannot_be_compiled() -> None:
    assert [trial.path for trial in tried(clean().with_file("flows/tests/wrong.chat", CHAT), ["flows/tests/wrong.chat"])] == [
        "flows/tests/wrong.chat"
    ]
    assert tried(changed("try.yaml", "- end", "- go: nowhere")) == ()
