"""Which texts changed, in which languages, side by side; each is told once, with the change it belongs to or by itself.

Rule 1: a text that changed in one language is shown in all, so that whoever approves sees which translation was left behind.
"""

from collections.abc import Iterable, Iterator

from bot.flow.draft import SourceText
from bot.i18n.catalog import Entry
from bot.studio.comparing.changes import Area, Beside, Change, State, Words
from bot.studio.comparing.naming import Names

_AREAS: dict[str, Area] = {
    "flows/bot.yaml": "settings",
    "flows/teams.yaml": "teams",
    "flows/directory.yaml": "contacts",
    "flows/replies.yaml": "replies",
}


class Texts:
    """All texts that differ between two bundles. `take` gives those of an id and marks them as told."""

    def __init__(self, before: Names, after: Names) -> None:
        self._before, self._after = before, after
        self._places = {text.id: text for text in (*before.draft.texts, *after.draft.texts)}
        self._languages = tuple(dict.fromkeys((*after.languages, *before.languages)))
        self._waiting = {id_: None for id_ in self._ids() if self._differs(id_)}
        self.told: set[str] = set()
        """Ids that were taken."""
        self.languages_told: set[str] = set()
        """Languages of which anything was taken that differs."""

    def _ids(self) -> Iterator[str]:
        yield from dict.fromkeys((*self._after.texts, *self._before.texts, *self._contexts(self._after), *self._contexts(self._before)))

    def _contexts(self, names: Names) -> Iterator[str]:
        for catalog in names.catalogs.values():
            yield from catalog.entries

    def _differs(self, id_: str) -> bool:
        return any(self._state(id_, language) not in ("same", "missing", "stale") for language in self._languages) or any(
            _mark(self._before, id_, language) != _mark(self._after, id_, language) for language in self._languages
        )

    def _state(self, id_: str, language: str) -> State:
        was, is_ = said(self._before, id_, language), said(self._after, id_, language)
        if was != is_:
            return "added" if not was else "removed" if not is_ else "changed"
        if not is_:
            return "missing"
        return "stale" if self._is_stale(id_, language) else "same"

    def _is_stale(self, id_: str, language: str) -> bool:
        entry, source = _entry(self._after, id_, language), self._after.texts.get(id_)
        if entry is None or source is None or language == self._after.source:
            return False
        return entry.fuzzy or entry.source != source

    def take(self, *ids: str) -> tuple[Beside, ...]:
        """The texts of these ids that differ and were not told yet."""
        return tuple(beside for id_ in ids if self._waiting.pop(id_, self) is None for beside in self._told(id_))

    def _told(self, id_: str) -> Iterator[Beside]:
        self.told.add(id_)
        for language in self._languages:
            before, after = said(self._before, id_, language), said(self._after, id_, language)
            if before != after or _mark(self._before, id_, language) != _mark(self._after, id_, language):
                self.languages_told.add(language)
            if before or after:
                yield Beside(id_, language, before, after, self._state(id_, language))

    def waiting(self, belongs: str) -> tuple[str, ...]:
        """Ids not told yet that are the id or stand below it."""
        return tuple(id_ for id_ in self._waiting if id_ == belongs or id_.startswith((f"{belongs}.", f"{belongs}:")))

    def of_file(self, file: str) -> tuple[str, ...]:
        """Ids not told yet whose text stands in the file, or stood."""
        return tuple(id_ for id_ in self._waiting if id_ in self._places and self._places[id_].file == file)

    def rest(self, ids: Iterable[str] | None = None) -> Iterator[Change]:
        """One change for each text that nothing else told."""
        for id_ in tuple(self._waiting if ids is None else ids):
            texts = self.take(id_)
            if texts:
                yield self._change(id_, texts)

    def _change(self, id_: str, texts: tuple[Beside, ...]) -> Change:
        place = self._places.get(id_)
        kind = _kind(texts)
        if place is None:
            return Change(says=Words("difference.text.other", {"id": id_}), area="texts", file="", texts=texts)
        area = _AREAS.get(place.file, "flow")
        flow, step = _flow_and_step(id_) if area == "flow" else ("", "")
        return Change(says=self._says(place, kind, flow, step), area=area, file=place.file, flow=flow, step=step, texts=texts)

    def _says(self, place: SourceText, kind: str, flow: str, step: str) -> Words:
        names = self._after if place.id in self._after.texts else self._before
        if not flow:
            return Words(f"difference.text.{kind}", {"text": names.text(place.id, place.id)})
        if not step:
            return Words("difference.title", {"flow": names.flow(flow)})
        part = Words(f"difference.part.{place.kind}")
        return Words(f"difference.text-of-step.{kind}", {"flow": names.flow(flow), "step": names.step(flow, step), "part": part})


def said(names: Names, id_: str, language: str) -> str:
    """What the bundle says under this id in the language, fresh or stale; nothing if it has no such text."""
    if language == names.source and id_ in names.texts:
        return names.texts[id_]
    entry = _entry(names, id_, language)
    if entry is None or (names.texts and id_ not in names.texts and not id_.startswith("unit.")):
        return ""
    return "\n".join(entry.forms)


def _entry(names: Names, id_: str, language: str) -> Entry | None:
    return names.catalogs[language].entries.get(id_) if language in names.catalogs else None


def _mark(names: Names, id_: str, language: str) -> bool:
    """Whether the translation was marked by hand as one to look at again."""
    entry = _entry(names, id_, language)
    return entry is not None and entry.fuzzy


def _kind(texts: tuple[Beside, ...]) -> str:
    states = {beside.state for beside in texts}
    if states <= {"added", "removed"} and len(states) == 1:
        return "added" if "added" in states else "removed"
    return "changed" if states & {"changed", "added", "removed"} else "confirmed"


def _flow_and_step(id_: str) -> tuple[str, str]:
    flow, _, rest = id_.partition(".") if "." in id_ else id_.partition(":")
    return flow, "" if "." not in id_ else rest.split(".")[0].split(":")[0]
