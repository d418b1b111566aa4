"""What stands where in a bundle: the value at a path, the text of an id, and the place in a file that an id names.

Rule 1: reading never raises: what is not there is None, or an empty text.
Rule 2: texts are given as people get them, without the line break that `|` leaves at the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.flow.bundle import FLOWS, NOT_FLOWS, Bundle
from bot.flow.outline import outline
from bot.flow.source import as_read
from bot.flow.sourcetexts import BOT_FILE, DIRECTORY_FILE, REPLIES_FILE, TEAMS_FILE, spelled
from bot.flow.tree import Plain, Table, text_at
from bot.i18n.catalog import Entry
from bot.studio.files.potext import blocks_of
from bot.studio.files.refit import Path, bare

_OPTIONAL: Final = ("label", "help", "none")
_OF_BOT: Final = ("name", "org")
PARTS: Final = "parts-of-day"


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a text of the source stands. `optional`: its key may be missing, which is no text."""

    file: str
    path: Path
    optional: bool = False


def value_at(bundle: Mapping[str, str], file: str, path: Path) -> "Plain | None":
    """What stands at a path of a YAML file, or None."""
    node = outline(bundle[file]).node(path) if file in bundle else None
    return None if node is None else bare(node)


def source_of(bundle: Mapping[str, str]) -> str:
    """The language that authors write in; English where bot.yaml cannot be read."""
    return text_at(outline(bundle.get(BOT_FILE, "")).root, "source") or "en"


def text_of(bundle: Bundle, id_: str, language: str) -> str:
    """The text of an id as it stands: in its file if the language is the source, else in the catalog, stale or not; empty if none."""
    if language == source_of(bundle):
        place = place_of(bundle, id_)
        value = value_at(bundle, place.file, place.path) if place else None
        if place and value is None and place.path[0] == PARTS:
            return spelled(place.path[1])
        return value if isinstance(value, str) else ""
    entry = entry_of(bundle, id_, language)
    return entry.forms[0] if entry and entry.forms else ""


def entry_of(bundle: Bundle, id_: str, language: str) -> Entry | None:
    """What the catalog of a language has under this id."""
    path = bundle.catalog_paths().get(language)
    blocks = blocks_of(as_read(bundle[path]), language) if path else ()
    return next((block.live for block in blocks if block.live and block.live.context == id_), None)


def place_of(bundle: Mapping[str, str], id_: str) -> TextPlace | None:
    """The place in a file where the source text of this id stands, or, if it is optional, would stand; None when there is no such place."""
    place = home_of(bundle, id_)
    return place if place and _is_there(bundle, place) else None


def home_of(bundle: Mapping[str, str], id_: str) -> TextPlace | None:
    """The place that an id names, whether something stands there or not."""
    name, _, part = id_.partition(":")
    words = name.split(".")
    flow = f"{FLOWS}{words[0]}.yaml"
    place = None
    if flow in bundle and words[0] not in NOT_FLOWS:
        place = _in_flow(bundle, flow, words, part)
    return place or _beside(words, part)


def _in_flow(bundle: Mapping[str, str], file: str, words: list[str], part: str) -> TextPlace | None:
    match words, part:
        case [_], "title":
            return TextPlace(file, ("title",))
        case [_, step], "":
            return TextPlace(file, ("steps", f"@{step}", "text"))
        case [_, step], str() if part in _OPTIONAL:
            return TextPlace(file, ("steps", f"@{step}", part), optional=True)
        case [_, step, key], "":
            at = ("steps", f"@{step}")
            is_pages = value_at(bundle, file, (*at, "pages")) is not None
            return TextPlace(file, (*at, "list", f"@{key}", "text") if is_pages else (*at, "choices", key))
        case _:
            return None


def _beside(words: list[str], part: str) -> TextPlace | None:
    match words, part:
        case ["answers" | "countries" | "bot" | "hours", *_], "":
            return _in_bot(words)
        case ["teams", team], "name":
            return TextPlace(TEAMS_FILE, ("teams", team, "name"))
        case ["directory", contact], "name" | "who-answers" | "may-follow" | "cost":
            return TextPlace(DIRECTORY_FILE, ("contacts", contact, part))
        case ["replies", reply], "title":
            return TextPlace(REPLIES_FILE, ("replies", reply, "title"))
        case ["replies", reply], "":
            return TextPlace(REPLIES_FILE, ("replies", reply, "text"))
        case _:
            return None


def _in_bot(words: list[str]) -> TextPlace | None:
    match words:
        case ["answers", name, key]:
            return TextPlace(BOT_FILE, ("answers", name, key))
        case ["countries", code]:
            return TextPlace(BOT_FILE, ("countries", code, "name"))
        case ["countries", code, place]:
            return TextPlace(BOT_FILE, ("countries", code, "places", place))
        case ["hours", part]:
            return TextPlace(BOT_FILE, (PARTS, part), optional=True)
        case ["bot", key]:
            return TextPlace(BOT_FILE, (key,) if key in _OF_BOT else ("texts", key))
        case _:
            return None


def _is_there(bundle: Mapping[str, str], place: TextPlace) -> bool:
    if place.file not in bundle:
        return False
    seen = outline(bundle[place.file])
    if place.path[0] == PARTS:
        return value_at(bundle, place.file, ("hours", place.path[1])) is not None
    if place.optional:
        return isinstance(seen.node(place.path[:-1]), Table)
    return isinstance(value_at(bundle, place.file, place.path), str)
