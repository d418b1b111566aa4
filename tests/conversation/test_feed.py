"""Changes are numbered: who comes back hears what was missed, or is told that it cannot be told any more."""

import pytest

from bot.conversation.cases.feed import Feed


def told(feed: Feed, *codes: str) -> None:
    for code in codes:
        feed.changed(code, "waiting", "words", ("protection",))


def test_who_comes_back_hears_exactly_what_followed():
    feed = Feed("abc")
    told(feed, "A", "B", "C", "D")

    assert [change.code for change in feed.after(2)] == ["C", "D"]
    assert [change.n for change in feed.after(0)] == [1, 2, 3, 4]
    assert feed.after(4) == ()


def test_who_comes_too_late_is_not_told_half():
    feed = Feed("abc", room=3)
    told(feed, "A", "B", "C", "D")

    assert feed.after(0) is None
    assert [change.code for change in feed.after(1)] == ["B", "C", "D"]


def test_after_a_lost_line_everyone_looks_once():
    feed = Feed("abc")
    told(feed, "A")
    feed.missed()

    assert feed.after(1) is None
    told(feed, "B")
    assert [change.code for change in feed.after(2)] == ["B"]


@pytest.mark.parametrize("last", ["", "abc", "abc.", "abd.1", "abc.9", "abc.-1", "abc.1.1", "abc.1\n", "x" * 99 + ".1"])
def test_an_id_of_another_process_or_of_no_sense_has_no_place(last):
    feed = Feed("abc")
    told(feed, "A", "B")

    assert feed.place(last) is None
    assert feed.place("abc.1") == 1


def test_writing_is_no_change_and_is_not_told_to_who_comes_later():
    feed = Feed("abc")
    before = feed.written
    feed.writes("A", "Cèdre", "protection")

    assert feed.n == 0
    assert [writing.name for writing in feed.writings(before)] == ["Cèdre"]
    assert feed.writings(feed.written) == ()
