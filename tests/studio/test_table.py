"""The table of texts: every text beside itself in every language, with what is wrong with it."""

from dataclasses import replace

import pytest

from bot.flow.bundle import Bundle
from bot.flow.compiler import compile_bundle
from bot.i18n.catalog import read_catalog, write_catalog
from bot.i18n.merge import Source, empty_catalog, unit_sources, update
from bot.studio.translating.table import UNITS, Asked, Row, Table, counts, groups, row_of, table, window
from tests.checks.bundles import CLEAN, trying

STEPS = """  - say: hello
    text: |
      Going home is free.
      You decide.
  - ask: sure
    text: Do you want to go on?
    choices: {yes: "Yes", later: Another day}
    help: Press one.
  - end
"""


def bundle(*translated: tuple[str, str, str], steps: str = STEPS, head: str = "", language: str = "fr") -> Bundle:
    """The small service with a second language. `translated`: id, translation, and the source it was made from (empty: as it is)."""
    base = trying(steps, head)
    bot = base["flows/bot.yaml"].replace("languages: [en]", f"languages: [{language}, en]")
    base = base.with_file("flows/bot.yaml", bot)
    texts = compile_bundle(base).draft.texts
    sources = [Source(text.id, text.text) for text in texts]
    catalog = update(empty_catalog(language), [*sources, *unit_sources()]).catalog
    po = write_catalog(catalog)
    entries = dict(read_catalog(po, language).entries)
    for id_, words, was in translated:
        entries[id_] = replace(entries[id_], forms=(words,), fuzzy=bool(was), previous=was or None)
    return base.with_file(f"locales/{language}/LC_MESSAGES/flows.po", write_catalog(replace(catalog, entries=entries)))


def of(made: Bundle) -> Table:
    return table(compile_bundle(made), made.catalog_paths())


def row(made: Bundle, id_: str) -> Row:
    found = row_of(of(made), id_)
    assert found is not None
    return found


def test_a_row_says_where_the_text_stands_and_what_it_is():
    made = of(bundle())
    rows = {each.id: each for each in made.rows}
    assert made.languages == ("en", "fr")
    assert (rows["try.sure"].group, rows["try.sure"].step, rows["try.sure"].word, rows["try.sure"].kind) == ("try", "sure", "ask", "text")
    assert (rows["try.sure.later"].step, rows["try.sure.later"].kind) == ("sure", "button")
    assert (rows["try.sure:help"].step, rows["try.sure:help"].kind) == ("sure", "help")
    assert (rows["bot.again"].group, rows["bot.again"].step) == ("bot", "")
    assert made.rows[0].group not in ("bot", "teams", "directory", UNITS)
    assert made.rows[-1].group == UNITS


def test_a_text_is_missing_stale_or_done():
    was = "Going home costs nothing.\nYou decide."
    made = bundle(("try.hello", "Rentrer au pays est gratuit.", was), ("try.sure", "Voulez-vous continuer\u00a0?", ""))
    assert row(made, "try.hello").cells[1].state == "stale"
    assert row(made, "try.hello").cells[1].previous == was
    assert row(made, "try.sure").cells[1].state == "done"
    assert row(made, "try.sure:help").cells[1].state == "missing"
    assert row(made, "try.sure:help").cells[1].marks == ("missing",)
    english, french = counts(of(made))
    assert (english.language, english.stale, english.missing) == ("en", 0, 0)
    assert (french.done, french.stale, french.total) == (1, 1, english.total)


def test_a_translation_of_an_older_source_is_stale_before_any_update():
    made = bundle(("try.sure:help", "Appuyez.", ""))
    made = made.with_file("flows/try.yaml", made["flows/try.yaml"].replace("Press one.", "Press a button."))
    cell = row(made, "try.sure:help").cells[1]
    assert (cell.state, cell.previous) == ("stale", "Press one.")


