"""The vault opens what an older Amana sealed."""

import hashlib

import pytest

from bot.conversation.keeping.vault import Tampered, Vault
from bot.privacy.keys import wrap
from bot.privacy.seal import Bound, seal
from tests.fakes import NOON, Counted
from tests.world import FakeKeys


def vault() -> Vault:
    return Vault(FakeKeys(), now=lambda: NOON, entropy=Counted().bytes)


def test_the_keys_of_a_new_life_open_again_and_only_in_their_place() -> None:
    made = vault().new_person_keys("row")

    assert vault().person_keys("row", made.wraps) == made
    with pytest.raises(Tampered):
        vault().person_keys("other", made.wraps)


def test_what_was_sealed_before_keys_grew_out_of_seeds_still_opens() -> None:
    key, life = hashlib.sha256(b"old").digest(), b"oldlife!"
    wraps = (wrap(FakeKeys().load_or_create(NOON), key + life, Bound("", "key", "row", 0)),)
    sealed = seal(key, b"session", Bound(life.hex(), "session", "row", 3), b"n" * 12)

    keys = vault().person_keys("row", wraps)

    assert (keys.key, keys.life) == (key, life.hex())
    assert vault().open(keys, sealed, kind="session", row="row", version=3) == b"session"


def test_an_erasure_leaves_no_key_ready() -> None:
    here = vault()
    made = here.new_person_keys("row")
    assert here.person_keys("row", made.wraps) is here.person_keys("row", made.wraps)
    kept = here.person_keys("row", made.wraps)
    here.forget_ready_keys()

    assert here.person_keys("row", made.wraps) is not kept
