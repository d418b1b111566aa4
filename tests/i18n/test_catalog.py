"""PO files in, PO files out."""

from contextlib import suppress
from io import StringIO
from types import MappingProxyType

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.catalog import Catalog, CatalogError, Entry, read_catalog, write_catalog
from bot.i18n.plurals import form_count, plural_header

PO = """\
msgid ""
msgstr ""
"Language: ar\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"

# said on the phone page too
#. menu, step main
#: flows/menu.yaml:13
msgctxt "menu.main"
msgid "What do you need?"
msgstr "ما المطلوب؟"

#: flows/menu.yaml:14
#, fuzzy
#| msgid ""
#| "Old\\n"
#| "words"
msgctxt "menu.old"
msgid "New words"
msgstr "كلمات"

#: flows/menu.yaml:15
msgctxt "menu.empty"
msgid "Nothing yet"
msgstr ""

#~ msgctxt "menu.gone"
#~ msgid "Gone"
#~ msgstr "ذهب"
"""

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\t\u2066\u2069\u00a0\\"{}'), max_size=40)
names = st.from_regex(r"[a-z][a-z0-9-]{0,8}\.[a-z][a-z0-9-]{0,8}", fullmatch=True)


@st.composite
def entries(draw: st.DrawFn, context: str, language: str) -> Entry:
    counts = draw(st.booleans())
    return Entry(
        context=context,
        source=draw(words.filter(bool)),
        plural=draw(words.filter(bool)) if counts else None,
        forms=tuple(draw(words) for _ in range(form_count(language) if counts else 1)),
        fuzzy=draw(st.booleans()),
        previous=draw(st.none() | words.filter(bool)),
        places=tuple(draw(st.lists(st.tuples(names.map("flows/{}.yaml".format), st.integers(1, 400)), max_size=2, unique=True))),
    )


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    language = draw(st.sampled_from(["ar", "fr"]))
    contexts = draw(st.lists(names, max_size=5, unique=True))
    made = {context: draw(entries(context, language)) for context in contexts}
    return Catalog(language, MappingProxyType(made))


def test_a_catalog_knows_what_is_done_stale_and_missing():
    catalog = read_catalog(PO, "ar")

    assert catalog.said() == {"menu.main": "ما المطلوب؟"}
    assert [entry.is_done for entry in catalog.entries.values()] == [True, False, False]


def test_places_notes_comments_and_the_previous_source_are_read():
    catalog = read_catalog(PO, "ar")
    main, old = catalog.entries["menu.main"], catalog.entries["menu.old"]

    assert (main.places, main.notes, main.comments, main.line) == (
        (("flows/menu.yaml", 13),),
        ("menu, step main",),
        ("said on the phone page too",),
        11,
    )
    assert (old.fuzzy, old.previous) == (True, "Old\nwords")
    assert [entry.context for entry in catalog.obsolete] == ["menu.gone"]


def test_what_is_written_reads_the_same_and_writes_the_same():
    catalog = read_catalog(PO, "ar")

    assert read_catalog(write_catalog(catalog), "ar") == catalog
    assert write_catalog(read_catalog(write_catalog(catalog), "ar")) == write_catalog(catalog)


@given(catalogs())
def test_any_catalog_survives_its_file(catalog: Catalog):
    assert read_catalog(write_catalog(catalog), catalog.language).entries == catalog.entries


def test_the_header_is_the_same_on_every_day_and_other_tools_read_it():
    written = write_catalog(read_catalog(PO, "ar"))

    theirs = read_po(StringIO(written), abort_invalid=True)

    assert "Date" not in written
    assert "Generated-By" not in written
    assert str(theirs.locale) == "ar"
    assert theirs.plural_forms == plural_header("ar")
    assert theirs.get("What do you need?", context="menu.main").string == "ما المطلوب؟"


def test_arabic_forms_under_the_header_of_babel_are_put_in_the_order_of_cldr():
    babel = "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=0 && n%100<=2 ? 4 : 5);"
    forms = "".join(f'msgstr[{place}] "{form}"\n' for place, form in enumerate(("zero", "one", "two", "few", "hundred", "eleven")))
    po = f'msgid ""\nmsgstr ""\n"Plural-Forms: {babel}\\n"\n\nmsgctxt "unit.day"\nmsgid "{{n}} day"\nmsgid_plural "{{n}} days"\n{forms}'

    assert read_catalog(po, "ar").entries["unit.day"].forms == ("zero", "one", "two", "few", "eleven", "hundred")


def test_forms_that_a_file_lacks_are_empty():
    po = 'msgctxt "unit.day"\nmsgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "a"\n'
    entry = read_catalog(po, "ar").entries["unit.day"]

    assert len(entry.forms) == 6
    assert not entry.is_done


@pytest.mark.parametrize(
    ("po", "line"),
    [
        ('msgctxt "a.b"\nmsgid "x"\nmsgstr "y"\n\nrubbish here\n', 5),
        ('msgctxt "a.b"\nmsgid "x"\nmsgstr "y"\n\nmsgctxt "a.b"\nmsgid "z"\nmsgstr "y"\n', 6),
        ('msgid "x"\nmsgstr "y"\n', 1),
        ('msgctxt "a.b"\nmsgid "x"\n', 2),
        ('msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=os;\\n"\n', 1),
    ],
)
def test_a_broken_file_is_refused_with_its_line(po: str, line: int):
    with pytest.raises(CatalogError) as caught:
        read_catalog(po, "fr")
    assert caught.value.line == line


pieces = st.sampled_from(
    [
        "msgid",
        "msgid_plural",
        "msgstr",
        "msgstr[0]",
        "msgstr[9]",
        "msgstr[x]",
        "msgctxt",
        "#,",
        "#|",
        "#~",
        "#:",
        "#.",
        '"',
        '"a"',
        "\n",
        " ",
        "\\",
        "fuzzy",
    ]
)


@given(st.lists(pieces | st.text(max_size=3)).map("".join))
def test_no_text_does_more_than_be_refused(text: str):
    with suppress(CatalogError):
        read_catalog(text, "fr")
