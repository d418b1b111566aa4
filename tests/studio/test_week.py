"""Hours as a week: read from rows, written as an author would, tidied from what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.language import DAYS
from bot.studio.showing.week import openings, rows_of, strips, tidied, week_of

ROWS = [{"days": "mon-thu", "open": "09:00-12:00 14:00-17:00"}, {"days": "fri", "open": "09:00-11:30"}]
PERIODS = st.sampled_from(["", "08:00-12:00", "08:30-12:30 13:30-17:00", "20:00-02:00", "00:00-24:00"])


def test_rows_are_read_as_days() -> None:
    assert week_of(ROWS) == {**dict.fromkeys(DAYS[:4], "09:00-12:00 14:00-17:00"), "fri": "09:00-11:30"}


def test_a_row_that_cannot_be_read_is_passed_over() -> None:
    assert week_of([{"days": "someday", "open": "09:00-10:00"}, {"open": "x"}, "mon", {"days": "sat", "open": "09:00-10:00"}]) == {
        "sat": "09:00-10:00"
    }
    assert week_of("always") == {}


def test_a_week_off_on_friday_and_saturday_is_one_row() -> None:
    assert rows_of(dict.fromkeys(("sun", "mon", "tue", "wed", "thu"), "08:30-16:30")) == [{"days": "sun-thu", "open": "08:30-16:30"}]


def test_what_says_the_same_stays_as_it_stands() -> None:
    apart = [{"days": "mon", "open": "09:00-10:00"}, {"days": "tue", "open": "09:00-10:00"}]

    assert rows_of(week_of(apart), apart) is apart
    assert rows_of({**week_of(apart), "wed": "09:00-10:00"}, apart) == [{"days": "mon-wed", "open": "09:00-10:00"}]


@given(st.dictionaries(st.sampled_from(DAYS), PERIODS))
def test_a_week_comes_back_as_it_was_written(week: dict[str, str]) -> None:
    rows = rows_of(week)

    assert week_of(rows) == {day: week[day] for day in DAYS if week.get(day)}
    assert len(rows) <= 7


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("8h30 – 12h30, 13:30-17", "08:30-12:30 13:30-17:00"),
        ("٩:٠٠ - ١٧:٠٠", "09:00-17:00"),
        ("9 à 12", "09:00-12:00"),
        ("9h-12h", "09:00-12:00"),
        ("9h – 12h, 14h–17h", "09:00-12:00 14:00-17:00"),
        ("9h-12h 14h-17h30", "09:00-12:00 14:00-17:30"),
        ("8 h 30 – 12 h", "08:30-12:00"),
        ("20:00-02:00", "20:00-02:00"),
        ("", ""),
    ],
)
def test_hours_are_taken_as_people_write_them(written: str, tidy: str) -> None:
    assert tidied(written) == tidy


@pytest.mark.parametrize("written", ["nine to five", "25:00-26:00", "10:00", "12:00-13:00 09:00-10:00", "09:00-09:00", "9:75-10:00"])
def test_what_are_no_hours_is_said(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        tidied(written)


def test_a_night_is_drawn_on_both_days() -> None:
    drawn = strips({"sun": "20:00-02:00"})

    assert drawn["sun"] == ((20 * 60, 24 * 60),)
    assert drawn["mon"] == ((0, 120),)
    assert openings({"sun": "20:00-02:00"})[0].periods == ((1200, 120),)
