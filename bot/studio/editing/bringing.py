"""Bringing drafts onto what is in force, and taking acts back: whole bundles, file by file.

Rule 1: no word is lost: what could not be brought together is given back, both wordings of it.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec import Struct

from bot.flow.bundle import Bundle
from bot.i18n.catalog import CatalogError, read_catalog, write_catalog
from bot.i18n.merge import update
from bot.studio.editing.edits import Clash, RenameFlow, WriteFile
from bot.studio.editing.flowedits import rename_flow, with_renames
from bot.studio.editing.sources import sources_of_bundle, texts_of_file
from bot.studio.files.joining import joined
from bot.studio.files.reading import source_of
from bot.studio.files.renaming_flow import renames


class Back(Struct, frozen=True):
    """A file that an act changed: as it was before and after; None: it was not there."""

    path: str
    before: str | None
    after: str | None


def brought_onto(base: Bundle, mine: Bundle, theirs: Bundle) -> tuple[Bundle, tuple[Clash, ...]]:
    """Give the changes from `base` to `mine`, made to `theirs`; where both changed the same, mine stands."""
    # A flow that one of them renamed has its new name first: what the other wrote in it goes where it is now.
    base, theirs = with_renames(base, base, mine), with_renames(theirs, base, mine)
    base, mine = with_renames(base, base, theirs), with_renames(mine, base, theirs)
    return _joined(theirs, [_Sides(path, base.get(path), mine.get(path), theirs.get(path)) for path in {**base, **mine}])


def taken_back(bundle: Bundle, back: Sequence[Back]) -> tuple[Bundle, tuple[Clash, ...]]:
    """Give the bundle without what an act did to these files; with a clash nothing may be taken back."""
    before, after = ({one.path: text for one in back if (text := getattr(one, side)) is not None} for side in ("before", "after"))
    named = renames(after, before)
    if named:
        made = [RenameFlow(flow, to) for flow, to in named]
        return _named_back(bundle, made)
    return _joined(bundle, [_Sides(one.path, one.after, one.before, bundle.get(one.path)) for one in back])


def _named_back(bundle: Bundle, edits: Sequence[RenameFlow]) -> tuple[Bundle, tuple[Clash, ...]]:
    """A flow has its old name again, with what was written in it since."""
    for edit in edits:
        done = rename_flow(bundle, edit)
        if isinstance(done, Clash):
            return bundle, (done,)
        bundle = done
    return bundle, ()


class _Sides(NamedTuple):
    """A file of which two made others."""

    path: str
    base: str | None
    mine: str | None
    theirs: str | None

    @property
    def both(self) -> bool:
        """Whether both did."""
        return self.mine != self.base and self.theirs not in (self.base, self.mine)


def _joined(onto: Bundle, sides: Sequence[_Sides]) -> tuple[Bundle, tuple[Clash, ...]]:
    files = dict(onto)
    clashes: list[Clash] = []
    for side in sides:
        text, met = _file(side)
        clashes += met
        files.pop(side.path, None)
        if text is not None:
            files[side.path] = text
    bundle = Bundle(files)
    return (_in_step(bundle, onto) if any(side.both for side in sides) else bundle), tuple(clashes)


def _file(side: _Sides) -> tuple[str | None, list[Clash]]:
    path, base, mine, theirs = side
    if not side.both:
        return (theirs if mine == base else mine), []
    if base is None or mine is None or theirs is None:
        why = "gone" if theirs is None else "changed"
        return mine, [Clash(why, WriteFile(path, mine or "", base), mine=mine or "", theirs=theirs or "")]
    done = joined(path, base, mine, theirs)
    return done.text, [Clash("changed", WriteFile(path, mine, theirs), mine=both.mine, theirs=both.theirs) for both in done.clashes]


def _in_step(bundle: Bundle, before: Bundle) -> Bundle:
    """The bundle with its catalogs as `amana messages update` would have them; a file that cannot be read says what it said before."""
    unread = [path for path in bundle if path.endswith(".yaml") and texts_of_file(path, bundle[path]) is None]
    sources = sources_of_bundle({**bundle, **{path: before[path] for path in unread if path in before}})
    files = dict(bundle)
    for language, path in bundle.catalog_paths().items():
        if language == source_of(bundle):
            continue
        with suppress(CatalogError):  # what is no catalog stays as it is, and the check says so
            catalog = read_catalog(bundle[path], language)
            after = update(catalog, tuple(sources.values())).catalog
            if after != catalog or list(after.entries) != list(catalog.entries):
                files[path] = write_catalog(after)
    return Bundle(files)
