"""A file that comes back from a translator: shown before it is taken, and hostile ones refused with their place."""

import csv
import zipfile
from datetime import datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.bundle import Bundle
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import Clash, SetText, WriteFile
from bot.studio.translating.carrying import po_of, sheet_of
from bot.studio.translating.intake import Plan, Planned, edits_of, planned
from bot.studio.translating.texts import whole
from tests.studio.test_table import bundle, row

DONE = (("try.hello", "Rentrer au pays est gratuit.\nC’est vous qui décidez.", ""), ("try.sure", "Voulez-vous continuer\u00a0?", ""))


@pytest.fixture(scope="module")
def made() -> Bundle:
    return bundle(*DONE)


def rows_of(made: Bundle) -> list[list[str]]:
    return list(csv.reader(StringIO(sheet_of(made, "csv").decode("utf-8-sig"), newline="")))


def as_csv(rows: list[list[str]]) -> bytes:
    target = StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


def changed(made: Bundle, id_: str, **cells: str) -> bytes:
    """The sheet with these cells of one row written otherwise."""
    rows = rows_of(made)
    for each in rows[1:]:
        if each[0] == id_:
            for column, text in cells.items():
                each[rows[0].index(column.replace("_", " "))] = text
    return as_csv(rows)


def kinds(plan: Plan) -> list[tuple[str, str]]:
    assert plan.refusal is None
    return [(one.id, one.kind) for one in plan.planned]


def written(made: Bundle, taken: tuple[Planned, ...]) -> Bundle:
    for edit in edits_of(made, taken):
        done = apply(made, edit)
        assert not isinstance(done, Clash), done
        made = done
    return made


@pytest.mark.parametrize("kind", ["xlsx", "csv", "po"])
def test_what_comes_back_as_it_was_sent_changes_nothing(made: Bundle, kind: str):
    content = (po_of(made, "fr") or "").encode() if kind == "po" else sheet_of(made, kind)  # type: ignore[arg-type]
    plan = planned(made, f"texts.{kind}", content)
    assert (plan.refusal, plan.planned, plan.left) == (None, (), ())
    assert plan.same


def test_a_new_translation_is_taken_and_stands_there(made: Bundle):
    plan = planned(made, "a.csv", changed(made, "try.sure:help", fr="Appuyez sur un bouton."))
    assert kinds(plan) == [("try.sure:help", "new")]
    assert row(written(made, plan.planned), "try.sure:help").cells[1].text == "Appuyez sur un bouton."


def test_a_po_file_is_taken_too(made: Bundle):
    po = (po_of(made, "fr") or "").replace("Voulez-vous continuer", "Voulez-vous aller plus loin")
    plan = planned(made, "fr.po", po.encode())
    assert kinds(plan) == [("try.sure", "changed")]
    assert "plus loin" in row(written(made, plan.planned), "try.sure").cells[1].text


def test_what_was_made_from_an_older_source_waits_for_a_yes(made: Bundle):
    sheet = changed(made, "try.sure", fr="On continue\u00a0?")
    now = made.with_file("flows/try.yaml", made["flows/try.yaml"].replace("Do you want to go on?", "Shall we go on?"))
    (one,) = planned(now, "a.csv", sheet).planned
    assert (one.kind, one.source, one.now) == ("moved", "Do you want to go on?", "Shall we go on?")


def test_what_was_changed_here_meanwhile_waits_for_a_yes_and_both_wordings_are_shown(made: Bundle):
    sheet = changed(made, "try.sure", fr="On continue\u00a0?")
    now = apply(made, SetText("try.sure", "fr", "Voulez-vous poursuivre\u00a0?", DONE[1][1]))
    assert isinstance(now, Bundle)
    (one,) = planned(now, "a.csv", sheet).planned
    assert (one.kind, one.was, one.text) == ("elsewhere", "Voulez-vous poursuivre\u00a0?", "On continue\u00a0?")


def test_ok_in_the_status_confirms_a_stale_one(made: Bundle):
    now = apply(made, SetText("try.sure", "en", "Do you wish to go on?", "Do you want to go on?"))
    assert isinstance(now, Bundle)
    assert row(now, "try.sure").cells[1].state == "stale"
    plan = planned(now, "a.csv", changed(now, "try.sure", status="ok"))
    assert kinds(plan) == [("try.sure", "confirmed")]
    assert row(written(now, plan.planned), "try.sure").cells[1].state == "done"


