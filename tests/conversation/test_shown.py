"""The ids of messages on a phone are kept small, and come back as they were."""

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.keeping.envelope import Shown, shown_bytes, shown_from, shown_with

IDS = st.one_of(st.integers(min_value=-(2**53), max_value=2**53), st.text(max_size=8))
LISTS = st.lists(st.tuples(st.integers(min_value=0, max_value=10**6), st.lists(IDS, max_size=6).map(tuple)), max_size=6).map(tuple)


def flat(shown: Shown) -> list[tuple[int, int | str]]:
    return [(hour, id_) for hour, ids in shown for id_ in ids]


@given(LISTS)
def test_whatever_was_kept_is_found_again_in_order(shown: Shown) -> None:
    assert flat(shown_from(shown_bytes(shown))) == flat(shown)


def test_parts_of_one_hour_become_one_and_neighbours_take_a_byte_or_two() -> None:
    parts: Shown = tuple((500_000, (1_000_000 + n * 40,)) for n in range(16))
    assert shown_from(shown_bytes(parts)) == ((500_000, tuple(1_000_000 + n * 40 for n in range(16))),)
    assert len(shown_bytes(parts)) < 30


def test_a_message_more_joins_its_hour() -> None:
    shown = shown_with((), 3600.0, "7", 48)
    shown = shown_with(shown, 3700.0, "web-id", 48)
    assert shown == ((1, (7, "web-id")),)
    assert shown_with(shown, 3600.0 * 60, "9", 48) == ((60, (9,)),)
