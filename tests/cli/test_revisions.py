"""Flows to and from a folder: what is different is said, nothing is written over that is nowhere else, and the studio's work is not undone."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.bootstrap.build import build_house
from bot.bootstrap.house import House, put_in_force
from bot.cli.app import app, main
from bot.cli.server import _ways_in
from bot.conversation.keeping.library import Deed
from bot.flow.bundle import Bundle
from bot.storage.files import FlowFolder, KeyFolder
from bot.studio.editing.edits import SetText
from bot.web.app import build
from tests.checks.bundles import clean
from tests.cli.test_commands import settings, start_once

run = CliRunner()
HELLO = "Good day."
SMALL = Bundle({path: text.replace("expires: 2027-01-31", "expires: 2099-01-31") for path, text in clean().items()})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store, keys and a few small flows of one's own."""
    site = tmp_path / "site"
    FlowFolder(site).write(SMALL)
    monkeypatch.setenv("AMANA_STORE", f"sqlite:///{tmp_path}/data/amana.db")
    monkeypatch.setenv("AMANA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("AMANA_FLOWS", str(site))
    return site


def said(*words: str | Path, code: int = 0) -> str:
    result = run.invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def in_house(home: Path, work: Callable[[House], Awaitable[str]]) -> str:
    async def done() -> str:
        house = build_house(settings(home), guest=True)
        await house.store.open()
        try:
            return await work(house)
        finally:
            await house.store.close()

    return asyncio.run(done())


def by_studio(home: Path) -> str:
    """A text changed in the studio, approved by another, and in force."""

    async def work(house: House) -> str:
        shop = house.studio.workshop
        head = await shop.begin("Reword", by="amina")
        done = await shop.edit(head.id, [SetText("try.hello", "en", "Good day.", "Hello.")], by="amina", action="a")
        assert not done.clashes
        head = await shop.ask(head.id, by="amina", words="")
        await shop.approve(head.id, head.revision, by="karim")
        return await shop.publish(head.id, by="amina")

    return in_house(home, work)


def reword(home: Path, file: str, old: str, new: str) -> None:
    path = home / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def started(home: Path) -> Path:
    start_once(home)
    return home


def test_what_protects_people_goes_only_with_a_reason(started: Path) -> None:
    reword(started, "flows/words.yaml", ", stop w13]", ", stopp]")

    assert "‹stop w13›" in said("publish", started, "--dry-run")
    assert "Say why" in said("publish", started, code=1)
    assert "In force" in said("publish", started, "--why", "nobody writes it")


def test_a_publish_says_in_plain_words_what_is_different_and_a_dry_run_does_no_more(started: Path) -> None:
    reword(started, "flows/try.yaml", "Hello.", HELLO)
    before = said("revisions")
    dry = said("publish", started, "--dry-run")

    assert dry.startswith("- ")
    assert "    en  - Hello.\n    en  + Good day.\n" in dry
    assert "In force" not in dry
    assert said("revisions") == before
    assert "In force" in said("publish", started, "--why", "a test")
    assert "is in force already" in said("publish", started)


def test_one_problem_is_one_problem(started: Path) -> None:
    reword(started, "flows/try.yaml", "flow: try", "flow: [")

    assert said("publish", started, code=1).endswith("Not published: 1 problem.\n")


@pytest.mark.parametrize("words", [["revisions"], ["staff", "list"], ["drafts"]])
def test_other_keys_are_one_sentence(
    started: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["amana", *words])
    KeyFolder(tmp_path / "others").load_or_create(1.0)
    for keys, sentence in (
        (tmp_path / "others", "does not open with them"),
        (tmp_path / "none", "There is no key folder"),
        (started / "flows/try.yaml/keys", "There is no key folder"),
    ):
        monkeypatch.setenv("AMANA_KEYS", str(keys))
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 1
        assert sentence in capsys.readouterr().err


def test_a_failing_test_is_never_live(started: Path) -> None:
    (started / "flows/tests/wrong.chat").write_text("> (starts)\n< try.hello\n", encoding="utf-8")

    assert "flows/tests/wrong.chat:2" in said("publish", started, code=1)
    assert said("revisions").count("\n") == 1


def test_what_was_recalled_is_not_in_force_again_unless_that_is_said(started: Path) -> None:
    first = said("revisions").split()[3]
    kept = (started / "flows/menu.yaml").read_text(encoding="utf-8")
    reword(started, "flows/menu.yaml", "flow: menu", "# once more\nflow: menu")
    second = said("publish", started).split()[-1]
    said("recall", first)

    assert "say --recalled" in said("rollback", first, code=1)
    (started / "flows/menu.yaml").write_text(kept, encoding="utf-8")
    assert "say --recalled" in said("publish", started, code=1)
    assert said("revisions").splitlines()[-1].split()[3] == second
    assert said("publish", started, "--recalled").split()[-1] == first
    said("rollback", second)


def test_a_rollback_without_a_name_goes_one_back_and_a_name_may_be_short(started: Path) -> None:
    first = said("revisions").split()[3]
    reword(started, "flows/menu.yaml", "flow: menu", "# once more\nflow: menu")
    said("publish", started)

    assert first in said("rollback", "--why", "hasty")
    assert "in force already" in said("rollback", first[:6], code=1)
    assert "hasty" in said("revisions")
    assert "No revision nothing" in said("recall", "nothing", code=1)
    said("recall", said("revisions").splitlines()[1].split()[2], "--why", "harmful")
    assert "recall" in said("revisions").splitlines()[-1]


def test_what_is_in_force_is_written_out_and_only_what_differs_is_touched(started: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said("revisions", "export", out)
    same = FlowFolder(started).read()
    assert FlowFolder(out).read() == same
    before = {path: (out / path).stat().st_mtime_ns for path in same}

    new = by_studio(started)
    told = said("revisions", "export", out)
    after = FlowFolder(out).read()

    assert told.splitlines()[-1].startswith("1 file of ")
    assert after.revision == new
    assert [path for path in after if (out / path).stat().st_mtime_ns != before[path]] == ["flows/try.yaml"]
    assert "holds this already" in said("revisions", "export", out)


def test_a_file_that_the_revision_lacks_is_taken_away_and_others_stay(started: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said("revisions", "export", out)
    (out / "flows/more.yaml").write_text("flow: more\n", encoding="utf-8")
    (out / "README.md").write_text("ours", encoding="utf-8")

    assert "flows/more.yaml" in said("revisions", "export", out, code=1)
    said("revisions", "export", out, "--force")

    assert not (out / "flows/more.yaml").exists()
    assert (out / "README.md").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_what_git_has_may_be_written_over_and_what_it_has_not_may_not(started: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(started, out)
    reword(out, "flows/menu.yaml", "flow: menu", "# mine\nflow: menu")
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=out, check=True)
    said("revisions", "export", out)
    assert "# mine" not in (out / "flows/menu.yaml").read_text(encoding="utf-8")

    reword(out, "flows/menu.yaml", "flow: menu", "# not committed\nflow: menu")
    reword(out, "flows/try.yaml", "flow: try", "# nor this\nflow: try")
    refused = said("revisions", "export", out, code=1)

    assert "flows/menu.yaml, flows/try.yaml" in refused
    assert "# not committed" in (out / "flows/menu.yaml").read_text(encoding="utf-8")


def test_a_folder_does_not_undo_what_was_published_from_the_studio_and_is_brought_onto_it(started: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    said("revisions", "export", work)
    by_studio(started)
    reword(work, "flows/menu.yaml", "flow: menu", "# ours\nflow: menu")

    refused = said("publish", work, code=1)
    assert "would be undone" in refused
    assert "written by amina; yes of karim" in refused
    assert "would be undone" in said("publish", started, code=1), "a folder that does not say what it was made from"
    said("revisions", "merge", work)
    said("publish", work)

    bundle = FlowFolder(work).read()
    assert HELLO in bundle["flows/try.yaml"]
    assert "# ours" in bundle["flows/menu.yaml"]
    assert "would be undone" in said("publish", started, code=1)
    said("publish", started, "--over")


def test_a_folder_kept_in_git_is_published_again_and_again_though_each_copy_says_where_it_began(started: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    said("revisions", "export", work)
    origin = (work / ".amana-revision").read_text()
    for words in ("One.", "Two."):
        path = work / "flows/try.yaml"
        path.write_text(f"flow: try\ntitle: Try\nsteps:\n  - say: hello\n    text: {words}\n  - end\n")
        (work / ".amana-revision").write_text(origin)
        assert "In force" in said("publish", work)


def test_where_both_changed_the_same_the_folders_stands_and_both_are_told(started: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    said("revisions", "export", work)
    by_studio(started)
    reword(work, "flows/try.yaml", "Hello.", "Welcome.")

    told = said("revisions", "merge", work, code=1)

    assert "- text: Good day." in told
    assert "+ text: Welcome." in told
    assert "text: Welcome." in (work / "flows/try.yaml").read_text(encoding="utf-8")


def test_drafts_are_listed_and_written_out(started: Path, tmp_path: Path) -> None:
    assert "No change is under way" in said("drafts")

    async def work(house: House) -> str:
        head = await house.studio.workshop.begin("New title", by="amina")
        edit = SetText("try.hello", "en", HELLO, "Hello.")
        await house.studio.workshop.edit(head.id, [edit], by="amina", action="a")
        other = await house.studio.workshop.begin("Given up", by="karim")
        await house.studio.workshop.drop(other.id, by="karim")
        return head.id

    draft = in_house(started, work)
    listed = said("drafts").splitlines()
    said("drafts", "export", draft, tmp_path / "out")

    assert [draft in listed[0], "amina" in listed[0], "New title  (1 file)" in listed[0]] == [True] * 3
    assert "given up" in listed[1]
    assert HELLO in (tmp_path / "out/flows/try.yaml").read_text(encoding="utf-8")
    assert "No draft nothing" in said("drafts", "export", "nothing", tmp_path / "out", code=1)


def test_what_was_written_in_a_browser_steers_no_terminal(started: Path) -> None:
    evil = "Mend\x1b]0;owned\x07\x1b[2J\r\n* 2026-01-01 00:00  forged\u202e"

    async def work(house: House) -> str:
        head = await house.studio.workshop.begin(evil, by="amina")
        await house.library.put_in_force(SMALL, Deed(at=1.0, by="amina", why=evil, revision=SMALL.revision))
        return head.title

    title = in_house(started, work)
    listed, told = said("drafts"), said("revisions")

    for shown in (title, listed, told):
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(shown)
    assert len(listed.splitlines()) == 1
    assert len(told.splitlines()) == 2


def test_a_start_in_a_terminal_prints_a_link_to_the_studio_that_opens_it(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened() -> tuple[list[str], str, str]:
        house = build_house(settings(started))
        await house.store.open()
        try:
            await put_in_force(house)
            lines = await _ways_in(house)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(build(house.web_parts())), base_url="http://127.0.0.1:8000") as web:
                tokens = [line.partition("token=")[2].split("&")[0].split()[0] for line in lines]
                studio = await web.post("/signin", data={"token": tokens[1], "to": "studio"})
                desk = await web.post("/signin", data={"token": tokens[0]})
                return lines, studio.headers["location"], desk.headers["location"]
        finally:
            await house.studio.bench.close()
            await house.store.close()

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    lines, studio, desk = asyncio.run(opened())
    assert [line.split(":")[0].strip() for line in lines] == ["Answer people", "Change flows"]
    assert (studio, desk) == ("/studio", "/desk")


def test_a_log_is_given_no_link(started: Path) -> None:
    async def told(house: House) -> str:
        return "\n".join(await _ways_in(house))

    assert "token=" not in in_house(started, told)
