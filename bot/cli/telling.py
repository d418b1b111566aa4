"""A difference of two bundles as lines of a terminal.

Rule 1: what has no words is told by its id; telling never fails.
Rule 2: of a text that is too long for a line only what differs is shown, so that two lines never look the same.
"""

from collections.abc import Callable, Iterator, Sequence

from bot.studio.comparing.changes import Beside, Called, Change, Value, Words

MOST = 200
"""Changes that are told one by one."""
_WIDE = 200
"""Characters of a text that is shown."""


def lines_of(changes: Sequence[Change], say: Callable[..., str], language: str = "en") -> Iterator[str]:
    """Give the lines: a sentence for each change, and the texts before and after below it."""
    for change in changes[:MOST]:
        yield f"- {_said(change.says, say, language)}"
        yield from (line for text in change.texts for line in _beside(text))
    if len(changes) > MOST:
        yield f"… and {len(changes) - MOST} more."


def _said(value: Value, say: Callable[..., str], language: str) -> str:
    match value:
        case Words(id=id_, values=values):
            try:
                return say(
                    id_, language, **{name: each if isinstance(each, int) else _said(each, say, language) for name, each in values.items()}
                )
            except KeyError:
                return id_.rpartition(".")[2]
        case Called(id=id_, said=said):
            return said.get(language) or next(iter(said.values()), "") or id_
        case _:
            return str(value)


def _beside(text: Beside) -> Iterator[str]:
    name = text.language or text.id
    if text.before == text.after:
        return
    was, is_ = _apart(text.before, text.after)
    yield from (f"    {name:<3} {sign} {_short(said)}" for sign, said in (("-", was), ("+", is_)) if said)


def _apart(before: str, after: str) -> tuple[str, str]:
    """Both without the lines they begin and end with alike, if one of them is long and something is left."""
    if max(len(before), len(after)) <= _WIDE:
        return before, after
    was, is_ = before.splitlines(), after.splitlines()
    least = min(len(was), len(is_))
    top = next((n for n in range(least) if was[n] != is_[n]), least)
    end = next((n for n in range(least - top) if was[-1 - n] != is_[-1 - n]), least - top)
    left = ["\n".join(lines[top : len(lines) - end]) for lines in (was, is_)]
    return (left[0], left[1]) if any(left) else (before, after)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _WIDE else f"{plain[: _WIDE - 1]}…"
