"""New sources meet old translations."""

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.catalog import Catalog, Entry
from bot.i18n.merge import Source, Stats, empty_catalog, faults, keep, state, stats, unit_sources, update
from bot.i18n.texts import Texts
from bot.i18n.values import Count


def catalog(*entries: Entry) -> Catalog:
    return Catalog("fr", MappingProxyType({entry.context: entry for entry in entries}))


def entry(context: str, source: str, translation: str, *, fuzzy: bool = False, previous: str | None = None) -> Entry:
    return Entry(context=context, source=source, forms=(translation,), fuzzy=fuzzy, previous=previous)


HELLO = entry("menu.hello", "Hello", "Bonjour")


def test_a_text_that_did_not_change_keeps_its_translation():
    merged = update(catalog(HELLO), [Source("menu.hello", "Hello", place=("flows/menu.yaml", 3), note="menu")])
    kept = merged.catalog.entries["menu.hello"]

    assert (kept.forms, kept.is_done, kept.places, kept.notes) == (("Bonjour",), True, (("flows/menu.yaml", 3),), ("menu",))
    assert (merged.new, merged.carried, merged.stale, merged.gone) == ((), (), (), ())


def test_a_new_text_is_empty_and_counted_as_missing():
    merged = update(catalog(HELLO), [Source("menu.hello", "Hello"), Source("menu.bye", "Bye")])

    assert merged.new == ("menu.bye",)
    assert stats(merged.catalog, [Source("menu.hello", "Hello"), Source("menu.bye", "Bye")]) == Stats(done=1, stale=0, missing=1)


def test_a_changed_source_makes_its_translation_stale_and_shows_the_old_source():
    merged = update(catalog(HELLO), [Source("menu.hello", "Hello again")])
    stale = merged.catalog.entries["menu.hello"]

    assert (stale.source, stale.forms, stale.fuzzy, stale.previous) == ("Hello again", ("Bonjour",), True, "Hello")
    assert merged.stale == ("menu.hello",)
    assert state(merged.catalog, Source("menu.hello", "Hello again")) == "stale"


def test_a_source_that_changes_twice_still_shows_what_the_translation_was_made_from():
    once = update(catalog(HELLO), [Source("menu.hello", "Hello again")]).catalog
    twice = update(once, [Source("menu.hello", "Hi")]).catalog.entries["menu.hello"]

    assert (twice.source, twice.previous, twice.fuzzy) == ("Hi", "Hello", True)


def test_a_source_that_changes_back_makes_its_translation_good_again():
    once = update(catalog(HELLO), [Source("menu.hello", "Hello again")]).catalog
    assert update(once, [Source("menu.hello", "Hello")]).catalog.entries["menu.hello"] == HELLO


def test_keeping_says_that_the_meaning_is_unchanged():
    stale = update(catalog(HELLO), [Source("menu.hello", "Hello.")]).catalog

    kept, unknown = keep(stale, ["menu.hello", "menu.other"])

    assert kept.entries["menu.hello"] == entry("menu.hello", "Hello.", "Bonjour")
    assert unknown == ("menu.other",)


def test_a_renamed_step_carries_its_translation_over():
    merged = update(catalog(HELLO), [Source("menu.greeting", "Hello")])

    assert merged.catalog.entries["menu.greeting"].forms == ("Bonjour",)
    assert merged.carried == (("menu.hello", "menu.greeting"),)
    assert merged.catalog.obsolete == ()


def test_a_translation_is_not_carried_over_when_two_lost_texts_disagree():
    two = catalog(entry("a.yes", "Yes", "Oui"), entry("b.yes", "Yes", "Si"))
    assert update(two, [Source("c.yes", "Yes")]).new == ("c.yes",)


def test_a_renamed_flow_carries_all_its_equal_texts_over():
    two = catalog(entry("a.yes", "Yes", "Oui"), entry("a.too", "Yes", "Oui"))
    merged = update(two, [Source("b.yes", "Yes"), Source("b.too", "Yes")])
    assert all(merged.catalog.entries[context].forms == ("Oui",) for context in ("b.yes", "b.too"))


def test_a_text_that_goes_and_comes_back_finds_its_translation():
    gone = update(catalog(HELLO), [Source("menu.other", "Other")])
    back = update(gone.catalog, [Source("menu.hello", "Hello"), Source("menu.other", "Other")])

    assert gone.gone == ("menu.hello",)
    assert back.catalog.entries["menu.hello"].forms == ("Bonjour",)
    assert back.catalog.obsolete == ()


