"""`amana doctor`: each thing that must be done is said, in lines that stand under each other, and told by the exit code."""

import asyncio
import re
import shutil
import sys

import pytest
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from bot.cli import doctor
from bot.cli.app import app
from bot.cli.findings import Findings
from bot.conversation.alerting.letters import MAIL_KEY
from bot.conversation.group.groupstate import STANDING
from bot.conversation.keeping.intake import Incoming
from bot.engine.events import Said
from bot.storage.redis.durability import Durability
from bot.storage.redis.health import _holder
from bot.storage.vitals import Health
from tests.channels.test_mail import Handler
from tests.ops.houses import ROOT, living, settings
from tests.redis_groups import free_ports
from tests.redis_rig import Server

run = CliRunner()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store on a file, keys and flows of one's own, started once."""
    site = tmp_path / "site"
    site.mkdir()
    for part in ("flows", "locales"):
        shutil.copytree(ROOT / part, site / part)
    monkeypatch.setenv("AMANA_STORE", f"sqlite:///{tmp_path}/data/amana.db")
    monkeypatch.setenv("AMANA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("AMANA_FLOWS", str(site))
    asyncio.run(_lived(settings(tmp_path, flows=site)))
    return site


async def _lived(known) -> None:
    async with living(known) as house:
        item = Incoming(channel="telegram", identity="7", route="7", event_id="tg:1", event=Said(at=house.clock.now(), text="bonjour"))
        await house.intake.accept([item])


def lines(output: str) -> dict[str, tuple[str, str]]:
    """Subject → weight and what was found."""
    found = [re.fullmatch(r"(ok  |note|LOOK)  (.{10})  (.+)", line) for line in output.splitlines()[:-1]]
    assert all(found), output
    return {one[2].strip(): (one[1].strip(), one[3]) for one in found if one}


def test_a_file_is_looked_at_whole_and_what_must_be_done_ends_with_one(home):
    result = run.invoke(app, ["doctor"])
    found = lines(result.output)

    assert result.exit_code == 1
    assert found["backup"] == ("LOOK", "never: amana backup FILE, then carry the file away")
    assert found["stage"] == ("LOOK", "trial")
    assert found["store"][0] == found["disk"][0] == found["keys"][0] == found["checks"][0] == "ok"
    assert found["waiting"][1].startswith("1 events, the oldest for ")
    assert found["telegram"][0] == "note"
    assert result.output.splitlines()[-1] == "4 things must be looked at."
    assert "\x1b" not in result.output


def test_a_backup_is_known_from_then_on(home, tmp_path):
    assert run.invoke(app, ["backup", str(tmp_path / "copy.db")]).exit_code == 0

    assert lines(run.invoke(app, ["doctor"]).output)["backup"][0] == "ok"


@pytest.mark.parametrize(("mode", "wrong"), [(0o700, 0), (0o750, 1), (0o704, 1)])
def test_keys_that_others_can_read_must_be_looked_at(tmp_path, mode, wrong):
    found = Findings()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(mode)
    doctor._keys(settings(tmp_path), found)

    assert found.wrong == wrong


def test_keys_that_are_not_there_must_be_looked_at(tmp_path):
    found = Findings()
    doctor._keys(settings(tmp_path), found)

    assert found.wrong == 1


def test_a_server_is_looked_at_with_who_holds_what(tmp_path, monkeypatch):
    server = Server.start("--maxmemory", "64mb")
    url = f"unix://{server.socket}"
    for name, value in {"AMANA_STORE": url, "AMANA_KEYS": f"{tmp_path}/keys", "AMANA_FLOWS": str(ROOT)}.items():
        monkeypatch.setenv(name, value)

    async def beside_a_worker() -> tuple[int, str]:
        async with living(settings(tmp_path, store=url)):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "doctor", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    code, output = asyncio.run(beside_a_worker())
    busy, idle = lines(output), lines(run.invoke(app, ["doctor"]).output)
    server.end()

    assert code == 1
    assert busy["workers"][0] == "ok"
    assert re.fullmatch(r"1: \S+:\d+:\w+ 64", busy["workers"][1])
    assert busy["shards"] == ("ok", "each is held by a worker")
    assert "appendfsync always" in busy["store"][1]
    assert busy["memory"] == ("ok", busy["memory"][1])
    assert re.fullmatch(r"\d+ % of 64 MB", busy["memory"][1])
    assert busy["clock"][0] == busy["its file"][0] == busy["eviction"][0] == "ok"
    assert idle["workers"][0] == "LOOK"
    assert "shards" not in idle


@pytest.mark.parametrize(
    ("health", "wrong"),
    [
        (Health(used=60), 0),
        (Health(used=69, limit=100), 0),
        (Health(used=70, limit=100), 1),
        (Health(used=1, limit=100, appends=False), 1),
        (Health(used=1, limit=100, skew=-7.0), 1),
        (Health(used=99, limit=100, appends=False, skew=60.0), 3),
    ],
)
def test_a_server_that_is_nearly_full_cannot_write_or_is_in_another_time_must_be_looked_at(health, wrong):
    found = Findings()
    durability = Durability("Redis 7.0.15", (7, 0, 15), "noeviction", "always", health.limit, health.used, 0)
    doctor._server(durability, health, found)

    assert found.wrong == wrong


@pytest.mark.parametrize(
    ("fsync", "policy", "wrong"),
    [("always", "noeviction", 0), ("everysec", "noeviction", 1), ("", "noeviction", 1), ("always", "allkeys-lru", 1)],
)
def test_a_server_that_may_forget_must_be_looked_at(tmp_path, fsync, policy, wrong):
    found = Findings()
    doctor._promises(settings(tmp_path), Durability("Redis 7.0.15", (7, 0, 15), policy, fsync, 0, 1, 0), found)

    assert found.wrong == wrong


def test_colour_is_only_for_a_terminal(capsys, monkeypatch):
    Findings().say("store", "well")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    Findings().say("store", "not well", ok=False)
    plain, coloured = capsys.readouterr().out.splitlines()

    assert plain == "ok    store       well"
    assert "LOOK" in coloured


@pytest.mark.parametrize(("size", "said"), [(1, "1 bytes"), (2048, "2 kB"), (64 << 20, "64 MB"), (3 << 40, "3072 GB")])
def test_a_size_is_said_in_the_unit_that_fits(size, said):
    assert doctor._size(size) == said


@pytest.mark.parametrize(
    ("held", "holder"),
    [(b"7 2000 one:12:abc", "one:12:abc"), (b"7 1000 one:12:abc", ""), (b"7 0 ", ""), (None, ""), (b"7 2000 a name", "a name")],
)
def test_a_shard_is_held_as_long_as_the_server_says(held, holder):
    assert _holder(held, 1500) == holder


# ── staff and mail ──
async def _accounts(known, *members) -> None:
    async with living(known) as house:
        for id_, more in members:
            await house.staff.add(id_, **more)


def every(output: str, subject: str) -> list[tuple[str, str]]:
    """All findings of a subject."""
    found = [re.fullmatch(r"(ok  |note|LOOK)  (.{10})  (.+)", line) for line in output.splitlines()[:-1]]
    return [(one[1].strip(), one[3]) for one in found if one and one[2].strip() == subject]


def test_lines_on_which_nobody_stands_and_teams_without_members_must_be_looked_at(home, tmp_path):
    known = settings(tmp_path, flows=home)
    asyncio.run(_accounts(known, ("amina", {"teams": ("protection",)})))
    output = run.invoke(app, ["doctor"]).output

    assert every(output, "staff") == [("ok", "1 accounts, 1 of them not away")]
    assert ("ok", "protection: amina") in every(output, "team")
    assert [weight for weight, said in every(output, "team") if said.startswith("return-desk: nobody")] == ["LOOK"]
    assert [said.partition(":")[0] for weight, said in every(output, "line") if weight == "LOOK"] == ["second-line", "on-call"]
    assert every(output, "mail")[0][0] == "note"


def test_members_without_a_second_way_are_named_and_addresses_are_not(home, tmp_path, monkeypatch):
    known = settings(tmp_path, flows=home)
    asyncio.run(
        _accounts(
            known,
            ("amina", {"mail": "amina@example.org", "lines": ("second-line", "on-call")}),
            ("brahim", {}),
            ("salma", {"mail": "s@example.org", "mailed": False}),
        )
    )
    monkeypatch.setenv("AMANA_MAIL_SERVER", "smtp://127.0.0.1:9")
    monkeypatch.setenv("AMANA_MAIL_FROM", "desk@example.org")
    output = run.invoke(app, ["doctor"]).output

    assert every(output, "e-mail") == [("note", "no second way to be told: brahim, salma (amana staff add ID --mail ADDRESS)")]
    assert every(output, "mail") == [("ok", "as desk@example.org; 0 letters wait. amana doctor --mail ADDRESS sends one to try")]
    assert {weight for weight, _ in every(output, "line")} == {"ok"}
    assert "amina@" not in output


def test_letters_that_do_not_go_out_must_be_looked_at(home, tmp_path, monkeypatch):
    async def stuck(known):
        async with living(known) as house:
            await house.store.put_note(STANDING, MAIL_KEY, b"no-tls 1795000000")

    asyncio.run(stuck(settings(tmp_path, flows=home)))
    monkeypatch.setenv("AMANA_MAIL_SERVER", "smtp://127.0.0.1:9")
    monkeypatch.setenv("AMANA_MAIL_FROM", "desk@example.org")

    [(weight, said)] = every(run.invoke(app, ["doctor"]).output, "mail")
    assert (weight, "2026-11-18" in said, "STARTTLS" in said) == ("LOOK", True, True)


def test_a_letter_can_be_tried(home, monkeypatch):
    handler = Handler()
    server = Controller(handler, hostname="127.0.0.1", port=free_ports(1)[0])
    server.start()
    monkeypatch.setenv("AMANA_MAIL_FROM", "desk@example.org")
    try:
        monkeypatch.setenv("AMANA_MAIL_SERVER", f"smtp://127.0.0.1:{server.port}")
        sent = run.invoke(app, ["doctor", "--mail", "me@example.org"])
        handler.rcpt = "550 no such person"
        refused = run.invoke(app, ["doctor", "--mail", "you@example.org"])
    finally:
        server.stop()
    gone = run.invoke(app, ["doctor", "--mail", "me@example.org"])

    assert (sent.exit_code, refused.exit_code, gone.exit_code) == (0, 1, 1)
    assert [to for _, [to], _ in handler.got] == ["me@example.org"]
    assert "does not take this address" in refused.output
    assert "does not answer" in gone.output


def test_without_a_mail_server_there_is_nothing_to_try(home):
    assert run.invoke(app, ["doctor", "--mail", "me@example.org"]).exit_code == 1


@pytest.mark.parametrize(
    ("server", "sender", "wrong"),
    [
        ("mail.example.org", "d@example.org", "smtp://"), ("smtp://h", "", "AMANA_MAIL_FROM"), ("smtp://h", "Desk <d@example.org>", "an address alone"),
        ("smtp://u@h", "d@example.org", "user and password"),
    ],
)  # fmt: skip
def test_a_mail_server_that_cannot_be_used_stops_the_start(home, monkeypatch, server, sender, wrong):
    monkeypatch.setenv("AMANA_MAIL_SERVER", server)
    monkeypatch.setenv("AMANA_MAIL_FROM", sender)
    result = run.invoke(app, ["doctor"])

    assert result.exit_code != 0
    assert wrong in f"{result.output} {result.exception}"
