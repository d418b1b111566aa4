"""What operators and authors type: it works, and wrong input gets a clear answer and loses nothing."""

import asyncio
import re
import shutil
import socket
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.bootstrap.build import build_house
from bot.bootstrap.flows import read_flows
from bot.bootstrap.house import put_in_force
from bot.channels.telegram.moves import Moves
from bot.cli.app import app
from bot.config import Settings
from bot.conversation.group.groupstate import GroupState
from bot.conversation.keeping.library import CannotRun
from bot.web.app import build

ROOT = Path(__file__).parent.parent.parent
run = CliRunner()


def settings(home: Path) -> Settings:
    return Settings(store=f"sqlite:///{home.parent}/data/amana.db", keys=home.parent / "keys", flows=home)


def start_once(home: Path) -> None:
    """The first start: the folder is imported."""

    async def started() -> None:
        house = build_house(settings(home))
        await house.store.open()
        try:
            await put_in_force(house)
        finally:
            await house.store.close()

    asyncio.run(started())


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_addresses_that_a_start_prints_open(home, language):
    async def pages() -> dict[str, httpx.Response]:
        house = build_house(settings(home))
        await house.store.open()
        try:
            await put_in_force(house)
            assert house.warnings()
            async with httpx.AsyncClient(transport=httpx.ASGITransport(build(house.web_parts())), base_url="http://testserver") as web:
                return {path: await web.get(f"{path}?lang={language}") for path in ("/", "/chat", "/signin", "/nothing")}
        finally:
            await house.store.close()

    opened = asyncio.run(pages())

    assert {path: page.status_code for path, page in opened.items()} == {"/": 200, "/chat": 200, "/signin": 200, "/nothing": 404}
    assert "stage: live" in opened["/"].text


def test_the_shipped_flows_have_no_problem():
    result = run.invoke(app, ["check", str(ROOT), "--on", "2026-11-23"])

    assert result.exit_code == 0, result.output


def test_a_problem_is_said_with_its_place_and_what_was_meant(home):
    path = home / "flows" / "menu.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("home: return", "home: retrun", 1), encoding="utf-8")
    result = run.invoke(app, ["check", str(home), "--on", "2026-11-23"])

    assert result.exit_code == 1
    assert "flows/menu.yaml:" in result.output
    assert "did you mean ‹return›?" in result.output


def test_a_folder_that_is_not_there_is_said_plainly(tmp_path):
    result = run.invoke(app, ["check", str(tmp_path / "nowhere")])

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_day_that_is_none_is_refused():
    assert run.invoke(app, ["check", str(ROOT), "--on", "soon"]).exit_code == 2


def test_lines_from_a_pipe_give_a_plain_transcript():
    result = run.invoke(app, ["try", "--lang", "ar", "--folder", str(ROOT)], input="1\nنعم\n")

    assert result.exit_code == 0
    assert "> نعم" in result.output
    assert "العودة إلى البلد" in result.output


def test_a_flow_can_be_tried_alone():
    result = run.invoke(app, ["try", "scam", "--lang", "fr", "--folder", str(ROOT)], input="\n")

    assert result.exit_code == 0
    assert "[" in result.output


@pytest.mark.parametrize("words", [["try", "nosuch"], ["try", "--lang", "xx"]])
def test_what_cannot_be_tried_is_said(words):
    result = run.invoke(app, [*words, "--folder", str(ROOT)], input="")

    assert result.exit_code == 2
    assert "there are:" in result.output


def test_a_changed_folder_is_put_in_force_and_back(home):
    start_once(home)
    before = run.invoke(app, ["revisions"]).output.split()
    path = home / "flows" / "menu.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")

    assert run.invoke(app, ["publish", str(home), "--why", "a test"]).exit_code == 0
    assert "a test" in run.invoke(app, ["revisions"]).output
    first = before[3]
    assert run.invoke(app, ["rollback", first]).exit_code == 0
    assert run.invoke(app, ["recall", first]).exit_code == 1
    assert run.invoke(app, ["rollback", "nothing"]).exit_code == 1


def test_nothing_with_a_problem_goes_live(home):
    start_once(home)
    path = home / "flows" / "menu.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("home: return", "home: retrun", 1), encoding="utf-8")
    result = run.invoke(app, ["publish", str(home)])

    assert result.exit_code == 1
    assert "Not published" in result.output


