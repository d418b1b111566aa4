"""Put together, the pieces are the texts again; an Arabic word is never cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.studio.files.worddiff import line_marks, word_marks


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_are_both_texts(before: str, after: str) -> None:
    pieces = word_marks(before, after)

    assert "".join(text for mark, text in pieces if mark != "new") == before
    assert "".join(text for mark, text in pieces if mark != "gone") == after


def test_words_are_marked() -> None:
    assert word_marks("Some help is free.", "Any help is free.") == (("gone", "Some"), ("new", "Any"), ("kept", " help is free."))


def test_a_word_with_its_marks_is_one_word() -> None:
    before, after = "هذا الأمر جدّي اليوم", "هذا الأمر جدّيّ اليوم"

    assert word_marks(before, after)[1:3] == (("gone", "جدّي"), ("new", "جدّيّ"))


def test_what_has_little_in_common_is_shown_whole() -> None:
    assert word_marks("You can ask here.", "Nobody is at the desk now.") == (
        ("gone", "You can ask here."),
        ("new", "Nobody is at the desk now."),
    )


@pytest.mark.parametrize(
    ("before", "after", "marks"), [("a\nb\nc", "a\nx\nc", ["kept", "gone", "new", "kept"]), ("a\n" * 9, "a\n" * 9 + "b", ["kept", "new"])]
)
def test_lines_far_from_a_change_are_left_out(before: str, after: str, marks: list[str]) -> None:
    assert [mark for mark, text in line_marks(before, after) if text] == marks


@pytest.mark.parametrize("marks", [word_marks, line_marks])
def test_what_repeats_itself_holds_nobody_up(marks: object) -> None:
    assert callable(marks)
    between = " " if marks is word_marks else "\n"
    before, after = (between.join(f"a{between}{sign}{n}" for n in range(900)) for sign in "xy")
    began = time.process_time()

    marks(before, after)

    assert time.process_time() - began < 1


def test_a_change_in_a_long_text_that_repeats_itself_is_found_at_its_place() -> None:
    same = "a b " * 2000

    assert word_marks(f"{same}one {same}", f"{same}two {same}") == (("kept", same), ("gone", "one"), ("new", "two"), ("kept", f" {same}"))