def test_a_stale_text_that_goes_does_not_come_back_as_good():
    stale = update(catalog(HELLO), [Source("menu.hello", "Goodbye")]).catalog
    gone = update(stale, []).catalog
    back = update(gone, [Source("menu.hello", "Goodbye")]).catalog.entries["menu.hello"]
    assert (back.fuzzy, back.previous) == (True, "Hello")


def test_a_translation_of_an_older_source_is_stale_even_before_an_update():
    assert state(catalog(HELLO), Source("menu.hello", "Hello again")) == "stale"
    assert state(empty_catalog("fr"), Source("menu.hello", "Hello")) == "missing"


def test_places_that_differ_are_faults():
    wrong = catalog(
        entry("a.name", "Dear {to}", "Cher {nom}"),
        entry("a.lost", "In {keep}", "Dans un mois"),
        entry("a.brace", "One", "Un {0}"),
        entry("a.good", "{to} and {keep}", "{keep} et {to}"),
        entry("a.empty", "{to}", ""),
    )
    assert faults(wrong) == {
        "a.name": "{nom} is not in the source; {to} is",
        "a.lost": "{keep} is missing",
        "a.brace": "a brace is no {name}",
    }


def test_a_form_that_counts_may_say_the_number_in_words():
    days = Entry(
        context="unit.day", source="{n} day", plural="{n} days", forms=("أقل من يوم", "يوم", "يومين", "{n} أيام", "{n} يوماً", "{m} يوم")
    )
    assert faults(Catalog("ar", MappingProxyType({"unit.day": days}))) == {"unit.day": "{m} is not in the source"}


texts = st.sampled_from(["Yes", "No", "Hello", "Bye"])
names = st.sampled_from(["a.x", "a.y", "b.x", "b.y", "c.x"])
rounds = st.lists(st.dictionaries(names, texts), min_size=1, max_size=5)


@given(st.dictionaries(names, texts), rounds)
def test_no_translation_is_ever_lost(first: dict[str, str], later: list[dict[str, str]]):
    now = catalog(*(entry(context, source, f"{context} {source}") for context, source in first.items()))
    all_forms = {form for made in now.entries.values() for form in made.forms}

    for sources in later:
        now = update(now, [Source(context, text) for context, text in sources.items()]).catalog
        assert set(now.entries) == set(sources)

    kept = {form for made in (*now.entries.values(), *now.obsolete) for form in made.forms if form}
    assert kept == all_forms


@given(st.dictionaries(names, texts), st.dictionaries(names, texts))
def test_updating_twice_is_updating_once(first: dict[str, str], second: dict[str, str]):
    sources = [Source(context, text) for context, text in second.items()]
    once = update(catalog(*(entry(context, source, source.upper()) for context, source in first.items())), sources).catalog
    assert update(once, sources).catalog == once


@pytest.mark.parametrize("counts", [True, False])
def test_a_text_that_begins_or_stops_to_count_is_stale(counts: bool):
    plain, counted = Source("a.x", "{n} day"), Source("a.x", "{n} day", plural="{n} days")
    first, second = (plain, counted) if counts else (counted, plain)
    made = update(empty_catalog("fr"), [first]).catalog
    filled = Catalog(
        "fr",
        MappingProxyType(
            {"a.x": Entry(context="a.x", source="{n} day", plural=first.plural, forms=("{n} jour",) * len(made.entries["a.x"].forms))}
        ),
    )

    merged = update(filled, [second]).catalog.entries["a.x"]

    assert merged.fuzzy
    assert len(merged.forms) == (2 if counts else 1)


def test_counted_words_are_translated_like_texts_and_count_in_their_language():
    made = update(empty_catalog("fr"), unit_sources()).catalog
    assert [entry.context for entry in made.entries.values()] == ["unit.day", "unit.hour", "unit.minute"]
    assert made.units() == {}

    day = Entry(context="unit.day", source="{n} day", plural="{n} days", forms=("{n} jour", "{n} jours"))
    counted = Catalog("fr", MappingProxyType({**made.entries, "unit.day": day}))
    assert counted.units() == {"day": ("{n} jour", "{n} jours")}
    texts_ = Texts.of({}, {"fr": counted.said()}, "en", {"fr": counted.units()})
    assert texts_.value(Count(2, "day"), "fr") == "2 jours"
    assert texts_.value(Count(2, "hour"), "fr") == "2 heures"
