"""A store, keys and flows of its own for each command."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store, keys and flows of one's own."""
    flows = tmp_path / "site"
    flows.mkdir()
    shutil.copytree(ROOT / "flows", flows / "flows")
    shutil.copytree(ROOT / "locales", flows / "locales")
    monkeypatch.setenv("AMANA_STORE", f"sqlite:///{tmp_path}/data/amana.db")
    monkeypatch.setenv("AMANA_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("AMANA_FLOWS", str(flows))
    return flows
