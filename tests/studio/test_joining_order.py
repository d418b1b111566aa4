"""Catalogs that two authors changed: entries of both stand where their flows have them."""

from bot.studio.editing.apply import apply
from bot.studio.editing.edits import AddStep
from bot.studio.files.joining import joined
from tests.studio.shipped import FR, in_step_with_sources, shipped_bundle


def test_entries_of_both_stand_where_their_flows_have_them():
    base = shipped_bundle()
    mine = apply(base, AddStep("return", "free", {"say": "mine", "text": "Mine."}))
    theirs = apply(base, AddStep("bring", "bag", {"say": "theirs", "text": "Theirs."}))
    files = {path: joined(path, base[path], mine[path], theirs[path]).text for path in base}

    assert in_step_with_sources(files)
    assert 'msgctxt "return.mine"' in files[FR]
    assert 'msgctxt "bring.theirs"' in files[FR]
