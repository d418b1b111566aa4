"""Plural forms, against CLDR."""

import pytest
from babel.core import Locale

from bot.i18n.plurals import form_count, plural_header, plural_of, read_header

ORDER = ("zero", "one", "two", "few", "many", "other")


def test_arabic_forms_stand_in_the_order_of_cldr():
    cldr, ours = Locale("ar").plural_form, plural_of("ar")
    assert all(ORDER[ours(n)] == cldr(n) for n in range(2000))


def test_french_counts_zero_and_one_alike():
    assert [plural_of("fr")(n) for n in (0, 1, 2)] == [0, 0, 1]
    assert form_count("fr") == form_count("en") == 2


def test_another_language_has_the_forms_of_its_catalogs():
    assert form_count("tr") >= 1
    assert plural_of("ru")(5) == 2
    assert plural_header("nobody") == "nplurals=1; plural=0;"


@pytest.mark.parametrize(
    "header",
    ["", "nplurals=2", "nplurals=x; plural=0", "nplurals=1; plural=n>1", "nplurals=0; plural=0", "nplurals=2; plural=__import__('os')"],
)
def test_a_broken_header_is_refused(header: str):
    with pytest.raises(ValueError):  # noqa: PT011 - any of its kind will do
        read_header(header)
