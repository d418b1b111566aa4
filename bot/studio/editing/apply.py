"""An edit made: a bundle and an edit in, the bundle as it is then out, or why it was not made.

Rule 1: an edit is made wholly or not at all, and nothing raises, whatever was typed or sent.
Rule 2: an edit that would write over what its author has not seen is a clash; both wordings are in it.
Rule 3: what an edit makes of the sources is brought into the catalogs at once, as `amana messages update` would.
"""

import re
from typing import Final, assert_never

from bot.flow.bundle import FLOWS, TESTS, Bundle
from bot.flow.outline import outline
from bot.flow.source import as_read
from bot.flow.tree import Plain
from bot.i18n.bidi import without_direction
from bot.studio.editing.catalogs import all_forms, brought_along, entry_in, said, with_entry
from bot.studio.editing.edits import (
    AddStep,
    Clash,
    Confirm,
    Edit,
    MoveStep,
    RemoveFile,
    RemoveStep,
    RenameFlow,
    RenameStep,
    SetText,
    SetValue,
    WriteFile,
)
from bot.studio.editing.flowedits import rename_flow
from bot.studio.editing.outcome import shown, with_file
from bot.studio.editing.sources import sources_of_bundle
from bot.studio.editing.stepedits import apply_to_steps
from bot.studio.files import safe
from bot.studio.files.hand import tidy
from bot.studio.files.merge import merged
from bot.studio.files.reading import PARTS, home_of, place_of, source_of, text_of, value_at
from bot.studio.files.yamlfile import as_it_was, changed

_ISOLATES: Final = re.compile("[\u2066-\u2069]")


def apply(bundle: Bundle, edit: Edit) -> Bundle | Clash:
    """The bundle with the edit made, or the clash. A clash of form says in `theirs` what is wrong, with its line."""
    match edit:
        case SetText():
            return _source_text(bundle, edit) if _is_of_source(bundle, edit) else _translation(bundle, edit)
        case Confirm():
            return _confirmed(bundle, edit)
        case SetValue():
            return _value(bundle, edit)
        case WriteFile():
            return _file(bundle, edit)
        case RemoveFile():
            return _without_file(bundle, edit)
        case AddStep() | MoveStep() | RemoveStep() | RenameStep():
            return apply_to_steps(bundle, edit)
        case RenameFlow():
            return rename_flow(bundle, edit)
        case _:
            assert_never(edit)


def _is_of_source(bundle: Bundle, edit: SetText) -> bool:
    """Whether the text stands in a file of flows; what counts (`unit.day`) stands in catalogs, in every language."""
    return edit.language == source_of(bundle) and not edit.id.startswith("unit.")


def _source_text(bundle: Bundle, edit: SetText) -> Bundle | Clash:
    # Isolates are put into a source by themselves (`bot.i18n.bidi.with_isolates`); no file of flows holds them.
    text, was, now = (_ISOLATES.sub("", tidy(each)) for each in (edit.text, edit.was, text_of(bundle, edit.id, edit.language)))
    place = place_of(bundle, edit.id)
    if place is None:
        home = home_of(bundle, edit.id)
        unread = outline(bundle[home.file]).problems if home and home.file in bundle else ()
        return Clash("form", edit, edit.text, f"{home.file}{unread[0]}") if home and unread else Clash("gone", edit, edit.text)
    if now == text:
        return bundle
    if now != was:
        return Clash("changed", edit, edit.text, now)
    fault = safe.fault_of_text(text) or ("" if text or place.optional else "1:1: no-text: a text stands here")
    if fault:
        return Clash("form", edit, edit.text, fault)
    if place.path[0] == PARTS and not text:
        return _written(bundle, edit, place.file, place.path, None)
    return _written(bundle, edit, place.file, place.path, text or None)


