"""Edits made to the shipped bundle: what is written is what a careful person would have written."""

import pytest

from bot.flow.compiler import compile_bundle
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import Clash, Confirm, RemoveFile, SetText, SetValue, WriteFile
from bot.studio.files.reading import place_of, text_of, value_at
from tests.studio.shipped import AR, FR, difference, shipped_bundle, updated


@pytest.fixture(scope="module")
def shipped():
    return shipped_bundle()


def test_every_source_text_is_found_where_it_stands(shipped):
    texts = compile_bundle(shipped).draft.texts

    for text in texts:
        assert text_of(shipped, text.id, "en") == text.text
        place = place_of(shipped, text.id)
        assert value_at(shipped, place.file, place.path) == (None if text.id.startswith("hours.") else text.text)


def test_a_text_under_its_sign_stays_there(shipped):
    was = text_of(shipped, "return.free", "en")
    after = apply(shipped, SetText("return.free", "en", was.replace("sell", "buy"), was))

    assert difference(shipped, after, "flows/return.yaml") == [
        "-      Nobody can sell a place or a date.",
        "+      Nobody can buy a place or a date.",
    ]


def test_a_text_is_put_in_quotes_only_when_yaml_needs_them(shipped):
    was = text_of(shipped, "menu.again", "en")
    after = apply(shipped, SetText("menu.again", "en", "One more: anything else?", was))

    assert difference(shipped, after, "flows/menu.yaml") == [
        "-    text: Is there anything else?",
        '+    text: "One more: anything else?"',
    ]
    assert apply(after, SetText("menu.again", "en", was, "One more: anything else?"))["flows/menu.yaml"] == shipped["flows/menu.yaml"]


def test_a_new_key_stands_where_the_language_writes_it(shipped):
    after = apply(shipped, SetText("menu.topic:label", "en", "Subject", ""))

    assert difference(shipped, after, "flows/menu.yaml") == ["+    label: Subject"]
    assert "  - ask: topic\n    label: Subject\n    text: |\n" in after["flows/menu.yaml"]


def test_a_number_of_a_contact_is_quoted_like_the_others(shipped):
    after = apply(shipped, SetValue("flows/directory.yaml", ("contacts", "iom-dz", "phone", "#0"), "+213 21 00 00 00", None))

    assert difference(shipped, after, "flows/directory.yaml") == ["-    phone: []", '+    phone: ["+213 21 00 00 00"]']


def test_a_new_contact_stands_with_its_country(shipped):
    row = {"name": "New: a place", "country": "DZ", "phone": ["14"], "needs": ["legal"], "cost": "free", "expires": "2027-01-01"}
    edit = SetValue("flows/directory.yaml", ("contacts", "new-dz"), row, None)
    after = apply(shipped, edit)

    assert difference(shipped, after, "flows/directory.yaml") == [
        "+  new-dz:",
        '+    name: "New: a place"',
        "+    country: DZ",
        "+    needs: [legal]",
        '+    phone: ["14"]',
        "+    cost: free",
        "+    expires: 2027-01-01",
    ]
    lines = after["flows/directory.yaml"].split("\n")
    countries = [line for line in lines if line.startswith("    country: ")]
    assert countries == sorted(countries)
    assert apply(after, SetValue(edit.file, edit.path, None, row)) == shipped


def test_a_condition_comes_before_the_word(shipped):
    after = apply(shipped, SetValue("flows/menu.yaml", ("steps", "@bye", "if"), "heard is health", None))

    assert difference(shipped, after, "flows/menu.yaml") == ["-  - say: bye", "+  - if: heard is health", "+    say: bye"]
    assert apply(after, SetValue("flows/menu.yaml", ("steps", "@bye", "if"), None, "heard is health")) == shipped


