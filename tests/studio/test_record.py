"""What was done becomes a test that passes in every language, whatever was done."""

import random

import pytest

from bot.checks.chat import chat_languages, run_chat
from bot.checks.chatfile import read_chat
from bot.checks.player import CannotDo, Player
from bot.engine.plan import plan_of
from bot.flow.bundle import Bundle
from bot.studio.playing.deeds import Deed, Request, do
from bot.studio.playing.offers import offers
from bot.studio.playing.playable import playable
from bot.studio.playing.preview import Stage
from bot.studio.playing.record import named, recorded, written
from tests.engine.real import real_files

BUNDLE = Bundle(real_files())
PROGRAM = playable(BUNDLE).program
assert PROGRAM is not None
FLOWS = tuple(PROGRAM.flows)
STARTS = Deed("starts")
WORDS = (
    "oui", "نعم", "no", "1", "2 3", "١", "zz qx", "stop", "retour", "قائمة", "ils vont me tuer", "je veux rentrer chez moi", "(oui)", "[yes]",
    "# rien", "a #b", "  deux\nlignes ", "Mali", "demain", "12", "👍", "???", "x" * 120, "مسح", "je ne sais pas", "personne",
)  # fmt: skip
BESIDE = (
    Deed("silent", minutes=45), Deed("silent", minutes=1500), Deed("sends", "photo"), Deed("sends", "voice"), Deed("presses", "back"),
    Deed("presses", "repeat"), Deed("presses", "menu"), Deed("presses", "human"), Deed("presses", "privacy"), Deed("presses", "language"),
    Deed("presses", "stop"), Deed("presses", "erase"), Deed("edits", "autre chose"), Deed("rings"), Deed("staff-claims"),
    Deed("staff-writes", "Bonjour, #1 (ici)"), Deed("staff-closes"), Deed("staff-closes", more=True), Deed("staff-closes", "menu"),
    Deed("staff-passes", "protection"), Deed("staff-passes", "return-desk", more=True), Deed("clock", "2026-12-01 22:15"), STARTS,
)  # fmt: skip


def walk(seed: int) -> Request:
    """A conversation of up to fourteen deeds, each of which can be done where it is done."""
    dice = random.Random(seed)
    languages = PROGRAM.service.languages
    request = Request(
        flow=dice.choice(("", *FLOWS)),
        languages=(dice.choice(languages),),
        country=dice.choice(("", "DZ", "MA")),
        at=dice.choice(("2026-11-23 10:00", "2026-11-20 23:10")),
        there=dice.choice(("", "", "open", "closed", "nobody")),
        verified=dice.random() < 0.3,
    )
    stage = Stage.of(BUNDLE, PROGRAM, request)
    players = [stage.player(language) for language in languages]
    deeds = [STARTS] if dice.random() < 0.8 else []
    for player in players:
        for deed in deeds:
            do(player, deed, 0)
    for number in range(1, dice.randint(2, 14)):
        deed = chosen(dice, players[0], languages)
        try:
            for player in players:
                do(player, deed, number)
        except CannotDo:
            break
        deeds.append(deed)
    return Request(**{**{name: getattr(request, name) for name in request.__struct_fields__}, "deeds": tuple(deeds) or (STARTS,)})


def chosen(dice: random.Random, player: Player, languages: tuple[str, ...]) -> Deed:
    session = player.session
    ways = list(offers(plan_of(player.program), session, player.shown[1])) if session is not None else []
    if ways and dice.random() < 0.65:
        return dice.choice(ways)
    if dice.random() < 0.5:
        return Deed("writes", dice.choice(WORDS), dice.choice(languages))
    return dice.choice(BESIDE)


@pytest.mark.parametrize("seed", range(250))
def test_a_random_conversation_becomes_a_test_that_passes(seed: int):
    request = walk(seed)
    test = recorded(BUNDLE, request, "A walk")

    if all(deed.do == "clock" for deed in request.deeds):
        assert test.why == "nothing"
        return
    assert test.why == "", test.said
    assert test.every or "language" in test.text
    read_chat(test.text)
    for language in chat_languages(PROGRAM, test.text):
        result = run_chat(PROGRAM, "walk.chat", test.text, language)
        assert result.passed, f"{result}\n{test.text}"


def test_what_is_written():
    deeds = (STARTS, Deed("presses", "no"), Deed("writes", "non", "fr"))
    test = recorded(BUNDLE, Request(flow="return", country="DZ", at="2026-11-23 10:00", deeds=deeds), "Going home,\nno fear")

    lines = test.text.splitlines()
    assert lines[:4] == ["# Going home, no fear", "flow: return", "at: 2026-11-23 10:00", "country: DZ"]
    assert "> (starts)" in lines
    assert "> [no]" in lines
    assert "> non" in lines
    assert "< return.fear [yes] [no] [unsure]" in lines
    assert lines[-3:-1] == ["state: bot", "case: none"]
    assert lines[-1].startswith("kept: country return.asylum return.fear")
    assert test.every


def test_words_that_mean_something_else_elsewhere_become_keys():
    """A test says what was meant, so that it holds in every language."""
    for word in ("oui", "نعم", "yes"):
        for language in ("ar", "fr", "en"):
            test = recorded(BUNDLE, Request(flow="return", country="DZ", deeds=(STARTS, Deed("writes", word, language))))
            assert test.every, test.text


def test_nobody_there_is_written_too():
    test = recorded(BUNDLE, Request(flow="off-hours", country="DZ", there="nobody", at="2026-11-23 10:00", verified=True, deeds=(STARTS,)))

    assert "away: protection" in test.text
    assert "verified: all" in test.text
    assert test.every


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request(flow="return"), "nothing"),
        (Request(flow="return", known={"under-18": "yes"}, deeds=(STARTS,)), "known"),
        (Request(flow="return", deeds=(STARTS, Deed("presses", "nothing"))), "refused"),
    ],
)
def test_what_cannot_be_a_test_says_why(request_: Request, why: str):
    assert recorded(BUNDLE, request_).why == why


def test_a_draft_with_problems_gives_no_test():
    broken = BUNDLE.with_file("flows/return.yaml", BUNDLE["flows/return.yaml"].replace("asylum-first", "asylum-frist", 1))

    assert recorded(broken, Request(flow="menu", deeds=(STARTS,))).why == "stops"


@pytest.mark.parametrize(
    ("name", "why"),
    [("mine", ""), ("s01", ""), ("", "name"), ("../x", "name"), ("A b", "name"), ("x" * 61, "name"), ("old-button", "taken")],
)
def test_a_name_is_looked_at(name: str, why: str):
    assert named(BUNDLE, name)[1] == why


def test_the_edit_writes_a_new_file():
    test = recorded(BUNDLE, Request(flow="return", deeds=(STARTS,)))
    edit = written(named(BUNDLE, "mine")[0], test)

    assert (edit.file, edit.text, edit.base) == ("flows/tests/mine.chat", test.text, None)
