"""A name for the files, made of what authors call something.

Rule 1: what authors write stays as it is; a name has small Latin letters, digits and hyphens, and begins with a letter.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

LETTERS: Final = 30
"""The longest stem of a name, so that a country or a number fits behind it."""
_APART: Final = re.compile(r"[^a-z0-9]+")


def stem_of(texts: Iterable[str], otherwise: str, *, words: int = 3, letters: int = LETTERS, without: Collection[str] = ()) -> str:
    """Give the first words of the first text that has Latin ones, without some; `otherwise` if none has."""
    found = next(filter(None, ([word for word in _latin(text) if word not in without] for text in texts)), [])
    return re.sub("^[^a-z]+", "", "-".join(found[:words]))[:letters].strip("-") or otherwise


def free(name: str, taken: Collection[str]) -> str:
    """Give the name, with a number behind it if it is taken; the name itself if a thousand are."""
    numbered = (f"{name}-{n}" for n in range(2, 1000))
    return name if name not in taken else next((each for each in numbered if each not in taken), name)


def _latin(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return [word for word in _APART.split(plain) if word]