def test_what_the_checks_find_stands_at_its_words():
    made = bundle(("try.hello", "C'est simplement garanti.\nVous devez rentrer.", ""))
    cell = row(made, "try.hello").cells[1]
    found = {finding.rule: finding for finding in cell.findings}
    assert set(found) == {"never-said", "french-signs"}
    at = [cell.text[finding.start : finding.end] for finding in cell.findings if finding.rule == "never-said"]
    assert at == ["simplement", "garanti", "Vous devez"]
    assert [finding.put for finding in cell.findings if finding.word == "vous devez"] == ["Vous pouvez"]


@pytest.mark.parametrize(
    ("text", "word", "put"),
    [
        ("هل هناك ترحيل من هنا", "ترحيل", "العودة إلى البلد"),
        ("المساعدة للترحيل هنا", "الترحيل", "للعودة إلى البلد"),
        ("عن الحدود والترحيل هنا", "الترحيل", "والعودة إلى البلد"),
        ("هذا بترحيل هنا", "ترحيل", "بالعودة إلى البلد"),
        ("الجواب قريباً.", "قريباً", ""),
    ],
)
def test_better_arabic_keeps_what_is_joined_before_it(text: str, word: str, put: str):
    cell = row(bundle(("try.hello", text, ""), language="ar"), "try.hello").cells[1]
    found = next(finding for finding in cell.findings if finding.word == word)
    assert found.put == put
    assert word.strip("ا") in cell.text[found.start : found.end] or found.end > found.start


def test_a_place_that_the_source_has_not_is_found():
    assert row(bundle(("try.hello", "Gratuit, {when}.", "")), "try.hello").cells[1].findings[0].rule == "places"


def test_plurals_stand_in_one_row():
    found = row(bundle(language="ar"), "unit.day")
    assert found.plural == "{n} days"
    assert found.cells[0].forms == ("{n} day", "{n} days")
    assert len(found.cells[1].forms) == 6


def test_a_window_shows_what_is_asked_for():
    made = of(bundle(("try.hello", "Rentrer au pays est gratuit.", "Older."), ("try.sure", "Vous devez continuer\u00a0?", "")))
    every = window(made, Asked(size=10_000))
    assert every.total == len(every.rows) == len(made.rows)
    assert [each.id for each in window(made, Asked(show="stale", language="fr")).rows] == ["try.hello"]
    assert "try.sure" in [each.id for each in window(made, Asked(show="wrong", language="fr", size=500)).rows]
    assert {each.group for each in window(made, Asked(group="try")).rows} == {"try"}
    assert [each.id for each in window(made, Asked(search="  gratuît ")).rows] == ["try.hello"]
    assert [each.id for each in window(made, Asked(search="try.sure:h")).rows] == ["try.sure:help"]
    assert window(made, Asked(search="nowhere to be found")).rows == ()


def test_windows_follow_each_other_and_hold_every_row_once():
    made = of(bundle())
    ids: list[str] = []
    while len(ids) < len(made.rows):
        ids += [each.id for each in window(made, Asked(offset=len(ids), size=7)).rows]
    assert ids == [each.id for each in made.rows]
    assert window(made, Asked(offset=10_000, size=7)).rows


def test_groups_are_flows_and_files_with_what_is_open():
    found = {group.id: group for group in groups(of(bundle()))}
    assert found["try"].is_flow
    assert found["try"].open == found["try"].texts
    assert not found["bot"].is_flow


def test_a_catalog_that_cannot_be_read_is_no_column():
    made = bundle()
    made = made.with_file("locales/fr/LC_MESSAGES/flows.po", "this is no catalog")
    assert of(made).languages == ("en",)
    assert of(made).unread == ("fr",)


def test_what_cannot_be_read_hides_nothing_else():
    made = Bundle({**CLEAN, "flows/try.yaml": "flow: [", "flows/bot.yaml": "name: {"})
    assert any(each.group == "menu" for each in of(made).rows)
    assert of(made).languages == ("en",)
