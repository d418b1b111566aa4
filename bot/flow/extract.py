"""The texts of flows, for translators: as values for the catalogs here, and as messages for Babel.

Rule 1: a text's context is its id; its source is what the author wrote.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from bot.flow.bundle import FLOWS, Bundle
from bot.flow.compiler import read_draft
from bot.flow.draft import Draft, SourceText


class _File(Protocol):
    name: str

    def read(self) -> bytes: ...


def texts_of(source: Draft | Bundle) -> Sequence[SourceText]:
    """Every source text in the order of bot, flows, teams, directory; of files that can be read."""
    return (source if isinstance(source, Draft) else read_draft(source)).texts


def extract(
    fileobj: _File, keywords: Mapping[str, object], comment_tags: Collection[str], options: Mapping[str, object]
) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """The extractor that Babel calls for one file of `flows/`: (line, function, (context, text), comments)."""
    del keywords, comment_tags, options
    path = FLOWS + fileobj.name.replace("\\", "/").rpartition("/")[2]
    bundle = Bundle({path: fileobj.read().decode("utf-8", "replace")})
    for text in texts_of(bundle):
        yield text.line, "pgettext", (text.id, text.text), [text.note]
