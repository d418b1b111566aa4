"""Two changes of one file brought together even where they meet: by lines, and catalogs by their texts.

Rule 1: where only one side changed, its change stands; where both changed the same, mine stands and theirs is given back: no word is lost.
Rule 2: a catalog is joined text by text, each text where its flow has it: two authors who add texts side by side do not meet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from bot.i18n.catalog import Catalog, CatalogError, Entry, read_catalog, write_catalog
from bot.studio.files.merge import merged

Lines: TypeAlias = Sequence[str]


class Both(Struct, frozen=True):
    """A place that both changed. `mine` was kept."""

    mine: str
    theirs: str


class Joined(Struct, frozen=True):
    """The text of both changes, and where they met."""

    text: str
    clashes: tuple[Both, ...] = ()


def joined(path: str, base: str, mine: str, theirs: str) -> Joined:
    """Give both changes of a file; a catalog is joined text by text, anything else by lines."""
    if mine in (base, theirs):
        return Joined(theirs)
    if theirs == base:
        return Joined(mine)
    if path.endswith(".po"):
        try:
            return _of_catalogs(*(read_catalog(text, path.split("/")[1]) for text in (base, mine, theirs)))
        except CatalogError:
            pass  # one of them is no catalog: its lines still are
    return joined_lines(base, mine, theirs)


def joined_lines(base: str, mine: str, theirs: str) -> Joined:
    """Give both changes of a text, line by line."""
    if (whole := merged(base, mine, theirs)) is not None:
        return Joined(whole)
    b, m, t = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    lines: list[str] = []
    clashes: list[Both] = []
    for before, here, there in _pieces(b, m, t):
        kept, met = _piece(before, here, there)
        lines += kept
        clashes += met
    return Joined("".join(lines), tuple(clashes))


# ── lines ──
def _piece(before: Lines, here: Lines, there: Lines) -> tuple[Lines, list[Both]]:
    if list(here) == list(before):
        return there, []
    if list(there) in (list(before), list(here)):
        return here, []
    if len(before) == len(here) == len(there) and len(before) > 1:  # neighbours were changed, each line by one of them
        each = [_piece([x], [y], [z]) for x, y, z in zip(before, here, there, strict=True)]
        if not any(met for _, met in each):
            return [line for kept, _ in each for line in kept], []
    return here, [Both("".join(here), "".join(there))]


def _pieces(base: Lines, mine: Lines, theirs: Lines) -> Iterator[tuple[Lines, Lines, Lines]]:
    """The texts in pieces that belong together: where all three are the same, and what stands between."""
    at_b = at_m = at_t = 0
    for start, m, t, length in _common(base, mine, theirs):
        yield base[at_b:start], mine[at_m:m], theirs[at_t:t]
        same = base[start : start + length]
        yield same, same, same
        at_b, at_m, at_t = start + length, m + length, t + length
    yield base[at_b:], mine[at_m:], theirs[at_t:]


def _common(base: Lines, mine: Lines, theirs: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that all three have: their place in each, and how many."""
    in_mine, in_theirs = _runs(base, mine), _runs(base, theirs)
    i = j = 0
    while i < len(in_mine) and j < len(in_theirs):
        (b1, m, n1), (b2, t, n2) = in_mine[i], in_theirs[j]
        start, end = max(b1, b2), min(b1 + n1, b2 + n2)
        if start < end:
            yield start, m + start - b1, t + start - b2, end - start
        if b1 + n1 < b2 + n2:
            i += 1
        else:
            j += 1


def _runs(base: Lines, other: Lines) -> list[tuple[int, int, int]]:
    return [(m.a, m.b, m.size) for m in SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks() if m.size]


# ── catalogs ──
def _of_catalogs(base: Catalog, mine: Catalog, theirs: Catalog) -> Joined:
    entries: dict[str, Entry] = {}
    clashes: list[Both] = []
    for context in _in_order(tuple(theirs.entries), tuple(mine.entries)):
        entry, met = _entry(base.entries.get(context), mine.entries.get(context), theirs.entries.get(context))
        if entry is not None:
            entries[context] = entry
        clashes += met
    here, there = ({(entry.context, entry.source): entry for entry in side.obsolete} for side in (mine, theirs))
    before = {(entry.context, entry.source) for entry in base.obsolete}
    obsolete = tuple(e for name, e in {**there, **here}.items() if name not in before or (name in here and name in there))
    return Joined(write_catalog(replace(theirs, entries=MappingProxyType(entries), obsolete=obsolete)), tuple(clashes))


def _in_order(theirs: Lines, mine: Lines) -> Lines:
    """The contexts of both: theirs as they stand, and those only of mine below what they follow there."""
    known, below = set(theirs), dict[str, list[str]]()
    above = ""
    for context in mine:
        if context in known:
            above = context
        else:
            below.setdefault(above, []).append(context)
    return [context for each in ("", *theirs) for context in ((each, *below.get(each, ())) if each else below.get(each, ()))]


def _entry(base: Entry | None, mine: Entry | None, theirs: Entry | None) -> tuple[Entry | None, list[Both]]:
    b, m, t = _bare(base), _bare(mine), _bare(theirs)
    if m in (b, t):
        return theirs, []
    if t == b or _said(t) in (_said(b), _said(m)):
        return mine, []
    if _said(m) == _said(b) and theirs is not None:
        return theirs, []
    return mine or theirs, [Both("\n".join(_said(m)), "\n".join(_said(t)))]


def _bare(entry: Entry | None) -> Entry | None:
    """A text without its place, which moves when anything above it does."""
    return replace(entry, places=(), notes=(), line=0) if entry is not None else None


def _said(entry: Entry | None) -> tuple[str, ...]:
    return entry.forms if entry is not None else ()
