"""How much a draft may hold, and under which names.

Rule 1: what is too much, or could stand nowhere in a folder, is not written, and is given back to who wrote it.
"""

import re
from typing import Final

from bot.flow.bundle import Bundle, belongs
from bot.studio.editing.edits import Clash, Edit, SetText, WriteFile

DRAFTS_OPEN: Final = 40
"""Drafts open at once."""
DRAFTS_KEPT: Final = 400
"""Drafts kept at all, with those given up or published in the last 30 days: beginning and giving up does not fill the store."""
FILES: Final = 1_500
FILE: Final = 1_500_000
"""Bytes of one file."""
WHOLE: Final = 6_000_000
"""Characters of all files together; the flows of a country office are some 950,000 with two languages."""
_NAME: Final = re.compile(r"(?=.{1,120}$)(?:[A-Za-z0-9@_][A-Za-z0-9@._-]*/)*[A-Za-z0-9@_][A-Za-z0-9@._-]*")
"""As a folder of flows takes them (`bot.storage.files`)."""


def refused(before: Bundle, after: Bundle, edit: Edit) -> Clash | None:
    """Give the edit back if what came of it must not be kept."""
    new = [path for path, text in after.items() if text is not before.get(path)]
    fits = len(after) <= max(FILES, len(before)) and all(_may_stand(path) and _fits(after[path]) for path in new)
    if fits and (not new or sum(map(len, after.values())) <= max(WHOLE, sum(map(len, before.values())))):
        return None
    return Clash("form", edit, mine=edit.text if isinstance(edit, SetText | WriteFile) else "")


def _may_stand(path: str) -> bool:
    return belongs(path) and _NAME.fullmatch(path) is not None


def _fits(text: str) -> bool:
    try:
        return len(text.encode()) <= FILE
    except UnicodeEncodeError:  # half a sign, which no file can hold
        return False
