"""New source texts meet old translations.

Rule 1: no translation is lost: it is kept, marked stale, carried to a new name, or put among the obsolete.
Rule 2: any change of a source makes its translation stale until a person says that the meaning is the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from bot.i18n.catalog import Catalog, Entry, Place
from bot.i18n.placeholders import placeholder_fault
from bot.i18n.plurals import form_count, plural_of
from bot.i18n.units import BUILT_IN, UNIT_CONTEXTS

State = Literal["done", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class Source:
    """A text as its author wrote it. `plural`: the text for several, if it counts. `note`: what a translator should know."""

    context: str
    text: str
    plural: str | None = None
    place: Place | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A catalog after an update, and the contexts that are new, carried over from another name, stale by now, and gone."""

    catalog: Catalog
    new: tuple[str, ...]
    carried: tuple[tuple[str, str], ...]
    stale: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """How many texts of a catalog are done, stale and missing."""

    done: int
    stale: int
    missing: int

    @property
    def total(self) -> int:
        """All texts."""
        return self.done + self.stale + self.missing


def empty_catalog(language: str) -> Catalog:
    """A catalog with no text."""
    return Catalog(language, MappingProxyType({}))


def unit_sources(language: str = "en") -> tuple[Source, ...]:
    """The counted words that every catalog of flows translates, beside the texts of the flows, in the source language.

    The catalog of the source language itself, if there is one, holds these and no other text.
    """
    note = "Stands after words like “within”; {n} is the number. A form may say the number in words."
    known = language if language in BUILT_IN else "en"
    one = min(plural_of(known)(1), form_count(known) - 1)
    forms = BUILT_IN[known]
    return tuple(Source(context, forms[unit][one], plural=forms[unit][-1], note=note) for unit, context in UNIT_CONTEXTS.items())


def update(catalog: Catalog, sources: Sequence[Source]) -> Merged:
    """The catalog with exactly these texts, each with the translation that it had, stale if its source has changed."""
    wanted = {source.context for source in sources}
    gone = {context: entry for context, entry in catalog.entries.items() if context not in wanted}
    lost = _by_source((*gone.values(), *catalog.obsolete))
    back = {entry.context: entry for entry in catalog.obsolete}
    entries: dict[str, Entry] = {}
    new: list[str] = []
    taken: dict[str, Entry] = {}
    for source in sources:
        old = catalog.entries.get(source.context)
        if old is None:
            old = back.get(source.context) or lost.get((source.text, source.plural))
            if old is None:
                new.append(source.context)
            else:
                taken[source.context] = old
        entries[source.context] = _entry(source, old, catalog.language)
    carried = tuple((old.context, context) for context, old in taken.items())
    left = (entry for entry in (*catalog.obsolete, *gone.values()) if any(entry.forms) and entry not in taken.values())
    merged = Catalog(catalog.language, MappingProxyType(entries), tuple(_bare(entry) for entry in left))
    return Merged(merged, tuple(new), carried, _newly_stale(catalog, merged), tuple(gone))


def keep(catalog: Catalog, contexts: Iterable[str]) -> tuple[Catalog, tuple[str, ...]]:
    """The catalog with these stale translations confirmed, and the contexts among them that it does not have."""
    entries, unknown = dict(catalog.entries), []
    for context in contexts:
        entry = entries.get(context)
        if entry is None:
            unknown.append(context)
        else:
            entries[context] = replace(entry, fuzzy=False, previous=None)
    return replace(catalog, entries=MappingProxyType(entries)), tuple(unknown)


def state(catalog: Catalog, source: Source) -> State:
    """Whether the text is translated from its source as it is, from an older one, or not."""
    entry = catalog.entries.get(source.context)
    if entry is None or not _is_whole(entry):
        return "missing"
    return "stale" if entry.fuzzy or (entry.source, entry.plural) != (source.text, source.plural) else "done"


def stats(catalog: Catalog, sources: Iterable[Source]) -> Stats:
    """How much of these texts the catalog has."""
    states = [state(catalog, source) for source in sources]
    return Stats(states.count("done"), states.count("stale"), states.count("missing"))


def faults(catalog: Catalog) -> Mapping[str, str]:
    """Context → what is wrong with the `{places}` of its translation; a stale one is not looked at."""
    found: dict[str, str] = {}
    for context, entry in catalog.entries.items():
        for form in () if entry.fuzzy else entry.forms:
            fault = form_fault(entry.source, entry.plural, form) if form else None
            if fault is not None:
                found[context] = fault
    return MappingProxyType(found)


def form_fault(source: str, plural: str | None, form: str) -> str | None:
    """What is wrong with the places of one form; a form that counts may leave `{n}` out, as «يومين» does."""
    if plural is None:
        return placeholder_fault(source, form)
    return placeholder_fault(plural, form) if "{n}" in form else placeholder_fault(plural.replace("{n}", ""), form)


def _by_source(entries: Iterable[Entry]) -> Mapping[tuple[str, str | None], Entry]:
    """Lost translations by their source, where all that have this source say the same."""
    found: dict[tuple[str, str | None], list[Entry]] = defaultdict(list)
    for entry in entries:
        if _is_whole(entry) and not entry.fuzzy:
            found[entry.source, entry.plural].append(entry)
    return {source: same[0] for source, same in found.items() if len({entry.forms for entry in same}) == 1}


def _entry(source: Source, old: Entry | None, language: str) -> Entry:
    fresh = Entry(
        context=source.context,
        source=source.text,
        plural=source.plural,
        forms=("",) * (1 if source.plural is None else form_count(language)),
        places=(source.place,) if source.place else (),
        notes=tuple(line for line in source.note.splitlines() if line.strip()),
    )
    if old is None or not any(old.forms):
        return fresh
    kept = replace(fresh, comments=old.comments, forms=old.forms, fuzzy=old.fuzzy, previous=old.previous)
    if (old.source, old.plural) == (source.text, source.plural):
        return kept
    if old.previous == source.text and len(old.forms) == len(fresh.forms):
        return replace(kept, fuzzy=False, previous=None)
    forms = old.forms if len(old.forms) == len(fresh.forms) else (old.forms[-1],) * len(fresh.forms)
    return replace(kept, forms=forms, fuzzy=True, previous=old.previous or old.source)


def _is_whole(entry: Entry) -> bool:
    return bool(entry.forms) and all(entry.forms)


def _newly_stale(before: Catalog, after: Catalog) -> tuple[str, ...]:
    was = {context for context, entry in before.entries.items() if entry.fuzzy}
    return tuple(context for context, entry in after.entries.items() if entry.fuzzy and context not in was)


def _bare(entry: Entry) -> Entry:
    """An entry as it is put away: with the source that its translation was made from."""
    made_from = entry.previous or entry.source
    return replace(entry, source=made_from, fuzzy=entry.fuzzy and entry.previous is None, previous=None, places=(), notes=())
