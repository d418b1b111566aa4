"""Two changes brought together: by lines, by texts of a catalog, with every word kept or given back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.check import check
from bot.flow.bundle import Bundle
from bot.i18n.catalog import read_catalog, write_catalog
from bot.i18n.merge import update
from bot.studio.editing.apply import apply
from bot.studio.editing.bringing import Back, brought_onto, taken_back
from bot.studio.editing.edits import Edit, MoveStep, SetText
from bot.studio.editing.sources import sources_of_bundle
from bot.studio.files.joining import joined, joined_lines
from bot.studio.files.reading import text_of
from tests.checks.bundles import ON
from tests.world import real_bundle

FR, AR = "locales/fr/LC_MESSAGES/flows.po", "locales/ar/LC_MESSAGES/flows.po"
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=6).map("".join)


def after(bundle: Bundle, *edits: Edit) -> Bundle:
    for edit in edits:
        made = apply(bundle, edit)
        assert isinstance(made, Bundle), made
        bundle = made
    return bundle


def says(bundle: Bundle, id_: str, language: str, text: str) -> SetText:
    return SetText(id_, language, text, text_of(bundle, id_, language))


def in_step(bundle: Bundle) -> bool:
    sources = tuple(sources_of_bundle(bundle).values())
    return all(
        write_catalog(update(read_catalog(bundle[path], language), sources).catalog) == bundle[path]
        for path, language in ((FR, "fr"), (AR, "ar"))
    )


def test_what_two_drafts_changed_of_one_flow_and_one_catalog_is_together_afterwards() -> None:
    real = real_bundle()
    mine = after(
        real, says(real, "menu.topic", "fr", "Choisissez.\nDe quoi avez-vous besoin ?"), says(real, "return.fear", "ar", "سؤال آخر؟")
    )
    theirs = after(real, MoveStep("menu", "other", ""), says(real, "menu.other", "fr", "Voici la suite.\nDe quoi avez-vous besoin ?"))

    bundle, clashes = brought_onto(real, mine, theirs)

    assert clashes == ()
    assert text_of(bundle, "menu.topic", "fr").startswith("Choisissez.")
    assert text_of(bundle, "menu.other", "fr").startswith("Voici la suite.")
    assert text_of(bundle, "return.fear", "ar") == "سؤال آخر؟"
    assert bundle["flows/menu.yaml"] == theirs["flows/menu.yaml"]
    assert in_step(real)
    assert in_step(bundle)


def test_a_translation_of_a_text_that_another_changed_is_kept_and_stale() -> None:
    real = real_bundle()
    mine = after(real, says(real, "menu.topic", "fr", "Choisissez.\nDe quoi avez-vous besoin ?"))
    theirs = after(real, says(real, "menu.topic", "en", "Choose.\nWhat is it?"))

    bundle, clashes = brought_onto(real, mine, theirs)

    entry = read_catalog(bundle[FR], "fr").entries["menu.topic"]
    assert clashes == ()
    assert (entry.source, entry.forms, entry.fuzzy) == ("Choose.\nWhat is it?", ("Choisissez.\nDe quoi avez-vous besoin ?",), True)
    assert in_step(bundle)
    assert any(problem.rule == "stale-translation" for problem in check(bundle, ON))


def test_of_one_translation_changed_twice_the_drafts_stands_and_the_other_is_given_back() -> None:
    real = real_bundle()
    mine, theirs = (after(real, says(real, "menu.topic", "fr", text)) for text in ("À moi ?", "À eux ?"))

    bundle, clashes = brought_onto(real, mine, theirs)

    assert text_of(bundle, "menu.topic", "fr") == "À moi ?"
    assert [(clash.why, clash.mine, clash.theirs) for clash in clashes] == [("changed", "À moi ?", "À eux ?")]


def test_a_file_that_one_took_away_and_the_other_changed_is_told() -> None:
    base = Bundle({"flows/a.yaml": "a\n", "flows/b.yaml": "b\n"})
    mine, theirs = Bundle({"flows/a.yaml": "mine\n"}), Bundle({"flows/b.yaml": "theirs\n"})

    bundle, clashes = brought_onto(base, mine, theirs)

    assert dict(bundle) == {"flows/a.yaml": "mine\n"}
    assert [(clash.why, clash.mine, clash.theirs) for clash in clashes] == [("gone", "mine\n", ""), ("changed", "", "theirs\n")]


def test_what_is_no_catalog_is_joined_by_lines() -> None:
    done = joined(FR, "one\ntwo\nthree\n", "ONE\ntwo\nthree\n", "one\ntwo\nTHREE\n")

    assert (done.text, done.clashes) == ("ONE\ntwo\nTHREE\n", ())


def test_an_act_is_taken_back_byte_by_byte_where_nobody_changed_the_file() -> None:
    odd = "# no catalog at all\n"
    bundle, clashes = taken_back(Bundle({FR: "x"}), [Back(FR, odd, "x")])

    assert (bundle[FR], clashes) == (odd, ())


@given(LINES, LINES, LINES)
def test_each_line_of_both_is_there_or_given_back(base: str, mine: str, theirs: str) -> None:
    done = joined_lines(base, mine, theirs)
    told = done.text + "".join(both.mine + both.theirs for both in done.clashes)

    for line in {*mine.splitlines(), *theirs.splitlines()} - set(base.splitlines()):
        assert line in told.splitlines()
    if mine == base:
        assert done.text == theirs
    if theirs == base:
        assert done.text == mine
    mirrored = joined_lines(base, theirs, mine)
    assert bool(mirrored.clashes) == bool(done.clashes)
    if not done.clashes:
        assert mirrored.text == done.text


@pytest.mark.parametrize("mine", ["a\nX\nc\nd\n", "a\nb\nX\nd\n"])
def test_neighbouring_lines_do_not_meet(mine: str) -> None:
    assert not joined_lines("a\nb\nc\nd\n", mine, "A\nb\nc\nD\n").clashes
