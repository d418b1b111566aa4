"""A service turned round: what was written in one language and translated into another is written in the other from now on.

Rule 1: every text says the same before and after, in every language; nothing is turned that is not translated whole.
Rule 2: files stay what their authors wrote but for their texts; translations, their comments and what was put by go along.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.flow.compiler import Compiled, compile_bundle
from bot.flow.outline import outline
from bot.flow.sourcetexts import BOT_FILE
from bot.i18n.bidi import without_isolates
from bot.i18n.catalog import Catalog, Entry, write_catalog
from bot.i18n.merge import Source, empty_catalog, unit_sources, update
from bot.i18n.units import BUILT_IN, UNIT_CONTEXTS
from bot.studio.files.reading import home_of
from bot.studio.files.refit import Path, bare
from bot.studio.files.yamlfile import as_it_was, changed
from bot.studio.files.yamltext import Page


class Turned(Struct, frozen=True):
    """What came of it. `bundle`: None if it was not turned, and then `why`: `unread` bot.yaml cannot be read, `same` it is written in this
    language already, `no-catalog` there is no such language, `open` the texts `ids` are missing or stale, `place` they cannot be written.
    """

    bundle: Bundle | None = None
    why: str = ""
    ids: tuple[str, ...] = ()


def turned(bundle: Bundle, language: str) -> Turned:
    """The bundle with this language as the one that it is written in."""
    before = compile_bundle(bundle)
    bot = before.draft.bot
    if bot is None:
        return Turned(why="unread")
    if language == bot.source:
        return Turned(why="same")
    if language not in before.catalogs or language not in bot.languages:
        return Turned(why="no-catalog")
    sources = _sources(before, bot.source)
    catalogs = {name: update(catalog, sources).catalog for name, catalog in before.catalogs.items()}
    said = catalogs[language].entries
    left = tuple(text.id for text in before.draft.texts if not said[text.id].is_done)
    if left:
        return Turned(why="open", ids=left)
    written, lost = _written(bundle, before, catalogs[language])
    if lost:
        return Turned(why="place", ids=lost)
    return Turned(_with_catalogs(written, catalogs, bot.source, language))


def _sources(compiled: Compiled, language: str) -> list[Source]:
    texts = [Source(text.id, text.text, place=(text.file, 0), note=text.note) for text in compiled.draft.texts]
    return [*texts, *unit_sources(language)]


def _written(bundle: Bundle, before: Compiled, catalog: Catalog) -> tuple[Bundle, tuple[str, ...]]:
    """The bundle with each text in its file in the other language, and ids of those that cannot stand there."""
    wanted: dict[str, dict[Path, tuple[str, str]]] = {}
    lost = []
    for text in before.draft.texts:
        place = home_of(bundle, text.id)
        if place is None:
            lost.append(text.id)
        else:
            words = without_isolates(catalog.entries[text.id].forms[0], catalog.language)
            wanted.setdefault(place.file, {})[place.path] = text.id, words
    files = dict(bundle)
    for file, texts in wanted.items():
        files[file] = rewritten(file, files[file], {path: words for path, (_, words) in texts.items()})
        seen = outline(files[file])
        for path, (id_, words) in texts.items():
            node = seen.node(path)
            if node is None or bare(node) != words:
                lost.append(id_)
    files[BOT_FILE] = changed(BOT_FILE, files[BOT_FILE], ("source",), catalog.language) or files[BOT_FILE]
    return Bundle(files), tuple(lost)


def rewritten(file: str, text: str, texts: Mapping[Path, str]) -> str:
    """The file with all these texts written anew at their paths; those that cannot be found stay as they are."""
    seen = outline(text)
    if seen.root is None:
        return text
    page, new = Page(file, seen.text), seen.text
    there = {path: words for path, words in texts.items() if seen.node(path) is not None}
    pieces = sorted((_piece(seen.text, page.with_text(path, words)) for path, words in there.items()), reverse=True)
    for start, end, words in pieces:
        new = new[:start] + words + new[end:]
    new = as_it_was(text, new)
    for path, words in texts.items():
        if path not in there:
            new = changed(file, new, path, words) or new
    return new


def _piece(before: str, after: str) -> tuple[int, int, str]:
    """What is different in a text that was changed at one place: from where, to where in the text before, and what stands there now."""
    start = _alike(before, after, min(len(before), len(after)))
    end = (
        _alike(before[:start:-1], after[:start:-1], min(len(before), len(after)) - start - 1) if start < min(len(before), len(after)) else 0
    )
    return start, len(before) - end, after[start : len(after) - end]


def _alike(one: str, other: str, most: int) -> int:
    """How many characters both begin with."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _with_catalogs(bundle: Bundle, catalogs: Mapping[str, Catalog], old: str, new: str) -> Bundle:
    sources = _sources(compile_bundle(bundle), new)
    paths = bundle.catalog_paths()
    for language in {**catalogs, old: None}:
        path = paths.get(language, f"locales/{language}/LC_MESSAGES/flows.po")
        if language == new:
            counted = _counted(catalogs[new])
            bundle = bundle.with_file(path, write_catalog(counted)) if counted.entries else bundle.without_file(path)
            continue
        catalog = _swapped(catalogs, old, new) if language == old else _moved(catalogs[language], sources, catalogs[new])
        bundle = bundle.with_file(path, write_catalog(update(catalog, sources).catalog))
    return bundle