def test_a_link_is_printed_only_to_a_terminal(home):
    start_once(home)
    result = run.invoke(app, ["staff", "add", "amina", "--team", "protection"])

    assert result.exit_code == 1
    assert "token" not in result.output
    assert "amina" in run.invoke(app, ["staff", "list"]).output


def test_an_unknown_team_names_those_there_are(home):
    start_once(home)
    result = run.invoke(app, ["staff", "add", "amina", "--team", "protektion"])

    assert result.exit_code == 2
    assert "protection" in result.output


def test_an_account_keeps_what_is_not_given_and_can_be_taken_away(home):
    start_once(home)
    run.invoke(app, ["staff", "add", "amina", "--team", "protection", "--language", "ar"])
    run.invoke(app, ["staff", "add", "amina"])
    kept = run.invoke(app, ["staff", "list"]).output
    run.invoke(app, ["staff", "add", "amina", "--team", "all"])
    widened = run.invoke(app, ["staff", "list"]).output

    assert "protection" in kept
    assert " ar " in kept
    assert "all teams" in widened
    assert run.invoke(app, ["staff", "remove", "amina"]).exit_code == 0
    assert run.invoke(app, ["staff", "list"]).output == ""
    assert run.invoke(app, ["staff", "remove", "amina"]).exit_code == 1

    log = [re.split(r"  +", line)[2:] for line in run.invoke(app, ["staff", "log", "amina"]).output.splitlines()]
    assert log == [
        ["account made: caseworker; teams: protection", "by command"],
        ["teams: protection -> all", "by command"],
        ["account taken away: caseworker", "by command"],
    ]
    assert run.invoke(app, ["staff", "log", "karim"]).output == ""


def test_an_unknown_language_of_a_desk_is_refused(home):
    start_once(home)
    result = run.invoke(app, ["staff", "add", "amina", "--language", "de"])

    assert result.exit_code == 2
    assert run.invoke(app, ["staff", "list"]).output == ""


@pytest.mark.parametrize("words", [["revisions"], ["doctor"], ["staff", "add", "amina"], ["forget", "K7-42X"], ["backup", "copy.db"]])
def test_a_command_in_the_wrong_folder_makes_no_store(home, words):
    result = run.invoke(app, words)

    assert result.exit_code == 1
    assert "There is no store at" in result.output
    assert not (home.parent / "data").exists()


def test_a_backup_that_cannot_be_written_is_said_plainly(home, tmp_path):
    start_once(home)
    result = run.invoke(app, ["backup", str(tmp_path / "nowhere" / "copy.db")])

    assert result.exit_code == 1
    assert "cannot be written" in result.output


@pytest.mark.parametrize("name", ["nowhere.chat", "flows"])
def test_a_conversation_that_cannot_be_read_is_said_plainly(home, name):
    result = run.invoke(app, ["test", str(home / name), "--folder", str(home)])

    assert result.exit_code == 2
    assert "cannot be read" in result.output


