"""The house keeps its own laws: sizes, doors, docs, and nothing in the tree that names this or that machine."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot.config import NAMES, BadSettings, Secret, Settings, read

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "bot").rglob("*.py"))
TEXTS = [path for pattern in ("*.md", "*.lock", "*.toml", "*.yaml", "Makefile", "Dockerfile") for path in ROOT.glob(pattern)]
LONGEST_MODULE = 400


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_is_short_enough_to_hold_in_mind(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=str)
def test_opening_a_room_wakes_nobody(path):
    body = ast.parse(path.read_text(encoding="utf-8")).body

    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__init__.py"], ids=str)
def test_a_module_opens_with_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_setting_is_described():
    described = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

    assert [name for name in NAMES if f"### {name}\n" not in described] == []
    assert set(re.findall(r"^### (\S+)$", described, re.MULTILINE)) == set(NAMES)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_file_names_a_registry(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"--(extra-)?index-url|--find-links|files\.pythonhosted|https?://\S+\.(whl|tar\.gz)", text)


def test_every_package_of_the_locks_has_a_hash():
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8"))
        packages = [entry for entry in entries if "==" in entry.partition("\n")[0]]

        assert packages
        assert all("--hash=sha256:" in entry for entry in packages)


def test_a_mistyped_setting_names_its_nearest_neighbour():
    with pytest.raises(BadSettings) as bad:
        read({"AMANA_STROE": "sqlite:///x", "PATH": "/bin"})

    assert bad.value.problems == ["no setting AMANA_STROE; did you mean AMANA_STORE?"]


def test_every_problem_of_the_settings_is_said_at_once():
    with pytest.raises(BadSettings) as bad:
        read({"AMANA_LISTEN": "8000", "AMANA_DESK_LANGUAGE": "de", "TELEGRAM_WEBHOOK_SECRET": "a b"})

    assert len(bad.value.problems) == 4


@pytest.mark.parametrize("listen", ["9100", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:8000"])
def test_metrics_need_an_address_and_one_of_their_own(listen):
    with pytest.raises(BadSettings) as bad:
        read({"AMANA_METRICS_LISTEN": listen})

    assert [problem.split()[0] for problem in bad.value.problems] == ["AMANA_METRICS_LISTEN"]


def test_metrics_have_no_address_of_their_own_unless_one_is_given():
    assert read({}).metrics_address is None
    assert read({"AMANA_METRICS_LISTEN": "[::1]:9100"}).metrics_address == ("::1", 9100)


@pytest.mark.parametrize("wrong", ["0", "-1", "3.5", "many"])
def test_a_pace_that_is_no_whole_number_stops_the_start(wrong):
    with pytest.raises(BadSettings) as bad:
        read({"TELEGRAM_SENDS_PER_SECOND": wrong})

    assert bad.value.problems == ["TELEGRAM_SENDS_PER_SECOND must be a whole number, 1 or more"]


def test_an_empty_setting_is_the_default():
    assert read({"TELEGRAM_TOKEN": "", "AMANA_STORE": " "}) == Settings()


def test_a_secret_never_shows_itself():
    settings = read({"TELEGRAM_TOKEN": "123:SECRET"})

    assert "SECRET" not in f"{settings!r} {settings.telegram_token}"
    assert settings.telegram_token == settings.telegram_token
    assert isinstance(settings.telegram_token, Secret)
    assert settings.telegram_token.reveal() == "123:SECRET"


def test_a_setting_has_a_name_in_the_environment():
    assert all("env" in field.metadata for field in fields(Settings))


def test_no_two_decisions_have_one_number():
    decisions = sorted((ROOT / "docs/adr").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert all(path.read_text(encoding="utf-8").startswith(f"# {int(path.name[:4])}. ") for path in decisions)
