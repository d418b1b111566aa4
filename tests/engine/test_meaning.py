"""What words are taken for: told without doing anything, and the same as what is done with them."""

import pytest

from bot.engine.events import Said
from bot.engine.session import CaseView, encode
from bot.engine.step import meaning
from tests.engine.real import real_program
from tests.engine.talk import Talk

CASE = CaseView("A1-23B", "protection", "normal", (), "off-hours", "leave", consented=True)


def meant(talk: Talk, words: str):
    before = encode(talk.now)
    found = meaning(talk.program, talk.session, Said(text=words, at=talk.at + 1, nonce="n" * 16))
    assert encode(talk.now) == before
    return found


def at_the_first_question() -> Talk:
    talk = Talk(real_program(), shared={"country": "DZ"})
    talk.starts()
    talk.says("hello")
    return talk


@pytest.mark.parametrize(
    ("words", "kind"),
    [("stop", "word"), ("قف", "word"), ("ils vont me tuer", "danger"), ("my dog is brown and sleeps a lot under a tree", "unclear")],
)
def test_words_anywhere(words: str, kind: str):
    assert meant(at_the_first_question(), words)[0] == kind


def test_an_answer_is_named_by_its_key():
    talk = at_the_first_question()
    keys = [button.key for effect in talk.effects if hasattr(effect, "buttons") for button in effect.buttons]

    assert meant(talk, "1") == ("answer", keys[0])
    talk.says("1")


def test_while_a_person_has_the_conversation_words_go_to_them():
    talk = Talk(real_program(), case=CASE, who="human")

    assert meant(talk, "hello") == ("person", "")
    assert meant(talk, "stop") == ("word", "stop")


def test_while_someone_waits_words_join_the_case():
    talk = Talk(real_program(), case=CASE, who="waiting")

    assert meant(talk, "my street is behind the market") == ("case", "")
