"""Bundles: the same contents are the same revision."""

import pickle

import pytest

from bot.flow.bundle import Bundle, belongs, flow_name


def test_the_order_of_the_files_does_not_change_the_revision() -> None:
    one = Bundle({"flows/a.yaml": "1", "flows/b.yaml": "2"})
    other = Bundle({"flows/b.yaml": "2", "flows/a.yaml": "1"})

    assert one.revision == other.revision
    assert one == other
    assert hash(one) == hash(other)
    assert len(one.revision) == 32


def test_a_name_of_before_stays_and_names_the_same_contents() -> None:
    new = Bundle({"flows/a.yaml": "1"})
    old = Bundle({"flows/a.yaml": "1"}, new.full[:16])

    assert (old.revision, old.full) == (new.full[:16], new.full)
    assert old == new
    assert hash(old) == hash(new)
    assert new.goes_by(old.revision)
    assert old.goes_by(new.revision)
    assert not new.goes_by(new.full[:20])
    assert pickle.loads(pickle.dumps(old)).revision == old.revision
    assert old.with_file("flows/a.yaml", "1").revision == new.revision
    with pytest.raises(ValueError, match="0000"):
        Bundle({"flows/a.yaml": "1"}, "0000")


def test_a_text_cannot_move_from_one_file_to_the_next_unseen() -> None:
    assert Bundle({"a": "bc"}).revision != Bundle({"ab": "c"}).revision
    assert Bundle({"a": "1", "b": "2"}).revision != Bundle({"a": "1b2"}).revision


def test_a_bundle_does_not_change_with_what_it_was_made_of() -> None:
    files = {"flows/a.yaml": "1"}
    bundle = Bundle(files)
    files["flows/a.yaml"] = "2"

    assert bundle["flows/a.yaml"] == "1"
    assert bundle.with_file("flows/a.yaml", "2")["flows/a.yaml"] == "2"
    assert list(bundle.without_file("flows/a.yaml")) == []
    assert "1 files" in repr(bundle)


def test_files_are_told_apart_by_their_place() -> None:
    bundle = Bundle({"flows/bot.yaml": "", "flows/a.yaml": "", "flows/tests/x.chat": "", "locales/fr/LC_MESSAGES/flows.po": ""})

    assert bundle.flow_paths() == ("flows/a.yaml",)
    assert bundle.test_paths() == ("flows/tests/x.chat",)
    assert bundle.catalog_paths() == {"fr": "locales/fr/LC_MESSAGES/flows.po"}
    assert flow_name("flows/return.yaml") == "return"


def test_only_what_a_bundle_may_hold_belongs_to_it() -> None:
    assert belongs("flows/a.yaml")
    assert belongs("flows/tests/a.chat")
    assert belongs("locales/fr/LC_MESSAGES/flows.po")
    assert not belongs("flows/schema.json")
    assert not belongs("flows/deep/a.yaml")
    assert not belongs("flows/tests/deep/a.chat")
    assert not belongs("../flows/a.yaml")
