"""How a difference is told in a terminal."""

import pytest

from bot.cli.telling import lines_of
from bot.studio.comparing.changes import Beside, Change, Words

HEAD = "\n".join(f"# line {number} of a file that begins and ends alike" for number in range(20))


def told(before: str, after: str) -> list[str]:
    change = Change(says=Words("words"), area="other", file="x.po", texts=(Beside("x.po", "", before, after),))
    return list(lines_of([change], lambda id_, language: id_))[1:]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (f"{HEAD}\nold\n{HEAD}", f"{HEAD}\nnew\n{HEAD}", ["    x.po - old", "    x.po + new"]),
        (f"{HEAD}\n{HEAD}", f"{HEAD}\nnew\n{HEAD}", ["    x.po + new"]),
        (f"{HEAD}\nold\n", f"{HEAD}\n", ["    x.po - old"]),
        ("One.\nTwo.", "One.\nThree.", ["    x.po - One. Two.", "    x.po + One. Three."]),
    ],
)
def test_of_a_text_too_long_for_a_line_only_what_differs_is_told(before: str, after: str, lines: list[str]) -> None:
    assert told(before, after) == lines


def test_where_only_the_end_of_a_line_differs_it_is_told_still() -> None:
    assert len(told(HEAD, HEAD + "\n")) == 2
