"""Names of days, months and countries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.names import country_name, country_named, day_name, joined, month_name, months


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Mali", "ML"), ("le Mali", "ML"), ("au mali", "ML"), ("مالي", "ML"),
        ("Cote d'ivoire", "CI"), ("CÔTE D’IVOIRE", "CI"), ("la côte d'ivoire", "CI"), ("Ivory Coast", "CI"),
        ("Sénégal", "SN"), ("السنغال", "SN"), ("سنغال", "SN"), ("nigeria", "NG"), ("niger", "NE"), ("النيجر", "NE"), ("نيجيريا", "NG"),
        ("Guinée", "GN"), ("guinee conakry", "GN"), ("RDC", "CD"), ("Congo", "CG"), ("Cameroun", "CM"), ("الكاميرون", "CM"),
        ("the Gambia", "GM"), ("Soudan", "SD"), ("السودان", "SD"), ("Syrie", "SY"), ("بنغلاديش", "BD"), ("Éthiopie", "ET"),
    ],
)  # fmt: skip
def test_a_country_is_found_by_any_spelling(words: str, code: str):
    assert country_named(words) == code


@pytest.mark.parametrize("words", ["", "le", "atlantis", "je viens du Mali", "ml"])
def test_what_names_no_country_is_none(words: str):
    assert country_named(words) is None


@given(st.text())
def test_no_text_breaks_the_search_for_a_country(words: str):
    code = country_named(words)
    assert code is None or len(code) == 2


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize(
    "code", ["ML", "CI", "SN", "GN", "NE", "NG", "BF", "CM", "TD", "CG", "CD", "SL", "LR", "GH", "BJ", "TG", "SD", "SS", "SY"]
)
def test_each_country_is_found_by_the_name_it_is_said_with(code: str, language: str):
    assert country_named(country_name(code, language)) == code


def test_an_unknown_code_is_its_own_name():
    assert country_name("XX", "fr") == "XX"


def test_arabic_months_are_named_as_the_country_names_them():
    assert month_name(7, "ar", "DZ") == "جويلية"
    assert month_name(7, "ar", "MA") == "يوليوز"
    assert month_name(7, "fr", "DZ") == "juillet"


def test_months_are_read_in_every_spelling():
    assert {months()[word] for word in ("اوت", "غشت", "aout", "august", "اغسطس")} == {8}
    assert months()["fevrier"] == months()["فيفري"] == months()["فبراير"] == 2


def test_days_are_said_as_inside_a_sentence():
    assert [day_name(6, language) for language in ("en", "fr", "ar")] == ["Sunday", "dimanche", "الأحد"]


def test_a_language_nobody_knows_is_said_in_english():
    assert day_name(0, "xx") == "Monday"
    assert joined(["a", "b"], "xx") == "a, b"
