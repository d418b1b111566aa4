"""Signs set by themselves, and the picture of the screen where a text stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.signs import arabic_faults, french_faults
from bot.studio.bundle.compiled import compiled
from bot.studio.files.signs import mended_signs
from bot.studio.translating.scene import scenes
from bot.studio.translating.texts import whole
from tests.world import real_bundle

LRI, PDI = "\u2066", "\u2069"


@pytest.mark.parametrize(
    ("language", "typed", "set_"),
    [
        ("fr", "C'est loin ? Oui : « là » !", "C’est loin\u00a0? Oui\u00a0: «\u00a0là\u00a0»\u00a0!"),
        ("fr", "À 12:30, sur https://exemple.org", "À 12:30, sur https://exemple.org"),
        ("fr", "Réponse : {bot.name}?", "Réponse\u00a0: {bot.name}?"),
        ("ar", "العمر ١٨ سنة?", f"العمر {LRI}18{PDI} سنة؟"),
        ("ar", f"قبل {LRI}18{PDI} سنة", f"قبل {LRI}18{PDI} سنة"),
        ("ar", "نعم, {bot.name}", "نعم، {bot.name}"),
        ("en", "It's 5 o'clock ?", "It's 5 o'clock ?"),
    ],
)
def test_signs_are_those_of_the_language(language: str, typed: str, set_: str):
    assert mended_signs(typed, language) == set_


@given(st.text(alphabet="abé’' :;?!»«\u202f\u00a0{}12·\n", max_size=40))
def test_set_twice_is_set_once_and_no_apostrophe_or_gap_is_left(text: str):
    once = mended_signs(text, "fr")
    assert mended_signs(once, "fr") == once
    assert not [fault for fault in french_faults(once) if "apostrophe" in fault or "box" in fault]


@given(st.text(alphabet="ابتقل 12٣?,;AB.{}\n", max_size=40))
def test_arabic_gets_its_digits_and_isolates(text: str):
    once = mended_signs(text, "ar")
    assert mended_signs(once, "ar") == once
    if "{" not in text and "}" not in text:
        assert not list(arabic_faults(once))


def test_every_text_of_the_service_has_a_screen_where_it_stands():
    bundle = real_bundle()
    table, done = whole(bundle), compiled(bundle)
    for row in table.rows:
        for scene in scenes(done, table, row.id):
            assert any(one.here for one in (*scene.bubbles, *scene.buttons, *scene.card)), (row.id, scene.language)
    assert scenes(done, table, "no.such") == ()
