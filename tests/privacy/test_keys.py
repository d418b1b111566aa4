"""One key, one use; a data key lives in its wraps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.keys import (
    SERVER,
    DayKeys,
    Ring,
    blind,
    grown,
    inbox_key,
    is_newest,
    pseudonym,
    rewrap,
    root_key,
    unwrap,
    wrap,
)
from bot.privacy.retention import DAY, day_key_dead, day_of
from bot.privacy.seal import Bound, Tampered, seal

OLD, NEW = ("m1", b"1" * 32), ("m2", b"2" * 32)
RING = Ring(b"r" * 32, (OLD,))
ROTATED = Ring(b"r" * 32, (NEW, OLD))
HERE = Bound("", "wrap", "row", 0)
KEY, LIFE = grown(b"c" * 16)


def test_a_pseudonym_is_the_same_each_time_and_says_nothing() -> None:
    assert pseudonym(RING, "telegram", "12345") == pseudonym(ROTATED, "telegram", "12345")
    assert len(pseudonym(RING, "telegram", "12345")) == 16
    assert b"12345" not in pseudonym(RING, "telegram", "12345")


@given(one=st.tuples(st.text(max_size=5), st.text(max_size=5)), other=st.tuples(st.text(max_size=5), st.text(max_size=5)))
def test_two_identities_have_two_pseudonyms(one: tuple[str, str], other: tuple[str, str]) -> None:
    if one != other and "\x00" not in one[0] + other[0]:
        assert pseudonym(RING, *one) != pseudonym(RING, *other)


def test_without_the_root_a_pseudonym_is_another() -> None:
    assert pseudonym(Ring(b"x" * 32, (OLD,)), "web", "a") != pseudonym(RING, "web", "a")


def test_every_use_has_a_key_of_its_own() -> None:
    made = [blind(RING, use, b"v") for use in ("pseudonym", "mailbox", "receipts", "notes", "topic", "link", "audit")]
    made += [root_key(RING, use) for use in ("pseudonym", "mailbox", "receipts", "notes", "topic", "link", "audit")]

    assert len(set(made)) == 14
    assert RING.root not in made


def test_a_data_key_opens_from_its_wrap_and_from_nothing_else() -> None:
    wraps = (("someone", b"else"), wrap(RING, KEY, HERE))
    assert unwrap(RING, wraps, HERE) == KEY
    assert unwrap(ROTATED, wraps, HERE) == KEY
    for ring, kept, bound in (
        (Ring(RING.root, (NEW,)), wraps, HERE),
        (RING, wraps, Bound("", "wrap", "other", 0)),
        (RING, wraps[:1], HERE),
        (RING, (), HERE),
        (RING, ((SERVER, b"cut"),), HERE),
    ):
        with pytest.raises(Tampered):
            unwrap(ring, kept, bound)


def test_a_new_master_wraps_again_and_then_the_old_one_is_not_needed() -> None:
    wraps = (wrap(RING, KEY, HERE), ("caseworker", b"theirs"))
    again = rewrap(ROTATED, wraps, HERE)

    assert (is_newest(ROTATED, wraps), is_newest(ROTATED, again)) == (False, True)
    assert unwrap(Ring(RING.root, (NEW,)), again, HERE) == KEY
    assert again[1] == wraps[1]


def test_an_arrival_opens_with_the_key_of_its_day_and_its_person_only() -> None:
    days = DayKeys(5, {4: b"4" * 32, 5: b"5" * 32})
    yesterday = seal(inbox_key(b"4" * 32, b"A" * 16), b"w", HERE, bytes(12))

    assert days.opening(yesterday, b"A" * 16) == inbox_key(b"4" * 32, b"A" * 16)
    assert days.inbox_key(b"A" * 16) == inbox_key(b"5" * 32, b"A" * 16)
    with pytest.raises(Tampered):
        days.opening(yesterday, b"B" * 16)
    with pytest.raises(Tampered):
        DayKeys(6, {6: b"6" * 32, 5: b"5" * 32}).opening(yesterday, b"A" * 16)


@pytest.mark.parametrize("bad", [(b"r" * 31, (OLD,)), (b"r" * 32, ()), (b"r" * 32, (("m", b"short"),))])
def test_a_ring_that_is_not_whole_is_a_bug(bad: tuple[bytes, tuple[tuple[str, bytes], ...]]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Ring(*bad)


def test_a_life_grows_out_of_chance() -> None:
    assert grown(b"a" * 16) != grown(b"b" * 16)
    assert (len(KEY), len(LIFE)) == (32, 8)
    with pytest.raises(ValueError, match="16 random bytes"):
        grown(b"short")


def test_no_key_is_in_a_representation() -> None:
    said = repr((RING, DayKeys(5, {5: b"5" * 32})))

    assert not [word for word in ("rrrr", "1111", "5555") if word in said]


@given(now=st.floats(0, 4e9))
def test_a_day_key_dies_between_24_and_48_hours_after_its_last_use(now: float) -> None:
    day = day_of(now)

    assert not day_key_dead(day, now)
    assert not day_key_dead(day, now + DAY - 1)
    assert day_key_dead(day, now + 2 * DAY)
