"""Words of others as plain characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.bidi import without_direction
from bot.i18n.plain import MARK, plain, uncalled


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("salam", "salam"),
        ("a\u202eb\u2066c\u2069", "abc"),
        ("a\x00b\x1bc\x7f", f"a{MARK}b{MARK}c{MARK}"),
        ("a\r\nb\u2028c\x85d", "a\nb\nc\nd"),
        ("می\u200cخواهم 👨\u200d👩\u200d👧", "می\u200cخواهم 👨\u200d👩\u200d👧"),
        ("\ue000", MARK),
    ],
)
def test_nothing_steers_or_hides(words, shown):
    assert plain(words) == shown


@given(st.text())
def test_plain_words_stay_as_they_are_and_hold_no_direction(words):
    once = plain(words)

    assert plain(once) == once
    assert without_direction(once) == once
    assert not any(ord(c) < 32 and c not in "\n\t" for c in once)


@pytest.mark.parametrize("words", ["/close", "dis /close", "(/erase@bot)", "@karim", "et @karim", "\n/stop"])
def test_nothing_can_be_pressed_and_nobody_is_called(words):
    shown = uncalled(words)

    assert shown.replace("\u2060", "") == words
    assert shown != words


@pytest.mark.parametrize("words", ["https://example.org/a/b", "a@b.org", "1/2", "et/ou", "/ seul"])
def test_addresses_and_fractions_stay_as_they_are(words):
    assert uncalled(words) == words