def test_every_line_that_cannot_be_taken_is_named_with_its_row_and_column(made: Bundle):
    rows = rows_of(made)
    french = rows[0].index("fr")
    by_id = {each[0]: each for each in rows[1:]}
    by_id["try.hello"][french] = ""
    by_id["try.sure"][french] = "Voulez-vous {quoi}\u00a0?"
    by_id["try.sure.yes"][rows[0].index("source")] = "Yeah"
    by_id["try.sure.later"][french] = "Un\u200bautre jour"
    rows += [["no.such", "", "x", "y"], [*by_id["bot.again"]]]
    plan = planned(made, "a.csv", as_csv(rows))
    left = {(one.reason, one.column): one for one in plan.left}
    assert set(left) == {("emptied", "fr"), ("places", "fr"), ("source", "source"), ("unclean", "fr"), ("unknown", "id"), ("twice", "id")}
    assert left["unknown", "id"].word == "no.such"
    assert left["unknown", "id"].row == len(rows) - 1
    assert rows[left["emptied", "fr"].row - 1][0] == "try.hello"
    assert plan.planned == ()


def test_plural_forms_come_back_together(made: Bundle):
    arabic = bundle(language="ar")
    rows = rows_of(arabic)
    for each in rows[1:]:
        if each[0].startswith("unit.day["):
            each[rows[0].index("ar")] = ("أقل من يوم", "يوم", "يومين", "{n} أيام", "{n} يوماً", "{n} يوم")[int(each[0][-2])]
    plan = planned(arabic, "a.csv", as_csv(rows))
    assert {one.form for one in plan.planned} == set(range(6))
    assert row(written(arabic, plan.planned), "unit.day").cells[1].forms[2] == "يومين"


def test_many_are_written_as_one_catalog(made: Bundle):
    rows = rows_of(made)
    for number, each in enumerate(rows[1:]):
        if "[" not in each[0] and "{" not in each[2]:
            each[rows[0].index("fr")] = f"Texte {number}"
    plan = planned(made, "a.csv", as_csv(rows))
    assert len(plan.planned) > 60
    edits = edits_of(made, plan.planned)
    assert [type(edit) for edit in edits] == [WriteFile]
    after = written(made, plan.planned)
    said = {each.id: each.cells[1].text for each in whole(after).rows}
    assert all(said[one.id] == one.text for one in plan.planned)


def bomb() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    return target.getvalue()


def xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for each in rows:
        book.worksheets[0].append(each)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason", "row", "column"),
    [
        ("a.xlsx", b"", "none", 0, ""),
        ("a.exe", b"MZ\x90", "kind", 0, ""),
        ("a.xlsx", b"PK\x03\x04 this is no zip", "broken", 0, ""),
        ("a.csv", b"x" * (50 * 1024 * 1024), "large", 0, ""),
        ("a.csv", b"id,source,fr\ntry.hello,a,\xff\xfe\n", "line", 2, ""),
        ("a.csv", b'id,source,fr\ntry.hello,a,"never closed\n', "line", 2, ""),
        ("a.csv", b"name,text\na,b\n", "columns", 1, ""),
        ("a.csv", b"id,source,de\na,b,c\n", "columns", 1, ""),
        ("a.csv", b"id,source,fr,fr\na,b,c,d\n", "columns-twice", 1, ""),
        ("a.csv", b"id;source;fr\ntry.hello;a;=1+1\n", "cell", 2, "fr"),
        ("fr.po", b'msgid ""\nmsgstr ""\n"Language: de\\n"\n', "language", 0, "de"),
        ("fr.po", b'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\nmsgctxt "a"\nmsgid "x"\nthis is no line\n', "line", 7, ""),
        ("fr.po", b'msgid "\xff"\n', "line", 1, ""),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_where(made: Bundle, name: str, content: bytes, reason: str, row: int, column: str):
    refusal = planned(made, name, content).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.row, refusal.column) == (reason, row, column)


def test_a_small_file_that_unpacks_into_a_large_one_is_not_opened(made: Bundle):
    packed = bomb()
    assert len(packed) < 100_000
    refusal = planned(made, "a.xlsx", packed).refusal
    assert refusal is not None
    assert refusal.reason == "bomb"


def test_a_formula_and_a_date_are_refused_with_their_cell(made: Bundle):
    for value in ('=HYPERLINK("http://evil")', datetime(2026, 1, 1), True):
        refusal = planned(made, "a.xlsx", xlsx(["id", "source", "fr"], ["try.hello", "a", value])).refusal
        assert refusal is not None
        assert (refusal.reason, refusal.row, refusal.column) == ("cell", 2, "fr")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["a.csv", "a.xlsx", "a.po", "a"]),
    st.sampled_from([b"", b"PK\x03\x04", b"id,source,fr\n", b'msgid ""\nmsgstr "Language: fr\\n"\n']),
)
def test_no_file_raises(content: bytes, name: str, head: bytes):
    planned(_MADE, name, head + content)


_MADE = bundle(*DONE)


def test_a_text_that_a_spreadsheet_takes_for_a_formula_comes_back_as_it_was(made: Bundle):
    odd = apply(made, SetText("try.hello", "fr", "=1+1", DONE[0][1]))
    assert isinstance(odd, Bundle)
    assert b"'=1+1" in sheet_of(odd, "csv")
    plan = planned(odd, "a.csv", sheet_of(odd, "csv"))
    assert (plan.planned, plan.left) == ((), ())