def test_what_a_thing_is_called_by_can_change(shipped):
    path = ("steps", "@path", "rows", "@situation is third", "if")
    after = apply(shipped, SetValue("flows/return.yaml", path, "situation is third/court", "situation is third"))

    assert [line[0] for line in difference(shipped, after, "flows/return.yaml")] == ["-", "+"]
    assert "{if: situation is third/court, go: third-country" in after["flows/return.yaml"]
    named = apply(shipped, SetValue("flows/return.yaml", ("steps", "@free", "say"), "gratis", "free"))
    assert difference(shipped, named, "flows/return.yaml") == ["-  - say: free", "+  - say: gratis"]


def test_another_wording_that_stands_there_now_is_a_clash(shipped):
    clash = apply(shipped, SetText("menu.again", "en", "Mine", "What I saw"))

    assert isinstance(clash, Clash)
    assert (clash.why, clash.mine, clash.theirs) == ("changed", "Mine", "Is there anything else?")


def test_a_place_that_is_no_more_is_a_clash(shipped):
    assert apply(shipped, SetText("menu.nowhere", "en", "Mine", "")).why == "gone"
    assert apply(shipped, SetValue("flows/menu.yaml", ("steps", "@nowhere", "text"), "Mine", "x")).why == "gone"


def test_two_authors_of_one_file_are_merged_by_lines(shipped):
    base = shipped["flows/menu.yaml"]
    theirs = shipped.with_file("flows/menu.yaml", base.replace("title: What the person wants", "title: The menu"))
    mine = base.replace("  - end\n", "  - leave\n")
    after = apply(theirs, WriteFile("flows/menu.yaml", mine, base))

    assert after["flows/menu.yaml"] == mine.replace("title: What the person wants", "title: The menu")


@pytest.mark.parametrize("text", ["[" * 100_000, "a\x00b", "a\u202eb", "x" * 10_000_000])
def test_what_no_file_may_hold_is_refused_with_its_line(shipped, text):
    clash = apply(shipped, WriteFile("flows/menu.yaml", text, shipped["flows/menu.yaml"]))

    assert clash.why == "form"
    assert clash.theirs.startswith("flows/menu.yaml:1:")
    assert apply(shipped, SetText("menu.again", "en", text, "Is there anything else?")).why == "form"


def test_a_source_that_changes_makes_translations_stale_as_an_update_would(shipped):
    after = apply(shipped, SetText("menu.again", "en", "Anything else?", "Is there anything else?"))

    assert difference(shipped, after, FR) == [
        "+#, fuzzy",
        '+#| msgid "Is there anything else?"',
        '-msgid "Is there anything else?"',
        '+msgid "Anything else?"',
    ]
    assert updated(after) == after
    assert apply(after, SetText("menu.again", "en", "Is there anything else?", "Anything else?")) == shipped


def test_a_stale_translation_is_confirmed_or_written_anew(shipped):
    stale = apply(shipped, SetText("menu.again", "en", "Anything else?", "Is there anything else?"))
    kept = apply(stale, Confirm("menu.again", "fr", "Anything else?"))
    new = apply(stale, SetText("menu.again", "fr", "Autre chose\u00a0?", text_of(shipped, "menu.again", "fr")))

    assert difference(shipped, kept, FR) == ['-msgid "Is there anything else?"', '+msgid "Anything else?"']
    assert difference(kept, new, FR)[1] == '+msgstr "Autre chose\u00a0?"'
    assert len(difference(kept, new, FR)) == 2
    assert new[AR] == stale[AR]
    assert apply(stale, Confirm("menu.again", "fr", "Is there anything else?")).theirs == "Anything else?"


def test_a_translation_changes_no_other_line(shipped):
    was = text_of(shipped, "return.free", "ar")
    after = apply(shipped, SetText("return.free", "ar", was + "\nسطر.", was))

    assert [line[0] for line in difference(shipped, after, AR)] == ["-", "+", "+"]
    assert {file for file in after if after[file] != shipped[file]} == {AR}
    assert apply(after, SetText("return.free", "ar", was, was + "\nسطر.")) == shipped


def test_what_counts_is_written_in_all_its_forms(shipped):
    forms = ("{n} jour", "{n} journées")
    after = apply(shipped, SetText("unit.day", "fr", forms[0], "{n} jour", forms))

    assert difference(shipped, after, FR) == ['-msgstr[1] "{n} jours"', '+msgstr[1] "{n} journées"']


