"""Labels of staff pages."""

from types import MappingProxyType

import pytest

from bot.i18n.catalog import Catalog, Entry
from bot.i18n.staff import StaffTexts

WORDING = {
    "desk.claim": "Take this case",
    "desk.waiting": ("{n} person waits", "{n} people wait"),
    "desk.by": "Taken by {who}",
    "desk.new": "New",
}


def catalog(language: str, **forms: tuple[str, ...]) -> Catalog:
    made = {key.replace("_", "."): Entry(context=key.replace("_", "."), source="", forms=value) for key, value in forms.items()}
    return Catalog(language, MappingProxyType(made))


def texts() -> StaffTexts:
    french = catalog(
        "fr", desk_claim=("Prendre ce cas",), desk_waiting=("{n} personne attend", "{n} personnes attendent"), desk_by=("Pris par {who}",)
    )
    arabic = catalog("ar", desk_claim=("استلام الطلب",), desk_waiting=("لا أحد", "شخص واحد", "شخصين", "{n} أشخاص", "{n} شخصاً", "{n} شخص"))
    return StaffTexts.of(WORDING, {"fr": french, "ar": arabic})


def test_a_label_is_said_in_each_language():
    assert [texts().say("desk.claim", language) for language in ("en", "fr", "ar")] == ["Take this case", "Prendre ce cas", "استلام الطلب"]


def test_a_label_that_is_not_translated_is_said_in_english():
    assert texts().say("desk.new", "fr") == "New"
    assert texts().say("desk.by", "ar", who="Thuya") == "Taken by \u2068Thuya\u2069"


def test_values_are_isolated_where_the_direction_needs_it():
    assert texts().say("desk.by", "fr", who="أرز") == "Pris par \u2068أرز\u2069"
    assert texts().say("desk.by", "fr", who="Thuya") == "Pris par Thuya"


def test_counts_take_the_plural_of_the_language():
    assert [texts().say("desk.waiting", "fr", n=n) for n in (0, 1, 2)] == [
        "0 personne attend",
        "1 personne attend",
        "2 personnes attendent",
    ]
    assert [texts().say("desk.waiting", "ar", n=n) for n in (0, 2, 11, 100)] == [
        "لا أحد",
        "شخصين",
        "\u206611\u2069 شخصاً",
        "\u2066100\u2069 شخص",
    ]
    assert texts().say("desk.waiting", "en", n=1) == "1 person waits"


def test_a_count_that_is_not_translated_is_english_throughout():
    only_english = StaffTexts.of(WORDING, {"fr": catalog("fr")})
    assert only_english.say("desk.waiting", "fr", n=0) == "0 people wait"


def test_an_id_that_is_not_in_the_table_is_a_bug():
    with pytest.raises(KeyError):
        texts().say("desk.unknown", "fr")


def test_languages_come_with_english_first():
    assert texts().languages == ("en", "fr", "ar")
