"""The spreadsheet of translators, there and back."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from types import MappingProxyType

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.catalog import Catalog, Entry, read_catalog, write_catalog
from bot.i18n.merge import Source, update
from bot.i18n.plurals import form_count
from bot.i18n.sheet import Change, SheetError, export_sheet, import_sheet

ID, PLACE, SOURCE, FRENCH, ARABIC, STATUS, AS_EXPORTED = range(1, 8)


def catalogs() -> tuple[Catalog, Catalog]:
    def made(language: str, hello: str, to: str, days: tuple[str, ...]) -> Catalog:
        entries = (
            Entry(context="menu.hello", source="Hello", forms=(hello,), places=(("flows/menu.yaml", 3),)),
            Entry(context="menu.to", source="Dear {to}", forms=(to,), places=(("flows/menu.yaml", 4),), fuzzy=True, previous="Hi {to}"),
            Entry(context="menu.new", source="=New()", forms=("",), places=(("flows/menu.yaml", 5),)),
            Entry(context="unit.day", source="{n} day", plural="{n} days", forms=days),
        )
        return Catalog(language, MappingProxyType({entry.context: entry for entry in entries}))

    return (
        made("fr", "Bonjour", "Cher {to}", ("{n} jour", "{n} jours")),
        made("ar", "مرحباً", "إلى {to}", ("أقل من يوم", "يوم واحد", "يومين", "{n} أيام", "{n} يوماً", "{n} يوم")),
    )


def edited(content: bytes, edit: Callable[[dict[str, int], openpyxl.worksheet.worksheet.Worksheet], None]) -> bytes:
    """The sheet after `edit`, which gets the row number of each id."""
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book.worksheets[0]
    edit({str(sheet.cell(row, ID).value): row for row in range(2, sheet.max_row + 1)}, sheet)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def back(edit: Callable[[dict[str, int], openpyxl.worksheet.worksheet.Worksheet], None]):
    return import_sheet(edited(export_sheet(catalogs()), edit), catalogs())


def test_one_row_is_one_text_with_its_status():
    sheet = openpyxl.load_workbook(BytesIO(export_sheet(catalogs()))).worksheets[0]
    rows = [[cell.value for cell in row][:STATUS] for row in sheet.iter_rows()]

    assert rows[0] == ["id", "place", "source", "fr", "ar", "status"]
    assert ["menu.hello", "flows/menu.yaml:3", "Hello", "Bonjour", "مرحباً", None] in [[value or None for value in row] for row in rows]
    assert len(rows) == 1 + 3 + 6
    by_id = {row[0]: row[STATUS - 1] for row in rows}
    assert by_id["menu.to"] == "fr: stale, was ‹Hi {to}›\nar: stale, was ‹Hi {to}›"
    assert by_id["menu.new"] == "fr: missing\nar: missing"


def test_arabic_stands_right_to_left_and_nothing_is_a_formula():
    sheet = openpyxl.load_workbook(BytesIO(export_sheet(catalogs()))).worksheets[0]

    assert sheet.cell(2, ARABIC).alignment.readingOrder == 2
    assert sheet.cell(2, FRENCH).alignment.readingOrder == 0
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_same_catalogs_give_the_same_sheet():
    assert export_sheet(catalogs()) == export_sheet(catalogs())


def test_a_sheet_that_nobody_touched_changes_nothing():
    came = import_sheet(export_sheet(catalogs()), catalogs())
    assert (came.catalogs, came.changes, came.emptied, came.faults) == (catalogs(), (), (), ())


def test_a_new_translation_is_taken_in_its_language_only():
    came = back(lambda rows, sheet: sheet.cell(rows["menu.new"], ARABIC, " جديد "))

    assert came.changes == (Change("menu.new", "ar"),)
    assert came.catalogs[1].entries["menu.new"].forms == ("جديد",)
    assert came.catalogs[0] == catalogs()[0]


def test_a_stale_translation_that_was_rewritten_is_good():
    came = back(lambda rows, sheet: sheet.cell(rows["menu.to"], FRENCH, "Bonjour {to}"))
    assert came.catalogs[0].entries["menu.to"].is_done
    assert came.catalogs[1].entries["menu.to"].fuzzy


def test_ok_in_the_status_confirms_stale_translations():
    came = back(lambda rows, sheet: sheet.cell(rows["menu.to"], STATUS, "OK"))
    assert came.changes == (Change("menu.to", "fr"), Change("menu.to", "ar"))
    assert all(catalog.entries["menu.to"].is_done for catalog in came.catalogs)


def test_one_plural_form_can_be_changed_alone():
    came = back(lambda rows, sheet: sheet.cell(rows["unit.day[3]"], ARABIC, "أيام {n}"))
    assert came.catalogs[1].entries["unit.day"].forms[2:5] == ("يومين", "أيام {n}", "{n} يوماً")


def test_an_emptied_cell_keeps_its_translation_and_is_told():
    came = back(lambda rows, sheet: sheet.cell(rows["menu.hello"], FRENCH).__setattr__("value", None))
    assert came.emptied == (Change("menu.hello", "fr"),)
    assert came.catalogs == catalogs()


@pytest.mark.parametrize(
    ("row", "column", "value", "sentence"),
    [
        ("menu.hello", ID, "menu.helo", "no text is called menu.helo; ids must stay as they are"),
        ("menu.hello", ID, "menu.new", "menu.new stands twice"),
        ("menu.hello", ID, "unit.day[9]", "no text is called unit.day[9]; ids must stay as they are"),
        ("menu.hello", SOURCE, "Hello you", "the source of menu.hello is not changed here but in its file"),
        ("menu.to", FRENCH, "Cher {nom}", "{nom} is not in the source; {to} is"),
        ("menu.to", FRENCH, "Cher", "{to} is missing"),
        ("menu.to", FRENCH, "Cher {to} {0}", "a brace is no {name}"),
        ("unit.day[1]", FRENCH, "{m} jours", "{m} is not in the source"),
    ],
)
def test_one_fault_and_every_catalog_stays_as_it_was(row: str, column: int, value: str, sentence: str):
    def edit(rows, sheet):
        sheet.cell(rows["menu.new"], ARABIC, "جديد")
        sheet.cell(rows[row], column, value)

    came = back(edit)

    assert [fault.sentence for fault in came.faults] == [sentence]
    assert came.catalogs == catalogs()
    assert came.changes == ()


def test_a_translation_changed_in_both_places_is_not_overwritten():
    sheet = edited(export_sheet(catalogs()), lambda rows, sheet: sheet.cell(rows["menu.hello"], FRENCH, "Salut"))
    french, arabic = catalogs()
    moved = Catalog(
        "fr", MappingProxyType({**french.entries, "menu.hello": Entry(context="menu.hello", source="Hello", forms=("Bonsoir",))})
    )

    came = import_sheet(sheet, [moved, arabic])

    assert [(fault.column, fault.sentence[:30]) for fault in came.faults] == [("fr", "this was changed elsewhere too")]


def test_an_untouched_cell_does_not_undo_what_changed_since():
    french, arabic = catalogs()
    moved = Catalog(
        "fr", MappingProxyType({**french.entries, "menu.hello": Entry(context="menu.hello", source="Hello", forms=("Bonsoir",))})
    )
    assert import_sheet(export_sheet(catalogs()), [moved, arabic]).catalogs == (moved, arabic)


def test_a_translation_of_a_source_that_has_changed_since_comes_back_stale():
    sheet = edited(export_sheet(catalogs()), lambda rows, sheet: sheet.cell(rows["menu.hello"], FRENCH, "Salut"))
    moved = [update(catalog, [Source("menu.hello", "Hello again")]).catalog for catalog in catalogs()]

    def only_hello(rows, sheet):
        for row in sorted((row for name, row in rows.items() if name != "menu.hello"), reverse=True):
            sheet.delete_rows(row)

    came = import_sheet(edited(sheet, only_hello), moved)

    salut = came.catalogs[0].entries["menu.hello"]
    assert (salut.forms, salut.fuzzy, salut.previous) == (("Salut",), True, "Hello")


def test_a_text_that_its_author_has_taken_out_since_is_passed_over():
    sheet = edited(export_sheet(catalogs()), lambda rows, sheet: sheet.cell(rows["menu.new"], FRENCH, "Nouveau"))
    moved = [update(catalog, [Source("menu.new", "=New()"), Source("menu.to", "Dear {to}")]).catalog for catalog in catalogs()]

    came = import_sheet(sheet, moved)

    assert came.faults == ()
    assert came.changes == (Change("menu.new", "fr"),)


@pytest.mark.parametrize("value", ["=HYPERLINK(1)", True])
def test_a_formula_is_refused_with_its_row(value: object):
    with pytest.raises(SheetError, match="row 2, fr: this is no text"):
        back(lambda rows, sheet: sheet.cell(rows["menu.hello"], FRENCH, value))


def test_a_number_is_taken_as_it_was_typed():
    came = back(lambda rows, sheet: sheet.cell(rows["menu.new"], FRENCH, 17))
    assert came.catalogs[0].entries["menu.new"].forms == ("17",)


def packed(**parts: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"not a sheet", b"PK\x03\x04", packed(a=b"1"), packed(a=b"0" * 70_000_000), b"0" * 5_000_001, export_sheet(catalogs())[:-400]],
    ids=["empty", "text", "head only", "other archive", "bomb", "large", "cut"],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes):
    with pytest.raises(SheetError):
        import_sheet(content, catalogs())


def test_a_sheet_without_its_columns_is_refused():
    with pytest.raises(SheetError, match="the first row must name the columns id, source and fr or ar"):
        back(lambda rows, sheet: sheet.cell(1, ID, "identifier"))
    with pytest.raises(SheetError, match="two columns have one name"):
        back(lambda rows, sheet: sheet.cell(1, STATUS, "fr"))


def test_a_text_longer_than_a_cell_is_not_cut_silently():
    long = Catalog("fr", MappingProxyType({"a.b": Entry(context="a.b", source="x" * 33_000, forms=("",))}))
    with pytest.raises(SheetError, match="longer than a cell"):
        export_sheet([long])


printed = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")) | st.sampled_from("\n\u2066\u2069\u00a0'=+@"), min_size=1, max_size=30
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Catalog, Catalog]:
    contexts = draw(st.lists(st.from_regex(r"[a-z]{1,5}\.[a-z-]{1,8}", fullmatch=True), min_size=1, max_size=4, unique=True))
    sources = {context: (draw(printed), draw(st.none() | printed)) for context in contexts}

    def made(language: str) -> Catalog:
        return Catalog(
            language,
            MappingProxyType(
                {
                    context: Entry(
                        context=context,
                        source=source,
                        plural=plural,
                        forms=tuple(draw(printed | st.just("")) for _ in range(form_count(language) if plural else 1)),
                        fuzzy=draw(st.booleans()),
                    )
                    for context, (source, plural) in sources.items()
                }
            ),
        )

    return made("fr"), made("ar")


@settings(max_examples=40, deadline=None)
@given(pairs())
def test_files_become_a_sheet_and_files_again_without_a_change(both: tuple[Catalog, Catalog]):
    files = [write_catalog(catalog) for catalog in both]

    came = import_sheet(export_sheet([read_catalog(file, catalog.language) for file, catalog in zip(files, both, strict=True)]), both)

    assert came.faults == ()
    assert [write_catalog(catalog) for catalog in came.catalogs] == files


@settings(max_examples=40, deadline=None)
@given(pairs(), printed.filter(lambda text: "{" not in text and "}" not in text))
def test_what_a_translator_writes_arrives_as_written(both: tuple[Catalog, Catalog], words: str):
    bare = [Catalog(each.language, MappingProxyType({"a.b": Entry(context="a.b", source="Words", forms=("",))})) for each in both]

    came = import_sheet(
        edited(
            export_sheet(bare),
            lambda rows, sheet: (
                setattr(sheet.cell(rows["a.b"], FRENCH), "value", words) or setattr(sheet.cell(rows["a.b"], FRENCH), "data_type", "s")
            ),
        ),
        bare,
    )

    assert came.catalogs[0].entries["a.b"].forms == (words.strip(),)
