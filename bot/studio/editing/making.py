"""Edits made in a row, as work for the bench: what is sent and what comes back are plain values, and only files that changed.

Rule 1: each edit is made wholly or not at all, on what those before it made.
"""

from collections.abc import Sequence

from msgspec import Struct, structs

from bot.flow.bundle import Bundle
from bot.studio.editing.apply import apply
from bot.studio.editing.edits import Clash, Edit, SetText, WriteFile
from bot.studio.editing.limits import refused


class Made(Struct, frozen=True):
    """What came of edits: texts of the files that changed (None: gone), and the edits that were not made, by place."""

    files: dict[str, str | None]
    clashes: tuple[tuple[int, Clash], ...] = ()

    def upon(self, bundle: Bundle) -> Bundle:
        """Give the bundle with these files."""
        if not self.files:
            return bundle
        return Bundle({path: text for path, text in {**bundle, **self.files}.items() if text is not None})


def made(bundle: Bundle, edits: Sequence[Edit]) -> Made:
    """Make edits one after the other."""
    now = bundle
    clashes: list[tuple[int, Clash]] = []
    for place, edit in enumerate(edits):
        after = _made(now, edit)
        if isinstance(after, Clash):
            clashes.append((place, after))
        else:
            now = after
    return Made({path: now.get(path) for path in {**bundle, **now} if now.get(path) != bundle.get(path)}, tuple(clashes))


def clashing(bundle: Bundle, known: Sequence[tuple[Edit, str]]) -> tuple[Clash, ...]:
    """Give the clashes of edits that were not made, for who asks again: why then, and what stands there now if it still hinders them."""
    return tuple(_still(_made(bundle, edit), edit, why) for edit, why in known)


def _made(bundle: Bundle, edit: Edit) -> Bundle | Clash:
    after = apply(bundle, edit)
    return after if isinstance(after, Clash) else refused(bundle, after, edit) or after


def _still(now: Bundle | Clash, edit: Edit, why: str) -> Clash:
    if isinstance(now, Clash):
        return structs.replace(now, why=why)
    return Clash(why, edit, mine=edit.text if isinstance(edit, SetText | WriteFile) else "")
