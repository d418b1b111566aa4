"""The source texts of a bundle as catalogs hold them, file by file.

Rule 1: a file that cannot be read has no say: its texts are unknown, not gone.
Rule 2: what was read of a file is shared with the checks (`bot.studio.bundle.compiled`), and kept there.
"""

from collections.abc import Mapping
from typing import Final

from bot.flow.bundle import FLOWS
from bot.flow.draft import SourceText
from bot.flow.extract import catalog_sources
from bot.flow.language import BARE_WORDS
from bot.i18n.bidi import with_isolates
from bot.i18n.merge import Source
from bot.studio.bundle.compiled import COMPILING
from bot.studio.files.reading import source_of

_WITHOUT_TEXTS: Final = (f"{FLOWS}words.yaml", f"{FLOWS}sources.yaml")


def sources_of_bundle(bundle: Mapping[str, str]) -> dict[str, Source]:
    """Every text that catalogs hold by its id, in the order of catalogs; of files that can be read."""
    language = source_of(bundle)
    files = [file for file in bundle if file.startswith(FLOWS) and file.endswith(".yaml")]
    sources = catalog_sources([text for file in files for text in texts_of_file(file, bundle[file]) or ()], language)
    return {source.context: _as_said(source, language) for source in sources}


def texts_of_file(file: str, text: str) -> tuple[SourceText, ...] | None:
    """The texts of one file; None when it cannot be read."""
    if file in _WITHOUT_TEXTS:
        return ()
    read = COMPILING.read_file(file, text)
    return None if read.value is None else read.texts


def is_whole(file: str, text: str) -> bool:
    """Whether every text of the file is known: all of it has the form that is asked for."""
    if file in _WITHOUT_TEXTS:
        return True
    read = COMPILING.read_file(file, text)
    return read.value is not None and (read.flow is None or all(step.model or step.word in BARE_WORDS for step in read.flow.steps))


def _as_said(source: Source, language: str) -> Source:
    said = with_isolates(source.text, language)
    return source if said == source.text else Source(source.context, said, source.plural, source.place, source.note)
