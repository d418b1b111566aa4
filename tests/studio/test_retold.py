"""A test of authors told again on the phones: the same messages, up to the line where it fails."""

import pytest

from bot.flow.bundle import Bundle
from bot.studio.playing.preview import preview
from bot.studio.playing.record import recorded
from bot.studio.playing.retold import retold
from tests.engine.real import real_files

BUNDLE = Bundle(real_files())
PATHS = BUNDLE.test_paths()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.rpartition("/")[2])
def test_every_test_of_ours_can_be_told_again(path: str):
    told = retold(BUNDLE, path, "fr")

    assert told.state == "passed" or "language: " in BUNDLE[path]
    phone = preview(BUNDLE, told.request).phones[0]
    assert phone.refused is None
    if not ({"<"} & {line[:1] for line in BUNDLE[path].splitlines() if line.startswith("< ...")}):
        written = [line.split()[1] for line in BUNDLE[path].splitlines() if line.startswith("< ")]
        assert [bubble.id for bubble in phone.bubbles if bubble.who in {"bot", "human"}] == written


def test_a_recorded_test_tells_the_same_again():
    told = retold(BUNDLE, PATHS[0], "fr")
    again = recorded(BUNDLE, told.request)

    assert again.every
    assert (
        retold(BUNDLE.with_file("flows/tests/again.chat", again.text), "flows/tests/again.chat", "fr").request.deeds == told.request.deeds
    )


def test_it_stops_before_the_line_that_fails():
    text = "flow: return\ncountry: DZ\n> (starts)\n< ...\n< return.fear\n> [no]\n< return.nothing-like-it\n> [no]\n< ...\n"
    told = retold(BUNDLE.with_file("flows/tests/x.chat", text), "flows/tests/x.chat", "ar")

    assert (told.state, told.line, told.expected) == ("failed", 7, "< return.nothing-like-it")
    assert told.said.startswith("< return.")
    assert [deed.words for deed in told.request.deeds] == ["", "no"]


def test_what_cannot_be_read_says_where():
    told = retold(BUNDLE.with_file("flows/tests/x.chat", "flow: return\n> (starts)\nwhat is this\n"), "flows/tests/x.chat", "ar")

    assert (told.state, told.line) == ("unreadable", 3)


def test_a_draft_with_problems_runs_no_test():
    broken = BUNDLE.with_file("flows/return.yaml", BUNDLE["flows/return.yaml"].replace("asylum-first", "asylum-frist", 1))

    assert retold(broken, PATHS[0], "fr").state == "stops"


def test_an_unknown_test_is_none():
    with pytest.raises(KeyError):
        retold(BUNDLE, "flows/tests/none-such.chat", "fr")
