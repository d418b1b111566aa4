"""What an operator is told of the servers: a wrong address, and what a look at them finds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.doctor import Findings, _promises
from bot.config import BadSettings, Settings, read
from bot.storage.redis.durability import Durability

ROOT = Path(__file__).parent.parent.parent


def server(name: str, *, master: bool, **more: object) -> Durability:
    fields = {"policy": "noeviction", "fsync": "always", "maxmemory": 0, "used": 0, "replicas": 0} | more
    return Durability("Redis 7.0.15", (7, 0, 15), name=name, master=master, **fields)  # type: ignore[arg-type]


def looked_at(durability: Durability, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], int]:
    found = Findings()
    _promises(Settings(store="redis+sentinel://u:secret@one/name"), durability, found)
    return capsys.readouterr().out.splitlines(), found.wrong


def test_each_server_is_named_with_what_it_loses(capsys: pytest.CaptureFixture[str]) -> None:
    replica = server("two:6379", master=False, fsync="everysec")
    said, wrong = looked_at(server("one:6379", master=True, replicas=1, least=1, asked=1, others=(replica,), away=("three:6379",)), capsys)

    assert any(line.startswith("ok") and "before it is confirmed" in line for line in said)
    assert any(line.startswith("LOOK") and "two:6379" in line and "a replica" in line and "last second" in line for line in said)
    assert any(line.startswith("LOOK") and "three:6379" in line and "does not answer" in line for line in said)
    assert any(line.startswith("ok") and "1 of 1 replicas" in line for line in said)
    assert wrong == 2
    assert "secret" not in "".join(said)


@pytest.mark.parametrize(("asked", "said"), [(0, "AMANA_STORE_REPLICAS"), (2, "nothing can be confirmed")])
def test_what_a_failover_loses_is_a_finding(asked: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines, wrong = looked_at(server("one:6379", master=True, replicas=1, asked=asked), capsys)
    assert any(line.startswith("LOOK") and said in line for line in lines)
    assert wrong == 1


def test_a_server_without_replicas_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert looked_at(server("one:6379", master=True), capsys)[1] == 0


def test_an_address_that_cannot_be_read_ends_a_command_with_a_sentence(tmp_path: Path) -> None:
    env = {**os.environ, "AMANA_STORE": "redis+cluster://u:secret@one:6379/4", "AMANA_KEYS": str(tmp_path / "keys")}
    for words in (["doctor"], ["run"]):
        ended = subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30)
        assert ended.returncode == 1
        assert ended.stderr.strip() == (
            "AMANA_STORE cannot be read: a cluster has no database but 0, and is written redis+cluster://host:6379,host:6379"
        )


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"AMANA_STORE": "redis+ring://one"}, "redis\\+sentinel://HOST"),
        ({"AMANA_STORE": "redis://one", "AMANA_STORE_REPLICAS": "many"}, "a number from 0 to 9"),
        ({"AMANA_STORE_REPLICAS": "1"}, "a file has no replicas"),
    ],
)
def test_wrong_settings_of_servers_are_said(env: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        read(env)


def test_replicas_are_a_number() -> None:
    assert read({"AMANA_STORE": "redis+cluster://one", "AMANA_STORE_REPLICAS": "2"}).replicas == 2
    assert read({}).replicas == 0
