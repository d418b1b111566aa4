"""The runner of conversations: it understands every line, and a failure says where, what was expected and what came."""

import pytest

from bot.checks.chat import chat_languages, run_chat
from bot.flow.answers import CountryOf, Free, Hours
from tests.engine.build import END, ask, choices, consent, flow, handoff, pages, program, say

STEPS = (
    ask("country", CountryOf(here=True), once=True),
    say("told"),
    ask("first"),
    consent("share", "protection", "country", "words", no=END),
    ask("safe-hours", Hours(), skip=True),
    ask("words", Free(20), skip=True),
    handoff("desk", "protection", agreed="share", urgency="high"),
    ask("topic", choices("home", "worry")),
    pages("steps", "a", "b"),
)
PROGRAM = program(flow("start", *STEPS), texts={"start.told": "We tell {bot.org} nothing."})
WHOLE = """\
# a comment
at: 2026-11-23 10:00     # a Monday
country: DZ
verified: all
never: promise, return
never fr: promesse
> (starts)
< start.told
has: we tell A TEAM nothing.
not: something
< start.first [yes] [no]
kept: country
> 1
< start.share [yes] [no]
has: label of country
> oui
< start.safe-hours [morning] [evening] [night] [done] [skip]
> [evening]
> [done]
< start.words
> blue bird
< start.desk
< ...
state: waiting
case: protection high: country words
kept: country safe-hours start.first start.share start.words
at: 2026-11-23 15:00
> my street
< bot.passed-on
> (silence 45 minutes)
> hello
< bot.still-safe
> [yes]
< start.topic
> (old start.first no)
< start.topic
> [language]
< bot.which-language [ar] [fr] [en]
> [fr]
< start.topic
language: fr
> (photo)
< bot.photo
< ...
> [home]
< start.steps.a [next] [enough]
> (staff: bonjour)
< bot.human-here
< staff
state: human
> (staff closes)
< bot.machine-again
case: none
kept: nothing
> [erase]
< bot.erased
kept: nothing
state: bot
"""


def run(text, language="en"):
    return run_chat(PROGRAM, "flows/tests/x.chat", text, language)


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_a_conversation_with_every_kind_of_line_goes_as_written(language):
    result = run(WHOLE, language)

    assert str(result) == f"flows/tests/x.chat [{language}]: as written"


@pytest.mark.parametrize(
    ("text", "line", "expected", "said"),
    [
        ("country: DZ\n> (starts)\n< start.first", 3, "< start.first", "< start.told, < start.first [yes] [no]"),
        ("country: DZ\n> (starts)\n< start.told", 3, "the end", "< start.first [yes] [no]"),
        ("country: DZ\n> (starts)\n< start.told\n> yes", 4, "nothing more in this turn", "< start.first [yes] [no]"),
        ("country: DZ\n> (starts)\n< ...\n< start.first [no] [yes]", 4, "< start.first [no] [yes]", "< start.first [yes] [no]"),
        ("country: DZ\n> (starts)\n< ...\n< start.last", 4, "< start.last", ""),
        ("country: DZ\n> (starts)\n< ...\n> [maybe]", 4, "> [maybe]", "buttons [yes] [no]"),
        ("country: DZ\n> (starts)\n< ...\nhas: a promise", 4, "has: a promise", "we tell a team nothing. | start.first"),
        ("country: DZ\n> (starts)\n< ...\nnot: nothing", 4, "not: nothing", "we tell a team nothing."),
        ("country: DZ\nnever: tell\n> (starts)\n< ...", 3, "never: tell", "we tell a team nothing."),
        ("country: DZ\n> (starts)\n< ...\nkept: nothing", 4, "kept: nothing", "kept: country"),
        ("country: DZ\n> (starts)\n< ...\ncase: protection now:", 4, "case: protection now:", "case: none"),
        ("country: DZ\n> (starts)\n< ...\nstate: human", 4, "state: human", "state: bot"),
        ("country: DZ\n> (starts)\n< ...\nlanguage: ar", 4, "language: ar", "language: en"),
        ("country: DZ\n> (starts)\n< ...\n> (old start.last yes)", 4, "> (old start.last yes)", "that question was never asked"),
        (
            "country: DZ\n> (sings)",
            2,
            "starts, photo, voice, file, location, silence …, edits: …, its time comes, staff: …, staff claims, closes, hands or passes …, or old …",
            "(sings)",
        ),
        ("country: DZ\n> (silence long)", 2, "a time as 45 minutes", "long"),
        ("country: DZ\n> (starts)\nwants: x", 3, "has, not, at, state, language, case or kept", "wants"),
        ("colour: red\n> (starts)", 1, "one of at, away, country, flow, language, languages, never, verified", "colour"),
        ("away: nobody\n> (starts)", 1, "a team, or team until 2026-11-24 10:00", "nobody"),
        ("away: protection until noon\n> (starts)", 1, "a time as 2026-11-20 23:10", "noon"),
        ("at: noon\n> (starts)", 1, "a time as 2026-11-20 23:10", "noon"),
        ("flow: strat\n> (starts)", 1, "a flow", "strat"),
        ("country: DZ\nhello", 2, "> words, < id or key: value", "hello"),
        ("country: DZ\n", 1, "at least one line with >", "none"),
    ],
)
def test_a_failure_says_where_what_was_expected_and_what_came(text, line, expected, said):
    result = run(text)

    assert (result.passed, result.line, result.expected, result.said) == (False, line, expected, said)
    assert str(result).startswith(f"flows/tests/x.chat:{line}: [en] expected {expected}; said ")


def test_files_run_in_the_languages_they_name_else_in_all():
    assert chat_languages(PROGRAM, "language: fr\n> x") == ("fr",)
    assert chat_languages(PROGRAM, "languages: fr, ar\n> x") == ("fr", "ar")
    assert chat_languages(PROGRAM, "> x") == ("ar", "fr", "en")
    assert chat_languages(PROGRAM, "nonsense") == ("ar", "fr", "en")
