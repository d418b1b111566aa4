"""Passwords of staff: what is refused, and what is kept."""

import pytest
from argon2 import extract_parameters

from bot.bootstrap.system import chance
from bot.privacy.passwords import Passwords, proposal, weak


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("court", "short"), ("onze-signes", "short"), ("x" * 201, "long"), ("aaaaaaaaaaaa", "common"), ("abababababab", "common"),
        ("123456789012", "common"), ("0987654321098", "common"), ("azertyuiopqs", "common"), ("Qwertyuiop12", "common"),
        ("motdepasse2026", "common"), ("Password1234!", "common"), ("monmotdepasse", "common"), ("amanaamanaamana", "common"),
        ("amina-au-bureau", "near"), ("AMINA12345678", "near"), ("السلام عليكم", "common"),
        ("quatre chats gris sous la pluie", ""), ("l’olivier du voisin", ""), ("شجرة زيتون أمام الدار", ""), ("kT9#vv2!mLq8", ""),
        ("le soleil de mon village", ""),
    ],
)  # fmt: skip
def test_what_is_tried_first_is_refused_and_a_phrase_is_not(password, why):
    assert weak(password, ("amina",)) == why


def test_a_short_name_may_stand_in_a_phrase():
    assert weak("la banane de lundi", ("ana",)) == ""


def test_what_is_proposed_would_be_taken_and_is_another_each_time():
    proposed = {proposal(chance) for _ in range(50)}

    assert len(proposed) == 50
    assert all(weak(one, ("amina",)) == "" and len(one.split("-")) == 5 for one in proposed)


def test_what_is_kept_is_argon2id_of_64_mib_and_fits_the_same_words_typed_otherwise():
    kept = Passwords().hashed("une clé très sûre")
    made = extract_parameters(kept)

    assert kept.startswith("$argon2id$")
    assert (made.memory_cost, made.time_cost, made.parallelism) == (65536, 3, 4)
    assert Passwords().fits(kept, "une cle\u0301 tre\u0300s su\u0302re")  # the accents apart, as some keyboards send them
    assert not Passwords().fits(kept, "une clé très sure")
    assert not Passwords().fits("not a hash", "une clé très sûre")
    assert not Passwords().stale(kept)
