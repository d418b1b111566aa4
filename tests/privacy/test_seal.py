"""What is sealed opens only where it belongs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.seal import (
    KEY_BYTES,
    NONCE_BYTES,
    OVERHEAD,
    Bound,
    Tampered,
    forget_ciphers,
    key_id,
    seal,
    seal_named,
    seal_row,
    sealed_under,
    unseal,
)

KEY, NONCE = b"k" * KEY_BYTES, b"n" * NONCE_BYTES
HERE = Bound("life", "session", "row", 3)
BOUNDS = st.builds(Bound, st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.integers(0, 2**40))


@given(plain=st.binary(max_size=2000), bound=BOUNDS, nonce=st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES))
def test_what_was_sealed_opens_in_its_place(plain: bytes, bound: Bound, nonce: bytes) -> None:
    sealed = seal(KEY, plain, bound, nonce)

    assert unseal(KEY, sealed, bound) == plain
    assert len(sealed) == len(plain) + OVERHEAD


@given(one=BOUNDS, other=BOUNDS)
def test_it_opens_in_no_other_place(one: Bound, other: Bound) -> None:
    sealed = seal(KEY, b"words", one, NONCE)
    if one != other:
        with pytest.raises(Tampered):
            unseal(KEY, sealed, other)


def test_parts_of_a_place_do_not_run_into_each_other() -> None:
    sealed = seal(KEY, b"words", Bound("a", "bc", "1:d", 1), NONCE)
    for other in (Bound("ab", "c", "1:d", 1), Bound("a", "b", "c1:d", 1), Bound("a", "bc", "1:", 1), Bound("a", "bc", "1:d", 11)):
        with pytest.raises(Tampered):
            unseal(KEY, sealed, other)


@given(data=st.data())
def test_every_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, b"some words", HERE, NONCE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Tampered):
        unseal(KEY, bytes(sealed), HERE)


@given(cut=st.integers(0, 60))
def test_what_is_cut_does_not_open(cut: int) -> None:
    sealed = seal(KEY, b"some words", HERE, NONCE)
    if cut < len(sealed):
        with pytest.raises(Tampered):
            unseal(KEY, sealed[:cut], HERE)


def test_it_does_not_open_with_another_key() -> None:
    with pytest.raises(Tampered):
        unseal(b"x" * KEY_BYTES, seal(KEY, b"words", HERE, NONCE), HERE)


def test_the_key_is_named_in_the_envelope_and_not_revealed() -> None:
    sealed = seal(KEY, b"words", HERE, NONCE)

    assert sealed_under(sealed) == key_id(KEY) != key_id(b"x" * KEY_BYTES)
    assert key_id(KEY) not in KEY
    with pytest.raises(Tampered):
        sealed_under(b"\x02" + sealed[1:])
    with pytest.raises(Tampered):
        sealed_under(b"")


def test_a_fixed_text_is_sealed_as_in_every_version() -> None:
    forget_ciphers()
    sealed = seal(bytes(range(32)), "أمانة".encode(), Bound("L1", "session", "00ff", 7), bytes(range(12)))

    assert sealed.hex() == "016cf0672a000102030405060708090a0b1f7a609429184983f3656b6e49648a88c0700dc0ad3c9acd057c"


def test_no_exception_holds_what_was_sealed() -> None:
    with pytest.raises(Tampered) as caught:
        unseal(KEY, seal(KEY, b"secret words", HERE, NONCE)[:-1], HERE)

    assert caught.value.args == ()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_keys_and_nonces_of_another_size_are_a_bug(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(size), b"", HERE, NONCE)
    with pytest.raises(ValueError, match="12 bytes"):
        seal(KEY, b"", HERE, bytes(size))


@pytest.mark.parametrize("sealing", [seal_row, seal_named])
def test_a_row_without_a_nonce_opens_only_in_its_place(sealing: Callable[[bytes, bytes, Bound], bytes]) -> None:
    sealed = sealing(KEY, b"words", HERE)

    assert unseal(KEY, sealed, HERE) == b"words"
    assert sealing(KEY, b"words", HERE) == sealed
    assert sealing(KEY, b"words", HERE._replace(version=4)) != sealed
    wrong = [
        (KEY, sealed, HERE._replace(row="other")),
        (bytes(32), sealed, HERE),
        (KEY, sealed[:-1], HERE),
        (KEY, b"\x02", HERE),
        (KEY, b"", HERE),
    ]
    for key, text, place in wrong:
        with pytest.raises(Tampered):
            unseal(key, text, place)


def test_a_row_under_one_of_several_keys_names_it() -> None:
    assert sealed_under(seal_named(KEY, b"words", HERE)) == key_id(KEY)
    with pytest.raises(Tampered):
        sealed_under(seal_row(KEY, b"words", HERE))
