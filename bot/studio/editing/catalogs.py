"""The catalogs of a bundle after an edit: what it made of the sources is brought into them, entry by entry, and nothing else.

Rule 1: an entry comes out as `amana messages update` would write it; entries that the edit is not about keep their bytes.
Rule 2: no translation is lost: it is kept, marked stale, carried to its new name, or put among those whose text is gone.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.flow.bundle import Bundle
from bot.flow.source import as_read
from bot.i18n.catalog import Catalog, Entry, header_of
from bot.i18n.merge import Source, update
from bot.i18n.plurals import form_count
from bot.studio.editing.sources import is_whole, sources_of_bundle, texts_of_file
from bot.studio.files.potext import Block, blocks_of, new_block, rewritten, text_of_blocks
from bot.studio.files.reading import entry_of, place_of, source_of, value_at
from bot.studio.files.yamlfile import as_it_was


@dataclass(frozen=True, slots=True)
class Turn:
    """What an edit made of the sources: as they were and are, in the order of catalogs, and the ids whose entries it is about."""

    before: Mapping[str, Source]
    after: Mapping[str, Source]
    touched: frozenset[str]
    gone: frozenset[str]
    reread: frozenset[str] = frozenset()
    """Files of which not every text was known before."""

    @property
    def is_still(self) -> bool:
        """Whether no catalog has anything to do."""
        return not self.touched and not self.gone and not self.reread and list(self.before) == list(self.after)


def brought_along(before: Bundle, after: Bundle, names: Mapping[str, str] | None = None) -> Bundle:
    """The bundle after an edit with its catalogs brought along. `names`: ids that were given another name, old → new."""
    source = source_of(after)
    if source != source_of(before):
        return after
    turn = _turn(before, after, names or {})
    if turn.is_still and not names:
        return after
    files = dict(after)
    for language, path in after.catalog_paths().items():
        if language != source:
            blocks = [_named(block, names or {}) for block in blocks_of(as_read(after[path]), language)]
            here = replace(turn, gone=turn.gone | _left_over(blocks, after, turn))
            tail = blocks[-1].gap if blocks else ("",)
            files[path] = as_it_was(after[path], text_of_blocks(_with_turn(blocks, language, here), tail))
    return Bundle(files)


def entry_in(bundle: Bundle, id_: str, language: str) -> Entry | None:
    """What the catalog of a language has under this id; or an empty entry, if it should have one."""
    found = entry_of(bundle, id_, language)
    if found is not None:
        return found
    source = sources_of_bundle(bundle).get(id_)
    return None if source is None else _merged((), language, {id_: source}).entries[id_]


def with_entry(bundle: Bundle, id_: str, language: str, change: Callable[[Entry], Entry]) -> Bundle:
    """The bundle with one entry of a catalog changed; a catalog or an entry that is not there yet is made."""
    path = bundle.catalog_paths().get(language, f"locales/{language}/LC_MESSAGES/flows.po")
    text = bundle.get(path, header_of(language))
    sources = sources_of_bundle(bundle)
    blocks = list(blocks_of(as_read(text), language))
    tail = blocks[-1].gap if blocks else ("",)
    for number, block in enumerate(blocks):
        if block.live is not None and block.live.context == id_:
            blocks[number] = rewritten(block, change(block.live))
            return bundle.with_file(path, as_it_was(text, text_of_blocks(blocks, tail)))
    entry = entry_in(bundle, id_, language)
    if entry is None:
        return bundle
    lived, put_by = [block for block in blocks if not block.obsolete], [block for block in blocks if block.obsolete]
    others = {name: source for name, source in sources.items() if name != id_}
    lived = _in_order([*lived, new_block(change(entry))], others, sources)
    return bundle.with_file(path, as_it_was(text, text_of_blocks([*lived, *put_by], tail)))


def said(bundle: Bundle, entry: Entry, forms: tuple[str, ...]) -> Entry:
    """The entry as somebody translated it just now, from the source as it is."""
    source = sources_of_bundle(bundle).get(entry.context)
    entry = entry if source is None else replace(entry, source=source.text, plural=source.plural)
    return replace(entry, forms=forms, fuzzy=False, previous=None)


def all_forms(entry: Entry, language: str, forms: Sequence[str]) -> tuple[str, ...]:
    """As many forms as the entry has: those given, and the rest as they are."""
    count = 1 if entry.plural is None else form_count(language)
    have = (*forms, *entry.forms[len(forms) :])
    return (*have, *[""] * count)[:count]


def _turn(before: Bundle, after: Bundle, names: Mapping[str, str]) -> Turn:
    unread = {file for file in after if file.endswith(".yaml") and file in before and texts_of_file(file, after[file]) is None}
    # A file that cannot be read now says what it said before.
    was, now = sources_of_bundle(before), sources_of_bundle({**after, **{file: before[file] for file in unread}})
    renamed = {names.get(id_, id_): source for id_, source in was.items()}
    touched = frozenset(id_ for id_, source in now.items() if renamed.get(id_) != source)
    gone = frozenset(id_ for id_ in renamed if id_ not in now and not _stands(after, id_))
    changed = {file for file in after if file.endswith(".yaml") and file in before and after[file] != before[file]}
    reread = frozenset(file for file in changed - unread if not is_whole(file, before[file]))
    return Turn(renamed, now, touched, gone, reread)


def _stands(bundle: Bundle, id_: str) -> bool:
    """Whether a text still stands where the id says, though what it stands in has not the form that is asked for."""
    place = place_of(bundle, id_)
    said = value_at(bundle, place.file, place.path) if place else None
    return isinstance(said, str) and said != ""


def _left_over(blocks: Iterable[Block], after: Bundle, turn: Turn) -> frozenset[str]:
    """Entries of files that were not known whole, whose text was taken away meanwhile."""
    lives = (block.live for block in blocks if turn.reread and block.live and block.live.context not in turn.after)
    of_files = (live.context for live in lives if any(file in turn.reread for file, _ in live.places))
    return frozenset(id_ for id_ in of_files if not _stands(after, id_))


def _with_turn(blocks: Sequence[Block], language: str, turn: Turn) -> list[Block]:
    merged = _merged(blocks, language, turn.after)
    live = {block.live.context for block in blocks if block.live}
    made = [new_block(merged.entries[id_]) for id_ in turn.after if id_ in turn.touched and id_ not in live]
    kept = [_kept(block, merged, turn) for block in blocks if block.live is None or block.live.context not in turn.gone]
    lived = _in_order([block for block in (*kept, *made) if not block.obsolete], turn.before, turn.after)
    return [*lived, *_put_by(blocks, merged, turn)]


def _kept(block: Block, merged: Catalog, turn: Turn) -> Block:
    entry = block.live
    if entry is None or entry.context not in turn.touched:
        return block
    return rewritten(block, replace(merged.entries[entry.context], line=entry.line))


def _put_by(blocks: Iterable[Block], merged: Catalog, turn: Turn) -> list[Block]:
    """Entries whose text is gone: those there were that the edit did not take back, and those that it took from."""
    wanted = {(entry.context, entry.source) for entry in merged.obsolete}
    there = [block for block in blocks if block.obsolete and (block.entry is None or _name(block) in wanted)]
    known = {_name(block) for block in there}
    for entry in merged.obsolete:
        if entry.context in turn.gone and (entry.context, entry.source) not in known:
            insort(there, new_block(entry, obsolete=True), key=_name)
    return there


def _name(block: Block) -> tuple[str, str]:
    return (block.entry.context, block.entry.source) if block.entry else ("", "")


def _named(block: Block, names: Mapping[str, str]) -> Block:
    entry = block.live
    return block if entry is None or entry.context not in names else rewritten(block, replace(entry, context=names[entry.context]))


def _merged(blocks: Iterable[Block], language: str, sources: Mapping[str, Source]) -> Catalog:
    live, obsolete = {}, []
    for block in blocks:
        if block.live is not None:
            live[block.live.context] = block.live
        elif block.entry is not None:
            obsolete.append(block.entry)
    return update(Catalog(language, MappingProxyType(live), tuple(obsolete)), tuple(sources.values())).catalog


def _in_order(blocks: Sequence[Block], before: Mapping[str, Source], after: Mapping[str, Source]) -> list[Block]:
    """The blocks in the order of the sources, if they were; else where they are, what is new below what it follows."""
    was = {id_: number for number, id_ in enumerate(before)}
    places = [was[block.live.context] for block in blocks if block.live and block.live.context in was and block.live.context in after]
    order = {id_: number for number, id_ in enumerate(after)}
    new = [block for block in blocks if block.live and block.live.context not in was]
    if places == sorted(places):
        return _sorted(blocks, order)
    there = [block for block in blocks if block not in new]
    for block in new:
        there.insert(_below_which(there, block, order), block)
    return there


def _sorted(blocks: Sequence[Block], order: Mapping[str, int]) -> list[Block]:
    """By their order; what has none stays below what it stands below."""
    keys: list[int] = []
    for block in blocks:
        above = keys[-1] if keys else -1
        keys.append(order.get(block.live.context, above) if block.live else above)
    return [block for _, block in sorted(zip(keys, blocks, strict=True), key=lambda pair: pair[0])]


def _below_which(blocks: Sequence[Block], block: Block, order: Mapping[str, int]) -> int:
    """Where a block is put in among others: below the last of those that stand before it in the sources."""
    mine = _place(block, order, -1)
    above = [(place, number) for number, other in enumerate(blocks) if other.live and (place := _place(other, order, mine)) < mine]
    return max(above)[1] + 1 if above else min(1, len(blocks))


def _place(block: Block, order: Mapping[str, int], other: int) -> int:
    return order.get(block.live.context, other) if block.live else other
