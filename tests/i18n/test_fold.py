"""Folding: the laws, and what people type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.fold import LIMIT, fold

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=80)  # lone surrogates too


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("ARRÊTER", "arreter"),
        ("J’ai été chassé!!!", "j ai ete chasse"),
        ("y'a qqn ?", "y a qqn"),
        ("qu\u02bcun qu`un qu´un", "qu un qu un qu un"),
        ("Ma sœur", "ma soeur"),
        ("sto\u0301p", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("bghit_nmout", "bghit nmout"),
        ("  a\t\n b\r\nc ", "a b c"),
    ],
)
def test_latin_letters_lose_case_marks_and_punctuation(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("أ إ آ ٱ", "ا ا ا ا"),
        ("أ\u0654 ا\u0655", "ا ا"),
        ("على", "علي"),
        ("القائمة", "القايمه"),
        ("مؤذي", "موذي"),
        ("شيء", "شيء"),
        ("کلشی", "كلشي"),
        ("مـــســـح", "مسح"),
        ("مَسْحٌ", "مسح"),
        ("ﻻ", "لا"),
        ("نڭول نݣول", "نگول نگول"),
        ("توقف، الآن؟", "توقف الان"),
    ],
)
def test_arabic_letters_have_one_form(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("١٦ سنة", "16 سنه"), ("۱۶", "16"), ("१६", "16"), ("1️⃣", "1"), ("②", "2"), ("10000", "10000"), ("m3a 7bess", "m3a 7bess")],
)
def test_digits_of_any_script_are_0_to_9_and_are_never_shortened(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("nooooon", "noon"), ("الللله", "الله"), ("لاااااا", "لاا"), ("ok", "ok"), ("aAaA", "aa"), ("helppp meee", "helpp mee")],
)
def test_three_equal_letters_or_more_are_two(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "folded"), [("👍", "👍"), ("ok👍🏽", "ok 👍"), ("👎👎👎", "👎"), ("👍👎", "👍 👎"), ("😂😂", ""), ("❤️ oui", "oui")]
)
def test_thumbs_are_words_and_other_pictures_are_nothing(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("\u2067مسح\u2069", "مسح"),
        ("st\u200cop", "stop"),
        ("\ufeffstop\u202c", "stop"),
        ("st\x00op", "stop"),
        ("so\u00adft", "soft"),
        ("stop\u2028now", "stop now"),
    ],
)
def test_what_cannot_be_seen_is_dropped_and_line_ends_are_spaces(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_a_lone_surrogate_is_a_space_and_what_comes_out_can_be_written() -> None:
    assert fold("a\ud83db\udc4d") == "a b"


def test_only_the_first_characters_are_looked_at() -> None:
    assert fold("ab" * LIMIT) == "ab" * (LIMIT // 2)
    assert fold("." * LIMIT + "stop") == ""
    assert len(fold("ﷺ" * LIMIT)) <= LIMIT


@given(ANY_TEXT)
def test_folding_never_raises_and_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)

    assert fold(once) == once
    once.encode()


@given(ANY_TEXT)
def test_only_letters_digits_thumbs_and_single_spaces_come_out(text: str) -> None:
    folded = fold(text)

    assert all(char == " " or char in "👍👎" or char.isalpha() or char in "0123456789" for char in folded)
    assert folded == " ".join(folded.split(" "))
    assert "  " not in folded
    assert folded == folded.strip()


@given(ANY_TEXT)
def test_case_and_composition_make_no_difference(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(fold(text).upper()) == fold(fold(text).upper().lower())


def test_every_single_character_folds_once_and_for_all() -> None:
    changed = [code for code in range(0x110000) if fold(fold(chr(code))) != fold(chr(code))]

    assert changed == []
