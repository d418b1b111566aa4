"""Times as authors write them."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.flow.spans import date_of, days_of, minutes_of, period_of, periods_of


def test_times_are_read() -> None:
    assert [minutes_of(text) for text in ("1 minute", "30 minutes", "24 hours", "7 days")] == [1, 30, 1440, 10080]
    assert period_of("22:00-06:00") == (1320, 360)
    assert periods_of("08:30-12:30 13:30-17:00") == ((510, 750), (810, 1020))
    assert date_of("2028-02-29") == date(2028, 2, 29)


def test_days_run_forwards_round_the_week() -> None:
    assert days_of("sun-thu") == {6, 0, 1, 2, 3}
    assert days_of("fri") == {4}
    assert days_of("sat-fri") == set(range(7))
    assert days_of("mon-mon") == {0}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (minutes_of, "soon"),
        (minutes_of, "0 minutes"),
        (minutes_of, "2 weeks"),
        (period_of, "8:30-12:30"),
        (period_of, "25:00-26:00"),
        (period_of, "08:00-08:00"),
        (periods_of, ""),
        (periods_of, "13:00-17:00 08:00-12:00"),
        (periods_of, "08:00-12:00 11:00-17:00"),
        (periods_of, "22:00-06:00 07:00-08:00"),
        (days_of, "sunday"),
        (days_of, "sun-"),
        (date_of, "2026-02-30"),
        (date_of, "20261120"),
        (date_of, "1/2/2026"),
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"written|hours|day"):
        read(text)
