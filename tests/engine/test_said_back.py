"""Words in the person's own, said back in the turn in which they were written, and kept nowhere."""

from bot.engine.effects import Send
from bot.engine.render import render
from bot.flow.compiler import compile_bundle
from bot.flow.program import Program
from tests.engine.talk import Talk
from tests.flow.bundles import small

START = """flow: start
title: First contact
steps:
  - ask: words
    text: What is your name?
    free: {max: 40}
  - say: heard-it
    text: "Thank you, {words}."
  - ask: more
    text: Is there more?
    choices: yes-no
    go: {yes: heard-it}
  - say: bye
    text: Goodbye.
  - go: menu
"""


def program() -> Program:
    made = compile_bundle(small(start=START))
    assert made.program is not None, made.problems
    return made.program


def test_words_just_written_are_said_back_and_are_not_in_the_session() -> None:
    talk = Talk(program())
    talk.starts()

    assert talk.says("  Layla   Haddad ") == ["start.heard-it", "start.more"]
    said = next(effect for effect in talk.effects if isinstance(effect, Send))
    assert render(talk.program.texts, said, "en").text.replace("\u2068", "").replace("\u2069", "") == "Thank you, Layla Haddad."
    assert "Layla" not in str(talk.now)


def test_a_later_turn_passes_the_text_over() -> None:
    talk = Talk(program())
    talk.starts()
    talk.says("Layla Haddad")

    assert talk.presses("yes") == ["start.more"]
