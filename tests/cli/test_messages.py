"""`amana messages` on a small folder."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from bot.cli.messages import messages
from bot.i18n.catalog import read_catalog

FLOW = """\
flow: hello
title: A greeting
steps:
  - say: one
    text: {one}
  - say: two
    text: The second text.
  - end
"""
FRENCH = Path("locales/fr/LC_MESSAGES/flows.po")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_flow(tmp_path, "The first text.")
    (tmp_path / FRENCH).parent.mkdir(parents=True)
    (tmp_path / FRENCH).write_text("", "utf-8")
    assert run(tmp_path, "update").exit_code == 0
    translate(tmp_path, "The first text.", "Le premier texte.")
    return tmp_path


def write_flow(folder: Path, one: str, *, step: str = "one") -> None:
    (folder / "flows").mkdir(exist_ok=True)
    (folder / "flows/hello.yaml").write_text(FLOW.replace("{one}", one).replace("say: one", f"say: {step}"), "utf-8")


def translate(folder: Path, source: str, translation: str) -> None:
    path = folder / FRENCH
    path.write_text(path.read_text("utf-8").replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{translation}"'), "utf-8")


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(messages, [words[0], "--folder", str(folder), *words[1:]])


def french(folder: Path):
    return read_catalog((folder / FRENCH).read_text("utf-8"), "fr").entries


def edit(folder: Path, context: str, column: str, value: str) -> Path:
    path = folder / "out.xlsx"
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    row = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == context)
    sheet.cell(row, columns[column], value)
    book.save(path)
    return path


def test_update_shows_what_is_left_to_translate(folder: Path):
    done = run(folder, "update")

    assert done.exit_code == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["catalog", "texts", "done", "stale", "missing", "new", "carried", "gone"]
    assert rows[1][1:] == ["6", "1", "0", "5", "0", "0", "0"]


def test_update_check_writes_nothing_and_fails_when_something_is_new(folder: Path):
    before = (folder / FRENCH).read_text("utf-8")
    assert run(folder, "update", "--check").exit_code == 0

    write_flow(folder, "Another text.")
    late = run(folder, "update", "--check")

    assert late.exit_code == 1
    assert late.stderr == f"{folder / FRENCH}:1: not up to date; run: amana messages update\n"
    assert (folder / FRENCH).read_text("utf-8") == before


def test_a_changed_text_is_stale_until_it_is_kept(folder: Path):
    write_flow(folder, "The very first text.")
    run(folder, "update")
    assert french(folder)["hello.one"].fuzzy

    kept = run(folder, "keep", "hello.one")

    assert kept.stdout == f"{folder / FRENCH}: kept hello.one\n"
    assert french(folder)["hello.one"].is_done
    assert french(folder)["hello.one"].source == "The very first text."


def test_keeping_what_does_not_exist_fails_and_names_it(folder: Path):
    wrong = run(folder, "keep", "hello.one", "hello.three")
    assert (wrong.exit_code, wrong.stderr) == (1, "no text is called hello.three\n")


def test_a_renamed_step_keeps_its_translation(folder: Path):
    write_flow(folder, "The first text.", step="first")
    run(folder, "update")
    assert french(folder)["hello.first"].forms == ("Le premier texte.",)


def test_a_new_language_gets_its_catalogs(folder: Path):
    assert run(folder, "update", "--lang", "ha").exit_code == 0
    assert (folder / "locales/ha/LC_MESSAGES/flows.po").exists()
    assert (folder / "locales/ha/LC_MESSAGES/staff.po").exists()


def test_a_spreadsheet_goes_out_and_comes_back(folder: Path):
    out = run(folder, "export", str(folder / "out.xlsx"))
    assert out.exit_code == 0
    assert out.stdout == f"{folder / 'out.xlsx'}: 6 texts\n  fr: 1 done, 0 stale, 5 missing\n"

    back = run(folder, "import", str(edit(folder, "hello.two", "fr", "Le second texte.")))

    assert back.exit_code == 0
    assert back.stdout == f"{folder / FRENCH}: 1 change\n  hello.two\n"
    assert french(folder)["hello.two"].forms == ("Le second texte.",)


def test_one_fault_in_the_spreadsheet_and_no_file_is_touched(folder: Path):
    run(folder, "export", str(folder / "out.xlsx"))
    edit(folder, "hello.two", "fr", "Le second texte.")
    before = (folder / FRENCH).read_bytes()

    back = run(folder, "import", str(edit(folder, "hello.one", "fr", "Pour {vous}.")))

    assert back.exit_code == 1
    assert "fr: {vous} is not in the source" in back.stderr
    assert back.stderr.endswith("Nothing was changed.\n")
    assert (folder / FRENCH).read_bytes() == before


def test_a_broken_catalog_is_named_with_its_line(folder: Path):
    (folder / FRENCH).write_text('msgctxt "a.b"\nmsgid "x"\nmsgstr "y"\nrubbish\n', "utf-8")
    wrong = run(folder, "update")
    assert wrong.exit_code == 1
    assert wrong.stderr.startswith(f"{folder / FRENCH}:4: ")


def test_a_translation_with_a_wrong_place_is_named_with_its_line(folder: Path):
    translate(folder, "The second text.", "Le {second} texte.")
    wrong = run(folder, "update")
    line = (folder / FRENCH).read_text("utf-8").splitlines().index('msgctxt "hello.two"') + 2
    assert wrong.stderr.splitlines()[0] == f"{folder / FRENCH}:{line}: hello.two: {{second}} is not in the source"


def test_a_flow_that_cannot_be_read_stops_everything(folder: Path):
    (folder / "flows/hello.yaml").write_text("flow: [", "utf-8")
    wrong = run(folder, "update")
    assert wrong.exit_code == 1
    assert "flows/hello.yaml:" in wrong.stderr
    assert "hello.one" in french(folder)


def test_a_folder_without_flows_is_told(tmp_path: Path):
    wrong = run(tmp_path, "update")
    assert wrong.exit_code == 1
    assert "no flow stands here; name the folder with --folder" in wrong.stderr


def test_templates_are_written_for_other_tools(folder: Path):
    assert run(folder, "extract").exit_code == 0
    assert 'msgctxt "hello.one"\nmsgid "The first text."\nmsgstr ""' in (folder / "locales/flows.pot").read_text("utf-8")
    assert "unchanged" in run(folder, "extract").stdout
    assert "hello.one" in run(folder, "extract", "--stdout").stdout


def test_a_language_is_a_code_and_never_a_path(folder: Path):
    wrong = run(folder, "update", "--lang", "../../fr")
    assert (wrong.exit_code, wrong.stderr) == (1, "../../fr is no language code; write two or three small letters, as fr\n")