def test_an_address_that_is_taken_is_said_plainly(home, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("AMANA_LISTEN", f"127.0.0.1:{taken.getsockname()[1]}")
        result = run.invoke(app, ["run"])

    assert result.exit_code == 1
    assert "AMANA_LISTEN" in result.output


def test_a_backup_is_written_once_and_restored(home, tmp_path):
    start_once(home)
    copy = tmp_path / "copy.db"

    assert run.invoke(app, ["backup", str(copy)]).exit_code == 0
    assert run.invoke(app, ["backup", str(copy)]).exit_code == 1
    assert run.invoke(app, ["restore", str(copy)]).exit_code == 1
    shutil.move(home.parent / "data", home.parent / "old-data")
    assert run.invoke(app, ["restore", str(copy)]).exit_code == 0
    assert "first start" in run.invoke(app, ["revisions"]).output


def test_what_is_no_backup_is_refused_and_changes_nothing(home, tmp_path):
    (tmp_path / "bad.db").write_text("not a store")
    result = run.invoke(app, ["restore", str(tmp_path / "bad.db")])

    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_an_unknown_case_cannot_be_forgotten(home):
    start_once(home)
    result = run.invoke(app, ["forget", "zz9-999"])

    assert result.exit_code == 1
    assert "ZZ9-999" in result.output


def test_doctor_says_what_stands_in_the_way_of_real_use(home):
    start_once(home)
    result = run.invoke(app, ["doctor"])

    assert result.exit_code == 1
    assert "contacts nobody has rung yet" in result.output


def test_a_mistyped_setting_stops_before_anything_is_touched(home, monkeypatch):
    monkeypatch.setenv("AMANA_STROE", "x")
    result = run.invoke(app, ["doctor"])

    assert result.exit_code == 2
    assert "AMANA_STORE" in result.output


def test_flows_of_an_older_version_do_not_start_but_the_present_ones_can_be_put_in_force(home):
    start_once(home)
    path = home / "flows" / "bot.yaml"
    whole = path.read_text(encoding="utf-8")

    async def older() -> None:
        """Put in force what an older version would have taken: without a text that this one says."""
        house = build_house(settings(home), guest=True)
        await house.store.open()
        await house.library.refresh()
        bundle = read_flows(home).with_file("flows/bot.yaml", whole.replace("  skipped: Not answered\n", ""))
        present = house.library.current()
        house.library._compile = lambda _bundle: present  # an older version found nothing missing
        await house.library.publish(bundle, by="older", why="older")
        await house.store.close()

    asyncio.run(older())
    with pytest.raises(CannotRun):
        start_once(home)
    path.write_text(whole + "\n# present\n", encoding="utf-8")

    assert run.invoke(app, ["publish", str(home)]).exit_code == 0
    start_once(home)


def test_doctor_says_that_the_group_cannot_be_reached_and_what_its_number_is_now(home, monkeypatch):
    start_once(home)
    monkeypatch.setenv("TELEGRAM_DESK_GROUP", "-1001")
    said = run.invoke(app, ["doctor"]).output
    assert "nothing says that it cannot be reached" in said
    assert "the caseworkers' group reads the cases of protection, " in said

    async def happened() -> None:
        house = build_house(settings(home), guest=True)
        await house.store.open()
        await GroupState(store=house.store, clock=house.clock, told=house.metrics).failed("no-rights")
        await Moves(store=house.store, written=-1001).remember(-2002)
        await house.store.close()

    asyncio.run(happened())
    said = run.invoke(app, ["doctor"]).output

    assert "make it an administrator who may manage topics" in said
    assert "TELEGRAM_DESK_GROUP=-2002" in said


# ── accounts ──
def listed(id_):
    return next((line for line in run.invoke(app, ["staff", "list"]).output.splitlines() if line.startswith(f"{id_} ")), "")


def test_an_account_has_roles_languages_and_lines_and_gives_them_back(home):
    start_once(home)
    run.invoke(
        app,
        ["staff", "add", "amina", "--role", "caseworker", "--role", "supervisor", "--speaks", "ar", "--speaks", "fr", "--line", "on-call"],
    )
    assert "caseworker+supervisor" in listed("amina")
    assert "ar+fr" in listed("amina")

    run.invoke(app, ["staff", "add", "amina", "--speaks", "any"])
    assert "any" in listed("amina")
    assert "supervisor" in listed("amina")
    assert run.invoke(app, ["staff", "roles", "amina", "reporter"]).exit_code == 0
    assert "reporter" in listed("amina")
    assert "supervisor" not in listed("amina")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--role", "admin"], "supervisor"), (["--speaks", "de"], "ar"), (["--line", "third"], "second-line"), (["--country", "XX"], "MA"),
        (["--mail", "nobody"], "no e-mail address"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused_with_what_there_is(home, words, said):
    start_once(home)
    result = run.invoke(app, ["staff", "add", "amina", *words])

    assert result.exit_code == 2
    assert said in result.output
    assert listed("amina") == ""


def test_an_absence_is_noted_and_ended(home):
    start_once(home)
    run.invoke(app, ["staff", "add", "amina"])
    assert run.invoke(app, ["staff", "away", "amina", "--until", "yesterday"]).exit_code == 2
    assert run.invoke(app, ["staff", "away", "amina", "--until", "2199-01-31T08:00"]).exit_code == 0
    assert "away until 2199-01-31T08:00" in listed("amina")
    run.invoke(app, ["staff", "back", "amina"])
    assert "on duty" in listed("amina")


def test_the_last_operator_is_neither_removed_nor_made_less(home):
    start_once(home)
    run.invoke(app, ["staff", "add", "chief", "--role", "operator"])
    for words in (["remove", "chief"], ["roles", "chief", "caseworker"], ["add", "chief", "--role", "caseworker"]):
        result = run.invoke(app, ["staff", *words])
        assert result.exit_code == 1
        assert "last operator" in result.output
    run.invoke(app, ["staff", "add", "second", "--role", "operator"])
    assert run.invoke(app, ["staff", "remove", "chief"]).exit_code == 0
