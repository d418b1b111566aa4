"""The texts of flows, for translators: as values for the catalogs here, and as messages for Babel.

Rule 1: a text's context is its id; its source is what the author wrote.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from bot.flow.bundle import FLOWS, Bundle
from bot.flow.compiler import read_draft
from bot.flow.draft import Draft, SourceText
from bot.i18n.merge import Source, unit_sources


def catalog_sources(texts: Iterable[SourceText], language: str = "en") -> tuple[Source, ...]:
    """What a catalog of flows holds, in its order: what counts first, then file by file as the texts stand. `language`: the source."""
    ordered = sorted(texts, key=lambda text: (text.file, text.line, text.column, text.id))
    return (*unit_sources(language), *(Source(text.id, text.text, place=(text.file, 0), note=text.note) for text in ordered))


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