def _translation(bundle: Bundle, edit: SetText) -> Bundle | Clash:
    texts = tuple(tidy(text) for text in (edit.forms or (edit.text,)))
    if fault := next(filter(None, (safe.fault_of_text(text, isolates=True) for text in texts)), ""):
        return Clash("form", edit, edit.text, fault)
    entry = entry_in(bundle, edit.id, edit.language) if re.fullmatch("[a-z]{2,3}", edit.language) else None
    if entry is None:
        return Clash("gone", edit, edit.text)
    forms = all_forms(entry, edit.language, texts)
    if forms == entry.forms:
        return bundle
    if tidy(edit.was) != tidy(entry.forms[0]):
        return Clash("changed", edit, edit.text, entry.forms[0])
    return with_entry(bundle, edit.id, edit.language, lambda old: said(bundle, old, forms))


def _confirmed(bundle: Bundle, edit: Confirm) -> Bundle | Clash:
    source = sources_of_bundle(bundle).get(edit.id)
    entry = entry_in(bundle, edit.id, edit.language) if source else None
    if source is None or entry is None or not any(entry.forms):
        return Clash("gone", edit)
    if without_direction(source.text) != without_direction(tidy(edit.was)):
        return Clash("changed", edit, "", source.text)
    return with_entry(bundle, edit.id, edit.language, lambda old: said(bundle, old, old.forms))


def _value(bundle: Bundle, edit: SetValue) -> Bundle | Clash:
    value, was = safe.tidy_value(edit.value), safe.tidy_value(edit.was)
    if (value is None) != (edit.value is None):
        return Clash("form", edit, theirs="1:1: yaml: texts, lists and mappings of them stand in a file, and not too many")
    if fault := safe.fault_of_value({"value": value or "", "path": list(edit.path)}):
        return Clash("form", edit, shown(value), fault)
    now = value_at(bundle, edit.file, edit.path)
    if now == value and _order(now) == _order(value):
        return bundle
    if now != was:
        return Clash("gone" if now is None else "changed", edit, shown(value), shown(now))
    return _written(bundle, edit, edit.file, edit.path, value)


def _order(value: "Plain | None") -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _written(bundle: Bundle, edit: Edit, file: str, path: tuple[str, ...], value: "Plain | None") -> Bundle | Clash:
    if file not in bundle or not file.endswith(".yaml"):
        return Clash("gone", edit, shown(value))
    problems = outline(bundle[file]).problems
    if problems:
        return Clash("form", edit, shown(value), f"{file}{problems[0]}")
    new = changed(file, bundle[file], path, value)
    if new is None:
        return Clash("form", edit, shown(value), f"{file}:1:1: yaml: this cannot stand here")
    return with_file(bundle, edit, file, new, shown(value))


def _file(bundle: Bundle, edit: WriteFile) -> Bundle | Clash:
    if fault := safe.fault_of_file(edit.file, edit.text):
        return Clash("form", edit, edit.text, fault)
    now = bundle.get(edit.file)
    if now == edit.text:
        return bundle
    if now is None:
        text = as_read(edit.text)
        return Clash("gone", edit, edit.text) if edit.base is not None else with_file(bundle, edit, edit.file, text, edit.text)
    # A page sends the line breaks of its own machine back; the file keeps those it has.
    new = None if edit.base is None else merged(as_read(edit.base), as_read(edit.text), as_read(now))
    if new is None:
        return Clash("changed", edit, edit.text, now)
    return with_file(bundle, edit, edit.file, as_it_was(now, new), edit.text)


def _without_file(bundle: Bundle, edit: RemoveFile) -> Bundle | Clash:
    now = bundle.get(edit.file)
    if now is None:
        return bundle
    if edit.file not in (*bundle.flow_paths(), *bundle.test_paths()):
        return Clash("form", edit, "", f"{edit.file}:1:1: yaml: only a flow or a test can be taken away")
    if now != edit.was:
        return Clash("changed", edit, edit.was, now)
    after = bundle.without_file(edit.file)
    return brought_along(bundle, after) if edit.file.startswith(FLOWS) and not edit.file.startswith(TESTS) else after
