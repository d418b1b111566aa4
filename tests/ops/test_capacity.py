"""The model of capacity: its tables are those of the page, and it behaves as a queue at a limit must."""

import pytest

from tests.bench import capacity


def test_the_page_has_every_table_as_it_is_computed_now():
    page = capacity.PAGE.read_text("utf-8")

    assert capacity.written(page) == page


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no place for the table inputs"):
        capacity.written("nothing")


def test_the_limit_of_a_bot_comes_long_before_that_of_a_core():
    assert capacity.core_rate() > 50 * capacity.bot_rate()
    assert capacity.server_rate() > 50 * capacity.bot_rate()


@pytest.mark.parametrize("people", [10_000, 1_000_000])
def test_needs_grow_in_proportion_to_people(people):
    assert capacity.peak(10 * people) == pytest.approx(10 * capacity.peak(people))
    assert capacity.memory(10 * people) == pytest.approx(10 * capacity.memory(people))
    assert capacity.people_of(capacity.peak(people)) == pytest.approx(people)


def test_nobody_waits_far_below_the_limit_and_everybody_at_it():
    idle, half, full = capacity.waits(0.1), capacity.waits(0.5), capacity.waits(0.95)

    assert idle == (0.0, 0.0)
    assert half[1] < full[1]
    assert full[0] > 0.1


def test_the_simulation_is_the_same_each_time():
    assert capacity.waits(0.8) == capacity.waits(0.8)


def test_over_the_limit_the_wait_grows_with_time():
    short, long = capacity.waits(1.5, seconds=200), capacity.waits(1.5, seconds=400)

    assert long[1] > 1.8 * short[1]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.001, "under 0.01"), (0.05, "0.05"), (0.4, "0.4"), (1, "1"), (4.2, "4.2"), (56.2, "56"), (17_241_379, "17,000,000")],
)
def test_a_number_is_said_with_no_more_figures_than_are_known(value, said):
    assert capacity._number(value) == said


def test_each_input_says_what_it_is():
    assert {each.kind for each in capacity.INPUTS.values()} == {"measured", "limit", "assumed"}
    assert all(each.where and each.value > 0 for each in capacity.INPUTS.values())


def test_no_input_is_without_use():
    text = (capacity.PAGE.parent.parent / "tests/bench/capacity.py").read_text("utf-8")

    assert [name for name in capacity.INPUTS if f'_("{name}")' not in text] == []