def test_a_new_choice_has_its_entries_where_it_stands(shipped):
    after = apply(shipped, SetValue("flows/menu.yaml", ("steps", "@topic", "choices", "new"), "A new one", None))

    assert difference(shipped, after, "flows/menu.yaml") == ["+      new: A new one"]
    assert [line for line in difference(shipped, after, FR) if line.startswith("-")] == []
    assert updated(after) == after
    assert apply(after, SetValue("flows/menu.yaml", ("steps", "@topic", "choices", "new"), None, "A new one")) == shipped


def test_a_choice_taken_away_keeps_its_translation_put_by(shipped):
    path = ("steps", "@topic", "choices", "offer")
    after = apply(shipped, SetValue("flows/menu.yaml", path, None, "A doubtful offer"))

    assert difference(shipped, after, "flows/menu.yaml") == ["-      offer: A doubtful offer"]
    assert updated(after) == after
    assert '#~ msgctxt "menu.topic.offer"' in after[FR]


def test_a_text_that_need_not_be_is_taken_away_with_its_translations_put_by(shipped):
    was = text_of(shipped, "work.lines:none", "en")
    after = apply(shipped, SetText("work.lines:none", "en", "", was))

    assert updated(after) == after
    assert '#~ msgctxt "work.lines:none"' in after[AR]
    assert apply(after, SetText("work.lines:none", "en", was, "")) == shipped
    assert apply(shipped, SetText("menu.again", "en", " \n", "Is there anything else?")).why == "form"


def test_a_flow_taken_away_and_written_again_is_as_it_was(shipped):
    was = shipped["flows/bring.yaml"]
    without = apply(shipped, RemoveFile("flows/bring.yaml", was))

    assert updated(without) == without
    assert apply(without, WriteFile("flows/bring.yaml", was, None)) == shipped
    assert apply(shipped, RemoveFile("flows/bring.yaml", "other")).why == "changed"
    assert apply(shipped, RemoveFile("flows/bot.yaml", shipped["flows/bot.yaml"])).why == "form"


def test_a_file_that_is_not_finished_takes_no_translation_away(shipped):
    was = shipped["flows/menu.yaml"]
    half = apply(shipped, WriteFile("flows/menu.yaml", was + "  - say: 'x", was))

    assert half[FR] == shipped[FR]
    clash = apply(half, SetText("menu.again", "en", "x", ""))
    assert (clash.why, clash.theirs.split(": ")[:2]) == ("form", ["flows/menu.yaml:58:12", "yaml"])
    assert apply(half, WriteFile("flows/menu.yaml", was, half["flows/menu.yaml"])) == shipped


def test_a_title_is_named_in_the_notes_of_its_texts(shipped):
    after = apply(shipped, SetText("bring:title", "en", "Luggage", "What to bring"))

    assert updated(after) == after
    assert apply(after, SetText("bring:title", "en", "What to bring", "Luggage")) == shipped


@pytest.mark.parametrize("value", [1, None, [1], {"a": None}, {1: "a"}, {"": "a"}, [[[[[[[[[["a"]]]]]]]]]], ["a"] * 9_000])
def test_what_is_no_value_of_yaml_is_refused(shipped, value):
    clash = apply(shipped, SetValue("flows/menu.yaml", ("steps", "@bye", "text"), {"x": value}, "x"))

    assert clash.why == "form"
    assert clash.theirs.startswith("1:1: ")


def test_choices_in_another_order_are_written_in_it(shipped):
    path = ("steps", "@more", "choices")
    was = value_at(shipped, "flows/return.yaml", path)
    keys = list(was)
    now = {key: was[key] for key in (keys[1], keys[0], *keys[2:])}
    after = apply(shipped, SetValue("flows/return.yaml", path, now, was))

    assert list(value_at(after, "flows/return.yaml", path)) == list(now)
    assert sorted(difference(shipped, after, "flows/return.yaml")) == ["+      bring: What to bring", "-      bring: What to bring"]
