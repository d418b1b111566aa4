"""The title of a topic: how the case stands, in the group's language, and nothing that a preview may not show."""

from itertools import product

import pytest

from bot.bootstrap.flows import staff_texts
from bot.conversation.group.groupwords import GroupWords
from bot.conversation.group.presses import LONGEST, Press, actions, data_of, press_of
from bot.ports import CaseIndex
from tests.world import ROOT

STATES = ("waiting", "claimed", "closed")


def words(language):
    return GroupWords(on=True, language=language, staff=staff_texts(ROOT))


def index(state="waiting", urgency="normal", **more):
    claimant = "Genévrier 2" if state == "claimed" else None
    return CaseIndex(code="K7X-42M", team="protection", urgency=urgency, state=state, since=0.0, language="ar", claimant=claimant, **more)


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_each_standing_has_a_title_of_its_own_that_a_topic_may_have(language):
    given = [index(state, urgency, unwritten=stop) for state, urgency, stop in product(STATES, ("normal", "now"), (False, True))]
    titles = {(one.state == "closed" and "closed", one.state, one.urgency, one.unwritten): words(language).title(one) for one in given}
    told = {words(language).title(one) for one in given if one.state != "closed"}

    assert len(told) == 6
    assert len({title for (closed, *_), title in titles.items() if closed}) == 1
    assert all("K7X-42M" in title and len(title) <= 128 for title in titles.values())
    assert all(title[0] in "○●⊘✓‼" for title in titles.values())
    assert not any("protection" in title for title in titles.values())


def test_in_arabic_the_code_and_the_tree_keep_their_order():
    title = words("ar").title(index("claimed"))

    assert "\u2068K7X-42M\u2069" in title
    assert "\u2068Genévrier 2\u2069" in title


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_buttons_name_their_case_and_are_those_of_its_standing(language):
    for state, verbs in (("waiting", "claim transfer note close"), ("claimed", "transfer note close back"), ("closed", "")):
        given = actions(words(language), index(state))
        assert [press_of(button.data).verb for button in given] == verbs.split()
        assert {press_of(button.data).code for button in given} <= {"K7X-42M"}


def test_what_a_button_says_comes_back_or_is_not_sent_at_all():
    assert press_of(data_of(Press("to", "K7X-42M", "Genévrier 2"))) == Press("to", "K7X-42M", "Genévrier 2")
    assert data_of(Press("flow", "K7X-42M", "x" * LONGEST)) == ""


@pytest.mark.parametrize("data", ["", ".", "claim", "claim.", "hack.K7X-42M", "*.stop", "l.1.yes", "\x00"])
def test_what_is_no_press_of_ours_is_none(data):
    assert press_of(data) is None
