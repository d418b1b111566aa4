"""What staff and pages say: whole in three languages."""

import re
from pathlib import Path

import pytest

from bot.conversation.cases.desk import OUTCOMES
from bot.i18n.catalog import read_catalog
from bot.i18n.placeholders import placeholder_fault
from bot.web.wording.words import WORDING
from tests.web.stage import ROOT

TEMPLATES = sorted((ROOT / "bot" / "web" / "templates").rglob("*.html"))


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_every_sentence_is_translated_from_its_present_source(language: str) -> None:
    path = ROOT / "locales" / language / "LC_MESSAGES" / "staff.po"
    entries = read_catalog(path.read_text("utf-8"), language).entries

    for key, english in WORDING.items():
        source = english if isinstance(english, str) else english[0]
        assert key in entries, key
        assert entries[key].is_done, key
        assert entries[key].source == source, key


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_no_translation_loses_a_value(language: str) -> None:
    path = ROOT / "locales" / language / "LC_MESSAGES" / "staff.po"
    entries = read_catalog(path.read_text("utf-8"), language).entries
    single = {key: english for key, english in WORDING.items() if isinstance(english, str)}

    assert [fault for key, english in single.items() if (fault := placeholder_fault(english, entries[key].forms[0]))] == []


def test_french_has_no_break_spaces_and_round_apostrophes() -> None:
    entries = read_catalog((ROOT / "locales" / "fr" / "LC_MESSAGES" / "staff.po").read_text("utf-8"), "fr").entries
    ours = [form for key in WORDING for form in entries[key].forms]

    assert [form for form in ours if re.search(r" [:;?!»]|« |'", form)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_id_a_template_names_is_known(path: Path) -> None:
    named = re.findall(r'(?<![a-z])t\("([a-z0-9.-]+)"[,)]', path.read_text())

    assert [one for one in named if one not in WORDING] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_writes_a_sentence_of_its_own(path: Path) -> None:
    shown = re.sub(r"\{#.*?#\}|(?<=>)/[a-z]+(?=<)|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|&[a-z]+;", " ", path.read_text(), flags=re.DOTALL)

    assert re.findall(r"[A-Za-z\u0600-\u06ff]{2,}", shown if path.name != "icons.html" else "") == []


def test_every_outcome_and_state_has_words() -> None:
    assert {f"desk.outcome.{name}" for name in OUTCOMES} <= set(WORDING)
    for state in ("claimed", "closed", "do-not-write", "may-write", "left"):
        assert f"desk.event.{state}" in WORDING
    for media in ("photo", "voice", "file", "location"):
        assert f"desk.media.{media}" in WORDING