def _swapped(catalogs: Mapping[str, Catalog], old: str, new: str) -> Catalog:
    """The catalog of the language that was written in: each pair the other way round."""
    there = catalogs[new]
    pairs = {entry.context: _round(entry) for entry in there.entries.values() if entry.plural is None}
    own = catalogs.get(old, empty_catalog(old)).entries
    for unit, source in zip(UNIT_CONTEXTS, unit_sources(new), strict=True):
        known = own.get(source.context)
        forms = known.forms if known is not None and known.is_done else BUILT_IN[old][unit] if old in BUILT_IN else ()
        if forms:
            pairs[source.context] = Entry(context=source.context, source=source.text, plural=source.plural, forms=forms)
    put_by = tuple(_round(entry) for entry in there.obsolete if entry.plural is None and entry.forms[0] and not entry.fuzzy)
    return Catalog(old, MappingProxyType(pairs), put_by)


def _round(entry: Entry) -> Entry:
    return replace(entry, source=entry.forms[0], forms=(entry.source,), fuzzy=False, previous=None)


def _moved(catalog: Catalog, sources: Sequence[Source], there: Catalog) -> Catalog:
    """The catalog of a third language: the same translations beside their new source, stale ones still stale."""
    by_id = {source.context: source for source in sources}
    entries = {}
    for context, entry in catalog.entries.items():
        source = by_id.get(context)
        entries[context] = entry if source is None else replace(entry, source=source.text, plural=source.plural)
    return replace(catalog, entries=MappingProxyType(entries), obsolete=tuple(_put_by(catalog, there)))


def _put_by(catalog: Catalog, there: Catalog) -> Iterator[Entry]:
    known = {(entry.context, entry.source): entry.forms[0] for entry in there.obsolete if not entry.fuzzy and entry.forms[0]}
    for entry in catalog.obsolete:
        yield replace(entry, source=known.get((entry.context, entry.source), entry.source))


def _counted(catalog: Catalog) -> Catalog:
    """What counts in the language that is written in, if it counts in words of its own."""
    units = {context: unit for unit, context in UNIT_CONTEXTS.items()}
    own = {
        context: entry
        for context, entry in catalog.entries.items()
        if context in units and entry.is_done and entry.forms != BUILT_IN.get(catalog.language, {}).get(units[context])
    }
    return Catalog(catalog.language, MappingProxyType(own))
